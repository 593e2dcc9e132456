//! Values at random: mostly of everyday size, with the special ones that laws fail at.

use lentil_core::ty::{Kind, Ty};
use lentil_unary::dice::Dice;
use lentil_unary::{Carrier, Type};

use super::drawn::{Drawn, Numbers, array_type};
use super::function::{Function, Scope};

/// A value of a type whose sizes are known; `None` for what is refused before.
///
/// `level` grows from 0 for the first cases to 100 for the last ones: simple values come first. At 0
/// numbers are small: programs that are drawn may raise them to high powers.
pub fn draw(ty: &Ty, real: Carrier, level: usize, scope: &Scope, dice: &mut Dice) -> Option<Drawn> {
    Some(match ty {
        Ty::Array(kind, _) => {
            let ty = array_type(ty, real)?;
            let elements = elements(kind, &ty, level, dice);
            Drawn::Array(Numbers::new(kind, ty, &elements))
        }
        Ty::Key => Drawn::Key(match dice.chance(20) {
            true => dice.below(3) as i64,
            false => dice.below(1 << 32) as i64,
        }),
        Ty::Tuple(parts) => Drawn::Tuple(
            parts
                .iter()
                .map(|t| draw(t, real, level, scope, dice))
                .collect::<Option<_>>()?,
        ),
        Ty::Record(fields) => Drawn::Record(
            fields
                .iter()
                .map(|(n, t)| Some((n.to_string(), draw(t, real, level, scope, dice)?)))
                .collect::<Option<_>>()?,
        ),
        Ty::Arrow(from, to) => Drawn::Function(Function::draw(from, to, real, level, scope, dice)),
        Ty::Space(_) => return None,
    })
}

/// Every value of a type in turn, by its number below [`count`].
pub fn nth(ty: &Ty, real: Carrier, number: &mut u64) -> Option<Drawn> {
    let mut digit = |base: u64| {
        let digit = *number % base;
        *number /= base;
        digit as f64
    };
    Some(match ty {
        Ty::Array(kind, _) => {
            let ty = array_type(ty, real)?;
            // An empty array has no elements, whatever its carrier.
            let base = values(kind).or(ty.is_empty().then_some(1))?;
            let elements: Vec<f64> = (0..ty.len()).map(|_| digit(base)).collect();
            Drawn::Array(Numbers::new(kind, ty, &elements))
        }
        Ty::Tuple(parts) => Drawn::Tuple(
            parts
                .iter()
                .map(|t| nth(t, real, number))
                .collect::<Option<_>>()?,
        ),
        Ty::Record(fields) => Drawn::Record(
            fields
                .iter()
                .map(|(n, t)| Some((n.to_string(), nth(t, real, number)?)))
                .collect::<Option<_>>()?,
        ),
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => return None,
    })
}

/// How many values a type has, if they are few enough to be counted.
pub fn count(ty: &Ty) -> Option<u64> {
    match ty {
        Ty::Array(kind, shape) => {
            let sizes = shape.iter().map(|n| n.as_constant());
            let elements = sizes.product::<Option<i128>>()?;
            match elements {
                0 => Some(1),
                n => values(kind)?.checked_pow(u32::try_from(n).ok()?),
            }
        }
        Ty::Tuple(parts) => product(parts.iter()),
        Ty::Record(fields) => product(fields.iter().map(|(_, t)| t)),
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => None,
    }
}

/// How many values several types have together.
pub fn product<'t>(mut types: impl Iterator<Item = &'t Ty>) -> Option<u64> {
    types.try_fold(1u64, |product, ty| product.checked_mul(count(ty)?))
}

/// How many elements a finite carrier has.
fn values(kind: &Kind) -> Option<u64> {
    match kind {
        Kind::Bit | Kind::Bool => Some(2),
        Kind::Mod(n) => Some(u64::from(*n)),
        Kind::Category(names) => Some(names.len() as u64),
        Kind::Real | Kind::Real64 | Kind::Int | Kind::Var(..) => None,
    }
}

fn elements(kind: &Kind, ty: &Type, level: usize, dice: &mut Dice) -> Vec<f64> {
    let mut out: Vec<f64> = Vec::with_capacity(ty.len());
    // Some arrays are all zeros or all ones, which laws like to be wrong about.
    let constant = match dice.below(40) {
        0 => Some(0.0),
        1 => Some(1.0),
        _ => None,
    };
    for _ in 0..ty.len() {
        let x = match (constant, out.last()) {
            (Some(x), _) => x,
            // A tie, a near one, or a value and its negative.
            (None, Some(&last)) if dice.chance(8) => last,
            (None, Some(&last)) if kind.is_real() && dice.chance(4) => last * (1.0 + 1e-3),
            (None, Some(&last)) if kind.is_real() && dice.chance(4) => -last,
            (None, _) => element(ty.carrier, level, dice),
        };
        out.push(x);
    }
    out
}

fn element(carrier: Carrier, level: usize, dice: &mut Dice) -> f64 {
    match carrier {
        Carrier::F32 | Carrier::F64 => real(carrier, level, dice),
        Carrier::Bit | Carrier::Bool => dice.below(2) as f64,
        Carrier::Mod(n) => match dice.chance(30) {
            true => [0, 1, n - 1][dice.below(3)] as f64,
            false => dice.below(n as usize) as f64,
        },
        Carrier::Int => match dice.below(10) {
            0..3 => [0.0, 1.0, -1.0][dice.below(3)],
            3..9 => dice.below(21) as f64 - 10.0,
            _ => dice.below(2001) as f64 - 1000.0,
        },
    }
}

/// Zero, ones, small whole numbers and halves; ordinary numbers; tiny and large ones. Large numbers
/// stay where squares of them, subtracted, keep the digits that `~=` asks for.
fn real(carrier: Carrier, level: usize, dice: &mut Dice) -> f64 {
    let sign = [1.0, -1.0][dice.below(2)];
    let large = if carrier == Carrier::F64 { 1e3 } else { 30.0 };
    match dice.below(100) {
        0..10 => 0.0,
        10..22 => sign,
        22..38 => sign * dice.below(if level > 0 { 6 } else { 3 }) as f64,
        38..46 => sign * (0.5 + dice.below(if level > 0 { 4 } else { 2 }) as f64),
        46..76 => sign * round(2.0 * dice.unit()),
        76..84 if level > 10 => sign * round(10.0 * dice.unit()),
        84..92 if level > 20 => sign * 1e-3 * dice.unit(),
        92..95 if level > 20 => sign * large * dice.unit(),
        _ => sign * dice.unit(),
    }
}

/// To three digits behind the point, to be read more easily.
fn round(x: f64) -> f64 {
    (x * 1000.0).round() / 1000.0
}
