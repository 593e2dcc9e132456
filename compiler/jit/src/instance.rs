//! A program's memory and its runs.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lentil_loops::Program;
use lentil_loops::eval::{array_of, words_of};
use lentil_loops::syntax::Buffer;
use lentil_unary::{Array, Carrier, Data, Site, Trap};

use crate::code::Code;
use crate::memory::Block;
use crate::symbols::TrapRecord;

/// Memory to run a compiled program in: its frame, its inputs and its outputs.
/// A run allocates nothing, but for products of large matrices: these pack their factors into memory of their own.
pub struct Instance {
    code: Arc<Code>,
    program: Arc<Program>,
    /// One block for each input, then for each output.
    blocks: Vec<Block>,
    /// Where the blocks start, for the code.
    table: Vec<*mut u8>,
    frame: Block,
}

// SAFETY: the pointers of the table lead to the instance's own blocks.
unsafe impl Send for Instance {}

/// A type of elements in a buffer.
pub trait Element: Copy + sealed::Plain {
    /// Whether elements of a carrier are held so.
    fn holds(carrier: Carrier, lanes: bool) -> bool;
}

mod sealed {
    /// Types of which every bit pattern is a value.
    pub trait Plain {}
    impl Plain for f32 {}
    impl Plain for f64 {}
    impl Plain for i64 {}
    impl Plain for u32 {}
    impl Plain for u64 {}
    impl Plain for u8 {}
}

impl Element for f32 {
    fn holds(carrier: Carrier, _: bool) -> bool {
        carrier == Carrier::F32
    }
}

impl Element for f64 {
    fn holds(carrier: Carrier, _: bool) -> bool {
        carrier == Carrier::F64
    }
}

impl Element for i64 {
    fn holds(carrier: Carrier, _: bool) -> bool {
        carrier == Carrier::Int
    }
}

impl Element for u32 {
    fn holds(carrier: Carrier, _: bool) -> bool {
        matches!(carrier, Carrier::Mod(_))
    }
}

impl Element for u64 {
    fn holds(carrier: Carrier, lanes: bool) -> bool {
        carrier == Carrier::Bit && lanes
    }
}

impl Element for u8 {
    fn holds(carrier: Carrier, lanes: bool) -> bool {
        carrier == Carrier::Bool || (carrier == Carrier::Bit && !lanes)
    }
}

impl Instance {
    pub(crate) fn new(code: Arc<Code>, program: Arc<Program>) -> Instance {
        let entry = program.entry();
        let interface = &entry.buffers[..entry.params + entry.results];
        let blocks: Vec<Block> = interface
            .iter()
            .map(|b| Block::new(b.len * program.bytes(b.carrier)))
            .collect();
        let table = blocks.iter().map(Block::pointer).collect();
        let frame = Block::new(entry.frame);
        Instance {
            code,
            program,
            blocks,
            table,
            frame,
        }
    }

    /// Runs the program once on the inputs as they are.
    pub fn step(&mut self) -> Result<(), Trap> {
        static NEVER: AtomicBool = AtomicBool::new(false);
        self.step_until(&NEVER)
    }

    /// The same, unless the flag is raised, by another thread: the run stops between two iterations of
    /// a loop then, with a trap at [`crate::GIVEN_UP`].
    pub fn step_until(&mut self, stop: &AtomicBool) -> Result<(), Trap> {
        let mut record = TrapRecord::new(stop, &self.program);
        // SAFETY: the code was made for this program: the table has a block of the right size for each input
        // and output, the frame is as large as its function says, and they do not overlap.
        // Compiled code writes to outputs, the frame and the record only, inside of their sizes. It reads the
        // flag, which outlives the run, as a byte.
        let status = unsafe {
            (self.code.entry())(self.table.as_ptr(), self.frame.pointer(), &raw mut record)
        };
        if status == 0 {
            return Ok(());
        }
        Err(Trap {
            site: Site(record.site as u32),
            index: record.index,
            size: record.size as usize,
        })
    }

    /// Copies an array into an input. A bit is put into all lanes.
    ///
    /// # Panics
    /// If it is not of the input's type.
    pub fn set_input(&mut self, k: usize, array: &Array) {
        assert_eq!(array.ty(), &self.program.params[k], "input {k}");
        let in_lanes = array.ty().carrier == Carrier::Bit && self.program.lanes;
        match array.data() {
            Data::F32(v) => self.input_mut(k).copy_from_slice(v),
            Data::F64(v) => self.input_mut(k).copy_from_slice(v),
            Data::Int(v) => self.input_mut(k).copy_from_slice(v),
            Data::Mod(v) => self.input_mut(k).copy_from_slice(v),
            Data::Byte(_) if in_lanes => {
                let words = words_of(array, true);
                self.input_mut(k).copy_from_slice(&words);
            }
            Data::Byte(v) => self.input_mut(k).copy_from_slice(v),
        }
    }

    /// Puts the bits of up to 64 samples into the lanes of an input, in order.
    ///
    /// # Panics
    /// If there are more than 64, if one is not of the input's type, or if that is not of bits in lanes.
    pub fn set_lanes(&mut self, k: usize, samples: &[Array]) {
        assert!(samples.len() <= 64, "{} samples a word", samples.len());
        let words: &mut [u64] = self.input_mut(k);
        words.fill(0);
        for (lane, sample) in samples.iter().enumerate() {
            assert_eq!(sample.ty(), &self.program.params[k], "input {k}");
            let bits = words_of(sample, false);
            let words: &mut [u64] = self.input_mut(k);
            for (word, bit) in words.iter_mut().zip(bits) {
                *word |= bit << lane;
            }
        }
    }

    /// The elements of an input, to be written in place.
    ///
    /// # Panics
    /// If they are of another type.
    pub fn input_mut<T: Element>(&mut self, k: usize) -> &mut [T] {
        let buffer = self.interface(k);
        assert!(k < self.program.params.len(), "input {k}");
        let len = self.expect::<T>(buffer);
        let start = self.blocks[k].pointer().cast::<T>();
        // SAFETY: the block has `len` elements of `T` and is aligned to more than any of them needs.
        unsafe { std::slice::from_raw_parts_mut(start, len) }
    }

    /// The elements of an output.
    ///
    /// # Panics
    /// If they are of another type.
    pub fn output_slice<T: Element>(&self, k: usize) -> &[T] {
        let at = self.program.params.len() + k;
        let len = self.expect::<T>(self.interface(at));
        let start = self.blocks[at].pointer().cast::<T>();
        // SAFETY: the block has `len` elements of `T` and is aligned to more than any of them needs.
        unsafe { std::slice::from_raw_parts(start, len) }
    }

    /// An output as an array; of bits in lanes, the first lane.
    pub fn output(&self, k: usize) -> Array {
        self.output_lane(k, 0)
    }

    /// An output as an array; of bits in lanes, this lane.
    pub fn output_lane(&self, k: usize, lane: usize) -> Array {
        let ty = &self.program.results[k];
        let size = self.program.bytes(ty.carrier);
        let bytes = self.blocks[self.program.params.len() + k].bytes();
        let lane = if ty.carrier == Carrier::Bit && self.program.lanes {
            lane
        } else {
            0
        };
        let word = |element: &[u8]| {
            let mut word = [0; 8];
            word[..size].copy_from_slice(element);
            u64::from_le_bytes(word) >> lane
        };
        array_of(ty, bytes.chunks_exact(size).map(word))
    }

    /// Makes an output the next run's input by exchanging their memory; the output holds the old input then.
    ///
    /// # Panics
    /// If they are of different types.
    pub fn feed_back(&mut self, output: usize, input: usize) {
        let (params, results) = (&self.program.params, &self.program.results);
        assert_eq!(
            results[output], params[input],
            "output {output} as input {input}"
        );
        let at = params.len() + output;
        self.blocks.swap(at, input);
        self.table.swap(at, input);
    }

    fn interface(&self, k: usize) -> &Buffer {
        &self.program.entry().buffers[k]
    }

    fn expect<T: Element>(&self, buffer: &Buffer) -> usize {
        let fits = T::holds(buffer.carrier, self.program.lanes);
        assert!(fits, "elements of {} read as another type", buffer.carrier);
        buffer.len
    }
}
