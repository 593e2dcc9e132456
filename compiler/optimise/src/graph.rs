//! The e-graph of one region: its language, what is known of each class, and terms over it.
//!
//! Regions are closed, so the language has no binders: a loop, a conditional or a call is a node with its
//! arguments as children and its bodies as a payload, which is a number in a side table.
//! An operation with several results is one node, and each result a projection of it.

use egg::{Analysis, DidMerge, EGraph, Id, Language};
use lentil_unary::eval::eval;
use lentil_unary::typing;
use lentil_unary::{Builder, Carrier, Literal, Op, Prim, Region, Slot, Type};

use crate::view::Emit;

/// What a node is, apart from its children.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Head {
    /// A parameter of the region.
    Param(u32),
    /// A primitive.
    Prim(Prim),
    /// An operation with bodies or with several results, by its number: all its results together.
    Body(u32),
    /// One result of such an operation.
    Result(u32),
}

/// A node of the e-graph.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// What it is.
    pub head: Head,
    /// Its arguments.
    pub children: Vec<Id>,
}

impl Language for Node {
    type Discriminant = std::mem::Discriminant<Head>;

    fn discriminant(&self) -> Self::Discriminant {
        std::mem::discriminant(&self.head)
    }

    fn matches(&self, other: &Node) -> bool {
        self.head == other.head && self.children.len() == other.children.len()
    }

    fn children(&self) -> &[Id] {
        &self.children
    }

    fn children_mut(&mut self) -> &mut [Id] {
        &mut self.children
    }
}

/// What is known of all values of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The types of the results (one, unless it is an operation with bodies).
    /// Empty if a node did not fit its children: only a wrong rule does that.
    pub types: Vec<Type>,
    /// The constant that every element is.
    pub uniform: Option<Literal>,
}

/// The analysis of an e-graph, with what nodes refer to by number.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The types of the region's parameters.
    pub params: Vec<Type>,
    /// The operations with bodies or with several results.
    pub bodies: Vec<Op>,
    /// How often two classes were found equal that cannot be: of different types, or different constants
    /// of a ring without rounding. Not zero only if a rule is wrong.
    pub clashes: usize,
}

/// An e-graph over unary form.
pub type Graph = EGraph<Node, Known>;

impl Analysis<Node> for Known {
    type Data = Facts;

    fn make(graph: &mut Graph, node: &Node, _: Id) -> Facts {
        let types = types(graph, node).unwrap_or_default();
        if types.is_empty() {
            graph.analysis.clashes += 1;
        }
        let uniform = uniform(graph, node);
        Facts { types, uniform }
    }

    fn merge(&mut self, a: &mut Facts, b: Facts) -> DidMerge {
        if a.types != b.types {
            self.clashes += 1;
        }
        match (a.uniform, b.uniform) {
            (None, None) => DidMerge(false, false),
            (None, Some(_)) => {
                a.uniform = b.uniform;
                DidMerge(true, false)
            }
            (Some(_), None) => DidMerge(false, true),
            (Some(x), Some(y)) => {
                if x != y && !x.carrier().is_real() {
                    self.clashes += 1;
                }
                // Two ways of rounding one real number: keep the lesser bits, whichever came first.
                a.uniform = Some(x.min(y));
                DidMerge(x > y, x < y)
            }
        }
    }

    /// A class that is a constant has the constant as a node.
    fn modify(graph: &mut Graph, id: Id) {
        let facts = &graph[id].data;
        let (Some(literal), [ty]) = (facts.uniform, &facts.types[..]) else {
            return;
        };
        let shape = ty.shape.clone();
        let mut at = graph.add(Node {
            head: Head::Prim(Prim::Literal(literal)),
            children: Vec::new(),
        });
        if !shape.is_empty() {
            let axes = Vec::new();
            at = graph.add(Node {
                head: Head::Prim(Prim::Broadcast { shape, axes }),
                children: vec![at],
            });
        }
        graph.union(id, at);
    }
}

fn types(graph: &Graph, node: &Node) -> Option<Vec<Type>> {
    let child = |id: &Id| graph[*id].data.types.first();
    let args = || node.children.iter().map(child).collect::<Option<Vec<_>>>();
    match &node.head {
        Head::Param(k) => Some(vec![graph.analysis.params[*k as usize].clone()]),
        Head::Prim(prim) => typing::infer(&Op::Prim(prim.clone()), &args()?).ok(),
        Head::Body(k) => typing::infer(&graph.analysis.bodies[*k as usize], &args()?).ok(),
        Head::Result(k) => {
            let all = &graph[node.children[0]].data.types;
            Some(vec![all.get(*k as usize)?.clone()])
        }
    }
}

/// The constant that every element of a node is, if its arguments say so.
fn uniform(graph: &Graph, node: &Node) -> Option<Literal> {
    let Head::Prim(prim) = &node.head else {
        return None;
    };
    match prim {
        Prim::Literal(literal) => Some(*literal),
        Prim::Unary(_) | Prim::Binary(_) | Prim::Compare(_) | Prim::Select | Prim::Convert(_) => {
            let known = |id: &Id| graph[*id].data.uniform;
            let known = node.children.iter().map(known);
            fold(prim, &known.collect::<Option<Vec<_>>>()?)
        }
        Prim::Broadcast { .. }
        | Prim::Transpose(_)
        | Prim::Reshape(_)
        | Prim::Slice { .. }
        | Prim::Flip(_) => graph[node.children[0]].data.uniform,
        Prim::Iota(_)
        | Prim::Pad { .. }
        | Prim::Concat(_)
        | Prim::Reduce { .. }
        | Prim::ArgMax(_)
        | Prim::ArgMin(_)
        | Prim::ArgSort { .. }
        | Prim::Scan { .. }
        | Prim::Contract { .. }
        | Prim::Gather { .. }
        | Prim::ScatterAdd { .. }
        | Prim::RandomBits(_)
        | Prim::RandomSplit(_)
        | Prim::RandomFold
        | Prim::Linalg(_)
        | Prim::Trace(_) => None,
    }
}

/// A pointwise primitive at constants: what the evaluator makes of it.
fn fold(prim: &Prim, args: &[Literal]) -> Option<Literal> {
    let integers = args.first().is_some_and(|l| l.carrier() == Carrier::Int);
    if let (Prim::Binary(lentil_unary::BinaryOp::Div | lentil_unary::BinaryOp::Rem), true) =
        (prim, integers)
    {
        return None; // the divisor may be zero where the division is never reached
    }
    let mut b = Builder::new(Vec::new());
    let slots: Vec<Slot> = args.iter().map(|&l| b.literal(l)).collect();
    let result = b.prim(prim.clone(), &slots);
    let results = eval(&b.finish(vec![result]), &[]).ok()?;
    Some(results[0].literal(0))
}

/// A term over the classes of an e-graph.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A class.
    Class(Id),
    /// A primitive at terms.
    Node(Prim, Vec<Term>),
}

/// Makes terms.
pub struct Terms;

impl Emit for Terms {
    type Value = Term;

    fn prim(&mut self, prim: Prim, args: &[Term]) -> Term {
        Term::Node(prim, args.to_vec())
    }
}

/// Adds a term, and returns its class.
pub fn add_term(graph: &mut Graph, term: &Term) -> Id {
    match term {
        Term::Class(id) => *id,
        Term::Node(prim, args) => {
            let children = args.iter().map(|t| add_term(graph, t)).collect();
            let head = Head::Prim(prim.clone());
            graph.add(Node { head, children })
        }
    }
}

/// A region's e-graph, and the class of each of its slots.
pub fn of_region(region: &Region) -> (Graph, Vec<Id>) {
    let mut graph = Graph::new(Known {
        params: region.params().to_vec(),
        ..Known::default()
    });
    let mut slots: Vec<Id> = (0..region.params().len() as u32)
        .map(|k| {
            graph.add(Node {
                head: Head::Param(k),
                children: Vec::new(),
            })
        })
        .collect();
    for step in region.steps() {
        let children: Vec<Id> = step.args.iter().map(|a| slots[a.index()]).collect();
        match &step.op {
            Op::Prim(prim) if step.types.len() == 1 => {
                let head = Head::Prim(prim.clone());
                slots.push(graph.add(Node { head, children }));
            }
            op @ (Op::Prim(_)
            | Op::Loop(_)
            | Op::Cond { .. }
            | Op::Call(_)
            | Op::Reverse(_)
            | Op::Forward(_)
            | Op::Lens(_)) => {
                let bodies = &mut graph.analysis.bodies;
                // Of some it matters how often they are applied: each is another.
                let known = bodies.iter().position(|body| body == op && op.additive());
                let number = known.unwrap_or_else(|| {
                    bodies.push(op.clone());
                    bodies.len() - 1
                });
                let head = Head::Body(number as u32);
                let all = graph.add(Node { head, children });
                for k in 0..step.types.len() as u32 {
                    slots.push(graph.add(Node {
                        head: Head::Result(k),
                        children: vec![all],
                    }));
                }
            }
        }
    }
    graph.rebuild();
    (graph, slots)
}
