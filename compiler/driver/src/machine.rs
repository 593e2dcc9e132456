//! What runs programs: machine code, or the evaluator. Both are used in the same way.

use lentil_runtime::interrupt::Interrupt;
use lentil_unary::{Array, Region, Trap, eval};

/// A program that can be run.
pub enum Machine {
    /// As machine code.
    Code(lentil_jit::Compiled),
    /// By the interpreter of unary form.
    Evaluator(Region),
}

/// Memory to run a program in, again and again.
pub enum Instance {
    /// Of machine code.
    Code(lentil_jit::Instance),
    /// Of the interpreter.
    Evaluator {
        /// The program.
        region: Region,
        /// What it runs on.
        inputs: Vec<Array>,
        /// What the last run gave.
        outputs: Vec<Array>,
    },
}

impl Machine {
    /// The results at arguments, or where the run stopped.
    ///
    /// # Panics
    /// If the arguments are not of the parameters' types.
    pub fn run(&self, args: &[Array]) -> Result<Vec<Array>, Trap> {
        match self {
            Machine::Code(code) => code.run(args),
            Machine::Evaluator(region) => eval::eval(region, args),
        }
    }

    /// The same, unless the flag is raised: machine code looks at it between the iterations of its
    /// loops, and stops with a trap. The evaluator does not look.
    ///
    /// # Panics
    /// If the arguments are not of the parameters' types.
    pub fn run_until(&self, args: &[Array], stop: &Interrupt) -> Result<Vec<Array>, Trap> {
        match self {
            Machine::Code(code) => code.run_until(args, stop.flag()),
            Machine::Evaluator(region) => eval::eval(region, args),
        }
    }

    /// Memory to run it in; the inputs are zeros at first.
    pub fn instance(&self) -> Instance {
        match self {
            Machine::Code(code) => Instance::Code(code.instance()),
            Machine::Evaluator(region) => Instance::Evaluator {
                region: region.clone(),
                inputs: region.params().iter().map(Array::zeros).collect(),
                outputs: region.result_types().iter().map(Array::zeros).collect(),
            },
        }
    }
}

impl Instance {
    /// Sets an input.
    ///
    /// # Panics
    /// If it is not of the input's type.
    pub fn set_input(&mut self, k: usize, array: &Array) {
        match self {
            Instance::Code(instance) => instance.set_input(k, array),
            Instance::Evaluator { inputs, .. } => {
                assert_eq!(array.ty(), inputs[k].ty(), "input {k}");
                inputs[k] = array.clone();
            }
        }
    }

    /// Runs the program once on the inputs as they are.
    pub fn step(&mut self) -> Result<(), Trap> {
        match self {
            Instance::Code(instance) => instance.step(),
            Instance::Evaluator {
                region,
                inputs,
                outputs,
            } => {
                *outputs = eval::eval(region, inputs)?;
                Ok(())
            }
        }
    }

    /// An output of the last run.
    pub fn output(&self, k: usize) -> Array {
        match self {
            Instance::Code(instance) => instance.output(k),
            Instance::Evaluator { outputs, .. } => outputs[k].clone(),
        }
    }

    /// Makes an output the next run's input; the output holds the old input then.
    ///
    /// # Panics
    /// If they are of different types.
    pub fn feed_back(&mut self, output: usize, input: usize) {
        match self {
            Instance::Code(instance) => instance.feed_back(output, input),
            Instance::Evaluator {
                inputs, outputs, ..
            } => {
                assert_eq!(outputs[output].ty(), inputs[input].ty(), "output {output}");
                std::mem::swap(&mut outputs[output], &mut inputs[input]);
            }
        }
    }
}
