//! Runs a target on mutated inputs: `lentil-fuzz parser --seconds 3600 --seed 1 --out FOLDER`.
//!
//! An input that shows a defect is made small and kept in the folder. One that takes the whole process
//! with it (a stack overflow, no end) is found there as `running-TARGET`.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use lentil_fuzz::Target;
use lentil_fuzz::minimise::minimise;
use lentil_fuzz::mutate::mutate;
use lentil_fuzz::seeds::seeds;
use lentil_unary::dice::{Dice, hash};

/// How long one input may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many inputs are kept to be changed further, beside the seeds.
const POOL: usize = 2000;

struct Settings {
    target: Target,
    seconds: u64,
    seed: u64,
    out: PathBuf,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(settings) = settings(&args) else {
        eprintln!("lentil-fuzz parser|checker|agreement [--seconds N] [--seed N] [--out FOLDER]");
        return ExitCode::from(2);
    };
    if let Err(error) = fs::create_dir_all(&settings.out) {
        eprintln!("{}: {error}", settings.out.display());
        return ExitCode::from(2);
    }
    // Deep, as the compiler's own thread.
    let run = move || run(&settings);
    let thread = thread::Builder::new().stack_size(256 << 20).spawn(run);
    match thread.map(|thread| thread.join()) {
        Ok(Ok(0)) => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    }
}

fn settings(args: &[String]) -> Option<Settings> {
    let name = args.first()?;
    let mut out = Settings {
        target: Target::ALL.into_iter().find(|t| t.name() == name)?,
        seconds: 60,
        seed: 1,
        out: PathBuf::from("fuzz/findings"),
    };
    for pair in args[1..].chunks(2) {
        let [name, value] = pair else { return None };
        match name.as_str() {
            "--seconds" => out.seconds = value.parse().ok()?,
            "--seed" => out.seed = value.parse().ok()?,
            "--out" => out.out = PathBuf::from(value),
            _ => return None,
        }
    }
    Some(out)
}

/// The number of defects found.
fn run(settings: &Settings) -> usize {
    let place = Arc::new(Mutex::new(String::new()));
    let seen = place.clone();
    std::panic::set_hook(Box::new(move |info| {
        let at = info.location().map(ToString::to_string).unwrap_or_default();
        let what = info.payload_as_str().unwrap_or_default();
        let line = what.lines().next().unwrap_or_default();
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = format!("{at}: {line}");
    }));
    let began = Instant::now();
    let clock = Arc::new(AtomicU64::new(0));
    watch(clock.clone(), began);
    let running = settings
        .out
        .join(format!("running-{}", settings.target.name()));
    let mut dice = Dice::new(settings.seed);
    let base = seeds();
    let mut pool: Vec<Vec<u8>> = Vec::new();
    let mut found: BTreeSet<String> = BTreeSet::new();
    let (mut executions, mut kept) = (0u64, 0u64);
    let mut said = Instant::now();
    let try_it = |data: &[u8]| -> (bool, Option<String>) {
        let _ = fs::write(&running, data);
        clock.store(began.elapsed().as_secs() + 1, Ordering::Relaxed);
        let result = catch_unwind(AssertUnwindSafe(|| settings.target.run(data)));
        clock.store(0, Ordering::Relaxed);
        match result {
            Ok(promising) => (promising, None),
            Err(_) => {
                let place = place.lock().unwrap_or_else(PoisonError::into_inner).clone();
                (false, Some(place))
            }
        }
    };
    while began.elapsed().as_secs() < settings.seconds {
        let one = chosen(&mut dice, &base, &pool);
        let other = chosen(&mut dice, &base, &pool);
        let data = match settings.target {
            Target::Agreement => dice.word().to_le_bytes().to_vec(),
            Target::Parser | Target::Checker => mutate(&mut dice, &one, &other),
        };
        executions += 1;
        let (promising, defect) = try_it(&data);
        if promising {
            kept += 1;
            match pool.len() {
                POOL => pool[dice.below(POOL)] = data.clone(),
                _ => pool.push(data.clone()),
            }
        }
        if let Some(place) = defect {
            // One input for each place; the first line of a message may hold parts of the input.
            let key = place.split(": ").next().unwrap_or_default().to_string();
            if found.insert(key.clone()) {
                let same = |p: &Option<String>| p.as_ref().is_some_and(|p| p.starts_with(&key));
                let small = match settings.target {
                    Target::Agreement => data,
                    Target::Parser | Target::Checker => {
                        minimise(&data, &mut |smaller| same(&try_it(smaller).1))
                    }
                };
                keep(&settings.out, settings.target, &small, &place);
            }
        }
        if said.elapsed() > Duration::from_secs(60) {
            said = Instant::now();
            report(began, executions, kept, found.len());
        }
    }
    report(began, executions, kept, found.len());
    let _ = fs::remove_file(&running);
    found.len()
}

/// A seed or an input from the pool.
fn chosen(dice: &mut Dice, base: &[Vec<u8>], pool: &[Vec<u8>]) -> Vec<u8> {
    let from = if dice.below(3) == 0 || pool.is_empty() {
        base
    } else {
        pool
    };
    dice.pick(from).cloned().unwrap_or_default()
}

fn keep(folder: &Path, target: Target, data: &[u8], place: &str) {
    let path = folder.join(format!("{}-{:016x}", target.name(), hash(data)));
    println!("defect at {place}\n  kept as {}", path.display());
    if let Err(error) = fs::write(&path, data) {
        println!("  which cannot be written: {error}");
    }
}

/// What is kept are inputs that are worth changing further; of programs that are drawn from a number, none.
fn report(began: Instant, executions: u64, kept: u64, defects: usize) {
    let seconds = began.elapsed().as_secs().max(1);
    println!(
        "{seconds} s: {executions} executions ({} a second), {kept} kept, {defects} defects",
        executions / seconds
    );
}

/// Ends the process if one input takes too long; it is kept where it ran.
fn watch(clock: Arc<AtomicU64>, began: Instant) {
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(1));
            let since = clock.load(Ordering::Relaxed);
            if since > 0 && began.elapsed().as_secs() > since + PATIENCE.as_secs() {
                println!("an input takes more than {} s", PATIENCE.as_secs());
                std::process::exit(3);
            }
        }
    });
}
