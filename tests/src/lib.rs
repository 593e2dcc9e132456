//! lentil-tests
