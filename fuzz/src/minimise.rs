//! A smaller input that shows the same.

/// The smallest input found by leaving out ever smaller parts, as long as `shows` holds of it.
pub fn minimise(input: &[u8], shows: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut best = input.to_vec();
    // A budget, since every attempt may take a while.
    let mut attempts = 2000;
    let mut size = best.len() / 2;
    while size > 0 && attempts > 0 {
        let mut at = 0;
        while at < best.len() && attempts > 0 {
            let end = (at + size).min(best.len());
            let smaller = [&best[..at], &best[end..]].concat();
            attempts -= 1;
            if shows(&smaller) {
                best = smaller;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::minimise;

    #[test]
    fn only_what_matters_is_left() {
        let input = b"some words and a needle among them";
        let mut shows = |data: &[u8]| String::from_utf8_lossy(data).contains("needle");
        assert_eq!(minimise(input, &mut shows), b"needle");
    }
}
