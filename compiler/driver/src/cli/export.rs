//! `lentil export`

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use lentil::loader;
use lentil_circuit::{Netlist, aiger, blif, verilog};

use super::terminal::remark;
use super::{Outcome, compile};

/// Write a trained model over bits as a circuit
///
/// The parameters are part of the circuit; its inputs and outputs are those of the model for one example.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil export iris_bits.lentil --params iris_circuit.safetensors --format aiger
  lentil export iris_bits.lentil iris_circuit --format verilog --out -")]
pub struct Args {
    /// The program
    file: PathBuf,
    /// The learner; may be left out if there is only one
    learner: Option<String>,
    /// The parameter file; `<learner>.safetensors` in this folder otherwise
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// The format
    #[arg(long, value_enum)]
    format: Format,
    /// Where it goes, `-` for the standard output; `<learner>.aig` and the like in this folder otherwise
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    compile: compile::Args,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// AIGER, binary
    Aiger,
    /// AIGER, as text
    AigerAscii,
    /// BLIF
    Blif,
    /// Structural Verilog
    Verilog,
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Format::Aiger => "aig",
            Format::AigerAscii => "aag",
            Format::Blif => "blif",
            Format::Verilog => "v",
        }
    }

    fn bytes(self, netlist: &Netlist, name: &str) -> Vec<u8> {
        match self {
            Format::Aiger => aiger::write_binary(netlist),
            Format::AigerAscii => aiger::write_ascii(netlist).into_bytes(),
            Format::Blif => blif::write(netlist, name).into_bytes(),
            Format::Verilog => verilog::write(netlist, name).into_bytes(),
        }
    }
}

pub fn run(args: &Args) -> Outcome {
    let program = args.compile.program(&args.file)?;
    let learner = program.learner(args.learner.as_deref())?;
    let default = PathBuf::from(format!("{}.safetensors", learner.name));
    let trained = learner.restore(args.params.as_ref().unwrap_or(&default))?;
    let netlist = learner.netlist(Some(&trained))?;
    let bytes = args.format.bytes(&netlist, &learner.name);
    let default = PathBuf::from(format!("{}.{}", learner.name, args.format.ending()));
    let path = args.out.as_ref().unwrap_or(&default);
    if path.as_os_str() == "-" {
        let mut out = std::io::stdout().lock();
        out.write_all(&bytes)?;
        return Ok(out.flush()?);
    }
    loader::replace(path, &bytes)?;
    let (inputs, outputs) = (netlist.inputs().len(), netlist.outputs().len());
    let ands = aiger::count_ands(&netlist);
    remark(&format!(
        "{}: {inputs} inputs, {outputs} outputs, {ands} ands",
        path.display()
    ));
    Ok(())
}
