//! Parameter groups: which optimizer learns which parameters.
//!
//! ```text
//! optimizer = adam(rate: 0.01)                                 all of them
//! optimizer = { encoder: frozen, out: adam(), _: descent() }   by the first segment of their paths
//! optimizer = { encoder: { layer: adam(), _: frozen }, … }     and by the next
//! ```
//!
//! A record has the shape of the paths, so no parameter is in two groups; `_` takes what the others
//! leave, and what is left over is refused.

use crate::elaborate::Elaborator;
use crate::elaborate::learner::LearnerSpec;
use crate::elaborate::region::field;
use crate::ty::Ty;
use crate::value::{Env, Func, Optimizer, ParamDecl, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{Expr, ExprKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Parameters that one optimizer learns.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// Its path, which stands before the names of its states; empty where there is one group.
    pub(crate) name: Arc<str>,
    pub(crate) optimizer: Arc<Optimizer>,
    /// Where it is written.
    pub(crate) span: Span,
    /// Its parameters: names within the group, paths and types.
    params: Vec<(Arc<str>, Arc<str>, Ty)>,
}

/// Values of parameters by path.
pub(crate) type ByPath = BTreeMap<Arc<str>, Value>;

impl Group {
    /// The type of its parameter space.
    pub(crate) fn ty(&self) -> Ty {
        let of = |(name, _, ty): &(Arc<str>, Arc<str>, Ty)| (name.clone(), ty.clone());
        Ty::Record(self.params.iter().map(of).collect())
    }

    /// Its part of values of all parameters.
    pub(crate) fn part(&self, all: &ByPath) -> Value {
        let of = |(name, path, _): &(Arc<str>, Arc<str>, Ty)| {
            (name.clone(), all.get(path).cloned().unwrap_or(Value::Error))
        };
        Value::Record(self.params.iter().map(of).collect())
    }

    /// Writes its part into values of all parameters.
    pub(crate) fn put(&self, part: &Value, all: &mut ByPath) {
        for (name, path, _) in &self.params {
            let value = field(part, name).cloned().unwrap_or(Value::Error);
            all.insert(path.clone(), value);
        }
    }

    /// The name of a state of its optimizer among those of all groups.
    pub(crate) fn state_name(&self, name: &str) -> Arc<str> {
        match self.name.is_empty() {
            true => name.into(),
            false => format!("{}.{name}", self.name).into(),
        }
    }

    /// The states of its optimizer, by the names that the optimizer gives them.
    pub(crate) fn states(&self, all: &Value) -> Value {
        let Value::Record(fields) = all else {
            return Value::Error;
        };
        let prefix = self.state_name("");
        let own = |(name, value): &(Arc<str>, Value)| {
            let name = name.strip_prefix(&*prefix).filter(|n| !n.contains('.'))?;
            Some((Arc::from(name), value.clone()))
        };
        Value::Record(fields.iter().filter_map(own).collect())
    }
}

/// What stands behind `optimizer = `, or at a field of it.
struct Place<'e> {
    /// The path up to here.
    path: String,
    /// As it is written, if it is written out.
    written: Option<&'e Expr>,
    span: Span,
}

impl Place<'_> {
    /// A field of it.
    fn at(&self, name: &str) -> Place<'_> {
        let written = match self.written.map(|e| &e.kind) {
            Some(ExprKind::Record(fields)) => fields.iter().find(|(n, _)| n.text == name),
            _ => None,
        };
        let path = match self.path.is_empty() {
            true => name.to_string(),
            false => format!("{}.{name}", self.path),
        };
        Place {
            path,
            written: written.map(|(_, e)| e),
            span: written.map_or(self.span, |(n, e)| n.span.to(e.span)),
        }
    }
}

impl Elaborator<'_> {
    /// The groups that a learner's `optimizer` makes of its model's parameters; `None` after an error.
    pub(crate) fn groups(
        &mut self,
        value: Value,
        written: &Expr,
        params: &[ParamDecl],
    ) -> Option<Vec<Group>> {
        let learnt: Vec<&ParamDecl> = params.iter().filter(|p| p.is_learnt()).collect();
        let place = Place {
            path: String::new(),
            written: Some(written),
            span: written.span,
        };
        let mut groups = Vec::new();
        self.grouped(value, &place, learnt, &mut groups)
            .then_some(groups)
    }

    /// Divides the parameters below a path; whether all went well.
    fn grouped(
        &mut self,
        value: Value,
        place: &Place<'_>,
        mut params: Vec<&ParamDecl>,
        out: &mut Vec<Group>,
    ) -> bool {
        let fields = match value {
            Value::Record(fields) => fields,
            value if is_frozen(&value) => return true,
            value => {
                let Some(optimizer) = self.as_optimizer(value, place.span) else {
                    return false;
                };
                out.push(group(place, optimizer, &params));
                return true;
            }
        };
        let mut rest = None;
        for (name, value) in fields {
            let inner = place.at(&name);
            if &*name == "_" {
                rest = Some((inner, value));
                continue;
            }
            let below = format!("{}.", inner.path);
            let own = |p: &&ParamDecl| *p.path == *inner.path || p.path.starts_with(&below);
            let (mine, others): (Vec<&ParamDecl>, _) = params.iter().partition(|p| own(p));
            if mine.is_empty() {
                return self.empty_group(&inner, &params);
            }
            params = others;
            if !self.grouped(value, &inner, mine, out) {
                return false;
            }
        }
        match (rest, params.first()) {
            (None, None) => true,
            (None, Some(left)) => {
                let title = format!("`{}` is in no group", left.path);
                let label = "these groups are all that is learnt";
                let hint = "say what learns the others: `_: adam()`, or `_: frozen`";
                self.error(Diagnostic::error("E0437", title, place.span, label).hint(hint));
                false
            }
            (Some((inner, _)), None) => {
                let title = "nothing is left for `_`";
                let label = "every parameter is in a group already";
                self.error(Diagnostic::error("E0437", title, inner.span, label));
                false
            }
            (Some((inner, value)), Some(_)) => match value {
                Value::Record(_) => {
                    let title = "`_` has one optimizer";
                    let label = "what is left is divided here";
                    let hint = "divide the parameters by the names of their paths";
                    self.error(Diagnostic::error("E0437", title, inner.span, label).hint(hint));
                    false
                }
                value => self.grouped(value, &inner, params, out),
            },
        }
    }

    fn empty_group(&mut self, place: &Place<'_>, left: &[&ParamDecl]) -> bool {
        let title = format!("nothing that is learnt is called `{}`", place.path);
        let label = "a group without parameters";
        let mut d = Diagnostic::error("E0437", title, place.span, label);
        let depth = place.path.matches('.').count() + 1;
        let segments = |p: &&ParamDecl| {
            let parts: Vec<&str> = p.path.split('.').take(depth).collect();
            parts.join(".")
        };
        let names: BTreeSet<String> = left.iter().map(segments).collect();
        let close = crate::spelling::closest(&place.path, names.iter().map(String::as_str));
        d = match close {
            Some(close) => d.hint(format!("did you mean `{close}`?")),
            None if names.is_empty() => d.hint("all parameters are in a group already, or frozen"),
            None => {
                let names: Vec<String> = names.into_iter().take(8).collect();
                d.hint(format!("there is `{}`", names.join("`, `")))
            }
        };
        self.error(d);
        false
    }

    /// The states of all groups' optimizers: names, types and the values they start from.
    pub(crate) fn group_states(&mut self, groups: &[Group]) -> Option<Vec<(Arc<str>, Ty, Value)>> {
        let mut out = Vec::new();
        for group in groups {
            let env = self.group_env(group)?;
            let states = self.optimizer_states(&group.optimizer, &env)?;
            let named =
                |(name, ty, start): (Arc<str>, Ty, Value)| (group.state_name(&name), ty, start);
            out.extend(states.into_iter().map(named));
        }
        Some(out)
    }

    fn group_env(&mut self, group: &Group) -> Option<Env> {
        self.optimizer_env(&group.optimizer, &group.ty(), group.span)
    }

    /// What the model sees of the parameters that are learnt.
    pub(crate) fn groups_get(
        &mut self,
        spec: &LearnerSpec,
        states: &Value,
        p: &ByPath,
    ) -> Option<ByPath> {
        let mut seen = p.clone();
        for group in &spec.groups {
            let env = self.group_env(group)?;
            let states = group.states(states);
            let own = self.optimizer_get(&group.optimizer, &env, &states, &group.part(p));
            group.put(&own, &mut seen);
        }
        Some(seen)
    }

    /// The next states and parameters, given cotangents of what the model saw.
    pub(crate) fn groups_put(
        &mut self,
        spec: &LearnerSpec,
        states: &Value,
        p: &ByPath,
        dq: &ByPath,
    ) -> Option<(Value, ByPath)> {
        let mut next = p.clone();
        let mut out = Vec::new();
        for group in &spec.groups {
            let env = self.group_env(group)?;
            let (own, dq) = (group.part(p), group.part(dq));
            let states = group.states(states);
            let (states, own) = self.optimizer_put(&group.optimizer, &env, &states, &own, &dq)?;
            group.put(&own, &mut next);
            let Value::Record(fields) = states else {
                return None;
            };
            let named = |(name, value): (Arc<str>, Value)| (group.state_name(&name), value);
            out.extend(fields.into_iter().map(named));
        }
        Some((Value::Record(out.into()), next))
    }
}

/// The parameters of groups, in the order of declaration.
pub(crate) fn learnt_by(groups: &[Group], params: &[ParamDecl]) -> Vec<Arc<str>> {
    let taken: BTreeSet<&Arc<str>> = (groups.iter())
        .flat_map(|g| g.params.iter().map(|(_, path, _)| path))
        .collect();
    let own = params.iter().map(|p| &p.path).filter(|p| taken.contains(p));
    own.cloned().collect()
}

/// Within a group, parameters are called by what follows the group's path.
fn group(place: &Place<'_>, optimizer: Arc<Optimizer>, params: &[&ParamDecl]) -> Group {
    // `_` is no segment of a path: what it takes stands beside it.
    let above = match place.path.rsplit_once('.') {
        _ if place.path == "_" => "",
        Some((above, "_")) => above,
        _ => &place.path,
    };
    let name = |p: &ParamDecl| -> Arc<str> {
        let rest = match above.is_empty() {
            true => Some(&*p.path),
            false => p.path.strip_prefix(above).and_then(|r| r.strip_prefix('.')),
        };
        // A group of one parameter has its path: there the last segment is left.
        let last = p.path.rsplit('.').next();
        rest.or(last).unwrap_or(&p.path).into()
    };
    Group {
        name: place.path.as_str().into(),
        optimizer,
        span: place.span,
        params: params
            .iter()
            .map(|p| (name(p), p.path.clone(), p.ty.clone()))
            .collect(),
    }
}

/// `frozen`, which is a function of models too.
fn is_frozen(value: &Value) -> bool {
    match value {
        Value::Func(f) => matches!(&**f, Func::Builtin { name: "frozen", .. }),
        _ => false,
    }
}
