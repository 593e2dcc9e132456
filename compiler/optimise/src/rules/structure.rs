//! Rules that hold bit for bit on every carrier, of where elements stand.

use lentil_unary::{BinaryOp, Fold, Prim};

use super::{Rule, Site, Validity, class};
use crate::graph::{Term, Terms};
use crate::view::Emit;

const fn rule(name: &'static str, law: &'static str, apply: fn(&Site<'_>) -> Vec<Term>) -> Rule {
    let validity = Validity::Exact;
    Rule {
        name,
        validity,
        law,
        apply,
    }
}

/// The table.
pub const RULES: &[Rule] = &[
    rule(
        "views of views",
        "transpositions and repetitions compose",
        views,
    ),
    rule(
        "identities",
        "a transposition, reshape, slice, pad, flip or concatenation that does nothing",
        identities,
    ),
    rule("reshape twice", "reshape(reshape x) = reshape x", reshape),
    rule(
        "functions below views",
        "f(view x) = view f(x), f(view x, view y) = view f(x, y)",
        below,
    ),
    rule(
        "contract a transposed array",
        "Σ (T a) b = T' Σ a b",
        contract_transposed,
    ),
    rule(
        "contract the other way round",
        "Σ a b = T Σ b a",
        contract_turned,
    ),
    rule(
        "fold twice",
        "all(all x) = all x over both axes; any, and max and min of integers",
        fold_twice,
    ),
];

/// For each axis of a view's result, the axis of its argument.
pub fn from(prim: &Prim) -> Option<Vec<Option<usize>>> {
    match prim {
        Prim::Transpose(perm) => Some(perm.iter().map(|&p| Some(p)).collect()),
        Prim::Broadcast { shape, axes } => {
            let at = |k: usize| axes.iter().position(|&a| a == k);
            Some((0..shape.len()).map(at).collect())
        }
        _ => None,
    }
}

fn views(s: &Site<'_>) -> Vec<Term> {
    let Some(outer) = from(s.prim) else {
        return Vec::new();
    };
    let mut terms = Vec::new();
    for (prim, args) in s.nodes(s.args[0]) {
        if let Some(inner) = from(prim) {
            let both: Vec<Option<usize>> = outer.iter().map(|k| inner[(*k)?]).collect();
            terms.push(Terms.place(&class(args[0]), &both, &s.own().shape));
        }
    }
    terms
}

fn identities(s: &Site<'_>) -> Vec<Term> {
    let nothing = match s.prim {
        Prim::Transpose(perm) => perm.iter().enumerate().all(|(i, &p)| i == p),
        Prim::Broadcast { .. } | Prim::Reshape(_) | Prim::Slice { .. } => {
            s.ty(s.args[0]) == s.own()
        }
        Prim::Pad { .. } => s.ty(s.args[0]) == s.own() && !s.own().is_empty(),
        Prim::Concat(_) => s.args.len() == 1,
        Prim::Flip(axes) => axes.iter().all(|&a| s.own().shape[a] <= 1),
        _ => false,
    };
    let twice = s.nodes(s.args.first().copied().unwrap_or(s.class));
    let flip = matches!(s.prim, Prim::Flip(_));
    let flips = twice.filter(|(prim, _)| flip && *prim == s.prim);
    let mut terms: Vec<Term> = flips.map(|(_, args)| class(args[0])).collect();
    if nothing {
        terms.push(class(s.args[0]));
    }
    terms
}

fn reshape(s: &Site<'_>) -> Vec<Term> {
    let Prim::Reshape(_) = s.prim else {
        return Vec::new();
    };
    let inner = s
        .nodes(s.args[0])
        .filter(|(p, _)| matches!(p, Prim::Reshape(_)));
    let terms = inner.map(|(_, args)| Term::Node(s.prim.clone(), vec![class(args[0])]));
    terms.collect()
}

/// A pointwise function of views that all look alike, or are constants, is a view of the function.
fn below(s: &Site<'_>) -> Vec<Term> {
    let pointwise = matches!(
        s.prim,
        Prim::Unary(_) | Prim::Binary(_) | Prim::Compare(_) | Prim::Select | Prim::Convert(_)
    );
    // A constant by itself is known as one already.
    let lead = s.args.iter().find(|&&id| s.uniform(id).is_none());
    let (Some(&lead), true) = (lead, pointwise) else {
        return Vec::new();
    };
    let mut terms = Vec::new();
    for (view, args) in s.nodes(lead) {
        if from(view).is_none() {
            continue;
        }
        let shape = &s.ty(args[0]).shape;
        let inner = s.args.iter().map(|&id| match s.uniform(id) {
            Some(literal) => Some(super::full(literal, shape)),
            None => {
                let mut alike = s
                    .nodes(id)
                    .filter(|(prim, args)| *prim == view && s.ty(args[0]).shape == *shape);
                alike.next().map(|(_, args)| class(args[0]))
            }
        });
        if let Some(inner) = inner.collect::<Option<Vec<_>>>() {
            let f = Term::Node(s.prim.clone(), inner);
            terms.push(Term::Node(view.clone(), vec![f]));
        }
    }
    terms
}

fn contract_transposed(s: &Site<'_>) -> Vec<Term> {
    let Prim::Contract { batch, sum } = s.prim else {
        return Vec::new();
    };
    let mut terms = Vec::new();
    for side in 0..2 {
        for (prim, args) in s.nodes(s.args[side]) {
            let Prim::Transpose(perm) = prim else {
                continue;
            };
            let moved = |pairs: &[(usize, usize)]| -> Vec<(usize, usize)> {
                let move_one = |&(i, j): &(usize, usize)| {
                    if side == 0 {
                        (perm[i], j)
                    } else {
                        (i, perm[j])
                    }
                };
                pairs.iter().map(move_one).collect()
            };
            let paired = |axis: &usize| {
                let mut pairs = batch.iter().chain(sum);
                pairs.any(|&(i, j)| [i, j][side] == *axis)
            };
            // The free axes of this side come out in the order of the array itself.
            let free: Vec<usize> = (0..perm.len()).filter(|a| !paired(a)).collect();
            let mut sorted: Vec<usize> = free.iter().map(|&a| perm[a]).collect();
            sorted.sort_unstable();
            let place = |a: &usize| sorted.iter().position(|&p| p == perm[*a]).unwrap_or(0);
            let rank = s.own().rank();
            let first = if side == 0 {
                batch.len()
            } else {
                rank - free.len()
            };
            let mut order: Vec<usize> = (0..rank).collect();
            for (k, axis) in free.iter().enumerate() {
                order[first + k] = first + place(axis);
            }
            let mut inner = [class(s.args[0]), class(s.args[1])];
            inner[side] = class(args[0]);
            let (batch, sum) = (moved(batch), moved(sum));
            let product = Term::Node(Prim::Contract { batch, sum }, inner.to_vec());
            terms.push(Terms.transpose(&product, &order));
        }
    }
    terms
}

fn contract_turned(s: &Site<'_>) -> Vec<Term> {
    let Prim::Contract { batch, sum } = s.prim else {
        return Vec::new();
    };
    let turn = |pairs: &[(usize, usize)]| pairs.iter().map(|&(i, j)| (j, i)).collect();
    let kept = batch.len();
    let paired = kept + sum.len();
    let free_a = s.ty(s.args[0]).rank() - paired;
    let free_b = s.ty(s.args[1]).rank() - paired;
    let order: Vec<usize> = (0..kept)
        .chain((0..free_a).map(|k| kept + free_b + k))
        .chain((0..free_b).map(|k| kept + k))
        .collect();
    let (batch, sum) = (turn(batch), turn(sum));
    let args = vec![class(s.args[1]), class(s.args[0])];
    let product = Term::Node(Prim::Contract { batch, sum }, args);
    vec![Terms.transpose(&product, &order)]
}

/// The axes of an array that two folds after one another take away.
pub fn both_axes(inner: &[usize], outer: &[usize]) -> Vec<usize> {
    let mut axes = inner.to_vec();
    let rest = (0..).filter(|a| !inner.contains(a));
    let rest: Vec<usize> = rest.take(outer.iter().max().map_or(0, |m| m + 1)).collect();
    axes.extend(outer.iter().map(|&k| rest[k]));
    axes.sort_unstable();
    axes
}

fn fold_twice(s: &Site<'_>) -> Vec<Term> {
    let Prim::Reduce { fold, axes: outer } = s.prim else {
        return Vec::new();
    };
    let unordered = match fold {
        Fold::All | Fold::Any => true,
        Fold::Max | Fold::Min => !s.carrier().is_real(),
        Fold::Sum | Fold::Prod | Fold::LogSumExp => false,
    };
    let mut terms = Vec::new();
    for (prim, args) in s.nodes(s.args[0]) {
        match prim {
            Prim::Reduce {
                fold: same,
                axes: inner,
            } if same == fold && unordered => {
                let (fold, axes) = (*fold, both_axes(inner, outer));
                terms.push(Term::Node(
                    Prim::Reduce { fold, axes },
                    vec![class(args[0])],
                ));
            }
            _ => {}
        }
    }
    terms
}

/// Whether a primitive is a product element by element.
pub fn is_product(prim: &Prim) -> bool {
    *prim == Prim::Binary(BinaryOp::Mul)
}
