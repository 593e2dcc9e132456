//! Trees without their places, to compare them.

/// The debug form of a tree with every place left out.
pub fn bare(debug: &str) -> String {
    const PLACE: &str = "Span { source: SourceId(";
    let mut out = String::with_capacity(debug.len());
    let mut rest = debug;
    while let Some(at) = rest.find(PLACE) {
        out.push_str(&rest[..at]);
        rest = match rest[at..].find('}') {
            Some(end) => &rest[at + end + 1..],
            None => "",
        };
    }
    out + rest
}
