//! Evaluation of the syntax tree over [`crate::value::Value`]s: checking and lowering in one.
//!
//! *Checking* evaluates each definition once, with rigid size and carrier variables for its static
//! parameters: nothing is emitted, and what the body's operations demand of sizes and carriers is
//! proved or refused with a place. A call looks only at the callee's signature.
//!
//! *Lowering* evaluates an expression with numbers for sizes and emits unary form on the way.
//! Functions, models and learners are compile-time values, so they vanish here; a call of a
//! top-level definition is lowered once for each combination of static arguments and stays a call.

mod approx;
mod arith;
mod builtin;
mod call;
mod coerce;
mod comprehension;
mod constant;
mod define;
mod derive;
mod expr;
mod fold;
mod index;
mod learner;
mod leaves;
mod lens;
mod lift;
mod literal;
mod model;
mod name;
mod optimizer;
mod product;
mod region;
mod sizes;
mod statics;
mod types;

use std::collections::HashMap;
use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Carrier, Function, Op, Prim, Site};

use crate::frame::Frames;
use crate::module::Modules;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, At, Value};

pub use builtin::{Row as BuiltinRow, TABLE as BUILTINS};
pub(crate) use comprehension::for_children;
pub use learner::LearnerSpec;

/// Calls nested deeper than this are refused; there is no recursion, so only generated programs get there.
const MAX_DEPTH: usize = 400;

/// A region that grows beyond this many steps is refused: the program unrolls too much.
const MAX_STEPS: usize = 2_000_000;

/// Whether expressions are checked or lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Sizes may be variables; nothing is emitted.
    Check,
    /// Sizes are numbers; unary form is emitted, with `Real` as this carrier.
    Lower(Carrier),
}

/// The evaluator.
#[derive(Debug)]
pub struct Elaborator<'a> {
    pub(crate) modules: &'a Modules,
    pub(crate) mode: Mode,
    pub(crate) frames: Frames,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The place of each run-time check.
    pub(crate) sites: Vec<Span>,
    /// What sizes are assumed to be at least zero while checking (`where n >= k` gives `n - k`).
    pub(crate) assumptions: Vec<Size>,
    memo: HashMap<define::MemoKey, define::Lowered>,
    depth: usize,
    next_var: u32,
}

impl<'a> Elaborator<'a> {
    /// An evaluator of a program.
    pub fn new(modules: &'a Modules, mode: Mode) -> Elaborator<'a> {
        Elaborator {
            modules,
            mode,
            frames: Frames::default(),
            diagnostics: Vec::new(),
            sites: Vec::new(),
            assumptions: Vec::new(),
            memo: HashMap::new(),
            depth: 0,
            next_var: 0,
        }
    }

    /// Reports an error.
    pub(crate) fn error(&mut self, diagnostic: Diagnostic) -> Value {
        self.diagnostics.push(diagnostic);
        Value::Error
    }

    pub(crate) fn lowering(&self) -> bool {
        matches!(self.mode, Mode::Lower(_))
    }

    pub(crate) fn real(&self) -> Carrier {
        match self.mode {
            Mode::Lower(real) => real,
            Mode::Check => Carrier::F32,
        }
    }

    pub(crate) fn fresh(&mut self) -> u32 {
        self.next_var += 1;
        self.next_var
    }

    /// Evaluates without emitting anything, for a type; what is reported on the way is dropped.
    pub(crate) fn dry<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let mode = std::mem::replace(&mut self.mode, Mode::Check);
        let reported = self.diagnostics.len();
        let out = f(self);
        self.diagnostics.truncate(reported);
        self.mode = mode;
        out
    }

    /// Runs one level deeper, or reports that the program nests too deeply.
    pub(crate) fn deeper(&mut self, span: Span, f: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.depth >= MAX_DEPTH {
            let title = "this program nests too deeply";
            let label =
                format!("more than {MAX_DEPTH} definitions or expressions inside each other");
            return self.error(Diagnostic::error("E0501", title, span, label));
        }
        if self.frames.len() > MAX_STEPS {
            let title = "this program grows too large when it is specialised";
            let label = format!("more than {MAX_STEPS} operations in one function");
            return self.error(Diagnostic::error("E0502", title, span, label));
        }
        self.depth += 1;
        let out = f(self);
        self.depth -= 1;
        out
    }

    /// The number under which a run-time check is known.
    pub(crate) fn site(&mut self, span: Span) -> Site {
        let known = self.sites.iter().position(|&s| s == span);
        let index = known.unwrap_or_else(|| {
            self.sites.push(span);
            self.sites.len() - 1
        });
        Site(index as u32)
    }

    /// Sizes as numbers. Only while lowering, when they are.
    pub(crate) fn numbers(&self, shape: &[Size]) -> Vec<usize> {
        shape
            .iter()
            .map(|s| {
                s.as_constant()
                    .and_then(|n| usize::try_from(n).ok())
                    .unwrap_or(0)
            })
            .collect()
    }

    /// Emits an operation with one result while lowering; nothing while checking.
    pub(crate) fn emit(&mut self, op: impl FnOnce(&mut Self) -> Op, args: &[&Arr]) -> Option<At> {
        if !self.lowering() {
            return None;
        }
        let op = op(self);
        let args: Option<Vec<At>> = args.iter().map(|a| a.at).collect();
        Some(self.frames.emit(op, &args?)[0])
    }

    /// An array made by a primitive.
    pub(crate) fn array(
        &mut self,
        kind: Kind,
        shape: Vec<Size>,
        prim: impl FnOnce(&mut Self) -> Prim,
        args: &[&Arr],
    ) -> Arr {
        let at = self.emit(|e| Op::Prim(prim(e)), args);
        Arr {
            kind,
            shape,
            at,
            range: None,
        }
    }

    /// A function of unary form.
    pub(crate) fn function(&self, name: &str, region: lentil_unary::Region) -> Arc<Function> {
        Arc::new(Function {
            name: name.to_string(),
            region,
        })
    }

    /// Refuses a size that would not fit in memory; `true` if it fits.
    pub(crate) fn fits_memory(&mut self, ty: &Ty, span: Span) -> bool {
        const LIMIT: i128 = 1 << 36;
        let mut ok = true;
        if let Ty::Array(_, shape) = ty {
            let numbers: Option<Vec<i128>> = shape.iter().map(Size::as_constant).collect();
            if let Some(numbers) = numbers {
                let product = numbers
                    .iter()
                    .try_fold(1i128, |p, &n| p.checked_mul(n.max(1)));
                ok = product.is_some_and(|p| p <= LIMIT);
                if let Some(negative) = numbers.iter().find(|&&n| n < 0) {
                    let title = format!("the size `{negative}` is negative");
                    self.error(Diagnostic::error(
                        "E0504",
                        title,
                        span,
                        format!("this is `{ty}`"),
                    ));
                    return false;
                }
            }
        }
        if !ok {
            let title = "this array would not fit in memory";
            self.error(Diagnostic::error(
                "E0503",
                title,
                span,
                format!("this is `{ty}`"),
            ));
        }
        ok
    }
}
