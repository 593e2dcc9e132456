//! Forward derivatives through lenses that have none, found when a program is checked.
//!
//! *Before*: modules without errors.
//! *After*: a diagnostic for each place that goes forwards through a lens whose `put` is not linear.
//! *Size*: one lowering of each definition, and only in programs that have such lenses and go forwards.
//!
//! Whether a `put` is linear is read off unary form, so each definition is lowered for a look, with small
//! numbers for open sizes and `Real` for open carriers. A definition that takes functions is looked at
//! where it is given them. What a look does not reach is refused when it is lowered in earnest.

use std::sync::Arc;

use lentil_diag::Diagnostic;
use lentil_grammar::ast::{self, ExprKind, ItemKind, StaticParam};
use lentil_unary::Carrier;

use crate::elaborate::{Elaborator, Mode, for_children, is_space, record_type};
use crate::module::{DefId, Modules};
use crate::size::Size;
use crate::supply::Supply;
use crate::ty::{Kind, Ty};
use crate::value::{Const, Env, Value};

/// The code of what is looked for.
const CODE: &str = "E0352";

/// What goes forwards.
const FORWARDS: [&str; 5] = ["fwd", "hvp", "jacobian", "linearize", "hessian"];

/// Whether there is something to look for: a lens that is written by hand, and something that goes
/// forwards. A session learns it module by module.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reason {
    lens: bool,
    forwards: bool,
}

impl Reason {
    /// With the modules from `first` on.
    pub(crate) fn with(self, modules: &Modules, first: usize) -> Reason {
        let items = || modules.items(first).map(|(_, item)| item);
        let is_lens = |i: &ast::Item| matches!(i.kind, ItemKind::Lens(_));
        let forwards = |i: &ast::Item| bodies(&i.kind).into_iter().any(goes_forwards);
        Reason {
            lens: self.lens || items().any(is_lens),
            forwards: self.forwards || items().any(forwards),
        }
    }
}

/// See the module's header; of the modules from `first` on.
pub(crate) fn check(modules: &Modules, first: usize, reason: Reason) -> Vec<Diagnostic> {
    if !reason.lens || !reason.forwards {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (def, item) in modules.items(first) {
        let mut elaborator = Elaborator::new(modules, Mode::Lower(Carrier::F64));
        // What a session has computed is outside of all that is looked at.
        elaborator.frames.open_givens();
        elaborator.look_at(def, item);
        elaborator.frames.close_givens();
        let said = elaborator.finish();
        found.extend(said.into_iter().filter(|d| d.code == CODE));
    }
    found
}

fn bodies(kind: &ItemKind) -> Vec<&ast::Expr> {
    match kind {
        ItemKind::Fn(f) => vec![&f.body],
        ItemKind::Model(m) => vec![&m.body],
        ItemKind::Lens(l) => vec![&l.get, &l.put],
        ItemKind::Optimizer(o) => vec![&o.get, &o.put],
        ItemKind::Test(t) => vec![&t.body],
        ItemKind::Law(l) => vec![&l.body],
        ItemKind::Let(l) => vec![&l.value],
        ItemKind::Import(_) | ItemKind::Data(_) | ItemKind::Learner(_) | ItemKind::Type(_) => {
            Vec::new()
        }
    }
}

fn goes_forwards(e: &ast::Expr) -> bool {
    if let ExprKind::Name(name) = &e.kind
        && FORWARDS.contains(&name.as_str())
    {
        return true;
    }
    let mut found = false;
    for_children(e, &mut |child| found = found || goes_forwards(child));
    found
}

impl Elaborator<'_> {
    fn look_at(&mut self, def: DefId, item: &ast::Item) {
        let place = crate::module::item_name(item).map_or(item.span, |n| n.span);
        self.begin_item(place);
        let module = Env::module(def.module);
        match &item.kind {
            ItemKind::Fn(f) => self.look_at_map(def, &f.statics, &f.wheres),
            ItemKind::Lens(l) => self.look_at_map(def, &l.statics, &l.signature.wheres),
            ItemKind::Model(m) => {
                let wheres = m.signature.as_ref().map_or(&[][..], |s| &s.wheres);
                self.look_at_map(def, &m.statics, wheres);
            }
            ItemKind::Test(t) => {
                self.closed_region(&Ty::unit(), |e, _| e.expr(&t.body, &module));
            }
            ItemKind::Law(l) => {
                let types: Option<Vec<Ty>> = l
                    .params
                    .iter()
                    .map(|p| self.input_ty(p.ty.as_ref()?, &module))
                    .collect();
                let Some(types) = types.filter(|types| types.iter().all(lowers)) else {
                    return;
                };
                self.closed_region(&Ty::Tuple(types), |e, packed| {
                    let Value::Tuple(parts) = packed else {
                        return Value::Error;
                    };
                    let mut env = module.clone();
                    for (param, value) in l.params.iter().zip(parts) {
                        env = env.bind(param.name.text.as_str(), value);
                    }
                    e.expr(&l.body, &env)
                });
            }
            ItemKind::Import(_)
            | ItemKind::Optimizer(_)
            | ItemKind::Data(_)
            | ItemKind::Let(_)
            | ItemKind::Type(_)
            | ItemKind::Learner(_) => {}
        }
    }

    fn look_at_map(&mut self, def: DefId, statics: &[StaticParam], wheres: &[ast::Where]) {
        let place = self.item_place();
        let Some(samples) = self.samples(def, statics, wheres) else {
            return;
        };
        let types = self.checked(|e| {
            let value = e.definition(def, Some(samples.clone()), place);
            let model = e.as_model(value, place)?;
            let params = e.params(&model)?;
            let inputs = e.input_types(&model)?;
            Some([vec![record_type(&params)], inputs].concat())
        });
        let Some(types) = types.filter(|types| types.iter().all(lowers)) else {
            return;
        };
        self.closed_region(&Ty::Tuple(types), |e, packed| {
            let Value::Tuple(mut parts) = packed else {
                return Value::Error;
            };
            let params = parts.remove(0);
            // Again, now that the numbers it holds have a place.
            let value = e.definition(def, Some(samples), place);
            let Some(model) = e.as_model(value, place) else {
                return Value::Error;
            };
            e.apply_closed(&model, &Supply::predicting(params), parts, place)
        });
    }

    /// Small numbers for open sizes, of which the conditions hold.
    fn samples(
        &mut self,
        def: DefId,
        statics: &[StaticParam],
        wheres: &[ast::Where],
    ) -> Option<Vec<Value>> {
        let place = self.item_place();
        let open = statics.iter().filter(|s| s.bound.is_none()).count() as i128;
        let upwards = (0..open).map(|k| 2 + k).collect::<Vec<i128>>();
        let downwards = upwards.iter().rev().copied().collect::<Vec<i128>>();
        let equal = [3, 4, 2, 1, 6, 8, 12].map(|n| vec![n; open as usize]);
        let candidates = [vec![upwards, downwards], equal.to_vec()].concat();
        candidates.into_iter().find_map(|sizes| {
            let mut sizes = sizes.into_iter();
            let values: Option<Vec<Value>> = statics
                .iter()
                .map(|s| match &s.bound {
                    None => Some(Value::Const(Const::Int(Size::constant(sizes.next()?)))),
                    Some(bound) if is_space(bound) => Some(Value::Type(Arc::new(Ty::Array(
                        Kind::Real,
                        vec![Size::constant(3)],
                    )))),
                    Some(_) => Some(Value::Kind(Kind::Real)),
                })
                .collect();
            let values = values?;
            let module = Env::module(def.module);
            let holds = self.dry(|e| {
                e.bind_statics(statics, &module, Some(&values), place)
                    .is_some_and(|env| e.wheres_hold(wheres, &env, place))
            });
            holds.then_some(values)
        })
    }
}

/// Whether values of a type are arguments of unary form.
fn lowers(ty: &Ty) -> bool {
    ty.leaves(Carrier::F64).is_some()
}
