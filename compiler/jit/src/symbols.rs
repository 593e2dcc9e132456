//! What compiled code calls: the scalar functions of the evaluator, matrix products, linear algebra, random numbers.

use std::sync::atomic::AtomicBool;

use lentil_loops::Program;
use lentil_loops::eval::array_of;
use lentil_runtime::kernels::{gemm, linalg, pointwise};
use lentil_unary::{BinaryOp, Carrier, UnaryOp, math, random, watch};

/// What compiled code and whoever runs it say to each other: whether to stop, and where it stopped.
#[repr(C)]
pub struct TrapRecord {
    /// The place in the source.
    pub site: i64,
    /// The index.
    pub index: i64,
    /// The size of the axis.
    pub size: i64,
    /// Read between the iterations of loops, which stop when it is raised.
    pub stop: *const AtomicBool,
    /// The program, which says what is shown.
    pub program: *const Program,
}

impl TrapRecord {
    /// Where compiled code finds the flag: bytes from the start.
    pub const STOP: i32 = std::mem::offset_of!(TrapRecord, stop) as i32;

    /// Of a run that has not begun. It holds pointers to both.
    pub fn new(stop: &AtomicBool, program: &Program) -> TrapRecord {
        TrapRecord {
            site: 0,
            index: 0,
            size: 0,
            stop,
            program,
        }
    }
}

/// The kinds of arguments and results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A real.
    F32,
    /// A real.
    F64,
    /// An integer, or an address.
    I64,
}

/// A function that compiled code calls.
pub struct Symbol {
    /// A name that no other has.
    pub name: String,
    /// Where it is.
    pub address: *const u8,
    /// What it takes.
    pub params: Vec<Kind>,
    /// What it returns.
    pub result: Option<Kind>,
}

/// Every function that compiled code may call.
pub fn all() -> Vec<Symbol> {
    let mut all = vec![
        gemm(Carrier::F32),
        gemm(Carrier::F64),
        linear(Carrier::F32),
        linear(Carrier::F64),
        random_bits(),
        random_fold(),
        show(),
    ];
    for carrier in [Carrier::F32, Carrier::F64, Carrier::Int] {
        for kind in [unary, map, mapped] {
            all.extend(UnaryOp::ALL.iter().filter_map(|&op| kind(op, carrier)));
        }
        all.extend(BinaryOp::ALL.iter().filter_map(|&op| binary(op, carrier)));
        all.extend([false, true].iter().filter_map(|&down| sort(carrier, down)));
    }
    all
}

/// The function of a pointwise operation of one argument that has no instructions of its own.
pub fn unary(op: UnaryOp, carrier: Carrier) -> Option<Symbol> {
    let (address, kind) = match carrier {
        Carrier::F32 => (math::unary_f32(op)? as *const u8, Kind::F32),
        Carrier::F64 => (math::unary_f64(op)? as *const u8, Kind::F64),
        Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => return None,
    };
    Some(Symbol {
        name: format!("{op:?} {carrier}"),
        address,
        params: vec![kind],
        result: Some(kind),
    })
}

/// The kernel of a function for whole arrays: where the array starts, how many elements it has.
pub fn map(op: UnaryOp, carrier: Carrier) -> Option<Symbol> {
    Some(Symbol {
        name: format!("map {op:?} {carrier}"),
        address: pointwise::pointwise(op, carrier)?.array,
        params: vec![Kind::I64; 2],
        result: None,
    })
}

/// What that kernel computes, of one number.
pub fn mapped(op: UnaryOp, carrier: Carrier) -> Option<Symbol> {
    let kind = if carrier == Carrier::F32 {
        Kind::F32
    } else {
        Kind::F64
    };
    Some(Symbol {
        name: format!("mapped {op:?} {carrier}"),
        address: pointwise::pointwise(op, carrier)?.one,
        params: vec![kind],
        result: Some(kind),
    })
}

/// The function of a pointwise operation of two arguments that has no instructions of its own.
pub fn binary(op: BinaryOp, carrier: Carrier) -> Option<Symbol> {
    let (address, kind) = match carrier {
        Carrier::F32 => (math::binary_f32(op)? as *const u8, Kind::F32),
        Carrier::F64 => (math::binary_f64(op)? as *const u8, Kind::F64),
        Carrier::Int => match op {
            BinaryOp::Div => (math::div_int as *const u8, Kind::I64),
            BinaryOp::Rem => (math::rem_int as *const u8, Kind::I64),
            _ => return None,
        },
        Carrier::Bit | Carrier::Mod(_) | Carrier::Bool => return None,
    };
    Some(Symbol {
        name: format!("{op:?} {carrier}"),
        address,
        params: vec![kind, kind],
        result: Some(kind),
    })
}

/// The product of two matrices.
pub fn gemm(carrier: Carrier) -> Symbol {
    let address = match carrier {
        Carrier::F32 => gemm::gemm_f32 as *const u8,
        _ => gemm::gemm_f64 as *const u8,
    };
    Symbol {
        name: format!("gemm {carrier}"),
        address,
        params: vec![Kind::I64; 12],
        result: None,
    }
}

/// The orders of rows: elements, output, number of rows, length of each.
pub fn sort(carrier: Carrier, descending: bool) -> Option<Symbol> {
    let address = match (carrier, descending) {
        (Carrier::F32, false) => sort_kernel::<f32, false> as *const u8,
        (Carrier::F32, true) => sort_kernel::<f32, true> as *const u8,
        (Carrier::F64, false) => sort_kernel::<f64, false> as *const u8,
        (Carrier::F64, true) => sort_kernel::<f64, true> as *const u8,
        (Carrier::Int, false) => sort_kernel::<i64, false> as *const u8,
        (Carrier::Int, true) => sort_kernel::<i64, true> as *const u8,
        (Carrier::Bit | Carrier::Mod(_) | Carrier::Bool, _) => return None,
    };
    let way = if descending { "down" } else { "up" };
    Some(Symbol {
        name: format!("sort {carrier} {way}"),
        address,
        params: vec![Kind::I64; 4],
        result: None,
    })
}

/// Linear algebra: which, how many matrices, their sizes, two arguments, three results.
pub fn linear(carrier: Carrier) -> Symbol {
    let address = match carrier {
        Carrier::F32 => linalg::linalg_f32 as *const u8,
        _ => linalg::linalg_f64 as *const u8,
    };
    Symbol {
        name: format!("linalg {carrier}"),
        address,
        params: vec![Kind::I64; 9],
        result: None,
    }
}

/// Shows an array: the record of the run, which of what the program shows, where it starts.
pub fn show() -> Symbol {
    Symbol {
        name: "show".to_string(),
        address: show_kernel as *const u8,
        params: vec![Kind::I64; 3],
        result: None,
    }
}

/// # Safety
/// `from` leads to as many elements as the type says that the program gives that number, row-major; the
/// record's program lives.
unsafe extern "C" fn show_kernel(record: *const TrapRecord, what: i64, from: *const u8) {
    // SAFETY: the record and the program outlive the run.
    let program = unsafe { &*(*record).program };
    let shown = &program.shown[what as usize];
    let size = program.bytes(shown.ty.carrier);
    // SAFETY: so many elements lie there, as the checker of loop form has seen.
    let bytes = unsafe { std::slice::from_raw_parts(from, shown.ty.len() * size) };
    let words = bytes.chunks_exact(size).map(|element| {
        let mut word = [0; 8];
        word[..size].copy_from_slice(element);
        u64::from_le_bytes(word)
    });
    // Nothing may unwind into compiled code: a watcher that panics has shown what it has.
    let show = || watch::show(&shown.name, &array_of(&shown.ty, words));
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(show));
}

/// Random words: keys, output, number of words from each, number of keys.
pub fn random_bits() -> Symbol {
    kernel("random bits", random_bits_kernel as *const u8)
}

/// A random key for a number, of each: keys, output, the numbers, how many.
pub fn random_fold() -> Symbol {
    kernel("random fold", random_fold_kernel as *const u8)
}

fn kernel(name: &str, address: *const u8) -> Symbol {
    Symbol {
        name: name.to_string(),
        address,
        params: vec![Kind::I64; 4],
        result: None,
    }
}

extern "C" fn sort_kernel<T: PartialOrd, const DESCENDING: bool>(
    x: *const T,
    out: *mut i64,
    rows: usize,
    n: usize,
) {
    // SAFETY: compiled code passes `rows * n` elements and room for as many indices, which do not overlap.
    let (x, out) = unsafe {
        (
            std::slice::from_raw_parts(x, rows * n),
            std::slice::from_raw_parts_mut(out, rows * n),
        )
    };
    for (row, order) in x.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
        math::argsort(row, order, DESCENDING);
    }
}

extern "C" fn random_bits_kernel(keys: *const [i64; 2], out: *mut i64, n: usize, count: usize) {
    // SAFETY: compiled code passes `count` keys of two words and room for `n` words of each, which do not overlap.
    let (keys, out) = unsafe {
        (
            std::slice::from_raw_parts(keys, count),
            std::slice::from_raw_parts_mut(out, n * count),
        )
    };
    for (&key, out) in keys.iter().zip(out.chunks_exact_mut(n)) {
        random::each(random::key(key), n, |i, word| out[i] = i64::from(word));
    }
}

extern "C" fn random_fold_kernel(
    keys: *const [i64; 2],
    out: *mut [i64; 2],
    numbers: *const i64,
    count: usize,
) {
    // SAFETY: compiled code passes `count` keys, room for as many, and as many numbers, which do not overlap.
    let (keys, out, numbers) = unsafe {
        (
            std::slice::from_raw_parts(keys, count),
            std::slice::from_raw_parts_mut(out, count),
            std::slice::from_raw_parts(numbers, count),
        )
    };
    for ((&key, out), &number) in keys.iter().zip(out).zip(numbers) {
        *out = random::fold_in(random::key(key), number).map(i64::from);
    }
}
