//! A learner, and the programs that make it up.

use lentil_unary::{Carrier, Region, Type};

use super::{Failure, Lowered, Options, Param, Program, Role};
use crate::data::DataSpec;
use crate::elaborate::{Elaborator, LearnerSpec};
use crate::ty::Ty;

/// A learner, and the programs that make it up.
#[derive(Debug)]
pub struct Learner<'p> {
    program: &'p Program,
    spec: LearnerSpec,
    options: Options,
    /// Its name.
    pub name: String,
    /// Its parameters and its model's states by path: all that a prediction needs.
    pub params: Vec<(String, Type)>,
    /// Its optimizer's state by path.
    pub states: Vec<(String, Type)>,
    /// The examples.
    pub data: DataSpec,
    /// Examples in a step.
    pub batch: usize,
    /// Passes over the training rows.
    pub epochs: usize,
    /// The seed of initial parameters and of the order of examples.
    pub seed: u64,
    /// Whether each pass has an order of its own.
    pub shuffle: bool,
    /// What the report is called.
    pub report: Option<String>,
    /// Whether steps draw random numbers, so that they take a key.
    pub keyed: bool,
    /// One example's input.
    pub input: Type,
    /// One example's target.
    pub target: Type,
    /// One example's output.
    pub output: Vec<Type>,
}

impl<'p> Learner<'p> {
    pub(super) fn new(program: &'p Program, spec: LearnerSpec, options: Options) -> Learner<'p> {
        let real = options.real;
        let one = |ty: &Ty| {
            let leaves = ty.leaves(real).unwrap_or_default();
            leaves.into_iter().next().unwrap_or(Type::scalar(real))
        };
        let mut params = Vec::new();
        for p in &spec.params {
            named_leaves(&p.path, &p.ty, real, &mut params);
        }
        let mut states = Vec::new();
        for (name, ty) in &spec.states {
            named_leaves(name, ty, real, &mut states);
        }
        Learner {
            program,
            options,
            name: spec.name.clone(),
            params,
            states,
            data: spec.data.clone(),
            batch: spec.batch,
            epochs: spec.epochs,
            seed: spec.seed,
            shuffle: spec.shuffle,
            keyed: spec.keyed(),
            report: spec.report_name.clone(),
            input: one(&spec.data.input_ty),
            target: one(&spec.data.target_ty),
            output: spec.output_ty.leaves(real).unwrap_or_default(),
            spec,
        }
    }

    /// `(key) -> params…, states…`.
    pub fn initial(&self) -> Result<Lowered, Failure> {
        self.lowered(|e, spec| e.initial_region(spec))
    }

    /// `(params…, states…, inputs, targets) -> params…, states…, loss`: one step on a batch. If it is
    /// keyed it takes the examples' row numbers and the step's key too.
    pub fn step(&self, batch: usize) -> Result<Lowered, Failure> {
        self.lowered(|e, spec| e.step_region(spec, batch))
    }

    /// `(params…, states…, inputs, targets, order) -> params…, states…, losses`: one pass over all
    /// `rows` in the given order, a loss for each step; the last step may be smaller. If it is
    /// keyed it takes a key and the number of its first step too.
    pub fn epoch(&self, rows: usize) -> Result<Lowered, Failure> {
        self.lowered(|e, spec| e.epoch_region(spec, rows))
    }

    /// `(params…, inputs) -> outputs` of `rows` examples.
    pub fn predict(&self, rows: usize) -> Result<Lowered, Failure> {
        self.lowered(|e, spec| e.predict_region(spec, rows))
    }

    /// `(params…, input) -> output` of one example.
    pub fn model(&self) -> Result<Lowered, Failure> {
        self.lowered(|e, spec| e.model_region(spec))
    }

    /// `(params…, inputs, targets) -> losses, scores` of `rows` examples; scores if there is a report.
    pub fn evaluate(&self, rows: usize) -> Result<Lowered, Failure> {
        self.lowered(|e, spec| e.evaluate_region(spec, rows))
    }

    fn lowered(
        &self,
        f: impl FnOnce(&mut Elaborator<'_>, &LearnerSpec) -> Option<Region> + Send,
    ) -> Result<Lowered, Failure> {
        self.program.elaborate(&self.options, self.spec.span, |e| {
            let region = f(e, &self.spec)?;
            let params = region
                .params()
                .iter()
                .enumerate()
                .map(|(i, ty)| Param {
                    name: self
                        .params
                        .iter()
                        .chain(&self.states)
                        .nth(i)
                        .map_or_else(|| format!("x{i}"), |(n, _)| n.clone()),
                    ty: Ty::unit(),
                    leaves: vec![ty.clone()],
                    role: if i < self.params.len() {
                        Role::Weight
                    } else {
                        Role::Input
                    },
                })
                .collect();
            Some(Lowered {
                region,
                params,
                result: Ty::unit(),
                sites: e.sites.clone(),
            })
        })
    }
}

fn named_leaves(name: &str, ty: &Ty, real: Carrier, out: &mut Vec<(String, Type)>) {
    match ty {
        Ty::Record(fields) => {
            for (field, ty) in fields {
                named_leaves(&format!("{name}.{field}"), ty, real, out);
            }
        }
        Ty::Tuple(parts) => {
            for (i, ty) in parts.iter().enumerate() {
                named_leaves(&format!("{name}.{i}"), ty, real, out);
            }
        }
        Ty::Array(..) | Ty::Key | Ty::Arrow(..) | Ty::Space(..) => {
            let leaves = ty.leaves(real).unwrap_or_default();
            out.extend(leaves.into_iter().map(|t| (name.to_string(), t)));
        }
    }
}
