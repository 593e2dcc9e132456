//! Lowers unary form to gates.
//!
//! *Before*: a region over bits and conditions; numbers (indices, sizes, thresholds) may appear as long as
//! they depend on no input; derivatives are resolved.
//! *After*: a netlist without loops, calls and conditionals; a parameter that was not fixed is an input for
//! each of its elements, named `x[i][j]`; every result is an output for each of its elements.
//! *Size*: loops are unrolled and calls expanded, so it grows with the operations that a run performs;
//! [`Options::limit`] bounds it before memory goes.

mod gates;
mod moves;
mod refusal;
mod region;
mod value;

use std::rc::Rc;

use lentil_unary::{Array, Carrier, Region, Type};

use crate::netlist::{Builder, Netlist};

pub use refusal::Refusal;
use region::Lowering;
use value::Value;

/// What names a netlist gets and how large it may become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The names of the parameters; one that is missing is called `x0`, `x1`, … by its position.
    pub parameters: Vec<String>,
    /// The names of the results; one that is missing is called `y0`, `y1`, … by its position.
    pub results: Vec<String>,
    /// How many elements may be computed on the way, each a gate or a few, before simplification.
    pub limit: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            parameters: Vec::new(),
            results: Vec::new(),
            limit: 1 << 24,
        }
    }
}

/// The netlist of a region, with the default [`Options`].
///
/// ```
/// use lentil_circuit::lower;
/// use lentil_unary::{Builder, Carrier, Type};
/// let mut b = Builder::new(vec![Type::array(Carrier::Bit, [2])]);
/// let parity = b.sum(b.param(0), &[0]);
/// let netlist = lower(&b.finish(vec![parity]), &[None]).unwrap();
/// assert_eq!(netlist.inputs(), ["x0[0]", "x0[1]"]);
/// assert_eq!(netlist.eval_words(&[0b1100, 0b1010]), [0b0110]);
/// ```
pub fn lower(region: &Region, fixed: &[Option<Array>]) -> Result<Netlist, Refusal> {
    lower_with(region, fixed, &Options::default())
}

/// The netlist of a region: the parameters that have an array in `fixed` become constants, the others inputs.
/// What cannot become gates is refused, with the operation that stands in the way.
pub fn lower_with(
    region: &Region,
    fixed: &[Option<Array>],
    options: &Options,
) -> Result<Netlist, Refusal> {
    if fixed.len() != region.params().len() {
        return Err(Refusal::Arguments(format!(
            "{} arrays or gaps for {} parameters",
            fixed.len(),
            region.params().len()
        )));
    }
    let mut names = Vec::new();
    let mut shown = 0usize;
    for (i, (ty, array)) in region.params().iter().zip(fixed).enumerate() {
        match array {
            Some(array) if array.ty() != ty => {
                let have = array.ty();
                return Err(Refusal::Arguments(format!(
                    "parameter {i} is {ty}; it cannot be fixed to an array of type {have}"
                )));
            }
            Some(_) => {}
            None if !is_logic(ty.carrier) => {
                return Err(Refusal::Parameter {
                    index: i,
                    ty: ty.clone(),
                });
            }
            None => {
                shown = value::size(ty)
                    .and_then(|n| n.checked_add(shown))
                    .filter(|&n| n <= options.limit)
                    .ok_or(Refusal::TooLarge(options.limit))?;
                names.extend(element_names(&name_of(&options.parameters, i, 'x'), ty));
            }
        }
    }

    let mut lowering = Lowering::new(Builder::new(names), options.limit);
    let mut next = 0;
    let mut args = Vec::with_capacity(fixed.len());
    for (ty, array) in region.params().iter().zip(fixed) {
        args.push(Rc::new(match array {
            Some(array) => Value::constant(array.clone()),
            None => {
                let wires = (next..next + ty.len()).map(|i| lowering.builder.input(i));
                next += ty.len();
                Value::Wires(ty.clone(), wires.collect())
            }
        }));
    }
    let results = lowering.region(region, args)?;

    let mut outputs = Vec::new();
    for (i, value) in results.iter().enumerate() {
        match &**value {
            Value::Fixed(array) => {
                return Err(Refusal::Result {
                    index: i,
                    ty: array.ty().clone(),
                });
            }
            Value::Wires(ty, wires) => {
                let names = element_names(&name_of(&options.results, i, 'y'), ty);
                outputs.extend(names.into_iter().zip(wires.iter().copied()));
            }
        }
    }
    Ok(lowering.builder.finish(outputs))
}

/// Whether values of a carrier are single wires.
fn is_logic(carrier: Carrier) -> bool {
    match carrier {
        Carrier::Bit | Carrier::Bool => true,
        Carrier::F32 | Carrier::F64 | Carrier::Mod(_) | Carrier::Int => false,
    }
}

fn name_of(names: &[String], i: usize, letter: char) -> String {
    names
        .get(i)
        .cloned()
        .unwrap_or_else(|| format!("{letter}{i}"))
}

/// `x[0][0]`, `x[0][1]`, … in row-major order; a scalar is `x`.
fn element_names(name: &str, ty: &Type) -> Vec<String> {
    let mut names = vec![name.to_string()];
    for &n in &ty.shape {
        names = names
            .iter()
            .flat_map(|name| (0..n).map(move |i| format!("{name}[{i}]")))
            .collect();
    }
    names
}
