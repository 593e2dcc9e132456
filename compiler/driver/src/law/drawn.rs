//! What is drawn for one argument of a law: its arrays, and how the language writes it.

use lentil_core::ty::{Kind, Ty};
use lentil_unary::{Array, Carrier, Literal, Type};

use super::function::Function;

/// A value of an argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Drawn {
    /// An array; a scalar has no axes.
    Array(Numbers),
    /// The key of a seed.
    Key(i64),
    /// A product.
    Tuple(Vec<Drawn>),
    /// A labelled product.
    Record(Vec<(String, Drawn)>),
    /// A function.
    Function(Function),
}

/// An array over a carrier of the language.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// The carrier, as the language writes it.
    pub kind: Kind,
    /// The type of its representation.
    pub ty: Type,
    /// Its elements, each in the carrier.
    pub elements: Vec<f64>,
}

impl Drawn {
    /// What it consists of at run time; functions are gone by then.
    pub fn arrays(&self, out: &mut Vec<Array>) {
        match self {
            Drawn::Array(a) => out.push(Array::from_f64(a.ty.clone(), &a.elements)),
            Drawn::Key(seed) => out.push(key(*seed)),
            Drawn::Tuple(parts) => parts.iter().for_each(|part| part.arrays(out)),
            Drawn::Record(fields) => fields.iter().for_each(|(_, part)| part.arrays(out)),
            Drawn::Function(_) => {}
        }
    }

    /// An expression for it, of its very type.
    pub fn source(&self) -> String {
        match self {
            Drawn::Array(a) => a.source(),
            Drawn::Key(seed) => format!("random.key({seed})"),
            Drawn::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(Drawn::source).collect();
                format!("({})", parts.join(", "))
            }
            Drawn::Record(fields) if fields.is_empty() => "{}".to_string(),
            Drawn::Record(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, part)| format!("{name}: {}", part.source()))
                    .collect();
                format!("{{ {} }}", fields.join(", "))
            }
            Drawn::Function(function) => function.source(),
        }
    }
}

impl Numbers {
    /// An array of a type with known sizes, with its elements rounded into its carrier.
    pub fn new(kind: &Kind, ty: Type, elements: &[f64]) -> Numbers {
        Numbers {
            kind: kind.clone(),
            elements: Array::from_f64(ty.clone(), elements).to_f64(),
            ty,
        }
    }

    /// An expression for it.
    pub fn source(&self) -> String {
        let mut text = String::new();
        let empty_inside = self.ty.shape.iter().position(|&n| n == 0);
        let nested = match empty_inside {
            // `[[], []]` has the shape [2, 0], but nothing that is written has the shape [0, 2].
            Some(axis) if axis + 1 < self.ty.rank() => "[]",
            _ => {
                self.nested(&self.ty.shape, 0, &mut text);
                &text
            }
        };
        let whole = match &self.kind {
            Kind::Bool if self.ty.is_empty() => "Bit([]) == Bit([])".to_string(),
            Kind::Bool => nested.to_string(),
            // Of a whole number that is written the range is known, and an index would be refused
            // before it could stop the run.
            Kind::Int => format!("int({nested})"),
            kind => format!("{kind}({nested})"),
        };
        match nested == "[]" && self.ty.rank() > 1 {
            true => format!("reshape[{}]({whole})", list(&self.ty.shape)),
            false => whole,
        }
    }

    fn nested(&self, shape: &[usize], start: usize, out: &mut String) {
        let Some((&n, rest)) = shape.split_first() else {
            let carrier = match &self.kind {
                Kind::Int => Carrier::F64,
                _ => self.ty.carrier,
            };
            *out += &number(carrier, self.elements[start]);
            return;
        };
        let size: usize = rest.iter().product();
        *out += "[";
        for i in 0..n {
            if i > 0 {
                *out += ", ";
            }
            self.nested(rest, start + i * size, out);
        }
        *out += "]";
    }
}

/// The same value with reals in double precision.
pub fn widened(value: &Drawn) -> Drawn {
    match value {
        Drawn::Array(a) => Drawn::Array(Numbers {
            ty: match a.ty.carrier {
                Carrier::F32 => a.ty.with_carrier(Carrier::F64),
                Carrier::F64 | Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
                    a.ty.clone()
                }
            },
            ..a.clone()
        }),
        Drawn::Tuple(parts) => Drawn::Tuple(parts.iter().map(widened).collect()),
        Drawn::Record(fields) => Drawn::Record(
            fields
                .iter()
                .map(|(n, part)| (n.clone(), widened(part)))
                .collect(),
        ),
        Drawn::Key(_) | Drawn::Function(_) => value.clone(),
    }
}

/// A number as its carrier writes it.
pub fn number(carrier: Carrier, x: f64) -> String {
    match carrier {
        Carrier::F32 | Carrier::F64 => Literal::real(carrier, x).to_string(),
        Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
            Literal::integer(carrier, x as i64).to_string()
        }
    }
}

/// The type of an array whose sizes are known.
pub fn array_type(ty: &Ty, real: Carrier) -> Option<Type> {
    match ty {
        Ty::Array(..) => ty.leaves(real)?.pop(),
        Ty::Tuple(_) | Ty::Record(_) | Ty::Key | Ty::Arrow(..) | Ty::Space(_) => None,
    }
}

/// The two words of `random.key(seed)`.
fn key(seed: i64) -> Array {
    let words = [
        seed.div_euclid(1 << 32) as f64,
        seed.rem_euclid(1 << 32) as f64,
    ];
    Array::from_f64(lentil_unary::typing::key_type(), &words)
}

fn list(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    sizes.join(", ")
}
