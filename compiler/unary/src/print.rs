//! Unary form as text, which `parse` reads back exactly.
//!
//! ```text
//! function @square(%0: f64) {
//!     %1: f64 = mul %0, %0
//!     yield %1
//! }
//!
//! entry(%0: f64[3], %1: f64) {
//!     %2: f64 = loop 3 (; %0; %1) body(%0: int, %1: f64, %2: f64) {
//!         %3: f64 = call @square(%1)
//!         %4: f64 = add %2, %3
//!         yield %4
//!     }
//!     yield %2
//! }
//! ```
//!
//! A loop's arguments are its captures, its arrays and its initial states; `limited` and `solved f64 1e-9`
//! after its length say that the first state is its limit.
//! Functions stand before those that call them, each once; `#2` tells apart a second one of a name.
//! What a step's type already says (the target of a conversion, the shape of a broadcast) is not repeated.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fmt::Write;
use std::sync::Arc;

use crate::carrier::{Literal, Type};
use crate::prim::Prim;
use crate::syntax::{Ends, Function, Op, Region, Slot, Step};

/// The text of a region, with all functions that it calls.
pub fn print(region: &Region) -> String {
    let mut printer = Printer::default();
    printer.functions_of(region);
    printer.out.push_str("entry");
    printer.region(region, 0);
    printer.out.push('\n');
    printer.out
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print(self))
    }
}

#[derive(Default)]
struct Printer {
    out: String,
    /// How each function is called.
    names: HashMap<Arc<Function>, String>,
    /// The names that are taken.
    taken: HashSet<String>,
}

impl Printer {
    /// Writes the functions that a region calls and that are not yet written.
    fn functions_of(&mut self, region: &Region) {
        for step in region.steps() {
            match &step.op {
                Op::Prim(_) => {}
                Op::Loop(l) => self.functions_of(&l.body),
                Op::Cond { then, otherwise } => {
                    self.functions_of(then);
                    self.functions_of(otherwise);
                }
                Op::Call(f) | Op::Reverse(f) | Op::Forward(f) => self.function(f),
                Op::Lens(l) => {
                    self.function(&l.get);
                    self.function(&l.put);
                }
            }
        }
    }

    fn function(&mut self, function: &Arc<Function>) {
        if self.names.contains_key(function) {
            return;
        }
        self.functions_of(&function.region);
        let name = self.fresh(&function.name);
        self.out.push_str("function ");
        self.out.push_str(&name);
        self.region(&function.region, 0);
        self.out.push_str("\n\n");
        self.names.insert(function.clone(), name);
    }

    fn fresh(&mut self, name: &str) -> String {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '\'');
        let base = if !name.is_empty() && name.chars().all(plain) {
            format!("@{name}")
        } else {
            format!("@{name:?}")
        };
        let mut fresh = base.clone();
        let mut count = 1;
        while !self.taken.insert(fresh.clone()) {
            count += 1;
            fresh = format!("{base}#{count}");
        }
        fresh
    }

    fn region(&mut self, region: &Region, depth: usize) {
        let params = (0..region.params().len()).map(|i| {
            let slot = Slot(i as u32);
            typed(slot, region.ty(slot))
        });
        let params: Vec<String> = params.collect();
        self.write(format_args!("({}) {{\n", params.join(", ")));
        for (first, step) in region.numbered() {
            self.indent(depth + 1);
            self.step(first, step, depth + 1);
            self.out.push('\n');
        }
        self.indent(depth + 1);
        self.write(format_args!("yield{}", spaced(region.results())));
        self.out.push('\n');
        self.indent(depth);
        self.out.push('}');
    }

    fn step(&mut self, first: Slot, step: &Step, depth: usize) {
        let results = step.types.iter().enumerate();
        let results: Vec<String> = results
            .map(|(k, ty)| typed(Slot(first.0 + k as u32), ty))
            .collect();
        self.write(format_args!("{} = ", results.join(", ")));
        let all = list(&step.args);
        match &step.op {
            Op::Prim(prim) => {
                self.write(format_args!("{}{}", prim.row().name, settings(prim)));
                self.out.push_str(&spaced(&step.args));
            }
            Op::Loop(l) => {
                let (consts, rest) = step.args.split_at(l.consts);
                let (xs, states) = rest.split_at(l.xs);
                let way = if l.backward { " backward" } else { "" };
                let ends = match l.ends {
                    Ends::Counted => String::new(),
                    Ends::Limited => " limited".to_string(),
                    Ends::Solved { tolerance } => {
                        let number = literal_text(tolerance);
                        format!(" solved {} {number}", tolerance.carrier())
                    }
                };
                let (consts, xs, states) = (list(consts), list(xs), list(states));
                self.write(format_args!(
                    "loop {}{way}{ends} ({consts}; {xs}; {states}) body",
                    l.n
                ));
                self.region(&l.body, depth);
            }
            Op::Cond { then, otherwise } => {
                let captures = list(&step.args[1..]);
                self.write(format_args!("cond {} ({captures}) then", step.args[0]));
                self.region(then, depth);
                self.out.push_str(" else");
                self.region(otherwise, depth);
            }
            Op::Call(f) => self.write_call("call", f, &all),
            Op::Reverse(f) => self.write_call("reverse", f, &all),
            Op::Forward(f) => self.write_call("forward", f, &all),
            Op::Lens(l) => {
                let (get, put) = (self.names[&l.get].clone(), self.names[&l.put].clone());
                self.write(format_args!("lens {get} put {put}({all})"));
            }
        }
    }

    fn write_call(&mut self, word: &str, function: &Arc<Function>, args: &str) {
        let name = self.names[function].clone();
        self.write(format_args!("{word} {name}({args})"));
    }

    fn indent(&mut self, depth: usize) {
        for _ in 0..depth {
            self.out.push_str("    ");
        }
    }

    fn write(&mut self, text: fmt::Arguments<'_>) {
        self.out.write_fmt(text).expect("a string takes any text");
    }
}

fn typed(slot: Slot, ty: &Type) -> String {
    format!("{slot}: {ty}")
}

fn list(slots: &[Slot]) -> String {
    let slots: Vec<String> = slots.iter().map(Slot::to_string).collect();
    slots.join(", ")
}

fn spaced(slots: &[Slot]) -> String {
    if slots.is_empty() {
        String::new()
    } else {
        format!(" {}", list(slots))
    }
}

/// What a primitive holds besides what its type says.
fn settings(prim: &Prim) -> String {
    match prim {
        Prim::Literal(literal) => format!(" {}", literal_text(*literal)),
        Prim::Iota(_)
        | Prim::Unary(_)
        | Prim::Binary(_)
        | Prim::Compare(_)
        | Prim::Select
        | Prim::Convert(_)
        | Prim::Reshape(_)
        | Prim::RandomSplit(_)
        | Prim::RandomFold
        | Prim::Linalg(_) => String::new(),
        Prim::Broadcast { axes, .. } => format!("{{axes={axes:?}}}"),
        // Which axes are a batch of keys, the type does not say.
        Prim::RandomBits(shape) => format!("{{shape={shape:?}}}"),
        Prim::Transpose(perm) => format!("{{perm={perm:?}}}"),
        Prim::Slice { start, step, .. } => format!("{{start={start:?}, step={step:?}}}"),
        Prim::Pad {
            before,
            after,
            between,
        } => format!("{{before={before:?}, after={after:?}, between={between:?}}}"),
        Prim::Concat(axis) | Prim::ArgMax(axis) | Prim::ArgMin(axis) => {
            format!("{{axis={axis}}}")
        }
        Prim::ArgSort { descending } => format!("{{descending={descending}}}"),
        Prim::Flip(axes) | Prim::Reduce { axes, .. } => format!("{{axes={axes:?}}}"),
        Prim::Scan {
            axis,
            exclusive,
            reverse,
            ..
        } => format!("{{axis={axis}, exclusive={exclusive}, reverse={reverse}}}"),
        Prim::Contract { batch, sum } => format!("{{batch={}, sum={}}}", pairs(batch), pairs(sum)),
        Prim::Gather { axes, site } | Prim::ScatterAdd { axes, site } => {
            format!("{{axes={axes}, site={}}}", site.0)
        }
        Prim::Trace(name) => format!("{{name={name:?}}}"),
    }
}

fn pairs(pairs: &[(usize, usize)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(i, j)| format!("{i}:{j}")).collect();
    format!("[{}]", pairs.join(", "))
}

/// The number, or for a NaN its bits, since there are many.
fn literal_text(literal: Literal) -> String {
    if literal.carrier().is_real() && literal.as_f64().is_nan() {
        format!("nan:{:x}", literal.bits())
    } else {
        literal.to_string()
    }
}
