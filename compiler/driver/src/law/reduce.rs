//! A counterexample made small: as long as the law goes wrong in the same way.

use lentil_core::Choice;
use lentil_unary::dice::Dice;

use super::case::{Case, Subject, Wrong, wrong};
use super::draw::draw;
use super::drawn::Drawn;
use super::function::Scope;
use super::shrink::{resized, simpler};
use crate::function::Function;

/// How many programs may be compiled for it.
const COMPILES: usize = 150;

/// How many runs it may take.
const RUNS: usize = 4000;

/// How many functions are drawn anew for smaller sizes.
const REDRAWN: usize = 6;

/// The smallest case that is found from one that goes wrong.
pub fn reduce(
    subject: &Subject<'_>,
    case: Case,
    first: Wrong,
    scope: &Scope,
    dice: &mut Dice,
) -> (Case, Wrong) {
    let mut work = Reduce {
        subject,
        scope,
        dice,
        compiles: 0,
        runs: 0,
        best: (case, first),
    };
    while work.sizes() | work.functions() | work.numbers() {}
    work.best
}

struct Reduce<'r> {
    subject: &'r Subject<'r>,
    scope: &'r Scope,
    dice: &'r mut Dice,
    compiles: usize,
    runs: usize,
    best: (Case, Wrong),
}

impl Reduce<'_> {
    /// Makes a size smaller; whether that was possible.
    fn sizes(&mut self) -> bool {
        let choices = self.best.0.instance.choices.clone();
        // All at once first: a law may be about square matrices.
        let less = |choice: &Choice| match choice {
            Choice::Size(n) => Choice::Size(n.saturating_sub(1)),
            Choice::Carrier(_) | Choice::Space(_) => choice.clone(),
        };
        let smaller: Vec<Choice> = choices.iter().map(less).collect();
        if smaller != choices && self.at_choices(smaller) {
            return true;
        }
        for (at, choice) in choices.iter().enumerate() {
            let Choice::Size(n) = *choice else {
                continue;
            };
            let smaller = [0, 1, n / 2, n.saturating_sub(1)];
            for m in smaller.into_iter().filter(|&m| m < n) {
                let mut choices = choices.clone();
                choices[at] = Choice::Size(m);
                if self.at_choices(choices) {
                    return true;
                }
            }
        }
        false
    }

    fn at_choices(&mut self, choices: Vec<Choice>) -> bool {
        let Ok(Some(instance)) = self.subject.instance(choices) else {
            return false;
        };
        let real = self.subject.program.options().real;
        for attempt in 0..REDRAWN {
            let arguments = instance.arguments.iter().zip(&self.best.0.values);
            let values: Option<Vec<Drawn>> = arguments
                .map(|((_, ty), value)| match value {
                    Drawn::Function(_) => Some(value)
                        .filter(|_| attempt == 0)
                        .and_then(|value| resized(value, ty, real))
                        .or_else(|| draw(ty, real, 30, self.scope, self.dice)),
                    _ => resized(value, ty, real),
                })
                .collect();
            let Some(values) = values else {
                return false;
            };
            let case = Case {
                instance: instance.clone(),
                values,
            };
            if self.compiled(case) {
                return true;
            }
            if self.best.0.functions().is_empty() {
                return false;
            }
        }
        false
    }

    /// Makes a function simpler; whether that was possible.
    fn functions(&mut self) -> bool {
        let mut progress = false;
        let mut at = 0;
        while at < self.best.0.values.len() {
            let value = &self.best.0.values[at];
            let candidates = match value {
                Drawn::Function(_) => simpler(value),
                _ => Vec::new(),
            };
            let better = candidates.into_iter().any(|candidate| {
                let mut case = self.best.0.clone();
                case.values[at] = candidate;
                self.compiled(case)
            });
            progress |= better;
            at += usize::from(!better);
        }
        progress
    }

    /// Makes numbers simpler, with one program; whether that was possible.
    fn numbers(&mut self) -> bool {
        let case = &self.best.0;
        let Ok(compiled) = self.subject.compile(&case.instance, case.functions()) else {
            return false;
        };
        let mut progress = false;
        let mut at = 0;
        while at < self.best.0.values.len() {
            let value = &self.best.0.values[at];
            let candidates = match value {
                Drawn::Function(_) => Vec::new(),
                _ => simpler(value),
            };
            let better = candidates.into_iter().any(|candidate| {
                let mut case = self.best.0.clone();
                case.values[at] = candidate;
                self.accepted(&compiled, case)
            });
            progress |= better;
            at += usize::from(!better);
        }
        progress
    }

    /// Takes a case that needs a program of its own, if it goes wrong too.
    fn compiled(&mut self, case: Case) -> bool {
        self.compiles += 1;
        if self.compiles > COMPILES {
            return false;
        }
        match self.subject.compile(&case.instance, case.functions()) {
            Ok(compiled) => self.accepted(&compiled, case),
            Err(_) => false,
        }
    }

    /// Takes a case if it goes wrong too.
    fn accepted(&mut self, compiled: &Function, case: Case) -> bool {
        self.runs += 1;
        if self.runs > RUNS {
            return false;
        }
        match wrong(compiled, &case.arrays()) {
            Some(wrong) if wrong.is_like(&self.best.1) => {
                self.best = (case, wrong);
                true
            }
            Some(_) | None => false,
        }
    }
}
