//! Types of values before unary form: carriers, arrays with symbolic sizes, products.

use std::fmt;
use std::sync::Arc;

use lentil_unary::{Carrier, Type};

use crate::size::Size;

/// What a carrier variable is known to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// `+ - *`, zero and one.
    Ring,
    /// Division too.
    Field,
    /// All functions of real numbers.
    Real,
}

impl Bound {
    /// The bound of a name.
    pub fn named(name: &str) -> Option<Bound> {
        match name {
            "Ring" => Some(Bound::Ring),
            "Field" => Some(Bound::Field),
            "Real" => Some(Bound::Real),
            _ => None,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Bound::Ring => "Ring",
            Bound::Field => "Field",
            Bound::Real => "Real",
        })
    }
}

/// A scalar domain as the user sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `Real`: f32 or f64 by a compile option.
    Real,
    /// `Real64`.
    Real64,
    /// `Bit`.
    Bit,
    /// `Mod[n]`.
    Mod(u32),
    /// `Int`.
    Int,
    /// `Bool`.
    Bool,
    /// `Category["a", "b"]`: represented by the index of the class.
    Category(Arc<[String]>),
    /// A rigid carrier variable of a generic definition.
    Var(u32, Arc<str>, Bound),
}

impl Kind {
    /// The carrier of unary form, where `Real` is `real`. `None` for a variable.
    pub fn carrier(&self, real: Carrier) -> Option<Carrier> {
        match self {
            Kind::Real => Some(real),
            Kind::Real64 => Some(Carrier::F64),
            Kind::Bit => Some(Carrier::Bit),
            Kind::Mod(n) => Some(Carrier::Mod(*n)),
            Kind::Int | Kind::Category(_) => Some(Carrier::Int),
            Kind::Bool => Some(Carrier::Bool),
            Kind::Var(..) => None,
        }
    }

    /// Whether its changes are more than the unit type.
    pub fn differentiable(&self) -> bool {
        match self {
            Kind::Real | Kind::Real64 | Kind::Bit | Kind::Mod(_) | Kind::Var(..) => true,
            Kind::Int | Kind::Bool | Kind::Category(_) => false,
        }
    }

    /// Whether `+ - *` are defined.
    pub fn is_ring(&self) -> bool {
        self.differentiable() || *self == Kind::Int
    }

    /// Whether the functions of real numbers are defined.
    pub fn is_real(&self) -> bool {
        matches!(
            self,
            Kind::Real | Kind::Real64 | Kind::Var(_, _, Bound::Real)
        )
    }

    /// Whether it satisfies a bound.
    pub fn satisfies(&self, bound: Bound) -> bool {
        match (self, bound) {
            (Kind::Var(_, _, have), _) => *have >= bound,
            (Kind::Real | Kind::Real64, _) => true,
            (Kind::Bit, Bound::Ring | Bound::Field) => true,
            (Kind::Mod(_), Bound::Ring) => true,
            (Kind::Mod(n), Bound::Field) => is_prime(*n),
            (Kind::Bit | Kind::Mod(_), Bound::Real) => false,
            (Kind::Int | Kind::Bool | Kind::Category(_), _) => false,
        }
    }
}

fn is_prime(n: u32) -> bool {
    let n = u64::from(n);
    let divisors = (2..).take_while(|d| d * d <= n);
    n >= 2 && divisors.into_iter().all(|d| !n.is_multiple_of(d))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Real => write!(f, "Real"),
            Kind::Real64 => write!(f, "Real64"),
            Kind::Bit => write!(f, "Bit"),
            Kind::Mod(n) => write!(f, "Mod[{n}]"),
            Kind::Int => write!(f, "Int"),
            Kind::Bool => write!(f, "Bool"),
            Kind::Category(names) => {
                let names: Vec<String> = names.iter().map(|n| format!("{n:?}")).collect();
                write!(f, "Category[{}]", names.join(", "))
            }
            Kind::Var(_, name, _) => write!(f, "{name}"),
        }
    }
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    /// An array over a carrier; a scalar has no sizes.
    Array(Kind, Vec<Size>),
    /// A product.
    Tuple(Vec<Ty>),
    /// A labelled product; a parameter space has paths as labels.
    Record(Vec<(Arc<str>, Ty)>),
    /// A random key.
    Key,
    /// A map.
    Arrow(Vec<Ty>, Box<Ty>),
    /// A rigid variable for a whole parameter space over a carrier: `P: Space[Real]`.
    Space(SpaceVar),
}

/// A rigid variable for a whole parameter space.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpaceVar {
    /// Distinguishes variables of one name.
    pub id: u32,
    /// The user's word for it.
    pub name: Arc<str>,
    /// What its carriers have.
    pub bound: Bound,
}

impl SpaceVar {
    /// The carrier that stands for all carriers of the space.
    pub fn kind(&self) -> Kind {
        match self.bound {
            Bound::Real => Kind::Real,
            Bound::Ring | Bound::Field => Kind::Var(self.id, self.name.clone(), self.bound),
        }
    }
}

impl Ty {
    /// A scalar.
    pub fn scalar(kind: Kind) -> Ty {
        Ty::Array(kind, Vec::new())
    }

    /// The carrier of an array or a number.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Ty::Array(kind, _) => Some(kind.clone()),
            _ => None,
        }
    }

    /// Of how many types it is made: itself, and what it holds. As quick as a clone.
    pub fn parts(&self) -> usize {
        match self {
            Ty::Array(..) | Ty::Key | Ty::Space(_) => 1,
            Ty::Tuple(list) => 1 + list.iter().map(Ty::parts).sum::<usize>(),
            Ty::Record(fields) => 1 + fields.iter().map(|(_, t)| t.parts()).sum::<usize>(),
            Ty::Arrow(from, to) => 1 + from.iter().map(Ty::parts).sum::<usize>() + to.parts(),
        }
    }

    /// The unit type.
    pub fn unit() -> Ty {
        Ty::Tuple(Vec::new())
    }

    /// The type of changes: of cotangents and tangents.
    pub fn changes(&self) -> Ty {
        match self {
            Ty::Array(kind, _) if kind.differentiable() => self.clone(),
            Ty::Array(..) | Ty::Key | Ty::Arrow(..) => Ty::unit(),
            Ty::Tuple(parts) => Ty::Tuple(parts.iter().map(Ty::changes).collect()),
            Ty::Record(fields) => Ty::Record(
                fields
                    .iter()
                    .map(|(n, t)| (n.clone(), t.changes()))
                    .collect(),
            ),
            Ty::Space(..) => self.clone(),
        }
    }

    /// The types of unary form of its leaves, in order; `None` if sizes or carriers are still
    /// variables, or if it holds functions.
    pub fn leaves(&self, real: Carrier) -> Option<Vec<Type>> {
        let mut out = Vec::new();
        self.collect_leaves(real, &mut out)?;
        Some(out)
    }

    fn collect_leaves(&self, real: Carrier, out: &mut Vec<Type>) -> Option<()> {
        match self {
            Ty::Array(kind, sizes) => {
                let shape: Option<Vec<usize>> = sizes
                    .iter()
                    .map(|s| usize::try_from(s.as_constant()?).ok())
                    .collect();
                out.push(Type::array(kind.carrier(real)?, shape?));
                Some(())
            }
            Ty::Tuple(parts) => parts.iter().try_for_each(|t| t.collect_leaves(real, out)),
            Ty::Record(fields) => fields
                .iter()
                .try_for_each(|(_, t)| t.collect_leaves(real, out)),
            Ty::Key => {
                out.push(lentil_unary::typing::key_type());
                Some(())
            }
            Ty::Arrow(..) | Ty::Space(..) => None,
        }
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |items: &[Ty]| {
            items
                .iter()
                .map(Ty::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self {
            Ty::Array(kind, sizes) if sizes.is_empty() => write!(f, "{kind}"),
            Ty::Array(kind, sizes) => {
                let sizes: Vec<String> = sizes.iter().map(Size::to_string).collect();
                write!(f, "{kind}[{}]", sizes.join(", "))
            }
            Ty::Tuple(parts) => write!(f, "({})", list(parts)),
            Ty::Record(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, ty)| format!("{name}: {ty}"))
                    .collect();
                write!(f, "{{{}}}", fields.join(", "))
            }
            Ty::Key => write!(f, "Key"),
            Ty::Arrow(from, to) if from.len() == 1 => write!(f, "{} -> {to}", from[0]),
            Ty::Arrow(from, to) => write!(f, "({}) -> {to}", list(from)),
            Ty::Space(space) => write!(f, "{}", space.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_changes_are_changes() {
        let kinds = [Kind::Real, Kind::Bit, Kind::Mod(5), Kind::Int, Kind::Bool];
        let arrays: Vec<Ty> = kinds
            .map(|k| Ty::Array(k, vec![Size::constant(3)]))
            .into_iter()
            .collect();
        let all = Ty::Record(vec![("a".into(), Ty::Tuple(arrays)), ("k".into(), Ty::Key)]);
        assert_eq!(all.changes().changes(), all.changes());
    }

    #[test]
    fn prime_moduli_are_fields() {
        assert!(Kind::Mod(7).satisfies(Bound::Field));
        assert!(!Kind::Mod(6).satisfies(Bound::Field));
    }
}
