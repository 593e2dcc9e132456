//! Bundle adjustment: cases give one camera, one point, one weight and one feature, to be repeated, and
//! expect the sparse Jacobian by its first and last entries.

use lentil::{Array, Carrier, Type, Value};
use serde_json::Value as Json;

use super::case::{Case, numbers};
use super::problem::{Pairs, Problem, named, plain, run, zipped};

/// Numbers of a camera, of a point and of a weight: what an observation's errors depend on.
const WIDTHS: [usize; 3] = [11, 3, 1];

pub(super) const BUNDLE_ADJUSTMENT: Problem = Problem {
    functions: &[run("objective", "objective"), run("jacobian", "jacobian")],
    sizes: |case| named(case, &["n", "m", "p"]),
    input,
    pairs,
    ..plain("ba")
};

fn input(case: &Case, name: &str) -> Result<Value, String> {
    let p = case.natural("p")?;
    match name {
        "cameras" => repeated(case, "cam", case.natural("n")?, &[11]),
        "points" => repeated(case, "x", case.natural("m")?, &[3]),
        "weights" => repeated(case, "w", p, &[]),
        "features" => repeated(case, "feat", p, &[2]),
        _ => {
            let (n, m) = (case.natural("n")?, case.natural("m")?);
            let pairs = (0..p).flat_map(|i| [i % n.max(1), i % m.max(1)].map(|k| k as f64));
            let ty = Type::array(Carrier::Int, [p, 2]);
            Ok(Array::from_f64(ty, &pairs.collect::<Vec<_>>()).into())
        }
    }
}

fn repeated(case: &Case, name: &str, times: usize, shape: &[usize]) -> Result<Value, String> {
    let one = numbers(case.input(name)?);
    if one.len() != shape.iter().product::<usize>() {
        return Err(format!("`{name}` has {} numbers, not {shape:?}", one.len()));
    }
    let ty = Type::array(Carrier::F64, [&[times], shape].concat());
    Ok(Array::from_f64(ty, &one.repeat(times)).into())
}

fn pairs(case: &Case, function: &str, result: &Value) -> Result<Pairs, String> {
    let part = |name: &str| result.get(name).map(Value::numbers).unwrap_or_default();
    let (errors, of_weights) = (part("reproj_error"), part("w_err"));
    let expected = case.expected(function).unwrap_or(&Json::Null);
    if function == "objective" {
        let all = |json: &Json, key: &str| {
            let times = json["repeated"].as_u64().unwrap_or_default() as usize;
            numbers(&json[key]).repeat(times)
        };
        let mut pairs = zipped(&all(&expected["reproj_error"], "elements"), &errors)?;
        pairs.extend(zipped(&all(&expected["w_err"], "element"), &of_weights)?);
        return Ok(pairs);
    }
    let [rows, columns, values] = sparse(case, &errors, &of_weights)?;
    for (key, places) in [("rows", rows), ("cols", columns)] {
        if numbers(&expected[key]) != first_and_last(&places) {
            return Err(format!("the Jacobian's `{key}` are others"));
        }
    }
    zipped(&numbers(&expected["vals"]), &first_and_last(&values))
}

/// Where the rows begin, the columns and the values of the Jacobian in compressed rows: those of the
/// observations, two each, then those of the weights. Its columns are the cameras', the points', the
/// weights'.
fn sparse(case: &Case, errors: &[f64], of_weights: &[f64]) -> Result<[Vec<f64>; 3], String> {
    let [n, m, p] = named(case, &["n", "m", "p"])?[..] else {
        return Err("three sizes".to_string());
    };
    let width = WIDTHS.iter().sum::<usize>();
    let (points, weights) = (11 * n, 11 * n + 3 * m);
    let mut columns = Vec::new();
    for i in 0..p {
        let row: Vec<usize> = (0..11)
            .map(|k| 11 * (i % n) + k)
            .chain((0..3).map(|k| points + 3 * (i % m) + k))
            .chain([weights + i])
            .collect();
        columns.extend(row.repeat(2));
    }
    columns.extend((0..p).map(|i| weights + i));
    let of_errors = (0..2 * p).map(|row| row * width);
    let rows = of_errors.chain((0..=p).map(|row| 2 * p * width + row));
    let real = |n: usize| n as f64;
    Ok([
        rows.map(real).collect(),
        columns.into_iter().map(real).collect(),
        [errors, of_weights].concat(),
    ])
}

/// As the protocol shortens them.
fn first_and_last(all: &[f64]) -> Vec<f64> {
    let first = all.iter().take(30);
    first.chain(all.last()).copied().collect()
}
