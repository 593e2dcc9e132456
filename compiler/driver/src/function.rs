//! Functions and models, compiled.

use lentil_unary::carrier::{Literal, Type};
use lentil_unary::{Array, Builder, Slot};

use crate::draft::{Draft, Input, Places, refusal};
use crate::error::Error;
use crate::machine::Machine;
use crate::pipeline::compile;
use crate::program::Program;
use crate::value::{Form, Value};

/// A compiled map: a function of the language, or a model with its parameters as first arguments.
pub struct Function {
    program: Program,
    name: String,
    /// Whether it is a derivative that was made here, so that its name is no expression.
    derived: bool,
    inputs: Vec<Input>,
    result: Form,
    places: Places,
    machine: Machine,
}

impl Function {
    pub(crate) fn compile(program: &Program, name: &str, draft: Draft) -> Result<Function, Error> {
        let Draft {
            region,
            inputs,
            result,
            places,
        } = draft;
        let machine = program.ask(move |_, options| compile(region, options));
        Ok(Function {
            program: program.clone(),
            name: name.to_string(),
            derived: false,
            inputs,
            result,
            places,
            machine: machine.map_err(|why| refusal(&why))?,
        })
    }

    /// The expression that it was compiled from.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it takes: parameters by path, then inputs.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Its value at arguments: for a model, its parameters first, then its inputs.
    ///
    /// ```
    /// let source = "fn scale(a: Real, x: Real[3]) -> Real[3] = a * x";
    /// let scale = lentil::Program::from_source(source)?.function("scale")?;
    /// let y = scale.call(&[2.0.into(), [1.0, 2.0, 3.0].into()])?;
    /// assert_eq!(y.numbers(), [2.0, 4.0, 6.0]);
    /// # Ok::<(), lentil::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the arguments do not fit, or if the computation stops at an index out of range.
    pub fn call(&self, args: &[Value]) -> Result<Value, Error> {
        if args.len() != self.inputs.len() {
            let (wanted, found) = (self.inputs.len(), args.len());
            let title = format!("`{}` takes {wanted} arguments, not {found}", self.name);
            return Err(Error::plain("E0905", title, Some(&self.signature())));
        }
        let mut leaves = Vec::new();
        for (arg, input) in args.iter().zip(&self.inputs) {
            leaves.extend(arg.leaves(&input.leaves).ok_or_else(|| {
                let Input { name, ty, .. } = input;
                let title = format!("the argument for `{name}: {ty}` does not fit");
                Error::plain("E0905", title, Some(&self.signature()))
            })?);
        }
        self.run(&leaves)
    }

    /// Its value at the arrays that its arguments consist of, which are of the right types.
    pub(crate) fn run(&self, leaves: &[Array]) -> Result<Value, Error> {
        let results = self
            .machine
            .run(leaves)
            .map_err(|trap| self.places.trap(trap))?;
        Ok(self.result.value(&mut results.into_iter()))
    }

    /// Its gradient: the same arguments, to the cotangent of each. It must give a single number.
    /// Of one argument only, the gradient is its cotangent; of several, a record by their names.
    ///
    /// # Errors
    /// If its result is not a single number that can change, or if it has no derivative.
    pub fn gradient(&self) -> Result<Function, Error> {
        let scalar =
            matches!(&self.result, Form::Array(ty) if ty.rank() == 0 && ty.differentiable());
        if !scalar {
            let title = format!(
                "only a map to a single number has a gradient, `{}` is not",
                self.name
            );
            return Err(Error::plain(
                "E0350",
                title,
                Some("`reverse` takes a cotangent of any result"),
            ));
        }
        self.derivative("gradient", at_one)
    }

    /// Its reverse derivative: its arguments and the cotangent of its result, to the cotangents of
    /// its arguments.
    ///
    /// ```
    /// let source = "fn double(x: Real[2]) -> Real[2] = 2 * x";
    /// let reverse = lentil::Program::from_source(source)?.function("double")?.reverse()?;
    /// let dx = reverse.call(&[[5.0, 6.0].into(), [1.0, 0.5].into()])?;
    /// assert_eq!(dx.numbers(), [2.0, 1.0]);
    /// # Ok::<(), lentil::Error>(())
    /// ```
    ///
    /// # Errors
    /// If it has no derivative.
    pub fn reverse(&self) -> Result<Function, Error> {
        self.derivative("reverse", unwrapped)
    }

    fn derivative(&self, what: &str, shape: fn(Draft) -> Draft) -> Result<Function, Error> {
        if self.derived {
            let title = format!("`{}` has no name in the program", self.name);
            let hint = "write it there, as in `grad(grad(f))`, and compile that";
            return Err(Error::plain("E0905", title, Some(hint)));
        }
        let draft = shape(self.program.draft_reverse(&self.name)?);
        let name = format!("{what} of {}", self.name);
        let made = Function::compile(&self.program, &name, draft)?;
        Ok(Function {
            derived: true,
            ..made
        })
    }

    /// How it is called.
    fn signature(&self) -> String {
        let inputs: Vec<String> = self
            .inputs
            .iter()
            .map(|input| format!("{}: {}", input.name, input.ty))
            .collect();
        format!("it takes `{}`", inputs.join(", "))
    }
}

/// A reverse derivative at the cotangent one.
pub(crate) fn at_one(mut draft: Draft) -> Draft {
    draft.inputs.pop();
    let types: Vec<Type> = draft
        .inputs
        .iter()
        .flat_map(|input| input.leaves.clone())
        .collect();
    let mut b = Builder::new(types.clone());
    let mut args: Vec<Slot> = b.param_slots();
    for ty in &draft.region.params()[types.len()..] {
        args.push(b.full(Literal::one(ty.carrier), &ty.shape));
    }
    let results = b.inline(&draft.region, &args);
    draft.region = b.finish(results);
    unwrapped(draft)
}

/// A record of one field as its only field.
fn unwrapped(mut draft: Draft) -> Draft {
    if let Form::Record(fields) = &mut draft.result
        && let [_] = fields[..]
        && let Some((_, only)) = fields.pop()
    {
        draft.result = only;
    }
    draft
}
