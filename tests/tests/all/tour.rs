//! Six programs through all stages. The recorded texts in `tests/tour` are to be read from the first to
//! the last as a guided tour of the compiler; each program says in its head what to look at.

use std::fmt::Write;

use lentil::learner::Part;
use lentil::pipeline::{Stages, loops};
use lentil::{Program, surface};
use lentil_core::Role;
use lentil_tests::files::{files_in, text};
use lentil_tests::golden::golden;
use lentil_unary::dice::Dice;
use lentil_unary::eval::eval_counted;
use lentil_unary::{Array, Carrier, Region, Type};

/// A section: its title, what it says of the form, and the form.
fn section(out: &mut String, title: &str, remark: &str, form: &str) {
    let line = "─".repeat(72usize.saturating_sub(title.chars().count()));
    write!(out, "── {title} {line}\n{remark}\n\n{form}\n").expect("text can be written");
}

/// What a run costs, in operations on elements.
fn cost(region: &Region) -> String {
    let mut dice = Dice::new(1);
    // Whole numbers are small, since they are indices.
    let mut argument = |ty: &Type| match ty.carrier {
        Carrier::Int => Array::zeros(ty),
        _ => dice.array(ty),
    };
    let args: Vec<Array> = region.params().iter().map(&mut argument).collect();
    match eval_counted(region, &args) {
        Ok((_, counts)) => format!(
            "{} steps; a run makes {} operations and moves {} elements",
            region.steps().len(),
            counts.arithmetic,
            counts.moves
        ),
        Err(trap) => format!("{} steps; {trap:?}", region.steps().len()),
    }
}

/// How much of a program is shown.
#[derive(Clone, Copy, PartialEq)]
enum Detail {
    /// Every form.
    All,
    /// Of a long program: as lowered, with derivatives resolved, and at the end; of the others, a line.
    Some,
}

/// The forms of a program that differ from the ones before them.
fn forms(out: &mut String, what: &str, stages: &Stages, program: &Program, detail: Detail) {
    let core = "as lowered: what is asked for, word for word";
    section(
        out,
        &format!("{what}, core"),
        core,
        &stages.core.to_string(),
    );
    let mut before = &stages.core;
    for (name, why, region) in [
        ("unary", "simplified", &stages.unary),
        (
            "ahead",
            "loops over elements became array code",
            &stages.ahead,
        ),
        ("reverse", "derivatives resolved", &stages.reverse),
        (
            "batched",
            "array code, also where derivatives came in",
            &stages.batched,
        ),
        ("optimised", "rewritten by equations", &stages.optimised),
    ] {
        if region == before {
            continue;
        }
        before = region;
        let has_derivative = name == "unary" || name == "ahead";
        let remark = match lentil_unary::check::check_resolved(region) {
            Ok(()) => format!("{why}: {}", cost(region)),
            Err(_) if has_derivative => format!("{why}: {} steps", region.steps().len()),
            Err(other) => panic!("{other}"),
        };
        let shown = detail == Detail::All || name == "reverse" || name == "optimised";
        let form = match shown {
            true => region.to_string(),
            false => "(not shown)\n".to_string(),
        };
        section(out, &format!("{what}, {name}"), &remark, &form);
    }
    let loops = loops(&stages.optimised, program.options()).expect("a small program");
    let form = lentil_loops::print::print(&loops);
    let lines = |what: &str| form.lines().filter(|l| l.trim() == what).count();
    let remark = format!(
        "loops over buffers, fused: what machine code is made of; {} buffers in {} bytes, {} nests",
        loops.entry().buffers.len(),
        loops.entry().frame,
        lines("nest"),
    );
    let form = match detail {
        Detail::All => form,
        Detail::Some => "(not shown)\n".to_string(),
    };
    section(out, &format!("{what}, loops"), &remark, &form);
}

fn of_map(out: &mut String, program: &Program, name: &str) {
    let draft = program.draft(name).unwrap_or_else(|why| panic!("{why}"));
    forms(out, "value", &program.stages(&draft), program, Detail::All);
    let draft = program.draft_reverse(name);
    let draft = draft.unwrap_or_else(|why| panic!("{why}"));
    let stages = program.stages(&draft);
    forms(out, "derivative", &stages, program, Detail::All);

    let names: Vec<String> = draft.inputs.iter().map(|i| i.name.clone()).collect();
    let differentiable = |i: &&lentil::draft::Input| {
        matches!(i.role, Role::Weight | Role::Input) && i.leaves().iter().all(Type::differentiable)
    };
    let inputs = draft.inputs.iter().filter(differentiable);
    let results: Vec<String> = inputs.map(|i| format!("d{}", i.name)).collect();
    let shown = surface::print(
        &format!("{name}_reverse"),
        &stages.reverse,
        &names,
        &results,
    );
    let shown = shown.unwrap_or_else(|why| panic!("{why}"));
    let remark = "the same program in the language";
    section(out, "derivative, shown", remark, &shown);

    let over_bits = stages
        .core
        .params()
        .iter()
        .all(|t| t.carrier == Carrier::Bit);
    if over_bits {
        let netlist = program.netlist(name).unwrap_or_else(|why| panic!("{why}"));
        let remark = format!("{:?}", netlist.statistics());
        section(out, "value, netlist", &remark, &netlist.to_string());
    }
}

#[test]
fn the_tour() {
    let stops = files_in("tests/tour", ".lentil");
    assert_eq!(stops.len(), 6);
    for path in stops {
        let source = text(&path);
        let first = source.lines().next().unwrap_or_default();
        let what = first.strip_prefix("//! show: ").expect("what to show");
        let program = Program::from_source(&source).unwrap_or_else(|why| panic!("{why}"));
        let mut out = format!("{source}\n");
        match what.strip_prefix("step of ") {
            None => of_map(&mut out, &program, what),
            Some(batch) => {
                let batch = batch.parse().expect("a number of examples");
                let learner = program.learner(None).unwrap_or_else(|why| panic!("{why}"));
                let stages = learner.stages(Part::Step(batch));
                let stages = stages.unwrap_or_else(|why| panic!("{why}"));
                forms(&mut out, "step", &stages, &program, Detail::Some);
            }
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        golden("tests/tour", name.trim_end_matches(".lentil"), &out);
    }
}
