//! Static arguments: sizes and carriers, given in brackets or inferred from arguments.

use crate::elaborate::Elaborator;
use crate::elaborate::types::StaticBound;
use crate::size::{Size, SizeVar};
use crate::ty::{Bound, Kind};
use crate::value::{Const, Env, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{StaticParam, TypeExpr, TypeKind};
use std::rc::Rc;

impl Elaborator<'_> {
    /// Static parameters bound to given arguments; missing carriers become `Real`, sizes must be there.
    pub(crate) fn bind_statics(
        &mut self,
        params: &[StaticParam],
        env: &Env,
        given: Option<&[Value]>,
        span: Span,
    ) -> Option<Env> {
        let assigned = self.assign_statics(params, given.unwrap_or(&[]), span)?;
        let mut env = env.clone();
        for (param, value) in params.iter().zip(assigned) {
            let value = match (value, &param.bound) {
                (Some(value), _) => value,
                (None, Some(_)) => Value::Kind(Kind::Real),
                (None, None) => {
                    self.cannot_infer(param, span);
                    return None;
                }
            };
            env = env.bind(param.name.text.as_str(), value);
        }
        Some(env)
    }

    /// Given static arguments, each at its parameter: carriers may be left out.
    fn assign_statics(
        &mut self,
        params: &[StaticParam],
        given: &[Value],
        span: Span,
    ) -> Option<Vec<Option<Value>>> {
        let mut out: Vec<Option<Value>> = Vec::new();
        let mut rest = given.iter().peekable();
        for param in params {
            let wants_carrier = param.bound.is_some();
            match rest.peek() {
                Some(Value::Kind(kind)) if wants_carrier => {
                    if let Some(StaticBound::Carrier(bound)) =
                        param.bound.as_ref().and_then(|b| self.bound(b))
                        && !kind.satisfies(bound)
                    {
                        self.unfit_carrier(kind, bound, param, span);
                        return None;
                    }
                    out.push(rest.next().cloned());
                }
                Some(Value::Type(_)) if wants_carrier => out.push(rest.next().cloned()),
                Some(Value::Const(_)) if !wants_carrier => out.push(rest.next().cloned()),
                _ => out.push(None),
            }
        }
        if rest.peek().is_some() {
            let names: Vec<&str> = params.iter().map(|p| p.name.text.as_str()).collect();
            let title = "these brackets do not fit";
            let label = format!("`[{}]` is wanted", names.join(", "));
            self.error(Diagnostic::error("E0335", title, span, label));
            return None;
        }
        Some(out)
    }

    fn unfit_carrier(&mut self, kind: &Kind, bound: Bound, param: &StaticParam, span: Span) {
        let title = format!("`{kind}` is not a `{bound}`");
        let label = format!("`{}` stands for a `{bound}`", param.name.text);
        self.error(Diagnostic::error("E0336", title, span, label));
    }

    fn cannot_infer(&mut self, param: &StaticParam, span: Span) {
        let name = &param.name.text;
        let title = format!("the value of `{name}` is not known here");
        self.error(
            Diagnostic::error("E0337", title, span, "no argument determines it")
                .label(param.name.span, "declared here")
                .hint("give it in brackets behind the name"),
        );
    }

    /// Static parameters from what is given and from the arguments' types.
    pub(crate) fn infer_statics(
        &mut self,
        params: &[StaticParam],
        env: &Env,
        given: Option<&[Value]>,
        types: &[&TypeExpr],
        args: &[Value],
        span: Span,
    ) -> Option<Env> {
        let mut known = self.assign_statics(params, given.unwrap_or(&[]), span)?;
        // Unknown sizes are variables in the patterns; matching solves for them, possibly in
        // several rounds because `n + m` needs one of the two first.
        let vars: Vec<SizeVar> = params
            .iter()
            .map(|p| SizeVar {
                id: self.fresh(),
                name: p.name.text.as_str().into(),
            })
            .collect();
        for round in 0..=params.len() {
            let mut inner = env.clone();
            for ((param, value), var) in params.iter().zip(&known).zip(&vars) {
                let value = value.clone().unwrap_or_else(|| match param.bound {
                    None => Value::Const(Const::Int(Size::var(var.clone()))),
                    Some(_) => Value::Kind(Kind::Var(var.id, var.name.clone(), Bound::Ring)),
                });
                inner = inner.bind(param.name.text.as_str(), value);
            }
            if known.iter().all(Option::is_some) || round == params.len() {
                break;
            }
            for (ty, arg) in types.iter().zip(args) {
                self.match_pattern(ty, arg, &inner, params, &vars, &mut known);
            }
        }
        for (param, value) in params.iter().zip(&mut known) {
            match (value.as_ref(), &param.bound) {
                (None, Some(bound)) => match self.bound(bound)? {
                    StaticBound::Carrier(_) => *value = Some(Value::Kind(Kind::Real)),
                    StaticBound::Space => {
                        self.cannot_infer(param, span);
                        return None;
                    }
                },
                (None, None) => {
                    self.cannot_infer(param, span);
                    return None;
                }
                (Some(Value::Kind(kind)), Some(bound)) => {
                    if let Some(StaticBound::Carrier(bound)) = self.bound(bound)
                        && !kind.satisfies(bound)
                    {
                        let kind = kind.clone();
                        self.unfit_carrier(&kind, bound, param, span);
                        return None;
                    }
                }
                _ => {}
            }
        }
        let mut env = env.clone();
        for (param, value) in params.iter().zip(known) {
            env = env.bind(param.name.text.as_str(), value.unwrap_or(Value::Error));
        }
        Some(env)
    }

    fn match_pattern(
        &mut self,
        pattern: &TypeExpr,
        arg: &Value,
        env: &Env,
        params: &[StaticParam],
        vars: &[SizeVar],
        known: &mut [Option<Value>],
    ) {
        match (&pattern.kind, arg) {
            (TypeKind::Name { name, brackets }, value) => {
                let position = params.iter().position(|p| p.name.text == name.text);
                if brackets.is_empty()
                    && let Some(k) = position
                    && known[k].is_none()
                    && matches!(&params[k].bound, Some(b) if is_space(b))
                {
                    if let Some(ty) = value.ty() {
                        known[k] = Some(Value::Type(Rc::new(ty)));
                    }
                    return;
                }
                let (kind, shape) = match value {
                    Value::Array(a) => (Some(a.kind.clone()), a.shape.clone()),
                    Value::Const(c) => match c.shape() {
                        Some(s) => (None, s.iter().map(|&n| Size::constant(n as i128)).collect()),
                        None => return,
                    },
                    _ => return,
                };
                if let (Some(k), Some(kind)) = (position, kind)
                    && known[k].is_none()
                {
                    known[k] = Some(Value::Kind(kind));
                }
                let sizes = match brackets.last() {
                    Some(sizes) if !(brackets.len() == 1 && name.text == "Mod") => sizes,
                    _ => return,
                };
                if sizes.len() != shape.len() {
                    return;
                }
                for (size, actual) in sizes.iter().zip(&shape) {
                    let Some(size) = self.dry(|e| e.size(size, env)) else {
                        continue;
                    };
                    let open: Vec<usize> = (0..vars.len())
                        .filter(|&k| known[k].is_none() && size.vars().contains(&vars[k]))
                        .collect();
                    if let [k] = open[..]
                        && let Some(solved) = size.solve_for(&vars[k], actual)
                    {
                        known[k] = Some(Value::Const(Const::Int(solved)));
                    }
                }
            }
            (TypeKind::Tuple(patterns), Value::Tuple(values)) => {
                for (p, v) in patterns.iter().zip(values) {
                    self.match_pattern(p, v, env, params, vars, known);
                }
            }
            (TypeKind::Record(patterns), Value::Record(values)) => {
                for (name, p) in patterns {
                    if let Some((_, v)) = values.iter().find(|(n, _)| **n == *name.text) {
                        self.match_pattern(p, v, env, params, vars, known);
                    }
                }
            }
            _ => {}
        }
    }
}

pub(crate) fn is_space(bound: &TypeExpr) -> bool {
    matches!(&bound.kind, TypeKind::Name { name, .. } if name.text == "Space")
}
