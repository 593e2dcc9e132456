//! The runtime against files: good ones, hostile ones, and the data that is shipped.

mod csv;
mod pages;
mod params;
mod support;
