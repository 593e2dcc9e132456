//! lentil-optimise
