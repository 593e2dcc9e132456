//! Where a call is written, so that what is wrong with an argument is shown at that argument.

use std::sync::Arc;

use lentil_diag::Span;

/// The place of a call and of its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The whole call.
    pub(crate) span: Span,
    params: Arc<[Span]>,
    args: Arc<[Span]>,
}

impl Place {
    /// A call with parameters left of a `;` and arguments.
    pub(crate) fn new(span: Span, params: Vec<Span>, args: Vec<Span>) -> Place {
        Place {
            span,
            params: params.into(),
            args: args.into(),
        }
    }

    /// The `k`-th argument; the whole call if it is not written.
    pub(crate) fn arg(&self, k: usize) -> Span {
        self.args.get(k).copied().unwrap_or(self.span)
    }

    /// The `k`-th parameter left of the `;`.
    pub(crate) fn param(&self, k: usize) -> Span {
        self.params.get(k).copied().unwrap_or(self.span)
    }
}

impl From<Span> for Place {
    fn from(span: Span) -> Place {
        Place::new(span, Vec::new(), Vec::new())
    }
}

impl From<&Place> for Place {
    fn from(at: &Place) -> Place {
        at.clone()
    }
}
