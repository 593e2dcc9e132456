//! lentil-jit
