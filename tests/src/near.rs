//! When two outcomes are the same, or near enough.

use lentil_unary::{Array, Data, Trap};

/// What a run gives.
pub type Outcome = Result<Vec<Array>, Trap>;

/// Whether two outcomes agree bit for bit. Which NaN a NaN is, is open.
pub fn same(x: &Outcome, y: &Outcome) -> bool {
    match (x, y) {
        (Ok(x), Ok(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same_array(x, y)),
        (Err(x), Err(y)) => x == y,
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

/// Whether two arrays agree bit for bit. Which NaN a NaN is, is open.
pub fn same_array(x: &Array, y: &Array) -> bool {
    if x.ty() != y.ty() {
        return false;
    }
    match (x.data(), y.data()) {
        (Data::F32(x), Data::F32(y)) => x
            .iter()
            .zip(y)
            .all(|(x, y)| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()),
        (Data::F64(x), Data::F64(y)) => x
            .iter()
            .zip(y)
            .all(|(x, y)| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()),
        (x, y) => x == y,
    }
}

/// Whether two outcomes agree, each array relative to its size as a whole; rings exactly.
pub fn close(x: &Outcome, y: &Outcome, tolerance: f64) -> bool {
    match (x, y) {
        (Ok(x), Ok(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| close_array(x, y, tolerance))
        }
        (Err(x), Err(y)) => x == y,
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

/// Whether two arrays agree relative to their size as a whole; over rings, exactly.
pub fn close_array(x: &Array, y: &Array, tolerance: f64) -> bool {
    if x.ty() != y.ty() {
        return false;
    }
    if !x.ty().carrier.is_real() {
        return x == y;
    }
    error(&x.to_f64(), &y.to_f64()) <= tolerance
}

/// The distance of two vectors, relative to their size as a whole (at least one).
/// Equal infinities and two NaN differ by nothing.
pub fn error(x: &[f64], y: &[f64]) -> f64 {
    assert_eq!(x.len(), y.len(), "vectors of different lengths");
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>().sqrt();
    let gap = |(&a, &b): (&f64, &f64)| match a == b || a.is_nan() && b.is_nan() {
        true => 0.0,
        false => a - b,
    };
    let size = norm(&mut y.iter().copied().filter(|y| y.is_finite()));
    let error = norm(&mut x.iter().zip(y).map(gap)) / size.max(1.0);
    match error.is_nan() {
        true => f64::INFINITY,
        false => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_not_near() {
        assert!(error(&[1.0, 2.0], &[1.0, 2.1]) > 0.01);
        assert!(error(&[f64::NAN], &[1.0]) > 1.0);
        assert!(error(&[f64::INFINITY], &[1.0]) > 1.0);
        assert_eq!(error(&[f64::NAN, 1.0], &[f64::NAN, 1.0]), 0.0);
    }
}
