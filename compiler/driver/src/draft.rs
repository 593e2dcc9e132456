//! What core lowers, in a form that leaves its thread; and the places that run-time checks name.

use std::sync::Arc;

use lentil_core::{Lowered, Role};
use lentil_diag::{Diagnostic, Sources, Span};
use lentil_loops::Refusal;
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::syntax::{Region, Site};
use lentil_unary::value::Trap;

use crate::error::Error;
use crate::value::Form;

/// A program before it is compiled.
#[derive(Clone, Debug)]
pub struct Draft {
    /// As core lowers it.
    pub region: Region,
    /// What its parameters are.
    pub inputs: Vec<Input>,
    pub(crate) result: Form,
    /// Where its checks stand.
    pub places: Places,
}

/// A parameter of a function or a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Its name, or its path.
    pub name: String,
    /// Its type, as the language writes it.
    pub ty: String,
    /// What it is for.
    pub role: Role,
    pub(crate) leaves: Vec<Type>,
}

/// Where the run-time checks of a program stand.
#[derive(Clone, Debug)]
pub struct Places {
    sites: Vec<Span>,
    sources: Arc<Sources>,
}

/// What holds a derivative of a derivative is differentiated again if it has no more steps than this.
const MAX_DERIVAND: usize = 1 << 13;

impl Draft {
    /// What was lowered, with the sources its places are in.
    ///
    /// # Errors
    /// If derivatives inside each other grow too large.
    pub(crate) fn new(
        lowered: Lowered,
        sources: Arc<Sources>,
        real: Carrier,
    ) -> Result<Draft, Error> {
        if !lentil_reverse::stays_within(&lowered.region, MAX_DERIVAND) {
            let title = "the derivatives of derivatives grow too large";
            let hint = "each is some times larger than what it is taken of: take fewer of them";
            return Err(Error::plain("E0502", title, Some(hint)));
        }
        let inputs = lowered.params.into_iter().map(|p| Input {
            name: p.name,
            ty: p.ty.to_string(),
            role: p.role,
            leaves: p.leaves,
        });
        Ok(Draft {
            region: lowered.region,
            inputs: inputs.collect(),
            result: Form::of(&lowered.result, real),
            places: Places {
                sites: lowered.sites,
                sources,
            },
        })
    }
}

impl Draft {
    /// Whether its result is a single number that can change, so that it has a gradient.
    pub fn is_number(&self) -> bool {
        matches!(&self.result, Form::Array(ty) if ty.rank() == 0 && ty.differentiable())
    }
}

impl Input {
    /// The arrays it consists of.
    pub fn leaves(&self) -> &[Type] {
        &self.leaves
    }
}

impl Places {
    /// Why a run stopped, at its place.
    pub fn trap(&self, trap: Trap) -> Error {
        let Trap {
            site: Site(number),
            index,
            size,
        } = trap;
        let title = format!("the index {index} is out of range");
        let label = match size {
            0 => "there are no elements here".to_string(),
            _ => format!("there are {size} elements here, from 0 to {}", size - 1),
        };
        match self.sites.get(number as usize) {
            Some(&span) => {
                let diagnostic = Diagnostic::error("E0901", title, span, label);
                Error::new(vec![diagnostic], self.sources.clone())
            }
            None => Error::plain("E0901", format!("{title}: {label}"), None),
        }
    }
}

/// Why a program cannot be compiled.
pub fn refusal(refusal: &Refusal) -> Error {
    let hint = match refusal {
        Refusal::Memory { .. } => Some("use smaller sizes, or learn from fewer rows"),
        Refusal::Lanes(_) | Refusal::Unresolved(_) | Refusal::Machine(_) => None,
    };
    Error::plain("E0903", refusal.to_string(), hint)
}
