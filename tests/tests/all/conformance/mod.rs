//! Published results, reproduced.

mod ascent;
mod iris;
mod layers;
mod optics;
mod truth;
