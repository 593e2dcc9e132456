//! Cuts a long region into pieces that are treated one by one.
//!
//! *Before*: any region, and what is to be done with a piece.
//! *After*: the same results. A piece is a run of steps as a region of its own: what it reads of the pieces
//! before it are its parameters, what the pieces after it read are its results. Constants are copied into
//! every piece that reads them, so that they are known there.
//! *Size*: that of the pieces.
//!
//! What is done with a region often costs more than linearly in its length; done with pieces of bounded
//! length, it costs linearly in the length of the whole.

use std::collections::HashMap;
use std::ops::Range;

use lentil_unary::{Builder, Op, Prim, Region, Slot, Step, Type};

/// The region with each run of at most `most` steps replaced by what `treat` makes of it.
pub fn by_pieces(region: &Region, most: usize, treat: &mut dyn FnMut(&Region) -> Region) -> Region {
    let end = region.steps().len();
    if end <= most {
        return treat(region);
    }
    let whole = Whole::of(region);
    // The last piece first: so it is known what the pieces after one still read of it.
    let mut wanted = vec![false; region.slots().len()];
    mark(&mut wanted, region.results());
    let mut pieces = Vec::new();
    for start in (0..end).step_by(most).rev() {
        let mut piece = whole.cut(start..end.min(start + most), &wanted);
        piece.region = treat(&piece.region);
        mark(&mut wanted, &piece.reads());
        pieces.push(piece);
    }
    let mut b = Builder::new(region.params().to_vec());
    let mut made: HashMap<Slot, Slot> = b.param_slots().into_iter().map(|s| (s, s)).collect();
    for piece in pieces.iter().rev() {
        piece.append(&mut b, &mut made);
    }
    let results = region.results().iter();
    let results = results.map(|&slot| whole.value(slot, &mut b, &made));
    let results = results.collect();
    b.finish(results)
}

fn mark(slots: &mut [bool], marked: &[Slot]) {
    for slot in marked {
        slots[slot.index()] = true;
    }
}

/// A region with what is asked of it often.
struct Whole<'r> {
    region: &'r Region,
    steps: Vec<(Slot, &'r Step)>,
    /// The step that makes each slot that is no parameter.
    makers: Vec<Option<usize>>,
    /// Which steps make constants.
    constant: Vec<bool>,
}

/// A part of it.
struct Piece {
    region: Region,
    /// What its parameters are in the whole.
    params: Vec<Slot>,
    /// What its results are in the whole.
    results: Vec<Slot>,
}

impl Whole<'_> {
    fn of(region: &Region) -> Whole<'_> {
        let mut whole = Whole {
            region,
            steps: region.numbered().collect(),
            makers: vec![None; region.params().len()],
            constant: Vec::new(),
        };
        for (k, step) in region.steps().iter().enumerate() {
            let constant = match &step.op {
                Op::Prim(Prim::Literal(_) | Prim::Iota(_)) => true,
                Op::Prim(Prim::Broadcast { .. }) => whole.is_constant(step.args[0]),
                _ => false,
            };
            whole.constant.push(constant);
            whole.makers.extend(step.types.iter().map(|_| Some(k)));
        }
        whole
    }

    fn is_constant(&self, slot: Slot) -> bool {
        self.makers[slot.index()].is_some_and(|step| self.constant[step])
    }

    /// A slot that is made already, or a constant, which is made here.
    fn value(&self, slot: Slot, b: &mut Builder, made: &HashMap<Slot, Slot>) -> Slot {
        match self.makers[slot.index()] {
            Some(step) if self.constant[step] => {
                let (_, step) = self.steps[step];
                let args = step.args.iter().map(|&arg| self.value(arg, b, made));
                let args: Vec<Slot> = args.collect();
                b.emit(step.op.clone(), &args)[0]
            }
            Some(_) | None => made[&slot],
        }
    }

    /// The steps of a range as a piece, which gives those of its slots that are wanted.
    fn cut(&self, range: Range<usize>, wanted: &[bool]) -> Piece {
        let begin = self.steps[range.start].0;
        let own = || range.clone().filter(|&k| !self.constant[k]);
        let read = own().flat_map(|k| &self.steps[k].1.args).copied();
        let mut params: Vec<Slot> = read
            .filter(|&slot| slot < begin && !self.is_constant(slot))
            .collect();
        params.sort_unstable();
        params.dedup();
        let types: Vec<Type> = params.iter().map(|&s| self.region.ty(s).clone()).collect();
        let mut b = Builder::new(types);
        let mut made: HashMap<Slot, Slot> = params.iter().copied().zip(b.param_slots()).collect();
        let mut results = Vec::new();
        for k in own() {
            let (first, step) = self.steps[k];
            let args = step.args.iter().map(|&arg| self.value(arg, &mut b, &made));
            let args: Vec<Slot> = args.collect();
            for (k, slot) in b.emit(step.op.clone(), &args).into_iter().enumerate() {
                let outer = Slot(first.0 + k as u32);
                made.insert(outer, slot);
                if wanted[outer.index()] {
                    results.push(outer);
                }
            }
        }
        let region = b.finish(results.iter().map(|slot| made[slot]).collect());
        Piece {
            region,
            params,
            results,
        }
    }
}

impl Piece {
    /// What it reads of the whole.
    fn reads(&self) -> Vec<Slot> {
        let args = self.region.steps().iter().flat_map(|step| &step.args);
        let read = args.chain(self.region.results());
        read.filter_map(|slot| self.params.get(slot.index()).copied())
            .collect()
    }

    /// Appends its steps. What it reads is made.
    fn append(&self, b: &mut Builder, made: &mut HashMap<Slot, Slot>) {
        // A parameter that it does not read may be made no more.
        let params = self.params.iter().map(|slot| made.get(slot).copied());
        let mut map: Vec<Option<Slot>> = params.collect();
        let there = |map: &[Option<Slot>], slot: &Slot| {
            map[slot.index()].expect("what a piece reads is made by those before it")
        };
        for step in self.region.steps() {
            let args: Vec<Slot> = step.args.iter().map(|slot| there(&map, slot)).collect();
            map.extend(b.emit(step.op.clone(), &args).into_iter().map(Some));
        }
        for (&outer, slot) in self.results.iter().zip(self.region.results()) {
            made.insert(outer, there(&map, slot));
        }
    }
}
