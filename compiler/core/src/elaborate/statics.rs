//! Static arguments: sizes and carriers, given in brackets or inferred from arguments.
//!
//! *Before*: a definition's static parameters, what stands in its brackets, and the arguments.
//! *After*: a scope in which every static parameter has its value.
//! *Size*: linear in the written types, times one round for each parameter.

use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{Expr, StaticParam, TypeExpr, TypeKind};

use crate::elaborate::Elaborator;
use crate::elaborate::alias::Alias;
use crate::elaborate::place::Place;
use crate::elaborate::types::StaticBound;
use crate::module::DefId;
use crate::size::{Size, SizeVar};
use crate::ty::{Bound, Kind, SpaceVar, Ty};
use crate::value::{Arr, Const, Env, Value};

/// What is being inferred.
struct Unknowns<'p> {
    params: &'p [StaticParam],
    vars: Vec<SizeVar>,
    known: Vec<Option<Value>>,
    /// Why a size could not be found: the argument, what its type says, what it is.
    stuck: Option<(usize, String)>,
    /// What need not be found.
    may_stay_open: &'p dyn Fn(&StaticParam) -> bool,
}

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
                (None, Some(bound)) if !is_space(bound) => Value::Kind(Kind::Real),
                (None, _) => {
                    self.cannot_infer(param, span, "no argument determines it");
                    return None;
                }
            };
            env = env.bind(param.name.text.as_str(), value);
        }
        Some(env)
    }

    /// Given static arguments, each at its parameter: carriers may be left out.
    pub(crate) fn assign_statics(
        &mut self,
        params: &[StaticParam],
        given: &[Value],
        span: Span,
    ) -> Option<Vec<Option<Value>>> {
        let mut out: Vec<Option<Value>> = Vec::new();
        let mut rest = given.iter().peekable();
        for param in params {
            let fits = match (rest.peek(), &param.bound) {
                (Some(Value::Const(_)), None) => true,
                (Some(Value::Kind(kind)), Some(bound)) => match self.bound(bound)? {
                    StaticBound::Carrier(bound) => {
                        if !kind.satisfies(bound) {
                            self.unfit_carrier(kind, bound, param, span);
                            return None;
                        }
                        true
                    }
                    StaticBound::Space(_) => true,
                },
                (Some(Value::Type(_)), Some(bound)) => is_space(bound),
                _ => false,
            };
            let value = if fits { rest.next().cloned() } else { None };
            out.push(match (value, &param.bound) {
                (Some(value), Some(bound)) if is_space(bound) => {
                    Some(self.as_space(value, bound, param, span)?)
                }
                (value, _) => value,
            });
        }
        if rest.peek().is_some() {
            let names: Vec<&str> = params.iter().map(|p| p.name.text.as_str()).collect();
            let title = "these brackets do not fit";
            let label = match names.is_empty() {
                true => "it has no sizes and no carriers to give".to_string(),
                false => format!("`[{}]` is wanted", names.join(", ")),
            };
            self.error(Diagnostic::error("E0335", title, span, label));
            return None;
        }
        Some(out)
    }

    /// What is given for a parameter space.
    fn as_space(
        &mut self,
        value: Value,
        bound: &TypeExpr,
        param: &StaticParam,
        span: Span,
    ) -> Option<Value> {
        let ty = match value {
            Value::Kind(kind) => Arc::new(Ty::scalar(kind)),
            Value::Type(ty) => ty,
            _ => return None,
        };
        match self.bound(bound)? {
            StaticBound::Space(bound) => self.fits_space(&ty, bound, param, span),
            StaticBound::Carrier(_) => false,
        }
        .then_some(Value::Type(ty))
    }

    fn fits_space(&mut self, ty: &Ty, bound: Bound, param: &StaticParam, span: Span) -> bool {
        let bad = outside_space(ty, bound);
        if let Some(bad) = &bad {
            let title = format!("`{bad}` is not in a space over `{bound}`");
            let label = format!("`{}` stands for such a space", param.name.text);
            self.error(Diagnostic::error("E0336", title, span, label));
        }
        bad.is_none()
    }

    fn unfit_carrier(&mut self, kind: &Kind, bound: Bound, param: &StaticParam, span: Span) {
        let title = format!("`{kind}` is not a `{bound}`");
        let label = format!("`{}` stands for a `{bound}`", param.name.text);
        self.error(Diagnostic::error("E0336", title, span, label));
    }

    fn cannot_infer(&mut self, param: &StaticParam, span: Span, why: &str) {
        let name = &param.name.text;
        let title = format!("the value of `{name}` is not known here");
        let hint = match why {
            why if why == wrong_axes(1, 2) => {
                "what takes a whole batch stands beside `each(…)`: `each(dense[4, 8]) >> batch_norm[8]`"
            }
            why if why.ends_with(WANTED) => "`each(f)` is `f` over one more axis",
            _ => "give it in brackets behind the name",
        };
        self.error(
            Diagnostic::error("E0337", title, span, why)
                .label(param.name.span, "declared here")
                .hint(hint),
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
        at: &Place,
    ) -> Option<Env> {
        let known = self.assign_statics(params, given.unwrap_or(&[]), at.span)?;
        self.complete_statics(params, env, known, types, args, at, &|_| false)
    }

    /// Static parameters of which some are known, the others from the arguments' types. Those that
    /// may stay open are left unbound if nothing says what they are.
    #[allow(clippy::too_many_arguments)] // patterns, what meets them, and where
    pub(crate) fn complete_statics(
        &mut self,
        params: &[StaticParam],
        env: &Env,
        known: Vec<Option<Value>>,
        types: &[&TypeExpr],
        args: &[Value],
        at: &Place,
        may_stay_open: &dyn Fn(&StaticParam) -> bool,
    ) -> Option<Env> {
        // Unknown sizes are variables in the patterns; matching solves for them, possibly in
        // several rounds because `n + m` needs one of the two first.
        let var = |p: &StaticParam, id| SizeVar {
            id,
            name: p.name.text.as_str().into(),
        };
        let vars = params.iter().map(|p| var(p, self.fresh())).collect();
        let mut unknowns = Unknowns {
            params,
            vars,
            known,
            stuck: None,
            may_stay_open,
        };
        for _ in params {
            if unknowns.known.iter().all(Option::is_some) {
                break;
            }
            unknowns.stuck = None;
            let inner = unknowns.scope(env);
            for (k, (ty, arg)) in types.iter().zip(args).enumerate() {
                self.match_pattern(ty, arg, k, &inner, &mut unknowns);
            }
        }
        let Unknowns { known, stuck, .. } = unknowns;
        let mut env = env.clone();
        for (param, value) in params.iter().zip(known) {
            let bound = match &param.bound {
                Some(bound) => Some(self.bound(bound)?),
                None => None,
            };
            let value = match (value, bound) {
                (None, None | Some(StaticBound::Space(_))) if may_stay_open(param) => continue,
                (None, Some(StaticBound::Carrier(_))) => Value::Kind(Kind::Real),
                (None, Some(StaticBound::Space(_)) | None) => {
                    match &stuck {
                        Some((k, why)) => self.cannot_infer(param, at.arg(*k), why),
                        None => self.cannot_infer(param, at.span, "no argument determines it"),
                    }
                    return None;
                }
                (Some(Value::Kind(kind)), Some(StaticBound::Carrier(bound)))
                    if !kind.satisfies(bound) =>
                {
                    self.unfit_carrier(&kind, bound, param, at.span);
                    return None;
                }
                (Some(Value::Type(ty)), Some(StaticBound::Space(bound))) => {
                    if !self.fits_space(&ty, bound, param, at.span) {
                        return None;
                    }
                    Value::Type(ty)
                }
                (Some(value), _) => value,
            };
            env = env.bind(param.name.text.as_str(), value);
        }
        Some(env)
    }

    fn match_pattern(
        &mut self,
        pattern: &TypeExpr,
        arg: &Value,
        k: usize,
        env: &Env,
        unknowns: &mut Unknowns<'_>,
    ) {
        match (&pattern.kind, arg) {
            (TypeKind::Name { name, brackets }, value) => {
                if let Some(def) = self.alias(&name.text, env) {
                    self.match_alias(def, brackets, arg, k, env, unknowns);
                    return;
                }
                let position = unknowns.position(&name.text, env);
                if let Some(p) = position
                    && brackets.is_empty()
                    && unknowns.known[p].is_none()
                    && unknowns.params[p].bound.as_ref().is_some_and(is_space)
                {
                    // Numbers of no carrier yet are points of a space over the reals.
                    let span = pattern.span;
                    let settled = self.dry(|e| e.settle_real(value.clone(), span));
                    unknowns.known[p] = settled.ty().map(|ty| Value::Type(Arc::new(ty)));
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
                if let (Some(p), Some(kind)) = (position, kind)
                    && unknowns.known[p].is_none()
                {
                    unknowns.known[p] = Some(Value::Kind(kind));
                }
                let sizes = match brackets.last() {
                    Some(sizes) if !(brackets.len() == 1 && name.text == "Mod") => sizes,
                    _ => return,
                };
                if sizes.len() != shape.len() {
                    unknowns.stuck = Some((k, wrong_axes(shape.len(), sizes.len())));
                    return;
                }
                self.solve_all(sizes, &shape, k, env, unknowns);
            }
            (TypeKind::Tuple(patterns), Value::Tuple(values)) => {
                for (p, v) in patterns.iter().zip(values) {
                    self.match_pattern(p, v, k, env, unknowns);
                }
            }
            (TypeKind::Record(patterns), Value::Record(values)) => {
                for (name, p) in patterns {
                    if let Some((_, v)) = values.iter().find(|(n, _)| **n == *name.text) {
                        self.match_pattern(p, v, k, env, unknowns);
                    }
                }
            }
            (TypeKind::Arrow(from, to), f @ (Value::Func(_) | Value::Model(_))) => {
                // What a map takes in, if it is known from the map alone.
                if let Some(own) = self.dry(|e| e.input_types(f)) {
                    let own: Vec<Value> = own.iter().map(|t| self.unknown(t)).collect();
                    match (&from.kind, &own[..]) {
                        (TypeKind::Tuple(patterns), _) if patterns.len() == own.len() => {
                            for (p, v) in patterns.iter().zip(&own) {
                                self.match_pattern(p, v, k, env, unknowns);
                            }
                        }
                        // A map of single numbers takes arrays of any shape.
                        (_, [one]) if is_number(one) && unknowns.leaves_open(from, env) => {}
                        (_, [one]) => self.match_pattern(from, one, k, env, unknowns),
                        _ => {}
                    }
                }
                // What it makes of arguments that are known says what its result is.
                let Some(inputs) = self.dry(|e| e.domain(from, env)) else {
                    return;
                };
                if inputs.iter().any(|t| unknowns.occur_in(t)) {
                    return;
                }
                let inputs = inputs.iter().map(|t| self.unknown(t)).collect();
                let result = self.dry(|e| e.probe(f, inputs, pattern.span));
                self.match_pattern(to, &result, k, env, unknowns);
            }
            _ => {}
        }
    }

    /// The same where the pattern is a name for a type, or an array of what it stands for.
    fn match_alias(
        &mut self,
        def: DefId,
        brackets: &[Vec<Expr>],
        arg: &Value,
        k: usize,
        env: &Env,
        unknowns: &mut Unknowns<'_>,
    ) {
        let alias = self.dry(|e| e.unfold_alias(def, brackets, env, Span::default()));
        let Some(Alias {
            env: inner,
            ty,
            rest,
        }) = alias
        else {
            return;
        };
        let sizes = rest.first().map_or(&[][..], Vec::as_slice);
        let (shape, element) = match arg {
            Value::Array(a) if a.shape.len() >= sizes.len() => {
                let (outer, shape) = a.shape.split_at(sizes.len());
                let (shape, range) = (shape.to_vec(), None);
                (
                    outer.to_vec(),
                    Value::Array(Arr {
                        shape,
                        range,
                        ..a.clone()
                    }),
                )
            }
            Value::Const(c) => match c.below(sizes.len()) {
                Some((shape, element)) => {
                    let shape = shape.iter().map(|&n| Size::constant(n as i128));
                    (shape.collect(), Value::Const(element.clone()))
                }
                None => return,
            },
            Value::Array(a) => {
                unknowns.stuck = Some((k, wrong_axes(a.shape.len(), sizes.len())));
                return;
            }
            _ if sizes.is_empty() => (Vec::new(), arg.clone()),
            _ => return,
        };
        self.solve_all(sizes, &shape, k, env, unknowns);
        // Names lead on to names as deep as expressions go, and no deeper.
        self.deeper(ty.span, |e| {
            e.match_pattern(ty, &element, k, &inner, unknowns);
            Value::unit()
        });
    }

    fn solve_all(
        &mut self,
        sizes: &[Expr],
        shape: &[Size],
        k: usize,
        env: &Env,
        unknowns: &mut Unknowns<'_>,
    ) {
        for (size, actual) in sizes.iter().zip(shape) {
            if let Some(size) = self.dry(|e| e.size(size, env)) {
                self.solve(&size, actual, k, unknowns);
            }
        }
    }

    /// Solves `size = actual` for the one unknown in it.
    fn solve(&mut self, size: &Size, actual: &Size, k: usize, unknowns: &mut Unknowns<'_>) {
        let vars = size.vars();
        let open: Vec<usize> = (0..unknowns.vars.len())
            .filter(|&p| unknowns.known[p].is_none() && vars.contains(&unknowns.vars[p]))
            .collect();
        let [p] = open[..] else {
            return;
        };
        let name = &unknowns.vars[p].name;
        match size.solve_for(&unknowns.vars[p], actual) {
            Some(solved) if self.nonnegative(&solved) => {
                unknowns.known[p] = Some(Value::Const(Const::Int(solved)));
            }
            Some(solved) => {
                let why = format!("`{name}` would be `{solved}`, which may be negative");
                unknowns.stuck = Some((k, why));
            }
            None => {
                let why = format!("no `{name}` makes `{size}` equal to `{actual}`");
                unknowns.stuck = Some((k, why));
            }
        }
    }
}

impl Unknowns<'_> {
    /// A scope in which what is known has its value and what is not is a variable, which is good for
    /// any name of a type; what it turns out to be is held against its bound at the end.
    fn scope(&self, env: &Env) -> Env {
        let mut inner = env.clone();
        for ((param, value), var) in self.params.iter().zip(&self.known).zip(&self.vars) {
            let value = value.clone().unwrap_or_else(|| match &param.bound {
                None => Value::Const(Const::Int(Size::var(var.clone()))),
                Some(b) if is_space(b) => Value::Type(Arc::new(Ty::Space(SpaceVar {
                    id: var.id,
                    name: var.name.clone(),
                    bound: Bound::Real,
                }))),
                Some(_) => Value::Kind(Kind::Var(var.id, var.name.clone(), Bound::Real)),
            });
            inner = inner.bind(param.name.text.as_str(), value);
        }
        inner
    }

    /// The unknown carrier or space that a name means, by whatever name that was given on.
    fn position(&self, name: &str, env: &Env) -> Option<usize> {
        let id = match env.get(name)? {
            Value::Kind(Kind::Var(id, ..)) => *id,
            Value::Type(ty) => match &**ty {
                Ty::Space(space) => space.id,
                _ => return None,
            },
            _ => return None,
        };
        self.vars.iter().position(|v| v.id == id)
    }

    /// Whether a written type is a space that each use may find anew.
    fn leaves_open(&self, pattern: &TypeExpr, env: &Env) -> bool {
        let TypeKind::Name { name, .. } = &pattern.kind else {
            return false;
        };
        let position = self.position(&name.text, env);
        position.is_some_and(|p| (self.may_stay_open)(&self.params[p]))
    }

    /// Whether something that is not known yet occurs in a type.
    fn occur_in(&self, ty: &Ty) -> bool {
        let ours = |id: u32| self.vars.iter().any(|v| v.id == id);
        match ty {
            Ty::Array(kind, shape) => {
                matches!(kind, Kind::Var(id, ..) if ours(*id))
                    || shape.iter().flat_map(Size::vars).any(|v| ours(v.id))
            }
            Ty::Tuple(parts) => parts.iter().any(|t| self.occur_in(t)),
            Ty::Record(fields) => fields.iter().any(|(_, t)| self.occur_in(t)),
            Ty::Arrow(from, to) => from.iter().any(|t| self.occur_in(t)) || self.occur_in(to),
            Ty::Space(space) => ours(space.id),
            Ty::Key => false,
        }
    }
}

fn wrong_axes(has: usize, wants: usize) -> String {
    let axes = |n| match n {
        1 => "1 axis".to_string(),
        n => format!("{n} axes"),
    };
    format!("it has {}, {}{WANTED}", axes(has), axes(wants))
}

/// How what is said of wrong axes ends.
const WANTED: &str = " wanted";

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Array(a) if a.shape.is_empty())
}

/// Whether a bound is `Space[…]`.
pub(crate) fn is_space(bound: &TypeExpr) -> bool {
    matches!(&bound.kind, TypeKind::Name { name, .. } if name.text == "Space")
}

/// A carrier of a parameter space that a bound does not allow.
pub(crate) fn outside_space(space: &Ty, bound: Bound) -> Option<Kind> {
    match space {
        // A space over `Real` goes together with numbers that are `Real`.
        Ty::Array(kind, _) if bound == Bound::Real => {
            let fits = matches!(kind, Kind::Real | Kind::Var(_, _, Bound::Real));
            (!fits).then(|| kind.clone())
        }
        Ty::Array(kind, _) => (!kind.satisfies(bound)).then(|| kind.clone()),
        Ty::Tuple(parts) => parts.iter().find_map(|t| outside_space(t, bound)),
        Ty::Record(fields) => fields.iter().find_map(|(_, t)| outside_space(t, bound)),
        Ty::Space(space) => (space.bound < bound).then_some(Kind::Int),
        Ty::Key | Ty::Arrow(..) => Some(Kind::Int),
    }
}
