//! What one stage makes of small programs: `tests/STAGE/NAME.lentil`, beside it the recorded form.
//!
//! The first line of a program says what is shown: the value or the derivative of a map, or its gates.

use lentil::Program;
use lentil::pipeline::{Stages, loops};
use lentil_tests::files::{files_in, text};
use lentil_tests::golden::golden;
use lentil_unary::Region;

/// Records what a stage makes of each program of its folder.
fn record(stage: &str, least: usize, form: impl Fn(&Program, &str) -> String) {
    let folder = format!("tests/{stage}");
    let inputs = files_in(&folder, ".lentil");
    assert!(inputs.len() >= least, "programs in {folder}");
    for path in inputs {
        let source = text(&path);
        let program = Program::from_source(&source).unwrap_or_else(|why| panic!("{why}"));
        let first = source.lines().next().unwrap_or_default();
        let what = first.strip_prefix("//! show: ").expect("what is shown");
        let name = path.rsplit('/').next().unwrap_or_default();
        golden(
            &folder,
            name.trim_end_matches(".lentil"),
            &form(&program, what),
        );
    }
}

/// Records a form of unary form.
fn unary(stage: &str, least: usize, region: impl Fn(&Stages) -> &Region) {
    record(stage, least, |program, what| {
        region(&stages(program, what)).to_string()
    });
}

fn stages(program: &Program, what: &str) -> Stages {
    let draft = match what.split_once(" of ") {
        Some(("value", name)) => program.draft(name),
        Some(("derivative", name)) => program.draft_reverse(name),
        _ => panic!("nothing is called `{what}`"),
    };
    program.stages(&draft.unwrap_or_else(|why| panic!("{why}")))
}

#[test]
fn core() {
    unary("core", 3, |stages| &stages.core);
}

#[test]
fn simplified() {
    unary("unary", 3, |stages| &stages.unary);
}

#[test]
fn reverse() {
    unary("reverse", 6, |stages| &stages.reverse);
}

#[test]
fn batched() {
    unary("batched", 3, |stages| &stages.batched);
}

#[test]
fn optimised() {
    unary("optimised", 3, |stages| &stages.optimised);
}

#[test]
fn loops_over_buffers() {
    record("loops", 3, |program, what| {
        let optimised = stages(program, what).optimised;
        let loops = loops(&optimised, program.options());
        lentil_loops::print::print(&loops.unwrap_or_else(|why| panic!("{why}")))
    });
}

#[test]
fn netlist() {
    record("netlist", 3, |program, what| {
        let name = what.strip_prefix("gates of ").expect("gates");
        let netlist = program.netlist(name).unwrap_or_else(|why| panic!("{why}"));
        netlist.to_string()
    });
}
