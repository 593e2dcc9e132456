//! Recorded outputs, each beside the input it belongs to.

use crate::files::root;

/// Compares with `FOLDER/NAME.snap`, where the folder is given from the root.
///
/// # Panics
/// If it differs. `INSTA_UPDATE=always` records it anew.
pub fn golden(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
