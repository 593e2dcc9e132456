//! The known name that a misspelt one is closest to.

/// The closest of the known names, if it is close.
pub fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let limit = (length / 3).max(1);
    known
        .filter(|k| k.chars().count().abs_diff(length) <= limit)
        .map(|k| (distance(name, k), k))
        .filter(|&(d, _)| d <= limit)
        .min()
        .map(|(_, k)| k)
}

/// The number of insertions, deletions and substitutions from one word to another (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_near() {
        let known = ["dense", "relu", "adam"];
        assert_eq!(closest("dens", known.into_iter()), Some("dense"));
        assert_eq!(closest("adma", known.into_iter()), None);
        assert_eq!(closest("convolution", known.into_iter()), None);
    }
}
