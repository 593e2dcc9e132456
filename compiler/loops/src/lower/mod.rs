//! Lowers unary form to loop form.
//!
//! *Before*: a resolved region (no `Reverse`, no `Forward`).
//! *After*: a program that `check` accepts and that computes the same, bit for bit if `exact`.
//! *Size*: one nest for each group of fused slots, one step for each other operation; a function that is
//! called is lowered once, however often it is called.
//!
//! Parameters and results of a function lie behind its table; a loop's states lie in one buffer each, which its
//! body overwrites in place where nothing reads the old state any more (`region.rs`, `finish`).

mod contract;
mod control;
mod map;
mod nest;
mod prim;
mod region;
pub mod view;
mod window;

use std::collections::HashMap;
use std::sync::Arc;

use lentil_unary as unary;
use lentil_unary::{Carrier, Op, Prim, Region, Type};

use crate::options::{Options, Refusal};
use crate::plan;
use crate::syntax::{Buffer, BufferId, Function, Place, Program, Shown, Var, element_bytes};
use region::{Around, Lowering, Target};
use view::{Value, View};

/// Lowers a region, or says why it cannot be.
pub fn lower(region: &Region, options: &Options) -> Result<Program, Refusal> {
    let mut session = Session {
        options: options.clone(),
        functions: Vec::new(),
        known: HashMap::new(),
        shown: Vec::new(),
    };
    session.refuse(region, &mut HashMap::new())?;
    session.function("main", region)?;
    Ok(Program {
        functions: session.functions,
        lanes: options.lanes,
        exact: options.exact,
        params: region.params().to_vec(),
        results: region.result_types(),
        shown: session.shown,
    })
}

/// What all functions share.
pub struct Session {
    /// The options.
    pub options: Options,
    functions: Vec<Function>,
    known: HashMap<Arc<unary::Function>, usize>,
    shown: Vec<Shown>,
}

/// The function that is being lowered.
#[derive(Default)]
pub struct Unit {
    buffers: Vec<Buffer>,
    vars: Vec<Carrier>,
}

impl Unit {
    /// A new variable.
    pub fn var(&mut self, carrier: Carrier) -> Var {
        self.vars.push(carrier);
        Var(self.vars.len() as u32 - 1)
    }

    /// The carrier of a variable.
    pub fn carrier(&self, var: Var) -> Carrier {
        self.vars[var.index()]
    }

    /// A new buffer in the frame.
    pub fn buffer(&mut self, carrier: Carrier, len: usize) -> BufferId {
        self.push(carrier, len, Place::Frame(0))
    }

    /// A new array in the frame.
    pub fn temp(&mut self, ty: &Type) -> View {
        View::whole(self.buffer(ty.carrier, ty.len()), &ty.shape)
    }

    fn push(&mut self, carrier: Carrier, len: usize, place: Place) -> BufferId {
        self.buffers.push(Buffer {
            carrier,
            len,
            place,
        });
        BufferId(self.buffers.len() as u32 - 1)
    }
}

impl Session {
    /// The number of the function that a call names; lowers it at its first call.
    pub fn called(&mut self, f: &Arc<unary::Function>) -> Result<usize, Refusal> {
        if let Some(&index) = self.known.get(f) {
            return Ok(index);
        }
        let index = self.function(&f.name, &f.region)?;
        self.known.insert(f.clone(), index);
        Ok(index)
    }

    /// The number of something that is shown when it is computed.
    pub fn shown(&mut self, name: &Arc<str>, ty: &Type) -> usize {
        self.shown.push(Shown {
            name: name.clone(),
            ty: ty.clone(),
        });
        self.shown.len() - 1
    }

    /// The frame of a finished function.
    pub fn frame(&self, function: usize) -> usize {
        self.functions[function].frame
    }

    fn function(&mut self, name: &str, region: &Region) -> Result<usize, Refusal> {
        let mut unit = Unit::default();
        let results = region.result_types();
        let mut table = |ty: &Type| {
            let k = unit.buffers.len();
            View::whole(unit.push(ty.carrier, ty.len(), Place::Table(k)), &ty.shape)
        };
        let params: Vec<Value> = (region.params().iter())
            .map(|t| Value::View(table(t)))
            .collect();
        let targets = results.iter().map(|t| Target::Fresh(table(t))).collect();
        let owned = vec![false; params.len()];
        let around = Around::of(region);
        let body = Lowering::run(self, &mut unit, region, around, params, owned, targets)?;
        let mut function = Function {
            name: name.to_string(),
            buffers: unit.buffers,
            params: region.params().len(),
            results: results.len(),
            vars: unit.vars,
            body,
            frame: 0,
        };
        plan::place(&mut function, self.options.lanes);
        let limit = self.options.memory_limit;
        let own = (function.buffers.iter())
            .filter(|b| matches!(b.place, Place::Table(_)))
            .try_fold(function.frame, |sum, b| {
                sum.checked_add(
                    b.len
                        .checked_mul(element_bytes(b.carrier, self.options.lanes))?,
                )
            });
        match own {
            Some(bytes) if bytes <= limit => {}
            bytes => return Err(Refusal::Memory { bytes, limit }),
        }
        self.functions.push(function);
        Ok(self.functions.len() - 1)
    }

    /// Refuses what cannot be lowered, before anything is.
    fn refuse(
        &self,
        region: &Region,
        known: &mut HashMap<Arc<unary::Function>, ()>,
    ) -> Result<(), Refusal> {
        for ty in region.slots() {
            self.countable(ty)?;
        }
        for step in region.steps() {
            match &step.op {
                Op::Prim(prim) => self.refuse_prim(region, prim, &step.args)?,
                Op::Loop(l) => self.refuse(&l.body, known)?,
                Op::Cond { then, otherwise } => {
                    self.refuse(then, known)?;
                    self.refuse(otherwise, known)?;
                }
                Op::Call(f) => {
                    if known.insert(f.clone(), ()).is_none() {
                        self.refuse(&f.region, known)?;
                    }
                }
                Op::Reverse(_) => return Err(Refusal::Unresolved("reverse")),
                Op::Forward(_) => return Err(Refusal::Unresolved("forward")),
                Op::Lens(_) => return Err(Refusal::Unresolved("lens")),
            }
        }
        Ok(())
    }

    /// Index arithmetic is in 64 bits: a number of elements must fit with room to spare.
    fn countable(&self, ty: &Type) -> Result<(), Refusal> {
        let len = (ty.shape.iter()).try_fold(1_usize, |n, &axis| n.checked_mul(axis.max(1)));
        match len {
            Some(len) if len < 1 << 48 => Ok(()),
            _ => Err(Refusal::Memory {
                bytes: None,
                limit: self.options.memory_limit,
            }),
        }
    }

    fn refuse_prim(
        &self,
        region: &Region,
        prim: &Prim,
        args: &[unary::Slot],
    ) -> Result<(), Refusal> {
        let of_bits = |k: usize| {
            args.get(k)
                .is_some_and(|&a| region.ty(a).carrier == Carrier::Bit)
        };
        match prim {
            Prim::Compare(_) if self.options.lanes && of_bits(0) => {
                Err(Refusal::Lanes("comparison of bits"))
            }
            Prim::Convert(to) if self.options.lanes && of_bits(0) && *to != Carrier::Bit => {
                Err(Refusal::Lanes("conversion of bits"))
            }
            Prim::Trace(_) if self.options.lanes => Err(Refusal::Lanes("trace")),
            _ => Ok(()),
        }
    }
}
