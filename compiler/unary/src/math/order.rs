//! The order of elements.

use std::cmp::Ordering;

/// The indices of a row's elements in order: the least first, or the greatest.
/// NaN counts as the greatest; of equal elements the one with the lowest index comes first, either way.
/// Allocates nothing.
pub fn argsort<T: PartialOrd>(row: &[T], order: &mut [i64], descending: bool) {
    for (k, index) in order.iter_mut().enumerate() {
        *index = k as i64;
    }
    // With the index as the last word no two elements are equal, so that any sort is a stable one.
    order.sort_unstable_by(|&i, &j| {
        let (x, y) = (&row[i as usize], &row[j as usize]);
        let (x, y) = if descending { (y, x) } else { (x, y) };
        compare_numbers(x, y).then(i.cmp(&j))
    });
}

/// A total order: NaN above all numbers, and equal to itself.
fn compare_numbers<T: PartialOrd>(x: &T, y: &T) -> Ordering {
    // Only a NaN is not equal to itself.
    let nan = |x: &T| x.partial_cmp(x).is_none();
    x.partial_cmp(y).unwrap_or_else(|| nan(x).cmp(&nan(y)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<T: PartialOrd>(row: &[T], descending: bool) -> Vec<i64> {
        let mut order = vec![-1; row.len()];
        argsort(row, &mut order, descending);
        order
    }

    #[test]
    fn the_lowest_index_comes_first_on_a_tie() {
        assert_eq!(sorted(&[3.0, 1.0, 3.0, 1.0], false), [1, 3, 0, 2]);
        assert_eq!(sorted(&[3.0, 1.0, 3.0, 1.0], true), [0, 2, 1, 3]);
        assert_eq!(sorted(&[0.0, -0.0], false), [0, 1]);
        assert_eq!(sorted(&[0.0, -0.0], true), [0, 1]);
    }

    #[test]
    fn no_number_counts_as_the_greatest() {
        let row = [f64::NAN, f64::INFINITY, -f64::NAN, f64::NEG_INFINITY];
        assert_eq!(sorted(&row, false), [3, 1, 0, 2]);
        assert_eq!(sorted(&row, true), [0, 2, 1, 3]);
    }

    #[test]
    fn the_least_integer_is_the_least() {
        assert_eq!(sorted(&[0, i64::MIN, i64::MAX], false), [1, 0, 2]);
        assert_eq!(sorted(&[0, i64::MIN, i64::MAX], true), [2, 0, 1]);
        assert!(sorted::<i64>(&[], true).is_empty());
    }
}
