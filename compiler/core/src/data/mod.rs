//! `data` items: columns, encoders and splits, checked and as data for the runtime.

mod encode;
mod read;
mod split;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::DataDef;

use crate::module::{ModuleId, Modules};
use crate::ty::{Kind, Ty};
use read::Reader;

/// A data set as the program declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSpec {
    /// Its name.
    pub name: String,
    /// The file as written, relative to the source file.
    pub path: String,
    /// Where that is written.
    pub path_span: Span,
    /// Columns by name, in the order written, as the file has them.
    pub columns: Vec<(String, ColumnKind)>,
    /// How an example's input is made.
    pub input: Encoding,
    /// How an example's target is made.
    pub target: Encoding,
    /// The type of one example's input.
    pub input_ty: Ty,
    /// The type of one example's target.
    pub target_ty: Ty,
    /// Which rows train and which are held out.
    pub split: SplitRule,
    /// Whether encoders are fitted on all rows; by default on the training rows only.
    pub fit_on_all: bool,
    /// Keeps only rows of these classes of a column.
    pub only: Option<(String, Vec<String>)>,
    /// The seed of the split.
    pub seed: u64,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A real number.
    Real,
    /// A whole number.
    Int,
    /// 0 or 1.
    Bit,
    /// true or false.
    Bool,
    /// One of these names.
    Category(Vec<String>),
}

/// How columns become numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Encoding {
    /// A column.
    Column(String),
    /// Scalars of one kind, as a vector.
    List(Vec<Encoding>),
    /// Vectors of one kind, one after the other.
    Concat(Vec<Encoding>),
    /// Whole numbers, bits or conditions as reals.
    Real(Box<Encoding>),
    /// Mean 0 and deviation 1.
    Standardize(Box<Encoding>),
    /// From 0 to 1.
    MinMax(Box<Encoding>),
    /// Whether it is greater, as bits.
    Threshold(Box<Encoding>, f64),
    /// One for the class, zero for the others, over a carrier.
    OneHot(Box<Encoding>, Kind),
    /// The class's number.
    Index(Box<Encoding>),
    /// The class's number in binary, high bit first.
    Binary(Box<Encoding>),
}

/// Which rows train.
#[derive(Clone, Debug, PartialEq)]
pub enum SplitRule {
    /// A share of the rows, drawn with the seed.
    Shuffled(f64),
    /// A share of the rows, the first.
    Ordered(f64),
    /// A share of each class of a column, drawn with the seed.
    Stratified(String, f64),
    /// The first so many rows of each class of a column.
    FirstOfEach(String, usize),
}

/// Reads a `data` item of a module; `None` after an error.
pub fn read(
    def: &DataDef,
    modules: &Modules,
    module: ModuleId,
) -> (Option<DataSpec>, Vec<Diagnostic>) {
    Reader::new(def, modules, module).finish()
}
