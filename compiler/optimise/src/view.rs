//! A builder that remembers what made each slot, and looks through repetitions and transpositions.

use lentil_unary::{Builder, Op, Prim, Region, Slot, Type};

/// A value read through repetitions and transpositions of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// What is read. Each of its axes is named exactly once in `from`.
    pub base: Slot,
    /// For each axis of the value, the axis of `base` that it runs along; `None` where it repeats.
    pub from: Vec<Option<usize>>,
}

impl View {
    /// For each axis of the base, the axis of the value along it.
    pub fn places(&self) -> Vec<usize> {
        let mut places = vec![0; self.from.iter().flatten().count()];
        for (axis, from) in self.from.iter().enumerate() {
            if let Some(k) = *from {
                places[k] = axis;
            }
        }
        places
    }

    /// Whether the value is its base.
    pub fn is_identity(&self) -> bool {
        self.from.iter().enumerate().all(|(i, f)| *f == Some(i))
    }
}

/// Rebuilds a region step by step, with a memory of what was made.
pub struct Rewriter {
    b: Builder,
    made: Vec<Option<(Prim, Vec<Slot>)>>,
    shared: Vec<bool>,
}

impl Rewriter {
    /// A region with these parameters and no steps.
    pub fn new(params: &[Type]) -> Rewriter {
        Rewriter {
            b: Builder::new(params.to_vec()),
            made: vec![None; params.len()],
            shared: vec![true; params.len()],
        }
    }

    /// The slots of all parameters.
    pub fn params(&self) -> Vec<Slot> {
        self.b.param_slots()
    }

    /// Ends the region.
    pub fn finish(self, results: Vec<Slot>) -> Region {
        self.b.finish(results)
    }

    /// The type of a slot.
    pub fn ty(&self, slot: Slot) -> &Type {
        self.b.ty(slot)
    }

    /// The shape of a slot.
    pub fn shape(&self, slot: Slot) -> Vec<usize> {
        self.ty(slot).shape.clone()
    }

    /// Appends any operation.
    pub fn emit(&mut self, op: &Op, args: &[Slot]) -> Vec<Slot> {
        if let Op::Prim(prim) = op
            && prim.results() == 1
        {
            return vec![self.prim(prim.clone(), args)];
        }
        let slots = self.b.emit(op.clone(), args);
        for slot in &slots {
            if slot.index() == self.made.len() {
                self.made.push(None);
                self.shared.push(true);
            }
        }
        slots
    }

    /// The primitive that made a slot, with its arguments.
    pub fn made(&self, slot: Slot) -> Option<(&Prim, &[Slot])> {
        let (prim, args) = self.made[slot.index()].as_ref()?;
        Some((prim, args))
    }

    /// Notes that a slot is read more than once.
    pub fn share(&mut self, slot: Slot) {
        self.shared[slot.index()] = true;
    }

    /// Whether a slot may be read more than once.
    pub fn is_shared(&self, slot: Slot) -> bool {
        self.shared[slot.index()]
    }

    /// A slot as a view of what lies behind its repetitions and transpositions.
    pub fn view(&self, slot: Slot) -> View {
        let mut view = View {
            base: slot,
            from: (0..self.ty(slot).rank()).map(Some).collect(),
        };
        while let Some((prim, args)) = self.made(view.base) {
            let back: Box<dyn Fn(usize) -> Option<usize>> = match prim {
                Prim::Broadcast { axes, .. } => Box::new(|k| axes.iter().position(|&a| a == k)),
                Prim::Transpose(perm) => Box::new(|k| Some(perm[k])),
                _ => break,
            };
            view = View {
                base: args[0],
                from: view.from.iter().map(|f| f.and_then(&back)).collect(),
            };
        }
        view
    }
}

/// Something that primitives can be appended to.
pub trait Emit {
    /// What stands for a value.
    type Value: Clone;

    /// Appends a primitive.
    fn prim(&mut self, prim: Prim, args: &[Self::Value]) -> Self::Value;

    /// A view of a value at a shape: at most one transposition and one repetition.
    /// `from` says for each axis of the result the axis of the value along it.
    fn place(
        &mut self,
        base: &Self::Value,
        from: &[Option<usize>],
        shape: &[usize],
    ) -> Self::Value {
        let perm: Vec<usize> = from.iter().flatten().copied().collect();
        let base = self.transpose(base, &perm);
        let axes: Vec<usize> = (0..shape.len())
            .filter(|&axis| from[axis].is_some())
            .collect();
        self.broadcast(&base, shape, &axes)
    }

    /// Permutes axes; nothing for the identity.
    fn transpose(&mut self, x: &Self::Value, perm: &[usize]) -> Self::Value {
        if perm.iter().enumerate().all(|(i, &p)| i == p) {
            return x.clone();
        }
        self.prim(Prim::Transpose(perm.to_vec()), std::slice::from_ref(x))
    }

    /// Repeats a value along new axes; nothing if there are none.
    fn broadcast(&mut self, x: &Self::Value, shape: &[usize], axes: &[usize]) -> Self::Value {
        if axes.len() == shape.len() {
            return x.clone();
        }
        let (shape, axes) = (shape.to_vec(), axes.to_vec());
        self.prim(Prim::Broadcast { shape, axes }, std::slice::from_ref(x))
    }
}

impl Emit for Rewriter {
    type Value = Slot;

    fn prim(&mut self, prim: Prim, args: &[Slot]) -> Slot {
        let slot = self.b.prim(prim.clone(), args);
        if slot.index() == self.made.len() {
            self.made.push(Some((prim, args.to_vec())));
            self.shared.push(false);
        }
        slot
    }
}

/// The region without the steps that no result needs, also those that may trap (as in `simplify`).
pub fn sweep(region: &Region) -> Region {
    let mut needed = vec![false; region.slots().len()];
    for r in region.results() {
        needed[r.index()] = true;
    }
    let numbered: Vec<_> = region.numbered().collect();
    let mut kept = vec![false; numbered.len()];
    for (k, (first, step)) in numbered.iter().enumerate().rev() {
        let own = first.index()..first.index() + step.types.len();
        kept[k] = needed[own].contains(&true);
        if kept[k] {
            for a in &step.args {
                needed[a.index()] = true;
            }
        }
    }
    let mut b = Builder::new(region.params().to_vec());
    let mut map = b.param_slots();
    for (k, (_, step)) in numbered.iter().enumerate() {
        if kept[k] {
            let args: Vec<Slot> = step.args.iter().map(|a| map[a.index()]).collect();
            map.extend(b.emit(step.op.clone(), &args));
        } else {
            // Nothing reads these: any slot will do.
            map.extend(step.types.iter().map(|_| Slot(u32::MAX)));
        }
    }
    let results = region.results().iter().map(|r| map[r.index()]).collect();
    b.finish(results)
}
