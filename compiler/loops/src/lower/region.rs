//! Lowers one region: a function, a loop's body or an arm, inside the unit of its function.

use lentil_unary::range::Ranges;
use lentil_unary::{Carrier, Literal, Loop, Op, Prim, Region, Slot, Step as UnaryStep, Type};

use super::map;
use super::nest::NestBuilder;
use super::view::{Value, View, is_structural, map_index};
use super::window::{self, Counters, Window};
use super::{Session, Unit};
use crate::fuse::{self, Fusion, GroupKind};
use crate::options::Refusal;
use crate::reading::Way;
use crate::syntax::{Affine, Expr, Step, Var};

/// Where a result of a region goes.
#[derive(Clone, Debug)]
pub enum Target {
    /// Memory that nothing in the region reads.
    Fresh(View),
    /// The memory of a parameter: it may be overwritten once nothing reads the parameter any more.
    State(View, Slot),
}

impl Target {
    fn view(&self) -> &View {
        match self {
            Target::Fresh(view) | Target::State(view, _) => view,
        }
    }
}

/// What is known where a region runs.
#[derive(Clone)]
pub struct Around<'a> {
    /// Which indices cannot leave their axis.
    pub ranges: Ranges<'a>,
    /// The counters of the loops around it.
    pub counters: Counters,
}

impl<'a> Around<'a> {
    /// Around a function.
    pub fn of(region: &'a Region) -> Around<'a> {
        Around {
            ranges: Ranges::of(region),
            counters: Vec::new(),
        }
    }

    /// Around the body of a loop.
    pub fn body(&self, l: &'a Loop, args: &[Slot], counter: &Affine) -> Around<'a> {
        let (ranges, number) = self.ranges.body(l, args);
        let mut counters = self.counters.clone();
        counters.push((number, counter.clone()));
        Around { ranges, counters }
    }

    /// Around an arm of a conditional.
    pub fn arm(&self, arm: &'a Region, args: &[Slot], holds: bool) -> Around<'a> {
        Around {
            ranges: self.ranges.arm(arm, args, holds),
            counters: self.counters.clone(),
        }
    }
}

/// A region that is being lowered.
pub struct Lowering<'a> {
    pub session: &'a mut Session,
    pub unit: &'a mut Unit,
    pub region: &'a Region,
    pub around: Around<'a>,
    /// For each step that reads at affine indices where that is.
    windows: Vec<Option<Window>>,
    pub values: Vec<Value>,
    /// Whether a slot's buffer belongs to this region, so that its last reader may overwrite it.
    pub owned: Vec<bool>,
    /// The slot whose value has replaced a slot's in its memory.
    pub heir: Vec<Option<Slot>>,
    pub producer: Vec<Option<usize>>,
    pub fusion: Fusion,
    pub targets: Vec<Target>,
    pub steps: Vec<Step>,
}

impl<'a> Lowering<'a> {
    /// The steps that compute a region's results from its parameters' values.
    pub fn run(
        session: &'a mut Session,
        unit: &'a mut Unit,
        region: &'a Region,
        around: Around<'a>,
        params: Vec<Value>,
        mut owned: Vec<bool>,
        targets: Vec<Target>,
    ) -> Result<Vec<Step>, Refusal> {
        let constant: Vec<bool> = (params.iter())
            .map(|v| matches!(v, Value::Uniform(_) | Value::Counter(_)))
            .collect();
        let (ways, windows) = window::ways(region, &around.ranges, &around.counters);
        let fusion = fuse::fuse(region, &ways, &constant);
        let mut values = params;
        values.resize(region.slots().len(), Value::Lazy);
        owned.resize(region.slots().len(), false);
        for ((first, step), way) in region.numbered().zip(&ways) {
            values[first.index()] = match (&step.op, way) {
                (Op::Prim(Prim::Literal(literal)), _) => Value::Uniform(*literal),
                (_, Way::Rearranged) => match &values[step.args[0].index()] {
                    Value::Uniform(literal) => Value::Uniform(*literal),
                    Value::View(_) | Value::Counter(_) | Value::Lazy => Value::Lazy,
                },
                _ => continue,
            };
        }
        let mut lowering = Lowering {
            heir: vec![None; region.slots().len()],
            producer: fuse::producers(region),
            session,
            unit,
            region,
            around,
            windows,
            values,
            owned,
            fusion,
            targets,
            steps: Vec::new(),
        };
        let numbered: Vec<(Slot, &UnaryStep)> = region.numbered().collect();
        for group in 0..lowering.fusion.groups.len() {
            match &lowering.fusion.groups[group].kind {
                GroupKind::Pointwise { shape, roots, .. } => {
                    let (shape, roots) = (shape.clone(), roots.clone());
                    lowering.pointwise(group, &shape, &roots);
                }
                GroupKind::Step(index) => {
                    let (first, step) = numbered[*index];
                    lowering.heavy(group, first, step)?;
                }
            }
        }
        lowering.finish();
        Ok(lowering.steps)
    }

    /// The type of a slot.
    pub fn ty(&self, slot: Slot) -> &'a Type {
        self.region.ty(slot)
    }

    fn step_of(&self, slot: Slot) -> Option<&'a UnaryStep> {
        self.producer[slot.index()].map(|i| &self.region.steps()[i])
    }

    fn window_of(&self, slot: Slot) -> Option<&Window> {
        self.windows[self.producer[slot.index()]?].as_ref()
    }

    /// Which element of its first argument an element of a slot is that rearranges it.
    fn source(&self, slot: Slot, prim: &Prim, from: Slot, index: &[Affine]) -> Option<Vec<Affine>> {
        match self.window_of(slot) {
            Some(window) => Some(window.source(index)),
            None => map_index(prim, &self.ty(from).shape, index),
        }
    }

    /// Appends a nest, unless it does nothing.
    pub fn push(&mut self, nest: NestBuilder) {
        let nest = nest.finish();
        if nest.body.is_empty() {
            return;
        }
        if self.session.options.exact {
            self.steps.push(Step::Nest(nest));
        } else {
            self.steps.extend(map::split(self.unit, nest));
        }
    }

    /// Where the result of a step that runs in a group is to be written.
    /// Nothing the group reads lies there.
    pub fn storage(&mut self, slot: Slot, group: usize) -> View {
        let ty = self.ty(slot);
        let target = self.region.results().iter().position(|&r| r == slot);
        let view = match target.map(|k| &self.targets[k]) {
            Some(Target::Fresh(view)) => view.clone(),
            Some(Target::State(view, param)) if self.untouched(*param, group) => view.clone(),
            Some(Target::State(..)) | None => {
                self.owned[slot.index()] = true;
                self.unit.temp(ty)
            }
        };
        self.values[slot.index()] = Value::View(view.clone());
        view
    }

    /// Whether neither this group nor a later one reads what lies in the memory of a state.
    fn untouched(&self, param: Slot, group: usize) -> bool {
        self.heirs(param)
            .all(|slot| self.fusion.last_read[slot.index()].is_none_or(|g| g < group))
    }

    /// A slot and all that have taken its memory over, in turn.
    fn heirs(&self, slot: Slot) -> impl Iterator<Item = Slot> {
        std::iter::successors(Some(slot), |s| self.heir[s.index()])
    }

    /// Computes slots of one shape element by element.
    fn pointwise(&mut self, group: usize, shape: &[usize], roots: &[Slot]) {
        let mut nest = NestBuilder::new();
        let index = nest.open_all(self.unit, shape);
        let mut stores = Vec::new();
        for &root in roots {
            let var = self.compute(&mut nest, root, &index);
            nest.remember(root, &index, var);
            if self.fusion.dies_by(root, group) {
                continue; // read here only
            }
            let in_place = self.state_overwritten(root, group);
            let view = match in_place {
                Some(view) => {
                    self.values[root.index()] = Value::View(view.clone());
                    view
                }
                None => self.storage(root, group),
            };
            stores.push((view.at(&index), var));
        }
        // All is read before anything is written: a state may be overwritten.
        for (at, var) in stores {
            nest.store(at, var);
        }
        if !shape.contains(&0) {
            self.push(nest);
        }
    }

    /// The state that a pointwise slot may overwrite although its group reads it,
    /// because it reads it at the element that is written.
    fn state_overwritten(&self, root: Slot, group: usize) -> Option<View> {
        let k = self.region.results().iter().position(|&r| r == root)?;
        let Target::State(view, param) = &self.targets[k] else {
            return None;
        };
        let reads = &self.fusion.groups[group].reads;
        let mut holders = self.heirs(*param);
        holders
            .all(|s| reads.get(&s).copied().unwrap_or(true) && self.fusion.dies_by(s, group))
            .then(|| view.clone())
    }

    /// Writes what is left to be written: results that are parameters, repeated, or could not be in place.
    fn finish(&mut self) {
        let pairs: Vec<(Slot, Target)> = (self.region.results().iter().copied())
            .zip(self.targets.clone())
            .collect();
        let states: Vec<View> = (pairs.iter())
            .filter(|(_, t)| matches!(t, Target::State(..)))
            .map(|(_, t)| t.view().clone())
            .collect();
        let mut scalars = NestBuilder::new();
        let mut scalar_stores = Vec::new();
        let mut arrays = Vec::new();
        for (slot, target) in pairs {
            let done = matches!(&self.values[slot.index()], Value::View(v) if v == target.view());
            if done {
                continue;
            }
            if self.ty(slot).shape.is_empty() {
                let var = self.read(&mut scalars, slot, &[]);
                scalar_stores.push((target.view().start(), var));
                continue;
            }
            // What lies in a state may be overwritten before it is copied: take it aside.
            let aside = matches!(&self.values[slot.index()], Value::View(v)
                if matches!(target, Target::State(..)) && states.iter().any(|s| s.buffer == v.buffer));
            if aside {
                let temp = self.unit.temp(self.ty(slot));
                self.fill(&temp, slot);
                self.values[slot.index()] = Value::View(temp);
            }
            arrays.push((slot, target));
        }
        // First what is not a state, for it may be read from one.
        arrays.sort_by_key(|(_, target)| matches!(target, Target::State(..)));
        for (slot, target) in arrays {
            self.fill(target.view(), slot);
        }
        for (at, var) in scalar_stores {
            scalars.store(at, var);
        }
        self.push(scalars);
    }

    /// Writes all elements of a slot into a view.
    pub fn fill(&mut self, view: &View, slot: Slot) {
        let shape = &self.ty(slot).shape;
        if shape.contains(&0) {
            return;
        }
        let mut nest = NestBuilder::new();
        let index = nest.open_all(self.unit, shape);
        let var = self.read(&mut nest, slot, &index);
        nest.store(view.at(&index), var);
        self.push(nest);
    }

    /// A slot as a view. Computes it into memory if it is not there.
    pub fn view(&mut self, slot: Slot) -> View {
        if let Some(view) = self.as_view(slot) {
            return view;
        }
        let view = self.unit.temp(self.ty(slot));
        self.fill(&view, slot);
        self.values[slot.index()] = Value::View(view.clone());
        view
    }

    /// A slot as a view in row-major order without gaps.
    pub fn contiguous(&mut self, slot: Slot) -> View {
        let view = self.view(slot);
        if view.contiguous(&self.ty(slot).shape) {
            return view;
        }
        let copy = self.unit.temp(self.ty(slot));
        self.fill(&copy, slot);
        self.values[slot.index()] = Value::View(copy.clone());
        copy
    }

    /// A slot as a view, if it lies in memory or is a rearrangement of what does.
    pub fn as_view(&mut self, slot: Slot) -> Option<View> {
        match &self.values[slot.index()] {
            Value::View(view) => return Some(view.clone()),
            Value::Uniform(_) | Value::Counter(_) => return None,
            Value::Lazy => {}
        }
        let step = self.step_of(slot)?;
        let Op::Prim(prim) = &step.op else {
            return None;
        };
        if !is_structural(prim) && self.window_of(slot).is_none() {
            return None;
        }
        let arg = step.args[0];
        let view = self.as_view(arg)?;
        let result = &self.ty(slot).shape;
        let view = match self.window_of(slot) {
            Some(window) => view.through(result, |index| Some(window.source(index)))?,
            None => view.structural(prim, &self.ty(arg).shape, result)?,
        };
        self.values[slot.index()] = Value::View(view.clone());
        Some(view)
    }

    /// The element of a slot at an index.
    pub fn read(&mut self, nest: &mut NestBuilder, slot: Slot, index: &[Affine]) -> Var {
        if let Some(var) = nest.known(slot, index) {
            return var;
        }
        let carrier = self.ty(slot).carrier;
        let var = match &self.values[slot.index()] {
            // An element of nothing is never read, but a load that is hoisted out of its loop would be.
            _ if self.ty(slot).is_empty() => nest.literal(self.unit, Literal::zero(carrier)),
            Value::View(view) => nest.bind(self.unit, Expr::Load(view.at(index)), carrier),
            Value::Uniform(literal) => nest.literal(self.unit, *literal),
            Value::Counter(affine) => nest.bind(self.unit, Expr::Index(affine.clone()), carrier),
            Value::Lazy => self.compute(nest, slot, index),
        };
        nest.remember(slot, index, var);
        var
    }

    /// The element of a slot at an index, from the operation that makes it.
    fn compute(&mut self, nest: &mut NestBuilder, slot: Slot, index: &[Affine]) -> Var {
        let carrier = self.ty(slot).carrier;
        let Some(UnaryStep {
            op: Op::Prim(prim),
            args,
            ..
        }) = self.step_of(slot)
        else {
            unreachable!("the results of other steps and the parameters are in memory");
        };
        if is_structural(prim) || self.window_of(slot).is_some() {
            return self.read_structural(nest, prim, slot, args[0], index);
        }
        if let Prim::Gather { axes, .. } = prim {
            let position = &index[..self.ty(args[1]).rank()];
            let mut there = Vec::new();
            for (&index, &size) in args[1..=*axes].iter().zip(&self.ty(args[0]).shape) {
                there.push(self.known_index(nest, index, size, position));
            }
            there.extend_from_slice(&index[position.len()..]);
            return self.read(nest, args[0], &there);
        }
        let vars: Vec<Var> = args.iter().map(|&a| self.read(nest, a, index)).collect();
        let expr = match prim {
            Prim::Literal(literal) => Expr::Literal(*literal),
            Prim::Iota(_) => Expr::Index(index[0].clone()),
            Prim::Unary(op) => Expr::Unary(*op, vars[0]),
            Prim::Binary(op) => Expr::Binary(*op, vars[0], vars[1]),
            Prim::Compare(op) => Expr::Compare(*op, vars[0], vars[1]),
            Prim::Select => Expr::Select(vars[0], vars[1], vars[2]),
            Prim::Convert(to) if self.ty(args[0]).carrier == *to => return vars[0],
            Prim::Convert(to) => Expr::Convert(*to, vars[0]),
            other => unreachable!("{other:?} is not computed where it is read"),
        };
        nest.bind(self.unit, expr, carrier)
    }

    /// An index that cannot leave an axis of this size, at a position: an affine expression if it never could, else
    /// a number that is data.
    pub fn known_index(
        &mut self,
        nest: &mut NestBuilder,
        index: Slot,
        size: usize,
        position: &[Affine],
    ) -> Affine {
        let Around { ranges, counters } = &self.around;
        let sum = ranges
            .sum(index)
            .filter(|_| ranges.always_within(index, size));
        let affine = sum.and_then(|sum| window::affine(sum, position, counters));
        affine.unwrap_or_else(|| Affine::var(self.read(nest, index, position)))
    }

    fn read_structural(
        &mut self,
        nest: &mut NestBuilder,
        prim: &Prim,
        slot: Slot,
        arg: Slot,
        index: &[Affine],
    ) -> Var {
        let shape = &self.ty(arg).shape;
        if matches!(self.values[arg.index()], Value::Uniform(_)) {
            return self.read(nest, arg, &[]);
        }
        if let Some(there) = self.source(slot, prim, arg, index) {
            return self.read(nest, arg, &there);
        }
        // A reshape that joins axes: its argument must lie in memory in order.
        let view = self.contiguous(arg);
        let carrier: Carrier = self.ty(arg).carrier;
        match view.structural(prim, shape, &self.ty(slot).shape) {
            Some(view) => nest.bind(self.unit, Expr::Load(view.at(index)), carrier),
            None => unreachable!("a contiguous array takes any shape"),
        }
    }
}
