//! What to do about it, in one line.

use super::{Role, RuntimeError};
use crate::closest::closest;

impl RuntimeError {
    /// One line that says what to do, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            RuntimeError::NotFound {
                role: Role::Data, ..
            } => "paths are taken from the folder of the program's file".to_string(),
            RuntimeError::NotFound {
                role: Role::Parameters,
                ..
            } => "train the learner first; that writes the file".to_string(),
            RuntimeError::MissingColumn { column, header, .. } => {
                return missing_column(column, header);
            }
            RuntimeError::BadValue { found, wanted, .. } => return bad_value(found, wanted),
            RuntimeError::Empty { .. } => {
                "the first line names the columns, each line below it is one row".to_string()
            }
            RuntimeError::Ragged { found, wanted, .. } => {
                if found > wanted {
                    "a value that contains a comma must stand in double quotes".to_string()
                } else {
                    "add the missing values, or remove the line".to_string()
                }
            }
            RuntimeError::NotUtf8 { .. } => {
                "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)".to_string()
            }
            RuntimeError::UnknownCategory { found, classes, .. } => {
                match closest(found, classes.iter().map(String::as_str)) {
                    Some(class) => format!("did you mean `{class}`?"),
                    None => {
                        "add it to the column's `Category[...]`, or correct the row".to_string()
                    }
                }
            }
            RuntimeError::NotFinite { .. } | RuntimeError::MissingValue { .. } => {
                "fill in a value, or remove the row".to_string()
            }
            RuntimeError::DuplicateColumn { .. } => "rename one of them".to_string(),
            RuntimeError::Unreadable { .. } => "is it a file, and may you read it?".to_string(),
            RuntimeError::TooLarge { .. } => {
                "is a closing quote missing? Otherwise take a part of the file".to_string()
            }
            RuntimeError::OutOfRange { .. } => {
                "compile over f64, or bring the column into range".to_string()
            }
            RuntimeError::IllTyped { .. } => return None,
            RuntimeError::BadSplit { .. } => {
                "a split is the share of the rows to learn from, such as 0.8".to_string()
            }
            RuntimeError::TooFewOfClass { found, .. } => {
                format!("take at most {found} of each class")
            }
            RuntimeError::MissingParameter { .. } => {
                "the file was saved by another model; train this one again".to_string()
            }
            RuntimeError::ExtraParameter {
                meant: Some(meant), ..
            } => {
                format!("was it renamed? The program has `{meant}`, which the file lacks")
            }
            RuntimeError::ExtraParameter { meant: None, .. } => {
                "the file was saved by another model; train this one again".to_string()
            }
            RuntimeError::MoreParameters { .. } => {
                "is it the file of another learner? `--params` says which file, `--learner` whose"
                    .to_string()
            }
            RuntimeError::WrongShape { .. } => {
                "use the sizes that the file was trained with, or train again".to_string()
            }
            RuntimeError::WrongCarrier { .. } => {
                "compile over the carrier that the file was trained with, or train again"
                    .to_string()
            }
            RuntimeError::Corrupt { .. } => {
                "take another copy of the file, or train again".to_string()
            }
            RuntimeError::NotParameters { .. } => {
                "parameters are kept in `.safetensors` files".to_string()
            }
            RuntimeError::UnsupportedStorage { .. } => "store it as F32, F64 or I64".to_string(),
            RuntimeError::Unwritable { .. } => {
                "is the folder there, is there room, and may you write to it?".to_string()
            }
            RuntimeError::BadElement { .. } => "train again, or correct the file".to_string(),
            RuntimeError::ReservedPath { .. } => "give the parameter another name".to_string(),
            RuntimeError::LaterFormat { .. } => {
                "use the version of Lentil that wrote it, or a later one".to_string()
            }
            RuntimeError::LossNotFinite { .. } | RuntimeError::ParameterNotFinite { .. } => {
                "lower the rate, clip the gradients, or scale the inputs".to_string()
            }
        };
        Some(text)
    }
}

fn missing_column(column: &str, header: &[String]) -> Option<String> {
    if let Some(near) = closest(column, header.iter().map(String::as_str)) {
        return Some(format!("did you mean `{near}`?"));
    }
    if let [only] = header {
        for (separator, name) in [(';', "semicolons"), ('\t', "tabs")] {
            if only.contains(separator) {
                return Some(format!(
                    "the file is separated by {name}; save it with commas"
                ));
            }
        }
    }
    let is_number = |name: &String| name.parse::<f64>().is_ok();
    header
        .iter()
        .any(is_number)
        .then(|| "the first line looks like data, but must name the columns".to_string())
}

fn bad_value(found: &str, wanted: &str) -> Option<String> {
    let with_point = found.replace(',', ".");
    if found.contains(',') && with_point.parse::<f64>().is_ok() {
        return Some(format!("write `{with_point}`, with a decimal point"));
    }
    if wanted == crate::table::ColumnType::Int.wanted() && found.parse::<f64>().is_ok() {
        return Some("declare the column as `Real`".to_string());
    }
    Some(format!("every value of the column must be {wanted}"))
}
