//! Optimisation of unary form: batching, and rewriting by equations.

mod accumulate;
mod cost;
mod depend;
mod einsum;
mod extract;
mod figure;
mod graph;
mod guard;
mod measure;
mod options;
mod pieces;
mod rules;
mod view;

pub mod batch;
pub mod blocks;
pub mod optimise;
pub mod raise;
pub mod vectorise;

pub use batch::batch;
pub use blocks::blocks;
pub use cost::region_cost;
pub use optimise::{Report, optimise, optimise_reported};
pub use options::{Arithmetic, Derivatives, Options, VectoriseOptions};
pub use raise::raise;
pub use rules::{Validity, laws};
pub use vectorise::vectorise;
