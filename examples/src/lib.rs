//! Programs and data that show what the language is for, and what their tests need.

pub mod gradbench;
