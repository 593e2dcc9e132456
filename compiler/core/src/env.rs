//! Scopes.

use std::sync::Arc;

use crate::module::ModuleId;
use crate::value::Value;

/// A scope: local names, innermost first, on top of a module's names.
#[derive(Clone, Debug)]
pub struct Env {
    /// The module whose names are visible.
    pub module: ModuleId,
    node: Option<Arc<Node>>,
}

#[derive(Debug)]
struct Node {
    name: Arc<str>,
    value: Value,
    parent: Option<Arc<Node>>,
}

impl Env {
    /// A module's scope.
    pub fn module(module: ModuleId) -> Env {
        Env { module, node: None }
    }

    /// The scope with one more name.
    pub fn bind(&self, name: impl Into<Arc<str>>, value: Value) -> Env {
        let node = Node {
            name: name.into(),
            value,
            parent: self.node.clone(),
        };
        Env {
            module: self.module,
            node: Some(Arc::new(node)),
        }
    }

    /// A local name's value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let mut node = self.node.as_deref();
        while let Some(n) = node {
            if &*n.name == name {
                return Some(&n.value);
            }
            node = n.parent.as_deref();
        }
        None
    }

    /// The scope with every local value changed.
    pub fn map(&self, f: &dyn Fn(&Value) -> Value) -> Env {
        let mut nodes = Vec::new();
        let mut node = self.node.as_deref();
        while let Some(n) = node {
            nodes.push(n);
            node = n.parent.as_deref();
        }
        nodes
            .into_iter()
            .rev()
            .fold(Env::module(self.module), |env, n| {
                env.bind(n.name.clone(), f(&n.value))
            })
    }

    /// All local names, innermost first.
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        let mut node = self.node.as_deref();
        while let Some(n) = node {
            names.push(n.name.clone());
            node = n.parent.as_deref();
        }
        names
    }
}
