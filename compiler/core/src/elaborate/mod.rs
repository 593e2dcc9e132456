//! Evaluation of the syntax tree over [`crate::value::Value`]s: checking and lowering in one.
//!
//! *Checking* evaluates each definition once, with rigid size and carrier variables for its static
//! parameters: nothing is emitted, and what the body's operations demand of sizes and carriers is
//! proved or refused with a place. A call looks only at the callee's signature.
//!
//! *Lowering* evaluates an expression with numbers for sizes and emits unary form on the way.
//! Functions, models and learners are compile-time values, so they vanish here; a call of a
//! top-level definition is lowered once for each combination of static arguments and stays a call.

mod alias;
mod approx;
mod arith;
pub(crate) mod bindings;
mod builtin;
mod call;
mod carry;
mod coerce;
mod comprehension;
mod cond;
mod constant;
mod define;
pub(crate) mod derive;
mod equal;
mod expr;
mod field;
mod fold;
mod given;
mod handwritten;
mod index;
mod learner;
mod leaves;
mod lens;
mod lift;
mod literal;
mod model;
mod name;
mod optimizer;
mod place;
mod product;
mod push;
mod refine;
mod region;
mod sizes;
mod statics;
pub(crate) mod types;
mod wanted;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Carrier, Function, Op, Prim, Site};

use crate::frame::Frames;
use crate::module::{DefId, Modules};
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, At, Value};

pub use builtin::{Row as BuiltinRow, TABLE as BUILTINS};
pub(crate) use comprehension::for_children;
pub use learner::LearnerSpec;
pub(crate) use model::{Need, Space, next_states, record_type, state_of, uses, using};
pub(crate) use region::{is_stackable, stacked};
pub(crate) use sizes::about_numbers;
pub(crate) use statics::is_space;

/// Calls nested deeper than this are refused; there is no recursion, so only generated programs get there.
const MAX_DEPTH: usize = 2000;

/// Loops and conditionals nested deeper than this are refused, for the sake of what comes after.
const MAX_REGIONS: usize = 600;

/// A region that grows beyond this many steps is refused: the program unrolls too much.
const MAX_STEPS: usize = 2_000_000;

/// More evaluations than this, for one item or one program that is lowered, are refused.
const MAX_WORK: usize = 1_000_000;

/// More evaluations than this, for all items together, are refused: a short file may hold many items each
/// of which needs nearly all that one may.
const MAX_WORK_OF_ALL: usize = 10 * MAX_WORK;

/// A value, a type or a parameter space of more parts than this is refused where it is made. Each `let` can
/// double the one before.
pub(crate) const MAX_PARTS: usize = 1 << 16;

/// The same of numbers that are written: an array of them may be a table.
const MAX_NUMBERS: usize = 1 << 18;

/// Models inside each other deeper than this are refused: each level makes all paths below it longer.
pub(crate) const MAX_MODELS: usize = 100;

/// What it costs, in evaluations, to copy and to compare a value or a type of so many parts: little, where
/// they are as many as anybody writes.
pub(crate) fn price(parts: usize) -> usize {
    match parts {
        0..1024 => parts / 16,
        _ => parts,
    }
}

/// After so many errors no name is compared with all others for a hint.
pub(crate) const MANY: usize = 50;

/// Whether expressions are checked or lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Sizes may be variables; nothing is emitted.
    Check,
    /// Sizes are numbers; unary form is emitted, with `Real` as this carrier.
    Lower(Carrier),
}

/// What one evaluation leaves to the next of the same modules, so that nothing is done twice.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Lowered definitions, for each meaning of `Real`.
    lowered: BTreeMap<Carrier, HashMap<define::MemoKey, define::Lowered>>,
    results: HashMap<define::MemoKey, Value>,
    sites: Vec<Span>,
    site_numbers: HashMap<Span, u32>,
    next_var: u32,
    /// How many evaluations there were.
    evaluations: usize,
}

impl Memory {
    /// How many evaluations there were.
    pub(crate) fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// How many definitions have been lowered, each use with its own sizes counted.
    pub(crate) fn lowered(&self) -> usize {
        self.lowered.values().map(HashMap::len).sum()
    }
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
    /// Definitions that lead back to themselves, and types that are wrong in themselves: they are
    /// reported once and not evaluated.
    pub(crate) unusable: BTreeSet<DefId>,
    /// How many arms of conditionals surround what is evaluated.
    pub(crate) guarded: usize,
    /// How many bodies of derivatives surround it.
    pub(crate) derived: usize,
    /// The iterations of the loops that surround it.
    pub(crate) loops: Vec<Value>,
    /// How many bodies of models it is written in. Only while checking.
    pub(crate) in_model: usize,
    /// Whether it is written in the body of a function, which does not know whether it learns.
    pub(crate) in_function: bool,
    /// Whether what is checked is the condition of a test or a law, of which all has to hold.
    pub(crate) in_claim: bool,
    /// The next values of states, of the models that are being run.
    ledgers: Vec<model::Ledger>,
    /// What is wanted of the expression that is evaluated next.
    wanted: Option<Ty>,
    /// What is wanted of the result of the map that is applied next.
    wanted_of_result: Option<Ty>,
    site_numbers: HashMap<Span, u32>,
    /// Where the results of a session are that have been used.
    givens: BTreeMap<bindings::Given, At>,
    /// Lowered definitions.
    memo: HashMap<define::MemoKey, define::Lowered>,
    /// Where lenses with a hand-written backward half are written.
    lens_places: HashMap<Arc<lentil_unary::Lens>, Span>,
    /// What calls of definitions without a written result type yield while checking.
    results: HashMap<define::MemoKey, Value>,
    /// What names for types without parameters mean.
    named_types: HashMap<DefId, Arc<Ty>>,
    /// What composites without static parameters are while checking.
    composites: HashMap<DefId, Value>,
    /// What models without static parameters are made of while checking.
    spaces: HashMap<DefId, Option<Space>>,
    /// How many evaluations without emission surround this one.
    dry: usize,
    depth: usize,
    pub(crate) work: usize,
    /// All work, of all items.
    evaluations: usize,
    exhausted: Option<Diagnostic>,
    item: Option<Span>,
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
            unusable: BTreeSet::new(),
            guarded: 0,
            derived: 0,
            loops: Vec::new(),
            in_model: 0,
            in_function: false,
            in_claim: false,
            ledgers: Vec::new(),
            wanted: None,
            wanted_of_result: None,
            site_numbers: HashMap::new(),
            givens: BTreeMap::new(),
            memo: HashMap::new(),
            lens_places: HashMap::new(),
            results: HashMap::new(),
            named_types: HashMap::new(),
            composites: HashMap::new(),
            spaces: HashMap::new(),
            dry: 0,
            depth: 0,
            work: 0,
            evaluations: 0,
            exhausted: None,
            item: None,
            next_var: 0,
        }
    }

    /// An evaluator that goes on where others have ended.
    pub(crate) fn resume(modules: &'a Modules, mode: Mode, memory: &mut Memory) -> Elaborator<'a> {
        let mut e = Elaborator::new(modules, mode);
        if let Mode::Lower(real) = mode {
            e.memo = memory.lowered.remove(&real).unwrap_or_default();
        }
        e.results = std::mem::take(&mut memory.results);
        e.sites = std::mem::take(&mut memory.sites);
        e.site_numbers = std::mem::take(&mut memory.site_numbers);
        e.next_var = memory.next_var;
        e
    }

    /// All that has been said, in source order; what has been found out goes back into the memory.
    pub(crate) fn pause(mut self, memory: &mut Memory) -> Vec<Diagnostic> {
        if let Mode::Lower(real) = self.mode {
            memory.lowered.insert(real, std::mem::take(&mut self.memo));
        }
        memory.results = std::mem::take(&mut self.results);
        memory.sites = std::mem::take(&mut self.sites);
        memory.site_numbers = std::mem::take(&mut self.site_numbers);
        memory.next_var = self.next_var;
        memory.evaluations += self.evaluations;
        self.finish()
    }

    /// Forgets what was assumed and spent for the item before.
    pub(crate) fn begin_item(&mut self, place: Span) {
        self.assumptions.clear();
        self.work = 0;
        self.item = Some(place);
    }

    /// All that has been said, in source order.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics;
        diagnostics.extend(self.exhausted);
        crate::check::in_order(diagnostics)
    }

    /// Reports an error.
    pub(crate) fn error(&mut self, diagnostic: Diagnostic) -> Value {
        self.diagnostics.push(diagnostic);
        Value::Error
    }

    /// Where the item that is evaluated is named.
    pub(crate) fn item_place(&self) -> Span {
        self.item.unwrap_or_default()
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

    /// Whether the user's own definitions are being checked, not evaluated for a type on the way.
    pub(crate) fn checking(&self) -> bool {
        self.mode == Mode::Check && self.dry == 0
    }

    pub(crate) fn fresh(&mut self) -> u32 {
        self.next_var += 1;
        self.next_var
    }

    /// Evaluates without emitting anything, for a type; what is reported on the way is dropped.
    pub(crate) fn dry<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let mode = std::mem::replace(&mut self.mode, Mode::Check);
        let reported = self.diagnostics.len();
        let noted = self.noted();
        self.dry += 1;
        let out = f(self);
        self.dry -= 1;
        self.forget_notes(noted);
        self.diagnostics.truncate(reported);
        self.mode = mode;
        out
    }

    /// Evaluates without emitting anything; what is reported stays.
    pub(crate) fn checked<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let mode = std::mem::replace(&mut self.mode, Mode::Check);
        let out = f(self);
        self.mode = mode;
        out
    }

    /// Runs one level deeper, or reports that the program nests too deeply.
    pub(crate) fn deeper(&mut self, span: Span, f: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.depth >= MAX_DEPTH || self.frames.depth() > MAX_REGIONS {
            let title = "this program nests too deeply";
            let label = "too many definitions, expressions or loops inside each other";
            return self.error(Diagnostic::error("E0501", title, span, label));
        }
        if !self.spend(1, span) {
            return Value::Error;
        }
        self.depth += 1;
        let out = f(self);
        self.depth -= 1;
        let parts = out.parts();
        let most = match out {
            Value::Const(_) => MAX_NUMBERS,
            _ => MAX_PARTS,
        };
        // Values are copied where they are used.
        let price = price(out.copied());
        match self.has_few_parts(parts, most, "value", span) && self.spend(price, span) {
            true => out,
            false => Value::Error,
        }
    }

    /// Counts so much work. `false` if that is more than is allowed, which is said.
    pub(crate) fn spend(&mut self, work: usize, span: Span) -> bool {
        self.work = self.work.saturating_add(work);
        self.evaluations = self.evaluations.saturating_add(work);
        let too_much = self.work > MAX_WORK || self.evaluations > MAX_WORK_OF_ALL;
        if self.exhausted.is_some() || self.frames.steps() > MAX_STEPS || too_much {
            // Said once for the whole program; what surrounds it fails without a word.
            let title = "this program grows too large when it is specialised";
            let label = "too much is unrolled: copies of layers, or functions as arguments";
            let place = self.item.unwrap_or(span);
            let said = || Diagnostic::error("E0502", title, place, label);
            self.exhausted.get_or_insert_with(said);
            return false;
        }
        true
    }

    /// Refuses what is made of too many parts.
    pub(crate) fn has_few_parts(
        &mut self,
        parts: usize,
        most: usize,
        what: &str,
        span: Span,
    ) -> bool {
        if parts <= most {
            return true;
        }
        let title = format!("this {what} has too many parts");
        let label = format!("more than {most} numbers, arrays and products");
        let hint = "numbers of one kind are an array, which is one part";
        self.error(Diagnostic::error("E0502", title, span, label).hint(hint));
        false
    }

    /// The number under which a run-time check is known.
    pub(crate) fn site(&mut self, span: Span) -> Site {
        let next = self.sites.len() as u32;
        let number = *self.site_numbers.entry(span).or_insert(next);
        if number == next {
            self.sites.push(span);
        }
        Site(number)
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
}
