//! Values as an embedding program and the command line see them: arrays, tuples and records.

use std::fmt;

use lentil_core::ty::{Kind, Ty};
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::{Array, Data};

/// A first-order value of the language.
///
/// Numbers and vectors convert into values; a call converts them on into the carrier that it wants.
///
/// ```
/// use lentil::Value;
/// let x = Value::from(vec![1.0, 2.5]);
/// assert_eq!(x.to_string(), "[1.0, 2.5]");
/// assert_eq!(x.numbers(), [1.0, 2.5]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An array; a scalar has no axes.
    Array(Array),
    /// An array of classes, by their names.
    Classes(Array, Vec<String>),
    /// A product.
    Tuple(Vec<Value>),
    /// A labelled product.
    Record(Vec<(String, Value)>),
}

/// What a value looks like: a type of the language with its sizes known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Form {
    Array(Type),
    Classes(Type, Vec<String>),
    Tuple(Vec<Form>),
    Record(Vec<(String, Form)>),
}

impl Value {
    /// All numbers in it, in order.
    pub fn numbers(&self) -> Vec<f64> {
        match self {
            Value::Array(array) | Value::Classes(array, _) => array.to_f64(),
            Value::Tuple(parts) => parts.iter().flat_map(Value::numbers).collect(),
            Value::Record(fields) => fields.iter().flat_map(|(_, v)| v.numbers()).collect(),
        }
    }

    /// The number that it is, if it is a single one.
    pub fn number(&self) -> Option<f64> {
        match self.len() {
            1 => self.numbers().pop(),
            _ => None,
        }
    }

    /// How many numbers are in it.
    fn len(&self) -> usize {
        match self {
            Value::Array(array) | Value::Classes(array, _) => array.ty().len(),
            Value::Tuple(parts) => parts.iter().map(Value::len).sum(),
            Value::Record(fields) => fields.iter().map(|(_, v)| v.len()).sum(),
        }
    }

    /// A field of a record, or a part of a tuple by its number.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Array(_) | Value::Classes(..) => None,
            Value::Tuple(parts) => parts.get(name.parse::<usize>().ok()?),
            Value::Record(fields) => fields.iter().find(|(n, _)| n == name).map(|(_, v)| v),
        }
    }

    /// The array that it is, if it is one.
    pub fn array(&self) -> Option<&Array> {
        match self {
            Value::Array(array) | Value::Classes(array, _) => Some(array),
            Value::Tuple(_) | Value::Record(_) => None,
        }
    }

    /// The leaves, each converted into the type that is wanted there; `None` if the shapes differ,
    /// or if a number would change (but for the rounding of real numbers).
    pub(crate) fn leaves(&self, wanted: &[Type]) -> Option<Vec<Array>> {
        let mut found = Vec::new();
        self.collect(&mut found);
        if found.len() != wanted.len() {
            return None;
        }
        found
            .into_iter()
            .zip(wanted)
            .map(|(array, ty)| converted(array, ty))
            .collect()
    }

    /// The arrays that it consists of, in order.
    pub(crate) fn into_leaves(self) -> Vec<Array> {
        match self {
            Value::Array(array) | Value::Classes(array, _) => vec![array],
            Value::Tuple(parts) => parts.into_iter().flat_map(Value::into_leaves).collect(),
            Value::Record(fields) => {
                let parts = fields.into_iter().map(|(_, v)| v);
                parts.flat_map(Value::into_leaves).collect()
            }
        }
    }

    fn collect<'a>(&'a self, out: &mut Vec<&'a Array>) {
        match self {
            Value::Array(array) | Value::Classes(array, _) => out.push(array),
            Value::Tuple(parts) => parts.iter().for_each(|v| v.collect(out)),
            Value::Record(fields) => fields.iter().for_each(|(_, v)| v.collect(out)),
        }
    }
}

impl Form {
    /// The form of a type without functions in it, whose sizes are numbers.
    pub(crate) fn of(ty: &Ty, real: Carrier) -> Form {
        let leaf = || {
            ty.leaves(real)
                .unwrap_or_default()
                .pop()
                .unwrap_or(Type::scalar(real))
        };
        match ty {
            Ty::Array(Kind::Category(names), _) => Form::Classes(leaf(), names.to_vec()),
            Ty::Array(..) | Ty::Key | Ty::Arrow(..) | Ty::Space(..) => Form::Array(leaf()),
            Ty::Tuple(parts) => Form::Tuple(parts.iter().map(|t| Form::of(t, real)).collect()),
            Ty::Record(fields) => Form::Record(
                fields
                    .iter()
                    .map(|(n, t)| (n.to_string(), Form::of(t, real)))
                    .collect(),
            ),
        }
    }

    /// The value of this form with these leaves.
    ///
    /// # Panics
    /// If there are too few leaves.
    pub(crate) fn value(&self, leaves: &mut impl Iterator<Item = Array>) -> Value {
        let mut next = || leaves.next().expect("a leaf for each array");
        match self {
            Form::Array(_) => Value::Array(next()),
            Form::Classes(_, names) => Value::Classes(next(), names.clone()),
            Form::Tuple(parts) => Value::Tuple(parts.iter().map(|f| f.value(leaves)).collect()),
            Form::Record(fields) => Value::Record(
                fields
                    .iter()
                    .map(|(n, f)| (n.clone(), f.value(leaves)))
                    .collect(),
            ),
        }
    }
}

/// The same numbers over another carrier, if they are numbers there.
fn converted(array: &Array, ty: &Type) -> Option<Array> {
    if array.ty() == ty {
        return Some(array.clone());
    }
    if array.ty().shape != ty.shape {
        return None;
    }
    let numbers = array.to_f64();
    let made = Array::from_f64(ty.clone(), &numbers);
    let exact = ty.carrier.is_real() || made.to_f64() == numbers;
    exact.then_some(made)
}

/// As the language writes it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Array(array) => nested(f, &array.ty().shape, 0, &|f, at| scalar(f, array, at)),
            Value::Classes(array, names) => nested(f, &array.ty().shape, 0, &|f, at| match names
                .get(array.literal(at).as_i64() as usize)
            {
                Some(name) => write!(f, "{name:?}"),
                None => scalar(f, array, at),
            }),
            Value::Tuple(parts) => {
                f.write_str("(")?;
                separated(f, parts, |f, part| part.fmt(f))?;
                f.write_str(")")
            }
            Value::Record(fields) if fields.is_empty() => f.write_str("{}"),
            Value::Record(fields) => {
                f.write_str("{ ")?;
                separated(f, fields, |f, (name, value)| write!(f, "{name}: {value}"))?;
                f.write_str(" }")
            }
        }
    }
}

/// An array from its element `start` on, axis by axis.
fn nested(
    f: &mut fmt::Formatter<'_>,
    shape: &[usize],
    start: usize,
    element: &dyn Fn(&mut fmt::Formatter<'_>, usize) -> fmt::Result,
) -> fmt::Result {
    let Some((&n, rest)) = shape.split_first() else {
        return element(f, start);
    };
    let size: usize = rest.iter().product();
    f.write_str("[")?;
    let positions = (0..n).map(|i| start + i * size);
    separated(f, positions, |f, at| nested(f, rest, at, element))?;
    f.write_str("]")
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    mut one: impl FnMut(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        one(f, item)?;
    }
    Ok(())
}

fn scalar(f: &mut fmt::Formatter<'_>, array: &Array, at: usize) -> fmt::Result {
    write!(f, "{}", array.literal(at))
}

impl From<Array> for Value {
    fn from(array: Array) -> Value {
        Value::Array(array)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Array(Array::from_f64(Type::scalar(Carrier::F64), &[number]))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Array(Array::new(
            Type::scalar(Carrier::Int),
            Data::Int(vec![number]),
        ))
    }
}

impl From<bool> for Value {
    fn from(condition: bool) -> Value {
        let ty = Type::scalar(Carrier::Bool);
        Value::Array(Array::new(ty, Data::Byte(vec![u8::from(condition)])))
    }
}

impl From<Vec<f64>> for Value {
    fn from(numbers: Vec<f64>) -> Value {
        let ty = Type::array(Carrier::F64, [numbers.len()]);
        Value::Array(Array::new(ty, Data::F64(numbers)))
    }
}

impl From<&[f64]> for Value {
    fn from(numbers: &[f64]) -> Value {
        Value::from(numbers.to_vec())
    }
}

impl<const N: usize> From<[f64; N]> for Value {
    fn from(numbers: [f64; N]) -> Value {
        Value::from(numbers.to_vec())
    }
}

impl<const M: usize, const N: usize> From<[[f64; N]; M]> for Value {
    fn from(rows: [[f64; N]; M]) -> Value {
        Value::Array(Array::new(
            Type::array(Carrier::F64, [M, N]),
            Data::F64(rows.concat()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_language_has_them() {
        let classes = Array::new(Type::array(Carrier::Int, [2]), Data::Int(vec![1, 0]));
        let value = Value::Record(vec![
            ("w".to_string(), Value::from([[1.0, 2.0], [3.0, 1e-9]])),
            (
                "k".to_string(),
                Value::Classes(classes, vec!["a".to_string(), "b".to_string()]),
            ),
            (
                "t".to_string(),
                Value::Tuple(vec![Value::from(true), Value::from(-3)]),
            ),
        ]);
        let text = r#"{ w: [[1.0, 2.0], [3.0, 1e-9]], k: ["b", "a"], t: (true, -3) }"#;
        assert_eq!(value.to_string(), text);
        assert_eq!(
            value.get("t").and_then(|t| t.get("1")),
            Some(&Value::from(-3))
        );
    }

    #[test]
    fn numbers_convert_into_the_carrier_wanted_unless_they_change() {
        let bits = [Type::array(Carrier::Bit, [2])];
        let leaves = Value::from([1.0, 0.0]).leaves(&bits).unwrap();
        assert_eq!(
            leaves,
            [Array::new(bits[0].clone(), Data::Byte(vec![1, 0]))]
        );
        assert_eq!(Value::from([2.0, 0.0]).leaves(&bits), None);
        assert_eq!(Value::from([1.0]).leaves(&bits), None);
        assert_eq!(Value::from(0.1).leaves(&[Type::scalar(Carrier::Int)]), None);
        let half = Value::from(0.1)
            .leaves(&[Type::scalar(Carrier::F32)])
            .unwrap();
        assert_eq!(half[0].data(), &Data::F32(vec![0.1]));
    }
}
