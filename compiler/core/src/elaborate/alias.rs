//! Names for types: `type Pose[n] = {at: Real[n], turn: Real[3]}`.
//!
//! A name stands for what is written behind its `=`, in the scope of its own file, with its parameters
//! bound to what stands in its brackets. It is no type of its own: what differs in name only is equal.

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind, ItemKind, StaticParam, TypeExpr, TypeKind};
use std::sync::Arc;

use crate::elaborate::Elaborator;
use crate::elaborate::types::simple_kind;
use crate::module::{DefId, ModuleId, Modules};
use crate::ty::{Bound, Ty};
use crate::value::{Env, Value};

/// What a written type is when no name stands in between: its outermost form, how many axes were put
/// before it on the way, and the parameters that its names may mean.
#[derive(Clone, Copy)]
pub(crate) struct Unfolded<'m> {
    pub(crate) ty: &'m TypeExpr,
    pub(crate) axes: usize,
    pub(crate) statics: &'m [StaticParam],
}

/// What a name stands for, with what its brackets say.
pub(crate) struct Alias<'m, 'e> {
    /// The scope of its file and of its parameters.
    pub(crate) env: Env,
    /// What is written behind its `=`.
    pub(crate) ty: &'m TypeExpr,
    /// The brackets behind those of its parameters: sizes of an array of it.
    pub(crate) rest: &'e [Vec<Expr>],
}

impl<'a> Elaborator<'a> {
    /// The definition of a name for a type, unless a parameter has that name.
    pub(crate) fn alias(&self, name: &str, env: &Env) -> Option<DefId> {
        if env.get(name).is_some() {
            return None;
        }
        let def = self.modules.lookup(env.module, name)?;
        is_type(self.modules, def).then_some(def)
    }

    /// What a name stands for at what stands in its brackets.
    pub(crate) fn unfold_alias<'e>(
        &mut self,
        def: DefId,
        brackets: &'e [Vec<Expr>],
        env: &Env,
        span: Span,
    ) -> Option<Alias<'a, 'e>> {
        let modules = self.modules;
        let ItemKind::Type(t) = &modules.item(def).kind else {
            return None;
        };
        // What is wrong with it whatever it is given has been said where it is defined.
        if self.unusable.contains(&def) {
            return None;
        }
        let own = usize::from(!t.statics.is_empty()).min(brackets.len());
        let (own, rest) = brackets.split_at(own);
        let given = match own.first() {
            Some(items) => self.static_values(items, env)?,
            None => Vec::new(),
        };
        let module = Env::module(def.module);
        let env = self.bind_statics(&t.statics, &module, Some(&given), span)?;
        let ty = &t.ty;
        Some(Alias { env, ty, rest })
    }

    /// The type that a name stands for, and the brackets that are left.
    pub(crate) fn alias_type<'e>(
        &mut self,
        def: DefId,
        brackets: &'e [Vec<Expr>],
        env: &Env,
        span: Span,
    ) -> Option<(Ty, &'e [Vec<Expr>])> {
        let Alias { env, ty, rest } = self.unfold_alias(def, brackets, env, span)?;
        // Names of products of names of products: each is found out once.
        let alone = env.is_module();
        if alone && let Some(ty) = self.named_types.get(&def) {
            return Some(((**ty).clone(), rest));
        }
        let reported = self.diagnostics.len();
        let value = self.deeper(span, |e| match e.input_ty(ty, &env) {
            Some(ty) => Value::Type(Arc::new(ty)),
            None => Value::Error,
        });
        if let Value::Type(ty) = value {
            if alone {
                self.named_types.insert(def, ty.clone());
            }
            return Some(((*ty).clone(), rest));
        }
        for d in &mut self.diagnostics[reported..] {
            *d = d.clone().label(span, "with what is given here");
        }
        None
    }

    /// A written type as a value: a carrier, or something made of carriers.
    pub(crate) fn type_value(&mut self, ty: &TypeExpr, env: &Env) -> Value {
        match self.input_ty(ty, env) {
            Some(Ty::Array(kind, shape)) if shape.is_empty() => Value::Kind(kind),
            Some(ty) => Value::Type(Arc::new(ty)),
            None => Value::Error,
        }
    }

    /// Whether an expression in brackets is a type and not a size.
    pub(crate) fn names_type(&mut self, e: &Expr, env: &Env) -> bool {
        match &e.kind {
            ExprKind::Name(name) => match self.local_or_let(name, env, e.span) {
                Some(Value::Kind(_) | Value::Type(_)) => true,
                Some(_) => false,
                None => simple_kind(name).is_some() || self.alias(name, env).is_some(),
            },
            ExprKind::Bracket(base, _) => {
                let special =
                    matches!(&base.kind, ExprKind::Name(n) if n == "Mod" || n == "Category");
                special || self.names_type(base, env)
            }
            ExprKind::Tuple(_) | ExprKind::Record(_) => true,
            _ => false,
        }
    }

    /// Checks what a name stands for, for all that its brackets may say.
    pub(crate) fn check_type(&mut self, def: DefId, t: &ast::TypeDef) {
        self.refuse_twins(t.statics.iter().map(|s| &s.name));
        if is_taken(&t.name.text) {
            let title = format!("`{}` has a meaning already", t.name.text);
            let label = "this name is the language's own";
            self.error(Diagnostic::error("E0209", title, t.name.span, label));
        }
        if self.unusable.contains(&def) {
            return;
        }
        let env = self.rigid(&t.statics, &Env::module(def.module));
        if self.input_ty(&t.ty, &env).is_none() {
            self.unusable.insert(def);
        }
    }
}

/// A written type without names of types around it.
pub(crate) fn unfolded<'m>(
    modules: &'m Modules,
    mut module: ModuleId,
    ty: &'m TypeExpr,
    statics: &'m [StaticParam],
) -> Unfolded<'m> {
    let mut out = Unfolded {
        ty,
        axes: 0,
        statics,
    };
    let mut seen = Vec::new();
    while let TypeKind::Name { name, brackets } = &out.ty.kind
        && !out.statics.iter().any(|s| s.name.text == name.text)
        && let Some(def) = modules.lookup(module, &name.text)
        && let ItemKind::Type(t) = &modules.item(def).kind
        && !seen.contains(&def)
    {
        let own = usize::from(!t.statics.is_empty());
        let sizes = brackets.get(own).map_or(0, Vec::len);
        out = Unfolded {
            ty: &t.ty,
            axes: out.axes + sizes,
            statics: &t.statics,
        };
        module = def.module;
        seen.push(def);
    }
    out
}

/// An expression as the type that it would be if it stood where a type stands.
pub(crate) fn written_type(e: &Expr) -> Option<TypeExpr> {
    let kind = match &e.kind {
        ExprKind::Name(text) => TypeKind::Name {
            name: ast::Ident {
                text: text.clone(),
                span: e.span,
            },
            brackets: Vec::new(),
        },
        ExprKind::Bracket(base, items) => match written_type(base)?.kind {
            TypeKind::Name { name, mut brackets } => {
                brackets.push(items.clone());
                TypeKind::Name { name, brackets }
            }
            TypeKind::Tuple(_) | TypeKind::Record(_) | TypeKind::Arrow(..) => return None,
        },
        ExprKind::Tuple(items) => {
            TypeKind::Tuple(items.iter().map(written_type).collect::<Option<_>>()?)
        }
        ExprKind::Record(fields) => {
            let field = |(name, e): &(ast::Ident, Expr)| Some((name.clone(), written_type(e)?));
            TypeKind::Record(fields.iter().map(field).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some(TypeExpr { kind, span: e.span })
}

fn is_type(modules: &Modules, def: DefId) -> bool {
    matches!(modules.item(def).kind, ItemKind::Type(_))
}

/// Whether the language has a type or a bound of this name, which no file can change.
fn is_taken(name: &str) -> bool {
    let special = ["Mod", "Category", "Key", "Space"];
    special.contains(&name) || simple_kind(name).is_some() || Bound::named(name).is_some()
}
