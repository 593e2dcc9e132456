//! Numbers and arrays as they are written, and the factors of a chain.

use crate::elaborate::Elaborator;
use crate::elaborate::wanted::{is_choice, met, of_elements};
use crate::size::Size;
use crate::ty::Ty;
use crate::value::{Arr, Const, Env, Factor, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind};
use lentil_unary::Prim;
use std::sync::Arc;

impl Elaborator<'_> {
    pub(crate) fn number(&mut self, text: &str, span: Span) -> Value {
        let plain = text.replace('_', "");
        let whole = plain.bytes().all(|b| b.is_ascii_digit());
        let too_large = "this number is too large";
        match (whole, plain.parse::<i128>(), plain.parse::<f64>()) {
            // Which carrier it takes, and whether it has a place there, is seen later: the least number of
            // an `Int` is written with a minus before a number that is none.
            (true, Ok(n), _) if Size::constant(n).is_small() => Value::int(n),
            (true, ..) => {
                let label = "a whole number of more than 96 bits";
                let d = Diagnostic::error("E0309", too_large, span, label);
                self.error(d.hint("a real number may be written with an exponent, as in `1e30`"))
            }
            (false, _, Ok(x)) if x.is_finite() => Value::Const(Const::Real(x)),
            (false, ..) => {
                let label = "beyond what can be represented";
                self.error(Diagnostic::error("E0309", too_large, span, label))
            }
        }
    }

    pub(crate) fn array_literal(
        &mut self,
        items: &[Expr],
        env: &Env,
        wanted: Option<&Ty>,
        span: Span,
    ) -> Value {
        let wanted = wanted.map(of_elements);
        let values = self.elements(items, env, wanted.as_ref());
        if values.iter().any(Value::is_error) {
            return Value::Error;
        }
        let constants: Option<Vec<Const>> = values
            .iter()
            .map(|v| match v {
                Value::Const(c) => Some(c.clone()),
                _ => None,
            })
            .collect();
        if let Some(constants) = constants {
            let list = Const::List(constants);
            if list.shape().is_none() {
                let title = "this array is ragged";
                let label = "its rows have different lengths";
                return self.error(Diagnostic::error("E0308", title, span, label));
            }
            return Value::Const(list);
        }
        // Every element takes the type of the first that has one.
        let Some(ty) = values.iter().find_map(Value::ty) else {
            let title = "an array holds numbers";
            let label = format!("this is {}", values[0].describe());
            return self.error(Diagnostic::error("E0324", title, span, label));
        };
        let Ty::Array(kind, shape) = &ty else {
            let title = "an array holds numbers";
            return self.error(Diagnostic::error(
                "E0324",
                title,
                span,
                format!("this is `{ty}`"),
            ));
        };
        let one = [vec![Size::constant(1)], shape.clone()].concat();
        let mut rows: Vec<Arr> = Vec::new();
        for (value, item) in values.into_iter().zip(items) {
            let Value::Array(a) = self.coerce(value, &ty, item.span) else {
                if let Some(d) = self.diagnostics.last_mut().filter(|d| d.code == "E0302") {
                    let one_carrier =
                        "the elements of an array have one type: `[real(a), real(b)]`";
                    d.hint.get_or_insert_with(|| one_carrier.to_string());
                }
                return Value::Error;
            };
            let row = one.clone();
            rows.push(self.array(
                kind.clone(),
                one.clone(),
                |e| Prim::Reshape(e.numbers(&row)),
                &[&a],
            ));
        }
        let whole = [vec![Size::constant(rows.len() as i128)], shape.clone()].concat();
        let refs: Vec<&Arr> = rows.iter().collect();
        Value::Array(self.array(kind.clone(), whole, |_| Prim::Concat(0), &refs))
    }

    /// The elements of a written array. A choice of numbers takes the carrier of the others.
    fn elements(&mut self, items: &[Expr], env: &Env, wanted: Option<&Ty>) -> Vec<Value> {
        let mut values: Vec<Option<Value>> = Vec::new();
        for item in items {
            let later = is_choice(item);
            values.push((!later).then(|| self.expr_over(item, env, wanted)));
        }
        let known = values.iter().flatten().find_map(met);
        let wanted = known.as_ref().or(wanted);
        let all = items.iter().zip(values);
        all.map(|(item, value)| value.unwrap_or_else(|| self.expr_over(item, env, wanted)))
            .collect()
    }

    /// The factors of a chain of one operator, with their labels.
    pub(crate) fn factors(&mut self, op: ast::BinaryOp, e: &Expr, env: &Env) -> Vec<Factor> {
        // The chain leans to the left, and may be long: walk it, do not recurse.
        let mut operands = Vec::new();
        let mut rest = e;
        while let ExprKind::Binary(found, a, b) = &rest.kind {
            if *found != op {
                break;
            }
            operands.push(&**b);
            rest = a;
        }
        operands.push(rest);
        operands.reverse();
        operands
            .into_iter()
            .map(|operand| match &operand.kind {
                ExprKind::Labelled(name, inner) => Factor {
                    name: Some(name.text.as_str().into()),
                    segment: None,
                    model: self.expr(inner, env),
                    span: operand.span,
                },
                _ => Factor {
                    name: name_of(operand),
                    segment: None,
                    model: self.expr(operand, env),
                    span: operand.span,
                },
            })
            .collect()
    }
}

/// The name of an unlabelled factor: its definition's.
fn name_of(e: &Expr) -> Option<Arc<str>> {
    match &e.kind {
        ExprKind::Name(name) => Some(name.as_str().into()),
        ExprKind::Bracket(base, _) => name_of(base),
        ExprKind::Call(function, _) => name_of(function),
        _ => None,
    }
}
