//! What the tests of the whole compiler share: where things are, how a program is taken through the
//! passes, how outcomes are compared, and numbers that are the same in every run.

pub mod agree;
pub mod files;
pub mod golden;
pub mod near;
pub mod passes;
pub mod productions;
pub mod program;
pub mod rig;
