//! A checked program, and what can be made of it.

use lentil_diag::{Diagnostic, Severity, Sources, Span};
use lentil_grammar::ast::ItemKind;
use lentil_unary::{Carrier, Function, Op, Region, Type};
use std::sync::Arc;

use crate::check::in_order;
use crate::data::DataSpec;
use crate::elaborate::{Elaborator, LearnerSpec, Mode};
use crate::module::{DefId, Loader, ModuleId, Modules, item_name};
use crate::stack::deep;
use crate::ty::{Kind, Ty};
use crate::value::{Env, Value};

/// A parsed, bound and checked program.
#[derive(Debug)]
pub struct Program {
    sources: Sources,
    modules: Modules,
    good: bool,
}

/// How a program is lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What `Real` is: [`Carrier::F32`] or [`Carrier::F64`].
    pub real: Carrier,
}

impl Default for Options {
    fn default() -> Options {
        Options { real: Carrier::F32 }
    }
}

/// Why a program, or an expression in it, could not be lowered.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What is wrong, in source order.
    pub diagnostics: Vec<Diagnostic>,
    /// The sources the places are in.
    pub sources: Sources,
}

/// Something in unary form. It may still hold derivatives to be resolved.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The program.
    pub region: Region,
    /// What its parameters are, in order.
    pub params: Vec<Param>,
    /// What its results are.
    pub result: Ty,
    /// The place of each run-time check, by its site's number.
    pub sites: Vec<Span>,
}

/// A parameter of a lowered program.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name, or its path.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// The slots it takes.
    pub leaves: Vec<Type>,
    /// What it is for.
    pub role: Role,
}

/// What a parameter of a lowered program is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A learnt parameter.
    Weight,
    /// An input.
    Input,
    /// A cotangent of the result.
    Cotangent,
}

/// An item of the root file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemInfo {
    /// Its name; the title of a test or a law.
    pub name: String,
    /// What it is.
    pub class: ItemClass,
    /// Its documentation.
    pub docs: Vec<String>,
}

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ItemClass {
    Fn,
    Model,
    Lens,
    Optimizer,
    Data,
    Learner,
    Test,
    Law,
}

impl Program {
    /// Parses, binds and checks a program. It exists even with errors, but then nothing is lowered.
    /// Diagnostics come in source order.
    pub fn load(name: &str, text: &str, loader: &dyn Loader) -> (Program, Vec<Diagnostic>) {
        let mut sources = Sources::new();
        let root = sources.add(name, text);
        let (modules, mut diagnostics) = crate::module::load(root, &mut sources, loader);
        // A file that does not parse is not checked: most of what would be said follows from that.
        if diagnostics.is_empty() {
            diagnostics = crate::check::check(&modules);
        }
        let diagnostics = in_order(diagnostics);
        let good = diagnostics.iter().all(|d| d.severity != Severity::Error);
        (
            Program {
                sources,
                modules,
                good,
            },
            diagnostics,
        )
    }

    /// All sources, the root first.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The items of the root file.
    pub fn items(&self) -> Vec<ItemInfo> {
        let root = self.modules.get(self.modules.root());
        root.file
            .items
            .iter()
            .filter_map(|item| {
                let (class, title) = match &item.kind {
                    ItemKind::Import(_) => return None,
                    ItemKind::Fn(_) => (ItemClass::Fn, None),
                    ItemKind::Model(_) => (ItemClass::Model, None),
                    ItemKind::Lens(_) => (ItemClass::Lens, None),
                    ItemKind::Optimizer(_) => (ItemClass::Optimizer, None),
                    ItemKind::Data(_) => (ItemClass::Data, None),
                    ItemKind::Learner(_) => (ItemClass::Learner, None),
                    ItemKind::Test(t) => (ItemClass::Test, Some(t.title.clone())),
                    ItemKind::Law(l) => (ItemClass::Law, Some(l.title.clone())),
                };
                let name = title.or_else(|| item_name(item).map(|n| n.text.clone()))?;
                Some(ItemInfo {
                    name,
                    class,
                    docs: item.docs.clone(),
                })
            })
            .collect()
    }

    /// The titles of the root file's tests.
    pub fn tests(&self) -> Vec<String> {
        self.items()
            .into_iter()
            .filter(|i| i.class == ItemClass::Test)
            .map(|i| i.name)
            .collect()
    }

    /// A map or model that an expression names (`relu`, `dense[4, 16]`), as unary form:
    /// its parameters by path, then its inputs.
    pub fn lower(&self, expr: &str, options: &Options) -> Result<Lowered, Failure> {
        self.lower_map(expr, options).map(|(lowered, _)| lowered)
    }

    /// Its reverse derivative: the same parameters and the cotangents of the result, to the
    /// cotangents of all parameters, as a node that is still to be resolved.
    pub fn lower_reverse(&self, expr: &str, options: &Options) -> Result<Lowered, Failure> {
        let (lowered, name) = self.lower_map(expr, options)?;
        let function = Arc::new(Function {
            name,
            region: lowered.region.clone(),
        });
        let changes = lowered.result.changes();
        let cotangent = Param {
            name: "dy".to_string(),
            leaves: changes.leaves(options.real).unwrap_or_default(),
            ty: changes,
            role: Role::Cotangent,
        };
        let params = [lowered.params.clone(), vec![cotangent]].concat();
        let types: Vec<Type> = params.iter().flat_map(|p| p.leaves.clone()).collect();
        let mut builder = lentil_unary::Builder::new(types);
        let slots = builder.param_slots();
        let results = builder.emit(Op::Reverse(function), &slots);
        let result = Ty::Record(
            lowered
                .params
                .iter()
                .map(|p| (p.name.as_str().into(), p.ty.changes()))
                .collect(),
        );
        Ok(Lowered {
            region: builder.finish(results),
            params,
            result,
            sites: lowered.sites,
        })
    }

    fn lower_map(&self, text: &str, options: &Options) -> Result<(Lowered, String), Failure> {
        self.with_expr(text, options, |e, expr, env| {
            // What it is, before anything is emitted.
            let (model, params, inputs) = e.checked(|e| {
                let value = e.expr(expr, env);
                if value.is_error() {
                    return None;
                }
                let model = e.as_model(value, expr.span)?;
                let params = e.params(&model)?;
                let inputs = e.input_types(&model);
                Some((model, params, inputs))
            })?;
            let Some(inputs) = inputs else {
                let title = "the inputs of this are not known";
                let label = "its sizes are open, or it begins with a map of any type";
                e.error(
                    Diagnostic::error("E0337", title, expr.span, label)
                        .hint("give its sizes in brackets, as in `dense[4, 16]`"),
                );
                return None;
            };
            let record = Ty::Record(
                params
                    .iter()
                    .map(|p| (p.path.clone(), p.ty.clone()))
                    .collect(),
            );
            let args = Ty::Tuple([vec![record], inputs.clone()].concat());
            let names = e.input_names(&model);
            let (finished, result) = e.closed_region(&args, |e, args| {
                let Value::Tuple(mut parts) = args else {
                    return Value::Error;
                };
                let params = parts.remove(0);
                // Again, now that the numbers it holds have a place.
                let value = e.expr(expr, env);
                let Some(model) = e.as_model(value, expr.span) else {
                    return Value::Error;
                };
                let value = e.apply_closed(&model, &params, parts, expr.span);
                let value = e.settle(value, expr.span);
                if !value.is_first_order() && !value.is_error() {
                    let title = "this is not a map between values";
                    let label = format!("its result is {}", value.describe());
                    return e.error(Diagnostic::error("E0339", title, expr.span, label));
                }
                value
            })?;
            let mut out = Vec::new();
            for p in params {
                out.push(e.param(p.path.to_string(), p.ty, Role::Weight));
            }
            for (k, ty) in inputs.into_iter().enumerate() {
                let name = names.get(k).cloned().unwrap_or_else(|| format!("x{k}"));
                out.push(e.param(name, ty, Role::Input));
            }
            let lowered = Lowered {
                region: finished.region,
                params: out,
                result,
                sites: e.sites.clone(),
            };
            let name: String = text
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            Some((lowered, name))
        })
    }

    /// The value of a closed expression of the root file.
    pub fn lower_value(&self, text: &str, options: &Options) -> Result<Lowered, Failure> {
        self.with_expr(text, options, |e, expr, env| {
            let (finished, result) = e.closed_region(&Ty::unit(), |e, _| {
                let value = e.expr(expr, env);
                let value = e.settle(value, expr.span);
                if !value.is_first_order() && !value.is_error() {
                    let title = "this is not a value that can be computed";
                    let label = format!("this is {}", value.describe());
                    return e.error(Diagnostic::error("E0339", title, expr.span, label));
                }
                value
            })?;
            Some(Lowered {
                region: finished.region,
                params: Vec::new(),
                result,
                sites: e.sites.clone(),
            })
        })
    }

    /// A test of the root file, by its position among them: one `Bool`, whether it holds.
    pub fn lower_test(&self, index: usize, options: &Options) -> Result<Lowered, Failure> {
        let root = self.modules.root();
        let tests = self
            .modules
            .get(root)
            .file
            .items
            .iter()
            .filter_map(|i| match &i.kind {
                ItemKind::Test(t) => Some(t),
                _ => None,
            });
        let Some(test) = tests.clone().nth(index) else {
            return Err(self.failure(Vec::new()));
        };
        self.elaborate(options, test.body.span, |e| {
            let (finished, result) = e.closed_region(&Ty::unit(), |e, _| {
                let value = e.expr(&test.body, &Env::module(root));
                e.truth(value)
            })?;
            Some(Lowered {
                region: finished.region,
                params: Vec::new(),
                result,
                sites: e.sites.clone(),
            })
        })
    }

    /// A learner of the root file; `None` is the only one there.
    pub fn learner(&self, name: Option<&str>, options: &Options) -> Result<Learner<'_>, Failure> {
        let root = self.modules.root();
        let items = &self.modules.get(root).file.items;
        let learners: Vec<(usize, &str, Span)> = items
            .iter()
            .enumerate()
            .filter_map(|(i, item)| match &item.kind {
                ItemKind::Learner(l) => Some((i, l.name.text.as_str(), l.name.span)),
                _ => None,
            })
            .collect();
        let file = self.modules.get(root).file.span;
        let head = Span {
            end: file.start,
            ..file
        };
        let chosen = match name {
            Some(name) => match learners.iter().find(|(_, n, _)| *n == name) {
                Some(found) => found,
                None => {
                    let title = format!("there is no learner `{name}`");
                    let mut d = Diagnostic::error("E0434", title, head, "not in this file");
                    let known: Vec<&str> = learners.iter().map(|(_, n, _)| *n).collect();
                    if !known.is_empty() {
                        d = d.hint(format!("it has `{}`", known.join("`, `")));
                    }
                    return Err(self.failure(vec![d]));
                }
            },
            None => match &learners[..] {
                [one] => one,
                [] => {
                    let title = "this file has no learner";
                    let d = Diagnostic::error("E0434", title, head, "nothing to train").hint(
                        "write `learner name = { model = …, loss = …, optimizer = …, data = … }`",
                    );
                    return Err(self.failure(vec![d]));
                }
                [first, rest @ ..] => {
                    let title = "this file has several learners";
                    let mut d = Diagnostic::error("E0434", title, first.2, "this is one");
                    for (_, _, span) in rest {
                        d = d.label(*span, "this is another");
                    }
                    let hint = format!("say which, for example `{}`", first.1);
                    return Err(self.failure(vec![d.hint(hint)]));
                }
            },
        };
        let def = DefId {
            module: root,
            item: chosen.0 as u32,
        };
        let spec = self.elaborate(options, chosen.2, |e| e.learner(def))?;
        Ok(Learner::new(self, spec, *options))
    }

    fn failure(&self, diagnostics: Vec<Diagnostic>) -> Failure {
        Failure {
            diagnostics,
            sources: self.sources.clone(),
        }
    }

    fn elaborate<T: Send>(
        &self,
        options: &Options,
        place: Span,
        f: impl FnOnce(&mut Elaborator<'_>) -> Option<T> + Send,
    ) -> Result<T, Failure> {
        if !self.good {
            return Err(self.failure(Vec::new()));
        }
        let real = options.real;
        let (out, mut diagnostics) = deep(|| {
            let mut e = Elaborator::new(&self.modules, Mode::Lower(real));
            let out = f(&mut e);
            (out, e.finish())
        });
        if out.is_none() && diagnostics.is_empty() {
            let title = "this cannot be made into a program of arrays";
            let label = "its result is no value that can be computed";
            diagnostics.push(Diagnostic::error("E0339", title, place, label));
        }
        match out {
            Some(out) if diagnostics.is_empty() => Ok(out),
            _ => Err(self.failure(diagnostics)),
        }
    }

    fn with_expr<T: Send>(
        &self,
        text: &str,
        options: &Options,
        f: impl FnOnce(&mut Elaborator<'_>, &lentil_grammar::ast::Expr, &Env) -> Option<T> + Send,
    ) -> Result<T, Failure> {
        let mut sources = self.sources.clone();
        let source = sources.add("<expression>", text);
        let (expr, diagnostics) = lentil_grammar::parse_expr(source, text);
        if !diagnostics.is_empty() {
            return Err(Failure {
                diagnostics,
                sources,
            });
        }
        let env = Env::module(ModuleId(0));
        let fail = |diagnostics| Failure {
            diagnostics,
            sources: sources.clone(),
        };
        if self.good {
            // Checked like a definition, so that what is wrong is shown in the user's expression.
            let said = deep(|| {
                let mut checker = Elaborator::new(&self.modules, Mode::Check);
                checker.expr(&expr, &env);
                checker.finish()
            });
            if !said.is_empty() {
                return Err(fail(said));
            }
        }
        self.elaborate(options, expr.span, |e| f(e, &expr, &env))
            .map_err(|failure| fail(failure.diagnostics))
    }
}

/// A learner, and the programs that make it up.
#[derive(Debug)]
pub struct Learner<'p> {
    program: &'p Program,
    spec: LearnerSpec,
    options: Options,
    /// Its name.
    pub name: String,
    /// Its parameters by path.
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
    /// One example's input.
    pub input: Type,
    /// One example's target.
    pub target: Type,
    /// One example's output.
    pub output: Vec<Type>,
}

impl<'p> Learner<'p> {
    fn new(program: &'p Program, spec: LearnerSpec, options: Options) -> Learner<'p> {
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

    /// `(params…, states…, inputs, targets) -> params…, states…, loss`: one step on a batch.
    pub fn step(&self, batch: usize) -> Result<Lowered, Failure> {
        self.lowered(|e, spec| e.step_region(spec, batch))
    }

    /// `(params…, states…, inputs, targets, order) -> params…, states…, losses`: one pass over all
    /// `rows` in the given order, a loss for each step; the last step may be smaller.
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

impl Elaborator<'_> {
    fn param(&self, name: String, ty: Ty, role: Role) -> Param {
        Param {
            name,
            leaves: self.leaf_types(&ty),
            ty,
            role,
        }
    }

    /// A condition of any shape as one `Bool`: whether all of it holds.
    fn truth(&mut self, value: Value) -> Value {
        let parts = match value {
            Value::Tuple(parts) => parts,
            Value::Record(fields) => fields.into_iter().map(|(_, v)| v).collect(),
            Value::Array(a) if a.kind == Kind::Bool => {
                let axes = (0..a.shape.len()).collect();
                let fold = lentil_unary::Fold::All;
                let prim = lentil_unary::Prim::Reduce { fold, axes };
                return Value::Array(self.array(Kind::Bool, Vec::new(), |_| prim, &[&a]));
            }
            _ => return Value::Error,
        };
        let mut all = Value::Array(self.literal(&Kind::Bool, 1));
        for part in parts {
            let part = self.truth(part);
            all = self.binary(lentil_unary::BinaryOp::And, all, part, Span::default());
        }
        all
    }
}
