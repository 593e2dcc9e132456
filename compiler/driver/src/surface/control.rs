//! Steps with bodies: loops become comprehensions, folds and scans; conditionals and calls stay.

use lentil_grammar::ast::{BinaryOp, Expr, Statement};
use lentil_unary::{Carrier, Literal, Loop, Op, Prim, Region, Slot, Type};

use super::Unprintable;
use super::binders::{Extent, binders};
use super::number::{firm, is_number, literal, standing};
use super::plan::Plan;
use super::scope::{Place, Printed, Scope};
use super::tree::{
    binary, block, bracket, call, call_of, comprehension, if_, labelled, lambda, let_, name,
    number, pattern, tuple,
};

impl<'r> Scope<'_, 'r> {
    /// A map, a conditional or a call; several results are a tuple.
    pub(super) fn operation(&mut self, op: &'r Op, args: &'r [Slot]) -> Printed {
        match op {
            Op::Loop(l) => self.mapped(l, args),
            Op::Cond { then, otherwise } => {
                let condition = self.whole(args[0])?;
                let captures = self.places_of(&args[1..])?;
                let (then_lets, mut yes) = self.inside(then, captures.clone())?;
                let (other_lets, mut no) = self.inside(otherwise, captures)?;
                for (k, ty) in then.result_types().iter().enumerate() {
                    if is_number(&yes[k]) && is_number(&no[k]) {
                        yes[k] = standing(yes[k].clone(), ty.carrier);
                        no[k] = standing(no[k].clone(), ty.carrier);
                    }
                }
                Ok(if_(
                    condition,
                    block(then_lets, tuple(yes)),
                    block(other_lets, tuple(no)),
                ))
            }
            Op::Call(f) => {
                let Some(function) = self.printer.functions.get(f).cloned() else {
                    return Err(Unprintable::Malformed);
                };
                let args: Result<Vec<Expr>, Unprintable> =
                    args.iter().map(|&a| self.whole(a)).collect();
                Ok(call(&function, args?))
            }
            Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => Err(Unprintable::Unresolved),
            Op::Prim(Prim::Linalg(op)) => self.linalg(op.name(), args),
            Op::Prim(_) => Err(Unprintable::Malformed),
        }
    }

    /// A loop without states.
    fn mapped(&mut self, l: &'r Loop, args: &'r [Slot]) -> Printed {
        let index = self.index(l.n);
        let mut places = vec![Place::Scalar(name(&index))];
        places.extend(self.places_of(&args[..l.consts])?);
        for &x in &args[l.consts..] {
            places.push(self.row(x, &name(&index))?);
        }
        let (lets, results) = Scope::new(self.printer, &l.body, places).finish(true)?;
        let body = block(lets, tuple(results));
        let binders = binders(&body, &[(&index, l.n)], &self.printer.extents);
        self.release(&index);
        Ok(comprehension(body, binders))
    }

    /// A loop with states, bound to names: its live results get places.
    pub(super) fn bind_loop(
        &mut self,
        l: &'r Loop,
        args: &'r [Slot],
        results: &[Slot],
    ) -> Result<(), Unprintable> {
        let live = |scope: &Self, k: usize| scope.plan.uses(results[k]) > 0;
        let inits = &args[l.consts + l.xs..];
        if l.n == 0 {
            return self.bind_no_iterations(l, inits, results);
        }
        let carried = Carried::of(l, |k| live(self, k));
        let region = &carried.region;
        let mut start = Vec::new();
        for (k, ty) in carried.types.iter().enumerate() {
            start.push(match inits.get(k) {
                Some(&init) => initial(self.whole(init)?, ty.carrier),
                // Never seen: the first iteration replaces it.
                None => self.zeros(ty)?,
            });
        }

        // What the loop runs over: one array, or all indices.
        let plan = Plan::of(region);
        let used = |k: usize| plan.uses(Slot(k as u32)) > 0;
        let read: Vec<usize> = (0..l.xs).filter(|k| used(1 + l.consts + k)).collect();
        let over = match read[..] {
            [k] if !used(0) => Over::Array(args[l.consts + k]),
            [] if !used(0) && !carried.stacks => Over::Nothing,
            _ => Over::Indices,
        };

        let mut scoped = Vec::new();
        let element = match over {
            Over::Nothing => None,
            Over::Indices => {
                let index = self.index(l.n);
                // The checker does not know its bounds, and it is in scope of the whole body.
                self.printer.extents.remove(&index);
                self.active.pop();
                Some(index)
            }
            Over::Array(x) => {
                let ty = self.ty(x).element().ok_or(Unprintable::Malformed)?;
                let element = self.scoped("v", &ty);
                scoped.push(element.clone());
                Some(element)
            }
        };
        let mut places = vec![match (&over, &element) {
            (Over::Indices, Some(index)) => Place::Scalar(name(index)),
            _ => Place::Literal(Literal::integer(Carrier::Int, 0)),
        }];
        places.extend(self.places_of(&args[..l.consts])?);
        for (k, &x) in args[l.consts..l.consts + l.xs].iter().enumerate() {
            places.push(match (&over, &element) {
                _ if !read.contains(&k) => Place::Scalar(number(0)),
                (Over::Indices, Some(index)) => self.row(x, &name(index))?,
                (_, Some(element)) => Place::Of(element.clone(), Vec::new()),
                (_, None) => return Err(Unprintable::Malformed),
            });
        }

        let state = match &carried.types[..] {
            [only] => self.scoped("s", only),
            _ => self.printer.names.take("s"),
        };
        scoped.push(state.clone());
        let mut lets = Vec::new();
        if carried.types.len() == 1 {
            places.push(Place::Of(state.clone(), Vec::new()));
        } else {
            let mut parts = Vec::new();
            for (k, ty) in carried.types.iter().enumerate() {
                let seen = k < l.states && used(1 + l.consts + l.xs + k);
                let part = seen.then(|| self.scoped("p", ty));
                if k < l.states {
                    places.push(match &part {
                        Some(part) => Place::Of(part.clone(), Vec::new()),
                        None => Place::Scalar(number(0)),
                    });
                }
                scoped.extend(part.clone());
                parts.push(part);
            }
            lets.push(let_(pattern(&parts), name(&state)));
        }
        let (more, next) = Scope::new(self.printer, region, places).finish(false)?;
        lets.extend(more);
        let body = block(lets, tuple(next));
        let start = tuple(start);
        let value = match (&over, element.as_deref()) {
            (Over::Array(x), Some(element)) => {
                let word = if carried.stacks { "scan" } else { "fold" };
                call(
                    word,
                    vec![self.whole(*x)?, start, lambda(&[&state, element], body)],
                )
            }
            (Over::Indices, Some(index)) => {
                let word = if carried.stacks { "scan" } else { "fold" };
                let all = call_of(bracket(name("iota"), vec![number(l.n)]), Vec::new());
                call(word, vec![all, start, lambda(&[&state, index], body)])
            }
            _ if l.limited() => {
                let done = self.at_limit(&state, carried.types.len());
                let next = lambda(&[&state], body);
                let max = labelled("max", number(l.n));
                call("until", vec![start, done, next, max])
            }
            _ => {
                let word = bracket(name("iterate"), vec![number(l.n)]);
                call_of(word, vec![start, lambda(&[&state], body)])
            }
        };
        if let (Over::Indices, Some(index)) = (&over, &element) {
            self.release(index);
        }
        for name in &scoped {
            self.printer.extents.remove(name);
        }

        let mut names = Vec::new();
        for (k, ty) in carried.types.iter().enumerate() {
            let ty = if carried.stacks {
                ty.stacked(l.n)
            } else {
                ty.clone()
            };
            let wanted = (0..results.len()).any(|r| carried.holds(r, k) && live(self, r));
            names.push(wanted.then(|| self.bind("", &ty)));
        }
        self.push(let_(pattern(&names), value));
        for (r, &slot) in results.iter().enumerate() {
            let part = carried.component[r].and_then(|k| names[k].clone());
            if let Some(name) = part {
                let last = r < l.states && carried.stacks;
                let at = if last {
                    vec![number(l.n - 1)]
                } else {
                    Vec::new()
                };
                self.put(slot, Place::Of(name, at));
            }
        }
        Ok(())
    }

    /// Whether a loop that ends early has run as often as it may: its first two states say so.
    fn at_limit(&mut self, state: &str, parts: usize) -> Expr {
        let int = Type::scalar(Carrier::Int);
        let names = [(); 2].map(|()| self.scoped("p", &int));
        let ended = binary(BinaryOp::Ge, name(&names[1]), name(&names[0]));
        let mut all = names.clone().map(Some).to_vec();
        all.resize(parts, None);
        let lets = vec![let_(pattern(&all), name(state))];
        for name in &names {
            self.printer.extents.remove(name);
        }
        lambda(&[state], block(lets, ended))
    }

    /// States that stay as they start, and outputs without elements.
    fn bind_no_iterations(
        &mut self,
        l: &Loop,
        inits: &'r [Slot],
        results: &[Slot],
    ) -> Result<(), Unprintable> {
        for (k, &slot) in results.iter().enumerate() {
            if self.plan.uses(slot) == 0 {
                continue;
            }
            let ty = self.ty(slot);
            let value = match inits.get(k) {
                Some(&init) if k < l.states => standing(self.whole(init)?, ty.carrier),
                _ => self.zeros(ty)?,
            };
            let name = self.bind("", ty);
            self.push(let_(pattern(&[Some(name.clone())]), value));
            self.put(slot, Place::Of(name, Vec::new()));
        }
        Ok(())
    }

    fn zeros(&mut self, ty: &Type) -> Printed {
        let zero = literal(Literal::zero(ty.carrier));
        if ty.rank() == 0 {
            return Ok(initial(zero, ty.carrier));
        }
        self.comprehended(&ty.shape, |_, _| Ok(standing(zero, ty.carrier)))
    }

    /// What an array that a loop reads holds at an index.
    fn row(&mut self, x: Slot, index: &Expr) -> Result<Place, Unprintable> {
        if let Some(scalar) = self.stretched_scalar(x)
            && self.ty(x).rank() == 1
        {
            return self.place(scalar);
        }
        match self.place(x)? {
            Place::Of(array, mut leading) => {
                leading.push(index.clone());
                Ok(Place::Of(array, leading))
            }
            Place::Scalar(_) | Place::Literal(_) => Err(Unprintable::Malformed),
        }
    }

    fn places_of(&mut self, slots: &'r [Slot]) -> Result<Vec<Place>, Unprintable> {
        slots.iter().map(|&s| self.place(s)).collect()
    }

    /// A body's block, which sees places of this one.
    fn inside(
        &mut self,
        region: &Region,
        places: Vec<Place>,
    ) -> Result<(Vec<Statement>, Vec<Expr>), Unprintable> {
        Scope::new(self.printer, region, places).finish(false)
    }

    /// A fresh name for a value inside a body.
    fn scoped(&mut self, wanted: &str, ty: &Type) -> String {
        let name = self.printer.names.take(wanted);
        self.printer
            .extents
            .insert(name.clone(), Extent::Array(ty.shape.clone()));
        name
    }
}

/// A number that a loop starts from, which is read as a `Real` unless it says otherwise.
fn initial(e: Expr, carrier: Carrier) -> Expr {
    match carrier {
        Carrier::F32 => standing(e, carrier),
        _ => firm(e, carrier),
    }
}

/// What a loop runs over.
enum Over {
    /// One array, element by element.
    Array(Slot),
    /// The numbers of the iterations.
    Indices,
    /// Nothing that it looks at.
    Nothing,
}

/// What goes from one iteration to the next. The language's `scan` stacks all of the state and
/// nothing else, so an output that is no state is carried along as one.
struct Carried {
    /// The body, with the components as its results.
    region: Region,
    /// The type of each component: the states, then further outputs.
    types: Vec<Type>,
    /// The component that holds a result of the loop, for live ones.
    component: Vec<Option<usize>>,
    /// Whether all iterations' states are wanted.
    stacks: bool,
}

impl Carried {
    fn of(l: &Loop, live: impl Fn(usize) -> bool) -> Carried {
        let body = &l.body;
        let mut parts: Vec<Slot> = body.results()[..l.states].to_vec();
        let mut component: Vec<Option<usize>> = (0..l.states).map(Some).collect();
        let mut stacks = false;
        for (r, &out) in body.results().iter().enumerate().skip(l.states) {
            if !live(r) {
                component.push(None);
                continue;
            }
            stacks = true;
            let known = parts.iter().position(|&p| p == out);
            component.push(Some(known.unwrap_or(parts.len())));
            if known.is_none() {
                parts.push(out);
            }
        }
        let types = parts.iter().map(|&p| body.ty(p).clone()).collect();
        let region = Region::new(body.params().to_vec(), body.steps().to_vec(), parts);
        Carried {
            region,
            types,
            component,
            stacks,
        }
    }

    fn holds(&self, result: usize, component: usize) -> bool {
        self.component[result] == Some(component)
    }
}
