//! The tests of the whole compiler, in one binary so that it is linked once.

mod agree;
mod conformance;
mod laws;
mod tidy;
