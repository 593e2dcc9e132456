//! Measures: counted operations, which are exact, and times, of which only ratios within one run count.
//!
//! `cargo run --release -p lentil-benches` prints one table. Times are medians; the machine's noise is
//! part of them.

use std::time::{Duration, Instant};

use lentil::learner::{Learner, Part};
use lentil::pipeline::Target;
use lentil::{Array, Carrier, Error, Options, Program, Type};
use lentil_unary::Region;
use lentil_unary::eval::eval_counted;

/// Runs of which the median is taken.
const RUNS: usize = 25;

fn main() -> Result<(), Error> {
    for file in ["examples/iris.lentil", "examples/iris_bits.lentil"] {
        println!("{file}");
        counts(file)?;
        times(file)?;
    }
    Ok(())
}

/// Operations of one learning step, counted by the evaluator on the optimised program.
fn counts(file: &str) -> Result<(), Error> {
    let program = Program::from_file(file)?;
    let learner = program.learner(None)?;
    let batch = learner.batch;
    let primal = learner.stages(Part::Evaluate(batch))?.optimised;
    let step = learner.stages(Part::Step(batch))?.optimised;
    let (primal, step) = (operations(&primal), operations(&step));
    println!("  counted operations on a batch of {batch}");
    println!("    loss and report        {primal:>10}");
    println!("    whole learning step    {step:>10}");
    println!(
        "    ratio                  {:>10.2}",
        step as f64 / primal as f64
    );
    Ok(())
}

fn operations(region: &Region) -> u64 {
    let args: Vec<Array> = region.params().iter().map(Array::zeros).collect();
    match eval_counted(region, &args) {
        Ok((_, counts)) => counts.total(),
        Err(trap) => panic!("zeros are in range: {trap:?}"),
    }
}

/// Time from source to a step, of a step in machine code, and of one in the evaluator.
fn times(file: &str) -> Result<(), Error> {
    let compile = median(5, || {
        let program = Program::from_file(file)?;
        let learner = program.learner(None)?;
        learner.compile(Part::Step(learner.batch)).map(|_| ())
    })?;
    let program = Program::from_file(file)?;
    let machine = step_time(&program.learner(None)?)?;
    let options = Options {
        target: Target::Evaluator,
        ..Options::default()
    };
    let evaluator = step_time(&program.with_options(options).learner(None)?)?;
    println!(
        "  from source to a compiled step  {:>10.2} ms",
        millis(compile)
    );
    println!(
        "  a step in machine code          {:>10.2} µs",
        1e3 * millis(machine)
    );
    println!(
        "  a step in the evaluator         {:>10.2} µs",
        1e3 * millis(evaluator)
    );
    let ratio = evaluator.as_secs_f64() / machine.as_secs_f64();
    println!("  evaluator / machine code        {ratio:>10.1}");
    Ok(())
}

fn step_time(learner: &Learner) -> Result<Duration, Error> {
    let examples = learner.data.examples()?;
    let rows = examples.train.rows;
    let steps = rows.div_ceil(learner.batch);
    let initial = learner.compile(Part::Initial)?;
    let epoch = learner.compile(Part::Epoch(rows))?;
    let key = Type::array(Carrier::Int, [2]);
    let values = initial.run(&[Array::zeros(&key)])?;
    let mut instance = epoch.machine.instance();
    let rows = [&examples.train.inputs, &examples.train.targets];
    for (k, array) in values.iter().chain(rows).enumerate() {
        instance.set_input(k, array);
    }
    let whole = median(RUNS, || {
        instance.step().map_err(|trap| epoch.places.trap(trap))
    })?;
    Ok(whole / steps as u32)
}

fn median(runs: usize, mut run: impl FnMut() -> Result<(), Error>) -> Result<Duration, Error> {
    let mut times = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        run()?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[runs / 2])
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
