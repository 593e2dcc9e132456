//! A run allocates nothing, as counted by an allocator that counts.

// A global allocator, which counts and hands on.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use lentil_jit::{Options, compile};
use lentil_unary::{Builder, Carrier, Prim, Region, Type, UnaryOp, generate};

#[allow(dead_code)] // of which one is used here
#[path = "../examples/step_time/programs.rs"]
mod programs;

struct Counting;

thread_local! {
    /// How often this thread has asked for memory.
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    ASKED.with(|asked| asked.set(asked.get() + 1));
}

// SAFETY: all is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How often three runs ask for memory, the first included.
fn asked(region: &Region, exact: bool) -> usize {
    let options = Options {
        exact,
        ..Options::default()
    };
    let compiled = compile(region, &options).unwrap();
    let mut instance = compiled.instance();
    for (k, argument) in generate::arguments(1, region).iter().enumerate() {
        instance.set_input(k, argument);
    }
    let before = ASKED.with(Cell::get);
    for _ in 0..3 {
        instance.step().unwrap();
    }
    ASKED.with(Cell::get) - before
}

#[test]
fn the_count_counts() {
    let before = ASKED.with(Cell::get);
    drop(std::hint::black_box(vec![0_u8; 8]));
    assert_eq!(ASKED.with(Cell::get), before + 1);
}

#[test]
fn learning_steps_allocate_nothing() {
    for batch in [1, 16, 150] {
        let step = programs::mlp(batch, 4, 16, 3);
        for exact in [false, true] {
            assert_eq!(asked(&step, exact), 0, "batch {batch}, exact {exact}");
        }
    }
}

#[test]
fn random_numbers_allocate_nothing() {
    let mut b = Builder::new(vec![Type::array(Carrier::Int, [2])]);
    let key = b.param(0);
    let keys = b.prim(Prim::RandomSplit(3), &[key]);
    let bits = b.prim(Prim::RandomBits(vec![101]), &[key]);
    let reals = b.prim(Prim::Convert(Carrier::F64), &[bits]);
    let tanh = b.unary(UnaryOp::Tanh, reals);
    let region = b.finish(vec![keys, tanh]);
    for exact in [false, true] {
        assert_eq!(asked(&region, exact), 0);
    }
}
