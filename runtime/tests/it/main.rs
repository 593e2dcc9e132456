//! The runtime against files: good ones, hostile ones, and the data that is shipped.

mod conformance;
mod csv;
mod encode;
mod pages;
mod params;
mod split;
mod support;
