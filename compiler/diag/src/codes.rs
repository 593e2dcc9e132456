//! The page of every error code, from `docs/errors`.

use std::sync::LazyLock;

/// What is said about an error code at length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The code, such as `E0101`.
    pub code: &'static str,
    /// The title, in lower case and without the code.
    pub title: &'static str,
    /// The whole page, in Markdown, with its heading.
    pub text: &'static str,
}

/// The page of a code.
pub fn page(code: &str) -> Option<&'static Page> {
    let at = PAGES.binary_search_by_key(&code, |page| page.code).ok()?;
    PAGES.get(at)
}

/// All pages, in order of their codes.
pub fn pages() -> &'static [Page] {
    &PAGES
}

/// The code and the text of every file in `docs/errors`, in order; the build script lists them.
const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let page = |&(code, text): &(&'static str, &'static str)| {
        let heading = text.lines().next().unwrap_or_default();
        let title = heading.split_once(": ").map_or(heading, |(_, title)| title);
        Page { code, title, text }
    };
    TEXTS.iter().map(page).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_headed_by_its_code() {
        assert!(pages().is_sorted_by_key(|p| p.code));
        for page in pages() {
            let heading = format!("# {}: {}\n\n", page.code, page.title);
            assert!(page.text.starts_with(&heading), "heading of {}", page.code);
            let digits = page.code.strip_prefix('E').unwrap_or_default();
            assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()));
        }
    }

    #[test]
    fn a_page_is_found_by_its_code() {
        let page = page("E0110").expect("a code of the grammar has a page");
        assert_eq!(page.title, "`>>` and `|` are mixed without parentheses");
        assert_eq!(super::page("E9999"), None);
        assert_eq!(super::page(""), None);
    }
}
