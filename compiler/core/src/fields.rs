//! The fields of a record: cheap to hand on, and found by name at once.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::value::Value;

/// A field: its name and its value.
pub type Field = (Arc<str>, Value);

/// The fields of a record in order. Clones share them.
#[derive(Clone)]
pub struct Fields(Arc<Shared>);

struct Shared {
    list: Vec<Field>,
    /// Of how many parts all values together are made.
    parts: usize,
    /// Where each name stands; made when it is first asked for.
    index: OnceLock<HashMap<Arc<str>, usize>>,
}

/// Of so many fields one is found by looking at all of them.
const FEW: usize = 16;

impl Fields {
    /// The value of a field; of the first if several have the name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let Shared { list, index, .. } = &*self.0;
        if list.len() <= FEW {
            return list.iter().find(|(n, _)| **n == *name).map(|(_, v)| v);
        }
        let index = index.get_or_init(|| {
            let places = list.iter().enumerate().rev();
            places.map(|(at, (n, _))| (n.clone(), at)).collect()
        });
        index.get(name).map(|&at| &list[at].1)
    }

    /// Of how many parts all values together are made. Known without looking at them, because fields are
    /// shared: a record that holds another twice doubles its parts at no cost.
    pub fn parts(&self) -> usize {
        self.0.parts
    }
}

impl Deref for Fields {
    type Target = [Field];

    fn deref(&self) -> &[Field] {
        &self.0.list
    }
}

impl From<Vec<Field>> for Fields {
    fn from(list: Vec<Field>) -> Fields {
        let counts = list.iter().map(|(_, v)| v.parts());
        let parts = counts.fold(0, usize::saturating_add);
        let index = OnceLock::new();
        Fields(Arc::new(Shared { list, parts, index }))
    }
}

impl FromIterator<Field> for Fields {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Fields {
        Fields::from(Vec::from_iter(fields))
    }
}

impl IntoIterator for Fields {
    type Item = Field;
    type IntoIter = std::vec::IntoIter<Field>;

    fn into_iter(self) -> Self::IntoIter {
        let list = match Arc::try_unwrap(self.0) {
            Ok(own) => own.list,
            Err(shared) => shared.list.clone(),
        };
        list.into_iter()
    }
}

impl<'f> IntoIterator for &'f Fields {
    type Item = &'f Field;
    type IntoIter = std::slice::Iter<'f, Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_however_many_there_are() {
        for n in [0, 1, FEW, FEW + 1, 100] {
            let field = |k: usize| (Arc::from(format!("f{}", k % 90)), Value::int(k as i128));
            let fields: Fields = (0..n).map(field).collect();
            let found = |name: &str| fields.get(name).map(|v| format!("{v:?}"));
            for k in 0..n.min(90) {
                let wanted = format!("{:?}", Value::int(k as i128));
                assert_eq!(found(&format!("f{k}")), Some(wanted), "{k} of {n}");
            }
            assert_eq!(found("g"), None);
        }
    }
}
