//! Written types and sizes, static arguments, and how constants take the type their context wants.

use std::rc::Rc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, BinaryOp, Expr, ExprKind, TypeExpr, TypeKind};
use lentil_unary::{Literal, Prim};

use super::Elaborator;
use crate::size::{Size, SizeVar};
use crate::ty::{Bound, Kind, Ty};
use crate::value::{Arr, Const, Env, Value};

impl Elaborator<'_> {
    /// The meaning of a written type; `None` after an error.
    pub(crate) fn ty(&mut self, e: &TypeExpr, env: &Env) -> Option<Ty> {
        match &e.kind {
            TypeKind::Name { name, brackets } => self.named_type(name, brackets, env),
            TypeKind::Tuple(parts) => {
                let parts: Vec<Option<Ty>> = parts.iter().map(|p| self.ty(p, env)).collect();
                Some(Ty::Tuple(parts.into_iter().collect::<Option<_>>()?))
            }
            TypeKind::Record(fields) => {
                let fields: Vec<Option<_>> = fields
                    .iter()
                    .map(|(n, t)| Some((Rc::from(n.text.as_str()), self.ty(t, env)?)))
                    .collect();
                Some(Ty::Record(fields.into_iter().collect::<Option<_>>()?))
            }
            TypeKind::Arrow(from, to) => {
                let from = self.ty(from, env)?;
                let to = self.ty(to, env)?;
                let from = match from {
                    Ty::Tuple(parts) => parts,
                    Ty::Array(..) | Ty::Record(_) | Ty::Key | Ty::Arrow(..) | Ty::Space(..) => {
                        vec![from]
                    }
                };
                Some(Ty::Arrow(from, Box::new(to)))
            }
        }
    }

    fn named_type(&mut self, name: &ast::Ident, brackets: &[Vec<Expr>], env: &Env) -> Option<Ty> {
        let mut rest = brackets;
        let kind = match env.get(&name.text) {
            Some(Value::Kind(kind)) => kind.clone(),
            Some(Value::Type(ty)) if brackets.is_empty() => return Some((**ty).clone()),
            Some(Value::Error) => return None,
            Some(_) => {
                let title = format!("`{}` is not a type", name.text);
                self.error(Diagnostic::error(
                    "E0301",
                    title,
                    name.span,
                    "a type is expected here",
                ));
                return None;
            }
            None => match (name.text.as_str(), brackets) {
                ("Key", []) => return Some(Ty::Key),
                ("Mod" | "Category", [first, more @ ..]) => {
                    rest = more;
                    self.kind_with(&name.text, first, name.span, env)?
                }
                (text, _) => match simple_kind(text) {
                    Some(kind) => kind,
                    None => {
                        self.unknown_type(name);
                        return None;
                    }
                },
            },
        };
        let shape = match rest {
            [] => Vec::new(),
            [sizes] => {
                let sizes: Vec<Option<Size>> = sizes.iter().map(|s| self.size(s, env)).collect();
                sizes.into_iter().collect::<Option<Vec<Size>>>()?
            }
            [_, second, ..] => {
                let span = second.first().map_or(name.span, |e| e.span);
                let hint = format!("write all sizes in one bracket: `{}[n, m]`", name.text);
                self.error(
                    Diagnostic::error("E0301", "too many brackets", span, "a second bracket")
                        .hint(hint),
                );
                return None;
            }
        };
        let ty = Ty::Array(kind, shape);
        self.fits_memory(&ty, name.span).then_some(ty)
    }

    fn unknown_type(&mut self, name: &ast::Ident) {
        let known = [
            "Real", "Real64", "Bit", "Int", "Bool", "Mod", "Category", "Key",
        ];
        let title = format!("there is no type `{}`", name.text);
        let mut d = Diagnostic::error("E0301", title, name.span, "not found");
        if let Some(close) = crate::spelling::closest(&name.text, known.into_iter()) {
            d = d.hint(format!("did you mean `{close}`?"));
        } else {
            d = d.hint("the types are `Real`, `Real64`, `Bit`, `Mod[n]`, `Int`, `Bool`, `Category[...]` and `Key`");
        }
        self.error(d);
    }

    /// `Mod[n]` or `Category["a", "b"]`.
    pub(crate) fn kind_with(
        &mut self,
        name: &str,
        args: &[Expr],
        span: Span,
        env: &Env,
    ) -> Option<Kind> {
        if name == "Mod" {
            let size = self.size(args.first()?, env)?;
            let n = size
                .as_constant()
                .and_then(|n| u32::try_from(n).ok())
                .filter(|&n| n >= 2);
            if n.is_none() || args.len() != 1 {
                let title = "the modulus is a number from 2 to 4294967295";
                let label = format!("`Mod[{size}]` is not a ring");
                self.error(Diagnostic::error("E0304", title, span, label));
                return None;
            }
            return n.map(Kind::Mod);
        }
        let mut names: Vec<String> = Vec::new();
        for arg in args {
            let ExprKind::Text(text) = &arg.kind else {
                let title = "a category is a list of names";
                self.error(
                    Diagnostic::error("E0305", title, arg.span, "this is not a text in quotes")
                        .hint("write `Category[\"a\", \"b\"]`"),
                );
                return None;
            };
            if names.contains(text) {
                let title = format!("the class {text:?} is named twice");
                self.error(Diagnostic::error(
                    "E0305",
                    title,
                    arg.span,
                    "the second one",
                ));
                return None;
            }
            names.push(text.clone());
        }
        Some(Kind::Category(names.into()))
    }

    /// A written size.
    pub(crate) fn size(&mut self, e: &Expr, env: &Env) -> Option<Size> {
        match &e.kind {
            ExprKind::Number(text) => match text.replace('_', "").parse::<u64>() {
                Ok(n) if n <= 1 << 48 => Some(Size::constant(i128::from(n))),
                Ok(_) => {
                    let title = "this size is too large";
                    self.error(Diagnostic::error(
                        "E0503",
                        title,
                        e.span,
                        "it would not fit in memory",
                    ));
                    None
                }
                Err(_) => {
                    let title = "a size is a natural number";
                    self.error(Diagnostic::error(
                        "E0303",
                        title,
                        e.span,
                        "not a natural number",
                    ));
                    None
                }
            },
            ExprKind::Name(name) => match env.get(name) {
                Some(Value::Const(Const::Int(size))) => Some(size.clone()),
                Some(Value::Error) => None,
                Some(other) => {
                    let title = format!("`{name}` is not a size");
                    let label = format!("this is {}", other.describe());
                    self.error(Diagnostic::error("E0303", title, e.span, label));
                    None
                }
                None => {
                    let title = format!("there is no size `{name}`");
                    let names = env.names();
                    let mut d = Diagnostic::error("E0303", title, e.span, "not found");
                    if let Some(close) = crate::spelling::closest(name, names.iter().map(|n| &**n))
                    {
                        d = d.hint(format!("did you mean `{close}`?"));
                    } else {
                        d = d.hint(format!(
                            "name it in brackets behind the definition's name: `[{name}]`"
                        ));
                    }
                    self.error(d);
                    None
                }
            },
            ExprKind::Binary(op, a, b) => {
                let a_size = self.size(a, env)?;
                let b_size = self.size(b, env)?;
                match op {
                    BinaryOp::Add => Some(a_size.add(&b_size)),
                    BinaryOp::Sub => Some(a_size.sub(&b_size)),
                    BinaryOp::Mul => Some(a_size.mul(&b_size)),
                    BinaryOp::Div => match b_size.as_constant() {
                        Some(d) if d > 0 => Some(a_size.floor_div(d)),
                        _ => {
                            let title = "sizes are divided by positive numbers only";
                            let label = format!("`{b_size}` is not a positive number");
                            self.error(Diagnostic::error("E0303", title, b.span, label));
                            None
                        }
                    },
                    _ => self.no_size(e),
                }
            }
            _ => self.no_size(e),
        }
    }

    fn no_size(&mut self, e: &Expr) -> Option<Size> {
        let title = "this is not a size";
        self.error(Diagnostic::error(
            "E0303",
            title,
            e.span,
            "sizes are made of numbers, names, `+ - * /`",
        ));
        None
    }

    /// Binds static parameters to rigid variables, for checking a definition.
    pub(crate) fn rigid(&mut self, statics: &[ast::StaticParam], env: &Env) -> Env {
        let mut env = env.clone();
        for s in statics {
            let id = self.fresh();
            let name: Rc<str> = s.name.text.as_str().into();
            let value = match &s.bound {
                None => {
                    let v = SizeVar {
                        id,
                        name: name.clone(),
                    };
                    Value::Const(Const::Int(Size::var(v)))
                }
                Some(bound) => match self.bound(bound) {
                    Some(StaticBound::Carrier(bound)) => {
                        Value::Kind(Kind::Var(id, name.clone(), bound))
                    }
                    Some(StaticBound::Space) => Value::Type(Rc::new(Ty::Space(id, name.clone()))),
                    None => Value::Error,
                },
            };
            env = env.bind(name, value);
        }
        env
    }

    /// The meaning of a static parameter's bound.
    pub(crate) fn bound(&mut self, bound: &TypeExpr) -> Option<StaticBound> {
        if let TypeKind::Name { name, brackets } = &bound.kind {
            match (name.text.as_str(), brackets.len()) {
                ("Ring", 0) => return Some(StaticBound::Carrier(Bound::Ring)),
                ("Field", 0) => return Some(StaticBound::Carrier(Bound::Field)),
                ("Real", 0) => return Some(StaticBound::Carrier(Bound::Real)),
                ("Space", 1) => return Some(StaticBound::Space),
                _ => {}
            }
        }
        let title = "this is not a bound";
        self.error(
            Diagnostic::error("E0306", title, bound.span, "unknown")
                .hint("a carrier is bounded by `Ring`, `Field` or `Real`, a parameter space by `Space[Real]`"),
        );
        None
    }

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
        Value::Array(self.array(kind.clone(), sizes, |_| Prim::Reshape(own), &[&flat]))
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
                let n = match size.as_constant().map(i64::try_from) {
                    Some(Ok(n)) => Some(n),
                    Some(Err(_)) => {
                        let title = "this number is too large";
                        self.error(Diagnostic::error("E0309", title, span, "beyond 64 bits"));
                        return None;
                    }
                    None => None,
                };
                let carrier = kind.carrier(self.real());
                let literal = carrier.zip(n).map(|(c, n)| Literal::integer(c, n));
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
        self.array(
            a.kind.clone(),
            shape.to_vec(),
            |e| Prim::Broadcast {
                shape: e.numbers(shape),
                axes: Vec::new(),
            },
            &[a],
        )
    }

    /// A value as one of a type: constants take it, anything else must have it.
    pub(crate) fn coerce(&mut self, value: Value, ty: &Ty, span: Span) -> Value {
        match (value, ty) {
            (Value::Error, _) => Value::Error,
            (Value::Const(c), Ty::Array(kind, shape)) => {
                let out = self.constant(&c, kind, Some(shape), span);
                self.expect(out, ty, span)
            }
            (Value::Const(Const::Fill(c)), Ty::Tuple(parts)) => Value::Tuple(
                parts
                    .iter()
                    .map(|t| self.coerce(Value::Const(Const::Fill(c.clone())), t, span))
                    .collect(),
            ),
            (Value::Const(Const::Fill(c)), Ty::Record(fields)) => Value::Record(
                fields
                    .iter()
                    .map(|(n, t)| {
                        (
                            n.clone(),
                            self.coerce(Value::Const(Const::Fill(c.clone())), t, span),
                        )
                    })
                    .collect(),
            ),
            (Value::Const(Const::Fill(_)), Ty::Space(id, name)) => Value::Space(*id, name.clone()),
            (Value::Tuple(parts), Ty::Tuple(types)) if parts.len() == types.len() => Value::Tuple(
                parts
                    .into_iter()
                    .zip(types)
                    .map(|(v, t)| self.coerce(v, t, span))
                    .collect(),
            ),
            (Value::Record(fields), Ty::Record(types))
                if fields.len() == types.len()
                    && types
                        .iter()
                        .all(|(n, _)| fields.iter().any(|(m, _)| m == n)) =>
            {
                // Fields in the type's order, whatever order they are written in.
                let mut out = Vec::new();
                for (name, ty) in types {
                    let value = fields
                        .iter()
                        .find(|(m, _)| m == name)
                        .map(|(_, v)| v.clone());
                    out.push((
                        name.clone(),
                        self.coerce(value.unwrap_or(Value::Error), ty, span),
                    ));
                }
                Value::Record(out)
            }
            (value @ (Value::Func(_) | Value::Model(_)), Ty::Arrow(from, to)) => {
                self.check_arrow(&value, from, to, span);
                value
            }
            (value, _) => self.expect(value, ty, span),
        }
    }

    /// Refuses a value that has not the type.
    fn expect(&mut self, value: Value, ty: &Ty, span: Span) -> Value {
        if value.is_error() {
            return value;
        }
        match value.ty() {
            Some(have) if have == *ty => value,
            _ => {
                let title = "this has another type than is wanted";
                let label = format!("this is {}, but `{ty}` is wanted", value.describe());
                self.error(Diagnostic::error("E0302", title, span, label))
            }
        }
    }

    /// A value with its constants given the carriers they have by default.
    pub(crate) fn settle(&mut self, value: Value, span: Span) -> Value {
        match value {
            Value::Const(c) => {
                let kind = Self::default_kind(&c);
                self.constant(&c, &kind, None, span)
            }
            Value::Tuple(parts) => {
                Value::Tuple(parts.into_iter().map(|v| self.settle(v, span)).collect())
            }
            Value::Record(fields) => Value::Record(
                fields
                    .into_iter()
                    .map(|(n, v)| (n, self.settle(v, span)))
                    .collect(),
            ),
            other => other,
        }
    }

    /// A value with its constants read as real numbers (where a derivative is taken).
    pub(crate) fn settle_real(&mut self, value: Value, span: Span) -> Value {
        match value {
            Value::Const(c) => self.constant(&c, &Kind::Real, None, span),
            Value::Tuple(parts) => Value::Tuple(
                parts
                    .into_iter()
                    .map(|v| self.settle_real(v, span))
                    .collect(),
            ),
            Value::Record(fields) => Value::Record(
                fields
                    .into_iter()
                    .map(|(n, v)| (n, self.settle_real(v, span)))
                    .collect(),
            ),
            other => other,
        }
    }
}

/// What a static parameter stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StaticBound {
    /// A carrier.
    Carrier(Bound),
    /// A whole parameter space.
    Space,
}

/// A carrier by its name.
pub(crate) fn simple_kind(name: &str) -> Option<Kind> {
    match name {
        "Real" => Some(Kind::Real),
        "Real64" => Some(Kind::Real64),
        "Bit" => Some(Kind::Bit),
        "Int" => Some(Kind::Int),
        "Bool" => Some(Kind::Bool),
        _ => None,
    }
}
