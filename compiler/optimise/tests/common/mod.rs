//! Values and comparisons that the tests share.
#![allow(dead_code)] // each test file is a crate of its own and uses a part

use lentil_unary::eval::eval;
use lentil_unary::{Array, Builder, Carrier, Data, Literal, Op, Prim, Region, Type};

/// A small generator of numbers (xorshift), so that tests are the same on every run.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Values that every carrier can take: small, and valid as an index into an axis of length 2.
    pub fn array(&mut self, ty: &Type) -> Array {
        let values: Vec<f64> = (0..ty.len())
            .map(|_| match ty.carrier {
                Carrier::F32 | Carrier::F64 => (self.next() % 4001) as f64 / 1000.0 - 2.0,
                Carrier::Mod(n) => (self.next() % u64::from(n)) as f64,
                Carrier::Bit | Carrier::Bool | Carrier::Int => (self.next() % 2) as f64,
            })
            .collect();
        Array::from_f64(ty.clone(), &values)
    }

    pub fn arrays(&mut self, types: &[Type]) -> Vec<Array> {
        types.iter().map(|t| self.array(t)).collect()
    }
}

pub fn run(region: &Region, args: &[Array]) -> Vec<Array> {
    match eval(region, args) {
        Ok(results) => results,
        Err(trap) => panic!("{trap:?} in {region:?}"),
    }
}

/// The example number `e` of an array with a batch axis.
pub fn example(array: &Array, e: usize) -> Array {
    let ty = array.ty().element().expect("a batch axis");
    let own = e * ty.len()..(e + 1) * ty.len();
    let data = match array.data() {
        Data::F32(v) => Data::F32(v[own].to_vec()),
        Data::F64(v) => Data::F64(v[own].to_vec()),
        Data::Int(v) => Data::Int(v[own].to_vec()),
        Data::Mod(v) => Data::Mod(v[own].to_vec()),
        Data::Byte(v) => Data::Byte(v[own].to_vec()),
    };
    Array::new(ty, data)
}

/// Arrays stacked along a new axis.
pub fn stack(arrays: &[&Array]) -> Array {
    let mut b = Builder::new(arrays.iter().map(|a| a.ty().stacked(1)).collect());
    let params = b.param_slots();
    let joined = b.prim(Prim::Concat(0), &params);
    let rows = arrays
        .iter()
        .map(|a| Array::new(a.ty().stacked(1), a.data().clone()));
    run(&b.finish(vec![joined]), &rows.collect::<Vec<_>>()).remove(0)
}

/// Bit for bit, any NaN being like any other.
pub fn same(a: &[Array], b: &[Array]) -> bool {
    let bits = |x: &Array| -> Vec<u64> {
        let literals = (0..x.ty().len()).map(|k| x.literal(k));
        let nan = |l: &Literal| l.carrier().is_real() && l.as_f64().is_nan();
        literals
            .map(|l| if nan(&l) { u64::MAX } else { l.bits() })
            .collect()
    };
    let pairs = a.iter().zip(b);
    a.len() == b.len()
        && pairs
            .into_iter()
            .all(|(a, b)| a.ty() == b.ty() && bits(a) == bits(b))
}

/// Up to a relative error of the whole array.
pub fn close(a: &[Array], b: &[Array], tolerance: f64) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            let (x, y) = (a.to_f64(), b.to_f64());
            let norm = y.iter().map(|v| v * v).sum::<f64>().sqrt();
            let error = x.iter().zip(&y).map(|(p, q)| (p - q).powi(2)).sum::<f64>();
            a.ty() == b.ty() && error.sqrt() <= tolerance * (1.0 + norm)
        })
}

/// The operations of a region itself, bodies not counted.
pub fn count(region: &Region, which: impl Fn(&Op) -> bool) -> usize {
    region.steps().iter().filter(|s| which(&s.op)).count()
}

pub fn contractions(region: &Region) -> usize {
    count(region, |op| matches!(op, Op::Prim(Prim::Contract { .. })))
}

pub fn loops(region: &Region) -> usize {
    count(region, |op| matches!(op, Op::Loop(_)))
}
