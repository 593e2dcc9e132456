//! Optimisation by equations: one e-graph for each region, bodies first; for each of its pieces if it is long.
//!
//! *Before*: any region.
//! *After*: a region with the same results, up to what the options' arithmetic allows, that costs no more by
//! the model in `cost`. What no result needs is gone, also where it could trap (as in `simplify`);
//! what is left and may trap stays in its order.
//! *Size*: by the model, not by steps: a program may become longer where that makes it cheaper.
//!
//! Limits are counts of nodes and iterations, so the same input and options give the same output.

use std::collections::HashMap;

use egg::Id;
use lentil_unary::{Builder, Carrier, Op, Rebuild, Rebuilt, Region, Slot, rebuild};

use crate::cost::region_cost;
use crate::extract::{Choice, Tables};
use crate::graph::{Graph, Head, Node, Term, add_term, of_region};
use crate::options::{Arithmetic, Derivatives, Options};
use crate::pieces::by_pieces;
use crate::rules::{self, Rule, Site, Validity};

/// What optimising did, for printing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The cost of the region before, by the model.
    pub before: u64,
    /// The cost of the region after.
    pub after: u64,
    /// The number of e-graphs: one for each region, or piece of one, that was optimised.
    pub graphs: usize,
    /// The nodes of all e-graphs together.
    pub nodes: usize,
    /// The classes of all e-graphs together.
    pub classes: usize,
    /// The iterations of all e-graphs together.
    pub iterations: usize,
    /// How often a rule gave terms that were new.
    pub fired: Vec<(&'static str, usize)>,
    /// How often a rule said that two things are equal that cannot be. Not zero only if a rule is wrong;
    /// such an equality is not used where the types differ.
    pub clashes: usize,
}

/// The region optimised; see the module's header.
pub fn optimise(region: &Region, options: &Options) -> Region {
    optimise_reported(region, options).0
}

/// As [`optimise`], with what it did.
pub fn optimise_reported(region: &Region, options: &Options) -> (Region, Report) {
    let rules = rules::all();
    let mut optimiser = Optimiser {
        options,
        rules: rules.into_iter().filter(|r| enabled(r, options)).collect(),
        rebuilt: Rebuilt::default(),
        report: Report::default(),
        fired: Vec::new(),
    };
    optimiser.fired = vec![0; optimiser.rules.len()];
    let before = region_cost(region);
    let optimised = optimiser.region(region);
    let names = optimiser.rules.iter().map(|r| r.name);
    let fired = names.zip(optimiser.fired).filter(|(_, n)| *n > 0).collect();
    let after = region_cost(&optimised);
    let report = Report {
        before,
        after,
        fired,
        ..optimiser.report
    };
    debug_assert_eq!(report.clashes, 0, "a rule is wrong");
    (optimised, report)
}

fn enabled(rule: &Rule, options: &Options) -> bool {
    let off = options.off.iter().any(|name| name == rule.name);
    !off && match rule.validity {
        Validity::Exact | Validity::Ring => true,
        Validity::Bit => options.derivatives == Derivatives::Taken,
        Validity::Real => options.arithmetic == Arithmetic::Real,
    }
}

/// Whether a rule may be used on numbers of a carrier.
pub(crate) fn holds(validity: Validity, arithmetic: Arithmetic, carrier: Carrier) -> bool {
    match validity {
        Validity::Exact => true,
        Validity::Ring => arithmetic.rearranges(carrier),
        Validity::Bit => carrier == Carrier::Bit,
        Validity::Real => carrier.is_real() && arithmetic == Arithmetic::Real,
    }
}

struct Optimiser<'a> {
    options: &'a Options,
    rules: Vec<&'static Rule>,
    rebuilt: Rebuilt,
    report: Report,
    fired: Vec<usize>,
}

impl Rebuild for Optimiser<'_> {
    fn rebuilt(&mut self) -> &mut Rebuilt {
        &mut self.rebuilt
    }

    fn region(&mut self, region: &Region) -> Region {
        let region = rebuild(region, |b, step, args| b.emit(self.inside(&step.op), args));
        by_pieces(&region, self.options.piece, &mut |piece| self.piece(piece))
    }
}

impl Optimiser<'_> {
    fn piece(&mut self, region: &Region) -> Region {
        let (mut graph, slots) = of_region(region);
        self.saturate(&mut graph);
        self.report.graphs += 1;
        self.report.nodes += graph.total_number_of_nodes();
        self.report.classes += graph.number_of_classes();
        self.report.clashes += graph.analysis.clashes;
        let best = self.extract(region, &graph, &slots);
        // The model counts what the original has that nothing needs, so this can only be a draw or a gain.
        if region_cost(&best) <= region_cost(region) {
            best
        } else {
            region.clone()
        }
    }

    /// Applies the rules until nothing is new or a limit is reached.
    fn saturate(&mut self, graph: &mut Graph) {
        let limit = graph.total_size() + self.options.node_limit;
        for iteration in 0..self.options.iteration_limit {
            self.report.iterations += 1;
            let found = self.find(graph, iteration);
            let nodes = graph.total_size();
            let mut new = false;
            for (rule, class, term) in found {
                if graph.total_size() >= limit {
                    break;
                }
                if unite(graph, class, &term) {
                    self.fired[rule] += 1;
                    new = true;
                }
            }
            graph.rebuild();
            let full = graph.total_size() >= limit;
            if full || !(new || graph.total_size() > nodes) {
                break;
            }
        }
    }

    /// Terms that the rules give, in a fixed order: rules are interleaved, so that one that has much to say
    /// leaves room for the others, and each iteration begins at another class, so that where a rule has
    /// more to say than its limit, it says the rest later.
    fn find(&self, graph: &Graph, iteration: usize) -> Vec<(usize, Id, Term)> {
        let mut classes: Vec<Id> = graph.classes().map(|c| c.id).collect();
        classes.sort();
        // A constant is as simple as it gets.
        classes.retain(|&id| graph[id].data.uniform.is_none());
        let start = iteration * classes.len() / self.options.iteration_limit.max(1);
        classes.rotate_left(start);
        let limit = self.options.match_limit;
        let mut found = Vec::new();
        for (number, rule) in self.rules.iter().enumerate() {
            let mut own = Vec::new();
            for &class in &classes {
                if own.len() >= limit {
                    break;
                }
                own.extend(terms(graph, rule, class, self.options.arithmetic, limit));
            }
            let own = own.into_iter().take(limit);
            found.extend(
                own.enumerate()
                    .map(|(k, (class, term))| (k, number, class, term)),
            );
        }
        found.sort_by_key(|(k, number, ..)| (*k, *number));
        let found = found.into_iter();
        found
            .map(|(_, number, class, term)| (number, class, term))
            .collect()
    }

    fn extract(&self, region: &Region, graph: &Graph, slots: &[Id]) -> Region {
        let tables = Tables::new(graph);
        let results = region.results().iter();
        let roots: Vec<usize> = results
            .map(|r| tables.number(graph, slots[r.index()]))
            .collect();
        let greedy = tables.greedy();
        let original = original(region, graph, &tables, slots, &greedy);
        let cost = |choice: &Choice| tables.cost(choice, &roots).unwrap_or(u64::MAX);
        let start = if cost(&greedy) < cost(&original) {
            greedy
        } else {
            original
        };
        let steps = self.options.annealing_steps;
        let choice = tables.anneal(start, &roots, steps, self.options.seed);
        chosen(region, graph, &tables, slots, &choice, &roots)
    }
}

/// What a rule says of the nodes of a class, until that is enough.
pub(crate) fn terms(
    graph: &Graph,
    rule: &Rule,
    class: Id,
    arithmetic: Arithmetic,
    enough: usize,
) -> Vec<(Id, Term)> {
    let mut found = Vec::new();
    for node in &graph[class].nodes {
        if found.len() >= enough {
            break;
        }
        let Head::Prim(prim) = &node.head else {
            continue;
        };
        let site = Site {
            graph,
            class,
            prim,
            args: &node.children,
            arithmetic,
        };
        if holds(rule.validity, arithmetic, site.carrier()) {
            found.extend((rule.apply)(&site).into_iter().map(|term| (class, term)));
        }
    }
    found
}

/// Makes a term equal to a class; whether that was news. A term of another type is counted as a clash and
/// not believed.
pub(crate) fn unite(graph: &mut Graph, class: Id, term: &Term) -> bool {
    let id = add_term(graph, term);
    if graph[id].data.types != graph[class].data.types {
        graph.analysis.clashes += 1;
        return false;
    }
    graph.union(class, id)
}

/// The program as it was, as a choice: of the nodes that became one class, the earliest.
fn original(
    region: &Region,
    graph: &Graph,
    tables: &Tables,
    slots: &[Id],
    otherwise: &Choice,
) -> Choice {
    let mut choice = otherwise.clone();
    let mut set = vec![false; choice.len()];
    let mut take = |id: Id, node: &Node| {
        let class = tables.number(graph, id);
        if !set[class] {
            let own = node.clone();
            let canonical = egg::Language::map_children(own, |id| graph.find(id));
            let nodes = &graph[graph.find(id)].nodes;
            if let Some(k) = nodes.iter().position(|n| *n == canonical) {
                (set[class], choice[class]) = (true, Some(k));
            }
        }
    };
    for (k, &id) in slots[..region.params().len()].iter().enumerate() {
        let head = Head::Param(k as u32);
        let children = Vec::new();
        take(id, &Node { head, children });
    }
    for (first, step) in region.numbered() {
        let children: Vec<Id> = step.args.iter().map(|a| slots[a.index()]).collect();
        if let Op::Prim(prim) = &step.op {
            let head = Head::Prim(prim.clone());
            take(slots[first.index()], &Node { head, children });
            continue;
        }
        let number = graph
            .analysis
            .bodies
            .iter()
            .position(|body| *body == step.op);
        let head = Head::Body(number.unwrap_or(0) as u32);
        let all = Node { head, children };
        let Some(class) = graph.lookup(egg::Language::map_children(all.clone(), |id| {
            graph.find(id)
        })) else {
            continue;
        };
        take(class, &all);
        for k in 0..step.types.len() {
            let head = Head::Result(k as u32);
            let children = vec![class];
            take(slots[first.index() + k], &Node { head, children });
        }
    }
    choice
}

/// The program of a choice. What the original had comes in the original's order, so that steps that may
/// trap stay in order, and an accumulator's readers stay before its writer.
fn chosen(
    region: &Region,
    graph: &Graph,
    tables: &Tables,
    slots: &[Id],
    choice: &Choice,
    roots: &[usize],
) -> Region {
    let needed = tables.reached(choice, roots);
    let mut maker = Maker {
        b: Builder::new(region.params().to_vec()),
        made: HashMap::new(),
    };
    for &id in slots {
        let class = tables.number(graph, id);
        if needed[class] {
            maker.make(graph, tables, choice, class);
        }
    }
    let results = region.results().iter().map(|r| {
        let class = tables.number(graph, slots[r.index()]);
        maker.make(graph, tables, choice, class)[0]
    });
    let results = results.collect();
    maker.b.finish(results)
}

struct Maker {
    b: Builder,
    made: HashMap<usize, Vec<Slot>>,
}

impl Maker {
    fn make(&mut self, graph: &Graph, tables: &Tables, choice: &Choice, root: usize) -> Vec<Slot> {
        let mut stack = vec![root];
        while let Some(&class) = stack.last() {
            if self.made.contains_key(&class) {
                stack.pop();
                continue;
            }
            let node = tables.node(graph, class, choice);
            let node = node.unwrap_or_else(|| unreachable!("a choice that was costed is complete"));
            let children = node.children.iter().map(|&id| tables.number(graph, id));
            let missing: Vec<usize> = children
                .clone()
                .filter(|child| !self.made.contains_key(child))
                .collect();
            if !missing.is_empty() {
                stack.extend(missing.into_iter().rev());
                continue;
            }
            let args: Vec<&Vec<Slot>> = children.map(|child| &self.made[&child]).collect();
            let slots = match &node.head {
                Head::Param(k) => vec![self.b.param(*k as usize)],
                Head::Result(k) => vec![args[0][*k as usize]],
                Head::Prim(prim) => {
                    let args: Vec<Slot> = args.iter().map(|slots| slots[0]).collect();
                    vec![self.b.prim(prim.clone(), &args)]
                }
                Head::Body(k) => {
                    let args: Vec<Slot> = args.iter().map(|slots| slots[0]).collect();
                    self.b
                        .emit(graph.analysis.bodies[*k as usize].clone(), &args)
                }
            };
            self.made.insert(class, slots);
            stack.pop();
        }
        self.made[&root].clone()
    }
}
