//! The regions that are being emitted, innermost last.
//!
//! A value of an outer region that is used in an inner one becomes a *capture*: a further parameter
//! of the inner region, found while its body is emitted and so numbered only at its end.

use std::collections::HashMap;

use lentil_unary::{Builder, Op, Region, Slot, Type, typing};

use crate::value::At;

/// A region under construction.
#[derive(Debug)]
pub struct Frame {
    id: u32,
    entries: Vec<Entry>,
    types: Vec<Type>,
    explicit: usize,
    captures: Vec<Capture>,
    capture_slots: HashMap<At, u32>,
    known: HashMap<(Op, Vec<u32>), u32>,
}

#[derive(Debug)]
struct Capture {
    /// What it is in the surrounding region.
    outer: At,
    /// What it is in the region that it comes from.
    origin: At,
    /// Its slot here.
    slot: u32,
}

#[derive(Debug)]
enum Entry {
    Param,
    Step {
        op: Op,
        args: Vec<u32>,
        results: u32,
    },
}

/// All regions that are being emitted.
#[derive(Debug, Default)]
pub struct Frames {
    stack: Vec<Frame>,
    next: u32,
}

/// A finished region.
#[derive(Debug)]
pub struct Finished {
    /// The region; its parameters are the explicit ones, then the captures.
    pub region: Region,
    /// What the captures are in the surrounding region.
    pub captures: Vec<At>,
    /// What they are in the regions that they come from.
    pub origins: Vec<At>,
}

impl Frames {
    /// Opens a region with these parameters and returns where they are.
    pub fn open(&mut self, params: &[Type]) -> Vec<At> {
        let id = self.next;
        self.next += 1;
        let n = params.len() as u32;
        self.stack.push(Frame {
            id,
            entries: params.iter().map(|_| Entry::Param).collect(),
            types: params.to_vec(),
            explicit: params.len(),
            captures: Vec::new(),
            capture_slots: HashMap::new(),
            known: HashMap::new(),
        });
        (0..n).map(|slot| At { frame: id, slot }).collect()
    }

    /// Ends the innermost region.
    pub fn close(&mut self, results: &[At]) -> Finished {
        let results: Vec<u32> = results.iter().map(|&r| self.local(r)).collect();
        let frame = self.stack.pop().expect("a region is open");
        let captures: Vec<At> = frame.captures.iter().map(|c| c.outer).collect();
        let origins: Vec<At> = frame.captures.iter().map(|c| c.origin).collect();
        // Replays the steps behind all parameters, the captures being the last of them.
        let mut params: Vec<Type> = frame.types[..frame.explicit].to_vec();
        params.extend(
            frame
                .captures
                .iter()
                .map(|c| frame.types[c.slot as usize].clone()),
        );
        let mut builder = Builder::new(params);
        let mut map = vec![Slot(u32::MAX); frame.types.len()];
        for (i, slot) in map.iter_mut().enumerate().take(frame.explicit) {
            *slot = Slot(i as u32);
        }
        for (k, c) in frame.captures.iter().enumerate() {
            map[c.slot as usize] = Slot((frame.explicit + k) as u32);
        }
        let mut next = 0;
        for entry in frame.entries {
            match entry {
                Entry::Param => next += 1,
                Entry::Step { op, args, results } => {
                    let args: Vec<Slot> = args.iter().map(|&a| map[a as usize]).collect();
                    for (k, slot) in builder.emit(op, &args).into_iter().enumerate() {
                        map[next + k] = slot;
                    }
                    next += results as usize;
                }
            }
        }
        let results = results.iter().map(|&r| map[r as usize]).collect();
        Finished {
            region: builder.finish(results),
            captures,
            origins,
        }
    }

    /// Opens the frame of what a session has computed, in which nothing is emitted: what the regions in
    /// it use of that they capture from here.
    pub fn open_givens(&mut self) {
        assert!(self.stack.is_empty(), "givens surround everything");
        self.open(&[]);
    }

    /// Ends that frame.
    pub fn close_givens(&mut self) {
        self.stack.clear();
    }

    /// Adds something given to the outermost frame.
    pub fn add_given(&mut self, ty: Type) -> At {
        let frame = self.stack.first_mut().expect("the frame of what is given");
        let slot = frame.types.len() as u32;
        frame.types.push(ty);
        frame.entries.push(Entry::Param);
        At {
            frame: frame.id,
            slot,
        }
    }

    /// The type of a value that is visible here.
    pub fn ty(&mut self, at: At) -> Type {
        let slot = self.local(at);
        self.stack.last().expect("a region is open").types[slot as usize].clone()
    }

    /// Appends an operation to the innermost region.
    pub fn emit(&mut self, op: Op, args: &[At]) -> Vec<At> {
        let args: Vec<u32> = args.iter().map(|&a| self.local(a)).collect();
        let frame = self.stack.last_mut().expect("a region is open");
        let count = typing::result_count(&op) as u32;
        let key = (op, args);
        let one_for_all = key.0.additive();
        let first = match frame.known.get(&key).filter(|_| one_for_all) {
            Some(&first) => first,
            None => {
                let types: Vec<&Type> = key.1.iter().map(|&a| &frame.types[a as usize]).collect();
                let types = match typing::infer(&key.0, &types) {
                    Ok(types) => types,
                    Err(why) => panic!("ill-typed unary form: {why} in {:?}", key.0),
                };
                let first = frame.types.len() as u32;
                frame.types.extend(types);
                let (op, args) = key.clone();
                frame.entries.push(Entry::Step {
                    op,
                    args,
                    results: count,
                });
                frame.known.insert(key, first);
                first
            }
        };
        (first..first + count)
            .map(|slot| At {
                frame: frame.id,
                slot,
            })
            .collect()
    }

    /// How many regions are open.
    pub fn depth(&self) -> usize {
        self.stack.len()
    }

    /// How many steps the innermost region has.
    pub fn steps(&self) -> usize {
        self.stack.last().map_or(0, |f| f.entries.len())
    }

    /// The slot of a value in the innermost region: its own, or a capture.
    fn local(&mut self, at: At) -> u32 {
        self.local_in(self.stack.len() - 1, at)
    }

    fn local_in(&mut self, depth: usize, at: At) -> u32 {
        if self.stack[depth].id == at.frame {
            return at.slot;
        }
        assert!(depth > 0, "a value from a region that is not open");
        let slot = self.local_in(depth - 1, at);
        let outer = At {
            frame: self.stack[depth - 1].id,
            slot,
        };
        if let Some(&slot) = self.stack[depth].capture_slots.get(&outer) {
            return slot;
        }
        let ty = self.stack[depth - 1].types[slot as usize].clone();
        let frame = &mut self.stack[depth];
        let slot = frame.types.len() as u32;
        frame.types.push(ty);
        frame.entries.push(Entry::Param);
        frame.captures.push(Capture {
            outer,
            origin: at,
            slot,
        });
        frame.capture_slots.insert(outer, slot);
        slot
    }
}
