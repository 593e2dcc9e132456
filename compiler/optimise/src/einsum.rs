//! Products of two arrays, summed over some of their axes: what every contraction, and every sum of a
//! product, is before it is decided which axes go first.
//!
//! `out[labels] = Σ a[labels of a] * b[labels of b]`, over the labels that `out` lacks.

use lentil_unary::{BinaryOp, Carrier, Fold, Prim, Slot, Type};

use crate::options::Arithmetic;
use crate::view::{Emit, Rewriter, View};

/// A sum of products. Labels are numbers; each stands for one axis length.
#[derive(Clone, Debug)]
pub struct Einsum<V> {
    /// The factors, each with the labels of its axes.
    pub factors: [(V, Vec<usize>); 2],
    /// The labels of the result's axes.
    pub out: Vec<usize>,
    /// The labels that are summed over, in the order of the summation.
    pub sum: Vec<usize>,
    /// The length of each label's axis.
    pub sizes: Vec<usize>,
    /// Whether the sums are nested (a sum of sums): to do them at once rearranges them.
    pub nested: bool,
}

impl<V: Clone> Einsum<V> {
    /// A product or a contraction of two arguments with their types, as a sum of products.
    pub fn of_prim(prim: &Prim, args: &[V], types: &[&Type], shape: &[usize]) -> Option<Einsum<V>> {
        let rank = shape.len();
        let mut sizes = shape.to_vec();
        let (a, b) = match prim {
            Prim::Binary(BinaryOp::Mul) => ((0..rank).collect(), (0..rank).collect()),
            Prim::Contract { batch, sum } => {
                let (mut a, mut b) = (vec![None; types[0].rank()], vec![None; types[1].rank()]);
                for (label, &(i, j)) in batch.iter().enumerate() {
                    (a[i], b[j]) = (Some(label), Some(label));
                }
                for &(i, j) in sum {
                    (a[i], b[j]) = (Some(sizes.len()), Some(sizes.len()));
                    sizes.push(types[0].shape[i]);
                }
                let mut free = batch.len()..;
                let mut fill = |side: Vec<Option<usize>>| -> Vec<usize> {
                    let labels = side.into_iter();
                    labels.filter_map(|l| l.or_else(|| free.next())).collect()
                };
                (fill(a), fill(b))
            }
            _ => return None,
        };
        Some(Einsum {
            factors: [(args[0].clone(), a), (args[1].clone(), b)],
            out: (0..rank).collect(),
            sum: (rank..sizes.len()).collect(),
            sizes,
            nested: false,
        })
    }

    /// The same with the result's axes summed over, permuted or repeated as a view of it says;
    /// `sizes` are those of the view's axes.
    pub fn viewed(mut self, from: &[Option<usize>], shape: &[usize]) -> Self {
        let mut out = Vec::new();
        for (from, &size) in from.iter().zip(shape) {
            out.push(match from {
                Some(k) => self.out[*k],
                None => {
                    self.sizes.push(size);
                    self.sizes.len() - 1
                }
            });
        }
        self.out = out;
        self
    }

    /// The same summed over some of the result's axes.
    pub fn summed(mut self, axes: &[usize]) -> Self {
        self.nested |= !self.sum.is_empty();
        self.sum.extend(axes.iter().map(|&axis| self.out[axis]));
        let sum = &self.sum;
        self.out.retain(|label| !sum.contains(label));
        self
    }

    /// The same with a factor that is a view replaced by what it is a view of: `from` says for each axis
    /// of the factor the axis of `base` along it.
    pub fn resolve(&mut self, factor: usize, base: V, from: &[Option<usize>]) {
        let labels = &self.factors[factor].1;
        let mut own = vec![0; from.iter().flatten().count()];
        for (axis, from) in from.iter().enumerate() {
            if let Some(k) = *from {
                own[k] = labels[axis];
            }
        }
        self.factors[factor] = (base, own);
    }

    /// Whether it can be computed with the arithmetic that is allowed: a label that only one factor has
    /// and the result lacks is summed first, which rearranges; one that neither factor has would be
    /// a multiplication by its length, which other passes know better.
    pub fn allowed(&self, arithmetic: Arithmetic, carrier: Carrier) -> bool {
        let [(_, la), (_, lb)] = &self.factors;
        let rearranges = arithmetic.rearranges(carrier);
        let both = |l: &usize| la.contains(l) && lb.contains(l);
        let neither = |l: &usize| !la.contains(l) && !lb.contains(l);
        !self.sum.iter().any(neither) && (rearranges || (self.sum.iter().all(both) && !self.nested))
    }

    /// Appends it: lone sums first, then one contraction (a plain product if nothing is summed and one
    /// factor has all the labels of the other), then at most a transposition and a repetition.
    ///
    /// A contraction adds its products to zero, which a plain product does not: there the sign of a zero
    /// may differ, so exact arithmetic has contractions only.
    pub fn emit(
        &self,
        r: &mut impl Emit<Value = V>,
        arithmetic: Arithmetic,
        carrier: Carrier,
    ) -> V {
        let [a, b] = &self.factors;
        let a = self.reduced(r, a, &b.1);
        let b = self.reduced(r, b, &a.1);
        let shared = |l: &&usize| a.1.contains(l) && b.1.contains(l);
        let batch: Vec<usize> = (self.out.iter().filter(shared)).copied().collect();
        let sum: Vec<usize> = (self.sum.iter().filter(shared)).copied().collect();
        let free = |side: &[usize], other: &[usize]| -> Vec<usize> {
            let free = side.iter().filter(|l| !other.contains(l));
            free.copied().collect()
        };
        let (free_a, free_b) = (free(&a.1, &b.1), free(&b.1, &a.1));
        let rearranges = arithmetic.rearranges(carrier);
        if rearranges && sum.is_empty() && (free_a.is_empty() || free_b.is_empty()) {
            return self.product(r, &a, &b);
        }
        let order = |first: &[usize], second: &[usize]| [&batch[..], first, second].concat();
        let straight = order(&free_a, &free_b);
        let crossed = order(&free_b, &free_a);
        let kept: Vec<usize> = (self.out.iter().copied())
            .filter(|l| straight.contains(l))
            .collect();
        // Exchanging the factors may save a transposition.
        let (x, y, labels) = if kept != straight && kept == crossed {
            (&b, &a, crossed)
        } else {
            (&a, &b, straight)
        };
        let at = |labels: &[usize], l: usize| labels.iter().position(|&k| k == l).unwrap_or(0);
        let pairs = |of: &[usize]| -> Vec<(usize, usize)> {
            of.iter().map(|&l| (at(&x.1, l), at(&y.1, l))).collect()
        };
        let prim = Prim::Contract {
            batch: pairs(&batch),
            sum: pairs(&sum),
        };
        let slot = r.prim(prim, &[x.0.clone(), y.0.clone()]);
        self.placed(r, &slot, &labels)
    }

    /// A factor with the labels summed away that only it has and the result lacks.
    fn reduced(
        &self,
        r: &mut impl Emit<Value = V>,
        (slot, labels): &(V, Vec<usize>),
        other: &[usize],
    ) -> (V, Vec<usize>) {
        let lone = |l: &usize| !other.contains(l) && self.sum.contains(l);
        let axes: Vec<usize> = (0..labels.len()).filter(|&k| lone(&labels[k])).collect();
        if axes.is_empty() {
            return (slot.clone(), labels.clone());
        }
        let fold = Fold::Sum;
        let slot = r.prim(Prim::Reduce { fold, axes }, std::slice::from_ref(slot));
        (slot, labels.iter().filter(|l| !lone(l)).copied().collect())
    }

    fn product(&self, r: &mut impl Emit<Value = V>, a: &(V, Vec<usize>), b: &(V, Vec<usize>)) -> V {
        let wide = if a.1.len() >= b.1.len() { &a.1 } else { &b.1 };
        // In the order of the result, so that no transposition follows.
        let labels: Vec<usize> = (self.out.iter().filter(|l| wide.contains(l)))
            .copied()
            .collect();
        let shape: Vec<usize> = labels.iter().map(|&l| self.sizes[l]).collect();
        let mut side = |(slot, own): &(V, Vec<usize>)| {
            let from: Vec<Option<usize>> = (labels.iter())
                .map(|l| own.iter().position(|k| k == l))
                .collect();
            r.place(slot, &from, &shape)
        };
        let args = [side(a), side(b)];
        let slot = r.prim(Prim::Binary(BinaryOp::Mul), &args);
        self.placed(r, &slot, &labels)
    }

    fn placed(&self, r: &mut impl Emit<Value = V>, slot: &V, labels: &[usize]) -> V {
        let at = |l: &usize| labels.iter().position(|k| k == l);
        let from: Vec<Option<usize>> = self.out.iter().map(at).collect();
        let shape: Vec<usize> = self.out.iter().map(|&l| self.sizes[l]).collect();
        r.place(slot, &from, &shape)
    }
}

impl Einsum<Slot> {
    /// A slot that is a product or a contraction, as a sum of products.
    pub fn of(r: &Rewriter, slot: Slot) -> Option<Einsum<Slot>> {
        let (prim, args) = r.made(slot)?;
        let types: Vec<&Type> = args.iter().map(|&a| r.ty(a)).collect();
        Einsum::of_prim(prim, args, &types, &r.ty(slot).shape)
    }

    /// The same with factors that are views replaced by what they are views of.
    pub fn resolved(mut self, r: &Rewriter) -> Einsum<Slot> {
        for factor in 0..2 {
            let View { base, from } = r.view(self.factors[factor].0);
            self.resolve(factor, base, &from);
        }
        self
    }
}
