//! Programs: they check or are refused, and what checks lowers to well-formed unary form.

use lentil::loader::Alone;
use lentil::pipeline::{Options as Passes, Switch, stages};
use lentil_core::{ItemClass, Lowered, Options, Program};
use lentil_diag::Severity;
use lentil_unary::{Region, check};

/// Errors that a program which checks may still give when it is lowered: its sizes or its slots are
/// open, or it is too large, or its numbers are for single precision; what is no map between values.
const ALLOWED: &[&str] = &[
    "E0309", "E0337", "E0338", "E0339", "E0402", "E0440", "E0501", "E0502", "E0503", "E0504",
];

/// Larger programs are not taken through the passes.
const MOST_STEPS: usize = 400;

/// Checks and lowers a program. Whether it checks.
pub fn checker(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let (program, said) = Program::load("fuzz", text, &Alone);
    let good = said.iter().all(|d| d.severity != Severity::Error);
    if !good {
        return false;
    }
    let options = Options::default();
    for item in program.items() {
        match item.class {
            ItemClass::Fn | ItemClass::Model => {
                for name in [item.name.clone(), format!("{}[Real, 3]", item.name)] {
                    for lowered in [
                        program.lower(&name, &options),
                        program.lower_reverse(&name, &options),
                    ] {
                        let own = name == item.name;
                        match lowered {
                            Ok(lowered) => well_formed(&lowered),
                            Err(why) => {
                                let codes: Vec<&str> =
                                    why.diagnostics.iter().map(|d| d.code).collect();
                                let known = codes.iter().all(|code| ALLOWED.contains(code));
                                assert!(
                                    !codes.is_empty() && (known || !own),
                                    "`{name}` checks and does not lower: {:?}",
                                    why.diagnostics
                                );
                            }
                        }
                    }
                }
            }
            ItemClass::Lens
            | ItemClass::Optimizer
            | ItemClass::Data
            | ItemClass::Learner
            | ItemClass::Test
            | ItemClass::Law
            | ItemClass::Type
            | ItemClass::Let => {}
        }
    }
    for index in 0..program.tests().len() {
        if let Ok(lowered) = program.lower_test(index, &options) {
            well_formed(&lowered);
        }
    }
    true
}

fn well_formed(lowered: &Lowered) {
    let region = &lowered.region;
    if let Err(why) = check::check(region) {
        panic!("lowered to what is not well-formed: {why}\n{region}");
    }
    if region.size(MOST_STEPS) <= MOST_STEPS && elements(region) <= 1 << 16 {
        let passes = Passes {
            verify: Switch::On,
            ..Passes::default()
        };
        stages(region.clone(), &passes);
    }
}

fn elements(region: &Region) -> usize {
    region.params().iter().map(|ty| ty.len()).sum()
}
