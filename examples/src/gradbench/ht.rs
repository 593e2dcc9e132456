//! Hand tracking: with correspondences to vertices, or to places in triangles.

use lentil::{Array, Carrier, Type, Value};

use super::case::{Case, numbers};
use super::problem::{Problem, plain, run};

pub(super) const ON_VERTICES: Problem = Problem {
    functions: &[run("objective", "objective"), run("jacobian", "jacobian")],
    fits: |case| case.shape("us").is_ok_and(|shape| shape == [0]),
    sizes,
    input,
    ..plain("ht")
};

pub(super) const IN_TRIANGLES: Problem = Problem {
    functions: &[
        run("objective_within", "objective"),
        run("jacobian_within", "jacobian"),
    ],
    sizes,
    input,
    ..plain("ht")
};

fn sizes(case: &Case) -> Result<Vec<usize>, String> {
    let first = |name: &str| Ok::<_, String>(case.shape(name)?.first().copied().unwrap_or(0));
    Ok(vec![
        first("parents")?,
        first("base_positions")?,
        first("triangles")?,
        first("correspondences")?,
    ])
}

fn input(case: &Case, name: &str) -> Result<Value, String> {
    let whole = |name: &str| {
        let ty = Type::array(Carrier::Int, case.shape(name)?);
        Ok::<_, String>(Array::from_f64(ty, &numbers(case.input(name)?)).into())
    };
    match name {
        "hand" => Ok(Value::Record(vec![
            ("parents".to_string(), whole("parents")?),
            ("base_relatives".to_string(), case.value("base_relatives")?),
            (
                "inverse_base_absolutes".to_string(),
                case.value("inverse_base_absolutes")?,
            ),
            ("base_positions".to_string(), case.value("base_positions")?),
            ("weights".to_string(), case.value("weights")?),
            ("triangles".to_string(), whole("triangles")?),
            ("is_mirrored".to_string(), case.value("is_mirrored")?),
        ])),
        "correspondences" => whole(name),
        _ => case.value(name),
    }
}
