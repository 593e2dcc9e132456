//! Sessions on the command line, with the binary as it is built.

mod bench;
mod bits;
mod init;
mod iris;
mod readme;
mod refusals;
mod repl;
mod resume;
mod small;
mod stages;
mod support;
