//! The nearest of several names, for hints.

/// The candidate that is nearest to `name` by edit distance, letters compared without case, if one
/// is near enough to be what was meant. The first wins among equals.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = letters(name);
    // A third of the letters may differ; of very short names, none but their case.
    let mut best = (wanted.len() / 3 + 1, None);
    for candidate in candidates {
        let found = letters(candidate);
        // Hostile names may be long; those that cannot win are not measured.
        if found.len().abs_diff(wanted.len()) >= best.0 {
            continue;
        }
        let distance = distance(&wanted, &found);
        if distance < best.0 {
            best = (distance, Some(candidate));
        }
    }
    best.1
}

fn letters(name: &str) -> Vec<char> {
    // Longer names than this are not mistyped but something else.
    name.chars()
        .flat_map(char::to_lowercase)
        .take(256)
        .collect()
}

/// Levenshtein's distance: insertions, deletions and replacements, one each.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["setosa", "versicolor", "virginica"];
        assert_eq!(closest("Setosa", names), Some("setosa"));
        assert_eq!(closest("versicolour", names), Some("versicolor"));
        assert_eq!(closest("rose", names), None);
        assert_eq!(closest("", names), None);
    }

    #[test]
    fn distance_counts_edits() {
        let d = |a: &str, b: &str| distance(&letters(a), &letters(b));
        assert_eq!(d("kitten", "sitting"), 3);
        assert_eq!(d("", "abc"), 3);
        assert_eq!(d("same", "same"), 0);
    }
}
