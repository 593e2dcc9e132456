//! Keys and states while models run: keys follow paths and loops, next values are written down.

use crate::elaborate::Elaborator;
use crate::supply::{Phase, Segment, Source, Supply};
use crate::value::{Arr, Value};
use lentil_diag::{Diagnostic, Span};
use std::sync::Arc;

/// The next values of the states of one model that is being run.
#[derive(Debug)]
pub(crate) struct Ledger {
    id: u32,
    /// What surrounded it when it was opened: only there a next value can be kept.
    around: usize,
    next: Vec<(Arc<str>, Value)>,
}

impl Elaborator<'_> {
    /// A key as a source of keys, from here on.
    pub(crate) fn source(&self, key: Value) -> Source {
        Source {
            key,
            path: Vec::new(),
            loops: self.loops.len(),
        }
    }

    /// The key that a source gives here: folded with the path, then with the iterations of the
    /// loops that were entered since.
    pub(crate) fn key_here(&mut self, source: &Source) -> Value {
        let mut key = source.key.clone();
        for segment in &source.path {
            key = match segment {
                Segment::Named(number) => self.fold_key(&key, *number),
                Segment::Layer(number) => self.fold_key_at(&key, number),
            };
        }
        for at in source.loops..self.loops.len() {
            let i = self.loops[at].clone();
            key = self.fold_key_at(&key, &i);
        }
        key
    }

    /// A ledger for the states of a model; only its own body writes into it.
    pub(crate) fn open_ledger(&mut self) -> u32 {
        let id = self.fresh();
        let around = self.around();
        self.ledgers.push(Ledger {
            id,
            around,
            next: Vec::new(),
        });
        id
    }

    /// The next values that were written down, by path.
    pub(crate) fn close_ledger(&mut self) -> Vec<(Arc<str>, Value)> {
        self.ledgers.pop().map_or(Vec::new(), |ledger| ledger.next)
    }

    /// How much is written down so far.
    pub(crate) fn noted(&self) -> usize {
        self.ledgers.last().map_or(0, |ledger| ledger.next.len())
    }

    /// Forgets what was written down since.
    pub(crate) fn forget_notes(&mut self, noted: usize) {
        if let Some(ledger) = self.ledgers.last_mut() {
            ledger.next.truncate(noted);
        }
    }

    /// Loops, conditionals and derivatives around what is evaluated.
    fn around(&self) -> usize {
        self.loops.len() + self.guarded + self.derived
    }

    /// Writes down the next value of a state.
    pub(crate) fn note(&mut self, supply: &Supply, name: &str, value: Value, span: Span) -> bool {
        let Some((id, path)) = &supply.ledger else {
            return true;
        };
        let path: Arc<str> = match path.is_empty() {
            true => name.into(),
            false => format!("{path}.{name}").into(),
        };
        let around = self.around();
        let (title, label, hint) = match self.ledgers.last_mut() {
            Some(ledger) if ledger.id == *id && ledger.around == around => {
                if ledger.next.iter().all(|(p, _)| *p != path) {
                    ledger.next.push((path, value));
                    return true;
                }
                (
                    format!("the state `{path}` would have two next values"),
                    "what keeps it is called a second time here",
                    "a model with a state is called once in each step",
                )
            }
            _ => (
                format!("the next value of the state `{path}` cannot be kept"),
                "what keeps it runs inside a loop, a conditional or a derivative here",
                "a running value belongs to the whole batch: call the model once, on the batch",
            ),
        };
        self.error(Diagnostic::error("E0444", title, span, label).hint(hint));
        false
    }

    /// Rows of a batch that have numbers: those along which these inputs run.
    pub(crate) fn rows_along(&self, supply: &Supply, inputs: &[Value]) -> Option<Arr> {
        let Some(Value::Array(rows)) = &supply.rows else {
            return None;
        };
        let first = inputs.first()?.ty()?;
        let n = self.leading_size(&first)?;
        let same = rows.shape.first().is_some_and(|m| self.same_size(m, &n));
        same.then(|| rows.clone())
    }
}

impl Supply {
    /// Whether next values of states are wanted.
    pub(crate) fn keeps(&self) -> bool {
        self.phase == Phase::Train && self.ledger.is_some()
    }
}
