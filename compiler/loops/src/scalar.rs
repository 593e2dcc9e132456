//! What scalar operations mean, on the bits of values. The functions are those of the evaluator.

use lentil_unary::{BinaryOp, Carrier, CompareOp, Literal, UnaryOp, math};

/// Why an operation that the typing rules refuse cannot occur.
const TYPED: &str = "the typing rules allow the operation";

fn f32_of(bits: u64) -> f32 {
    f32::from_bits(bits as u32)
}

fn of_f32(x: f32) -> u64 {
    u64::from(x.to_bits())
}

/// The bits of a constant. A `Bit` in lanes is the same in all of them.
pub fn literal(literal: Literal, lanes: bool) -> u64 {
    match literal.carrier() {
        Carrier::Bit if lanes => 0_u64.wrapping_sub(literal.bits()),
        _ => literal.bits(),
    }
}

/// A function of one argument.
pub fn unary(op: UnaryOp, carrier: Carrier, x: u64) -> u64 {
    match carrier {
        Carrier::F32 => of_f32(math::unary_f32(op).expect(TYPED)(f32_of(x))),
        Carrier::F64 => math::unary_f64(op).expect(TYPED)(f64::from_bits(x)).to_bits(),
        Carrier::Int => math::unary_int(op).expect(TYPED)(x as i64) as u64,
        Carrier::Mod(_) => binary(BinaryOp::Sub, carrier, 0, x),
        Carrier::Bit => x,
        Carrier::Bool => x ^ 1,
    }
}

/// A function of two arguments.
pub fn binary(op: BinaryOp, carrier: Carrier, x: u64, y: u64) -> u64 {
    match carrier {
        Carrier::F32 => of_f32(math::binary_f32(op).expect(TYPED)(f32_of(x), f32_of(y))),
        Carrier::F64 => {
            math::binary_f64(op).expect(TYPED)(f64::from_bits(x), f64::from_bits(y)).to_bits()
        }
        Carrier::Int => math::binary_int(op).expect(TYPED)(x as i64, y as i64) as u64,
        Carrier::Mod(n) => u64::from(math::binary_mod(op).expect(TYPED)(x as u32, y as u32, n)),
        Carrier::Bit | Carrier::Bool => match op {
            BinaryOp::Add | BinaryOp::Sub => x ^ y,
            BinaryOp::Mul | BinaryOp::And => x & y,
            BinaryOp::Or => x | y,
            BinaryOp::Div
            | BinaryOp::Rem
            | BinaryOp::Pow
            | BinaryOp::Max
            | BinaryOp::Min
            | BinaryOp::Atan2
            | BinaryOp::Hypot
            | BinaryOp::Polygamma => unreachable!("{TYPED}"),
        },
    }
}

/// The indices of elements in order.
pub fn argsort(carrier: Carrier, row: &[u64], descending: bool) -> Vec<i64> {
    let mut order = vec![0; row.len()];
    match carrier {
        Carrier::F32 => {
            let row: Vec<f32> = row.iter().map(|&x| f32_of(x)).collect();
            math::argsort(&row, &mut order, descending);
        }
        Carrier::F64 => {
            let row: Vec<f64> = row.iter().map(|&x| f64::from_bits(x)).collect();
            math::argsort(&row, &mut order, descending);
        }
        Carrier::Int => {
            let row: Vec<i64> = row.iter().map(|&x| x as i64).collect();
            math::argsort(&row, &mut order, descending);
        }
        Carrier::Bit | Carrier::Mod(_) | Carrier::Bool => unreachable!("{TYPED}"),
    }
    order
}

/// A comparison, as 0 or 1.
pub fn compare(op: CompareOp, carrier: Carrier, x: u64, y: u64) -> u64 {
    u64::from(match carrier {
        Carrier::F32 => math::compare(op, f32_of(x), f32_of(y)),
        Carrier::F64 => math::compare(op, f64::from_bits(x), f64::from_bits(y)),
        Carrier::Int => math::compare(op, x as i64, y as i64),
        Carrier::Mod(_) | Carrier::Bit | Carrier::Bool => math::compare(op, x, y),
    })
}

/// A value in another carrier.
pub fn convert(from: Carrier, to: Carrier, x: u64, lanes: bool) -> u64 {
    let integer = match from {
        Carrier::F32 if to == Carrier::F64 => return f64::from(f32_of(x)).to_bits(),
        Carrier::F64 if to == Carrier::F32 => return of_f32(f64::from_bits(x) as f32),
        Carrier::F32 => f32_of(x) as i64,
        Carrier::F64 => f64::from_bits(x) as i64,
        Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => x as i64,
    };
    match to {
        Carrier::F32 => of_f32(integer as f32),
        Carrier::F64 => (integer as f64).to_bits(),
        Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
            literal(Literal::integer(to, integer), lanes)
        }
    }
}
