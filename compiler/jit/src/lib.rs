//! Machine code from loop form, by Cranelift. The only crate that knows Cranelift.
//!
//! [`compile`] lowers a region to loops and makes machine code of them; an [`Instance`] owns the memory that
//! the code runs in and can be run any number of times. Only products of large matrices allocate in a run.

// The calls into compiled code and the memory it runs in; each block states why it is sound.
#![allow(unsafe_code)]

mod code;
mod function;
mod instance;
mod memory;
mod nest;
mod piece;
mod scalar;
mod symbols;
mod vector;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lentil_loops::{Program, lower};
use lentil_unary::{Array, Region, Site, Trap};

use code::Code;
pub use code::{asm_text, clif_text};
pub use instance::{Element, Instance};
pub use lentil_loops::{Options, Refusal};

/// The site of a run that was given up.
pub const GIVEN_UP: Site = Site(u32::MAX);

/// A program as machine code.
pub struct Compiled {
    code: Arc<Code>,
    program: Arc<Program>,
}

/// Compiles a region, or says why it cannot be.
pub fn compile(region: &Region, options: &Options) -> Result<Compiled, Refusal> {
    compile_program(lower(region, options)?)
}

/// Compiles a program in loop form.
pub fn compile_program(program: Program) -> Result<Compiled, Refusal> {
    Ok(Compiled {
        code: Arc::new(Code::new(&program)?),
        program: Arc::new(program),
    })
}

impl Compiled {
    /// The results at arguments, or where the run stopped.
    /// In a program with lanes, arguments are the same in all lanes, and results those of the first.
    ///
    /// # Panics
    /// If the arguments are not of the parameters' types.
    pub fn run(&self, args: &[Array]) -> Result<Vec<Array>, Trap> {
        static NEVER: AtomicBool = AtomicBool::new(false);
        self.run_until(args, &NEVER)
    }

    /// The same, unless the flag is raised: see [`Instance::step_until`].
    ///
    /// # Panics
    /// If the arguments are not of the parameters' types.
    pub fn run_until(&self, args: &[Array], stop: &AtomicBool) -> Result<Vec<Array>, Trap> {
        assert_eq!(
            args.len(),
            self.program.params.len(),
            "the arguments of a program"
        );
        let mut instance = self.instance();
        for (k, arg) in args.iter().enumerate() {
            instance.set_input(k, arg);
        }
        instance.step_until(stop)?;
        Ok((0..self.program.results.len())
            .map(|k| instance.output(k))
            .collect())
    }

    /// Memory to run the program in. All elements of the inputs are zero bits at first.
    pub fn instance(&self) -> Instance {
        Instance::new(self.code.clone(), self.program.clone())
    }

    /// The program in loop form.
    pub fn program(&self) -> &Program {
        &self.program
    }
}
