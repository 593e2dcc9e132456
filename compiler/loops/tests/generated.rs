//! Generated programs mean in loop form what they mean in unary form, bit for bit.

mod cases;

use lentil_loops::{Options, check::check, eval::eval, lower};
use lentil_unary::{eval as unary, generate};

#[test]
fn generated_programs_agree_with_unary_form() {
    let options = Options {
        exact: true,
        ..Options::default()
    };
    for carrier in cases::CARRIERS {
        if !carrier.differentiable() {
            continue; // programs over these are part of all others
        }
        for seed in 0..150 {
            let region = generate::generate(seed, &generate::Options::over(carrier));
            let args = generate::arguments(seed, &region);
            let program = lower(&region, &options).unwrap();
            let text = || {
                format!(
                    "{carrier} {seed}\n{}\n{}",
                    lentil_unary::print::print(&region),
                    lentil_loops::print::print(&program)
                )
            };
            check(&program).unwrap_or_else(|why| panic!("{why}: {}", text()));
            let expected = unary::eval(&region, &args);
            let found = eval(&program, &args);
            assert!(
                cases::same(&found, &expected),
                "{expected:?}\n{found:?}\n{}",
                text()
            );
        }
    }
}
