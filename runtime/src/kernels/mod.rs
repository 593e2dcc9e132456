//! Kernels that compiled code calls.

// Compiled code passes pointers; each kernel says what it asks of them.
#![allow(unsafe_code)]

pub mod gemm;
pub mod linalg;
pub mod pointwise;
mod small;
mod vector;
