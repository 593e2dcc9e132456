//! All evaluators agree: that of unary form as lowered and at each stage, that of loops, machine code
//! with every bit kept, machine code as it is by default, and machine code of 64 samples a word.

mod generated;
mod gradients;
mod lanes;
mod language;
mod traps;

use lentil_tests::agree::all_agree;
