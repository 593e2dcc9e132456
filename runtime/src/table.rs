//! Tables: typed columns of equal length, and the schema that declares them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What the values of a column are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Finite real numbers.
    Real,
    /// Whole numbers of 64 bits.
    Int,
    /// `0` or `1`.
    Bit,
    /// `true` or `false`.
    Bool,
    /// One of these classes.
    Category(Vec<String>),
}

impl ColumnType {
    /// A value of the type, in words.
    pub fn wanted(&self) -> &'static str {
        match self {
            ColumnType::Real => "a number",
            ColumnType::Int => "a whole number",
            ColumnType::Bit => "a bit (0 or 1)",
            ColumnType::Bool => "true or false",
            ColumnType::Category(_) => "a category",
        }
    }
}

/// The declared columns by name. A file may have more, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Each column's type.
    pub columns: BTreeMap<String, ColumnType>,
}

impl Schema {
    /// A schema from names and types.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = (S, ColumnType)>) -> Schema {
        let columns = columns
            .into_iter()
            .map(|(name, ty)| (name.into(), ty))
            .collect();
        Schema { columns }
    }

    /// The same schema with these columns only: what prediction needs does not include the target.
    pub fn only(&self, names: &BTreeSet<String>) -> Schema {
        let kept = self
            .columns
            .iter()
            .filter(|(name, _)| names.contains(*name));
        Schema::new(kept.map(|(name, ty)| (name.clone(), ty.clone())))
    }

    /// The classes of every category column, as parameter files keep them.
    pub fn classes(&self) -> BTreeMap<String, Vec<String>> {
        let of = |ty: &ColumnType| match ty {
            ColumnType::Category(classes) => Some(classes.clone()),
            ColumnType::Real | ColumnType::Int | ColumnType::Bit | ColumnType::Bool => None,
        };
        let named = self
            .columns
            .iter()
            .map(|(name, ty)| Some((name.clone(), of(ty)?)));
        named.flatten().collect()
    }
}

/// The values of a column, one per row.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Of [`ColumnType::Real`].
    Real(Vec<f64>),
    /// Of [`ColumnType::Int`].
    Int(Vec<i64>),
    /// Of [`ColumnType::Bit`], each 0 or 1.
    Bit(Vec<u8>),
    /// Of [`ColumnType::Bool`], 0 for false and 1 for true.
    Bool(Vec<u8>),
    /// Of [`ColumnType::Category`]: positions in the list of classes.
    Category(Vec<u32>),
}

impl Column {
    /// No values of a type.
    pub fn empty(ty: &ColumnType) -> Column {
        match ty {
            ColumnType::Real => Column::Real(Vec::new()),
            ColumnType::Int => Column::Int(Vec::new()),
            ColumnType::Bit => Column::Bit(Vec::new()),
            ColumnType::Bool => Column::Bool(Vec::new()),
            ColumnType::Category(_) => Column::Category(Vec::new()),
        }
    }

    /// These rows, in this order.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn select(&self, rows: &[usize]) -> Column {
        match self {
            Column::Real(values) => Column::Real(pick(values, rows)),
            Column::Int(values) => Column::Int(pick(values, rows)),
            Column::Bit(values) => Column::Bit(pick(values, rows)),
            Column::Bool(values) => Column::Bool(pick(values, rows)),
            Column::Category(values) => Column::Category(pick(values, rows)),
        }
    }
}

/// What a data file holds of the declared columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Where it comes from, for messages.
    pub path: PathBuf,
    /// The number of rows; at least one.
    pub rows: usize,
    /// What was declared.
    pub schema: Schema,
    /// The declared columns, each with one value per row.
    pub columns: BTreeMap<String, Column>,
}

impl Table {
    /// These rows, in this order.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn select(&self, rows: &[usize]) -> Table {
        let columns = self.columns.iter();
        Table {
            path: self.path.clone(),
            rows: rows.len(),
            schema: self.schema.clone(),
            columns: columns
                .map(|(name, column)| (name.clone(), column.select(rows)))
                .collect(),
        }
    }

    /// The rows whose class in a category column is one of `classes`; these become the column's
    /// only classes, numbered as given. `None` if the column is no category column, or lacks one of
    /// the classes.
    pub fn of_classes(&self, column: &str, classes: &[String]) -> Option<Table> {
        let (Some(ColumnType::Category(all)), Some(Column::Category(values))) =
            (self.schema.columns.get(column), self.columns.get(column))
        else {
            return None;
        };
        if !classes.iter().all(|class| all.contains(class)) {
            return None;
        }
        let number = |value: u32| {
            let class = all.get(value as usize)?;
            classes
                .iter()
                .position(|kept| kept == class)
                .map(|position| position as u32)
        };
        let kept: Vec<(usize, u32)> = values
            .iter()
            .enumerate()
            .filter_map(|(row, &value)| Some((row, number(value)?)))
            .collect();
        let rows: Vec<usize> = kept.iter().map(|&(row, _)| row).collect();
        let mut table = self.select(&rows);
        let numbers = kept.iter().map(|&(_, number)| number).collect();
        table
            .columns
            .insert(column.to_string(), Column::Category(numbers));
        let ty = ColumnType::Category(classes.to_vec());
        table.schema.columns.insert(column.to_string(), ty);
        Some(table)
    }
}

fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&row| values[row]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| name.to_string()).collect()
    }

    #[test]
    fn keeping_classes_renumbers_them() {
        let ty = ColumnType::Category(names(&["a", "b", "c"]));
        let table = Table {
            path: PathBuf::from("t.csv"),
            rows: 5,
            schema: Schema::new([("x", ColumnType::Int), ("k", ty)]),
            columns: BTreeMap::from([
                ("x".to_string(), Column::Int(vec![10, 11, 12, 13, 14])),
                ("k".to_string(), Column::Category(vec![0, 2, 1, 2, 0])),
            ]),
        };
        let kept = table.of_classes("k", &names(&["c", "a"])).unwrap();
        assert_eq!(kept.rows, 4);
        assert_eq!(kept.columns["x"], Column::Int(vec![10, 11, 13, 14]));
        assert_eq!(kept.columns["k"], Column::Category(vec![1, 0, 0, 1]));
        assert_eq!(kept.schema.classes()["k"], names(&["c", "a"]));
        assert_eq!(table.of_classes("k", &names(&["d"])), None);
        assert_eq!(table.of_classes("x", &names(&["a"])), None);
    }
}
