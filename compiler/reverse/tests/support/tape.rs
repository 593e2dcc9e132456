//! Reverse mode the classical way: a tape of scalar operations, swept once from its end.
//! It shares nothing with R but the mathematics, and gives a whole gradient in one sweep.

use std::cell::RefCell;

use lentil_unary::{Array, Region};

use super::number::Number;
use super::oracle::{self, Value};

/// An operation on the tape: its operands, each with the partial derivative by it.
type Entry = [(u32, f64); 2];

thread_local! {
    static TAPE: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// A number whose history is on the tape; entry 0 stands for all constants.
#[derive(Clone, Copy, Debug)]
pub struct Traced {
    value: f64,
    entry: u32,
}

const NONE: (u32, f64) = (0, 0.0);

fn record(value: f64, entry: Entry) -> Traced {
    TAPE.with_borrow_mut(|tape| {
        tape.push(entry);
        Traced {
            value,
            entry: tape.len() as u32 - 1,
        }
    })
}

impl Traced {
    fn one(self, value: f64, slope: f64) -> Traced {
        record(value, [(self.entry, slope), NONE])
    }

    fn two(self, other: Traced, value: f64, slope: f64, other_slope: f64) -> Traced {
        record(value, [(self.entry, slope), (other.entry, other_slope)])
    }
}

impl Number for Traced {
    fn integer(value: i64, _modulus: Option<u32>) -> Traced {
        Traced::real(value as f64)
    }

    fn real(value: f64) -> Traced {
        Traced { value, entry: 0 }
    }

    fn order(self) -> f64 {
        self.value
    }

    fn add(self, other: Traced) -> Traced {
        self.two(other, self.value + other.value, 1.0, 1.0)
    }

    fn neg(self) -> Traced {
        self.one(-self.value, -1.0)
    }

    fn mul(self, other: Traced) -> Traced {
        self.two(other, self.value * other.value, other.value, self.value)
    }

    fn div(self, other: Traced) -> Traced {
        let quotient = self.value / other.value;
        self.two(other, quotient, 1.0 / other.value, -quotient / other.value)
    }

    fn apply(self, name: &str) -> Traced {
        let x = self.value;
        let (y, slope) = match name {
            "abs" => (
                x.abs(),
                if x > 0.0 {
                    1.0
                } else if x < 0.0 {
                    -1.0
                } else {
                    0.0
                },
            ),
            "sign" => (if x == 0.0 { 0.0 } else { x.signum() }, 0.0),
            "floor" => (x.floor(), 0.0),
            "ceil" => (x.ceil(), 0.0),
            "round" => (x.round_ties_even(), 0.0),
            "trunc" => (x.trunc(), 0.0),
            "exp" => (x.exp(), x.exp()),
            "exp2" => (x.exp2(), 2f64.ln() * x.exp2()),
            "expm1" => (x.exp_m1(), x.exp()),
            "log" => (x.ln(), 1.0 / x),
            "log2" => (x.log2(), 1.0 / (x * 2f64.ln())),
            "log10" => (x.log10(), 1.0 / (x * 10f64.ln())),
            "cbrt" => (x.cbrt(), 1.0 / (3.0 * x.cbrt().powi(2))),
            "log1p" => (x.ln_1p(), 1.0 / (1.0 + x)),
            "sqrt" => (x.sqrt(), 0.5 / x.sqrt()),
            "sin" => (x.sin(), x.cos()),
            "cos" => (x.cos(), -x.sin()),
            "tan" => (x.tan(), 1.0 + x.tan().powi(2)),
            "asin" => (x.asin(), 1.0 / (1.0 - x * x).sqrt()),
            "acos" => (x.acos(), -1.0 / (1.0 - x * x).sqrt()),
            "atan" => (x.atan(), 1.0 / (1.0 + x * x)),
            "sinh" => (x.sinh(), x.cosh()),
            "cosh" => (x.cosh(), x.sinh()),
            "tanh" => (x.tanh(), 1.0 - x.tanh().powi(2)),
            "asinh" => (x.asinh(), 1.0 / (1.0 + x * x).sqrt()),
            "acosh" => (x.acosh(), 1.0 / (x * x - 1.0).sqrt()),
            "atanh" => (x.atanh(), 1.0 / (1.0 - x * x)),
            "sigmoid" => {
                let y = 1.0 / (1.0 + (-x).exp());
                (y, y * (1.0 - y))
            }
            "erf" => (
                lentil_unary::math::erf_f64(x),
                (-x * x).exp() * std::f64::consts::FRAC_2_SQRT_PI,
            ),
            "erfc" => (
                lentil_unary::math::erfc_f64(x),
                -(-x * x).exp() * std::f64::consts::FRAC_2_SQRT_PI,
            ),
            "erfinv" => {
                let y = lentil_unary::math::erfinv_f64(x);
                (y, (y * y).exp() / std::f64::consts::FRAC_2_SQRT_PI)
            }
            "lgamma" => (
                lentil_unary::math::lgamma_f64(x),
                lentil_unary::math::polygamma_f64(0.0, x),
            ),
            other => panic!("no function {other}"),
        };
        self.one(y, slope)
    }

    fn pow(self, other: Traced) -> Traced {
        let (x, e) = (self.value, other.value);
        let y = x.powf(e);
        self.two(
            other,
            y,
            e * x.powf(e - 1.0),
            if x > 0.0 { y * x.ln() } else { 0.0 },
        )
    }

    fn atan2(self, other: Traced) -> Traced {
        let (y, x) = (self.value, other.value);
        let square = x * x + y * y;
        self.two(other, y.atan2(x), x / square, -y / square)
    }

    fn rem(self, other: Traced) -> Traced {
        let quotient = (self.value / other.value).floor();
        let rest = self.value - quotient * other.value;
        self.two(other, rest, 1.0, -quotient)
    }

    fn polygamma(self, other: Traced) -> Traced {
        let of = |n: f64| lentil_unary::math::polygamma_f64(n, other.value);
        self.two(other, of(self.value), 0.0, of(self.value + 1.0))
    }
}

/// The cotangents of all differentiable arguments, one after the other, at cotangents of the results.
pub fn gradient(f: &Region, args: &[Array], cotangents: &[f64]) -> Vec<f64> {
    TAPE.with_borrow_mut(|tape| {
        tape.clear();
        tape.push([NONE; 2]);
    });
    let mut leaves = Vec::new();
    let mut values = Vec::new();
    for arg in args {
        if arg.ty().differentiable() {
            let numbers: Vec<Traced> = arg
                .to_f64()
                .into_iter()
                .map(|x| record(x, [NONE; 2]))
                .collect();
            leaves.extend(numbers.iter().map(|n| n.entry));
            values.push(Value::Numbers(numbers));
        } else {
            let data = (0..arg.ty().len()).map(|i| arg.literal(i).as_i64());
            values.push(Value::Integers(data.collect()));
        }
    }
    let results = oracle::run(f, values);
    let tape = TAPE.take();
    let mut adjoints = vec![0.0; tape.len()];
    let outputs = f
        .result_types()
        .into_iter()
        .zip(&results)
        .filter(|(t, _)| t.differentiable());
    let outputs = outputs.flat_map(|(_, r)| r.numbers().iter().copied());
    for (output, cotangent) in outputs.zip(cotangents) {
        adjoints[output.entry as usize] += cotangent;
    }
    for (entry, operands) in tape.iter().enumerate().rev() {
        let adjoint = adjoints[entry];
        if entry > 0 && adjoint != 0.0 {
            for &(operand, slope) in operands {
                adjoints[operand as usize] += adjoint * slope;
            }
        }
    }
    leaves
        .into_iter()
        .map(|entry| adjoints[entry as usize])
        .collect()
}
