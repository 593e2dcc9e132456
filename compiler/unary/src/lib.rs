//! Unary form: the one intermediate form between the typed core and loops.
//!
//! A program is a sequence of primitive arrows `Γ -> Γ, A…`.
//! Each reads some slots of its context and appends its results, so a program has no variables and no binders.
//! Source: Huot and Shaikhha, *Denotationally Correct, Purely Functional, Efficient Reverse-mode
//! Automatic Differentiation* (arXiv 2212.09801), extended by arrays, loops, conditionals and calls.

pub mod build;
pub mod carrier;
pub mod check;
pub mod dice;
pub mod eval;
pub mod generate;
pub mod linear;
pub mod math;
pub mod parse;
pub mod prim;
pub mod print;
pub mod random;
pub mod range;
pub mod rebuild;
pub mod simplify;
pub mod syntax;
pub mod table;
pub mod typing;
pub mod value;
pub mod watch;

pub use build::Builder;
pub use carrier::{Carrier, Literal, Type};
pub use lentil_linalg as linalg;
pub use lentil_linalg::LinalgOp;
pub use prim::{BinaryOp, CompareOp, Fold, Prim, UnaryOp};
pub use rebuild::{Rebuild, Rebuilt, rebuild};
pub use syntax::{Ends, Function, Lens, Loop, Op, Region, Site, Slot, Step};
pub use value::{Array, Data, Trap};
