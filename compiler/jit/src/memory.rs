//! A block of memory whose start is a multiple of a cache line.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;

/// Bytes of a cache line, and of the widest vector.
const LINE: usize = 64;

/// Memory that is zero at first. It never moves.
pub struct Block {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: a block is owned memory without any thread's state in it.
unsafe impl Send for Block {}

impl Block {
    /// New memory.
    pub fn new(bytes: usize) -> Block {
        let layout = Block::layout(bytes);
        // SAFETY: the layout's size is not zero.
        let start = unsafe { alloc_zeroed(layout) };
        let Some(start) = NonNull::new(start) else {
            handle_alloc_error(layout)
        };
        Block { start, bytes }
    }

    fn layout(bytes: usize) -> Layout {
        match Layout::from_size_align(bytes.max(1), LINE) {
            Ok(layout) => layout,
            Err(_) => unreachable!("sizes are limited when a program is lowered"),
        }
    }

    /// Where it starts.
    pub fn pointer(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    /// Its contents.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the block owns this many initialised bytes.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.bytes) }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: it was allocated with this layout, and nothing refers to it any more.
        unsafe { dealloc(self.start.as_ptr(), Block::layout(self.bytes)) }
    }
}
