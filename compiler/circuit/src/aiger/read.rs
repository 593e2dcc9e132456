//! Reads AIGER files, from anywhere: nothing in a file is trusted.
//!
//! The counts in the header are checked against the length of the file before anything is allocated.
//! The netlist is simplified as it is built, so it may be smaller than the file says, never larger;
//! three conjunctions that make an exclusive or become one gate.

use std::collections::HashMap;

use super::text::{Place, ReadError, Text};
use crate::netlist::{Builder, Netlist, Wire};

/// The most inputs a file may have: in the binary format they take no bytes, so that nothing else bounds them.
const MOST_INPUTS: u64 = 1 << 20;
/// The greatest variable: literals stay below 2^32.
const MOST_VARIABLES: u64 = (1 << 31) - 1;

/// The combinational circuit in an AIGER file, ASCII or binary.
/// Latches and the properties of AIGER 1.9 are refused. Inputs and outputs without a symbol are called
/// `i0`, `i1`, … and `o0`, `o1`, ….
pub fn read(bytes: &[u8]) -> Result<Netlist, ReadError> {
    let mut text = Text::new(bytes);
    let header = header(&mut text)?;
    let file = match header.format {
        Format::Ascii => ascii(&mut text, &header)?,
        Format::Binary => binary(&mut text, &header)?,
    };
    let names = symbols(&mut text, &header)?;
    build(file, names)
}

enum Format {
    Ascii,
    Binary,
}

struct Header {
    format: Format,
    variables: u64,
    inputs: usize,
    outputs: usize,
    ands: usize,
}

/// The circuit as the file gives it, in literals: twice a variable, plus one if inverted.
struct File {
    inputs: Vec<(u64, Place)>,
    outputs: Vec<(u64, Place)>,
    ands: Vec<And>,
}

struct And {
    variable: u64,
    args: [u64; 2],
    place: Place,
}

fn header(text: &mut Text<'_>) -> Result<Header, ReadError> {
    let line = text.line("the header")?;
    let (format, counts) = match (line.strip_prefix(b"aag "), line.strip_prefix(b"aig ")) {
        (Some(counts), _) => (Format::Ascii, counts),
        (_, Some(counts)) => (Format::Binary, counts),
        (None, None) => return text.error("no AIGER file: it does not begin with `aag` or `aig`"),
    };
    let counts = text.split(counts)?;
    let [variables, inputs, latches, outputs, ands, properties @ ..] = &counts[..] else {
        return text.error("a header wants five counts: variables, inputs, latches, outputs, ands");
    };
    if *latches > 0 {
        return text.error(format!(
            "{latches} latches: only combinational circuits can be read"
        ));
    }
    if properties.len() > 4 {
        return text.error("a header has at most nine counts");
    }
    if properties.iter().any(|&n| n > 0) {
        return text.error("bad states, constraints, justice and fairness cannot be read");
    }
    if *variables > MOST_VARIABLES {
        return text.error(format!("more than {MOST_VARIABLES} variables"));
    }
    if *inputs > MOST_INPUTS {
        return text.error(format!(
            "{inputs} inputs; at most {MOST_INPUTS} can be read"
        ));
    }
    // Every output takes two bytes at least, every gate six in ASCII and two in binary.
    let (input_bytes, and_bytes) = match format {
        Format::Ascii => (2, 6),
        Format::Binary => (0, 2),
    };
    let bytes = [(*inputs, input_bytes), (*outputs, 2), (*ands, and_bytes)]
        .iter()
        .try_fold(0u64, |sum, (n, each)| {
            sum.checked_add(n.checked_mul(*each)?)
        });
    // The last line may lack its end.
    if bytes.is_none_or(|bytes| bytes > text.left() as u64 + 1) {
        return text.error("the header counts more than the file holds");
    }
    // No overflow: each of the two is bounded by now.
    if inputs + ands > *variables {
        return text.error(format!(
            "{variables} variables are too few for {inputs} inputs and {ands} ands"
        ));
    }
    if matches!(format, Format::Binary) && inputs + ands != *variables {
        return text.error("in the binary format the variables are the inputs and the ands");
    }
    Ok(Header {
        format,
        variables: *variables,
        inputs: *inputs as usize,
        outputs: *outputs as usize,
        ands: *ands as usize,
    })
}

fn ascii(text: &mut Text<'_>, header: &Header) -> Result<File, ReadError> {
    let mut inputs = Vec::with_capacity(header.inputs);
    for _ in 0..header.inputs {
        let [literal] = text.numbers("an input")?;
        inputs.push((defined(text, header, literal)?, text.place()));
    }
    let outputs = outputs(text, header)?;
    let mut ands = Vec::with_capacity(header.ands);
    for _ in 0..header.ands {
        let [left, x, y] = text.numbers("an and gate")?;
        ands.push(And {
            variable: defined(text, header, left)?,
            args: [used(text, header, x)?, used(text, header, y)?],
            place: text.place(),
        });
    }
    Ok(File {
        inputs,
        outputs,
        ands,
    })
}

fn binary(text: &mut Text<'_>, header: &Header) -> Result<File, ReadError> {
    let outputs = outputs(text, header)?;
    let mut ands = Vec::with_capacity(header.ands);
    for k in 0..header.ands {
        let variable = (1 + header.inputs + k) as u64;
        // Deltas count down from the gate's own literal: nothing can be read before it is made.
        let mut literal = 2 * variable;
        let mut args = [0; 2];
        for (i, arg) in args.iter_mut().enumerate() {
            let delta = text.delta()?;
            if delta > literal || (i == 0 && delta == 0) {
                return text.error(format!("gate {variable} reads literal {literal} - {delta}"));
            }
            literal -= delta;
            *arg = literal;
        }
        let place = text.place();
        ands.push(And {
            variable,
            args,
            place,
        });
    }
    Ok(File {
        inputs: (1..=header.inputs as u64)
            .map(|variable| (variable, text.place()))
            .collect(),
        outputs,
        ands,
    })
}

fn outputs(text: &mut Text<'_>, header: &Header) -> Result<Vec<(u64, Place)>, ReadError> {
    let mut outputs = Vec::with_capacity(header.outputs);
    for _ in 0..header.outputs {
        let [literal] = text.numbers("an output")?;
        outputs.push((used(text, header, literal)?, text.place()));
    }
    Ok(outputs)
}

/// The variable of a literal that an input or a gate defines.
fn defined(text: &Text<'_>, header: &Header, literal: u64) -> Result<u64, ReadError> {
    if literal < 2 || literal % 2 == 1 {
        return text.error(format!(
            "literal {literal} cannot be defined: it is constant or inverted"
        ));
    }
    Ok(used(text, header, literal)? / 2)
}

fn used(text: &Text<'_>, header: &Header, literal: u64) -> Result<u64, ReadError> {
    if literal / 2 > header.variables {
        return text.error(format!(
            "literal {literal} is beyond the {} variables of the header",
            header.variables
        ));
    }
    Ok(literal)
}

/// The symbol table and the comment, which ends the file: the names of inputs and outputs.
fn symbols(text: &mut Text<'_>, header: &Header) -> Result<[Vec<String>; 2], ReadError> {
    let mut inputs: Vec<Option<String>> = vec![None; header.inputs];
    let mut outputs: Vec<Option<String>> = vec![None; header.outputs];
    while text.left() > 0 {
        let line = text.line("a symbol")?;
        if line == b"c" {
            break;
        }
        let (names, kind, rest) = match line.split_first() {
            Some((b'i', rest)) => (&mut inputs, "input", rest),
            Some((b'o', rest)) => (&mut outputs, "output", rest),
            Some(_) | None => {
                return text.error("neither a symbol (`i0 name`, `o0 name`) nor a comment (`c`)");
            }
        };
        let space = rest.iter().position(|&b| b == b' ').unwrap_or(rest.len());
        let Some(name) = rest.get(space + 1..) else {
            return text.error("a symbol without a name");
        };
        let [index] = text.split(&rest[..space])?[..] else {
            return text.error("a symbol without a number");
        };
        let Ok(name) = std::str::from_utf8(name) else {
            return text.error("a name that is not UTF-8");
        };
        match usize::try_from(index).ok().and_then(|i| names.get_mut(i)) {
            Some(slot @ None) => *slot = Some(name.to_string()),
            Some(Some(_)) => return text.error(format!("{kind} {index} is named twice")),
            None => return text.error(format!("there is no {kind} {index} to name")),
        }
    }
    let or_default = |names: Vec<Option<String>>, letter: char| {
        let named = names.into_iter().enumerate();
        named
            .map(|(i, name)| name.unwrap_or_else(|| format!("{letter}{i}")))
            .collect()
    };
    Ok([or_default(inputs, 'i'), or_default(outputs, 'o')])
}

/// What is known of a gate while the netlist is built.
#[derive(Clone, Copy)]
enum State {
    New,
    Begun,
    Done(Wire),
}

/// The netlist; in ASCII files gates may stand in any order, so that they are built depth first.
fn build(file: File, [inputs, outputs]: [Vec<String>; 2]) -> Result<Netlist, ReadError> {
    let mut builder = Builder::new(inputs);
    // Variables to gates, inputs counted first. Looked up, never walked through.
    let mut makers = HashMap::new();
    let places = file
        .inputs
        .iter()
        .map(|(variable, place)| (*variable, *place));
    for (k, (variable, place)) in places
        .chain(file.ands.iter().map(|and| (and.variable, and.place)))
        .enumerate()
    {
        if makers.insert(variable, k).is_some() {
            return place.error(format!("variable {variable} is defined twice"));
        }
    }
    let first = file.inputs.len();
    let mut states: Vec<State> = (0..first).map(|i| State::Done(builder.input(i))).collect();
    states.resize(first + file.ands.len(), State::New);

    let wire = |states: &[State], literal: u64| match makers.get(&(literal / 2)) {
        _ if literal < 2 => Ok(Ok(Wire::constant(literal == 1))),
        None => Err(literal / 2),
        Some(&maker) => Ok(match states[maker] {
            State::Done(wire) => Ok(wire.inverted_if(literal % 2 == 1)),
            State::New | State::Begun => Err(maker),
        }),
    };
    for root in first..states.len() {
        // A stack of our own: a chain of gates is as long as the file allows.
        let mut stack = vec![root];
        while let Some(&gate) = stack.last() {
            if let State::Done(_) = states[gate] {
                stack.pop();
                continue;
            }
            let and = &file.ands[gate - first];
            let mut wires = [Wire::FALSE; 2];
            let mut waiting = None;
            for (slot, literal) in wires.iter_mut().zip(and.args) {
                match wire(&states, literal) {
                    Ok(Ok(found)) => *slot = found,
                    Ok(Err(maker)) => waiting = Some(maker),
                    Err(v) => return and.place.error(format!("variable {v} is never defined")),
                }
            }
            match waiting {
                None => {
                    let [x, y] = wires;
                    states[gate] = State::Done(builder.and(x, y));
                    stack.pop();
                }
                Some(maker) if matches!(states[maker], State::Begun) || maker == gate => {
                    let variable = and.variable;
                    return and
                        .place
                        .error(format!("variable {variable} depends on itself"));
                }
                Some(maker) => {
                    states[gate] = State::Begun;
                    stack.push(maker);
                }
            }
        }
    }

    let mut results = Vec::with_capacity(outputs.len());
    for (name, (literal, place)) in outputs.into_iter().zip(file.outputs) {
        match wire(&states, literal) {
            Ok(Ok(found)) => results.push((name, found)),
            Ok(Err(_)) | Err(_) => {
                return place.error(format!("variable {} is never defined", literal / 2));
            }
        }
    }
    Ok(builder.finish(results))
}
