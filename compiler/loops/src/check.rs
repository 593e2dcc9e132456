//! Checks the invariants of loop form:
//!
//! 1. Callees stand before their callers; an entry exists.
//! 2. A function's table buffers come first, parameters then results; all others lie within its frame.
//! 3. A variable is bound once, before it is read, in the block that reads it or one around it;
//!    only counters of enclosing loops are read by more than one step.
//! 4. Only variables declared by `Cell` are `Set`.
//! 5. Parameters are never written.
//! 6. Carriers agree: what is stored has the buffer's carrier, indices are `int`, conditions `bool`.
//! 7. A constant address, or one that only counters of known loops move, stays inside its buffer.
//! 8. In a program with lanes, bits are neither compared nor converted to another carrier.

use std::collections::{BTreeMap, BTreeSet};

use lentil_unary::Carrier;

use crate::syntax::{
    Address, Affine, BufferId, Count, Draw, Expr, Function, Linalg, Place, Program, Step, Stmt,
    Var, element_bytes,
};

/// Whether the invariants hold, or which does not.
pub fn check(program: &Program) -> Result<(), String> {
    ensure(!program.functions.is_empty(), || "no entry".to_string())?;
    for (index, function) in program.functions.iter().enumerate() {
        let mut checker = Checker {
            program,
            function,
            index,
            bound: BTreeMap::new(),
            cells: BTreeSet::new(),
        };
        let run = checker
            .layout()
            .and_then(|()| checker.steps(&function.body));
        run.map_err(|why| format!("{}: {why}", function.name))?;
    }
    Ok(())
}

struct Checker<'p> {
    program: &'p Program,
    function: &'p Function,
    index: usize,
    /// The variables in scope; of a counter, its largest value.
    bound: BTreeMap<Var, Option<i64>>,
    cells: BTreeSet<Var>,
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}

impl Checker<'_> {
    fn layout(&self) -> Result<(), String> {
        let f = self.function;
        for (k, buffer) in f.buffers.iter().enumerate() {
            let bytes = buffer.len * element_bytes(buffer.carrier, self.program.lanes);
            match buffer.place {
                Place::Table(at) => {
                    ensure(at == k && k < f.params + f.results, || {
                        format!("b{k} is at {at} of the table")
                    })?;
                }
                Place::Frame(offset) => {
                    ensure(k >= f.params + f.results, || {
                        format!("b{k} is not in the table")
                    })?;
                    // A buffer that no step touches has no place.
                    let inside = offset == 0 || offset + bytes <= f.frame;
                    ensure(inside, || format!("b{k} is outside of the frame"))?;
                }
            }
        }
        Ok(())
    }

    fn steps(&mut self, steps: &[Step]) -> Result<(), String> {
        for step in steps {
            let outer = self.bound.clone_if(step);
            match step {
                Step::Nest(nest) => self.stmts(&nest.body)?,
                Step::Gemm(g) => {
                    for m in [&g.a, &g.b, &g.c] {
                        self.address(&m.at)?;
                        ensure(self.carrier(m.at.buffer) == g.carrier, || {
                            "a gemm".to_string()
                        })?;
                    }
                    self.written(&g.c.at)?;
                }
                Step::Random(r) => {
                    let numbers = match &r.draw {
                        Draw::Fold(number) => Some((number, 1)),
                        Draw::Bits(_) | Draw::Split(_) => None,
                    };
                    let arrays = [(&r.key, 2), (&r.out, r.draw.words())];
                    for (at, each) in arrays.into_iter().chain(numbers) {
                        let mut last = at.clone();
                        last.index.constant += (each * r.count) as i64 - 1;
                        self.address(at)?;
                        self.address(&last)?;
                        ensure(self.carrier(at.buffer) == Carrier::Int, || {
                            "random numbers that are no int".to_string()
                        })?;
                    }
                    self.written(&r.out)?;
                }
                Step::Sort(sort) => {
                    for at in [&sort.x, &sort.out] {
                        let mut last = at.clone();
                        last.index.constant += (sort.rows * sort.n) as i64 - 1;
                        self.address(at)?;
                        self.address(&last)?;
                    }
                    self.written(&sort.out)?;
                    let carriers = (self.carrier(sort.x.buffer), self.carrier(sort.out.buffer));
                    ensure(carriers == (sort.carrier, Carrier::Int), || {
                        "a sort".to_string()
                    })?;
                }
                Step::Map(map) => {
                    let mut last = map.at.clone();
                    last.index.constant += map.n as i64 - 1;
                    for at in [&map.at, &last] {
                        self.address(at)?;
                        self.written(at)?;
                    }
                    let carrier = self.carrier(map.at.buffer);
                    ensure(carrier == map.carrier && carrier.is_real(), || {
                        "a map".to_string()
                    })?;
                }
                Step::Show { what, at } => {
                    let shown = self.program.shown.get(*what);
                    let shown = shown.ok_or_else(|| "nothing to show".to_string())?;
                    let mut last = at.clone();
                    last.index.constant += (shown.ty.len() as i64 - 1).max(0);
                    self.address(at)?;
                    self.address(&last)?;
                    ensure(self.carrier(at.buffer) == shown.ty.carrier, || {
                        "what is shown is of another carrier".to_string()
                    })?;
                }
                Step::Linalg(linalg) => self.linalg(linalg)?,
                Step::Loop { count, limit, body } => {
                    if let Some(at) = limit {
                        self.written(at)?;
                        ensure(self.carrier(at.buffer) == Carrier::Int, || {
                            "a limit that is no int".to_string()
                        })?;
                    }
                    self.count(*count)?;
                    self.steps(body)?;
                }
                Step::Cond {
                    condition,
                    then,
                    otherwise,
                } => {
                    self.address(condition)?;
                    ensure(self.carrier(condition.buffer) == Carrier::Bool, || {
                        "a condition that is no bool".to_string()
                    })?;
                    self.steps(then)?;
                    self.steps(otherwise)?;
                }
                Step::Call {
                    function,
                    args,
                    results,
                    ..
                } => self.call(*function, args, results)?,
            }
            if let Some(outer) = outer {
                self.bound = outer;
            }
        }
        Ok(())
    }

    fn call(&self, callee: usize, args: &[Address], results: &[Address]) -> Result<(), String> {
        ensure(callee < self.index, || {
            format!("a call of f{callee} by f{}", self.index)
        })?;
        let f = &self.program.functions[callee];
        ensure(args.len() == f.params && results.len() == f.results, || {
            format!("a wrong number of arguments of f{callee}")
        })?;
        for (k, at) in args.iter().chain(results).enumerate() {
            ensure(self.carrier(at.buffer) == f.buffers[k].carrier, || {
                format!("argument {k} of f{callee} has another carrier")
            })?;
            if k < args.len() {
                self.address(at)?
            } else {
                self.written(at)?
            }
        }
        Ok(())
    }

    fn linalg(&self, linalg: &Linalg) -> Result<(), String> {
        let (taken, made) = linalg.sizes.elements(linalg.op);
        ensure(
            linalg.args.len() == taken.len() && linalg.results.len() == made.len(),
            || "linear algebra of another number of arrays".to_string(),
        )?;
        let arrays = linalg.args.iter().chain(&linalg.results);
        for (k, (at, each)) in arrays.zip(taken.iter().chain(&made)).enumerate() {
            let mut last = at.clone();
            last.index.constant += ((each * linalg.sizes.count) as i64 - 1).max(0);
            self.address(at)?;
            self.address(&last)?;
            if k >= taken.len() {
                self.written(at)?;
            }
            ensure(
                self.carrier(at.buffer) == linalg.carrier && linalg.carrier.is_real(),
                || "linear algebra over another carrier".to_string(),
            )?;
        }
        Ok(())
    }

    fn count(&mut self, count: Count) -> Result<(), String> {
        self.bind(count.var, Some(count.n as i64 - 1))
    }

    fn bind(&mut self, var: Var, most: Option<i64>) -> Result<(), String> {
        ensure(self.bound.insert(var, most).is_none(), || {
            format!("v{} is bound twice", var.0)
        })
    }

    fn stmts(&mut self, stmts: &[Stmt]) -> Result<(), String> {
        for stmt in stmts {
            match stmt {
                Stmt::Let(var, expr) => {
                    let carrier = self.expr(expr)?;
                    ensure(carrier == self.var(*var), || {
                        format!("v{} is a {carrier}", var.0)
                    })?;
                    self.bind(*var, None)?;
                }
                Stmt::Cell(cell, first) => {
                    self.read(*first)?;
                    self.bind(*cell, None)?;
                    self.cells.insert(*cell);
                }
                Stmt::Set(cell, var) => {
                    self.read(*var)?;
                    self.read(*cell)?;
                    ensure(self.cells.contains(cell), || {
                        format!("v{} is no cell", cell.0)
                    })?;
                    ensure(self.var(*cell) == self.var(*var), || {
                        format!("v{} is set to another carrier", cell.0)
                    })?;
                }
                Stmt::Store(at, var) => {
                    self.read(*var)?;
                    self.written(at)?;
                    ensure(self.carrier(at.buffer) == self.var(*var), || {
                        format!("v{} is stored as another carrier", var.0)
                    })?;
                }
                Stmt::For(count, body) => {
                    let outer = self.bound.clone();
                    self.count(*count)?;
                    self.stmts(body)?;
                    self.bound = outer;
                }
                Stmt::Check { index, .. } => self.int(*index)?,
            }
        }
        Ok(())
    }

    fn expr(&self, expr: &Expr) -> Result<Carrier, String> {
        let lanes = self.program.lanes;
        let same = |x: &Var, y: &Var| {
            self.read(*x)?;
            self.read(*y)?;
            ensure(self.var(*x) == self.var(*y), || {
                format!("v{} and v{} differ in carrier", x.0, y.0)
            })
        };
        match expr {
            Expr::Literal(literal) => Ok(literal.carrier()),
            Expr::Load(at) => {
                self.address(at)?;
                Ok(self.carrier(at.buffer))
            }
            Expr::Index(affine) => {
                self.affine(affine)?;
                Ok(Carrier::Int)
            }
            Expr::Unary(_, x) => {
                self.read(*x)?;
                Ok(self.var(*x))
            }
            Expr::Binary(_, x, y) => {
                same(x, y)?;
                Ok(self.var(*x))
            }
            Expr::Compare(_, x, y) => {
                same(x, y)?;
                ensure(!lanes || self.var(*x) != Carrier::Bit, || {
                    "bits compared".to_string()
                })?;
                Ok(Carrier::Bool)
            }
            Expr::Select(c, x, y) => {
                same(x, y)?;
                self.read(*c)?;
                ensure(self.var(*c) == Carrier::Bool, || {
                    format!("v{} is no bool", c.0)
                })?;
                Ok(self.var(*x))
            }
            Expr::Convert(to, x) => {
                self.read(*x)?;
                ensure(!lanes || self.var(*x) != Carrier::Bit, || {
                    "bits converted".to_string()
                })?;
                Ok(*to)
            }
        }
    }

    fn written(&self, at: &Address) -> Result<(), String> {
        self.address(at)?;
        ensure(at.buffer.index() >= self.function.params, || {
            format!("parameter b{} is written", at.buffer.0)
        })
    }

    fn address(&self, at: &Address) -> Result<(), String> {
        self.affine(&at.index)?;
        let (mut low, mut high) = (at.index.constant, at.index.constant);
        for (var, c) in &at.index.terms {
            let Some(Some(most)) = self.bound.get(var) else {
                return Ok(()); // an index that is data; a `Check` stands before it
            };
            if *most < 0 {
                return Ok(()); // inside a loop that never runs
            }
            if *c > 0 {
                high += c * most
            } else {
                low += c * most
            }
        }
        let len = self.function.buffers[at.buffer.index()].len as i64;
        let inside = low >= 0 && (high < len || (len == 0 && high == 0));
        ensure(inside, || {
            format!("b{} of {len} is read from {low} to {high}", at.buffer.0)
        })
    }

    fn affine(&self, affine: &Affine) -> Result<(), String> {
        affine.terms.keys().try_for_each(|v| self.int(*v))
    }

    fn int(&self, var: Var) -> Result<(), String> {
        self.read(var)?;
        ensure(self.var(var) == Carrier::Int, || {
            format!("v{} is no int", var.0)
        })
    }

    fn read(&self, var: Var) -> Result<(), String> {
        ensure(self.bound.contains_key(&var), || {
            format!("v{} is not bound", var.0)
        })
    }

    fn var(&self, var: Var) -> Carrier {
        self.function.vars[var.index()]
    }

    fn carrier(&self, buffer: BufferId) -> Carrier {
        self.function.buffers[buffer.index()].carrier
    }
}

/// The scope to return to after a step, if the step binds anything.
trait Scope: Sized {
    fn clone_if(&self, step: &Step) -> Option<Self>;
}

impl Scope for BTreeMap<Var, Option<i64>> {
    fn clone_if(&self, step: &Step) -> Option<Self> {
        match step {
            Step::Nest(_) | Step::Loop { .. } => Some(self.clone()),
            Step::Gemm(_)
            | Step::Random(_)
            | Step::Sort(_)
            | Step::Map(_)
            | Step::Linalg(_)
            | Step::Show { .. }
            | Step::Cond { .. }
            | Step::Call { .. } => None,
        }
    }
}
