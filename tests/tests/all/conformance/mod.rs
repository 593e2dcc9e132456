//! Published results, reproduced.

mod ascent;
mod iris;
mod truth;
