//! The data type of unary form.
//!
//! A [`Region`] is a *closed* program: it sees its own parameters and nothing else.
//! Bodies of loops and conditionals are regions whose captures are explicit arguments.

use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::carrier::{Literal, Type};
use crate::linear;
use crate::prim::Prim;

/// A position in a region's context: its parameters first, then the results of its steps in order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

impl Slot {
    /// The position as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}

/// The number of a place in the source that a run-time check names; the driver turns it back into a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Site(pub u32);

/// One arrow of the composite: an operation, the slots it reads, the types it appends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// What it does.
    pub op: Op,
    /// The slots it reads, in the operation's order.
    pub args: Vec<Slot>,
    /// The types of the slots it appends (one for each result).
    pub types: Vec<Type>,
}

/// An operation: a primitive, a primitive with bodies, or a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// A primitive without a body.
    Prim(Prim),
    /// A loop: `map`, `fold` and `scan` in one, and those that end early.
    Loop(Loop),
    /// A conditional that computes one arm only.
    /// Arguments: the condition (`bool`), then the captures, which are the parameters of both arms.
    /// Results: the results of the arm that is taken; both arms have the same result types.
    Cond {
        /// Runs if the condition holds.
        then: Arc<Region>,
        /// Runs otherwise.
        otherwise: Arc<Region>,
    },
    /// The results of a function at the arguments.
    Call(Arc<Function>),
    /// The reverse derivative R of a function, still to be resolved by `lentil-reverse`.
    /// Arguments: the function's arguments, then one cotangent for each *differentiable* result.
    /// Results: one cotangent for each *differentiable* parameter.
    Reverse(Arc<Function>),
    /// The forward derivative of a function, still to be resolved by `lentil-reverse`.
    /// Arguments: the function's arguments, then one tangent for each *differentiable* parameter.
    /// Results: one tangent for each *differentiable* result.
    Forward(Arc<Function>),
    /// A map whose backward half is given; see [`Lens`].
    /// Arguments and results are those of its `get`.
    /// `lentil-reverse` leaves none: where it is not differentiated, a lens is a call of its `get`.
    Lens(Arc<Lens>),
}

/// A map with a backward half that is given, not derived: `get: A -> B` and `put: A × B' -> A'`.
///
/// R of it is `put`; R of that is R of `put` as an ordinary program.
/// Its forward derivative is the transpose of `put`, so it has one only if `put` is linear in the
/// cotangents (see [`crate::linear`]).
/// Where the cotangents of all its results are zero by the program's form, `put` does not run and sends
/// back zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lens {
    /// The forward half.
    pub get: Arc<Function>,
    /// The backward half: the parameters of `get`, then one cotangent for each *differentiable* result,
    /// to one cotangent for each *differentiable* parameter.
    pub put: Arc<Function>,
    additive: bool,
}

impl Lens {
    /// A lens of two halves.
    pub fn new(get: Arc<Function>, put: Arc<Function>) -> Lens {
        let linear = linear::put_linear(&get, &put).is_ok();
        let additive = linear && put.region.additive;
        Lens { get, put, additive }
    }

    /// Whether `put` is linear in the cotangents; see [`Op::additive`].
    pub fn additive(&self) -> bool {
        self.additive
    }
}

impl Op {
    /// The regions inside: bodies, and those of functions.
    pub fn bodies(&self) -> Vec<&Region> {
        match self {
            Op::Prim(_) => Vec::new(),
            Op::Loop(l) => vec![&l.body],
            Op::Cond { then, otherwise } => vec![then, otherwise],
            Op::Call(f) | Op::Reverse(f) | Op::Forward(f) => vec![&f.region],
            Op::Lens(l) => vec![&l.get.region, &l.put.region],
        }
    }

    /// Whether R of it sends back, for the sum of two cotangents, the sum of what it sends back for each.
    ///
    /// So it is with every derivative. A lens whose `put` is not linear need not do so: then it matters
    /// how often it is applied, and two equal steps are not one, nor is a step of a loop one for all its
    /// iterations.
    pub fn additive(&self) -> bool {
        match self {
            Op::Prim(_) => true,
            Op::Loop(l) => l.body.additive,
            Op::Cond { then, otherwise } => then.additive && otherwise.additive,
            Op::Call(f) | Op::Reverse(f) | Op::Forward(f) => f.region.additive,
            Op::Lens(l) => l.additive(),
        }
    }
}

/// At most `n` iterations of a body over states.
///
/// Arguments: `consts` captures, then `xs` arrays with leading axis `n` that are read one element an
/// iteration, then the initial states.
/// Body parameters: the iteration number `i` (`int`), the captures, the elements `x[i]`, the states.
/// Body results: the next states (of the states' types), then one element for each output.
/// Results: the last states, then the outputs stacked along a new leading axis, element `i` at index `i`.
///
/// With no states it is a map and its iterations are independent; with no outputs it is a fold.
/// When it ends is said by [`Ends`]; an output's element is zero where its iteration did not run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Loop {
    /// Number of iterations, or their greatest number.
    pub n: usize,
    /// Whether `i` runs from its greatest value down to 0.
    pub backward: bool,
    /// When it ends.
    pub ends: Ends,
    /// Number of captures.
    pub consts: usize,
    /// Number of arrays read element by element.
    pub xs: usize,
    /// Number of states.
    pub states: usize,
    /// The body.
    pub body: Arc<Region>,
}

/// When a loop ends.
///
/// A loop that ends early carries its own *limit* as its first state, an `int`: iteration `i` runs if
/// `i < limit`, and what the body returns for that state is the limit from then on. The loop's first
/// result is the number of iterations that ran. A backward loop begins at `min(limit, n) - 1`, and its
/// body hands the limit on unchanged.
/// So a search sets its limit to zero when it has found, and the reverse of a loop of `k` iterations,
/// known only when it has run, is a backward loop whose limit is `k`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ends {
    /// After `n` iterations.
    Counted,
    /// At its limit.
    Limited,
    /// At its limit; and its other states solve `x = body(x)` when it ends, as nearly as the tolerance
    /// says. Its derivative is that of the solution, by the implicit function theorem: it does not depend
    /// on where the states began. It reads no arrays element by element and stacks nothing, and its body
    /// does not read `i`.
    Solved {
        /// The change, relative to the size of the states, that is small enough.
        tolerance: Literal,
    },
}

impl Loop {
    /// Whether its first state is its limit.
    pub fn limited(&self) -> bool {
        match self.ends {
            Ends::Counted => false,
            Ends::Limited | Ends::Solved { .. } => true,
        }
    }

    /// Whether its derivative is that of an equation.
    pub fn solved(&self) -> bool {
        matches!(self.ends, Ends::Solved { .. })
    }

    /// Number of outputs that are stacked.
    pub fn outputs(&self) -> usize {
        self.body.results().len() - self.states
    }
}

/// A named region, shared by its callers. Two functions are equal if name and region are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    /// A readable name, for printing; not unique by itself.
    pub name: String,
    /// The body.
    pub region: Region,
}

impl Function {
    /// The function of this name with another region; itself, if that is equal to its own.
    pub fn with_region(self: &Arc<Function>, region: Region) -> Arc<Function> {
        if region == self.region {
            return self.clone();
        }
        let name = self.name.clone();
        Arc::new(Function { name, region })
    }
}

/// A closed program in unary form. Immutable; its hash is computed once, and so is whether it is equal to
/// another.
#[derive(Clone)]
pub struct Region {
    params: Vec<Type>,
    steps: Vec<Step>,
    results: Vec<Slot>,
    types: Vec<Type>,
    hash: u64,
    class: Class,
    /// Whether all its steps are; see [`Op::additive`].
    additive: bool,
}

impl Region {
    /// A region from its parts. Use [`crate::Builder`] to make one step by step.
    /// The invariants are those of `check`.
    pub fn new(params: Vec<Type>, steps: Vec<Step>, results: Vec<Slot>) -> Region {
        let mut hasher = DefaultHasher::new(); // fixed keys: the same hash in every process
        (&params, &steps, &results).hash(&mut hasher);
        let mut types = params.clone();
        for step in &steps {
            types.extend(step.types.iter().cloned());
        }
        Region {
            additive: steps.iter().all(|step| step.op.additive()),
            params,
            steps,
            results,
            types,
            hash: hasher.finish(),
            class: Class::default(),
        }
    }

    /// The parameter types: slots `%0` to `%{k-1}`.
    pub fn params(&self) -> &[Type] {
        &self.params
    }

    /// The steps in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The slots that are the results.
    pub fn results(&self) -> &[Slot] {
        &self.results
    }

    /// The type of a slot.
    pub fn ty(&self, slot: Slot) -> &Type {
        &self.types[slot.index()]
    }

    /// The types of all slots in order.
    pub fn slots(&self) -> &[Type] {
        &self.types
    }

    /// The types of the results.
    pub fn result_types(&self) -> Vec<Type> {
        self.results.iter().map(|&s| self.ty(s).clone()).collect()
    }

    /// The number of steps with those of the regions inside, a function's wherever it is called; counted no
    /// further than past `most`, as that may be exponential in the depth of calls.
    pub fn size(&self, most: usize) -> usize {
        let mut count = 0;
        for step in &self.steps {
            if count > most {
                break;
            }
            count += 1;
            let left = most.saturating_sub(count);
            count += step
                .op
                .bodies()
                .into_iter()
                .map(|r| r.size(left))
                .sum::<usize>();
        }
        count
    }

    /// The steps, each with the slot of its first result.
    pub fn numbered(&self) -> impl Iterator<Item = (Slot, &Step)> {
        let mut next = self.params.len() as u32;
        self.steps.iter().map(move |step| {
            let first = Slot(next);
            next += step.types.len() as u32;
            (first, step)
        })
    }
}

/// Regions that were found to be equal are of one class, so that it is found once. Functions that call
/// functions twice are a graph, not a tree: to compare two such graphs that are apart would be to walk two
/// trees.
#[derive(Default)]
struct Class(AtomicU64);

impl Class {
    /// Whether they are known to be one.
    fn is(&self, other: &Class) -> bool {
        let own = self.number();
        own != 0 && own == other.number()
    }

    fn join(&self, other: &Class) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let class = match (self.number(), other.number()) {
            (0, 0) => NEXT.fetch_add(1, Ordering::Relaxed),
            (0, known) | (known, _) => known,
        };
        self.0.store(class, Ordering::Relaxed);
        other.0.store(class, Ordering::Relaxed);
    }

    /// Zero, if it is not known to be equal to another.
    fn number(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clone for Class {
    fn clone(&self) -> Class {
        Class(AtomicU64::new(self.number()))
    }
}

impl PartialEq for Region {
    fn eq(&self, other: &Region) -> bool {
        if std::ptr::eq(self, other) || self.class.is(&other.class) {
            return true;
        }
        let equal = self.hash == other.hash
            && self.params == other.params
            && self.results == other.results
            && self.steps == other.steps;
        if equal {
            self.class.join(&other.class);
        }
        equal
    }
}

impl Eq for Region {}

impl Hash for Region {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Region")
            .field("params", &self.params)
            .field("steps", &self.steps)
            .field("results", &self.results)
            .finish()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::build::Builder;
    use crate::carrier::Carrier;
    use crate::prim::UnaryOp;

    pub(crate) fn number() -> Vec<Type> {
        vec![Type::scalar(Carrier::F64)]
    }

    pub(crate) fn of_one(op: UnaryOp) -> Region {
        let mut b = Builder::new(number());
        let x = b.param(0);
        let y = b.unary(op, x);
        b.finish(vec![y])
    }

    /// Each function calls the one before twice: as a tree, it would have 2^40 calls.
    pub(crate) fn tower(op: UnaryOp) -> Arc<Function> {
        let mut f = Arc::new(Function {
            name: "f0".to_string(),
            region: of_one(op),
        });
        for level in 1..=40 {
            let mut b = Builder::new(number());
            let x = b.param(0);
            let once = b.call(&f, &[x])[0];
            let twice = b.call(&f, &[once])[0];
            f = Arc::new(Function {
                name: format!("f{level}"),
                region: b.finish(vec![twice]),
            });
        }
        f
    }

    #[test]
    fn what_was_built_apart_is_compared_as_a_graph() {
        let towers = [UnaryOp::Sin, UnaryOp::Sin, UnaryOp::Sin, UnaryOp::Cos].map(tower);
        let [first, second, third, other] = &towers;
        assert_eq!(first, second);
        assert_eq!(third, second);
        assert_eq!(first, third);
        assert_ne!(first, other);
        assert_ne!(other, third);
        // A copy is as equal as what it is a copy of.
        let copy = first.region.clone();
        assert_eq!(copy, third.region);
        assert_ne!(copy, other.region);
    }
}
