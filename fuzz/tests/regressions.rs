//! Inputs that have shown a defect show none any more, and the targets look at something.

use std::fs;
use std::path::Path;
use std::thread;

use lentil_fuzz::Target;
use lentil_fuzz::mutate::mutate;
use lentil_fuzz::seeds::seeds;
use lentil_unary::dice::Dice;

/// On a stack as deep as the compiler's own.
fn deep(job: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(256 << 20).spawn(job);
    if let Err(panic) = thread.expect("a thread").join() {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn kept_inputs() {
    deep(|| {
        for target in Target::ALL {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
            let entries = fs::read_dir(folder.join(target.name()));
            for entry in entries.into_iter().flatten() {
                let path = entry.expect("an entry").path();
                let data = fs::read(&path).expect("an input");
                println!("{}", path.display());
                target.run(&data);
            }
        }
    });
}

/// The programs of the repository are good inputs, and a few mutated ones show nothing.
#[test]
fn seeds_and_a_few_of_their_children() {
    deep(|| {
        let seeds = seeds();
        let good = seeds.iter().filter(|s| Target::Parser.run(s)).count();
        assert!(good > 100, "{good} of {} parse", seeds.len());
        let mut dice = Dice::new(7);
        let mut children = 0;
        for seed in &seeds {
            let other = dice.pick(&seeds).cloned().unwrap_or_default();
            let child = mutate(&mut dice, seed, &other);
            children += usize::from(child != *seed);
            Target::Parser.run(&child);
        }
        assert!(children * 10 > seeds.len() * 9, "{children} differ");
        let programs = seeds.iter().filter(|s| s.len() < 1500).take(40);
        let good = programs.filter(|s| Target::Checker.run(s)).count();
        assert!(good > 5, "{good} check");
        for number in 0..4u64 {
            Target::Agreement.run(&number.to_le_bytes());
        }
    });
}
