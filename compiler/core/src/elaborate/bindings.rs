//! The names that a session has bound: numbers, computed values, and abbreviations of functions.
//!
//! What was computed is not in the program: a region that uses it captures it, through all regions
//! around, from a frame outside of everything; and a definition that uses it takes it as further
//! arguments. So a program has just those parameters that it needs.

use lentil_diag::Span;
use lentil_grammar::ast::{ItemKind, LetDef};

use crate::elaborate::Elaborator;
use crate::module::DefId;
use crate::ty::Ty;
use crate::value::{At, Env, Value};

/// What a name of a session stands for.
#[derive(Clone, Debug)]
pub(crate) enum Held {
    /// Numbers that take the carrier their context wants, as in a block.
    Numbers(Value),
    /// A value of this type, which was computed.
    Computed(Ty),
    /// A function, a model, an optimizer: what it stands for is evaluated where it is used.
    Abbreviation,
}

/// An array that a session has computed: a name, and a leaf of its value.
pub type Given = (DefId, usize);

impl Elaborator<'_> {
    /// The value of a name of a session.
    pub(crate) fn held(&mut self, def: DefId, l: &LetDef, span: Span) -> Value {
        let modules = self.modules;
        match modules.scope().held(def) {
            Some(Held::Numbers(value)) => value.clone(),
            Some(Held::Computed(ty)) if self.lowering() => {
                let leaves = self.leaf_types(ty).len();
                let slots: Vec<At> = (0..leaves).map(|k| self.given_at((def, k))).collect();
                self.value_of(ty, &mut slots.into_iter())
            }
            Some(Held::Computed(ty)) => self.unknown(ty),
            Some(Held::Abbreviation) => {
                self.deeper(span, |e| e.expr(&l.value, &Env::module(def.module)))
            }
            None => Value::Error,
        }
    }

    /// Whether a definition is a name that a session has bound by `let`.
    pub(crate) fn is_let(&self, def: DefId) -> bool {
        matches!(&self.modules.item(def).kind, ItemKind::Let(_))
    }

    /// The value of a name in a scope, or of one that a session has bound; not of a definition.
    pub(crate) fn local_or_let(&mut self, name: &str, env: &Env, span: Span) -> Option<Value> {
        if let Some(value) = env.get(name) {
            return Some(value.clone());
        }
        let def = self.modules.lookup(env.module, name);
        let def = def.filter(|&def| self.is_let(def))?;
        Some(self.definition(def, None, span))
    }

    /// Where something given is.
    pub(crate) fn given_at(&mut self, given: Given) -> At {
        if let Some(&at) = self.givens.get(&given) {
            return at;
        }
        let (def, leaf) = given;
        let ty = match self.modules.scope().held(def) {
            Some(Held::Computed(ty)) => self.leaf_types(ty).swap_remove(leaf),
            Some(Held::Numbers(_) | Held::Abbreviation) | None => {
                unreachable!("only what was computed is given")
            }
        };
        let at = self.frames.add_given(ty);
        self.givens.insert(given, at);
        at
    }

    /// What is at these places of the outermost frame.
    ///
    /// # Panics
    /// If something else is: a definition captures nothing but what is given.
    pub(crate) fn givens_at(&self, places: &[At]) -> Vec<Given> {
        let given = |at: &At| self.givens.iter().find(|(_, here)| *here == at);
        let found = |at| given(at).expect("a definition captures only what is given");
        places.iter().map(|at| *found(at).0).collect()
    }
}
