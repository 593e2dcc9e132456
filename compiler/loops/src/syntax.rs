//! The data type of loop form.
//!
//! A program is a list of functions; each owns a *frame*, one block of memory of known size that holds all its
//! temporaries, and reaches its parameters and results through a *table* of pointers.
//! Its body is a list of [`Step`]s. Scalar variables live inside one [`Nest`]; what passes from one step to the
//! next passes through a buffer. The only variables that cross steps are the counters of enclosing loops.

use std::collections::BTreeMap;
use std::sync::Arc;

use lentil_unary::linalg::Sizes;
use lentil_unary::{BinaryOp, Carrier, CompareOp, LinalgOp, Literal, Site, Type, UnaryOp};

/// A whole program. Functions stand before their callers; the last is the entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// The functions, callees first.
    pub functions: Vec<Function>,
    /// Whether each `Bit` element is a word that holds 64 samples.
    pub lanes: bool,
    /// Whether floating-point operations must happen in the order and rounding that is written.
    pub exact: bool,
    /// The types of the entry's parameters.
    pub params: Vec<Type>,
    /// The types of the entry's results.
    pub results: Vec<Type>,
    /// What is shown when it is computed.
    pub shown: Vec<Shown>,
}

/// An array that is shown when it is computed; see `lentil_unary::watch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Under which name.
    pub name: Arc<str>,
    /// The array's type.
    pub ty: Type,
}

impl Program {
    /// The entry.
    pub fn entry(&self) -> &Function {
        &self.functions[self.functions.len() - 1]
    }

    /// Bytes of one element in a buffer.
    pub fn bytes(&self, carrier: Carrier) -> usize {
        element_bytes(carrier, self.lanes)
    }
}

/// Bytes of one element in a buffer, for a program with or without lanes.
pub fn element_bytes(carrier: Carrier, lanes: bool) -> usize {
    match carrier {
        Carrier::Bit if lanes => 8,
        _ => carrier.bytes(),
    }
}

/// A function that is compiled once.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// A readable name, for printing.
    pub name: String,
    /// All buffers. The first `params + results` are the table's, in its order.
    pub buffers: Vec<Buffer>,
    /// How many of the table's buffers are parameters; they are only read.
    pub params: usize,
    /// How many of the table's buffers are results; they stand after the parameters.
    pub results: usize,
    /// The carrier of each variable.
    pub vars: Vec<Carrier>,
    /// What it does.
    pub body: Vec<Step>,
    /// Bytes of the frame.
    pub frame: usize,
}

/// A buffer: a number of elements somewhere in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// What the elements are.
    pub carrier: Carrier,
    /// How many there are.
    pub len: usize,
    /// Where they are.
    pub place: Place,
}

/// Where a buffer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Behind this pointer of the function's table.
    Table(usize),
    /// At this byte offset in the function's frame.
    Frame(usize),
}

/// The number of a buffer in its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BufferId(pub u32);

impl BufferId {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A scalar variable of a function, or the counter of a loop (`int`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Var(pub u32);

impl Var {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// `constant + Σ coefficient · variable`. Coefficients are not zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Affine {
    /// The part without variables.
    pub constant: i64,
    /// The coefficient of each variable.
    pub terms: BTreeMap<Var, i64>,
}

impl Affine {
    /// A constant.
    pub fn constant(constant: i64) -> Affine {
        Affine {
            constant,
            terms: BTreeMap::new(),
        }
    }

    /// A variable.
    pub fn var(var: Var) -> Affine {
        Affine {
            constant: 0,
            terms: BTreeMap::from([(var, 1)]),
        }
    }

    /// The coefficient of a variable; zero if it does not occur.
    pub fn coefficient(&self, var: Var) -> i64 {
        self.terms.get(&var).copied().unwrap_or(0)
    }

    /// `self + factor · other`.
    pub fn plus(mut self, other: &Affine, factor: i64) -> Affine {
        self.constant += other.constant * factor;
        for (&var, &coefficient) in &other.terms {
            let sum = self.coefficient(var) + coefficient * factor;
            if sum == 0 {
                self.terms.remove(&var);
            } else {
                self.terms.insert(var, sum);
            }
        }
        self
    }
}

/// A place in a buffer, counted in elements.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The buffer.
    pub buffer: BufferId,
    /// Which element.
    pub index: Affine,
}

/// One thing a function does.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Loops over scalar statements.
    Nest(Nest),
    /// Shows an array, row-major from here on.
    Show {
        /// Which of the program's [`Program::shown`].
        what: usize,
        /// Its first element.
        at: Address,
    },
    /// A product of two matrices by a library kernel; its summation order is the kernel's.
    Gemm(Gemm),
    /// Random numbers by a library kernel.
    Random(Random),
    /// The orders of the rows of a matrix by a library kernel.
    Sort(Sort),
    /// A function of all elements of an array by a library kernel; its rounding is the kernel's.
    Map(Map),
    /// Factorizations of matrices, or linear systems, by a library kernel.
    Linalg(Linalg),
    /// A loop over steps.
    Loop {
        /// Its counter, and how often it runs at most.
        count: Count,
        /// Where its limit stands (`int`), if it has one: before each iteration, counting up, the counter is
        /// held against what stands there then; counting down begins below what stood there at first.
        /// Afterwards the number of iterations that ran stands there.
        limit: Option<Address>,
        /// What it repeats.
        body: Vec<Step>,
    },
    /// A conditional.
    Cond {
        /// The condition (`bool`).
        condition: Address,
        /// Runs if it holds.
        then: Vec<Step>,
        /// Runs otherwise.
        otherwise: Vec<Step>,
    },
    /// A call of an earlier function.
    Call {
        /// Which.
        function: usize,
        /// Where its parameters are.
        args: Vec<Address>,
        /// Where its results go.
        results: Vec<Address>,
        /// Where its table is put (`int`, one for each parameter and result).
        table: BufferId,
        /// Its frame, as bytes.
        frame: BufferId,
    },
}

/// The head of a loop: `var` counts from 0 to `n-1`, or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The counter.
    pub var: Var,
    /// The number of iterations.
    pub n: usize,
    /// Whether it counts down.
    pub backward: bool,
}

/// Loops over scalar statements. Its loads and stores never overlap except at equal addresses of one buffer.
#[derive(Clone, Debug, PartialEq)]
pub struct Nest {
    /// The statements.
    pub body: Vec<Stmt>,
}

/// A scalar statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Stmt {
    /// Binds a variable for the rest of its block.
    Let(Var, Expr),
    /// Declares a variable that changes, with its first value.
    Cell(Var, Var),
    /// Gives a variable declared by `Cell` a new value.
    Set(Var, Var),
    /// Writes a value.
    Store(Address, Var),
    /// Repeats statements.
    For(Count, Vec<Stmt>),
    /// Stops the run unless `0 <= index < size`.
    Check {
        /// The index (`int`).
        index: Var,
        /// The size of the axis.
        size: usize,
        /// The place that is named.
        site: Site,
    },
}

/// A scalar operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Expr {
    /// A constant.
    Literal(Literal),
    /// Reads an element.
    Load(Address),
    /// An affine expression as an `int`.
    Index(Affine),
    /// A function of one argument.
    Unary(UnaryOp, Var),
    /// A function of two arguments.
    Binary(BinaryOp, Var, Var),
    /// A comparison, as a `bool`.
    Compare(CompareOp, Var, Var),
    /// The second if the first holds, else the third.
    Select(Var, Var, Var),
    /// A value in another carrier.
    Convert(Carrier, Var),
}

/// `c = a · b` for `a: [m, k]`, `b: [k, n]`, `c: [m, n]`, each with a stride for rows and for columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Gemm {
    /// `F32` or `F64`.
    pub carrier: Carrier,
    /// Rows of `a` and `c`.
    pub m: usize,
    /// Columns of `b` and `c`.
    pub n: usize,
    /// Columns of `a`, rows of `b`.
    pub k: usize,
    /// The left factor.
    pub a: Matrix,
    /// The right factor.
    pub b: Matrix,
    /// The product.
    pub c: Matrix,
}

/// A matrix in a buffer.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// The first element.
    pub at: Address,
    /// The distance from row to row.
    pub row: i64,
    /// The distance from column to column.
    pub column: i64,
}

/// A function that replaces each of `n` neighbouring elements by its value there.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// The function.
    pub op: UnaryOp,
    /// `F32` or `F64`.
    pub carrier: Carrier,
    /// How many elements.
    pub n: usize,
    /// The first of them.
    pub at: Address,
}

/// The indices of the elements of each of `rows` rows in order (see `Prim::ArgSort`); rows lie one after
/// another, each of `n` neighbouring elements.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// `F32`, `F64` or `Int`.
    pub carrier: Carrier,
    /// How many rows.
    pub rows: usize,
    /// How many elements each has.
    pub n: usize,
    /// Whether the greatest comes first.
    pub descending: bool,
    /// The elements.
    pub x: Address,
    /// Where the indices go (`int`).
    pub out: Address,
}

/// An operation on a batch of matrices, each row-major and one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Linalg {
    /// Which.
    pub op: LinalgOp,
    /// `F32` or `F64`.
    pub carrier: Carrier,
    /// How many matrices of which size.
    pub sizes: Sizes,
    /// Where its arguments are.
    pub args: Vec<Address>,
    /// Where its results go.
    pub results: Vec<Address>,
}

/// Random numbers from keys (two `int`s each, one key after another).
#[derive(Clone, Debug, PartialEq)]
pub struct Random {
    /// What is drawn from each.
    pub draw: Draw,
    /// How many keys there are.
    pub count: usize,
    /// The first key.
    pub key: Address,
    /// Where the numbers go, those of one key after those of another.
    pub out: Address,
}

/// What is drawn from a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Draw {
    /// That many words of 32 bits.
    Bits(usize),
    /// That many keys.
    Split(usize),
    /// The key of a numbered use; here is the number for the first key, and the others behind it.
    Fold(Address),
}

impl Draw {
    /// How many words are drawn from one key.
    pub fn words(&self) -> usize {
        match self {
            Draw::Bits(n) => *n,
            Draw::Split(n) => 2 * n,
            Draw::Fold(_) => 2,
        }
    }
}
