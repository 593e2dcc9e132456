//! What compiled programs and their driver meet in the outside world: tables of data and the
//! encoders that turn them into arrays, splits and epoch orders, parameter files, figures of merit,
//! and the two narrow gates through which a training loop is watched and stopped.
//!
//! Nothing here knows the terminal, the source language or the code generator. Whatever the
//! outside world does wrong comes back as a [`RuntimeError`], which carries all that is needed to
//! say what happened, where, and what to do.
//!
//! From a table to an array to learn from:
//!
//! ```
//! use std::path::Path;
//! use lentil_runtime::csv::{Limits, read_from};
//! use lentil_runtime::encode::Encoder;
//! use lentil_runtime::split::{Rule, split};
//! use lentil_runtime::table::{ColumnType, Schema};
//! use lentil_unary::carrier::Carrier;
//!
//! let text = "width,note\n1.0,a\n3.0,b\n8.0,c\n";
//! let schema = Schema::new([("width", ColumnType::Real)]);
//! let table = read_from(text.as_bytes(), Path::new("t.csv"), &schema, &Limits::default())?;
//! let rows = split(&table, &Rule::Ordered { train: 0.67 })?;
//! let width = Encoder::Column("width".to_string());
//! let encoder = Encoder::Standardize(Box::new(Encoder::List(vec![width])));
//! let fitted = encoder.fit(&table, &rows.train, Carrier::F64)?;
//! assert_eq!(fitted.tensors("data.input")["data.input.mean"].to_f64(), [2.0]);
//! assert_eq!(fitted.apply(&table, &rows.test)?.to_f64(), [6.0]);
//! # Ok::<(), lentil_runtime::RuntimeError>(())
//! ```

pub mod atomic;
pub mod csv;
pub mod encode;
pub mod error;
pub mod interrupt;
pub mod kernels;
pub mod metrics;
pub mod params;
pub mod report;
pub mod split;
pub mod table;

mod closest;

pub use closest::closest;
pub use error::RuntimeError;
