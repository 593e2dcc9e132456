//! lentil-reverse
