//! lentil-examples
