//! Lentil
