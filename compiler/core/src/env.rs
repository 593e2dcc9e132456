//! Scopes.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

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
    /// How many names there are with this one.
    depth: usize,
    /// Where a name among the ones before this one is; made when it is first asked for.
    block: OnceLock<Block>,
}

/// The names between a node and an outer one, so that a look-up takes a number of steps logarithmic in
/// the depth of a scope: a body may have thousands of `let`s.
#[derive(Debug)]
struct Block {
    names: HashMap<Arc<str>, Arc<Node>>,
    outer: Option<Arc<Node>>,
}

/// Only nodes whose depth this divides have blocks.
const BLOCK: usize = 16;

impl Node {
    /// A block reaches to the node whose depth has one binary digit one less, which reaches further.
    fn block(&self) -> Option<&Block> {
        if !self.depth.is_multiple_of(BLOCK) {
            return None;
        }
        Some(self.block.get_or_init(|| {
            let reach = 1usize << self.depth.trailing_zeros();
            let (mut names, mut outer) = (HashMap::new(), self.parent.clone());
            while let Some(node) = &outer
                && node.depth > self.depth - reach
            {
                let name = node.name.clone();
                names.entry(name).or_insert_with(|| node.clone());
                outer = node.parent.clone();
            }
            Block { names, outer }
        }))
    }
}

impl Env {
    /// A module's scope.
    pub fn module(module: ModuleId) -> Env {
        Env { module, node: None }
    }

    /// Whether it has no local names.
    pub fn is_module(&self) -> bool {
        self.node.is_none()
    }

    /// The scope with one more name.
    pub fn bind(&self, name: impl Into<Arc<str>>, value: Value) -> Env {
        let node = Node {
            name: name.into(),
            value,
            parent: self.node.clone(),
            depth: self.node.as_ref().map_or(1, |parent| parent.depth + 1),
            block: OnceLock::new(),
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
            node = match n.block() {
                Some(block) => match block.names.get(name) {
                    Some(found) => return Some(&found.value),
                    None => block.outer.as_deref(),
                },
                None => n.parent.as_deref(),
            };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_of_a_name_is_found_at_any_depth() {
        let found = |env: &Env, name: &str| match env.get(name) {
            Some(Value::Const(c)) => Some(c.clone()),
            _ => None,
        };
        let of = |n: i128| match Value::int(n) {
            Value::Const(c) => Some(c),
            _ => None,
        };
        let mut env = Env::module(ModuleId(0));
        for n in 0..1000 {
            // Every name twice, at changing distances.
            env = env.bind(format!("v{}", n * 7 % 500), Value::int(n));
            let newest = |k: i128| (0..=n).rev().find(|m| m * 7 % 500 == k);
            for k in [0, 1, n % 500, 499] {
                let wanted = newest(k).and_then(of);
                assert_eq!(found(&env, &format!("v{k}")), wanted, "{k} of {n}");
            }
        }
        assert!(env.get("w").is_none());
    }
}
