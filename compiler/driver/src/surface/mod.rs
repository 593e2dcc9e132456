//! Unary form back in the language: what `lentil grad` shows.
//!
//! A region becomes one `fn`, with a further `fn` in front for each function that it calls. The text
//! parses, checks and means the same. Sizes are numbers; what is used once stands where it is used,
//! what is used more often is bound by a `let`. The tree is printed by the formatter, like all text.

mod binders;
mod control;
mod derivative;
mod element;
mod names;
mod number;
mod plan;
mod pointwise;
mod scope;
mod spell;
mod tree;
mod whole;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use lentil_grammar::ast::{ExprKind, Item, TypeKind};
use lentil_grammar::item_to_string;
use lentil_unary::{Carrier, Function, Op, Region, Type};

pub use derivative::derivative;

use binders::{Extent, Extents};
use names::Names;
use scope::{Place, Scope};

/// Why a region has no text in the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unprintable {
    /// It holds a derivative that is not resolved.
    Unresolved,
    /// The names given are not as many as its parameters and results, or it is ill-formed.
    Malformed,
}

impl fmt::Display for Unprintable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unprintable::Unresolved => "it holds a derivative that is not resolved",
            Unprintable::Malformed => "its parameters and results are not those that are named",
        })
    }
}

impl std::error::Error for Unprintable {}

/// The text of a resolved and simplified region: the functions that it calls, then the region itself
/// as a function of this name. Paths may name parameters and results; several results are a record.
pub fn print(
    name: &str,
    region: &Region,
    params: &[String],
    results: &[String],
) -> Result<String, Unprintable> {
    if params.len() != region.params().len() || results.len() != region.results().len() {
        return Err(Unprintable::Malformed);
    }
    let region = spell::spell(region);
    let mut names = Names::new();
    let name = names.path(name);
    let check = names.path("checked");
    let mut functions = Functions::default();
    functions.collect(&region, &mut names)?;
    let mut printer = Printer {
        names,
        extents: Extents::new(),
        functions: functions.named.iter().cloned().collect(),
        check,
        checks: false,
    };
    let mut items = Vec::new();
    for (function, name) in &functions.named {
        let count = function.region.params().len();
        let letter = |k: usize| match count {
            0..=3 => ["x", "y", "z"][k].to_string(),
            _ => format!("x{}", k + 1),
        };
        let params: Vec<String> = (0..count).map(letter).collect();
        printer.names.begin();
        items.push(printer.item(name, &function.region, &params, None)?);
        printer.names.end();
    }
    items.push(printer.item(&name, &region, params, Some(results))?);
    if printer.checks {
        items.insert(0, check_item(&printer.check));
    }
    let texts: Vec<String> = items.iter().map(item_to_string).collect();
    Ok(texts.join("\n\n") + "\n")
}

/// What is known while the text is made.
struct Printer {
    /// The names that are taken in the function that is being printed.
    names: Names,
    /// What the names in scope range over.
    extents: Extents,
    /// The names of functions.
    functions: HashMap<Arc<Function>, String>,
    /// The name of [`check_item`].
    check: String,
    /// Whether it is called.
    checks: bool,
}

/// A function that takes an index as it is, of which nothing is known before the program runs.
fn check_item(name: &str) -> Item {
    let int = Type::scalar(Carrier::Int);
    let param = vec![("i".to_string(), tree::ty(&int))];
    let mut item = tree::function(name, param, tree::ty(&int), tree::name("i"));
    item.docs = vec!["An index that is checked when the program runs.".to_string()];
    item
}

impl Printer {
    fn item(
        &mut self,
        name: &str,
        region: &Region,
        params: &[String],
        results: Option<&[String]>,
    ) -> Result<Item, Unprintable> {
        let params: Vec<String> = params.iter().map(|p| self.names.path(p)).collect();
        let mut places = Vec::new();
        self.extents.clear();
        for (param, ty) in params.iter().zip(region.params()) {
            self.extents
                .insert(param.clone(), Extent::Array(ty.shape.clone()));
            places.push(Place::Of(param.clone(), Vec::new()));
        }
        let (lets, values) = Scope::new(self, region, places).finish(false)?;
        let types = region.result_types();
        let (ty, value) = match results {
            Some(results) if results.len() > 1 => {
                let mut fields = Names::labels();
                let fields: Vec<String> = results.iter().map(|r| fields.path(r)).collect();
                let named = |n: &String| tree::ident(n);
                let ty = fields
                    .iter()
                    .map(named)
                    .zip(types.iter().map(tree::ty))
                    .collect();
                let record = fields.iter().map(named).zip(values).collect();
                (TypeKind::Record(ty), tree::expr(ExprKind::Record(record)))
            }
            _ => (product(&types), tree::tuple(values)),
        };
        let params = params
            .into_iter()
            .zip(region.params().iter().map(tree::ty))
            .collect();
        let body = tree::block(lets, value);
        Ok(tree::function(name, params, tree::type_expr(ty), body))
    }
}

fn product(types: &[Type]) -> TypeKind {
    match types {
        [only] => tree::ty(only).kind,
        _ => TypeKind::Tuple(types.iter().map(tree::ty).collect()),
    }
}

/// The functions that a region calls, each after those that it calls itself.
#[derive(Default)]
struct Functions {
    named: Vec<(Arc<Function>, String)>,
    known: HashSet<Arc<Function>>,
}

impl Functions {
    fn collect(&mut self, region: &Region, names: &mut Names) -> Result<(), Unprintable> {
        for step in region.steps() {
            match &step.op {
                Op::Prim(_) => {}
                Op::Loop(l) => self.collect(&l.body, names)?,
                Op::Cond { then, otherwise } => {
                    self.collect(then, names)?;
                    self.collect(otherwise, names)?;
                }
                Op::Call(f) => {
                    if self.known.insert(f.clone()) {
                        self.collect(&f.region, names)?;
                        self.named.push((f.clone(), names.path(&f.name)));
                    }
                }
                Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => {
                    return Err(Unprintable::Unresolved);
                }
            }
        }
        Ok(())
    }
}
