//! Simpler values: numbers towards zero, one and small whole numbers, functions towards simple ones,
//! arrays of larger sizes to parts of them.

use lentil_core::ty::Ty;
use lentil_unary::Carrier;

use super::drawn::{Drawn, Numbers, array_type};

/// Values that are simpler than one and of its type, the simplest first.
pub fn simpler(value: &Drawn) -> Vec<Drawn> {
    match value {
        Drawn::Array(numbers) => {
            let all = simpler_numbers(numbers).into_iter();
            all.map(Drawn::Array).collect()
        }
        Drawn::Key(seed) => {
            let simple = [0, 1].into_iter().filter(|s| s < seed);
            simple.map(Drawn::Key).collect()
        }
        Drawn::Tuple(parts) => {
            let with = |k: usize, part: Drawn| {
                let mut parts = parts.clone();
                parts[k] = part;
                Drawn::Tuple(parts)
            };
            let parts = parts.iter().enumerate();
            parts
                .flat_map(|(k, part)| simpler(part).into_iter().map(move |p| (k, p)))
                .map(|(k, part)| with(k, part))
                .collect()
        }
        Drawn::Record(fields) => {
            let with = |k: usize, part: Drawn| {
                let mut fields = fields.clone();
                fields[k].1 = part;
                Drawn::Record(fields)
            };
            let fields = fields.iter().enumerate();
            fields
                .flat_map(|(k, (_, part))| simpler(part).into_iter().map(move |p| (k, p)))
                .map(|(k, part)| with(k, part))
                .collect()
        }
        Drawn::Function(function) => {
            let all = function.shrinks().into_iter();
            all.map(Drawn::Function).collect()
        }
    }
}

/// Arrays of the same type that are simpler.
pub fn simpler_numbers(numbers: &Numbers) -> Vec<Numbers> {
    let own = total(&numbers.elements);
    let mut out: Vec<Numbers> = Vec::new();
    let mut offer = |elements: Vec<f64>| {
        let made = Numbers::new(&numbers.kind, numbers.ty.clone(), &elements);
        if total(&made.elements) < own && !out.contains(&made) {
            out.push(made);
        }
    };
    let n = numbers.elements.len();
    offer(vec![0.0; n]);
    offer(vec![1.0; n]);
    // Runs of elements at once, then one by one.
    let mut run = n / 2;
    while run > 1 {
        for start in (0..n).step_by(run) {
            let mut elements = numbers.elements.clone();
            let end = n.min(start + run);
            elements[start..end].fill(0.0);
            offer(elements);
        }
        run /= 2;
    }
    for k in 0..n.min(64) {
        for x in plainer(numbers.ty.carrier, numbers.elements[k]) {
            let mut elements = numbers.elements.clone();
            elements[k] = x;
            offer(elements);
        }
    }
    out
}

fn plainer(carrier: Carrier, x: f64) -> Vec<f64> {
    let mut out = vec![0.0, 1.0, -1.0, 2.0];
    out.extend([
        x.abs(),
        x.trunc(),
        x.signum() * x.abs().ceil(),
        (x / 2.0).trunc(),
        x - x.signum(),
    ]);
    if carrier.is_real() {
        out.extend([(x * 2.0).round() / 2.0, (x * 10.0).round() / 10.0, x / 2.0]);
    }
    out
}

/// How far a number is from simple: shrinking only ever makes it less.
pub fn plainness(x: f64) -> usize {
    let text = x.to_string().len();
    match x {
        _ if x == 0.0 => 0,
        _ if x == 1.0 => 1,
        _ if x.fract() == 0.0 && x.abs() < 10.0 => 2 + usize::from(x < 0.0) + 2 * x.abs() as usize,
        _ if (x * 2.0).fract() == 0.0 && x.abs() < 10.0 => 30 + text,
        _ if x.fract() == 0.0 => 40 + x.abs().min(1e4) as usize,
        _ => 20_000 + text,
    }
}

fn total(elements: &[f64]) -> usize {
    elements.iter().map(|x| plainness(*x)).sum()
}

/// A value at a type that differs in its sizes: the leading part of each array, filled up with zeros.
/// `None` for functions that depend on sizes in their text.
pub fn resized(value: &Drawn, ty: &Ty, real: Carrier) -> Option<Drawn> {
    match (value, ty) {
        (Drawn::Array(numbers), Ty::Array(kind, _)) => {
            let ty = array_type(ty, real)?;
            let mut elements = vec![0.0; ty.len()];
            for (at, element) in elements.iter_mut().enumerate() {
                if let Some(from) = position(at, &ty.shape, &numbers.ty.shape) {
                    *element = numbers.elements[from];
                }
            }
            Some(Drawn::Array(Numbers::new(kind, ty, &elements)))
        }
        (Drawn::Key(seed), Ty::Key) => Some(Drawn::Key(*seed)),
        (Drawn::Tuple(parts), Ty::Tuple(types)) => {
            let parts = parts.iter().zip(types);
            let parts = parts.map(|(part, ty)| resized(part, ty, real));
            Some(Drawn::Tuple(parts.collect::<Option<_>>()?))
        }
        (Drawn::Record(fields), Ty::Record(types)) => {
            let fields = fields.iter().zip(types);
            let fields =
                fields.map(|((n, part), (_, ty))| Some((n.clone(), resized(part, ty, real)?)));
            Some(Drawn::Record(fields.collect::<Option<_>>()?))
        }
        (Drawn::Function(function), Ty::Arrow(from, to)) => {
            Some(Drawn::Function(function.resized(from, to, real)?))
        }
        _ => None,
    }
}

/// Where an element of one shape stands in another, if it is there.
fn position(mut at: usize, shape: &[usize], other: &[usize]) -> Option<usize> {
    let mut indices = Vec::new();
    for &n in shape.iter().rev() {
        indices.push(at % n);
        at /= n;
    }
    let mut out = 0;
    for (&n, &index) in other.iter().zip(indices.iter().rev()) {
        if index >= n {
            return None;
        }
        out = out * n + index;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lentil_core::ty::Kind;
    use lentil_unary::Type;

    fn numbers(elements: &[f64]) -> Numbers {
        let ty = Type::array(Carrier::F64, [elements.len()]);
        Numbers::new(&Kind::Real, ty, elements)
    }

    #[test]
    fn numbers_shrink_to_zero_or_as_far_as_they_fail() {
        let shrink = |fails: fn(&[f64]) -> bool, start: &[f64]| {
            let mut at = numbers(start);
            while let Some(next) = simpler_numbers(&at)
                .into_iter()
                .find(|n| fails(&n.elements))
            {
                at = next;
            }
            at.elements
        };
        assert_eq!(shrink(|_| true, &[3.25, -1e9]), [0.0, 0.0]);
        assert_eq!(shrink(|x| x[0] < 0.0, &[-7.123, 4.0]), [-1.0, 0.0]);
        assert_eq!(shrink(|x| x[0] > 2.5, &[981.37, 4.0]), [3.0, 0.0]);
        assert_eq!(shrink(|x| x[0] != x[1], &[981.37, 4.5]), [0.0, 1.0]);
    }

    #[test]
    fn resizing_keeps_what_stays() {
        let ty = |shape: &[i128]| {
            let sizes = shape.iter().map(|&n| lentil_core::size::Size::constant(n));
            Ty::Array(Kind::Real, sizes.collect())
        };
        let whole = Drawn::Array(Numbers::new(
            &Kind::Real,
            Type::array(Carrier::F32, [2, 3]),
            &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        ));
        let part = |shape| match resized(&whole, &ty(shape), Carrier::F32) {
            Some(Drawn::Array(numbers)) => numbers.elements,
            _ => panic!("an array"),
        };
        assert_eq!(part(&[2, 2]), [1.0, 2.0, 4.0, 5.0]);
        assert_eq!(part(&[1, 3]), [1.0, 2.0, 3.0]);
        assert!(part(&[0, 3]).is_empty());
    }
}
