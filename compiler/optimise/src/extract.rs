//! Chooses a program from an e-graph.
//!
//! A choice names one node for each class; its cost is that of the classes that the roots reach, each once.
//! To find the best is hard (it is set cover), so: a greedy choice that knows about sharing, the program as
//! it was, and simulated annealing from the cheaper of the two, with a seed.

use std::collections::HashMap;

use egg::Id;
use lentil_unary::{Op, Type};

use crate::cost::{costs, op_cost, prim_cost};
use crate::figure::Figures;
use crate::graph::{Graph, Head, Node};

/// An e-graph as plain tables: classes are numbered from 0.
pub struct Tables {
    /// For each class its nodes: cost and children.
    nodes: Vec<Vec<(u64, Vec<usize>)>>,
    /// The e-graph's name of each class.
    ids: Vec<Id>,
    /// The number of each class.
    numbers: HashMap<Id, usize>,
}

/// For each class the number of the node chosen; `None` where no node can be built.
pub type Choice = Vec<Option<usize>>;

impl Tables {
    /// The tables of an e-graph that is rebuilt.
    pub fn new(graph: &Graph) -> Tables {
        let mut ids: Vec<Id> = graph.classes().map(|c| c.id).collect();
        ids.sort();
        let numbers: HashMap<Id, usize> = ids.iter().enumerate().map(|(k, &id)| (id, k)).collect();
        let number = |id: &Id| numbers[&graph.find(*id)];
        let mut costs = costs();
        let mut class = |id: &Id| {
            let nodes = graph[*id].nodes.iter();
            nodes
                .map(|node| {
                    let cost = node_cost(&mut costs, graph, node, *id);
                    (cost, node.children.iter().map(number).collect())
                })
                .collect()
        };
        Tables {
            nodes: ids.iter().map(&mut class).collect(),
            numbers,
            ids,
        }
    }

    /// The number of a class.
    pub fn number(&self, graph: &Graph, id: Id) -> usize {
        self.numbers[&graph.find(id)]
    }

    /// The node of a choice in a class.
    pub fn node<'a>(&self, graph: &'a Graph, class: usize, choice: &Choice) -> Option<&'a Node> {
        Some(&graph[self.ids[class]].nodes[choice[class]?])
    }

    /// The cost of a choice; `None` if it goes round in a circle.
    pub fn cost(&self, choice: &Choice, roots: &[usize]) -> Option<u64> {
        Some(self.reach(choice, roots)?.1)
    }

    /// For each class, whether a choice reaches it.
    pub fn reached(&self, choice: &Choice, roots: &[usize]) -> Vec<bool> {
        let mut marks = vec![false; self.nodes.len()];
        for class in self.reach(choice, roots).into_iter().flat_map(|r| r.0) {
            marks[class] = true;
        }
        marks
    }

    /// The classes that a choice reaches, and their cost.
    fn reach(&self, choice: &Choice, roots: &[usize]) -> Option<(Vec<usize>, u64)> {
        const OPEN: u8 = 1;
        const DONE: u8 = 2;
        let mut state = vec![0_u8; self.nodes.len()];
        let (mut reached, mut cost) = (Vec::new(), 0_u64);
        let mut stack: Vec<(usize, usize)> = roots.iter().rev().map(|&r| (r, 0)).collect();
        while let Some((class, next)) = stack.pop() {
            if next == 0 {
                if state[class] == DONE {
                    continue;
                }
                if state[class] == OPEN {
                    return None;
                }
                state[class] = OPEN;
            }
            let (own, children) = &self.nodes[class][choice[class]?];
            match children[next..].iter().position(|&c| state[c] != DONE) {
                Some(offset) => {
                    stack.push((class, next + offset + 1));
                    stack.push((children[next + offset], 0));
                }
                None => {
                    state[class] = DONE;
                    reached.push(class);
                    cost = cost.saturating_add(*own);
                }
            }
        }
        Some((reached, cost))
    }

    /// The greedy choice: nodes are tried until nothing improves, the cost of a node being that of all
    /// classes below it, each once.
    pub fn greedy(&self) -> Choice {
        let mut best: Vec<Option<Below>> = vec![None; self.nodes.len()];
        let mut choice = vec![None; self.nodes.len()];
        let mut own = vec![0; self.nodes.len()];
        // Costs only fall, so this ends; the bound guards against long tails.
        for _ in 0..self.nodes.len().min(64) {
            let mut improved = false;
            for class in 0..self.nodes.len() {
                // What is below the best so far may have become cheaper since.
                if let Some(k) = choice[class] {
                    let (cost, children): &(u64, Vec<usize>) = &self.nodes[class][k];
                    if let Some(below) = below(&best, &own, class, *cost, children, u64::MAX) {
                        best[class] = Some(below);
                    }
                }
                for (k, (cost, children)) in self.nodes[class].iter().enumerate() {
                    let bound = best[class].as_ref().map_or(u64::MAX, |b| b.total);
                    let Some(below) = below(&best, &own, class, *cost, children, bound) else {
                        continue;
                    };
                    best[class] = Some(below);
                    choice[class] = Some(k);
                    own[class] = *cost;
                    improved = true;
                }
            }
            if !improved {
                break;
            }
        }
        choice
    }

    /// Tries single changes at random, keeping worse ones with a probability that falls to nothing.
    pub fn anneal(&self, start: Choice, roots: &[usize], steps: usize, seed: u64) -> Choice {
        let Some((mut reached, mut cost)) = self.reach(&start, roots) else {
            return start;
        };
        let (mut best, mut best_cost) = (start.clone(), cost);
        let mut choice = start;
        let mut random = Random(seed | 1);
        let several = |reached: &[usize]| -> Vec<usize> {
            let classes = reached.iter().copied();
            classes.filter(|&c| self.nodes[c].len() > 1).collect()
        };
        let mut open = several(&reached);
        for step in 0..steps {
            if open.is_empty() {
                break;
            }
            let class = open[random.below(open.len())];
            let before = choice[class];
            let after = Some(random.below(self.nodes[class].len()));
            if after == before {
                continue;
            }
            choice[class] = after;
            let heat = 0.05 * cost as f64 * (1.0 - step as f64 / steps as f64).powi(2);
            match self.reach(&choice, roots) {
                Some((next, next_cost)) if random.accepts(cost, next_cost, heat) => {
                    (reached, cost) = (next, next_cost);
                    open = several(&reached);
                    if cost < best_cost {
                        (best, best_cost) = (choice.clone(), cost);
                    }
                }
                _ => choice[class] = before,
            }
        }
        best
    }
}

/// What a class needs: itself and the classes below it, and what they cost together.
#[derive(Clone)]
struct Below {
    total: u64,
    classes: Bits,
}

/// What a node of a class needs, if that exists, costs less than the best so far, and is not the class
/// itself. `own` are the costs of the nodes that are best so far, without what is below them.
fn below(
    best: &[Option<Below>],
    own: &[u64],
    class: usize,
    cost: u64,
    children: &[usize],
    bound: u64,
) -> Option<Below> {
    if cost >= bound {
        return None;
    }
    let mut classes = Bits::new(best.len());
    for &child in children {
        let child = best[child].as_ref()?;
        if child.total.saturating_add(cost) >= bound || child.classes.has(class) {
            return None;
        }
        classes.unite(&child.classes);
    }
    let total = classes.iter().map(|c| own[c]);
    let total = total.fold(cost, u64::saturating_add);
    classes.insert(class);
    (total < bound).then_some(Below { total, classes })
}

/// A set of small numbers.
#[derive(Clone)]
struct Bits(Vec<u64>);

impl Bits {
    /// The empty set of numbers below `n`.
    fn new(n: usize) -> Bits {
        Bits(vec![0; n.div_ceil(64)])
    }

    fn has(&self, k: usize) -> bool {
        self.0[k / 64] >> (k % 64) & 1 == 1
    }

    fn insert(&mut self, k: usize) {
        self.0[k / 64] |= 1 << (k % 64);
    }

    fn unite(&mut self, other: &Bits) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, &word)| {
            let rest = std::iter::successors(Some(word), |w| Some(w & w.wrapping_sub(1)));
            let rest = rest.take_while(|&w| w != 0);
            rest.map(move |w| 64 * at + w.trailing_zeros() as usize)
        })
    }
}

fn node_cost<'g>(costs: &mut Figures<'g, u64>, graph: &'g Graph, node: &Node, class: Id) -> u64 {
    let types = |id: Id| -> Vec<&Type> { graph[id].data.types.iter().collect() };
    let args: Vec<&Type> = node.children.iter().flat_map(|&id| types(id)).collect();
    match &node.head {
        Head::Param(_) | Head::Result(_) => 0,
        Head::Prim(prim) => types(class)
            .first()
            .map_or(u64::MAX, |ty| prim_cost(prim, &args, ty)),
        Head::Body(k) => {
            let op: &Op = &graph.analysis.bodies[*k as usize];
            op_cost(costs, op, &args, &types(class))
        }
    }
}

/// A small generator of random numbers (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn accepts(&mut self, cost: u64, next: u64, heat: f64) -> bool {
        let uniform = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        // `exp` differs between platforms in its last bit; a rational function does not.
        next <= cost || uniform * (1.0 + (next - cost) as f64 / heat.max(1.0)).powi(4) < 1.0
    }
}
