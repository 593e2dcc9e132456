//! AIGER, the format of and-inverter graphs (Biere, *The AIGER And-Inverter Graph Format*, 2007; 1.9, 2011):
//! ASCII (`aag`) and binary (`aig`), combinational circuits.

mod read;
mod text;
mod write;

pub use read::read;
pub use text::ReadError;
pub use write::{count_ands, write_ascii, write_binary};
