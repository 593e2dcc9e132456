//! Every code has a page.

use std::path::Path;

use lentil_runtime::RuntimeError;
use lentil_runtime::error::TITLES;

#[test]
fn every_code_has_a_page_that_opens_with_its_title() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors");
    for (code, title) in TITLES {
        let page = std::fs::read_to_string(pages.join(format!("{code}.md"))).expect(code);
        let first = page.lines().next().unwrap_or_default();
        assert_eq!(first, format!("# {code}: {title}"));
        for section in ["## What happened", "## Example", "## How to fix it"] {
            assert!(page.contains(section), "{code} lacks `{section}`");
        }
    }
}

#[test]
fn codes_are_in_order_and_each_once() {
    assert!(TITLES.is_sorted_by(|(a, _), (b, _)| a < b));
}

#[test]
fn an_error_knows_its_title_and_hint() {
    let error = RuntimeError::LossNotFinite {
        epoch: 2,
        step: 5,
        loss: f64::INFINITY,
    };
    assert_eq!(error.title(), "loss is not finite");
    assert_eq!(error.to_string(), "epoch 2, step 5: the loss is inf");
    assert_eq!(
        error.hint().as_deref(),
        Some("lower the rate, clip the gradients, or scale the inputs")
    );
    assert_eq!(error.path(), None);
}
