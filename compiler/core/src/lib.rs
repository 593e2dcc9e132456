//! From syntax trees to unary form: names, types and sizes, models, lenses, learners.
//!
//! One evaluator does both halves of the work (see [`elaborate`]): over symbolic sizes it *checks*
//! every definition once; over numbers it *lowers* what is asked for. The design's separate typed
//! tree is not needed: what it would record, the evaluator knows when it gets there.

pub mod check;
pub mod data;
pub mod elaborate;
pub mod env;
mod fields;
pub mod frame;
pub mod module;
pub mod program;
mod recursion;
pub mod session;
pub mod size;
pub mod spelling;
mod stack;
pub mod supply;
mod tangents;
pub mod ty;
pub mod value;

pub use module::Loader;
pub use program::{
    Choice, Claim, Explained, Failure, ItemClass, ItemInfo, Law, LawStatic, Learner, Lowered,
    Options, Param, Program, Role, StaticClass,
};
pub use session::Session;
