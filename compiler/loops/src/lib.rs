//! Loop form: a program as loops over buffers, between unary form and machine code.
//!
//! [`lower`] turns a region into a [`Program`]: pointwise operations and index maps are fused into the nests
//! that consume them, every remaining value gets a buffer, and all buffers of a function lie in one frame.
//! [`eval`] interprets a program slowly and says what it means.

pub mod check;
pub mod eval;
mod fuse;
mod lower;
pub mod options;
mod plan;
pub mod print;
mod reading;
mod scalar;
pub mod syntax;

pub use lower::lower;
pub use options::{Options, Refusal};
pub use syntax::Program;
