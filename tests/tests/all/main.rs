//! The tests of the whole compiler, in one binary so that it is linked once.

mod agree;
mod conformance;
mod counts;
mod errors;
mod gradbench;
mod hostile;
mod laws;
mod manual;
mod repl;
mod run;
mod slopes;
mod stages;
mod tidy;
mod tour;
