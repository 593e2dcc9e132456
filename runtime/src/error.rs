//! Everything that can go wrong outside the compiler, as data: E06xx about data files, E07xx about
//! parameter files, E08xx about training.

mod hint;
mod message;

use std::io;
use std::path::{Path, PathBuf};

use lentil_unary::carrier::Carrier;

/// One value of a table, as a person would point at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The file.
    pub path: PathBuf,
    /// The line of the file where the row begins, from 1.
    pub line: u64,
    /// The row of data, from 1; the header is not counted.
    pub row: u64,
    /// The column's name.
    pub column: String,
}

/// What a file is to the program; it decides what to suggest when the file is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Data to learn from or to predict on.
    Data,
    /// Parameters that a run has saved.
    Parameters,
}

/// A failure of the outside world, with all that is needed to explain it.
///
/// `Display` says in one line what happened and where; [`RuntimeError::title`] names the kind of
/// failure, [`RuntimeError::hint`] says what to do, and [`RuntimeError::code`] leads to its page.
#[derive(Clone, Debug, PartialEq)]
pub enum RuntimeError {
    /// E0601: no file has that name.
    NotFound {
        /// The file.
        path: PathBuf,
        /// What it was to be read as.
        role: Role,
    },
    /// E0602: a declared column is not in the header.
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The declared column.
        column: String,
        /// The columns that the file has.
        header: Vec<String>,
    },
    /// E0603: a value is not of its column's type.
    BadValue {
        /// Where it stands.
        cell: Box<Cell>,
        /// Its text.
        found: String,
        /// What was wanted: `a number`, `a whole number`, `a bit (0 or 1)`, `true or false`.
        wanted: &'static str,
    },
    /// E0604: there is no header, or no row below it.
    Empty {
        /// The file.
        path: PathBuf,
        /// Whether a header was found.
        header: bool,
    },
    /// E0605: a row has another number of values than the header has names.
    Ragged {
        /// The file.
        path: PathBuf,
        /// The line where the row begins, from 1.
        line: u64,
        /// The row of data, from 1.
        row: u64,
        /// How many values it has.
        found: usize,
        /// How many names the header has.
        wanted: usize,
    },
    /// E0606: bytes that are not text in UTF-8.
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line where the row begins, from 1.
        line: u64,
        /// The column's name, or its number where the header itself cannot be read.
        column: String,
    },
    /// E0607: a value is none of its column's categories.
    UnknownCategory {
        /// Where it stands.
        cell: Box<Cell>,
        /// Its text.
        found: String,
        /// The categories that were declared.
        classes: Vec<String>,
    },
    /// E0608: a number is NaN, infinite, or too large to be represented.
    NotFinite {
        /// Where it stands.
        cell: Box<Cell>,
        /// Its text.
        found: String,
    },
    /// E0609: a value is left out.
    MissingValue {
        /// Where it should stand.
        cell: Box<Cell>,
        /// What was wanted there.
        wanted: &'static str,
    },
    /// E0610: the header has a declared name twice.
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
        /// The first two positions, from 1.
        positions: (usize, usize),
    },
    /// E0611: the file is there but cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// E0612: a file goes beyond a limit that keeps memory bounded.
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What there is too much of: `rows`, `columns`, `bytes in the row at line 7`.
        what: String,
        /// How much is allowed.
        limit: u64,
    },
    /// E0613: an encoded number does not fit the carrier it is wanted in.
    OutOfRange {
        /// The file.
        path: PathBuf,
        /// The encoder, as the program has it.
        encoder: String,
        /// The carrier.
        carrier: Carrier,
    },
    /// E0614: an encoder is applied to something that it cannot encode.
    IllTyped {
        /// The encoder, as the program has it.
        encoder: String,
        /// What is wrong with it.
        reason: String,
    },
    /// E0615: a split leaves nothing to learn from, or cannot be made.
    BadSplit {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// E0616: a class has fewer rows than a split takes of each class.
    TooFewOfClass {
        /// The file.
        path: PathBuf,
        /// The class.
        class: String,
        /// How many rows it has.
        found: usize,
        /// How many are wanted.
        wanted: usize,
    },
    /// E0701: a parameter of the program is not in the file.
    MissingParameter {
        /// The file.
        path: PathBuf,
        /// The parameter's path.
        name: String,
    },
    /// E0702: the file has a parameter that the program has not.
    ExtraParameter {
        /// The file.
        path: PathBuf,
        /// The parameter's path.
        name: String,
        /// A parameter of the program that is missing from the file and has nearly this path.
        meant: Option<String>,
    },
    /// E0702: more parameters are not as the program has them than are worth naming.
    MoreParameters {
        /// The file.
        path: PathBuf,
        /// How many.
        more: usize,
    },
    /// E0703: a parameter's shape is not the program's.
    WrongShape {
        /// The file.
        path: PathBuf,
        /// The parameter's path.
        name: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The shape in the program.
        wanted: Vec<usize>,
    },
    /// E0704: a parameter's carrier is not the program's.
    WrongCarrier {
        /// The file.
        path: PathBuf,
        /// The parameter's path.
        name: String,
        /// The carrier in the file.
        found: Carrier,
        /// The carrier in the program.
        wanted: Carrier,
    },
    /// E0705: the file begins like a parameter file but does not hold together.
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What does not hold.
        cause: String,
    },
    /// E0706: the file is something else than a parameter file.
    NotParameters {
        /// The file.
        path: PathBuf,
        /// How it shows.
        cause: String,
    },
    /// E0707: a parameter is stored in a way that no carrier has.
    UnsupportedStorage {
        /// The file.
        path: PathBuf,
        /// The parameter's path.
        name: String,
        /// How it is stored.
        found: String,
    },
    /// E0708: the file cannot be written; an older one of its name is as it was.
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// E0709: an element is stored that its carrier does not have, or that an encoder cannot use.
    BadElement {
        /// The file.
        path: PathBuf,
        /// The parameter's path.
        name: String,
        /// The element's position in row-major order, from 0.
        position: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// E0710: a parameter's path means something else in parameter files.
    ReservedPath {
        /// The file.
        path: PathBuf,
        /// The parameter's path.
        name: String,
    },
    /// E0711: the file was written by a later version.
    LaterFormat {
        /// The file.
        path: PathBuf,
        /// The file's version.
        found: u64,
        /// The last version that is understood.
        known: u64,
    },
    /// E0801: the loss is NaN or infinite.
    LossNotFinite {
        /// The epoch, from 1.
        epoch: usize,
        /// The step within the epoch, from 1.
        step: usize,
        /// The loss.
        loss: f64,
    },
    /// E0802: a parameter or a state is NaN or infinite.
    ParameterNotFinite {
        /// The epoch after which it is, from 1; 0 before the first.
        epoch: usize,
        /// Its path.
        name: String,
        /// What is there.
        found: f64,
    },
}

/// Every code with its title, in order: what `explain` knows about.
pub const TITLES: [(&str, &str); 29] = [
    ("E0601", "file not found"),
    ("E0602", "column not found"),
    ("E0603", "value of the wrong type"),
    ("E0604", "no data"),
    ("E0605", "row of the wrong length"),
    ("E0606", "text is not UTF-8"),
    ("E0607", "unknown category"),
    ("E0608", "number is not finite"),
    ("E0609", "missing value"),
    ("E0610", "column named twice"),
    ("E0611", "file cannot be read"),
    ("E0612", "file too large"),
    ("E0613", "number does not fit"),
    ("E0614", "encoder does not fit its column"),
    ("E0615", "split cannot be made"),
    ("E0616", "class has too few rows"),
    ("E0701", "parameter missing from the file"),
    ("E0702", "parameter unknown to the program"),
    ("E0703", "parameter of another shape"),
    ("E0704", "parameter of another carrier"),
    ("E0705", "parameter file is damaged"),
    ("E0706", "not a parameter file"),
    ("E0707", "parameter stored in an unsupported way"),
    ("E0708", "file cannot be written"),
    ("E0709", "parameter holds an impossible value"),
    ("E0710", "reserved parameter path"),
    ("E0711", "parameter file of a later version"),
    ("E0801", "loss is not finite"),
    ("E0802", "parameter is not finite"),
];

impl RuntimeError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            RuntimeError::NotFound { .. } => "E0601",
            RuntimeError::MissingColumn { .. } => "E0602",
            RuntimeError::BadValue { .. } => "E0603",
            RuntimeError::Empty { .. } => "E0604",
            RuntimeError::Ragged { .. } => "E0605",
            RuntimeError::NotUtf8 { .. } => "E0606",
            RuntimeError::UnknownCategory { .. } => "E0607",
            RuntimeError::NotFinite { .. } => "E0608",
            RuntimeError::MissingValue { .. } => "E0609",
            RuntimeError::DuplicateColumn { .. } => "E0610",
            RuntimeError::Unreadable { .. } => "E0611",
            RuntimeError::TooLarge { .. } => "E0612",
            RuntimeError::OutOfRange { .. } => "E0613",
            RuntimeError::IllTyped { .. } => "E0614",
            RuntimeError::BadSplit { .. } => "E0615",
            RuntimeError::TooFewOfClass { .. } => "E0616",
            RuntimeError::MissingParameter { .. } => "E0701",
            RuntimeError::ExtraParameter { .. } | RuntimeError::MoreParameters { .. } => "E0702",
            RuntimeError::WrongShape { .. } => "E0703",
            RuntimeError::WrongCarrier { .. } => "E0704",
            RuntimeError::Corrupt { .. } => "E0705",
            RuntimeError::NotParameters { .. } => "E0706",
            RuntimeError::UnsupportedStorage { .. } => "E0707",
            RuntimeError::Unwritable { .. } => "E0708",
            RuntimeError::BadElement { .. } => "E0709",
            RuntimeError::ReservedPath { .. } => "E0710",
            RuntimeError::LaterFormat { .. } => "E0711",
            RuntimeError::LossNotFinite { .. } => "E0801",
            RuntimeError::ParameterNotFinite { .. } => "E0802",
        }
    }

    /// The kind of failure, in a few words.
    pub fn title(&self) -> &'static str {
        let code = self.code();
        let entry = TITLES.iter().find(|(known, _)| *known == code);
        entry.map_or("", |(_, title)| title)
    }

    /// Why a file could not be opened.
    pub(crate) fn not_opened(path: &Path, role: Role, error: &io::Error) -> RuntimeError {
        let path = path.to_path_buf();
        match error.kind() {
            io::ErrorKind::NotFound => RuntimeError::NotFound { path, role },
            _ => RuntimeError::Unreadable {
                path,
                cause: error.to_string(),
            },
        }
    }

    /// The file it is about, if it is about one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            RuntimeError::BadValue { cell, .. }
            | RuntimeError::UnknownCategory { cell, .. }
            | RuntimeError::NotFinite { cell, .. }
            | RuntimeError::MissingValue { cell, .. } => Some(&cell.path),
            RuntimeError::NotFound { path, .. }
            | RuntimeError::MissingColumn { path, .. }
            | RuntimeError::Empty { path, .. }
            | RuntimeError::Ragged { path, .. }
            | RuntimeError::NotUtf8 { path, .. }
            | RuntimeError::DuplicateColumn { path, .. }
            | RuntimeError::Unreadable { path, .. }
            | RuntimeError::TooLarge { path, .. }
            | RuntimeError::OutOfRange { path, .. }
            | RuntimeError::BadSplit { path, .. }
            | RuntimeError::TooFewOfClass { path, .. }
            | RuntimeError::MissingParameter { path, .. }
            | RuntimeError::ExtraParameter { path, .. }
            | RuntimeError::MoreParameters { path, .. }
            | RuntimeError::WrongShape { path, .. }
            | RuntimeError::WrongCarrier { path, .. }
            | RuntimeError::Corrupt { path, .. }
            | RuntimeError::NotParameters { path, .. }
            | RuntimeError::UnsupportedStorage { path, .. }
            | RuntimeError::Unwritable { path, .. }
            | RuntimeError::BadElement { path, .. }
            | RuntimeError::ReservedPath { path, .. }
            | RuntimeError::LaterFormat { path, .. } => Some(path),
            RuntimeError::IllTyped { .. }
            | RuntimeError::LossNotFinite { .. }
            | RuntimeError::ParameterNotFinite { .. } => None,
        }
    }
}

impl std::error::Error for RuntimeError {}
