//! The same elements in another place: axes exchanged, arrays joined, padded, cut into windows.
//!
//! What works along an axis takes its number in brackets, and takes the leading one if there is none.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Const, Value};
use lentil_diag::Diagnostic;
use lentil_unary::{BinaryOp, Prim};

impl Elaborator<'_> {
    pub(crate) fn transpose(&mut self, mut c: Call<'_>) -> Value {
        let x = c.pop();
        let Some(a) = self.array_arg(x, c.at.arg(0)) else {
            return Value::Error;
        };
        let rank = a.shape.len();
        if c.statics.is_empty() {
            if rank == 2 {
                return Value::Array(self.transposed(&a, &[1, 0]));
            }
            let title = "only a matrix is transposed without saying how";
            let label = format!("this is `{}`", a.ty());
            let axes: Vec<String> = (0..rank).rev().map(|k| k.to_string()).collect();
            let hint = format!(
                "give the order of the axes: `transpose[{}](x)`",
                axes.join(", ")
            );
            return self.error(Diagnostic::error("E0340", title, c.at.arg(0), label).hint(hint));
        }
        let Some(sizes) = self.sizes(&c) else {
            return Value::Error;
        };
        let perm: Vec<usize> = (sizes.iter().filter_map(Size::as_constant))
            .filter_map(|n| usize::try_from(n).ok())
            .collect();
        let mut sorted = perm.clone();
        sorted.sort_unstable();
        if sizes.len() != rank || sorted != (0..rank).collect::<Vec<_>>() {
            let title = "these brackets are no order of the axes";
            let label = format!(
                "`{}` has {rank} axes, and each is named once, from 0",
                a.ty()
            );
            return self.error(Diagnostic::error("E0335", title, c.at.span, label));
        }
        Value::Array(self.transposed(&a, &perm))
    }

    /// Result axis `i` is argument axis `perm[i]`.
    pub(crate) fn transposed(&mut self, a: &Arr, perm: &[usize]) -> Arr {
        if perm.iter().enumerate().all(|(i, &p)| i == p) {
            return a.clone();
        }
        let shape = perm.iter().map(|&p| a.shape[p].clone()).collect();
        let prim = Prim::Transpose(perm.to_vec());
        let mut out = self.array(a.kind.clone(), shape, |_| prim, &[a]);
        out.range = a.range.clone();
        out
    }

    pub(crate) fn flip(&mut self, mut c: Call<'_>) -> Value {
        let x = c.pop();
        let Some((a, axis)) = self.array_and_axis(&c, x) else {
            return Value::Error;
        };
        let prim = Prim::Flip(vec![axis]);
        let mut out = self.array(a.kind.clone(), a.shape.clone(), |_| prim, &[&a]);
        out.range = a.range.clone();
        Value::Array(out)
    }

    pub(crate) fn concat(&mut self, c: Call<'_>) -> Value {
        let Some(parts) = self.parts(&c) else {
            return Value::Error;
        };
        let Some(axis) = self.axis(&c, parts[0].shape.len()) else {
            return Value::Error;
        };
        let (first, rest) = (&parts[0], &parts[1..]);
        for (k, part) in rest.iter().enumerate() {
            let fits = part.shape.len() == first.shape.len()
                && (0..first.shape.len())
                    .all(|a| a == axis || self.same_size(&part.shape[a], &first.shape[a]));
            if part.kind != first.kind || !fits {
                return self.unlike(first, part, k + 1, &c);
            }
        }
        let mut shape = first.shape.clone();
        for part in rest {
            shape[axis] = shape[axis].add(&part.shape[axis]);
        }
        let args: Vec<&Arr> = parts.iter().collect();
        Value::Array(self.array(first.kind.clone(), shape, |_| Prim::Concat(axis), &args))
    }

    pub(crate) fn stack(&mut self, c: Call<'_>) -> Value {
        let Some(parts) = self.parts(&c) else {
            return Value::Error;
        };
        let first = &parts[0];
        let Some(axis) = self.axis(&c, first.shape.len() + 1) else {
            return Value::Error;
        };
        for (k, part) in parts.iter().enumerate() {
            if part.kind != first.kind || !self.same_sizes(&part.shape, &first.shape) {
                return self.unlike(first, part, k, &c);
            }
        }
        let mut shape = first.shape.clone();
        shape.insert(axis, Size::constant(1));
        let layers: Vec<Arr> = parts
            .iter()
            .map(|p| self.reshaped(p, shape.clone()))
            .collect();
        let mut whole = shape.clone();
        whole[axis] = Size::constant(parts.len() as i128);
        let args: Vec<&Arr> = layers.iter().collect();
        Value::Array(self.array(first.kind.clone(), whole, |_| Prim::Concat(axis), &args))
    }

    fn unlike(&mut self, first: &Arr, part: &Arr, k: usize, c: &Call<'_>) -> Value {
        let title = "these cannot be put one after the other";
        let label = format!("this is `{}`", part.ty());
        self.error(
            Diagnostic::error("E0310", title, c.at.arg(k), label)
                .label(c.at.arg(0), format!("the first is `{}`", first.ty())),
        )
    }

    /// Several arrays; written numbers among them take the carrier that another has.
    fn parts(&mut self, c: &Call<'_>) -> Option<Vec<Arr>> {
        let beside = c.args.iter().find_map(|v| match v {
            Value::Array(a) => Some(a.kind.clone()),
            _ => None,
        });
        let whole = (c.args.iter()).all(|v| !matches!(v, Value::Const(k) if !k.is_integral()));
        let kind = beside.unwrap_or(if whole { Kind::Int } else { Kind::Real });
        let mut parts = Vec::new();
        for (k, value) in c.args.iter().enumerate() {
            let value = match value {
                Value::Const(constant) => self.constant(constant, &kind, None, c.at.arg(k)),
                other => other.clone(),
            };
            parts.push(self.array_arg(value, c.at.arg(k))?);
        }
        Some(parts)
    }

    pub(crate) fn pad(&mut self, mut c: Call<'_>) -> Value {
        let (fill, x) = (c.pop(), c.pop());
        let (Some(sizes), Some(a)) = (self.sizes(&c), self.array_arg(x, c.at.arg(0))) else {
            return Value::Error;
        };
        let rank = a.shape.len();
        if sizes.is_empty() || sizes.len() % 2 != 0 || sizes.len() > 2 * rank {
            let title = "`pad` takes two sizes for each axis that it pads";
            let label = format!("{} given, for `{}`", sizes.len(), a.ty());
            let hint = "`pad[1, 2](x, 0)` puts one before the first and two after the last";
            return self.error(Diagnostic::error("E0335", title, c.at.span, label).hint(hint));
        }
        if !sizes.iter().all(|n| self.require_size(n, c.at.span)) {
            return Value::Error;
        }
        let none = Size::constant(0);
        let side = |k: usize| sizes.get(k).cloned().unwrap_or_else(|| none.clone());
        let (before, after): (Vec<Size>, Vec<Size>) =
            (0..rank).map(|k| (side(2 * k), side(2 * k + 1))).unzip();
        if a.kind.is_ring() && is_zero(&fill) {
            let shape = (0..rank)
                .map(|k| before[k].add(&a.shape[k]).add(&after[k]))
                .collect();
            return Value::Array(self.array(
                a.kind.clone(),
                shape,
                |e| Prim::Pad {
                    before: e.numbers(&before),
                    after: e.numbers(&after),
                    between: vec![0; rank],
                },
                &[&a],
            ));
        }
        let scalar = Ty::scalar(a.kind.clone());
        let Value::Array(fill) = self.coerce(fill, &scalar, c.at.arg(1)) else {
            return Value::Error;
        };
        let mut padded = a;
        for axis in 0..sizes.len() / 2 {
            let block = |e: &mut Self, n: &Size| {
                let mut shape = padded.shape.clone();
                shape[axis] = n.clone();
                e.stretch(&fill, &shape)
            };
            let (first, last) = (block(self, &before[axis]), block(self, &after[axis]));
            let mut shape = padded.shape.clone();
            shape[axis] = before[axis].add(&shape[axis]).add(&after[axis]);
            let parts = [&first, &padded, &last];
            padded = self.array(padded.kind.clone(), shape, |_| Prim::Concat(axis), &parts);
        }
        Value::Array(padded)
    }

    pub(crate) fn stride(&mut self, mut c: Call<'_>) -> Value {
        let x = c.pop();
        let (Some(sizes), Some(a)) = (self.sizes(&c), self.array_arg(x, c.at.arg(0))) else {
            return Value::Error;
        };
        let steps: Vec<i128> = (sizes.iter().filter_map(Size::as_constant))
            .filter(|&n| n > 0)
            .collect();
        if steps.is_empty() || steps.len() < sizes.len() || steps.len() > a.shape.len() {
            let title = "`stride` takes a positive number for each axis, the leading ones first";
            let label = format!("for `{}`", a.ty());
            let hint = "`stride[2](x)` is every second row of `x`";
            return self.error(Diagnostic::error("E0335", title, c.at.span, label).hint(hint));
        }
        let step = |k: usize| steps.get(k).copied().unwrap_or(1);
        let counted =
            |(k, n): (usize, &Size)| n.add(&Size::constant(step(k) - 1)).floor_div(step(k));
        let shape: Vec<Size> = a.shape.iter().enumerate().map(counted).collect();
        let len = shape.clone();
        let mut out = self.array(
            a.kind.clone(),
            shape,
            |e| Prim::Slice {
                start: vec![0; len.len()],
                len: e.numbers(&len),
                step: (0..len.len()).map(|k| step(k) as usize).collect(),
            },
            &[&a],
        );
        out.range = a.range.clone();
        Value::Array(out)
    }

    pub(crate) fn window(&mut self, mut c: Call<'_>) -> Value {
        let x = c.pop();
        let (Some(sizes), Some(a)) = (self.sizes(&c), self.array_arg(x, c.at.arg(0))) else {
            return Value::Error;
        };
        let (width, step) = match &sizes[..] {
            [width] => (width.clone(), Some(1)),
            [width, step] => (width.clone(), step.as_constant().filter(|&s| s > 0)),
            _ => (Size::constant(0), None),
        };
        let (Some(step), false) = (step, a.shape.is_empty()) else {
            let title = "`window` takes its width, and may take a positive number of steps";
            let label = format!("of `{}`", a.ty());
            let hint = "`window[3, 2](x)` is three rows at a time, two rows further each time";
            return self.error(Diagnostic::error("E0335", title, c.at.span, label).hint(hint));
        };
        if !self.require_size(&width, c.at.span) || !self.part_fits(&width, &a.shape[0], &c) {
            return Value::Error;
        }
        let count = a.shape[0]
            .sub(&width)
            .floor_div(step)
            .add(&Size::constant(1));
        let grid = vec![count, width];
        let (i, j) = (self.along(0, &grid), self.along(1, &grid));
        let by = self.literal(&Kind::Int, i64::try_from(step).unwrap_or(i64::MAX));
        let by = self.stretch(&by, &grid);
        let int = |e: &mut Self, op: BinaryOp, x: &Arr, y: &Arr| {
            e.array(Kind::Int, grid.clone(), |_| Prim::Binary(op), &[x, y])
        };
        let first = int(self, BinaryOp::Mul, &i, &by);
        let at = int(self, BinaryOp::Add, &first, &j);
        let site = self.site(c.at.span);
        let shape = [&grid, &a.shape[1..]].concat();
        let prim = Prim::Gather { axes: 1, site };
        let mut out = self.array(a.kind.clone(), shape, |_| prim, &[&a, &at]);
        out.range = a.range.clone();
        Value::Array(out)
    }

    /// The number of each element along an axis.
    pub(crate) fn along(&mut self, axis: usize, shape: &[Size]) -> Arr {
        let n = vec![shape[axis].clone()];
        let count = n.clone();
        let index = self.array(Kind::Int, n, |e| Prim::Iota(e.numbers(&count)[0]), &[]);
        self.array(
            Kind::Int,
            shape.to_vec(),
            |e| Prim::Broadcast {
                shape: e.numbers(shape),
                axes: vec![axis],
            },
            &[&index],
        )
    }

    /// An array, and the axis that the brackets name: the leading one if they are not there.
    pub(crate) fn array_and_axis(&mut self, c: &Call<'_>, x: Value) -> Option<(Arr, usize)> {
        let a = self.array_arg(x, c.at.arg(0))?;
        let axis = self.axis(c, a.shape.len())?;
        Some((a, axis))
    }

    fn axis(&mut self, c: &Call<'_>, rank: usize) -> Option<usize> {
        if rank == 0 {
            let title = format!("`{}` works along an axis", c.name);
            let label = "this is a single number";
            self.error(Diagnostic::error("E0340", title, c.at.arg(0), label));
            return None;
        }
        if c.statics.is_empty() {
            return Some(0);
        }
        let sizes = self.sizes(c)?;
        let named = match &sizes[..] {
            [axis] => axis.as_constant().and_then(|n| usize::try_from(n).ok()),
            _ => None,
        };
        if let Some(axis) = named.filter(|&axis| axis < rank) {
            return Some(axis);
        }
        let title = format!("`{}` takes the number of an axis in its brackets", c.name);
        let label = match rank {
            1 => "there is one axis: its number is 0".to_string(),
            _ => format!("there are {rank} axes: their numbers are 0 to {}", rank - 1),
        };
        self.error(Diagnostic::error("E0335", title, c.at.span, label));
        None
    }

    /// Refuses a part that is longer, or might be, than what it is a part of.
    pub(crate) fn part_fits(&mut self, part: &Size, whole: &Size, c: &Call<'_>) -> bool {
        if self.nonnegative(&whole.sub(part)) {
            return true;
        }
        let title = format!("`{}` asks for more than there is", c.name);
        let label = format!("`{part}` of `{whole}`");
        let mut d = Diagnostic::error("E0343", title, c.at.span, label);
        if whole.sub(part).as_constant().is_none() {
            d = d.hint(format!(
                "say what the sizes satisfy: `where {whole} >= {part}`"
            ));
        }
        self.error(d);
        false
    }
}

/// Whether a fill is a zero that is written out; minus zero is another number.
fn is_zero(fill: &Value) -> bool {
    match fill {
        Value::Const(Const::Int(n)) => n.as_constant() == Some(0),
        Value::Const(Const::Real(x)) => x.to_bits() == 0,
        _ => false,
    }
}
