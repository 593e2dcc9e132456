//! lentil-circuit
