//! Emits the statements of a nest.

use cranelift_codegen::ir::{InstBuilder, types};

use lentil_loops::Refusal;
use lentil_loops::syntax::{Expr, Stmt, Var};

use crate::function::{Emitter, memory};
use crate::scalar::machine_type;
use crate::vector;

/// Up to how many iterations, and of how many statements each, are written out one after the other:
/// for rows of two or three elements the loop would be more than its body.
const UNROLLED: [usize; 2] = [4, 12];

fn unrolled(n: usize, body: &[Stmt]) -> bool {
    let straight = !body.iter().any(|s| matches!(s, Stmt::For(..)));
    n <= UNROLLED[0] && body.len() <= UNROLLED[1] && straight
}

impl Emitter<'_, '_, '_> {
    /// Emits statements in order.
    pub fn stmts(&mut self, stmts: &[Stmt]) -> Result<(), Refusal> {
        for stmt in stmts {
            match stmt {
                Stmt::Let(var, expr) => {
                    let value = self.expr(*var, expr)?;
                    self.values.insert(*var, value);
                }
                Stmt::Cell(cell, first) => {
                    let ty = machine_type(self.carrier(*cell), self.program.lanes);
                    let first = self.value(*first);
                    let variable = self.builder.declare_var(ty);
                    self.builder.def_var(variable, first);
                    self.cells.insert(*cell, variable);
                }
                Stmt::Set(cell, var) => {
                    let value = self.value(*var);
                    self.builder.def_var(self.cells[cell], value);
                }
                Stmt::Store(at, var) => {
                    let value = self.value(*var);
                    let (pointer, offset) = self.place(at);
                    self.builder.ins().store(memory(), value, pointer, offset);
                }
                Stmt::For(count, body) => {
                    let done = vector::emit(self, *count, body)?;
                    if unrolled(count.n - done, body) {
                        for k in done..count.n {
                            let at = if count.backward { count.n - 1 - k } else { k };
                            let counter = self.builder.ins().iconst(types::I64, at as i64);
                            self.values.insert(count.var, counter);
                            self.stmts(body)?;
                        }
                    } else if done < count.n {
                        let range = if count.backward {
                            [count.n as i64 - 1, count.n as i64, -1]
                        } else {
                            [done as i64, count.n as i64, 1]
                        };
                        self.counted_by(count.var, range, true, |e| e.stmts(body))?;
                    }
                }
                Stmt::Check { index, size, site } => {
                    let index = self.value(*index);
                    self.check(index, *size, site.0);
                }
            }
        }
        Ok(())
    }

    fn expr(&mut self, var: Var, expr: &Expr) -> Result<cranelift_codegen::ir::Value, Refusal> {
        let lanes = self.program.lanes;
        match expr {
            Expr::Literal(literal) => Ok(self.literal(*literal)),
            Expr::Load(at) => {
                let ty = machine_type(self.carrier(var), lanes);
                Ok(self.load(at, ty))
            }
            Expr::Index(affine) => Ok(self.affine(affine)),
            Expr::Unary(op, x) => {
                let (carrier, x) = (self.carrier(*x), self.value(*x));
                self.unary(*op, carrier, x)
            }
            Expr::Binary(op, x, y) => {
                let (carrier, x, y) = (self.carrier(*x), self.value(*x), self.value(*y));
                self.binary(*op, carrier, x, y)
            }
            Expr::Compare(op, x, y) => {
                let (carrier, x, y) = (self.carrier(*x), self.value(*x), self.value(*y));
                Ok(self.compare(*op, carrier, x, y))
            }
            Expr::Select(c, x, y) => {
                let (c, x, y) = (self.value(*c), self.value(*x), self.value(*y));
                Ok(self.builder.ins().select(c, x, y))
            }
            Expr::Convert(to, x) => {
                let (from, x) = (self.carrier(*x), self.value(*x));
                Ok(self.convert(from, *to, x))
            }
        }
    }
}
