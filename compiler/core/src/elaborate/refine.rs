//! `if K == Real then … else …`: an arm in which a carrier parameter is known.

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind};

use crate::elaborate::Elaborator;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Env, Func, Value};

impl Elaborator<'_> {
    /// `K == Real`, where `K` is a carrier parameter: decided at compile time.
    pub(crate) fn carrier_question(&mut self, c: &Expr, env: &Env) -> Option<(Kind, Kind)> {
        let ExprKind::Binary(ast::BinaryOp::Eq, left, right) = &c.kind else {
            return None;
        };
        let ExprKind::Name(name) = &left.kind else {
            return None;
        };
        let Some(Value::Kind(left)) = env.get(name) else {
            return None;
        };
        let left = left.clone();
        match self.dry(|e| e.expr(right, env)) {
            Value::Kind(right) => Some((left, right)),
            _ => None,
        }
    }

    /// The arm that the carrier chooses. While the carrier is open both are checked, the first as
    /// if the carrier were the one asked for, and both must have one type then.
    pub(crate) fn by_carrier(
        &mut self,
        (left, right): &(Kind, Kind),
        (a, b): (&Expr, &Expr),
        env: &Env,
        span: Span,
    ) -> Value {
        if left == right {
            return self.expr(a, env);
        }
        let Kind::Var(id, ..) = left else {
            return self.expr(b, env);
        };
        let refine = |ty: &Ty| in_type(ty, *id, right);
        let inner = env.map(&|v| in_value(v, *id, right));
        let then = self.expr(a, &inner);
        let otherwise = self.expr(b, env);
        if then.is_error() || otherwise.is_error() {
            return Value::Error;
        }
        if let (Some(x), Some(y)) = (then.ty(), otherwise.ty())
            && !self.same_type(&x, &refine(&y))
        {
            let title = "the arms of this `if` have different types";
            let label = format!("one is `{x}`, the other `{y}`");
            return self.error(Diagnostic::error("E0302", title, span, label));
        }
        otherwise
    }
}

fn in_type(ty: &Ty, id: u32, kind: &Kind) -> Ty {
    match ty {
        Ty::Array(Kind::Var(v, ..), shape) if *v == id => Ty::Array(kind.clone(), shape.clone()),
        Ty::Array(..) | Ty::Key | Ty::Space(_) => ty.clone(),
        Ty::Tuple(parts) => Ty::Tuple(parts.iter().map(|t| in_type(t, id, kind)).collect()),
        Ty::Record(fields) => Ty::Record(
            fields
                .iter()
                .map(|(n, t)| (n.clone(), in_type(t, id, kind)))
                .collect(),
        ),
        Ty::Arrow(from, to) => Ty::Arrow(
            from.iter().map(|t| in_type(t, id, kind)).collect(),
            Box::new(in_type(to, id, kind)),
        ),
    }
}

fn in_value(value: &Value, id: u32, kind: &Kind) -> Value {
    match value {
        Value::Kind(Kind::Var(v, ..)) if *v == id => Value::Kind(kind.clone()),
        Value::Array(a) if matches!(&a.kind, Kind::Var(v, ..) if *v == id) => Value::Array(Arr {
            kind: kind.clone(),
            ..a.clone()
        }),
        Value::Tuple(parts) => Value::Tuple(parts.iter().map(|v| in_value(v, id, kind)).collect()),
        Value::Record(fields) => Value::Record(
            fields
                .iter()
                .map(|(n, v)| (n.clone(), in_value(v, id, kind)))
                .collect(),
        ),
        Value::Func(f) => match &**f {
            Func::Declared(from, to) => Value::Func(std::sync::Arc::new(Func::Declared(
                from.iter().map(|t| in_type(t, id, kind)).collect(),
                in_type(to, id, kind),
            ))),
            Func::Typed(inner, from, to) => Value::Func(std::sync::Arc::new(Func::Typed(
                in_value(inner, id, kind),
                from.iter().map(|t| in_type(t, id, kind)).collect(),
                in_type(to, id, kind),
            ))),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}
