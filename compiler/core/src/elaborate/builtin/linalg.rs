//! Linear algebra on matrices over the reals.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::size::Size;
use crate::value::{Arr, At, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_unary::{LinalgOp, Op, Prim};

impl Elaborator<'_> {
    /// A factorization of a matrix: its results, as a tuple if there are several.
    pub(crate) fn factorized(&mut self, op: LinalgOp, mut c: Call<'_>) -> Value {
        let span = c.at.arg(0);
        let a = c.pop();
        let Some(a) = self.matrix_arg(op, a, span) else {
            return Value::Error;
        };
        let (m, n) = (&a.shape[0], &a.shape[1]);
        let shapes = match op {
            LinalgOp::Svd | LinalgOp::Qr => {
                let Some(k) = self.lesser(op, m, n, span) else {
                    return Value::Error;
                };
                let (left, right) = (vec![m.clone(), k.clone()], vec![k.clone(), n.clone()]);
                match op {
                    LinalgOp::Svd => vec![left, vec![k], right],
                    _ => vec![left, right],
                }
            }
            LinalgOp::Cholesky
            | LinalgOp::Det
            | LinalgOp::Eigh
            | LinalgOp::CholeskyForward
            | LinalgOp::CholeskyReverse
            | LinalgOp::SolveTriangular { .. }
            | LinalgOp::Solve => {
                if !self.square(op, &a, span) {
                    return Value::Error;
                }
                let whole = a.shape.clone();
                match op {
                    LinalgOp::Det => vec![Vec::new(); 3],
                    LinalgOp::Eigh => vec![vec![n.clone()], whole],
                    _ => vec![whole],
                }
            }
        };
        let results = self.linalg(op, &[&a], shapes);
        product(results)
    }

    /// `det(a)`: one of the results of what computes determinants.
    pub(crate) fn det(&mut self, c: Call<'_>) -> Value {
        self.picked(c, |[det, _, _]| det)
    }

    /// `slogdet(a)`: the others.
    pub(crate) fn slogdet(&mut self, c: Call<'_>) -> Value {
        self.picked(c, |[_, sign, log]| Value::Tuple(vec![sign, log]))
    }

    fn picked(&mut self, c: Call<'_>, pick: impl FnOnce([Value; 3]) -> Value) -> Value {
        match self.factorized(LinalgOp::Det, c) {
            Value::Tuple(parts) => <[Value; 3]>::try_from(parts).map_or(Value::Error, pick),
            _ => Value::Error,
        }
    }

    /// The solution of a linear system, for one right-hand side or for those that are columns of a matrix.
    pub(crate) fn solved(&mut self, op: LinalgOp, mut c: Call<'_>) -> Value {
        let (of_a, of_b) = (c.at.arg(0), c.at.arg(1));
        let (a, b) = self.two_alike(&mut c);
        let Some(a) = self.matrix_arg(op, a, of_a) else {
            return Value::Error;
        };
        let b = self.settle_real(b, of_b);
        let Some(b) = self.array_arg(b, of_b) else {
            return Value::Error;
        };
        if !self.square(op, &a, of_a) {
            return Value::Error;
        }
        if !matches!(b.shape.len(), 1 | 2) || b.kind != a.kind {
            let title = format!("`{}` takes a matrix, and a vector or a matrix", c.name);
            let label = format!("this is `{}`, and the matrix is `{}`", b.ty(), a.ty());
            return self.error(Diagnostic::error("E0340", title, of_b, label));
        }
        if !self.same_size(&a.shape[0], &b.shape[0]) {
            let title = "the right-hand side has another size than the matrix";
            let label = format!("`{}` rows against `{}`", b.shape[0], a.shape[0]);
            let hint = format!(
                "the matrix is `{}`, the right-hand side is `{}`",
                a.ty(),
                b.ty()
            );
            return self.error(Diagnostic::error("E0310", title, of_b, label).hint(hint));
        }
        let shape = b.shape.clone();
        let columns = match shape.get(1) {
            Some(m) => m.clone(),
            None => Size::constant(1),
        };
        let sides = self.reshaped(&b, vec![shape[0].clone(), columns]);
        let solutions = self.linalg(op, &[&a, &sides], vec![sides.shape.clone()]);
        match solutions.first() {
            Some(x) => Value::Array(self.reshaped(x, shape)),
            None => Value::Error,
        }
    }

    /// What changes with a factor: from the factor and a matrix of its shape a third one.
    pub(crate) fn changed(&mut self, op: LinalgOp, mut c: Call<'_>) -> Value {
        let (of_l, of_x) = (c.at.arg(0), c.at.arg(1));
        let (l, x) = self.two_alike(&mut c);
        let Some(l) = self.matrix_arg(op, l, of_l) else {
            return Value::Error;
        };
        let Some(x) = self.matrix_arg(op, x, of_x) else {
            return Value::Error;
        };
        if !self.square(op, &l, of_l) || !self.square(op, &x, of_x) {
            return Value::Error;
        }
        if l.kind != x.kind || !self.same_size(&l.shape[0], &x.shape[0]) {
            let title = format!("`{}` takes two matrices of one shape", c.name);
            let label = format!("this is `{}`, and the factor is `{}`", x.ty(), l.ty());
            return self.error(Diagnostic::error("E0310", title, of_x, label));
        }
        let results = self.linalg(op, &[&l, &x], vec![l.shape.clone()]);
        product(results)
    }

    /// Two arguments; numbers take the carrier of the other one.
    fn two_alike(&mut self, c: &mut Call<'_>) -> (Value, Value) {
        let (b, a) = (c.pop(), c.pop());
        match (a, b) {
            (Value::Array(a), Value::Const(k)) => {
                let b = self.constant(&k, &a.kind.clone(), None, c.at.arg(1));
                (Value::Array(a), b)
            }
            (Value::Const(k), Value::Array(b)) => {
                let a = self.constant(&k, &b.kind.clone(), None, c.at.arg(0));
                (a, Value::Array(b))
            }
            other => other,
        }
    }

    fn linalg(&mut self, op: LinalgOp, args: &[&Arr], shapes: Vec<Vec<Size>>) -> Vec<Arr> {
        let slots = self.emit_all(Op::Prim(Prim::Linalg(op)), args);
        let kind = args[0].kind.clone();
        let made = |(k, shape): (usize, Vec<Size>)| Arr {
            kind: kind.clone(),
            shape,
            at: slots.get(k).copied(),
            range: None,
        };
        shapes.into_iter().enumerate().map(made).collect()
    }

    /// The slots of all results of an operation; none while checking.
    fn emit_all(&mut self, op: Op, args: &[&Arr]) -> Vec<At> {
        let args: Option<Vec<At>> = args.iter().map(|a| a.at).collect();
        match args {
            Some(args) if self.lowering() => self.frames.emit(op, &args),
            _ => Vec::new(),
        }
    }

    fn matrix_arg(&mut self, op: LinalgOp, value: Value, span: Span) -> Option<Arr> {
        let value = self.settle_real(value, span);
        let a = self.array_arg(value, span)?;
        if a.shape.len() != 2 {
            let title = format!("`{}` takes a matrix", op.name());
            let label = format!("this is `{}`", a.ty());
            let mut d = Diagnostic::error("E0340", title, span, label);
            if a.shape.len() > 2 {
                let name = op.name();
                d = d.hint(format!(
                    "for each matrix along the leading axis: `each({name})`"
                ));
            }
            self.error(d);
            return None;
        }
        if !a.kind.is_real() {
            let title = format!("`{}` is not defined over `{}`", op.name(), a.kind);
            self.error(Diagnostic::error(
                "E0314",
                title,
                span,
                format!("of `{}`", a.ty()),
            ));
            return None;
        }
        Some(a)
    }

    fn square(&mut self, op: LinalgOp, a: &Arr, span: Span) -> bool {
        if self.same_size(&a.shape[0], &a.shape[1]) {
            return true;
        }
        let title = format!("`{}` takes a square matrix", op.name());
        let label = format!("`{}` rows and `{}` columns", a.shape[0], a.shape[1]);
        self.error(Diagnostic::error("E0310", title, span, label));
        false
    }

    /// The lesser of two sizes, which has to be known for all values of their variables.
    fn lesser(&mut self, op: LinalgOp, m: &Size, n: &Size, span: Span) -> Option<Size> {
        if self.nonnegative(&m.sub(n)) {
            return Some(n.clone());
        }
        if self.nonnegative(&n.sub(m)) {
            return Some(m.clone());
        }
        let title = format!("`{}` must know which size is the lesser", op.name());
        let label = format!("`{m}` rows and `{n}` columns");
        let hint = format!("say which: `where {m} >= {n}`");
        self.error(Diagnostic::error("E0347", title, span, label).hint(hint));
        None
    }
}

fn product(mut results: Vec<Arr>) -> Value {
    match results.len() {
        1 => Value::Array(results.swap_remove(0)),
        _ => Value::Tuple(results.into_iter().map(Value::Array).collect()),
    }
}
