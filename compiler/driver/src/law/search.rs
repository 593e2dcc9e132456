//! The search for a counterexample: instances, functions, cases.

use lentil_core::size::Size;
use lentil_core::ty::{Bound, Kind, Ty};
use lentil_core::{Choice, StaticClass};
use lentil_unary::dice::Dice;

use super::case::{Case, Instance, Subject, wrong};
use super::draw::{draw, nth, product};
use super::drawn::Drawn;
use super::explain::counterexample;
use super::function::Scope;
use super::reduce::reduce;
use super::{LawOptions, LawReport};
use crate::error::Error;
use crate::program::Program;

/// How many programs are compiled at most for a law that takes functions, or is for all carriers and
/// sizes; each runs its share of the cases.
const PROGRAMS: usize = 12;

/// Up to how many cases a law is tried on all of them.
const ALL: u64 = 1024;

/// Sizes are drawn up to this one.
const GREATEST_SIZE: usize = 5;

/// How often sizes are drawn until some meet the conditions.
const TRIES: usize = 400;

pub fn try_law(program: &Program, index: usize, options: &LawOptions) -> Result<LawReport, Error> {
    let Some(law) = program.ask(move |core, _| core.law(index)) else {
        let title = format!("there is no law number {index}");
        return Err(Error::plain("E0905", title, None));
    };
    let scope = Scope::hiding(law.names.iter().cloned());
    let mut dice = Dice::about(options.seed, &law.title);
    let subject = Subject {
        program,
        index,
        law,
    };
    let cases = options.cases.get();
    let fixed = subject.law.statics.is_empty();
    let mut report = LawReport {
        cases: 0,
        programs: 0,
        exhaustive: fixed,
        counterexample: None,
    };
    let first = instance(&subject, 0, &mut dice)?;
    let functions = first.arguments.iter().any(|(_, ty)| is_function(ty));
    let programs = match fixed && !functions {
        true => 1,
        false => PROGRAMS.min(cases),
    };
    let mut first = Some(first);
    for k in 0..programs {
        let instance = match first.take() {
            Some(first) => first,
            None if fixed => subject
                .instance(Vec::new())?
                .ok_or_else(|| unmet(&subject))?,
            None => instance(&subject, k, &mut dice)?,
        };
        let level = if programs > 1 {
            100 * k / (programs - 1)
        } else {
            0
        };
        let share = cases / programs + usize::from(k < cases % programs);
        let plan = Plan {
            share,
            level,
            exhaustive: &mut report.exhaustive,
        };
        let mut dice = dice.split();
        let found = try_program(
            &subject,
            &instance,
            plan,
            &scope,
            &mut dice,
            &mut report.cases,
        )?;
        report.programs += 1;
        if let Some((case, wrong)) = found {
            let (case, wrong) = reduce(&subject, case, wrong, &scope, &mut dice);
            let number = report.cases;
            report.counterexample = Some(counterexample(&subject, number, &case, wrong)?);
            return Ok(report);
        }
    }
    Ok(report)
}

/// What one program is tried on.
struct Plan<'r> {
    share: usize,
    level: usize,
    exhaustive: &'r mut bool,
}

/// Compiles the law once and runs its share of the cases.
fn try_program(
    subject: &Subject<'_>,
    instance: &Instance,
    plan: Plan<'_>,
    scope: &Scope,
    dice: &mut Dice,
    tried: &mut usize,
) -> Result<Option<(Case, super::case::Wrong)>, Error> {
    let real = subject.program.options().real;
    let functions: Vec<Option<Drawn>> = instance
        .arguments
        .iter()
        .map(|(_, ty)| match is_function(ty) {
            true => draw(ty, real, plan.level, scope, dice),
            false => None,
        })
        .collect();
    let sources = functions.iter().flatten().map(Drawn::source).collect();
    let compiled = subject.compile(instance, sources)?;
    let values = instance.arguments.iter().map(|(_, ty)| ty);
    let all = product(values.filter(|ty| !is_function(ty)));
    let all = all.filter(|&all| all <= ALL.max(plan.share as u64));
    if all.is_none() || functions.iter().any(Option::is_some) {
        *plan.exhaustive = false;
    }
    let count = all.map_or(plan.share, |all| all as usize);
    for k in 0..count {
        let mut number = k as u64;
        let mut own = dice.split();
        let level = match count {
            _ if functions.iter().any(Option::is_some) => 0,
            0 | 1 => plan.level,
            n => 1 + 99 * k / (n - 1),
        };
        let mut values = Vec::new();
        for ((_, ty), function) in instance.arguments.iter().zip(&functions) {
            let value = match (function, all) {
                (Some(function), _) => Some(function.clone()),
                (None, Some(_)) => nth(ty, real, &mut number),
                (None, None) => draw(ty, real, level, scope, &mut own),
            };
            values.extend(value);
        }
        let case = Case {
            instance: instance.clone(),
            values,
        };
        *tried += 1;
        if let Some(wrong) = wrong(&compiled, &case.arrays()) {
            return Ok(Some((case, wrong)));
        }
    }
    Ok(None)
}

/// Carriers and sizes that meet the law's conditions.
fn instance(subject: &Subject<'_>, k: usize, dice: &mut Dice) -> Result<Instance, Error> {
    for _ in 0..TRIES {
        let statics = subject.law.statics.iter();
        let choices = statics.map(|s| match s.class {
            StaticClass::Size => Choice::Size(size(k, dice)),
            StaticClass::Carrier(bound) => Choice::Carrier(carrier(bound, k)),
            // Such spaces go together with numbers that are `Real`.
            StaticClass::Space(Bound::Real) => Choice::Space(space(&Kind::Real, dice)),
            StaticClass::Space(bound) => Choice::Space(space(&carrier(bound, k), dice)),
        });
        if let Some(found) = subject.instance(choices.collect())? {
            return Ok(found);
        }
    }
    Err(unmet(subject))
}

fn unmet(subject: &Subject<'_>) -> Error {
    let label = format!("none up to {GREATEST_SIZE} were found");
    let title = "no sizes meet the conditions of this law";
    let diagnostic = lentil_diag::Diagnostic::error("E0911", title, subject.law.place, label);
    Error::new(vec![diagnostic], subject.program.shared_sources())
}

/// The first sizes are ordinary, so that what is wrong for all is found at those.
fn size(k: usize, dice: &mut Dice) -> usize {
    match k {
        0 | 1 => 1 + dice.below(3),
        _ => dice.below(GREATEST_SIZE + 1),
    }
}

fn carrier(bound: Bound, k: usize) -> Kind {
    let all: &[Kind] = match bound {
        // Six has divisors of zero.
        Bound::Ring => &[Kind::Real, Kind::Bit, Kind::Mod(6), Kind::Mod(3)],
        Bound::Field => &[Kind::Real, Kind::Bit, Kind::Mod(7)],
        Bound::Real => &[Kind::Real, Kind::Real64],
    };
    all[k % all.len()].clone()
}

fn space(kind: &Kind, dice: &mut Dice) -> Ty {
    let mut array = |rank: usize| {
        let sizes = (0..rank).map(|_| Size::constant(dice.below(4) as i128));
        Ty::Array(kind.clone(), sizes.collect())
    };
    let (scalar, vector, matrix) = (array(0), array(1), array(2));
    match dice.below(4) {
        0 => vector,
        1 => scalar,
        2 => Ty::Tuple(vec![vector, scalar]),
        _ => Ty::Record(vec![("w".into(), matrix), ("b".into(), vector)]),
    }
}

fn is_function(ty: &Ty) -> bool {
    matches!(ty, Ty::Arrow(..))
}
