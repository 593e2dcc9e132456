//! lentil-diag
