//! The syntax tree: what a file says, with places, before any name is resolved.

use lentil_diag::Span;

/// A name with its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ident {
    /// The text.
    pub text: String,
    /// The place.
    pub span: Span,
}

/// A parsed file.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// `//!` lines at the head, without the marker and one following space.
    pub docs: Vec<String>,
    /// The items in order.
    pub items: Vec<Item>,
    /// All `//` comments (not documentation) in order, for the formatter.
    pub comments: Vec<Comment>,
    /// The whole text.
    pub span: Span,
}

/// A `//` comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The text after `//`.
    pub text: String,
    /// The place, with the marker.
    pub span: Span,
}

/// A top-level item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// `///` lines, without the marker and one following space.
    pub docs: Vec<String>,
    /// Whether it is marked `local`.
    pub local: bool,
    /// What it is.
    pub kind: ItemKind,
    /// The place, without the documentation.
    pub span: Span,
}

/// The kinds of items.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// `import nn.{dense, relu}`, `import loss.softmax_cross_entropy`, `import ./blocks.{resnet}`.
    Import(Import),
    /// `fn f[n](x: Real[n]) -> Real = e`, or with a block body.
    Fn(FnDef),
    /// `model m[n](w: K[n] ~ zeros; x: K[n]) -> K = e`, with a block body, or `model m = e`.
    Model(ModelDef),
    /// A lens with a hand-written backward half.
    Lens(LensDef),
    /// An optimizer.
    Optimizer(OptimizerDef),
    /// `data d = e { name = e, … }`.
    Data(DataDef),
    /// `learner l = { name = e, … }`.
    Learner(LearnerDef),
    /// `test "title" { e }`.
    Test(TestDef),
    /// `law "title" [K: Ring, n] (x: K[n], …) where n >= 1 { e }`.
    Law(LawDef),
    /// `type Pose[n] = {at: Real[n], turn: Real[3]}`: a name for a type.
    Type(TypeDef),
    /// A name of a session, as `let x = e` binds it there. Files have none.
    Let(LetDef),
}

/// An import.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// Whether the path starts with `./` (a file beside this one) or names the standard library.
    pub relative: bool,
    /// The module path: `nn`, `./blocks`, `./deep/blocks`.
    pub path: Vec<Ident>,
    /// What is imported from it.
    pub names: Vec<Ident>,
}

/// A compile-time parameter: `n`, or `K: Ring`.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticParam {
    /// Its name.
    pub name: Ident,
    /// Its bound, for a carrier or a space: `Ring`, `Field`, `Real`, `Space[Real]`. None for a size.
    pub bound: Option<TypeExpr>,
}

/// A value parameter `x: T`.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Ident,
    /// Its type; optional only for parameters of anonymous functions.
    pub ty: Option<TypeExpr>,
}

/// A parameter that is learnt, `w: K[m, n] ~ glorot`, or a running value `state v: P ~ zeros`.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeExpr,
    /// How it is initialised.
    pub init: Option<Expr>,
}

/// What may stand left of the `;` of a model.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelParam {
    /// A parameter that is learnt.
    Weight(Weight),
    /// A submodel slot: `use f: Real[n] -> Real[n]`.
    Use(Param),
    /// A running value: `state mean: Real[n] ~ zeros`.
    State(Weight),
    /// `using key`, `using mode`.
    Using(Ident),
}

/// A condition on sizes: `where n >= k`.
#[derive(Clone, Debug, PartialEq)]
pub struct Where {
    /// The left side.
    pub left: Expr,
    /// `>=`, `<=`, `==`, `<` or `>`.
    pub op: BinaryOp,
    /// The right side.
    pub right: Expr,
}

/// A function definition.
#[derive(Clone, Debug, PartialEq)]
pub struct FnDef {
    /// Its name.
    pub name: Ident,
    /// Compile-time parameters.
    pub statics: Vec<StaticParam>,
    /// Parameters; their types are required.
    pub params: Vec<Param>,
    /// The result type, if given.
    pub result: Option<TypeExpr>,
    /// Conditions on sizes.
    pub wheres: Vec<Where>,
    /// The body; an [`ExprKind::Block`] if written with braces and no `=`.
    pub body: Expr,
}

/// A model definition.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelDef {
    /// Its name.
    pub name: Ident,
    /// Compile-time parameters.
    pub statics: Vec<StaticParam>,
    /// Its signature; `None` for `model m = e`.
    pub signature: Option<ModelSignature>,
    /// The body.
    pub body: Expr,
}

/// The signature of a model that is written out: `(params; inputs) -> result where …`.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSignature {
    /// Left of the `;`.
    pub params: Vec<ModelParam>,
    /// Right of it.
    pub inputs: Vec<Param>,
    /// The result type, if given.
    pub result: Option<TypeExpr>,
    /// Conditions on sizes.
    pub wheres: Vec<Where>,
}

/// A lens: `lens l[n](w: T; x: A) -> B { get = e  put(dy) = e }`.
#[derive(Clone, Debug, PartialEq)]
pub struct LensDef {
    /// Its name.
    pub name: Ident,
    /// Compile-time parameters.
    pub statics: Vec<StaticParam>,
    /// Its signature.
    pub signature: ModelSignature,
    /// The forward half, over parameters and inputs.
    pub get: Expr,
    /// The names of the cotangents of the result.
    pub put_params: Vec<Ident>,
    /// The backward half, over parameters, inputs and the cotangents: one cotangent for each
    /// parameter and input, as a tuple if there are several.
    pub put: Expr,
}

/// An optimizer: `optimizer o[P: Space[Real]](rate: Real; p: P) { state v: P ~ zeros  get = e  put(dp) = e }`.
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerDef {
    /// Its name.
    pub name: Ident,
    /// Compile-time parameters.
    pub statics: Vec<StaticParam>,
    /// Left of the `;`: rates and other numbers, possibly with a default: `rate: Real ~ 0.01`.
    pub hyper: Vec<Weight>,
    /// Right of it: what is learnt.
    pub p: Param,
    /// Running values.
    pub states: Vec<Weight>,
    /// What the model sees.
    pub get: Expr,
    /// The name of the gradient.
    pub put_param: Ident,
    /// The next states and the next `p`, as a record with their names.
    pub put: Expr,
}

/// A data set: `data iris = csv("…") { columns = …, input = …, … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct DataDef {
    /// Its name.
    pub name: Ident,
    /// Where it comes from: a call such as `csv("data/iris.csv")`.
    pub source: Expr,
    /// The settings in order.
    pub fields: Vec<Setting>,
}

/// A learner: `learner l = { model = …, … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnerDef {
    /// Its name.
    pub name: Ident,
    /// The settings in order.
    pub fields: Vec<Setting>,
}

/// `name = value` of a data set or a learner.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The name.
    pub name: Ident,
    /// The value; the `columns` of a data set are an [`ExprKind::Record`] whose values are types written as expressions.
    pub value: Expr,
}

/// A test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestDef {
    /// What it shows.
    pub title: String,
    /// The place of the title.
    pub title_span: Span,
    /// A condition.
    pub body: Expr,
}

/// A law.
#[derive(Clone, Debug, PartialEq)]
pub struct LawDef {
    /// What it says.
    pub title: String,
    /// The place of the title.
    pub title_span: Span,
    /// The carriers and sizes for all of which it holds.
    pub statics: Vec<StaticParam>,
    /// What is drawn at random.
    pub params: Vec<Param>,
    /// Conditions on the sizes.
    pub wheres: Vec<Where>,
    /// A condition.
    pub body: Expr,
}

/// A name for a type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeDef {
    /// The name.
    pub name: Ident,
    /// Compile-time parameters.
    pub statics: Vec<StaticParam>,
    /// What it stands for.
    pub ty: TypeExpr,
}

/// A name that a session has bound.
#[derive(Clone, Debug, PartialEq)]
pub struct LetDef {
    /// The name.
    pub name: Ident,
    /// What it stands for.
    pub value: Expr,
}

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeKind,
    /// The place.
    pub span: Span,
}

/// The kinds of written types.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// `Real`, `K[n, m]`, `Mod[7]`, `Mod[7][n]`, `Category["a", "b"]`, `Space[Real]`: a name with zero or
    /// more brackets of expressions.
    Name {
        /// The name.
        name: Ident,
        /// The brackets in order; each is not empty.
        brackets: Vec<Vec<Expr>>,
    },
    /// `(A, B)`; `(A)` is `A`; `()` is the unit type.
    Tuple(Vec<TypeExpr>),
    /// `{w: A, b: B}`.
    Record(Vec<(Ident, TypeExpr)>),
    /// `A -> B`; several arguments as `(A, B) -> C`.
    Arrow(Box<TypeExpr>, Box<TypeExpr>),
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The place.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A name.
    Name(String),
    /// A number as written: digits with `_`, an optional fraction and exponent.
    Number(String),
    /// A string, unescaped.
    Text(String),
    /// `true`, `false`.
    Bool(bool),
    /// `(a, b)`, `()`; never of length one.
    Tuple(Vec<Expr>),
    /// `[a, b, c]`.
    Array(Vec<Expr>),
    /// `[e for i < n, j]`.
    Comprehension(Box<Expr>, Vec<Binder>),
    /// `{a: e, b: e}`, `{}`.
    Record(Vec<(Ident, Expr)>),
    /// `{ let h = w @ x; use f = dense[n, m]; relu(h) }`: one or more statements and a result.
    Block(Vec<Statement>, Box<Expr>),
    /// `if c then a else b`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `fn(s, x) => e`.
    Lambda(Vec<Param>, Box<Expr>),
    /// `f(a, b)`, `f(p; x)`, `f(p;)`, `f(rate: 0.1)`.
    Call(Box<Expr>, CallArgs),
    /// `sum(e for i < n)`: a call of a reduction over a comprehension.
    Reduction(Box<Expr>, Box<Expr>, Vec<Binder>),
    /// `f[a, b]`, `x[i, j]`, `x[2..5]`, `x[..]`: static arguments, an index or a slice.
    Bracket(Box<Expr>, Vec<Expr>),
    /// `a..b` inside a bracket; either end may be missing.
    Range(Option<Box<Expr>>, Option<Box<Expr>>),
    /// `e.name`.
    Field(Box<Expr>, Ident),
    /// `-e`, `not e`.
    Unary(UnaryOp, Box<Expr>),
    /// An operator between two expressions. `|>` too.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `name: e`: a label of a factor, `hidden: dense[4, 16]`. (A named argument is in [`CallArgs`] too.)
    Labelled(Ident, Box<Expr>),
    /// `(A) -> B` and other types where an expression is expected cannot occur; what the parser
    /// could not read, after it has said so.
    Error,
}

/// `i < n` or `i` in a comprehension.
#[derive(Clone, Debug, PartialEq)]
pub struct Binder {
    /// The index.
    pub name: Ident,
    /// Its bound (exclusive); inferred if missing.
    pub bound: Option<Expr>,
}

/// The arguments of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallArgs {
    /// Left of a `;`, if there is one: parameters given.
    pub params: Option<Vec<Expr>>,
    /// The arguments; a named one is an [`ExprKind::Labelled`]. Empty for `f(p;)`.
    pub args: Vec<Expr>,
}

/// A statement of a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `let p = e`.
    Let(Pattern, Expr),
    /// `use f = dense[n, m]`.
    Use(Ident, Expr),
    /// `state mean = e`: the next value of a state.
    State(Ident, Expr),
}

/// What `let` binds.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// One name (`_` binds nothing).
    Name(Ident),
    /// `(a, b)`: the parts of a tuple.
    Tuple(Vec<Pattern>, Span),
}

/// Operators of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `not`
    Not,
}

/// Operators of two operands, from loosest to tightest:
/// `|>`; `>>` and `|` (not mixed without parentheses); `or`; `and`; comparisons (not chained);
/// `+ -`; `* / % @`; unary `- not`; `^` (right-associative).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    /// `%`: remainder of floor division, on `Int`.
    Rem,
    Pow,
    /// `@`: matrix product.
    MatMul,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    /// `~=`: equal up to rounding.
    Approx,
    And,
    Or,
    /// `>>`
    Then,
    /// `|`
    Beside,
    /// `|>`
    Pipe,
}
