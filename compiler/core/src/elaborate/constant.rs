//! Constants as arrays of a carrier.
//!
//! A written number, and what arithmetic makes of written numbers and sizes, has no carrier of its
//! own. It takes the carrier that its context wants:
//! 1. the type that is declared for it (a parameter, a result, an element of an array of known type),
//!    handed down to where it is written (see `wanted.rs`);
//! 2. else the carrier of the operand, the arm or the loop's step that it meets;
//! 3. where a derivative is taken, `Real`;
//! 4. else `Int` if it is whole, and `Real` if not. `/` between constants is division of reals, so
//!    that a type never depends on whether a size divides another.

use crate::elaborate::Elaborator;
use crate::size::Size;
use crate::ty::Kind;
use crate::value::{Arr, Const, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Literal, Prim};

impl Elaborator<'_> {
    /// The carrier that a constant takes where nothing else is wanted.
    pub(crate) fn default_kind(c: &Const) -> Kind {
        if c.is_integral() {
            Kind::Int
        } else {
            Kind::Real
        }
    }

    /// A constant as an array of a carrier; its own shape, or `shape` where it fills.
    pub(crate) fn constant(
        &mut self,
        c: &Const,
        kind: &Kind,
        shape: Option<&[Size]>,
        span: Span,
    ) -> Value {
        if let Const::Fill(inner) = c {
            let Some(shape) = shape else {
                let title = "the shape of this is not known";
                return self.error(
                    Diagnostic::error("E0307", title, span, "it takes the shape its context wants")
                        .hint("use it where a type is declared, or write a number"),
                );
            };
            let Some(scalar) = self.scalar_constant(inner, kind, span) else {
                return Value::Error;
            };
            return Value::Array(self.stretch(&scalar, shape));
        }
        let Some(own) = c.shape() else {
            let title = "this array is ragged";
            return self.error(Diagnostic::error(
                "E0308",
                title,
                span,
                "rows of different lengths",
            ));
        };
        if own.is_empty() {
            return match self.scalar_constant(c, kind, span) {
                Some(a) => Value::Array(a),
                None => Value::Error,
            };
        }
        let sizes: Vec<Size> = own.iter().map(|&n| Size::constant(n as i128)).collect();
        let mut parts = Vec::new();
        for element in c.elements() {
            match self.scalar_constant(element, kind, span) {
                Some(a) => parts.push(a),
                None => return Value::Error,
            }
        }
        let flat = self.stack_scalars(kind, &parts);
        let mut out = self.array(kind.clone(), sizes, |_| Prim::Reshape(own), &[&flat]);
        out.range = spanned(&parts);
        Value::Array(out)
    }

    /// Scalars as a vector.
    pub(crate) fn stack_scalars(&mut self, kind: &Kind, parts: &[Arr]) -> Arr {
        let one = vec![Size::constant(1)];
        let rows: Vec<Arr> = parts
            .iter()
            .map(|p| self.array(kind.clone(), one.clone(), |_| Prim::Reshape(vec![1]), &[p]))
            .collect();
        let refs: Vec<&Arr> = rows.iter().collect();
        let n = vec![Size::constant(parts.len() as i128)];
        if refs.is_empty() {
            return self.zeros(kind, &n);
        }
        self.array(kind.clone(), n, |_| Prim::Concat(0), &refs)
    }

    /// An array of zeros.
    pub(crate) fn zeros(&mut self, kind: &Kind, shape: &[Size]) -> Arr {
        let zero = self.literal(kind, 0);
        self.stretch(&zero, shape)
    }

    /// An integer's image in a carrier.
    pub(crate) fn literal(&mut self, kind: &Kind, n: i64) -> Arr {
        let carrier = kind.carrier(self.real());
        let literal = carrier.map(|c| Literal::integer(c, n));
        self.literal_array(kind, literal)
    }

    fn literal_array(&mut self, kind: &Kind, literal: Option<Literal>) -> Arr {
        let at = literal.and_then(|l| self.emit(|_| lentil_unary::Op::Prim(Prim::Literal(l)), &[]));
        Arr {
            kind: kind.clone(),
            shape: Vec::new(),
            at,
            range: None,
        }
    }

    fn scalar_constant(&mut self, c: &Const, kind: &Kind, span: Span) -> Option<Arr> {
        match c {
            Const::Int(size) => {
                if matches!(kind, Kind::Bool | Kind::Category(_)) {
                    self.not_in(&size.to_string(), kind, span);
                    return None;
                }
                let carrier = kind.carrier(self.real());
                let literal = match size.as_constant() {
                    None => None,
                    Some(n) => {
                        let Some(whole) = whole(n, kind) else {
                            let title = "this number is too large";
                            self.error(Diagnostic::error("E0309", title, span, "beyond 64 bits"));
                            return None;
                        };
                        carrier.map(|c| match whole {
                            Whole::Fits(n) => Literal::integer(c, n),
                            Whole::Rounded(x) => Literal::real(c, x),
                        })
                    }
                };
                let mut a = self.literal_array(kind, literal);
                if *kind == Kind::Int {
                    a.range = Some((size.clone(), size.clone()));
                }
                Some(a)
            }
            Const::Real(x) => {
                if !kind.is_real() {
                    self.not_in(&x.to_string(), kind, span);
                    return None;
                }
                let literal = kind.carrier(self.real()).map(|c| Literal::real(c, *x));
                // What rounds to infinity is no number of this precision.
                let infinite = literal.is_some_and(|l| l.as_f64().is_infinite());
                if self.lowering() && x.is_finite() && infinite {
                    let title = format!("{x:e} is too large for `{kind}`");
                    self.error(
                        Diagnostic::error("E0309", title, span, "it would be infinite in 32 bits")
                            .hint("compile with `--real f64`, or write `Real64`"),
                    );
                    return None;
                }
                Some(self.literal_array(kind, literal))
            }
            Const::Unknown => {
                if !kind.is_real() {
                    self.not_in("this fraction", kind, span);
                    return None;
                }
                Some(self.literal_array(kind, None))
            }
            Const::Fill(inner) => self.scalar_constant(inner, kind, span),
            Const::List(_) => {
                let title = "a number is expected, not an array";
                self.error(Diagnostic::error("E0308", title, span, "this is an array"));
                None
            }
        }
    }

    fn not_in(&mut self, what: &str, kind: &Kind, span: Span) {
        let title = format!("{what} is not an element of `{kind}`");
        self.error(Diagnostic::error(
            "E0309",
            title,
            span,
            format!("`{kind}` is wanted here"),
        ));
    }

    /// A scalar repeated to a shape.
    pub(crate) fn stretch(&mut self, a: &Arr, shape: &[Size]) -> Arr {
        if shape.is_empty() {
            return a.clone();
        }
        let mut out = self.array(
            a.kind.clone(),
            shape.to_vec(),
            |e| Prim::Broadcast {
                shape: e.numbers(shape),
                axes: Vec::new(),
            },
            &[a],
        );
        out.range = a.range.clone();
        out
    }
}

/// A whole number on its way to a carrier.
enum Whole {
    /// In 64 bits.
    Fits(i64),
    /// Beyond these, where it is rounded anyway.
    Rounded(f64),
}

/// A whole number in a carrier, where it has a place there.
fn whole(n: i128, kind: &Kind) -> Option<Whole> {
    match (i64::try_from(n), kind) {
        (Ok(n), _) => Some(Whole::Fits(n)),
        (Err(_), Kind::Bit) => Some(Whole::Fits(n.rem_euclid(2) as i64)),
        (Err(_), Kind::Mod(m)) => Some(Whole::Fits(n.rem_euclid(i128::from(*m)) as i64)),
        (Err(_), kind) if kind.is_real() => Some(Whole::Rounded(n as f64)),
        (Err(_), _) => None,
    }
}

/// The bounds of all numbers, where they are known.
fn spanned(parts: &[Arr]) -> Option<(Size, Size)> {
    let bounds = |pick: fn(&(Size, Size)) -> &Size| {
        let all: Option<Vec<i128>> = parts
            .iter()
            .map(|p| pick(p.range.as_ref()?).as_constant())
            .collect();
        all
    };
    let low = bounds(|r| &r.0)?.into_iter().min()?;
    let high = bounds(|r| &r.1)?.into_iter().max()?;
    Some((Size::constant(low), Size::constant(high)))
}
