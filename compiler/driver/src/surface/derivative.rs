//! A reverse derivative in the language.

use lentil_core::Role;
use lentil_unary::Region;
use lentil_unary::carrier::Type;

use super::print;
use crate::draft::Input;
use crate::error::Error;

/// The reverse derivative of a map as a function of the language; `expression` names the map, `region`
/// takes `inputs` and is resolved.
///
/// # Errors
/// If it draws random numbers.
pub fn derivative(expression: &str, inputs: &[Input], region: &Region) -> Result<String, Error> {
    let (params, results) = names(inputs);
    print(&title(expression), region, &params, &results).map_err(|why| {
        Error::plain(
            "E0908",
            format!("the derivative cannot be shown: {why}"),
            None,
        )
    })
}

/// What the derivative of an expression is called.
fn title(expression: &str) -> String {
    let head: String = expression
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    match head.as_str() {
        "" => "reverse".to_string(),
        _ => format!("{head}_reverse"),
    }
}

/// The names of the leaves of parameters, and those of the cotangents that come out.
fn names(inputs: &[Input]) -> (Vec<String>, Vec<String>) {
    let mut params = Vec::new();
    let mut results = Vec::new();
    for input in inputs {
        let leaves = input.leaves();
        let varies = match input.role {
            Role::Weight | Role::Input => true,
            Role::State | Role::Cotangent | Role::Given => false,
        };
        for (k, ty) in leaves.iter().enumerate() {
            let name = match leaves.len() {
                1 => input.name.clone(),
                _ => format!("{}.{k}", input.name),
            };
            if varies && Type::differentiable(ty) {
                results.push(format!("d{name}"));
            }
            params.push(name);
        }
    }
    (params, results)
}
