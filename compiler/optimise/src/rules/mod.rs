//! Rewrite rules, in tables by where they hold.
//!
//! A rule looks at one node and gives terms that equal it. It is a function and not a pattern, because what
//! it matches has axes, and axes must be computed with; its law stands beside it in mathematics.
//! A side condition that does not know answers *no*.

mod bit;
mod exact;
mod real;
mod ring;
mod structure;

#[cfg(test)]
mod tests;

use egg::Id;
use lentil_unary::{BinaryOp, Carrier, Literal, Prim, Type, UnaryOp};

use crate::graph::{Graph, Head, Term, Terms};
use crate::options::Arithmetic;
use crate::view::Emit;

/// Where a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Validity {
    /// Bit for bit, on every carrier.
    Exact,
    /// As an identity of polynomials, in every commutative ring; so it commutes with differentiation.
    /// On floating-point numbers up to rounding.
    Ring,
    /// As an identity of functions on 0 and 1, so only after differentiation.
    Bit,
    /// Over the real numbers.
    Real,
}

/// A rewrite rule.
pub struct Rule {
    /// A short name.
    pub name: &'static str,
    /// Where it holds.
    pub validity: Validity,
    /// What it says.
    pub law: &'static str,
    /// Terms that equal a node.
    pub apply: fn(&Site<'_>) -> Vec<Term>,
}

/// All rules, in a fixed order.
pub fn all() -> Vec<&'static Rule> {
    let tables = [
        exact::RULES,
        structure::RULES,
        ring::RULES,
        bit::RULES,
        real::RULES,
    ];
    tables.into_iter().flatten().collect()
}

/// The tables of rules as data: name, validity, and law of each.
pub fn laws() -> Vec<(&'static str, Validity, &'static str)> {
    let rules = all().into_iter();
    rules.map(|r| (r.name, r.validity, r.law)).collect()
}

/// A node that a rule looks at, in its e-graph.
pub struct Site<'a> {
    /// The e-graph.
    pub graph: &'a Graph,
    /// The class of the node.
    pub class: Id,
    /// The primitive.
    pub prim: &'a Prim,
    /// Its arguments.
    pub args: &'a [Id],
    /// What the numbers of the class may be rearranged like.
    pub arithmetic: Arithmetic,
}

impl<'a> Site<'a> {
    /// The type of a class.
    pub fn ty(&self, id: Id) -> &'a Type {
        &self.graph[id].data.types[0]
    }

    /// The type of the node.
    pub fn own(&self) -> &'a Type {
        self.ty(self.class)
    }

    /// The carrier of the node.
    pub fn carrier(&self) -> Carrier {
        self.own().carrier
    }

    /// The constant that every element of a class is.
    pub fn uniform(&self, id: Id) -> Option<Literal> {
        self.graph[id].data.uniform
    }

    /// Whether every element of a class is the image of an integer.
    pub fn is(&self, id: Id, value: i64) -> bool {
        self.uniform(id) == Some(Literal::integer(self.ty(id).carrier, value))
    }

    /// The primitives that a class is known to be made by.
    pub fn nodes(&self, id: Id) -> impl Iterator<Item = (&'a Prim, &'a [Id])> + use<'a> {
        let nodes = self.graph[id].nodes.iter();
        nodes.filter_map(|node| match &node.head {
            Head::Prim(prim) => Some((prim, &node.children[..])),
            Head::Param(_) | Head::Body(_) | Head::Result(_) => None,
        })
    }

    /// The arguments of a function of one argument that a class is made by.
    pub fn unary(&self, id: Id, op: UnaryOp) -> Option<Id> {
        let mut found = self.nodes(id).filter(|(p, _)| **p == Prim::Unary(op));
        found.next().map(|(_, args)| args[0])
    }

    /// The arguments of a function of two arguments that a class is made by, in every way it is.
    pub fn binary(&self, id: Id, op: BinaryOp) -> impl Iterator<Item = (Id, Id)> + use<'a> {
        let found = self.nodes(id);
        let found = found.filter(move |(p, _)| **p == Prim::Binary(op));
        found.map(|(_, args)| (args[0], args[1]))
    }

    /// The argument, if the node is this function of one argument.
    pub fn is_unary(&self, op: UnaryOp) -> Option<Id> {
        (*self.prim == Prim::Unary(op)).then(|| self.args[0])
    }

    /// The arguments, if the node is this function of two arguments.
    pub fn is_binary(&self, op: BinaryOp) -> Option<(Id, Id)> {
        (*self.prim == Prim::Binary(op)).then(|| (self.args[0], self.args[1]))
    }

    /// Whether two classes are one.
    pub fn same(&self, a: Id, b: Id) -> bool {
        self.graph.find(a) == self.graph.find(b)
    }

    /// A constant in every element of the node's type.
    pub fn constant(&self, value: Literal) -> Term {
        full(value, &self.own().shape)
    }

    /// The image of an integer in every element of the node's type.
    pub fn integer(&self, value: i64) -> Term {
        self.constant(Literal::integer(self.carrier(), value))
    }
}

/// A class as a term.
pub fn class(id: Id) -> Term {
    Term::Class(id)
}

/// A function of one argument.
pub fn unary(op: UnaryOp, x: Term) -> Term {
    Term::Node(Prim::Unary(op), vec![x])
}

/// A function of two arguments.
pub fn binary(op: BinaryOp, x: Term, y: Term) -> Term {
    Term::Node(Prim::Binary(op), vec![x, y])
}

/// An array of one constant.
pub fn full(value: Literal, shape: &[usize]) -> Term {
    let scalar = Term::Node(Prim::Literal(value), Vec::new());
    Terms.broadcast(&scalar, shape, &[])
}
