//! Decides which slots of a region get a buffer, and which of those are computed in one nest.
//!
//! *Before*: a region; which slots are results; which parameters are constants.
//! *After*: groups in the order in which they run. A slot that is in no group is computed where it is read.
//! *Size*: linear in the region, but for the search of a group to join.
//!
//! A pointwise slot is computed inside its consumer if all its readers read it in one nest at one index, or if
//! it costs next to nothing. Index maps, constants and counters never get a buffer unless they are results.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lentil_unary::{Function, Op, Prim, Region, Slot, Step};

use crate::lower::view::split_axes;
use crate::reading::{Reading, Way, costs, reading};
use crate::syntax::Affine;

/// How many operations one nest may compute: compiling a nest is superlinear in its length.
const NEST_LIMIT: usize = 192;
/// What may be computed again at every reader: this many operations on one loaded element.
const CHEAP_OPERATIONS: usize = 2;

/// The groups of a region.
pub struct Fusion {
    /// In the order in which they run.
    pub groups: Vec<Group>,
    /// The group that makes a slot, if it gets a buffer.
    pub group_of: Vec<Option<usize>>,
    /// The last group that reads a slot. The end of the region (its results) counts as one more group.
    pub last_read: Vec<Option<usize>>,
}

/// What runs together.
pub struct Group {
    /// What it does.
    pub kind: GroupKind,
    /// The slots in memory that it reads, and whether only at the element that it computes.
    pub reads: BTreeMap<Slot, bool>,
}

/// The two kinds of groups.
pub enum GroupKind {
    /// Slots of one shape, computed element by element in one nest.
    Pointwise {
        /// The shape.
        shape: Vec<usize>,
        /// The slots, in order.
        roots: Vec<Slot>,
        /// How many operations it computes.
        weight: usize,
    },
    /// One step that is not pointwise.
    Step(usize),
}

impl Fusion {
    /// Whether a slot's storage may be overwritten in a group because nothing reads it afterwards.
    pub fn dies_by(&self, slot: Slot, group: usize) -> bool {
        self.last_read[slot.index()].is_none_or(|last| last <= group)
    }
}

/// Which nest a slot's readers agree on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    Unused,
    /// All readers are at one index of this node.
    One(usize),
    Many,
}

impl Home {
    fn meet(&mut self, other: Home) {
        *self = match (*self, other) {
            (Home::Unused, home) | (home, Home::Unused) => home,
            (Home::One(a), Home::One(b)) if a == b => Home::One(a),
            (Home::One(_) | Home::Many, Home::One(_) | Home::Many) => Home::Many,
        };
    }
}

/// Analyses a region. `ways` says how each step is computed, `constant` which parameters have equal, known
/// elements.
pub fn fuse(region: &Region, ways: &[Way], constant: &[bool]) -> Fusion {
    let mut analysis = Analysis {
        region,
        ways,
        producer: producers(region),
        cost: costs(region, ways, constant),
        home: vec![Home::Unused; region.slots().len()],
        forced: vec![false; region.slots().len()],
        root: vec![false; region.slots().len()],
        node_root: Vec::new(),
        weight: vec![0; region.slots().len()],
    };
    analysis.find_roots();
    analysis.group()
}

/// For each slot, the index of the step that makes it.
pub fn producers(region: &Region) -> Vec<Option<usize>> {
    let mut producer = vec![None; region.params().len()];
    for (i, step) in region.steps().iter().enumerate() {
        producer.extend(step.types.iter().map(|_| Some(i)));
    }
    producer
}

/// Whether it can be noticed that an operation runs; see `lentil_unary::prim::Row`.
pub fn traps(op: &Op) -> bool {
    fn region(r: &Region, known: &mut HashMap<Arc<Function>, bool>) -> bool {
        r.steps().iter().any(|s| visit(&s.op, known))
    }
    fn visit(op: &Op, known: &mut HashMap<Arc<Function>, bool>) -> bool {
        match op {
            Op::Prim(p) => p.row().traps,
            Op::Loop(l) => l.n > 0 && region(&l.body, known),
            Op::Cond { then, otherwise } => region(then, known) || region(otherwise, known),
            Op::Call(f) | Op::Reverse(f) | Op::Forward(f) => function(f, known),
            Op::Lens(l) => function(&l.get, known),
        }
    }
    fn function(f: &Arc<Function>, known: &mut HashMap<Arc<Function>, bool>) -> bool {
        if let Some(&answer) = known.get(f) {
            return answer;
        }
        let answer = region(&f.region, known);
        known.insert(f.clone(), answer);
        answer
    }
    visit(op, &mut HashMap::new())
}

struct Analysis<'r> {
    region: &'r Region,
    ways: &'r [Way],
    producer: Vec<Option<usize>>,
    /// Operations and loads if a slot is computed where it is read.
    cost: Vec<(usize, usize)>,
    home: Vec<Home>,
    forced: Vec<bool>,
    root: Vec<bool>,
    /// The root whose nest a node is in.
    node_root: Vec<Slot>,
    /// How many operations are computed in a root's nest.
    weight: Vec<usize>,
}

impl Analysis<'_> {
    fn node(&mut self, root: Slot) -> Home {
        self.node_root.push(root);
        Home::One(self.node_root.len() - 1)
    }

    fn use_slot(&mut self, slot: Slot, home: Home) {
        self.home[slot.index()].meet(home);
    }

    fn force(&mut self, slot: Slot) {
        self.forced[slot.index()] = true;
        self.use_slot(slot, Home::Many);
    }

    fn way(&self, slot: Slot) -> Option<Way> {
        self.producer[slot.index()].map(|i| self.ways[i])
    }

    fn cheap(&self, slot: Slot) -> bool {
        let (operations, loads) = self.cost[slot.index()];
        operations <= CHEAP_OPERATIONS && loads <= 1
    }

    /// Walks the steps backwards: readers are decided before what they read.
    fn find_roots(&mut self) {
        for &slot in self.region.results() {
            self.force(slot);
        }
        let numbered: Vec<_> = self.region.numbered().zip(self.ways).collect();
        for ((first, step), way) in numbered.into_iter().rev() {
            match (way, &step.op) {
                (Way::Pointwise | Way::LookedUp, _) => self.pointwise(first, step, *way),
                (Way::Rearranged, op) => self.structural(first, op, step.args[0]),
                (Way::Known, _) => self.root[first.index()] = self.forced[first.index()],
                (Way::Apart, op) => self.heavy(first, op, &step.args, step.types.len()),
            }
        }
    }

    /// Decides about a pointwise slot; afterwards its arguments are read at its own node, or at many.
    fn pointwise(&mut self, slot: Slot, step: &Step, way: Way) {
        let i = slot.index();
        let node = match self.home[i] {
            Home::Unused => return,
            _ if self.forced[i] => None,
            Home::Many if self.cheap(slot) => Some(Home::Many),
            Home::Many => None,
            Home::One(node) => {
                let root = self.node_root[node].index();
                self.weight[root] += 1;
                (self.weight[root] < NEST_LIMIT).then_some(Home::One(node))
            }
        };
        let node = node.unwrap_or_else(|| {
            self.root[i] = true;
            self.weight[i] = 1;
            self.node(slot)
        });
        for (arg, same) in way.reads(step, self.region) {
            self.use_slot(arg, if same { node } else { Home::Many });
        }
    }

    fn structural(&mut self, slot: Slot, op: &Op, arg: Slot) {
        let i = slot.index();
        if self.home[i] == Home::Unused {
            return;
        }
        let root = match self.home[i] {
            Home::One(node) if !self.forced[i] => Some(self.node_root[node]),
            Home::Unused | Home::One(_) | Home::Many => None,
        };
        if self.forced[i] {
            // A result: it is copied. A capture or an operand: it is a view if its argument is in memory.
            self.root[i] = self.region.results().contains(&slot);
        }
        let (from, to) = (self.region.ty(arg), self.region.ty(slot));
        if let Op::Prim(Prim::Reshape(shape)) = op {
            let index = vec![Affine::default(); shape.len()];
            if split_axes(&from.shape, shape, &index).is_none() {
                return self.force_computed(arg);
            }
        }
        if self.forced[i] && !self.root[i] {
            return self.force_computed(arg);
        }
        let windows = matches!(op, Op::Prim(Prim::Gather { .. }));
        let repeats = windows || to.len() > from.len();
        let home = match root {
            Some(root) if !repeats || self.cheap(arg) => self.node(root),
            None if self.root[i] && !repeats => self.node(slot),
            Some(_) | None => Home::Many,
        };
        self.use_slot(arg, home);
    }

    /// A slot that is best read as a view. Only what is computed needs a buffer for that.
    fn force_computed(&mut self, slot: Slot) {
        let step = self.producer[slot.index()].map(|i| &self.region.steps()[i].op);
        match step {
            Some(Op::Prim(Prim::Literal(_) | Prim::Iota(_))) => self.use_slot(slot, Home::Many),
            _ => self.force(slot),
        }
    }

    fn heavy(&mut self, first: Slot, op: &Op, args: &[Slot], results: usize) {
        let slots = first.index()..first.index() + results;
        let used = slots.clone().any(|s| self.home[s] != Home::Unused);
        if !used && !traps(op) {
            return;
        }
        slots.for_each(|s| self.root[s] = true);
        for (k, &arg) in args.iter().enumerate() {
            match reading(op, k) {
                Reading::Once => {
                    let node = self.node(first);
                    self.use_slot(arg, node);
                }
                // To look an element up again and again is dearer than to read it.
                Reading::Often if self.way(arg) == Some(Way::LookedUp) => self.force(arg),
                Reading::Often => self.use_slot(arg, Home::Many),
                Reading::Memory => self.force_computed(arg),
            }
        }
    }

    /// Walks the steps forwards and puts each root into a group.
    fn group(self) -> Fusion {
        let slots = self.region.slots().len();
        let mut fusion = Fusion {
            groups: Vec::new(),
            group_of: vec![None; slots],
            last_read: vec![None; slots],
        };
        let mut open: HashMap<&[usize], Vec<usize>> = HashMap::new();
        for (index, (first, step)) in self.region.numbered().enumerate() {
            if !self.root[first.index()] {
                continue;
            }
            let mut reads = BTreeMap::new();
            let way = self.ways[index];
            let mut seen = HashMap::new();
            for (arg, same) in way.reads(step, self.region) {
                self.collect(arg, same, &mut reads, &mut seen);
            }
            if way.is_fused() {
                let shape = &self.region.ty(first).shape;
                let earliest = earliest(&fusion, &reads, shape);
                let weight = self.weight[first.index()].max(1);
                let candidates = open.entry(shape).or_default();
                let from = candidates.partition_point(|&g| g < earliest);
                let found = candidates[from..].iter().position(|&g| {
                    matches!(&fusion.groups[g].kind,
                        GroupKind::Pointwise { weight: w, .. } if w + weight <= NEST_LIMIT)
                });
                // Groups that are full, before the first that is not, are not asked again.
                let group = match found {
                    Some(position) => candidates[from + position],
                    None => {
                        fusion.groups.push(Group {
                            kind: GroupKind::Pointwise {
                                shape: shape.clone(),
                                roots: Vec::new(),
                                weight: 0,
                            },
                            reads: BTreeMap::new(),
                        });
                        candidates.push(fusion.groups.len() - 1);
                        fusion.groups.len() - 1
                    }
                };
                let joined = &mut fusion.groups[group];
                if let GroupKind::Pointwise {
                    roots, weight: w, ..
                } = &mut joined.kind
                {
                    roots.push(first);
                    *w += weight;
                }
                for (slot, same) in reads {
                    let all = joined.reads.entry(slot).or_insert(true);
                    *all &= same;
                    note(&mut fusion.last_read, slot, group);
                }
                fusion.group_of[first.index()] = Some(group);
            } else {
                let group = fusion.groups.len();
                for &slot in reads.keys() {
                    note(&mut fusion.last_read, slot, group);
                }
                for k in 0..step.types.len() {
                    fusion.group_of[first.index() + k] = Some(group);
                }
                fusion.groups.push(Group {
                    kind: GroupKind::Step(index),
                    reads,
                });
            }
        }
        let end = fusion.groups.len();
        for &slot in self.region.results() {
            fusion.last_read[slot.index()] = Some(end);
        }
        fusion
    }

    /// The slots in memory that are read when a slot is read.
    fn collect(
        &self,
        slot: Slot,
        same: bool,
        reads: &mut BTreeMap<Slot, bool>,
        seen: &mut HashMap<Slot, bool>,
    ) {
        if let Some(&before) = seen.get(&slot)
            && (!before || same)
        {
            return;
        }
        seen.insert(slot, same);
        let (step, way) = match self.producer[slot.index()] {
            Some(i) if !self.root[slot.index()] => (&self.region.steps()[i], self.ways[i]),
            _ => {
                let all = reads.entry(slot).or_insert(true);
                *all &= same;
                return;
            }
        };
        for (arg, there) in way.reads(step, self.region) {
            self.collect(arg, same && there, reads, seen);
        }
    }
}

fn note(last_read: &mut [Option<usize>], slot: Slot, group: usize) {
    let last = &mut last_read[slot.index()];
    *last = (*last).max(Some(group));
}

/// The first group that may compute a slot of this shape that reads these.
fn earliest(fusion: &Fusion, reads: &BTreeMap<Slot, bool>, shape: &[usize]) -> usize {
    let after = |(slot, same): (&Slot, &bool)| {
        let group = fusion.group_of[slot.index()]?;
        let joins = *same
            && matches!(&fusion.groups[group].kind,
                GroupKind::Pointwise { shape: s, .. } if s == shape);
        Some(if joins { group } else { group + 1 })
    };
    reads.iter().filter_map(after).max().unwrap_or(0)
}

/// The slots in memory that one argument of a step leads to.
pub fn leads_to(
    region: &Region,
    fusion: &Fusion,
    producer: &[Option<usize>],
    arg: Slot,
) -> Vec<Slot> {
    let mut found = Vec::new();
    let mut seen = vec![arg];
    let mut next = 0;
    while next < seen.len() {
        let slot = seen[next];
        next += 1;
        match producer[slot.index()] {
            Some(i) if fusion.group_of[slot.index()].is_none() => {
                for &a in &region.steps()[i].args {
                    if !seen.contains(&a) {
                        seen.push(a);
                    }
                }
            }
            _ => found.push(slot),
        }
    }
    found
}
