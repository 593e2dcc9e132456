//! Reads the text that `print` writes.

mod prim;
mod scan;

use std::collections::HashMap;
use std::sync::Arc;

use crate::carrier::{Carrier, Type};
use crate::check::check_type;
use crate::syntax::{Ends, Function, Lens, Loop, Op, Region, Slot, Step};
use crate::typing::infer;

/// How deep bodies may stand in each other.
const DEPTH: usize = 100;

/// The region that a text describes, or what is wrong with the text and on which line.
///
/// ```
/// use lentil_unary::{parse::parse, print::print};
/// let text = "entry(%0: f64) {\n    %1: f64 = mul %0, %0\n    yield %1\n}\n";
/// let square = parse(text).unwrap();
/// assert_eq!(print(&square), text);
/// ```
pub fn parse(text: &str) -> Result<Region, String> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        functions: HashMap::new(),
    };
    parser.program().map_err(|why| {
        let line = 1 + text[..parser.at].matches('\n').count();
        format!("line {line}: {why}")
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    functions: HashMap<String, Arc<Function>>,
}

type Parsed<T> = Result<T, String>;

impl Parser<'_> {
    fn program(&mut self) -> Parsed<Region> {
        while self.eat("function ") {
            let (key, name) = self.function_name()?;
            let region = self.region()?;
            let function = Arc::new(Function { name, region });
            if self.functions.insert(key.clone(), function).is_some() {
                return Err(format!("a second function {key}"));
            }
        }
        self.expect("entry")?;
        let region = self.region()?;
        self.space();
        if self.at < self.text.len() {
            return Err("text after the entry".to_string());
        }
        Ok(region)
    }

    /// A function's unique name and its own name.
    fn function_name(&mut self) -> Parsed<(String, String)> {
        self.expect("@")?;
        let start = self.at;
        let name = if self.rest().starts_with('"') {
            self.quoted()?
        } else {
            self.word(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '\''))?
        };
        if self.rest().starts_with('#') {
            self.at += 1;
            self.number()?;
        }
        Ok((self.text[start..self.at].to_string(), name))
    }

    fn region(&mut self) -> Parsed<Region> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("bodies nested too deep".to_string());
        }
        self.expect("(")?;
        let mut slots: Vec<Type> = Vec::new();
        while !self.eat(")") {
            if !slots.is_empty() {
                self.expect(",")?;
            }
            let ty = self.typed(slots.len())?;
            slots.push(ty);
        }
        let params = slots.clone();
        self.expect("{")?;
        let mut steps = Vec::new();
        while !self.eat("yield") {
            let step = self.step(&slots)?;
            slots.extend(step.types.iter().cloned());
            steps.push(step);
        }
        let results = self.slots(slots.len())?;
        self.expect("}")?;
        self.depth -= 1;
        Ok(Region::new(params, steps, results))
    }

    /// A slot that must have this number, and its type.
    fn typed(&mut self, number: usize) -> Parsed<Type> {
        self.expect(&format!("%{number}:"))?;
        self.ty()
    }

    fn ty(&mut self) -> Parsed<Type> {
        let carrier = self.carrier()?;
        let shape = if self.rest().starts_with('[') {
            self.numbers()?
        } else {
            Vec::new()
        };
        let ty = Type { carrier, shape };
        check_type(&ty)?;
        Ok(ty)
    }

    fn carrier(&mut self) -> Parsed<Carrier> {
        let word = self.word(|c| c.is_ascii_alphanumeric())?;
        Ok(match word.as_str() {
            "f32" => Carrier::F32,
            "f64" => Carrier::F64,
            "bit" => Carrier::Bit,
            "int" => Carrier::Int,
            "bool" => Carrier::Bool,
            other => match other.strip_prefix("mod").and_then(|n| n.parse().ok()) {
                Some(n) => Carrier::Mod(n),
                None => return Err(format!("no carrier is named {other}")),
            },
        })
    }

    fn step(&mut self, slots: &[Type]) -> Parsed<Step> {
        let mut types = Vec::new();
        if !self.eat("=") {
            types.push(self.typed(slots.len())?);
            while self.eat(",") {
                types.push(self.typed(slots.len() + types.len())?);
            }
            self.expect("=")?;
        }
        let (op, args) = self.op(&types, slots.len())?;
        let arg_types: Vec<&Type> = args.iter().map(|a| &slots[a.index()]).collect();
        let inferred = infer(&op, &arg_types)?;
        if inferred != types {
            return Err("a step of another type than it has".to_string());
        }
        for ty in &inferred {
            check_type(ty)?;
        }
        Ok(Step { op, args, types })
    }

    fn op(&mut self, types: &[Type], known: usize) -> Parsed<(Op, Vec<Slot>)> {
        let word = self.word(|c| c.is_ascii_alphanumeric() || c == '_')?;
        match word.as_str() {
            "loop" => self.loop_op(known),
            "cond" => self.cond_op(known),
            "call" => self.call(known, Op::Call),
            "reverse" => self.call(known, Op::Reverse),
            "forward" => self.call(known, Op::Forward),
            "lens" => self.lens_op(known),
            _ => {
                let [ty, ..] = types else {
                    return Err("a primitive has a result".to_string());
                };
                let prim = self.prim(&word, ty)?;
                Ok((Op::Prim(prim), self.slots(known)?))
            }
        }
    }

    fn loop_op(&mut self, known: usize) -> Parsed<(Op, Vec<Slot>)> {
        let n = self.number()?;
        let backward = self.eat("backward");
        let ends = self.ends()?;
        self.expect("(")?;
        let consts = self.slots(known)?;
        self.expect(";")?;
        let xs = self.slots(known)?;
        self.expect(";")?;
        let states = self.slots(known)?;
        self.expect(")")?;
        self.expect("body")?;
        let op = Op::Loop(Loop {
            n,
            backward,
            ends,
            consts: consts.len(),
            xs: xs.len(),
            states: states.len(),
            body: Arc::new(self.region()?),
        });
        Ok((op, [consts, xs, states].concat()))
    }

    fn ends(&mut self) -> Parsed<Ends> {
        if self.eat("limited") {
            return Ok(Ends::Limited);
        }
        if self.eat("solved") {
            let carrier = self.carrier()?;
            let tolerance = self.literal(carrier)?;
            return Ok(Ends::Solved { tolerance });
        }
        Ok(Ends::Counted)
    }

    fn cond_op(&mut self, known: usize) -> Parsed<(Op, Vec<Slot>)> {
        let mut args = vec![self.slot(known)?];
        self.expect("(")?;
        args.extend(self.slots(known)?);
        self.expect(")")?;
        self.expect("then")?;
        let then = Arc::new(self.region()?);
        self.expect("else")?;
        let otherwise = Arc::new(self.region()?);
        Ok((Op::Cond { then, otherwise }, args))
    }

    fn call(&mut self, known: usize, op: fn(Arc<Function>) -> Op) -> Parsed<(Op, Vec<Slot>)> {
        let function = self.named_function()?;
        self.expect("(")?;
        let args = self.slots(known)?;
        self.expect(")")?;
        Ok((op(function), args))
    }

    fn lens_op(&mut self, known: usize) -> Parsed<(Op, Vec<Slot>)> {
        let get = self.named_function()?;
        self.expect("put")?;
        let put = self.named_function()?;
        self.expect("(")?;
        let args = self.slots(known)?;
        self.expect(")")?;
        Ok((Op::Lens(Arc::new(Lens::new(get, put))), args))
    }

    fn named_function(&mut self) -> Parsed<Arc<Function>> {
        let (key, _) = self.function_name()?;
        let function = self.functions.get(&key).cloned();
        function.ok_or_else(|| format!("no function {key} stands before"))
    }

    fn slots(&mut self, known: usize) -> Parsed<Vec<Slot>> {
        let mut slots = Vec::new();
        // On the same line: a slot on the next one begins the next step.
        if !self.rest().trim_start_matches(' ').starts_with('%') {
            return Ok(slots);
        }
        slots.push(self.slot(known)?);
        while self.eat(",") {
            slots.push(self.slot(known)?);
        }
        Ok(slots)
    }

    fn slot(&mut self, known: usize) -> Parsed<Slot> {
        self.expect("%")?;
        let number = self.number()?;
        if number >= known {
            return Err(format!("%{number} is read before it is made"));
        }
        Ok(Slot(number as u32))
    }
}

#[cfg(test)]
mod tests;
