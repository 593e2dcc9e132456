//! Takes exponentials and their kin out of nests, to kernels that compute them for whole arrays.
//!
//! *Before*: a nest, in which such a function is applied to one element at a time.
//! *After*: nests that put its arguments into an array, the kernel on that array, and the nest that reads the
//! results from it. Nothing changes where an argument is only known once the nest is under way.
//! *Size*: one nest more for each such function; a nest over a large array runs strip by strip, so that the
//! array between stays small.

use std::collections::BTreeSet;

use lentil_unary::{Carrier, UnaryOp};

use super::Unit;
use super::nest::operands;
use crate::syntax::{Address, Affine, BufferId, Count, Expr, Map, Nest, Step, Stmt, Var};

/// From how many elements on a kernel is worth its call.
const WORTH: usize = 4;
/// How many elements one strip has at most: they stay in the nearest cache.
const STRIP: usize = 2048;
/// How many elements are computed at once where a sum runs over all of them.
const WHOLE: usize = 1 << 16;

/// Whether a kernel computes a function for whole arrays.
pub fn has_kernel(op: UnaryOp) -> bool {
    matches!(
        op,
        UnaryOp::Exp | UnaryOp::Log | UnaryOp::Tanh | UnaryOp::Sigmoid
    )
}

/// The steps that do what a nest does.
pub fn split(unit: &mut Unit, mut nest: Nest) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some(found) = find(unit, &nest.body) {
        let total: usize = found.path.iter().map(|c| c.n).product();
        if total > STRIP {
            if let Some(strips) = strips(unit, &nest) {
                steps.extend(strips);
                return steps;
            }
            if total > WHOLE {
                steps.push(Step::Nest(nest));
                return steps;
            }
        }
        let carrier = unit.carrier(found.result);
        let between = found.place(unit.buffer(carrier, total));
        let mut before = Vec::new();
        arguments(&nest.body, &found, &between, &mut before);
        steps.push(Step::Nest(Nest { body: before }));
        steps.push(Step::Map(Map {
            op: found.op,
            carrier,
            n: total,
            at: Address {
                buffer: between.buffer,
                index: Affine::default(),
            },
        }));
        read_instead(&mut nest.body, &found, &between);
        sweep(&mut nest.body, &mut BTreeSet::new());
    }
    steps.push(Step::Nest(nest));
    steps
}

/// A function that can be taken out.
struct Found {
    op: UnaryOp,
    argument: Var,
    result: Var,
    /// The loops around it, outermost first.
    path: Vec<Count>,
    /// What its argument is computed from.
    needs: BTreeSet<Var>,
}

impl Found {
    /// Where the element of the current iteration is in an array of all.
    fn place(&self, buffer: BufferId) -> Address {
        let mut index = Affine::default();
        let mut stride = 1;
        for count in self.path.iter().rev() {
            index = index.plus(&Affine::var(count.var), stride);
            stride *= count.n as i64;
        }
        Address { buffer, index }
    }
}

/// What has been seen of a nest, in its order.
#[derive(Default)]
struct Search {
    path: Vec<Count>,
    lets: Vec<(Var, Expr)>,
    stored: Vec<Address>,
    candidates: Vec<Found>,
    checks: bool,
}

/// The first function that can be taken out.
fn find(unit: &Unit, body: &[Stmt]) -> Option<Found> {
    let mut search = Search::default();
    search.stmts(unit, body);
    let (stored, lets) = (&search.stored, &search.lets);
    // Arguments are read before anything is written: what is written must have been read already, or never.
    let early = |found: &Found| {
        let mut loads = lets.iter().filter_map(|(var, expr)| match expr {
            Expr::Load(at) if found.needs.contains(var) => Some(at),
            _ => None,
        });
        loads.all(|at| {
            let mut same = stored.iter().filter(|s| s.buffer == at.buffer);
            let once = found.path.iter().all(|c| at.index.coefficient(c.var) != 0);
            same.all(|s| once && s == at)
        })
    };
    let checks = search.checks;
    (search.candidates.into_iter()).find(|found| !checks && early(found))
}

impl Search {
    fn stmts(&mut self, unit: &Unit, body: &[Stmt]) {
        for stmt in body {
            match stmt {
                Stmt::Let(var, expr) => {
                    self.lets.push((*var, expr.clone()));
                    if let Expr::Unary(op, argument) = expr
                        && has_kernel(*op)
                        && matches!(unit.carrier(*var), Carrier::F32 | Carrier::F64)
                        && self.path.iter().map(|c| c.n).product::<usize>() >= WORTH
                        && let Some(needs) = self.needs(*argument)
                    {
                        self.candidates.push(Found {
                            op: *op,
                            argument: *argument,
                            result: *var,
                            path: self.path.clone(),
                            needs,
                        });
                    }
                }
                Stmt::Store(at, _) => self.stored.push(at.clone()),
                Stmt::For(count, inner) => {
                    self.path.push(*count);
                    self.stmts(unit, inner);
                    self.path.pop();
                }
                Stmt::Check { .. } => self.checks = true,
                Stmt::Cell(..) | Stmt::Set(..) => {}
            }
        }
    }

    /// All that a variable is computed from; `None` if something of it changes or has been written here.
    fn needs(&self, var: Var) -> Option<BTreeSet<Var>> {
        let mut needs = BTreeSet::new();
        let mut open = vec![var];
        while let Some(var) = open.pop() {
            if !needs.insert(var) || self.path.iter().any(|c| c.var == var) {
                continue;
            }
            match self.lets.iter().find(|(v, _)| *v == var) {
                Some((_, Expr::Load(at))) if self.stored.iter().any(|s| s.buffer == at.buffer) => {
                    return None;
                }
                Some((_, expr)) => open.extend(operands(expr)),
                // The counter of a loop around the nest, or a variable that changes.
                None if self.outer(var) => {}
                None => return None,
            }
        }
        Some(needs)
    }

    /// Whether a variable that is not bound here is only ever used as an index: then it is a counter.
    fn outer(&self, var: Var) -> bool {
        let whole = |expr: &Expr| match expr {
            Expr::Load(_) | Expr::Index(_) => true,
            _ => !operands(expr).contains(&var),
        };
        self.lets.iter().all(|(_, expr)| whole(expr))
    }
}

/// The part of a nest that computes the arguments, and stores them.
fn arguments(body: &[Stmt], found: &Found, at: &Address, out: &mut Vec<Stmt>) {
    for stmt in body {
        match stmt {
            Stmt::Let(var, _) if *var == found.result => {
                out.push(Stmt::Store(at.clone(), found.argument));
            }
            Stmt::Let(var, _) if found.needs.contains(var) => out.push(stmt.clone()),
            Stmt::For(count, inner) if found.path.contains(count) => {
                let mut stmts = Vec::new();
                arguments(inner, found, at, &mut stmts);
                out.push(Stmt::For(*count, stmts));
            }
            Stmt::Let(..)
            | Stmt::For(..)
            | Stmt::Cell(..)
            | Stmt::Set(..)
            | Stmt::Store(..)
            | Stmt::Check { .. } => {}
        }
    }
}

fn read_instead(body: &mut [Stmt], found: &Found, at: &Address) {
    for stmt in body {
        match stmt {
            Stmt::Let(var, expr) if *var == found.result => *expr = Expr::Load(at.clone()),
            Stmt::For(_, inner) => read_instead(inner, found, at),
            Stmt::Let(..)
            | Stmt::Cell(..)
            | Stmt::Set(..)
            | Stmt::Store(..)
            | Stmt::Check { .. } => {}
        }
    }
}

/// Removes bindings that nothing reads any more; `used` is what the rest of the nest reads.
fn sweep(body: &mut Vec<Stmt>, used: &mut BTreeSet<Var>) {
    let mut kept = Vec::new();
    while let Some(mut stmt) = body.pop() {
        match &mut stmt {
            Stmt::Let(var, expr) => {
                if !used.contains(var) {
                    continue;
                }
                used.extend(operands(expr));
            }
            Stmt::Cell(_, x) | Stmt::Check { index: x, .. } => {
                used.insert(*x);
            }
            Stmt::Set(cell, x) => used.extend([*cell, *x]),
            Stmt::Store(at, x) => {
                used.insert(*x);
                used.extend(at.index.terms.keys());
            }
            Stmt::For(_, inner) => sweep(inner, used),
        }
        kept.push(stmt);
    }
    kept.reverse();
    *body = kept;
}

/// Runs the outermost loop of a nest strip by strip; `None` if something goes from strip to strip.
fn strips(unit: &mut Unit, nest: &Nest) -> Option<Vec<Step>> {
    let (last, first) = nest.body.split_last()?;
    let Stmt::For(count, inner) = last else {
        return None;
    };
    if count.backward || !first.iter().all(|s| matches!(s, Stmt::Let(..))) {
        return None;
    }
    let rows = (STRIP / elements(inner)).clamp(1, count.n);
    if rows == count.n && rows > 1 {
        return None; // what is large is not below this loop
    }
    let part = |unit: &mut Unit, start: Affine, n: usize| {
        let mut body = first.to_vec();
        let mut inner = inner.clone();
        if n == 1 {
            substitute(&mut inner, count.var, &start);
            body.extend(inner);
        } else {
            let shifted = start.plus(&Affine::var(count.var), 1);
            substitute(&mut inner, count.var, &shifted);
            body.push(Stmt::For(Count { n, ..*count }, inner));
        }
        split(unit, Nest { body })
    };
    let strip = Count {
        var: unit.var(Carrier::Int),
        n: count.n / rows,
        backward: false,
    };
    let start = Affine::default().plus(&Affine::var(strip.var), rows as i64);
    let mut steps = vec![Step::Loop {
        count: strip,
        limit: None,
        body: part(unit, start, rows),
    }];
    let rest = count.n % rows;
    if rest > 0 {
        let start = Affine::constant((count.n - rest) as i64);
        steps.extend(part(unit, start, rest));
    }
    Some(steps)
}

/// How often the innermost statements of some loops run, at most.
fn elements(body: &[Stmt]) -> usize {
    let of = |s: &Stmt| match s {
        Stmt::For(count, inner) => count.n.saturating_mul(elements(inner)),
        _ => 1,
    };
    body.iter().map(of).max().unwrap_or(1).max(1)
}

/// Puts an index in a counter's place.
fn substitute(body: &mut [Stmt], var: Var, by: &Affine) {
    let replace = |affine: &mut Affine| {
        let factor = affine.coefficient(var);
        if factor != 0 {
            affine.terms.remove(&var);
            *affine = std::mem::take(affine).plus(by, factor);
        }
    };
    for stmt in body {
        match stmt {
            Stmt::Let(_, Expr::Load(at)) | Stmt::Store(at, _) => replace(&mut at.index),
            Stmt::Let(_, Expr::Index(affine)) => replace(affine),
            Stmt::For(_, inner) => substitute(inner, var, by),
            Stmt::Let(..) | Stmt::Cell(..) | Stmt::Set(..) | Stmt::Check { .. } => {}
        }
    }
}
