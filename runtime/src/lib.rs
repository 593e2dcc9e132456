//! What compiled programs and their driver meet in the outside world: tables of data and the
//! encoders that turn them into arrays, splits and epoch orders, parameter files, figures of merit,
//! and the two narrow gates through which a training loop is watched and stopped.
//!
//! Nothing here knows the terminal, the source language or the code generator. Whatever the
//! outside world does wrong comes back as a [`RuntimeError`], which carries all that is needed to
//! say what happened, where, and what to do.

pub mod csv;
pub mod encode;
pub mod error;
pub mod interrupt;
pub mod metrics;
pub mod params;
pub mod report;
pub mod split;
pub mod table;

mod atomic;
mod closest;

pub use closest::closest;
pub use error::RuntimeError;
