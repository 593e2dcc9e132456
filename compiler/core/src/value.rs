//! What expressions evaluate to while a program is checked or lowered.
//!
//! The same values serve both: while a definition is *checked*, sizes are symbolic and arrays have
//! no slot; while it is *lowered*, sizes are numbers and every array lives in a slot of the unary
//! form that is being emitted. Functions, models and optimizers exist at compile time only.

use std::sync::Arc;

use lentil_diag::Span;
use lentil_grammar::ast;

use crate::module::DefId;

pub use crate::elaborate::derive::Target;
pub use crate::env::Env;
pub use crate::fields::Fields;
use crate::size::Size;
use crate::supply::{Phase, Supply};
use crate::ty::{Kind, SpaceVar, Ty};

/// A slot of one of the regions that are being emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// Which frame.
    pub frame: u32,
    /// Which slot of it.
    pub slot: u32,
}

/// An array that is computed at run time.
#[derive(Clone, Debug)]
pub struct Arr {
    /// Its carrier.
    pub kind: Kind,
    /// Its sizes.
    pub shape: Vec<Size>,
    /// Where it is; `None` while checking.
    pub at: Option<At>,
    /// Over `Int`: bounds `(lowest, highest)` of its elements that hold by construction.
    pub range: Option<(Size, Size)>,
}

impl Arr {
    /// Its type.
    pub fn ty(&self) -> Ty {
        Ty::Array(self.kind.clone(), self.shape.clone())
    }
}

/// A compile-time number or array of numbers, which takes the carrier that its context wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    /// An integer, possibly over size variables.
    Int(Size),
    /// A number with a fraction.
    Real(f64),
    /// A number that depends on sizes that are not known yet.
    Unknown,
    /// One number in every element of whatever shape the context wants.
    Fill(Box<Const>),
    /// An array literal.
    List(Vec<Const>),
}

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Computed at run time.
    Array(Arr),
    /// A constant that adapts to its context.
    Const(Const),
    /// A random key.
    Key(Option<At>),
    /// A string.
    Text(Arc<str>),
    /// A product.
    Tuple(Vec<Value>),
    /// A labelled product.
    Record(Fields),
    /// An element of a parameter space that is a variable (only while checking).
    Space(SpaceVar),
    /// A carrier, as a static argument.
    Kind(Kind),
    /// A type variable's meaning, as a static argument.
    Type(Arc<Ty>),
    /// A map.
    Func(Arc<Func>),
    /// A parametrised map.
    Model(Arc<Model>),
    /// An optimizer with its numbers given.
    Optimizer(Arc<Optimizer>),
    /// What a model with `using mode` is applied for.
    Phase(Phase),
    /// The key of a model that is applied without one.
    NoKey,
    /// After an error that has been reported.
    Error,
}

/// A map as a compile-time value.
#[derive(Debug)]
pub enum Func {
    /// A definition, with static arguments as far as they are given.
    Def {
        /// The definition.
        def: DefId,
        /// What stands in its brackets; `None` if there are none.
        statics: Option<Vec<Value>>,
    },
    /// A function of the compiler.
    Builtin {
        /// Which.
        name: &'static str,
        /// What stands in its brackets.
        statics: Option<Vec<Value>>,
    },
    /// An anonymous function with the scope it was written in.
    Lambda {
        /// Its parameters.
        params: Vec<ast::Param>,
        /// Its body.
        body: Arc<ast::Expr>,
        /// The scope.
        env: Env,
    },
    /// A parameter of arrow type (only while checking): nothing is known but its type.
    Declared(Vec<Ty>, Ty),
    /// A map that was given where one of these types is wanted: its numbers take them.
    Typed(Value, Vec<Ty>, Ty),
    /// `rev(f)`: arguments of `f` and a cotangent of its result, to cotangents of the arguments.
    Rev(Value),
    /// `fwd(f)`: arguments of `f` and tangents of them, to the tangent of the result.
    Fwd(Value),
    /// `grad(f)`: arguments of `f`, whose result is a scalar, to cotangents of the arguments.
    Grad(Value),
    /// `value_and_grad(f)`: the value of `f` as well.
    ValueAndGrad(Value),
    /// `jacobian(f)`: arguments of `f` to all partial derivatives of its result.
    Jacobian(Value),
    /// `linearize(f)`: arguments of `f` to its value and the linear map that its derivative is.
    Linearize(Value),
    /// That map: tangents of the arguments to the tangent of the result.
    Linear(Arc<Target>, Vec<Value>),
    /// `checkpoint(f)`: `f`, computed again by its derivative.
    Checkpoint(Value),
    /// `each(f)` of a map, or of a derivative.
    Each(Value),
}

/// A parametrised map as a compile-time value.
#[derive(Debug)]
pub enum Model {
    /// A definition with a signature.
    Def {
        /// The definition.
        def: DefId,
        /// The scope that binds its static parameters and what fills its slots. Sizes that only its
        /// inputs have may be missing: each use says what they are.
        env: Env,
    },
    /// A map, which has no parameters.
    Map(Value),
    /// `f >> g >> …`.
    Then(Vec<Factor>),
    /// `f | g | …`: a tuple to a tuple.
    Beside(Vec<Factor>),
    /// `tied[k](f)`: `k` times in sequence with one set of parameters.
    Tied(usize, Value),
    /// `repeat[k](f)` or `tied[k](f)` of a `k` that is still a variable (only while checking): a layer
    /// that makes what it takes, looked at this many times.
    Open(Value, usize),
    /// `each(f)`: over a leading axis of every input.
    Each(Value),
    /// `frozen(f)`: no learner changes its parameters.
    Frozen(Value),
    /// `checkpoint(f)`: its derivative keeps what it is applied to only.
    Checkpoint(Value),
    /// `f(p;)`: parameters given, as a record of paths.
    Given(Value, Arc<Value>),
    /// A submodel in its model's body, with its part of what that is applied with.
    Bound(Value, Arc<Supply>),
    /// What fills a slot, at the slot's arrow type.
    Typed(Value, Vec<Ty>, Ty),
}

/// A factor of a composite.
#[derive(Clone, Debug)]
pub struct Factor {
    /// Its label, or its definition's name; none for a composite in parentheses.
    pub name: Option<Arc<str>>,
    /// The path segment of its parameters: its name, with a number where that occurs before.
    pub segment: Option<Arc<str>>,
    /// The model or map.
    pub model: Value,
    /// Where it is written.
    pub span: Span,
}

/// An optimizer with its numbers given.
#[derive(Debug)]
pub struct Optimizer {
    /// The definition.
    pub def: DefId,
    /// Its numbers by name.
    pub hyper: Vec<(Arc<str>, Value)>,
}

/// A learnt parameter or a state of a model.
#[derive(Clone, Debug)]
pub struct ParamDecl {
    /// Its path, such as `hidden.w`.
    pub path: Arc<str>,
    /// Its type.
    pub ty: Ty,
    /// Whether it is a state: kept from step to step, but not learnt.
    pub running: bool,
    /// Whether no learner changes it: its model is `frozen`.
    pub frozen: bool,
    /// How it is initialised: the expression after `~` and the scope it stands in.
    pub init: Option<(Arc<ast::Expr>, Env)>,
    /// Where it is declared.
    pub span: Span,
}

impl ParamDecl {
    /// Whether a learner may change it by its gradient.
    pub fn is_learnt(&self) -> bool {
        !self.running && !self.frozen
    }
}

impl Value {
    /// The unit value.
    pub fn unit() -> Value {
        Value::Tuple(Vec::new())
    }

    /// An integer constant.
    pub fn int(n: i128) -> Value {
        Value::Const(Const::Int(Size::constant(n)))
    }

    /// Whether it is, or holds, an error that has been reported.
    pub fn is_error(&self) -> bool {
        match self {
            Value::Error => true,
            Value::Tuple(parts) => parts.iter().any(Value::is_error),
            Value::Record(fields) => fields.iter().any(|(_, v)| v.is_error()),
            _ => false,
        }
    }

    /// Of how many values it is made: itself, and what it holds. As quick as a clone.
    pub fn parts(&self) -> usize {
        match self {
            Value::Tuple(parts) => {
                let counts = parts.iter().map(Value::parts);
                counts.fold(1, usize::saturating_add)
            }
            Value::Record(fields) => fields.parts().saturating_add(1),
            Value::Const(c) => c.parts(),
            _ => 1,
        }
    }

    /// How many values a clone copies: those of a record are shared.
    pub fn copied(&self) -> usize {
        match self {
            Value::Tuple(parts) => {
                let counts = parts.iter().map(Value::copied);
                counts.fold(1, usize::saturating_add)
            }
            Value::Const(c) => c.parts(),
            _ => 1,
        }
    }

    /// Whether it can be an argument of unary form: no functions, nothing undetermined.
    pub fn is_first_order(&self) -> bool {
        match self {
            Value::Array(_) | Value::Key(_) | Value::Space(..) => true,
            Value::Tuple(parts) => parts.iter().all(Value::is_first_order),
            Value::Record(fields) => fields.iter().all(|(_, v)| v.is_first_order()),
            Value::Const(_)
            | Value::Text(_)
            | Value::Kind(_)
            | Value::Type(_)
            | Value::Func(_)
            | Value::Model(_)
            | Value::Optimizer(_)
            | Value::Phase(_)
            | Value::NoKey
            | Value::Error => false,
        }
    }

    /// What it is, in words, for messages.
    pub fn describe(&self) -> String {
        match self {
            Value::Const(Const::List(items)) => format!("an array of {} numbers", items.len()),
            Value::Const(_) => "a number".to_string(),
            Value::Text(_) => "a text".to_string(),
            Value::Kind(k) => format!("the carrier `{k}`"),
            Value::Type(t) => format!("the type `{t}`"),
            Value::Func(_) => "a function".to_string(),
            Value::Model(_) => "a model".to_string(),
            Value::Optimizer(_) => "an optimizer".to_string(),
            Value::Phase(_) => "the mode".to_string(),
            Value::NoKey => "a key that is not given".to_string(),
            Value::Error => "an error".to_string(),
            Value::Array(_)
            | Value::Key(_)
            | Value::Space(..)
            | Value::Tuple(_)
            | Value::Record(_) => match self.ty() {
                Some(ty) => format!("`{ty}`"),
                None => self.describe_product(),
            },
        }
    }

    fn describe_product(&self) -> String {
        match self {
            Value::Tuple(parts) => format!("a tuple of {}", parts.len()),
            Value::Record(fields) => {
                let names: Vec<&str> = fields.iter().map(|(n, _)| &**n).collect();
                format!("a record of `{}`", names.join("`, `"))
            }
            _ => "a value".to_string(),
        }
    }

    /// The type of a first-order value.
    pub fn ty(&self) -> Option<Ty> {
        match self {
            Value::Array(a) => Some(a.ty()),
            Value::Key(_) => Some(Ty::Key),
            Value::Space(space) => Some(Ty::Space(space.clone())),
            Value::Tuple(parts) => Some(Ty::Tuple(
                parts.iter().map(Value::ty).collect::<Option<_>>()?,
            )),
            Value::Record(fields) => {
                let fields: Option<Vec<_>> = fields
                    .iter()
                    .map(|(n, v)| Some((n.clone(), v.ty()?)))
                    .collect();
                Some(Ty::Record(fields?))
            }
            Value::Const(_)
            | Value::Text(_)
            | Value::Kind(_)
            | Value::Type(_)
            | Value::Func(_)
            | Value::Model(_)
            | Value::Optimizer(_)
            | Value::Phase(_)
            | Value::NoKey
            | Value::Error => None,
        }
    }
}

impl Const {
    /// Its sizes, if it has a shape of its own and is not ragged.
    pub fn shape(&self) -> Option<Vec<usize>> {
        match self {
            Const::Int(_) | Const::Real(_) | Const::Unknown => Some(Vec::new()),
            Const::Fill(_) => None,
            Const::List(items) => {
                let mut shapes = items.iter().map(Const::shape);
                let first = shapes.next().unwrap_or(Some(Vec::new()))?;
                if shapes.any(|s| s.as_ref() != Some(&first)) {
                    return None;
                }
                Some([vec![items.len()], first].concat())
            }
        }
    }

    /// Of how many numbers and lists it is made. As quick as a clone.
    pub fn parts(&self) -> usize {
        match self {
            Const::List(items) => 1 + items.iter().map(Const::parts).sum::<usize>(),
            Const::Fill(c) => 1 + c.parts(),
            Const::Int(_) | Const::Real(_) | Const::Unknown => 1,
        }
    }

    /// Whether its integers are far from where arithmetic saturates. (Real arithmetic does what
    /// it does at run time: `1 / 0` is infinite.)
    pub fn is_sane(&self) -> bool {
        match self {
            Const::Int(size) => size.is_small(),
            Const::Real(_) | Const::Unknown => true,
            Const::Fill(c) => c.is_sane(),
            Const::List(items) => items.iter().all(Const::is_sane),
        }
    }

    /// Its numbers in row-major order.
    pub fn elements(&self) -> Vec<&Const> {
        match self {
            Const::List(items) => items.iter().flat_map(Const::elements).collect(),
            Const::Int(_) | Const::Real(_) | Const::Unknown | Const::Fill(_) => vec![self],
        }
    }

    /// The sizes of its outermost axes, so many of them, and its first element below.
    pub fn below(&self, axes: usize) -> Option<(Vec<usize>, &Const)> {
        let (mut sizes, mut element) = (Vec::new(), self);
        while sizes.len() < axes {
            let Const::List(items) = element else {
                return None;
            };
            sizes.push(items.len());
            element = items.first()?;
        }
        Some((sizes, element))
    }

    /// Whether every number is an integer.
    pub fn is_integral(&self) -> bool {
        match self {
            Const::Int(_) => true,
            Const::Real(_) | Const::Unknown => false,
            Const::Fill(c) => c.is_integral(),
            Const::List(items) => items.iter().all(Const::is_integral),
        }
    }
}
