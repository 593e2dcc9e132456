//! Lowers one region: a function, a loop's body or an arm, inside the unit of its function.

use lentil_unary::{Carrier, Literal, Op, Prim, Region, Slot, Step as UnaryStep, Type};

use super::map;
use super::nest::NestBuilder;
use super::view::{Value, View, is_structural, map_index};
use super::{Session, Unit};
use crate::fuse::{self, Fusion, GroupKind};
use crate::options::Refusal;
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

/// A region that is being lowered.
pub struct Lowering<'a> {
    pub session: &'a mut Session,
    pub unit: &'a mut Unit,
    pub region: &'a Region,
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
        params: Vec<Value>,
        mut owned: Vec<bool>,
        targets: Vec<Target>,
    ) -> Result<Vec<Step>, Refusal> {
        let constant: Vec<bool> = (params.iter())
            .map(|v| matches!(v, Value::Uniform(_) | Value::Counter(_)))
            .collect();
        let fusion = fuse::fuse(region, &constant);
        let mut values = params;
        values.resize(region.slots().len(), Value::Lazy);
        owned.resize(region.slots().len(), false);
        for (first, step) in region.numbered() {
            values[first.index()] = match &step.op {
                Op::Prim(Prim::Literal(literal)) => Value::Uniform(*literal),
                Op::Prim(p) if is_structural(p) => match &values[step.args[0].index()] {
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
        if !is_structural(prim) {
            return None;
        }
        let arg = step.args[0];
        let view = self.as_view(arg)?;
        let view = view.structural(prim, &self.ty(arg).shape, &self.ty(slot).shape)?;
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
        if is_structural(prim) {
            return self.read_structural(nest, prim, slot, args[0], index);
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
        if let Some(there) = map_index(prim, shape, index) {
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
