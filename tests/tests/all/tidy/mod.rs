//! The house in order: borders between crates, sizes of files, words and places that do not belong,
//! a page for every error, a row for every primitive.

mod codes;
mod layers;
mod primitives;
mod sources;
