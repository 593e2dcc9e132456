//! Published results, reproduced.

mod ascent;
mod iris;
mod optics;
mod truth;
