//! Primitives as wholes: the words that the language has for arrays, else a comprehension.

use lentil_grammar::ast::{BinaryOp, Expr, ExprKind};
use lentil_unary::{BinaryOp as Pair, Carrier, Fold, Prim, Slot, Type};

use super::Unprintable;
use super::binders::bounds_of;
use super::number::{firm, is_number, literal, standing};
use super::pointwise::{chosen, compared, converted, of_one, of_two};
use super::scope::{Printed, Scope};
use super::tree::{
    array, binary, bracket, call, call_of, dotted, name, number, range, reduction, text, tuple,
};

impl<'r> Scope<'_, 'r> {
    /// The result of a primitive.
    pub(super) fn primitive(&mut self, slot: Slot, prim: &'r Prim, args: &'r [Slot]) -> Printed {
        let ty = self.ty(slot);
        if self.reads_better_by_element(slot, prim, args) {
            return self.elements(slot, prim, args);
        }
        match prim {
            Prim::Literal(l) => Ok(literal(*l)),
            Prim::Iota(n) => Ok(call_of(bracket(name("iota"), vec![number(*n)]), Vec::new())),
            Prim::Unary(op) => Ok(of_one(*op, self.whole(args[0])?, ty.carrier)),
            Prim::Binary(op) => {
                let (a, b) = (self.operand(args[0])?, self.operand(args[1])?);
                Ok(self.of_two(*op, a, b, ty.carrier))
            }
            Prim::Compare(op) => {
                let (a, b) = (self.operand(args[0])?, self.operand(args[1])?);
                Ok(compared(*op, a, b, self.ty(args[0]).carrier))
            }
            Prim::Select => {
                let c = self.whole(args[0])?;
                let (a, b) = (self.whole(args[1])?, self.whole(args[2])?);
                Ok(chosen(c, a, b, ty.carrier))
            }
            Prim::Convert(to) => {
                let from = self.ty(args[0]).carrier;
                Ok(converted(self.whole(args[0])?, from, *to))
            }
            Prim::Broadcast { .. } => self.elements(slot, prim, args),
            Prim::Pad {
                before,
                after,
                between,
            } => {
                if !has_word(between, ty) {
                    return self.elements(slot, prim, args);
                }
                let x = self.whole(args[0])?;
                let sizes = before.iter().zip(after).flat_map(|(&b, &a)| [b, a]);
                let word = bracket(name("pad"), sizes.map(number).collect());
                Ok(call_of(word, vec![standing(x, ty.carrier), number(0)]))
            }
            Prim::Flip(axes) => {
                let x = self.whole(args[0])?;
                Ok(axes
                    .iter()
                    .fold(x, |x, &axis| call_of(along("flip", axis), vec![x])))
            }
            Prim::Transpose(perm) if perm[..] == [1, 0] => {
                Ok(call("transpose", vec![self.whole(args[0])?]))
            }
            Prim::Transpose(perm) => {
                let x = self.whole(args[0])?;
                let axes = perm.iter().map(|&p| number(p)).collect();
                Ok(call_of(bracket(name("transpose"), axes), vec![x]))
            }
            Prim::Reshape(shape) => self.reshaped(args[0], shape),
            Prim::Slice { start, len, step } => {
                if step.iter().any(|&s| s != 1) {
                    return self.elements(slot, prim, args);
                }
                let x = self.whole(args[0])?;
                Ok(bracket(x, ranges(&self.ty(args[0]).shape, start, len)))
            }
            Prim::Concat(axis) => self.concatenated(*axis, args),
            Prim::Reduce { fold, axes } => self.reduced(*fold, axes, args[0]),
            Prim::ArgMax(axis) => self.extremal("argmax", *axis, args[0]),
            Prim::ArgMin(axis) => self.extremal("argmin", *axis, args[0]),
            Prim::ArgSort { .. } => {
                let axis = ty.rank() - 1;
                Ok(call_of(along("argsort", axis), vec![self.whole(args[0])?]))
            }
            Prim::Scan { fold, axis, .. } => {
                let word = match fold {
                    Fold::Prod => "cumprod",
                    Fold::Max => "cummax",
                    Fold::Min => "cummin",
                    // Typing admits no other scans.
                    Fold::Sum | Fold::LogSumExp | Fold::All | Fold::Any => "cumsum",
                };
                Ok(call_of(along(word, *axis), vec![self.whole(args[0])?]))
            }
            Prim::Contract { batch, sum } => match self.product(args, batch, sum)? {
                Some(product) => Ok(product),
                None => self.comprehended(&ty.shape, |scope, at| {
                    Ok(standing(
                        scope.contracted(args, batch, sum, at)?,
                        ty.carrier,
                    ))
                }),
            },
            Prim::Gather { axes, .. } => {
                let mut indices = Vec::new();
                for &index in &args[1..=*axes] {
                    indices.push(self.operand(index)?);
                }
                let read = self.array(args[0])?;
                let indices = self.checked(indices, &self.ty(args[0]).shape);
                Ok(bracket(read, indices))
            }
            Prim::ScatterAdd { axes, .. } => self.scattered(*axes, args),
            Prim::RandomBits(shape) => self.random_bits(shape, args[0]),
            // The words of keys are drawn like any others.
            Prim::RandomSplit(n) => {
                let words = self.random_bits(&[2 * n], args[0])?;
                let word = bracket(name("reshape"), vec![number(*n), number(2)]);
                Ok(call_of(word, vec![words]))
            }
            Prim::RandomFold => {
                let folded = self.folded_key(args)?;
                Ok(call_of(dotted("random", "words"), vec![folded]))
            }
            Prim::Linalg(op) => self.linalg(op.name(), args),
            Prim::Trace(shown) => {
                let x = standing(self.whole(args[0])?, ty.carrier);
                Ok(call("trace", vec![text(shown), x]))
            }
        }
    }

    /// A function of matrices.
    pub(super) fn linalg(&mut self, word: &str, args: &'r [Slot]) -> Printed {
        let mut matrices = Vec::new();
        for &arg in args {
            matrices.push(standing(self.whole(arg)?, self.ty(arg).carrier));
        }
        Ok(call(word, matrices))
    }

    /// An operand of a pointwise step: a scalar that is repeated stands for the array.
    fn operand(&mut self, slot: Slot) -> Printed {
        match self.stretched_scalar(slot) {
            Some(scalar) => self.whole(scalar),
            None => self.whole(slot),
        }
    }

    /// Whether a step has no word for arrays, or joins what has none.
    fn reads_better_by_element(&self, slot: Slot, prim: &Prim, args: &[Slot]) -> bool {
        let ty = self.ty(slot);
        if ty.rank() == 0 {
            return false;
        }
        let stretched = |s: &Slot| self.stretched(*s);
        let inner = |s: &Slot| {
            self.inline_prim(*s).is_some_and(|(prim, args)| {
                self.plan.uses(*s) == 1 && self.reads_better_by_element(*s, prim, args)
            })
        };
        match prim {
            Prim::Select => true,
            Prim::Pad { between, .. } => !has_word(between, ty) || args.iter().any(inner),
            Prim::Flip(_) => args.iter().any(inner),
            Prim::Binary(lentil_unary::BinaryOp::Div | lentil_unary::BinaryOp::Rem)
                // That a divisor is not zero is known of a scalar only.
                if ty.carrier == Carrier::Int => true,
            Prim::Binary(_) | Prim::Compare(_) => {
                args.iter().all(stretched) || args.iter().any(inner)
            }
            Prim::Unary(_) | Prim::Convert(_) => args.iter().any(|s| stretched(s) || inner(s)),
            Prim::Transpose(_) => args.iter().any(inner),
            Prim::Broadcast { axes, .. } => !axes.is_empty(),
            Prim::Slice { step, .. } => step.iter().any(|&s| s != 1) || args.iter().any(inner),
            Prim::Gather { .. } => self.ty(args[1]).rank() > 0 && args[1..].iter().all(stretched),
            Prim::Contract { batch, sum } => {
                sum.is_empty() && !self.is_pointwise(args, batch) && self.ty(args[0]).rank() > 0
                    && self.ty(args[1]).rank() > 0
            }
            Prim::Literal(_)
            | Prim::Iota(_)
            | Prim::Reshape(_)
            | Prim::Concat(_)
            | Prim::Reduce { .. }
            | Prim::ArgMax(_)
            | Prim::ArgMin(_)
            | Prim::ArgSort { .. }
            | Prim::Scan { .. }
            | Prim::ScatterAdd { .. }
            | Prim::RandomBits(_)
            | Prim::RandomSplit(_)
            | Prim::RandomFold
            | Prim::Linalg(_)
            | Prim::Trace(_) => false,
        }
    }

    fn reshaped(&mut self, x: Slot, shape: &[usize]) -> Printed {
        let from = self.ty(x);
        if shape.is_empty() {
            let origin = vec![number(0); from.rank()];
            return self.at(x, &origin);
        }
        let e = self.whole(x)?;
        if from.rank() == 0 {
            let mut e = standing(e, from.carrier);
            for _ in shape {
                e = array(vec![e]);
            }
            return Ok(e);
        }
        let word = bracket(name("reshape"), shape.iter().map(|&n| number(n)).collect());
        Ok(call_of(word, vec![e]))
    }

    fn concatenated(&mut self, axis: usize, args: &'r [Slot]) -> Printed {
        // Rows that are stacked are written as an array.
        let row = |s: &Slot| match self.inline_prim(*s) {
            Some((Prim::Reshape(shape), inner))
                if axis == 0 && shape[0] == 1 && shape[1..] == self.ty(inner[0]).shape =>
            {
                Some(inner[0])
            }
            _ => None,
        };
        if let Some(rows) = args.iter().map(row).collect::<Option<Vec<Slot>>>() {
            let carrier = self.ty(args[0]).carrier;
            let mut items = Vec::new();
            for row in rows {
                items.push(self.whole(row)?);
            }
            if items.iter().all(is_number) {
                let first = items.remove(0);
                items.insert(0, firm(first, carrier));
            }
            return Ok(array(items));
        }
        let mut parts = Vec::new();
        for &arg in args {
            parts.push(self.whole(arg)?);
        }
        Ok(call_of(along("concat", axis), parts))
    }

    fn reduced(&mut self, fold: Fold, axes: &[usize], x: Slot) -> Printed {
        let ty = self.ty(x);
        let word = word_of(fold);
        if axes.is_empty() {
            return self.whole(x);
        }
        if axes.len() == ty.rank() {
            return match self.whole(x)? {
                Expr {
                    kind: ExprKind::Comprehension(body, binders),
                    ..
                } if binders.len() == axes.len() => Ok(reduction(word, *body, binders)),
                e => Ok(call(word, vec![e])),
            };
        }
        let sizes: Vec<usize> = axes.iter().map(|&a| ty.shape[a]).collect();
        let leading = axes.iter().enumerate().all(|(i, &a)| i == a);
        if leading && self.inline_prim(x).is_none() {
            let rows = self.array(x)?;
            let (body, binders) = self.indexed(&sizes, |_, at| Ok(bracket(rows, at.to_vec())))?;
            return Ok(reduction(word, body, binders));
        }
        let kept: Vec<usize> = (0..ty.rank()).filter(|a| !axes.contains(a)).collect();
        let kept_sizes: Vec<usize> = kept.iter().map(|&a| ty.shape[a]).collect();
        self.comprehended(&kept_sizes, |scope, outer| {
            let (body, binders) = scope.indexed(&sizes, |scope, over| {
                let mut at = vec![number(0); ty.rank()];
                for (&axis, e) in kept.iter().zip(outer).chain(axes.iter().zip(over)) {
                    at[axis] = e.clone();
                }
                Ok(standing(scope.at(x, &at)?, ty.carrier))
            })?;
            Ok(reduction(word, body, binders))
        })
    }

    fn extremal(&mut self, word: &str, axis: usize, x: Slot) -> Printed {
        let ty = self.ty(x);
        if ty.rank() == 1 {
            return Ok(call(word, vec![self.whole(x)?]));
        }
        let mut kept = ty.shape.clone();
        kept.remove(axis);
        self.comprehended(&kept, |scope, outer| {
            let (body, binders) = scope.indexed(&[ty.shape[axis]], |scope, over| {
                let mut at = outer.to_vec();
                at.insert(axis, over[0].clone());
                Ok(standing(scope.at(x, &at)?, ty.carrier))
            })?;
            Ok(reduction(word, body, binders))
        })
    }

    fn is_pointwise(&self, args: &[Slot], batch: &[(usize, usize)]) -> bool {
        let aligned = batch.iter().enumerate().all(|(k, &pair)| pair == (k, k));
        aligned && args.iter().all(|&s| self.ty(s).rank() == batch.len())
    }

    /// A contraction that is a product of matrices and vectors, or a pointwise one.
    fn product(
        &mut self,
        args: &[Slot],
        batch: &[(usize, usize)],
        sum: &[(usize, usize)],
    ) -> Result<Option<Expr>, Unprintable> {
        let (a, b) = (args[0], args[1]);
        let ranks = (self.ty(a).rank(), self.ty(b).rank());
        let scalar = batch.is_empty() && (ranks.0 == 0 || ranks.1 == 0);
        if sum.is_empty() && (scalar || self.is_pointwise(args, batch)) {
            let (x, y) = (self.whole(a)?, self.whole(b)?);
            let carrier = self.ty(a).carrier;
            return Ok(Some(of_two(lentil_unary::BinaryOp::Mul, x, y, carrier)));
        }
        let ([(i, j)], true, (1 | 2, 1 | 2)) = (sum, batch.is_empty(), ranks) else {
            return Ok(None);
        };
        let turned = |e: Expr, turn: bool| if turn { call("transpose", vec![e]) } else { e };
        let (x, y) = (self.whole(a)?, self.whole(b)?);
        // A matrix takes a vector from its right, as it does in books.
        let (left, right) = match ranks {
            (1, 2) => (turned(y, *j == 0), x),
            _ => (
                turned(x, ranks.0 == 2 && *i == 0),
                turned(y, ranks.1 == 2 && *j == 1),
            ),
        };
        Ok(Some(binary(BinaryOp::MatMul, left, right)))
    }

    fn scattered(&mut self, axes: usize, args: &'r [Slot]) -> Printed {
        let (start, values) = (self.whole(args[0])?, self.operand(args[axes + 1])?);
        let mut indices = Vec::new();
        for &index in &args[1..=axes] {
            indices.push(self.whole(index)?);
        }
        let indices = self.checked(indices, &self.ty(args[0]).shape);
        let start = standing(start, self.ty(args[0]).carrier);
        Ok(call("scatter_add", vec![start, tuple(indices), values]))
    }

    fn random_bits(&mut self, shape: &[usize], key: Slot) -> Printed {
        let word = dotted("random", "bits");
        let key = self.key(key)?;
        if shape.is_empty() {
            let one = call_of(bracket(word, vec![number(1)]), vec![key]);
            return Ok(bracket(one, vec![number(0)]));
        }
        let word = bracket(word, shape.iter().map(|&n| number(n)).collect());
        Ok(call_of(word, vec![key]))
    }

    /// Two words as a key.
    fn key(&mut self, words: Slot) -> Printed {
        if let Some((Prim::RandomFold, args)) = self.inline_prim(words) {
            return self.folded_key(args);
        }
        Ok(call_of(dotted("random", "key"), vec![self.whole(words)?]))
    }

    fn folded_key(&mut self, args: &'r [Slot]) -> Printed {
        let (key, number) = (self.key(args[0])?, self.whole(args[1])?);
        Ok(call_of(dotted("random", "fold"), vec![key, number]))
    }

    /// An operation of two arguments. A whole divisor that might be zero divides by a word of its own.
    pub(super) fn of_two(&self, op: Pair, a: Expr, b: Expr, of: Carrier) -> Expr {
        let word = match op {
            Pair::Div => "quotient",
            Pair::Rem => "remainder",
            _ => return of_two(op, a, b, of),
        };
        let known = bounds_of(&b, &self.printer.extents);
        if of != Carrier::Int || known.is_some_and(|(low, high)| low > 0 || high < 0) {
            return of_two(op, a, b, of);
        }
        call(word, vec![a, b])
    }
}

/// A word that works along an axis: the leading one if none is named.
fn along(word: &str, axis: usize) -> Expr {
    match axis {
        0 => name(word),
        _ => bracket(name(word), vec![number(axis)]),
    }
}

/// Whether the language's `pad` does it: nothing goes between, and there is a zero.
fn has_word(between: &[usize], ty: &Type) -> bool {
    between.iter().all(|&n| n == 0) && ty.carrier != Carrier::Bool
}

/// `2..5, .., 1..3`, without what is whole at the end.
fn ranges(shape: &[usize], start: &[usize], len: &[usize]) -> Vec<Expr> {
    let mut out = Vec::new();
    let whole = |axis: usize| start[axis] == 0 && len[axis] == shape[axis];
    let count = (0..shape.len())
        .rev()
        .find(|&axis| !whole(axis))
        .map_or(0, |axis| axis + 1);
    for axis in 0..count {
        let (from, n) = (start[axis], len[axis]);
        out.push(match (n, from + n == shape[axis]) {
            _ if whole(axis) => range(None, None),
            (0, _) => range(Some(0), Some(0)),
            (_, true) => range(Some(from), None),
            (_, false) if from == 0 => range(None, Some(n)),
            (_, false) => range(Some(from), Some(from + n)),
        });
    }
    out
}

fn word_of(fold: Fold) -> &'static str {
    match fold {
        Fold::Sum => "sum",
        Fold::Prod => "prod",
        Fold::Max => "max",
        Fold::Min => "min",
        Fold::LogSumExp => "logsumexp",
        Fold::All => "all",
        Fold::Any => "any",
    }
}
