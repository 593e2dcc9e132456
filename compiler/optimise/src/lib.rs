//! Optimisation of unary form: batching, and rewriting by equations.

mod accumulate;
mod depend;
mod einsum;
mod measure;
mod options;
mod view;

pub mod batch;
pub mod raise;
pub mod vectorise;

pub use batch::batch;
pub use options::{Arithmetic, VectoriseOptions};
pub use raise::raise;
pub use vectorise::vectorise;
