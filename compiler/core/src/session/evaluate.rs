//! Expressions and `let`s of a session.
//!
//! *Before*: a statement or an expression, in the scope of all that is bound.
//! *After*: a program of unary form that computes it from what was computed before, and how its names
//! are to be bound when it has been.
//! *Size*: what is evaluated; definitions that were lowered before are called as they are.

use std::sync::Arc;

use lentil_diag::Diagnostic;
use lentil_grammar::ast::{Expr, ExprKind, Ident, Item, ItemKind, LetDef, Pattern, Statement};

use super::{Defined, Described, Session, made};
use crate::elaborate::bindings::{Given, Held};
use crate::elaborate::{Elaborator, Mode};
use crate::module::DefId;
use crate::program::lower::reversed;
use crate::program::{Failure, Lowered, Options, Param, Role};
use crate::stack::deep;
use crate::ty::Ty;
use crate::value::{At, Const, Env, Value};

/// A program that takes, after its other parameters, what the session has computed and it needs.
#[derive(Clone, Debug)]
pub struct SessionProgram {
    /// The program.
    pub lowered: Lowered,
    /// What its parameters of [`Role::Given`] are, in order.
    pub givens: Vec<Given>,
}

/// What an expression is.
#[derive(Debug)]
pub enum Evaluated {
    /// A value, and how it is bound to a name.
    Value(SessionProgram, Binding),
    /// Something that exists at compile time only.
    Described(Described),
}

/// Names, and what they are to be bound to.
#[derive(Debug)]
pub struct Binding {
    names: Vec<(LetDef, Held)>,
    /// The names and what is known of them, in order.
    pub named: Vec<Named>,
}

/// A name that is to be bound.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The type of its value, which is a part of the program's result; of what exists at compile time
    /// only, a description.
    pub is: Result<Ty, Described>,
}

impl Session {
    /// An expression as a program. Its value can be bound to `name`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn evaluate(
        &mut self,
        expr: &Expr,
        name: &str,
        options: &Options,
    ) -> Result<Evaluated, Failure> {
        if let Some(ty) = self.named_type(expr) {
            return Ok(Evaluated::Described(ty));
        }
        let here = Env::module(self.here());
        let value = self.checked(|e| e.expr(expr, &here))?;
        let (value, held) = self.checked_pair(value, expr)?;
        let Some(ty) = value.ty().filter(|_| !matches!(held, Held::Abbreviation)) else {
            return Ok(Evaluated::Described(self.describe_value(&value, expr)));
        };
        let program = self.lowered(options, expr, |e| e.lowered_value(expr, &here))?;
        let ident = Ident {
            text: name.to_string(),
            span: expr.span,
        };
        let value = expr.clone();
        let binding = Binding {
            names: vec![(LetDef { name: ident, value }, held)],
            named: vec![Named {
                name: name.to_string(),
                is: Ok(ty),
            }],
        };
        Ok(Evaluated::Value(program, binding))
    }

    /// A `let` as a program whose result is the tuple of the values of its names, as far as they have
    /// any; `None` if none has.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn bind_later(
        &mut self,
        pattern: &Pattern,
        expr: &Expr,
        options: &Options,
    ) -> Result<(Option<SessionProgram>, Binding), Failure> {
        let here = Env::module(self.here());
        let mut idents = Vec::new();
        names_of(pattern, &mut idents);
        let statement = Statement::Let(pattern.clone(), expr.clone());
        let values: Vec<Value> = self.checked(|e| {
            e.refuse_twins(idents.iter());
            let scope = e.statement(&statement, &here);
            let value = |ident: &Ident| scope.get(&ident.text).cloned().unwrap_or(Value::Error);
            idents.iter().map(value).collect()
        })?;
        let part = |kind: ExprKind| Expr {
            kind,
            span: expr.span,
        };
        let in_block = |result: Expr| match pattern {
            Pattern::Name(_) if matches!(result.kind, ExprKind::Name(_)) => expr.clone(),
            _ => part(ExprKind::Block(vec![statement.clone()], Box::new(result))),
        };
        let (mut names, mut named, mut computed) = (Vec::new(), Vec::new(), Vec::new());
        for (ident, value) in idents.into_iter().zip(values) {
            let own = part(ExprKind::Name(ident.text.clone()));
            let value_expr = in_block(own.clone());
            let (value, held) = self.checked_pair(value, &value_expr)?;
            let ty = value.ty().filter(|_| !matches!(held, Held::Abbreviation));
            let is = match ty {
                Some(ty) => {
                    computed.push(own);
                    Ok(ty)
                }
                None => Err(self.describe_value(&value, &value_expr)),
            };
            named.push(Named {
                name: ident.text.clone(),
                is,
            });
            let value = value_expr;
            names.push((LetDef { name: ident, value }, held));
        }
        let binding = Binding { names, named };
        let result = match (computed.len(), pattern) {
            (0, _) => return Ok((None, binding)),
            (1, _) => in_block(computed.remove(0)),
            _ => in_block(part(ExprKind::Tuple(computed))),
        };
        let program = self.lowered(options, &result, |e| e.lowered_value(&result, &here))?;
        Ok((Some(program), binding))
    }

    /// Binds names; gives what was bound, for each name the definition under which its value is asked
    /// for if it is used.
    pub fn bind(&mut self, binding: Binding) -> Vec<(DefId, Defined)> {
        let (defs, held): (Vec<LetDef>, Vec<Held>) = binding.names.into_iter().unzip();
        let item = |l: &LetDef| Item {
            docs: Vec::new(),
            local: false,
            kind: ItemKind::Let(l.clone()),
            span: l.name.span,
        };
        let module = self.modules.add(made(defs.iter().map(item).collect()));
        let def = |k: usize| DefId {
            module,
            item: k as u32,
        };
        for (k, held) in held.into_iter().enumerate() {
            self.modules.scope_mut().hold(def(k), held);
        }
        self.note_uses(module);
        let names = defs.iter().enumerate();
        let names = names.map(|(k, l)| (Arc::from(l.name.text.as_str()), def(k)));
        let mut bound = self.bind_all(module, names.collect());
        bound.sort_by_key(|(def, _)| *def);
        bound
    }

    /// A map or a model as a program: its parameters, its inputs, and what it is given.
    ///
    /// # Errors
    /// If it is no map, or cannot be lowered.
    pub fn lower_map(&mut self, expr: &Expr, options: &Options) -> Result<SessionProgram, Failure> {
        let here = Env::module(self.here());
        self.checked(|e| e.expr(expr, &here))?;
        let mut program = self.lowered(options, expr, |e| e.lowered_map(expr, &here))?;
        let real = options.real;
        for &(def, leaf) in &program.givens {
            let Some(Held::Computed(ty)) = self.modules.scope().held(def) else {
                continue;
            };
            let leaves = ty.leaves(real).unwrap_or_default();
            let name = self.name_of(def).to_string();
            let one = leaves.len() == 1;
            program.lowered.params.push(Param {
                name: if one { name } else { format!("{name}.{leaf}") },
                ty: ty.clone(),
                leaves: leaves.get(leaf).cloned().into_iter().collect(),
                role: Role::Given,
            });
        }
        Ok(program)
    }

    /// Its reverse derivative. What it is given comes before the cotangent of its result.
    ///
    /// # Errors
    /// If it is no map, or cannot be lowered.
    pub fn lower_reverse(
        &mut self,
        expr: &Expr,
        text: &str,
        options: &Options,
    ) -> Result<SessionProgram, Failure> {
        let SessionProgram { lowered, givens } = self.lower_map(expr, options)?;
        let lowered = reversed(lowered, text, options);
        Ok(SessionProgram { lowered, givens })
    }

    /// A test as a program, whose result is whether it holds; and its title.
    ///
    /// # Errors
    /// If it cannot be lowered.
    pub fn lower_test(
        &mut self,
        test: DefId,
        options: &Options,
    ) -> Result<(String, SessionProgram), Failure> {
        let ItemKind::Test(t) = &self.modules.item(test).kind else {
            return Err(self.failure(Vec::new()));
        };
        let t = t.clone();
        let program = self.lowered(options, &t.body, |e| {
            e.lowered_region(&Ty::unit(), |e, _| {
                let value = e.expr(&t.body, &Env::module(test.module));
                e.truth(value)
            })
        })?;
        Ok((t.title, program))
    }

    /// Runs the checker; what it has to say is a failure.
    pub(super) fn checked<T: Send>(
        &mut self,
        f: impl FnOnce(&mut Elaborator<'_>) -> T + Send,
    ) -> Result<T, Failure> {
        let (modules, memory) = (&self.modules, &mut self.memory);
        let (out, said) = deep(|| {
            let mut e = Elaborator::resume(modules, Mode::Check, memory);
            let out = f(&mut e);
            (out, e.pause(memory))
        });
        match said.is_empty() {
            true => Ok(out),
            false => Err(self.failure(said)),
        }
    }

    /// A value with its constants settled, and how a name for it is held.
    fn checked_pair(&mut self, value: Value, expr: &Expr) -> Result<(Value, Held), Failure> {
        self.checked(|e| {
            if is_open(&value) {
                return (value, Held::Abbreviation);
            }
            let numbers = is_constant(&value);
            let settled = e.settle(value.clone(), expr.span);
            let held = match settled.ty() {
                _ if numbers => Held::Numbers(value),
                Some(ty) if settled.is_first_order() => Held::Computed(ty),
                _ => Held::Abbreviation,
            };
            (settled, held)
        })
    }

    fn lowered(
        &mut self,
        options: &Options,
        expr: &Expr,
        f: impl FnOnce(&mut Elaborator<'_>) -> Option<(Lowered, Vec<At>)> + Send,
    ) -> Result<SessionProgram, Failure> {
        let mode = Mode::Lower(options.real);
        let (modules, memory) = (&self.modules, &mut self.memory);
        let (out, mut said) = deep(|| {
            let mut e = Elaborator::resume(modules, mode, memory);
            e.frames.open_givens();
            let out = f(&mut e).map(|(lowered, origins)| SessionProgram {
                lowered,
                givens: e.givens_at(&origins),
            });
            e.frames.close_givens();
            (out, e.pause(memory))
        });
        if out.is_none() && said.is_empty() {
            let title = "this cannot be made into a program of arrays";
            let label = "its result is no value that can be computed";
            said.push(Diagnostic::error("E0339", title, expr.span, label));
        }
        match out {
            Some(program) if said.is_empty() => Ok(program),
            _ => Err(self.failure(said)),
        }
    }
}

/// Whether it is made of numbers alone, which a context may still read as it wants: whole numbers, and
/// single ones with a fraction. (Arrays of the latter are real in any context.)
fn is_constant(value: &Value) -> bool {
    match value {
        Value::Const(Const::Fill(_)) => false,
        Value::Const(c @ Const::List(_)) => c.is_integral(),
        Value::Const(Const::Int(_) | Const::Real(_) | Const::Unknown) => true,
        Value::Tuple(parts) => !parts.is_empty() && parts.iter().all(is_constant),
        Value::Record(fields) => !fields.is_empty() && fields.iter().all(|(_, v)| is_constant(v)),
        _ => false,
    }
}

/// Whether part of it waits for a context to give it a shape: `zeros`.
fn is_open(value: &Value) -> bool {
    match value {
        Value::Const(c) => matches!(c, Const::Fill(_)),
        Value::Tuple(parts) => parts.iter().any(is_open),
        Value::Record(fields) => fields.iter().any(|(_, v)| is_open(v)),
        _ => false,
    }
}

fn names_of(pattern: &Pattern, out: &mut Vec<Ident>) {
    match pattern {
        Pattern::Name(name) if name.text == "_" => {}
        Pattern::Name(name) => out.push(name.clone()),
        Pattern::Tuple(parts, _) => parts.iter().for_each(|p| names_of(p, out)),
    }
}
