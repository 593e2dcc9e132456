//! The `lentil` command.
fn main() {}
