//! lentil-loops
