//! Lentil: a language of parametrised lenses, and its compiler.
//!
//! A program runs forwards to predict and backwards to learn; the backward half is derived. This crate
//! compiles programs, calls their functions, takes gradients and trains learners; the command `lentil`
//! is made of it.
//!
//! ```
//! let program = lentil::Program::from_source(
//!     "import nn.dense
//!      import loss.quadratic
//!
//!      fn energy(w: Real[2, 3], b: Real[2], x: Real[3]) -> Real =
//!        quadratic(dense(w, b; x), [1.0, 0.0])",
//! )?;
//! let energy = program.function("energy")?;
//! let (w, b, x) = ([[1.0, 0.0, 2.0], [0.5, 1.0, 0.0]], [0.0, 1.0], [1.0, 2.0, 3.0]);
//! assert_eq!(energy.call(&[w.into(), b.into(), x.into()])?.number(), Some(24.125));
//! let slope = energy.gradient()?.call(&[w.into(), b.into(), x.into()])?;
//! assert_eq!(slope.get("b").map(lentil::Value::numbers), Some(vec![6.0, 3.5]));
//! # Ok::<(), lentil::Error>(())
//! ```
//!
//! What cannot be done is an [`Error`], whose `Display` shows the place in the source:
//!
//! ```
//! let error = lentil::Program::from_source("fn f(x: Real) -> Real = y").unwrap_err();
//! assert!(error.to_string().contains("<source>:1:25"));
//! ```
//!
//! In the order in which a program passes through: [`program`] reads and checks it, [`draft`] is what
//! core lowers, [`pipeline`] compiles that, [`machine`] runs it; [`function`] and [`learner`] are what
//! is made of it.

pub mod circuit;
pub mod cost;
pub mod data;
pub mod decode;
pub mod draft;
pub mod error;
pub mod function;
pub mod law;
pub mod learner;
pub mod loader;
pub mod machine;
pub mod pipeline;
pub mod predict;
pub mod program;
pub mod render;
pub mod session;
pub mod stage;
pub mod start;
pub mod stdlib;
pub mod surface;
pub mod train;
pub mod trained;
pub mod value;
pub mod watch;

mod ahead;
mod epochs;
mod worker;

pub use error::Error;
pub use function::Function;
pub use learner::Learner;
pub use lentil_unary::carrier::{Carrier, Type};
pub use lentil_unary::value::Array;
pub use pipeline::Options;
pub use program::Program;
pub use session::Session;
pub use value::Value;

/// The Rust in the README, run as it stands.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
