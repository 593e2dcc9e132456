//! lentil-grammar
