//! What a failed test or law is told with: the values on both sides of what it compares, and for a
//! law a test of the language that fails the same.

use std::sync::Arc;

use lentil_core::{Choice, Explained, Failure};
use lentil_diag::{Diagnostic, SourceId, Sources, Span};
use lentil_unary::Carrier;

use super::Counterexample;
use super::case::{Case, Subject, Wrong};
use crate::draft::Draft;
use crate::error::Error;
use crate::function::Function;
use crate::program::Program;
use crate::value::Value;

/// Values that are longer are cut in what is shown.
const SHOWN: usize = 160;

/// A part of a condition that does not hold.
#[derive(Clone, Debug)]
pub struct Failing {
    /// Where it stands.
    pub span: Span,
    /// Its sides, if it is a comparison.
    pub sides: Option<Comparison>,
}

/// Both sides of a comparison, brought to one shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The left one.
    pub left: Value,
    /// The right one.
    pub right: Value,
}

impl Program {
    /// Runs a test, by its position among the tests, and says what is wrong with it: all parts of its
    /// condition that do not hold, with the values of both sides.
    ///
    /// # Errors
    /// If it does not hold, cannot be compiled, or stops.
    pub fn hold_test(&self, index: usize) -> Result<(), Error> {
        if self.run_test(index)? {
            return Ok(());
        }
        let explain = move |core: &lentil_core::Program, how: &lentil_core::Options| {
            core.explain_test(index, how)
        };
        let exact = self.with_options(self.options().to_the_letter());
        let failing = failing(&exact, Vec::new(), Vec::new(), explain)?;
        let place = self.ask(move |core, _| core.test_place(index));
        let place = place.unwrap_or_default();
        Err(told(
            "a test does not hold",
            place,
            &failing,
            None,
            self.shared_sources(),
        ))
    }
}

/// All that is told of a case that goes wrong.
pub fn counterexample(
    subject: &Subject<'_>,
    number: usize,
    case: &Case,
    wrong: Wrong,
) -> Result<Counterexample, Error> {
    let arguments = arguments(subject, case);
    let test = test(subject, &arguments);
    let (failing, error) = match wrong {
        Wrong::Stops(error) => (Vec::new(), error),
        Wrong::False => {
            let (index, choices) = (subject.index, case.instance.choices.clone());
            let functions = case.functions();
            let explain = {
                let functions = functions.clone();
                move |core: &lentil_core::Program, how: &lentil_core::Options| {
                    core.explain_law(index, &choices, &functions, how)
                }
            };
            let failing = failing(subject.program, functions, case.arrays(), explain)?;
            let title = "a law does not hold";
            let hint = rounding(subject, case);
            let sources = subject.program.shared_sources();
            let error = told(title, subject.law.place, &failing, hint, sources);
            (failing, error)
        }
    };
    Ok(Counterexample {
        case: number,
        arguments,
        test,
        error,
        failing,
    })
}

/// The parts of a condition that do not hold at arguments.
fn failing(
    program: &Program,
    functions: Vec<String>,
    arrays: Vec<lentil_unary::Array>,
    explain: impl FnOnce(&lentil_core::Program, &lentil_core::Options) -> Result<Explained, Failure>
    + Send
    + 'static,
) -> Result<Vec<Failing>, Error> {
    let (draft, claims) = program.ask(move |core, options| {
        let real = options.real;
        let Explained { lowered, claims } = explain(core, &lentil_core::Options { real })?;
        let mut sources = core.sources().clone();
        for text in &functions {
            sources.add("<function>", text);
        }
        Ok::<_, Error>((Draft::new(lowered, Arc::new(sources), real)?, claims))
    })?;
    let values = Function::compile(program, "a condition", draft)?.run(&arrays)?;
    let Value::Tuple(parts) = values else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    for (part, claim) in parts.into_iter().zip(claims) {
        let Value::Tuple(part) = part else { continue };
        let mut part = part.into_iter();
        if part.next().and_then(|holds| holds.number()) == Some(1.0) {
            continue;
        }
        let sides = match (part.next(), part.next()) {
            (Some(left), Some(right)) if claim.compares => Some(Comparison { left, right }),
            _ => None,
        };
        out.push(Failing {
            span: claim.span,
            sides,
        });
    }
    Ok(out)
}

/// Failing parts as one diagnostic, at their places.
fn told(
    title: &str,
    place: Span,
    failing: &[Failing],
    hint: Option<String>,
    sources: Arc<Sources>,
) -> Error {
    let mut parts = failing.iter();
    let mut diagnostic = match parts.next() {
        Some(first) => Diagnostic::error("E0910", title, first.span, label(first)),
        // Compiled together with its sides, a condition may round differently.
        None => Diagnostic::error(
            "E0910",
            title,
            place,
            "it is false, though only by rounding",
        ),
    };
    for part in parts {
        diagnostic = diagnostic.label(part.span, label(part));
    }
    diagnostic.hint = hint;
    Error::new(vec![diagnostic], sources)
}

fn label(part: &Failing) -> String {
    match &part.sides {
        None => "this is false".to_string(),
        Some(Comparison { left, right }) => {
            let mut text = format!("left is {}, right is {}", cut(left), cut(right));
            if let Some(more) = first_difference(left, right) {
                text += &more;
            }
            text
        }
    }
}

/// Where two long arrays differ first.
fn first_difference(left: &Value, right: &Value) -> Option<String> {
    let (a, b) = (left.array()?, right.array()?);
    if a.ty().len() < 9 || a.ty() != b.ty() {
        return None;
    }
    let (x, y) = (a.to_f64(), b.to_f64());
    // By how far, so that what `~=` takes for equal is not called different.
    let gap = |k: &usize| {
        let gap = (x[*k] - y[*k]).abs() / (1.0 + x[*k].abs().max(y[*k].abs()));
        if gap.is_nan() { f64::INFINITY } else { gap }
    };
    let at = (0..x.len()).max_by(|a, b| gap(a).total_cmp(&gap(b)).then(b.cmp(a)))?;
    let mut rest = at;
    let mut indices: Vec<String> = Vec::new();
    for n in a.ty().shape.iter().rev() {
        indices.insert(0, (rest % n).to_string());
        rest /= n;
    }
    let place = indices.join(", ");
    let (x, y) = (a.literal(at), b.literal(at));
    Some(format!("; they differ most at [{place}]: {x} and {y}"))
}

fn cut(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// Whether only the precision is too low for the law at these arguments.
fn rounding(subject: &Subject<'_>, case: &Case) -> Option<String> {
    if subject.program.options().real != Carrier::F32 {
        return None;
    }
    let mut options = subject.program.options().clone();
    options.real = Carrier::F64;
    let program = subject.program.with_options(options);
    let index = subject.index;
    let double = Subject {
        program: &program,
        index,
        law: program.ask(move |core, _| core.law(index))?,
    };
    let widened = Case {
        instance: case.instance.clone(),
        values: case.values.iter().map(super::drawn::widened).collect(),
    };
    match double.run(&widened) {
        Ok(None) => {
            Some("it holds here with `--real f64`: what is missing is precision".to_string())
        }
        Ok(Some(_)) | Err(_) => None,
    }
}

/// Carriers, sizes and arguments by name.
fn arguments(subject: &Subject<'_>, case: &Case) -> Vec<(String, String)> {
    let statics = subject.law.statics.iter().zip(&case.instance.choices);
    let statics = statics.map(|(s, choice)| {
        let text = match choice {
            Choice::Size(n) => n.to_string(),
            Choice::Carrier(kind) => kind.to_string(),
            Choice::Space(ty) => ty.to_string(),
        };
        (s.name.clone(), text)
    });
    let values = case.instance.arguments.iter().zip(&case.values);
    let values = values.map(|((name, _), value)| (name.clone(), value.source()));
    statics.chain(values).collect()
}

/// A law at its arguments, as a test.
fn test(subject: &Subject<'_>, arguments: &[(String, String)]) -> String {
    let law = &subject.law;
    let (span, block) = law.body;
    let sources = subject.program.shared_sources();
    let text = sources.text(span);
    let inside = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
    let body = inside.filter(|_| block).unwrap_or(text);
    let spaces: Vec<&str> = law
        .statics
        .iter()
        .filter(|s| matches!(s.class, lentil_core::StaticClass::Space(_)))
        .map(|s| s.name.as_str())
        .collect();
    // A parameter space is no value that could be named.
    let lets = arguments
        .iter()
        .filter(|(name, _)| !spaces.contains(&name.as_str()));
    let lets: Vec<String> = lets
        .map(|(name, text)| format!("  let {name} = {text}\n"))
        .collect();
    let title = format!("{}: a counterexample", law.title);
    let text = format!("test {title:?} {{\n{}{body}\n}}\n", lets.concat());
    let (file, diagnostics) = lentil_grammar::parse(SourceId::default(), &text);
    match diagnostics.is_empty() {
        true => lentil_grammar::format(&file, &text),
        false => text,
    }
}
