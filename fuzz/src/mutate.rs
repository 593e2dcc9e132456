//! Inputs from inputs: bytes, tokens, bracketed parts and items are exchanged, repeated and dropped.

use lentil_diag::SourceId;
use lentil_grammar::lex::lex;
use lentil_unary::dice::Dice;

/// Longer inputs are cut.
const LONGEST: usize = 6000;

/// Tokens that change what a text is.
const SPICE: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    "=",
    "~",
    "->",
    "=>",
    ".",
    "..",
    "+",
    "-",
    "*",
    "/",
    "%",
    "@",
    "^",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "~=",
    ">>",
    "|",
    "|>",
    "fn",
    "let",
    "use",
    "if",
    "then",
    "else",
    "for",
    "and",
    "or",
    "not",
    "true",
    "false",
    "import",
    "local",
    "where",
    "model",
    "lens",
    "optimizer",
    "data",
    "learner",
    "test",
    "law",
    "type",
    "state",
    "using",
    "get",
    "put",
    "0",
    "1",
    "2",
    "3",
    "1.5",
    "1e300",
    "99999999999999999999",
    "\"a\"",
    "x",
    "n",
    "K",
    "Real",
    "Bit",
    "Int",
    "Mod[5]",
    "Real[n]",
    "Real[2]",
    "K: Ring",
    "zeros",
    "sum",
    "max",
    "grad",
    "rev",
    "fwd",
    "each",
    "fold",
    "scan",
    "iterate",
    "transpose",
    "reshape",
    "concat",
    "iota",
    "argmax",
    "\n",
    "// c\n",
    "/// d\n",
    "[ x[i] for i ]",
    "sum(x[i] for i)",
    "(x, x)",
    "{ let y = x; y }",
    "if x > 0 then x else -x",
];

/// One input more, from one or two.
pub fn mutate(dice: &mut Dice, input: &[u8], other: &[u8]) -> Vec<u8> {
    let mut out = input.to_vec();
    for _ in 0..1 + dice.below(4) {
        out = match std::str::from_utf8(&out) {
            Ok(text) if dice.below(5) > 0 => by_token(dice, text, &String::from_utf8_lossy(other)),
            _ => by_byte(dice, out, other),
        };
    }
    out.truncate(LONGEST);
    out
}

fn by_byte(dice: &mut Dice, mut out: Vec<u8>, other: &[u8]) -> Vec<u8> {
    let at = dice.below(out.len() + 1);
    match dice.below(5) {
        0 => out.insert(at, dice.word() as u8),
        1 if at < out.len() => out[at] ^= 1 << dice.below(8),
        2 => {
            let end = (at + 1 + dice.below(8)).min(out.len());
            out.drain(at.min(end)..end);
        }
        3 => {
            let from = dice.below(other.len() + 1);
            let to = (from + dice.below(40)).min(other.len());
            out.splice(at..at, other[from..to].iter().copied());
        }
        _ => {
            let spice = dice.pick(SPICE).copied().unwrap_or_default();
            out.splice(at..at, spice.bytes());
        }
    }
    out
}

/// Places of tokens and of parts in brackets.
fn parts(text: &str) -> Vec<(usize, usize)> {
    let tokens = lex(SourceId::default(), text).tokens;
    let mut out = Vec::new();
    let mut open = Vec::new();
    for t in &tokens {
        out.push((t.start, t.end));
        if t.token.closer().is_some() {
            open.push(t.start);
        } else if t.token.closes()
            && let Some(start) = open.pop()
        {
            out.push((start, t.end));
            out.push((start + 1, t.start.max(start + 1)));
        }
    }
    // Items, roughly: what begins at the margin.
    let starts = tokens
        .iter()
        .filter(|t| t.first_on_line && t.token.begins_item());
    let starts: Vec<usize> = starts.map(|t| t.start).collect();
    for (k, &start) in starts.iter().enumerate() {
        out.push((start, starts.get(k + 1).copied().unwrap_or(text.len())));
    }
    out
}

fn by_token(dice: &mut Dice, text: &str, other: &str) -> Vec<u8> {
    let own = parts(text);
    let Some(&(start, end)) = dice.pick(&own) else {
        return dice.pick(SPICE).copied().unwrap_or_default().into();
    };
    let put = match dice.below(6) {
        0 => String::new(),
        1 => dice.pick(SPICE).copied().unwrap_or_default().to_string(),
        2 => format!("{0} {0}", &text[start..end]),
        3 => {
            let theirs = parts(other);
            dice.pick(&theirs)
                .map_or(String::new(), |&(a, b)| other[a..b].to_string())
        }
        4 => dice
            .pick(&own)
            .map_or(String::new(), |&(a, b)| text[a..b].to_string()),
        _ => format!(
            "{} {}",
            &text[start..end],
            dice.pick(SPICE).copied().unwrap_or_default()
        ),
    };
    format!("{}{put}{}", &text[..start], &text[end..]).into_bytes()
}
