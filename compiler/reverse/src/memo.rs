//! What has been worked out already: each body and each function is analysed and split once.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use lentil_unary::{Function, Rebuilt, Region};

use crate::split::{Split, Wishes};

/// A region that is shared: the body of a loop or of an arm, or a function's.
/// Equal regions are one key, however they are held.
#[derive(Clone, Debug)]
pub(crate) enum Code {
    Body(Arc<Region>),
    Function(Arc<Function>),
}

impl Deref for Code {
    type Target = Region;
    fn deref(&self) -> &Region {
        match self {
            Code::Body(region) => region,
            Code::Function(function) => &function.region,
        }
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        **self == **other
    }
}

impl Eq for Code {}

impl Hash for Code {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

/// The results of one run of the pass, by what they were asked for. Looked up, never iterated over.
#[derive(Default)]
pub(crate) struct Memo {
    /// How many steps what holds a derivative of a derivative may have where it is differentiated again.
    pub(crate) limit: Option<usize>,
    /// Whether something had more, and was left out.
    pub(crate) exceeded: bool,
    pub(crate) varying: HashMap<(Code, Vec<bool>), Vec<bool>>,
    pub(crate) useful: HashMap<(Code, Vec<bool>), Vec<bool>>,
    pub(crate) splits: HashMap<(Code, Wishes), Rc<Split>>,
    /// Forward derivatives of functions, by which parameters vary.
    pub(crate) forwards: HashMap<(Arc<Function>, Vec<bool>), Arc<Function>>,
    /// Functions made from functions, by what they are for.
    pub(crate) functions: HashMap<(Purpose, Arc<Function>), Arc<Function>>,
    /// Bodies with every derivative in them resolved.
    pub(crate) resolved: Rebuilt,
    /// Every function there is.
    made: HashSet<Arc<Function>>,
    pub(crate) tangents: HashMap<(Code, Vec<bool>), Rc<crate::forward::Streamed>>,
}

impl Memo {
    /// Nothing yet, with a limit.
    pub(crate) fn within(limit: usize) -> Memo {
        Memo {
            limit: Some(limit),
            ..Memo::default()
        }
    }

    /// A new function; the very same one if an equal one is known.
    pub(crate) fn function(&mut self, name: String, region: Region) -> Arc<Function> {
        self.adopt(Arc::new(Function { name, region }))
    }

    /// Makes a function known; returns the one that is known already if an equal one is.
    /// So equal functions that call equal functions are seen to be equal at once, at any depth of calls.
    pub(crate) fn adopt(&mut self, function: Arc<Function>) -> Arc<Function> {
        if let Some(known) = self.made.get(&function) {
            return known.clone();
        }
        self.made.insert(function.clone());
        function
    }
}

/// What a function was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    /// The same function with every derivative in it resolved.
    Resolved,
    /// That, with what derivatives brought in simplified: what is differentiated.
    Derivand,
    /// That, with loop invariants taken out of loops.
    Prepared,
    /// Its reverse derivative.
    Reverse,
}
