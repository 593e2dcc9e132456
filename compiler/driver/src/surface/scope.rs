//! One region as a block of the language: `let`s, then its results.
//!
//! A slot is wanted in one of two ways: *whole*, as an expression for the array, or *at* indices, as
//! an expression for one element inside a comprehension. What may be repeated for every index stands
//! there itself; everything else gets a name in front first.

use lentil_grammar::ast::{Binder, Expr, Statement};
use lentil_unary::{Carrier, LinalgOp, Literal, Op, Prim, Region, Slot, Type, UnaryOp};

use super::binders::{self, Extent};
use super::number::{self, standing};
use super::plan::{Plan, is_free};
use super::tree::{self, bracket, comprehension, let_, name, pattern};
use super::{Printer, Unprintable};

pub(super) type Printed = Result<Expr, Unprintable>;

/// Where a slot's value is to be had.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A named array, or what it holds at some leading indices.
    Of(String, Vec<Expr>),
    /// A scalar that is written out.
    Scalar(Expr),
    /// A constant.
    Literal(Literal),
}

impl Place {
    fn at(&self, indices: &[Expr]) -> Expr {
        match self {
            Place::Of(array, leading) => bracket(name(array), [leading, indices].concat()),
            Place::Scalar(e) => e.clone(),
            Place::Literal(l) => number::literal(*l),
        }
    }
}

/// A region while it is printed.
pub(super) struct Scope<'p, 'r> {
    pub(super) printer: &'p mut Printer,
    pub(super) region: &'r Region,
    pub(super) plan: Plan,
    places: Vec<Option<Place>>,
    lets: Vec<Statement>,
    /// The indices of its comprehensions that are open, with their sizes.
    pub(super) active: Vec<(String, usize)>,
    /// The names that the `let`s bind, which nobody sees after the block.
    bound: Vec<String>,
}

impl<'p, 'r> Scope<'p, 'r> {
    /// A region whose parameters are at places.
    pub(super) fn new(
        printer: &'p mut Printer,
        region: &'r Region,
        params: Vec<Place>,
    ) -> Scope<'p, 'r> {
        let mut places: Vec<Option<Place>> = params.into_iter().map(Some).collect();
        places.resize(region.slots().len(), None);
        let plan = Plan::of(region);
        let (lets, active, bound) = (Vec::new(), Vec::new(), Vec::new());
        Scope {
            printer,
            region,
            plan,
            places,
            lets,
            active,
            bound,
        }
    }

    /// The `let`s and the results. Constants among these stand for themselves if asked.
    pub(super) fn finish(
        mut self,
        stand: bool,
    ) -> Result<(Vec<Statement>, Vec<Expr>), Unprintable> {
        let region = self.region;
        for (first, step) in region.numbered() {
            let slots: Vec<Slot> = (0..step.types.len() as u32)
                .map(|k| Slot(first.0 + k))
                .collect();
            let live = slots.iter().any(|&s| self.plan.uses(s) > 0);
            if live && slots.len() != 1 {
                self.bind_all(&step.op, &step.args, &slots)?;
            } else if live && self.plan.named(first) && self.places[first.index()].is_none() {
                self.hoist(first)?;
            }
        }
        let mut results = Vec::new();
        for &slot in region.results() {
            let e = self.whole(slot)?;
            results.push(if stand {
                standing(e, self.ty(slot).carrier)
            } else {
                e
            });
        }
        for name in &self.bound {
            self.printer.extents.remove(name);
        }
        Ok((self.lets, results))
    }

    pub(super) fn ty(&self, slot: Slot) -> &'r Type {
        self.region.ty(slot)
    }

    /// The primitive that makes a slot which has no name, with its arguments.
    pub(super) fn inline_prim(&self, slot: Slot) -> Option<(&'r Prim, &'r [Slot])> {
        if self.places[slot.index()].is_some() || self.plan.named(slot) {
            return None;
        }
        match self.plan.step(self.region, slot).map(|s| (&s.op, &s.args)) {
            Some((Op::Prim(prim), args)) => Some((prim, args)),
            _ => None,
        }
    }

    /// The whole value.
    pub(super) fn whole(&mut self, slot: Slot) -> Printed {
        if let Some(place) = &self.places[slot.index()] {
            return Ok(place.at(&[]));
        }
        let heavy = |op: &Op| !matches!(op, Op::Prim(Prim::Literal(_) | Prim::Iota(_)));
        match self.plan.step(self.region, slot) {
            Some(step) if self.plan.uses(slot) > 1 && heavy(&step.op) && !self.stretched(slot) => {
                self.hoist(slot)?;
                self.whole(slot)
            }
            _ => self.make(slot),
        }
    }

    /// One element, inside a comprehension.
    pub(super) fn at(&mut self, slot: Slot, indices: &[Expr]) -> Printed {
        if let Some(place) = &self.places[slot.index()] {
            return Ok(place.at(indices));
        }
        if let Some((prim, args)) = self.inline_prim(slot)
            && self.repeats(prim, args, slot)
        {
            return self.element(slot, prim, args, indices);
        }
        self.hoist(slot)?;
        self.at(slot, indices)
    }

    /// One element of what is read again for every index of another array: not to be computed there.
    pub(super) fn at_again(&mut self, slot: Slot, indices: &[Expr]) -> Printed {
        let moves = self.inline_prim(slot).is_some_and(|(prim, _)| {
            matches!(
                prim,
                Prim::Literal(_)
                    | Prim::Iota(_)
                    | Prim::Broadcast { .. }
                    | Prim::Transpose(_)
                    | Prim::Convert(_)
            )
        });
        if self.places[slot.index()].is_none() && !moves {
            self.hoist(slot)?;
        }
        self.at(slot, indices)
    }

    /// A place that may be read at will: a name, or a constant.
    pub(super) fn place(&mut self, slot: Slot) -> Result<Place, Unprintable> {
        if let Some(place) = &self.places[slot.index()] {
            return Ok(place.clone());
        }
        if let Some((Prim::Literal(literal), _)) = self.inline_prim(slot) {
            return Ok(Place::Literal(*literal));
        }
        self.hoist(slot)?;
        self.place(slot)
    }

    /// A name for the whole value.
    pub(super) fn array(&mut self, slot: Slot) -> Result<Expr, Unprintable> {
        match &self.places[slot.index()] {
            Some(Place::Of(..)) => {}
            Some(Place::Scalar(_) | Place::Literal(_)) | None => self.hoist(slot)?,
        }
        self.whole(slot)
    }

    /// Gives a slot a name in front of everything that is still to be printed.
    fn hoist(&mut self, slot: Slot) -> Result<(), Unprintable> {
        let value = self.outside(|scope| scope.make(slot))?;
        let ty = self.ty(slot);
        let wanted = suggestion(self.plan.step(self.region, slot).map(|s| &s.op), ty);
        let known = binders::bounds_of(&value, &self.printer.extents);
        let name = self.bind(wanted, ty);
        if let Some((low, high)) = known.filter(|_| *ty == Type::scalar(Carrier::Int)) {
            self.printer
                .extents
                .insert(name.clone(), Extent::Number(low, high));
        }
        self.lets.push(let_(
            pattern(&[Some(name.clone())]),
            standing(value, ty.carrier),
        ));
        self.places[slot.index()] = Some(Place::Of(name, Vec::new()));
        Ok(())
    }

    /// Runs where no index is in scope.
    fn outside<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let active = std::mem::take(&mut self.active);
        for (name, _) in &active {
            self.printer.names.release(name);
            self.printer.extents.remove(name);
        }
        let out = f(self);
        for (name, size) in &active {
            self.printer.names.retake(name);
            self.printer
                .extents
                .insert(name.clone(), Extent::index(*size));
        }
        self.active = active;
        out
    }

    /// A fresh name for a value of a type, which ends with this block.
    pub(super) fn bind(&mut self, wanted: &str, ty: &Type) -> String {
        let name = match wanted {
            "" => self.printer.names.letter(),
            wanted => self.printer.names.take(wanted),
        };
        self.printer
            .extents
            .insert(name.clone(), Extent::Array(ty.shape.clone()));
        self.bound.push(name.clone());
        name
    }

    pub(super) fn push(&mut self, statement: Statement) {
        self.lets.push(statement);
    }

    pub(super) fn put(&mut self, slot: Slot, place: Place) {
        self.places[slot.index()] = Some(place);
    }

    /// `let (a, b) = …` for an operation with several results.
    fn bind_all(
        &mut self,
        op: &'r Op,
        args: &'r [Slot],
        slots: &[Slot],
    ) -> Result<(), Unprintable> {
        if let Op::Loop(l) = op
            && l.states > 0
        {
            return self.bind_loop(l, args, slots);
        }
        if let Op::Prim(Prim::Linalg(LinalgOp::Det)) = op {
            // The language gives them out in two functions.
            let (det, logs) = slots.split_at(1);
            if self.plan.uses(det[0]) > 0 {
                let value = self.linalg("det", args)?;
                self.bind_names(op, value, det);
            }
            if logs.iter().any(|&s| self.plan.uses(s) > 0) {
                let value = self.linalg("slogdet", args)?;
                self.bind_names(op, value, logs);
            }
            return Ok(());
        }
        let value = self.operation(op, args)?;
        self.bind_names(op, value, slots);
        Ok(())
    }

    /// Names for the live ones of what a value holds.
    fn bind_names(&mut self, op: &Op, value: Expr, slots: &[Slot]) {
        let mut names = Vec::new();
        for &slot in slots {
            let live = self.plan.uses(slot) > 0;
            names.push(live.then(|| self.bind(suggestion(Some(op), self.ty(slot)), self.ty(slot))));
            if let Some(Some(name)) = names.last() {
                self.put(slot, Place::Of(name.clone(), Vec::new()));
            }
        }
        self.lets.push(let_(pattern(&names), value));
    }

    /// The expression that makes a slot.
    fn make(&mut self, slot: Slot) -> Printed {
        let Some(step) = self.plan.step(self.region, slot) else {
            return Err(Unprintable::Malformed);
        };
        match &step.op {
            Op::Prim(prim) => self.primitive(slot, prim, &step.args),
            Op::Loop(l) if l.states > 0 => {
                self.bind_loop(l, &step.args, &[slot])?;
                self.whole(slot)
            }
            op => self.operation(op, &step.args),
        }
    }

    /// `[element for i, j]` over all axes of a slot.
    pub(super) fn elements(&mut self, slot: Slot, prim: &'r Prim, args: &'r [Slot]) -> Printed {
        let ty = self.ty(slot);
        self.comprehended(&ty.shape, |scope, indices| {
            let e = scope.element(slot, prim, args, indices)?;
            Ok(standing(e, ty.carrier))
        })
    }

    /// A comprehension over axes of known sizes.
    pub(super) fn comprehended(
        &mut self,
        sizes: &[usize],
        body: impl FnOnce(&mut Self, &[Expr]) -> Printed,
    ) -> Printed {
        let (body, binders) = self.indexed(sizes, body)?;
        Ok(comprehension(body, binders))
    }

    /// A body over fresh indices, and what binds them.
    pub(super) fn indexed<T: std::borrow::Borrow<Expr>>(
        &mut self,
        sizes: &[usize],
        body: impl FnOnce(&mut Self, &[Expr]) -> Result<T, Unprintable>,
    ) -> Result<(T, Vec<Binder>), Unprintable> {
        let names: Vec<String> = sizes.iter().map(|&n| self.index(n)).collect();
        let indices: Vec<Expr> = names.iter().map(|n| tree::name(n)).collect();
        let body = body(self, &indices)?;
        let named: Vec<(&str, usize)> = names
            .iter()
            .map(String::as_str)
            .zip(sizes.iter().copied())
            .collect();
        let binders = binders::binders(body.borrow(), &named, &self.printer.extents);
        for name in &names {
            self.release(name);
        }
        Ok((body, binders))
    }

    pub(super) fn index(&mut self, size: usize) -> String {
        let name = self.printer.names.index();
        self.printer
            .extents
            .insert(name.clone(), Extent::index(size));
        self.active.push((name.clone(), size));
        name
    }

    pub(super) fn release(&mut self, index: &str) {
        self.printer.names.release(index);
        self.printer.extents.remove(index);
        self.active.retain(|(name, _)| name != index);
    }

    /// Indices, of which those that might leave their axis are checked when the program runs, not before.
    pub(super) fn checked(&mut self, indices: Vec<Expr>, shape: &[usize]) -> Vec<Expr> {
        let printer = &mut *self.printer;
        let check = |(e, &size): (Expr, &usize)| {
            let (low, high) = match binders::bounds_of(&e, &printer.extents) {
                Some(bounds) => bounds,
                None => return e,
            };
            if low >= 0 && high < size as i128 {
                return e;
            }
            printer.checks = true;
            tree::call(&printer.check, vec![e])
        };
        indices.into_iter().zip(shape).map(check).collect()
    }

    /// Whether a scalar is only repeated to the slot's shape, and by what.
    pub(super) fn stretched(&self, slot: Slot) -> bool {
        self.stretched_scalar(slot).is_some()
    }

    pub(super) fn stretched_scalar(&self, slot: Slot) -> Option<Slot> {
        match self.inline_prim(slot) {
            Some((Prim::Broadcast { axes, .. }, args)) if axes.is_empty() => Some(args[0]),
            _ => None,
        }
    }

    /// Whether a step may stand inside a comprehension, to be computed for each index.
    fn repeats(&self, prim: &Prim, args: &[Slot], slot: Slot) -> bool {
        let once = self.plan.uses(slot) <= 1 || is_free(&Op::Prim(prim.clone()));
        once && self.elementwise(prim, args, slot)
    }
}

/// What a value is called after what it is; nothing if it takes the next letter.
fn suggestion(op: Option<&Op>, ty: &Type) -> &'static str {
    if ty.carrier == Carrier::Bool {
        return "holds";
    }
    match op {
        Some(Op::Prim(prim)) => match prim {
            Prim::Contract { .. } => "h",
            Prim::Reduce { .. } | Prim::Scan { .. } => "s",
            Prim::ArgMax(_) | Prim::ArgMin(_) => "at",
            Prim::ArgSort { .. } => "order",
            Prim::Unary(UnaryOp::Exp | UnaryOp::Expm1) => "e",
            Prim::Unary(_) => "u",
            Prim::Iota(_) => "index",
            Prim::ScatterAdd { .. } => "t",
            Prim::Literal(_)
            | Prim::Binary(_)
            | Prim::Compare(_)
            | Prim::Select
            | Prim::Convert(_)
            | Prim::Broadcast { .. }
            | Prim::Transpose(_)
            | Prim::Reshape(_)
            | Prim::Slice { .. }
            | Prim::Pad { .. }
            | Prim::Concat(_)
            | Prim::Flip(_)
            | Prim::Gather { .. }
            | Prim::RandomBits(_)
            | Prim::RandomSplit(_)
            | Prim::RandomFold
            | Prim::Linalg(_)
            | Prim::Trace(_) => "",
        },
        Some(
            Op::Loop(_)
            | Op::Cond { .. }
            | Op::Call(_)
            | Op::Reverse(_)
            | Op::Forward(_)
            | Op::Lens(_),
        )
        | None => "",
    }
}
