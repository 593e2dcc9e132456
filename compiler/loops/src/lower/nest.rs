//! Builds a nest: loops are opened and closed, and each pure expression is bound once,
//! in the outermost loop whose counters it needs.

use std::collections::HashMap;

use lentil_unary::{Carrier, Literal, Slot};

use super::Unit;
use crate::syntax::{Address, Affine, Count, Expr, Nest, Stmt, Var};

/// A nest under construction.
pub struct NestBuilder {
    levels: Vec<Level>,
    /// In which level each variable of this nest is bound. Counters of outer loops are not listed.
    depth: HashMap<Var, usize>,
}

/// An open loop; the first level is outside of all loops.
struct Level {
    count: Option<Count>,
    body: Vec<Stmt>,
    known: HashMap<Expr, Var>,
    read: HashMap<(Slot, Vec<Affine>), Var>,
}

impl Level {
    fn new(count: Option<Count>) -> Level {
        Level {
            count,
            body: Vec::new(),
            known: HashMap::new(),
            read: HashMap::new(),
        }
    }
}

impl NestBuilder {
    /// An empty nest.
    pub fn new() -> NestBuilder {
        NestBuilder {
            levels: vec![Level::new(None)],
            depth: HashMap::new(),
        }
    }

    /// Opens a loop and returns its index. A loop of one iteration needs no counter.
    pub fn open(&mut self, unit: &mut Unit, n: usize, backward: bool) -> Affine {
        if n == 1 {
            self.levels.push(Level::new(None));
            return Affine::default();
        }
        let var = unit.var(Carrier::Int);
        self.depth.insert(var, self.levels.len());
        self.levels
            .push(Level::new(Some(Count { var, n, backward })));
        Affine::var(var)
    }

    /// Opens a loop for each axis of a shape.
    pub fn open_all(&mut self, unit: &mut Unit, shape: &[usize]) -> Vec<Affine> {
        shape.iter().map(|&n| self.open(unit, n, false)).collect()
    }

    /// Closes the innermost loops.
    pub fn close(&mut self, loops: usize) {
        for _ in 0..loops {
            let Some(level) = self.levels.pop() else {
                return;
            };
            let depth = self.levels.len();
            self.depth.retain(|_, d| *d < depth);
            let outer = &mut self.levels[depth - 1].body;
            match level.count {
                // Nothing happens in it: only bindings are left, and those nobody sees.
                _ if !level.body.iter().any(has_effect) => {}
                Some(count) => outer.push(Stmt::For(count, level.body)),
                // A single iteration joins the loop around it.
                None => outer.extend(level.body),
            }
        }
    }

    /// Ends the nest.
    pub fn finish(mut self) -> Nest {
        self.close(self.levels.len() - 1);
        let body = self.levels.pop().map(|l| l.body).unwrap_or_default();
        Nest {
            body: body.into_iter().map(coalesce).collect(),
        }
    }

    /// Binds a pure expression as far out as it can be.
    pub fn bind(&mut self, unit: &mut Unit, expr: Expr, carrier: Carrier) -> Var {
        let mut level = 0;
        for var in operands(&expr) {
            level = level.max(self.depth.get(&var).copied().unwrap_or(0));
        }
        if let Some(&var) = self.levels[level].known.get(&expr) {
            return var;
        }
        let var = self.bind_at(unit, expr.clone(), carrier, level);
        self.levels[level].known.insert(expr, var);
        var
    }

    /// Binds an expression in the innermost loop, at this very place.
    pub fn bind_here(&mut self, unit: &mut Unit, expr: Expr, carrier: Carrier) -> Var {
        self.bind_at(unit, expr, carrier, self.levels.len() - 1)
    }

    fn bind_at(&mut self, unit: &mut Unit, expr: Expr, carrier: Carrier, level: usize) -> Var {
        let var = unit.var(carrier);
        self.depth.insert(var, level);
        self.levels[level].body.push(Stmt::Let(var, expr));
        var
    }

    /// Binds a constant.
    pub fn literal(&mut self, unit: &mut Unit, literal: Literal) -> Var {
        self.bind(unit, Expr::Literal(literal), literal.carrier())
    }

    /// Declares a changing variable in the innermost loop.
    pub fn cell(&mut self, unit: &mut Unit, first: Var) -> Var {
        let cell = unit.var(unit.carrier(first));
        let level = self.levels.len() - 1;
        self.depth.insert(cell, level);
        self.push(Stmt::Cell(cell, first));
        cell
    }

    /// Appends a statement to the innermost loop.
    pub fn push(&mut self, stmt: Stmt) {
        if let Some(level) = self.levels.last_mut() {
            level.body.push(stmt);
        }
    }

    /// Writes a value.
    pub fn store(&mut self, at: Address, var: Var) {
        self.push(Stmt::Store(at, var));
    }

    /// The variable that holds a slot's element, if it has been read already.
    pub fn known(&self, slot: Slot, index: &[Affine]) -> Option<Var> {
        let key = (slot, index.to_vec());
        (self.levels.iter().rev()).find_map(|level| level.read.get(&key).copied())
    }

    /// Remembers the variable that holds a slot's element.
    pub fn remember(&mut self, slot: Slot, index: &[Affine], var: Var) {
        let level = self.depth.get(&var).copied().unwrap_or(0);
        self.levels[level].read.insert((slot, index.to_vec()), var);
    }
}

/// The variables that an expression reads.
pub fn operands(expr: &Expr) -> Vec<Var> {
    match expr {
        Expr::Literal(_) => Vec::new(),
        Expr::Load(at) => at.index.terms.keys().copied().collect(),
        Expr::Index(affine) => affine.terms.keys().copied().collect(),
        Expr::Unary(_, x) | Expr::Convert(_, x) => vec![*x],
        Expr::Binary(_, x, y) | Expr::Compare(_, x, y) => vec![*x, *y],
        Expr::Select(c, x, y) => vec![*c, *x, *y],
    }
}

fn has_effect(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Let(..) | Stmt::Cell(..) => false,
        Stmt::Set(..) | Stmt::Store(..) | Stmt::Check { .. } => true,
        Stmt::For(_, body) => body.iter().any(has_effect),
    }
}

/// Makes one loop of two where the addresses run on from row to row.
fn coalesce(stmt: Stmt) -> Stmt {
    let Stmt::For(outer, body) = stmt else {
        return stmt;
    };
    let mut body: Vec<Stmt> = body.into_iter().map(coalesce).collect();
    let whole = match body.as_slice() {
        [Stmt::For(inner, stmts)] => {
            !outer.backward && !inner.backward && stmts.iter().all(|s| runs_on(s, outer, *inner))
        }
        _ => false,
    };
    if !whole {
        return Stmt::For(outer, body);
    }
    let Some(Stmt::For(inner, mut stmts)) = body.pop() else {
        return Stmt::For(outer, body);
    };
    stmts.iter_mut().for_each(|s| forget(s, outer.var));
    let count = Count {
        n: outer.n * inner.n,
        ..inner
    };
    Stmt::For(count, stmts)
}

fn runs_on(stmt: &Stmt, outer: Count, inner: Count) -> bool {
    let fits = |a: &Affine| a.coefficient(outer.var) == a.coefficient(inner.var) * inner.n as i64;
    match stmt {
        Stmt::Let(_, Expr::Load(at)) | Stmt::Store(at, _) => fits(&at.index),
        Stmt::Let(_, Expr::Index(affine)) => fits(affine),
        Stmt::Let(..) => true,
        Stmt::Cell(..) | Stmt::Set(..) | Stmt::For(..) | Stmt::Check { .. } => false,
    }
}

fn forget(stmt: &mut Stmt, var: Var) {
    match stmt {
        Stmt::Let(_, Expr::Load(at)) | Stmt::Store(at, _) => {
            at.index.terms.remove(&var);
        }
        Stmt::Let(_, Expr::Index(affine)) => {
            affine.terms.remove(&var);
        }
        Stmt::Let(..) | Stmt::Cell(..) | Stmt::Set(..) | Stmt::Check { .. } => {}
        Stmt::For(_, body) => body.iter_mut().for_each(|s| forget(s, var)),
    }
}
