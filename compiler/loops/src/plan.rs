//! Gives every temporary of a function a place in its frame.
//!
//! *Before*: buffers in the frame have no place yet.
//! *After*: two buffers overlap only if they are never alive together.
//! *Size*: linear, but for the search of a gap.
//!
//! A buffer is alive from the first step that touches it to the last. A buffer that is touched both inside
//! and outside of a loop is alive during all of the loop, for it may carry a value from one iteration to the next.

use std::collections::{BTreeMap, BTreeSet};

use crate::syntax::{
    Address, BufferId, Draw, Expr, Function, Linalg, Nest, Place, Random, Step, Stmt, element_bytes,
};

/// Places the buffers of a function and sets the size of its frame.
pub fn place(function: &mut Function, lanes: bool) {
    let mut lives = Lives {
        now: 0,
        lives: vec![None; function.buffers.len()],
        loops: Vec::new(),
    };
    lives.steps(&function.body);
    let mut order: Vec<(usize, usize, usize)> = (lives.lives.iter().enumerate())
        .filter_map(|(buffer, life)| life.as_ref().map(|l| (l.first, l.last, buffer)))
        .filter(|&(_, _, b)| matches!(function.buffers[b].place, Place::Frame(_)))
        .collect();
    order.sort_unstable();
    let mut frame = Gaps::default();
    let mut ends: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new(); // (last, buffer) -> block
    for (first, last, buffer) in order {
        while let Some(entry) = ends.first_entry()
            && entry.key().0 < first
        {
            let (offset, bytes) = entry.remove();
            frame.free(offset, bytes);
        }
        let of = &mut function.buffers[buffer];
        let bytes = of.len.saturating_mul(element_bytes(of.carrier, lanes));
        let bytes = round_up(bytes, alignment(bytes));
        let offset = frame.take(bytes);
        of.place = Place::Frame(offset);
        ends.insert((last, buffer), (offset, bytes));
    }
    function.frame = frame.end;
}

/// Small buffers need no more than their elements; large ones begin at a cache line.
fn alignment(bytes: usize) -> usize {
    if bytes <= 32 { 8 } else { 64 }
}

/// The free blocks of a frame that grows at its end. All blocks are multiples of 8 bytes.
#[derive(Default)]
struct Gaps {
    by_offset: BTreeMap<usize, usize>,
    by_size: BTreeSet<(usize, usize)>,
    end: usize,
}

impl Gaps {
    /// The smallest gap that is large enough, or new memory at the end.
    fn take(&mut self, bytes: usize) -> usize {
        let align = alignment(bytes);
        let found = self
            .by_size
            .range((bytes, 0)..)
            .find_map(|&(size, offset)| {
                let start = offset.next_multiple_of(align);
                (start + bytes <= offset + size).then_some((offset, size, start))
            });
        if let Some((offset, size, start)) = found {
            self.remove(offset);
            self.free(offset, start - offset);
            self.free(start + bytes, offset + size - start - bytes);
            return start;
        }
        let start = round_up(self.end, align);
        self.free(self.end, start - self.end);
        self.end = start.saturating_add(bytes);
        start
    }

    fn free(&mut self, mut offset: usize, mut bytes: usize) {
        if bytes == 0 {
            return;
        }
        if let Some(next) = self.remove(offset + bytes) {
            bytes += next;
        }
        let before = self.by_offset.range(..offset).next_back();
        if let Some((&before, &size)) = before
            && before + size == offset
        {
            self.remove(before);
            offset = before;
            bytes += size;
        }
        self.by_offset.insert(offset, bytes);
        self.by_size.insert((bytes, offset));
    }

    fn remove(&mut self, offset: usize) -> Option<usize> {
        let size = self.by_offset.remove(&offset)?;
        self.by_size.remove(&(size, offset));
        Some(size)
    }
}

/// Rounds up to a multiple; what is larger than any memory stays so.
fn round_up(bytes: usize, align: usize) -> usize {
    bytes.saturating_add(align - 1) / align * align
}

/// When a buffer is alive.
#[derive(Clone, Debug)]
struct Life {
    first: usize,
    last: usize,
    /// The loops around its first touch.
    loops: Vec<usize>,
}

struct Lives {
    now: usize,
    lives: Vec<Option<Life>>,
    /// The positions at which the open loops begin.
    loops: Vec<usize>,
}

impl Lives {
    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            self.now += 1;
            match step {
                Step::Nest(Nest { body }) => body.iter().for_each(|s| self.stmt(s)),
                Step::Gemm(g) => {
                    [&g.a, &g.b, &g.c]
                        .into_iter()
                        .for_each(|m| self.address(&m.at));
                }
                Step::Random(Random { draw, key, out, .. }) => {
                    self.address(key);
                    self.address(out);
                    if let Draw::Fold(number) = draw {
                        self.address(number);
                    }
                }
                Step::Sort(sort) => {
                    self.address(&sort.x);
                    self.address(&sort.out);
                }
                Step::Map(map) => self.address(&map.at),
                Step::Show { at, .. } => self.address(at),
                Step::Linalg(Linalg { args, results, .. }) => {
                    args.iter().chain(results).for_each(|a| self.address(a));
                }
                Step::Loop { limit, body, .. } => {
                    // The limit is read before and written after.
                    limit.iter().for_each(|at| self.address(at));
                    self.loops.push(self.now);
                    self.steps(body);
                    limit.iter().for_each(|at| self.address(at));
                    self.now += 1;
                    self.leave();
                }
                Step::Cond {
                    condition,
                    then,
                    otherwise,
                } => {
                    self.address(condition);
                    self.steps(then);
                    self.steps(otherwise);
                }
                Step::Call {
                    args,
                    results,
                    table,
                    frame,
                    ..
                } => {
                    args.iter().chain(results).for_each(|a| self.address(a));
                    self.touch(*table);
                    self.touch(*frame);
                }
            }
        }
    }

    /// Ends a loop: what was alive before it and touched in it lives to its end.
    fn leave(&mut self) {
        let Some(start) = self.loops.pop() else {
            return;
        };
        for life in self.lives.iter_mut().flatten() {
            if life.first < start && life.last > start {
                life.last = self.now;
            }
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let(_, Expr::Load(at)) | Stmt::Store(at, _) => self.address(at),
            Stmt::Let(..) | Stmt::Cell(..) | Stmt::Set(..) | Stmt::Check { .. } => {}
            Stmt::For(_, body) => body.iter().for_each(|s| self.stmt(s)),
        }
    }

    fn address(&mut self, at: &Address) {
        self.touch(at.buffer);
    }

    fn touch(&mut self, buffer: BufferId) {
        let now = self.now;
        match &mut self.lives[buffer.index()] {
            Some(life) => {
                // First touched in a loop that has ended: it is alive from that loop's beginning.
                let common = (life.loops.iter().zip(&self.loops))
                    .take_while(|(a, b)| a == b)
                    .count();
                if let Some(&outer) = life.loops.get(common) {
                    life.first = life.first.min(outer);
                    life.loops.truncate(common);
                }
                life.last = now;
            }
            empty => {
                *empty = Some(Life {
                    first: now,
                    last: now,
                    loops: self.loops.clone(),
                });
            }
        }
    }
}
