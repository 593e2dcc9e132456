//! lentil-runtime
