//! Emits innermost loops over reals with vectors of 128 bits, where each lane computes what the scalar
//! loop would, bit for bit.

use std::collections::HashMap;

use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Type, Value, types};

use lentil_loops::Refusal;
use lentil_loops::syntax::{Address, Count, Expr, Stmt, Var};
use lentil_unary::{BinaryOp, Carrier, UnaryOp};

use crate::function::{Emitter, memory};
use crate::scalar::float_cc;

/// How many vectors one iteration computes at most.
const UNROLL: usize = 4;

/// Emits as many iterations of a loop as fill vectors, and returns how many those are.
/// The caller emits the rest.
pub fn emit(e: &mut Emitter, count: Count, body: &[Stmt]) -> Result<usize, Refusal> {
    let Some(carrier) = vector_carrier(e, count, body) else {
        return Ok(0);
    };
    let width = 16 / carrier.bytes();
    let mut done = 0;
    // Long loops several vectors at a time, then one vector at a time.
    for unroll in [UNROLL, 1] {
        let stride = width * unroll;
        let end = done + (count.n - done) / stride * stride;
        if end > done {
            let range = [done as i64, end as i64, stride as i64];
            e.counted_by(count.var, range, true, |e| {
                for k in 0..unroll {
                    let mut lanes = Lanes {
                        carrier,
                        shift: (k * width) as i64,
                        values: HashMap::new(),
                    };
                    lanes.stmts(e, count.var, body);
                }
                Ok(())
            })?;
        }
        done = end;
    }
    Ok(done)
}

/// The carrier of a loop that vectors can compute; `None` if they cannot.
fn vector_carrier(e: &Emitter, count: Count, body: &[Stmt]) -> Option<Carrier> {
    if count.backward {
        return None;
    }
    let stored = body.iter().find_map(|s| match s {
        Stmt::Store(_, var) => Some(e.carrier(*var)),
        _ => None,
    })?;
    let fits = |s: &Stmt| match s {
        Stmt::Store(at, var) => at.index.coefficient(count.var) == 1 && e.carrier(*var) == stored,
        Stmt::Let(var, expr) => match expr {
            Expr::Literal(_) => e.carrier(*var) == stored,
            Expr::Load(at) => {
                e.carrier(*var) == stored && matches!(at.index.coefficient(count.var), 0 | 1)
            }
            Expr::Index(_) | Expr::Convert(..) => false,
            Expr::Unary(op, _) => native(*op) || *op == UnaryOp::Not,
            Expr::Binary(op, ..) => native_pair(*op),
            Expr::Compare(_, x, _) => e.carrier(*x) == stored,
            Expr::Select(_, x, _) => e.carrier(*x) == stored,
        },
        Stmt::Cell(..) | Stmt::Set(..) | Stmt::For(..) | Stmt::Check { .. } => false,
    };
    let local = |var: Var| {
        body.iter()
            .any(|s| matches!(s, Stmt::Let(v, _) if *v == var))
    };
    // A condition from outside of the loop is one byte and no mask.
    let masks = body.iter().all(|s| match s {
        Stmt::Let(_, Expr::Select(c, ..)) => local(*c),
        Stmt::Let(var, expr) if e.carrier(*var) == Carrier::Bool => match expr {
            Expr::Unary(_, x) => local(*x),
            Expr::Binary(_, x, y) => local(*x) && local(*y),
            Expr::Compare(..) => true,
            _ => false,
        },
        _ => true,
    });
    (stored.is_real() && masks && body.iter().all(fits)).then_some(stored)
}

fn native(op: UnaryOp) -> bool {
    matches!(
        op,
        UnaryOp::Neg
            | UnaryOp::Abs
            | UnaryOp::Floor
            | UnaryOp::Ceil
            | UnaryOp::Round
            | UnaryOp::Trunc
            | UnaryOp::Sqrt
    )
}

fn native_pair(op: BinaryOp) -> bool {
    match op {
        BinaryOp::Add
        | BinaryOp::Sub
        | BinaryOp::Mul
        | BinaryOp::Div
        | BinaryOp::Max
        | BinaryOp::Min
        | BinaryOp::And
        | BinaryOp::Or => true,
        BinaryOp::Rem | BinaryOp::Pow | BinaryOp::Atan2 | BinaryOp::Hypot | BinaryOp::Polygamma => {
            false
        }
    }
}

/// One vector's worth of iterations.
struct Lanes {
    carrier: Carrier,
    /// How far after the counter they begin.
    shift: i64,
    values: HashMap<Var, Value>,
}

impl Lanes {
    fn ty(&self) -> Type {
        if self.carrier == Carrier::F32 {
            types::F32X4
        } else {
            types::F64X2
        }
    }

    fn mask_ty(&self) -> Type {
        if self.carrier == Carrier::F32 {
            types::I32X4
        } else {
            types::I64X2
        }
    }

    fn stmts(&mut self, e: &mut Emitter, counter: Var, body: &[Stmt]) {
        for stmt in body {
            match stmt {
                Stmt::Let(var, expr) => {
                    let value = self.expr(e, counter, expr);
                    self.values.insert(*var, value);
                }
                Stmt::Store(at, var) => {
                    let value = self.value(e, *var);
                    let (pointer, offset) = e.place(&self.shifted(at, counter));
                    e.builder.ins().store(memory(), value, pointer, offset);
                }
                Stmt::Cell(..) | Stmt::Set(..) | Stmt::For(..) | Stmt::Check { .. } => {
                    unreachable!("only pointwise loops are vectors")
                }
            }
        }
    }

    fn shifted(&self, at: &Address, counter: Var) -> Address {
        let mut at = at.clone();
        at.index.constant += self.shift * at.index.coefficient(counter);
        at
    }

    /// A variable as a vector: what was bound outside of the loop is the same in all lanes.
    fn value(&mut self, e: &mut Emitter, var: Var) -> Value {
        if let Some(&value) = self.values.get(&var) {
            return value;
        }
        let scalar = e.value(var);
        let value = e.builder.ins().splat(self.ty(), scalar);
        self.values.insert(var, value);
        value
    }

    fn expr(&mut self, e: &mut Emitter, counter: Var, expr: &Expr) -> Value {
        match expr {
            Expr::Literal(literal) => {
                let scalar = e.literal(*literal);
                e.builder.ins().splat(self.ty(), scalar)
            }
            Expr::Load(at) if at.index.coefficient(counter) == 0 => {
                let ty = self.ty();
                let scalar = e.load(at, ty.lane_type());
                e.builder.ins().splat(ty, scalar)
            }
            Expr::Load(at) => e.load(&self.shifted(at, counter), self.ty()),
            Expr::Unary(UnaryOp::Not, x) => {
                let x = self.value(e, *x);
                e.builder.ins().bnot(x)
            }
            Expr::Unary(op, x) => {
                let x = self.value(e, *x);
                native_or_unreachable(e.native_unary(*op, x))
            }
            Expr::Binary(BinaryOp::And, x, y) => {
                let (x, y) = (self.value(e, *x), self.value(e, *y));
                e.builder.ins().band(x, y)
            }
            Expr::Binary(BinaryOp::Or, x, y) => {
                let (x, y) = (self.value(e, *x), self.value(e, *y));
                e.builder.ins().bor(x, y)
            }
            Expr::Binary(op, x, y) => {
                let (x, y) = (self.value(e, *x), self.value(e, *y));
                native_or_unreachable(e.native_binary(*op, x, y))
            }
            Expr::Compare(op, x, y) => {
                let (x, y) = (self.value(e, *x), self.value(e, *y));
                e.builder.ins().fcmp(float_cc(*op), x, y)
            }
            Expr::Select(c, x, y) => {
                let c = self.value(e, *c);
                let (x, y) = (self.value(e, *x), self.value(e, *y));
                let ty = self.mask_ty();
                let flags =
                    MemFlagsData::new().with_endianness(cranelift_codegen::ir::Endianness::Little);
                let x = e.builder.ins().bitcast(ty, flags, x);
                let y = e.builder.ins().bitcast(ty, flags, y);
                let chosen = e.builder.ins().bitselect(c, x, y);
                e.builder.ins().bitcast(self.ty(), flags, chosen)
            }
            Expr::Index(_) | Expr::Convert(..) => unreachable!("only reals are vectors"),
        }
    }
}

fn native_or_unreachable(value: Option<Value>) -> Value {
    match value {
        Some(value) => value,
        None => unreachable!("only operations with instructions are vectors"),
    }
}
