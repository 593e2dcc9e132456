//! Loops: none or one iteration is written out (of those that do not end early); constants move into the body, what does not change
//! moves out of it, and an array that is read at the iteration number is read element by element.

use crate::Builder;
use crate::carrier::{Carrier, Literal, Type};
use crate::prim::Prim;
use crate::rebuild::Rebuild;
use crate::syntax::{Ends, Loop, Op, Region, Slot};

use super::branch::number;
use super::rewrite::Rewriter;

/// Where a value of the body comes from, if not from a step of the body.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The iteration number.
    Index,
    /// A value outside, the same in each iteration.
    Const(Slot),
    /// An element of an array outside.
    X(Slot),
    /// A state, by its number in the old loop.
    State(usize),
    /// A constant.
    Fill(Literal, Type),
}

impl Rewriter<'_, '_> {
    pub(super) fn loop_op(&mut self, l: &Loop, args: &[Slot]) -> Vec<Slot> {
        let body = self.round.body(&l.body);
        if l.limited() {
            return self.until_limit(l, &body, args);
        }
        match l.n {
            0 => self.no_iteration(l, args),
            1 => self.one_iteration(l, &body, args),
            _ => self.iterations(l, &body, args),
        }
    }

    /// A loop that ends early: if it is known that it does not begin or does not end early, it is another.
    fn until_limit(&mut self, l: &Loop, body: &Region, args: &[Slot]) -> Vec<Slot> {
        let first = l.consts + l.xs;
        let known = self.uniform(args[first]).map(Literal::as_i64);
        let int = |n: usize| Literal::integer(Carrier::Int, n as i64);
        if l.n == 0 || known.is_some_and(|limit| limit <= 0) {
            let none = Loop { n: 0, ..l.clone() };
            let mut results = self.no_iteration(&none, args);
            results[0] = self.builder.literal(int(0));
            for (k, ty) in l.body.result_types().iter().enumerate().skip(l.states) {
                results[k] = self.builder.zeros(&ty.stacked(l.n));
            }
            return results;
        }
        let kept = body.results()[0].index() == 1 + first;
        if kept && !l.solved() && known.is_some_and(|limit| limit >= l.n as i64) {
            let counted = Loop {
                ends: Ends::Counted,
                ..l.clone()
            };
            let mut results = self.loop_op(&counted, args);
            results[0] = self.builder.literal(int(l.n));
            return results;
        }
        self.iterations(l, body, args)
    }

    fn no_iteration(&mut self, l: &Loop, args: &[Slot]) -> Vec<Slot> {
        let mut results = args[l.consts + l.xs..].to_vec();
        for ty in &l.body.result_types()[l.states..] {
            results.push(self.builder.zeros(&ty.stacked(0)));
        }
        results
    }

    fn one_iteration(&mut self, l: &Loop, body: &Region, args: &[Slot]) -> Vec<Slot> {
        let mut params = vec![self.first_index()];
        params.extend_from_slice(args);
        for x in &mut params[1 + l.consts..1 + l.consts + l.xs] {
            let shape = self.ty(*x).shape[1..].to_vec();
            *x = self.prim(Prim::Reshape(shape), &[*x]);
        }
        let mut results = self.inline(body, &params);
        for output in &mut results[l.states..] {
            let shape = self.ty(*output).stacked(1).shape;
            *output = self.prim(Prim::Reshape(shape), &[*output]);
        }
        results
    }

    fn iterations(&mut self, l: &Loop, body: &Region, args: &[Slot]) -> Vec<Slot> {
        let mut sources = self.sources(l, body, args);
        self.hoist(l, body, &mut sources);
        self.read_by_number(l.n, body, &mut sources);

        // The new lists, each value once.
        let (mut consts, mut xs, mut states) = (Vec::new(), Vec::new(), Vec::new());
        for source in sources.iter().flatten() {
            match source {
                Source::Const(slot) => drop(number(&mut consts, *slot)),
                Source::X(slot) => drop(number(&mut xs, *slot)),
                Source::State(k) => states.push(*k),
                Source::Index | Source::Fill(..) => {}
            }
        }
        let init: Vec<Slot> = states.iter().map(|k| args[l.consts + l.xs + k]).collect();
        let mut params = vec![body.params()[0].clone()];
        params.extend(consts.iter().map(|&c| self.ty(c)));
        params.extend(xs.iter().filter_map(|&x| self.ty(x).element()));
        params.extend(init.iter().map(|&s| self.ty(s)));

        let mut inner = Builder::new(params);
        let mut map: Vec<Slot> = Vec::new();
        let mut value = |inner: &mut Builder, source: &Source| match source {
            Source::Index => inner.param(0),
            Source::Const(slot) => inner.param(1 + number(&mut consts, *slot)),
            Source::X(slot) => inner.param(1 + consts.len() + number(&mut xs, *slot)),
            Source::State(k) => inner.param(1 + consts.len() + xs.len() + number(&mut states, *k)),
            Source::Fill(literal, ty) => inner.full(*literal, &ty.shape),
        };
        for source in sources[..body.params().len()].iter().flatten() {
            map.push(value(&mut inner, source));
        }
        for (first, step) in body.numbered() {
            let results = first.index()..first.index() + step.types.len();
            if sources[results.clone()].iter().all(Option::is_some) {
                for source in sources[results].iter().flatten() {
                    map.push(value(&mut inner, source));
                }
                continue;
            }
            let args: Vec<Slot> = step.args.iter().map(|a| map[a.index()]).collect();
            map.extend(inner.emit(step.op.clone(), &args));
        }

        // What is left to be computed, and what each old result is.
        let mut results: Vec<Slot> = states
            .iter()
            .map(|&k| map[body.results()[k].index()])
            .collect();
        let mut outputs: Vec<Slot> = Vec::new();
        let mut finals: Vec<Option<Slot>> = vec![None; body.results().len()];
        let mut computed: Vec<(usize, usize)> = Vec::new();
        for (k, result) in body.results().iter().enumerate() {
            if k < l.states {
                match states.iter().position(|&s| s == k) {
                    Some(state) => computed.push((k, state)),
                    None => finals[k] = Some(args[l.consts + l.xs + k]),
                }
                continue;
            }
            let at = map[result.index()];
            finals[k] = match (&sources[result.index()], inner.uniform(at)) {
                // Where an iteration does not run, the output is zero.
                (_, known) if l.limited() && !known.is_some_and(Literal::is_zero) => {
                    computed.push((k, states.len() + number(&mut outputs, at)));
                    None
                }
                (Some(Source::Const(slot)), _) => Some(self.replicate(*slot, l.n)),
                (Some(Source::X(slot)), _) => Some(*slot),
                (Some(Source::Index), _) => Some(self.prim(Prim::Iota(l.n), &[])),
                (_, Some(literal)) => {
                    let shape = inner.ty(at).stacked(l.n).shape;
                    Some(self.builder.full(literal, &shape))
                }
                (Some(Source::State(_) | Source::Fill(..)) | None, None) => {
                    computed.push((k, states.len() + number(&mut outputs, at)));
                    None
                }
            };
        }
        if !computed.is_empty() {
            results.extend(outputs);
            let body = inner.finish(results);
            let made = self
                .builder
                .loop_that(l.ends, l.n, l.backward, [&consts, &xs, &init], body);
            for (k, from) in computed {
                finals[k] = Some(made[from]);
            }
        }
        finals
            .into_iter()
            .map(|f| f.expect("every result is found"))
            .collect()
    }

    /// For each slot of the body, where it comes from; `None` for what a step computes.
    fn sources(&mut self, l: &Loop, body: &Region, args: &[Slot]) -> Vec<Option<Source>> {
        let mut sources = vec![None; body.slots().len()];
        sources[0] = Some(Source::Index);
        for (k, &arg) in args.iter().enumerate() {
            let param = Slot(k as u32 + 1);
            let source = match self.uniform(arg) {
                // A constant state still changes, unless the body keeps it.
                Some(literal) if k < l.consts + l.xs => {
                    Source::Fill(literal, body.ty(param).clone())
                }
                _ if k < l.consts => Source::Const(arg),
                _ if k < l.consts + l.xs => self.element_source(arg),
                known => {
                    let state = k - l.consts - l.xs;
                    match known {
                        _ if body.results()[state] != param => Source::State(state),
                        // How often it runs is known afterwards; and what solves an equation is not
                        // where the search for it began.
                        _ if l.limited() && state == 0 || l.solved() => Source::State(state),
                        Some(literal) => Source::Fill(literal, body.ty(param).clone()),
                        None => Source::Const(arg),
                    }
                }
            };
            sources[param.index()] = Some(source);
        }
        sources
    }

    /// Where an element of an array comes from: 0, 1, … is the iteration number, and an element of
    /// equal ones does not change.
    fn element_source(&mut self, x: Slot) -> Source {
        match self.made_by(x) {
            Some((Prim::Iota(_), _)) => Source::Index,
            Some((Prim::Broadcast { shape, axes }, args)) if !axes.contains(&0) => {
                let shape = shape[1..].to_vec();
                let axes = axes.iter().map(|a| a - 1).collect();
                Source::Const(self.prim(Prim::Broadcast { shape, axes }, &args))
            }
            _ => Source::X(x),
        }
    }

    /// `gather{axes=1}(const, i)` is an element of the array, if it is long enough.
    fn read_by_number(&mut self, n: usize, body: &Region, sources: &mut [Option<Source>]) {
        for (slot, step) in body.numbered() {
            let Op::Prim(Prim::Gather { axes: 1, .. }) = step.op else {
                continue;
            };
            let of = |k: usize| sources[step.args[k].index()].clone();
            let (Some(Source::Const(array)), Some(Source::Index)) = (of(0), of(1)) else {
                continue;
            };
            let mut len = self.ty(array).shape;
            if len[0] < n || sources[slot.index()].is_some() {
                continue;
            }
            len[0] = n;
            let (start, step) = (vec![0; len.len()], vec![1; len.len()]);
            let whole = self.prim(Prim::Slice { start, len, step }, &[array]);
            sources[slot.index()] = Some(Source::X(whole));
        }
    }

    fn replicate(&mut self, x: Slot, n: usize) -> Slot {
        let shape = self.ty(x).stacked(n).shape;
        let axes = (1..shape.len()).collect();
        self.prim(Prim::Broadcast { shape, axes }, &[x])
    }
}
