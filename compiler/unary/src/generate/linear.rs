//! Linear algebra on matrices that are far from having no answer.

use lentil_linalg::LinalgOp;

use crate::carrier::{Carrier, Literal, Type};
use crate::prim::{CompareOp, Prim, UnaryOp};
use crate::syntax::{Op, Slot};

use super::Making;

impl Making<'_> {
    /// An operation with its results.
    pub(super) fn linear(&mut self) -> Vec<Slot> {
        let op = self.dice.pick(&LinalgOp::ALL);
        let batch = match self.dice.one_in(3) {
            true => vec![1 + self.dice.below(2)],
            false => Vec::new(),
        };
        let mut size = || match self.dice.one_in(12) {
            true => 0,
            false => 1 + self.dice.below(3),
        };
        let (n, m) = (size(), size());
        let columns = match op {
            LinalgOp::Svd | LinalgOp::Qr => m,
            LinalgOp::Cholesky
            | LinalgOp::SolveTriangular { .. }
            | LinalgOp::Solve
            | LinalgOp::Det
            | LinalgOp::Eigh
            | LinalgOp::CholeskyForward
            | LinalgOp::CholeskyReverse => n,
        };
        let mut args = vec![self.regular(&batch, n, columns)];
        if op.arguments() == 2 {
            let square = matches!(op, LinalgOp::CholeskyForward | LinalgOp::CholeskyReverse);
            let ty = self.matrices(&batch, n, if square { n } else { m });
            args.push(self.of(&ty));
        }
        self.builder.emit(Op::Prim(Prim::Linalg(op)), &args)
    }

    fn matrices(&self, batch: &[usize], n: usize, m: usize) -> Type {
        Type::array(self.options.carrier, [batch, &[n, m]].concat())
    }

    /// Matrices with 4, 8, 12, … on the diagonal, changed by less than 1 in each of at most nine elements: positive
    /// definite if square, and of eigenvalues and singular values that lie apart.
    fn regular(&mut self, batch: &[usize], n: usize, m: usize) -> Slot {
        let ty = self.matrices(batch, n, m);
        let some = self.of(&ty);
        let b = &mut self.builder;
        let sin = b.unary(UnaryOp::Sin, some);
        let most = b.full(Literal::real(ty.carrier, 0.75), &ty.shape);
        let change = b.mul(sin, most);
        let [rows, columns] = [(n, 0), (m, 1)].map(|(size, axis)| {
            let numbers = b.prim(Prim::Iota(size), &[]);
            b.broadcast(numbers, &[n, m], &[axis])
        });
        let on = b.compare(CompareOp::Eq, rows, columns);
        let [one, four] = [1, 4].map(|k| b.full(Literal::integer(Carrier::Int, k), &[n, m]));
        let place = b.add(rows, one);
        let steps = b.mul(place, four);
        let steps = b.convert(steps, ty.carrier);
        let none = b.full(Literal::zero(ty.carrier), &[n, m]);
        let diagonal = b.select(on, steps, none);
        let axes: Vec<usize> = (batch.len()..ty.rank()).collect();
        let diagonal = b.broadcast(diagonal, &ty.shape, &axes);
        b.add(diagonal, change)
    }
}
