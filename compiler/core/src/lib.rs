//! lentil-core
