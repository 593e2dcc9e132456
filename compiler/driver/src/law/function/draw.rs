//! Terms at random: sums and products, pointwise functions, matrix products, comprehensions, folds,
//! conditionals and sharing, over any carrier.

use lentil_core::ty::{Kind, Ty};
use lentil_unary::dice::Dice;
use lentil_unary::{Carrier, Type};

use super::Scope;
use super::term::{Form, Part, Term, Var, array, parts};
use crate::law::drawn::Numbers;

/// Pointwise functions of reals that stay small.
const POINTWISE: [&str; 6] = ["sin", "cos", "tanh", "sigmoid", "atan", "erf"];

/// A drawing of one function.
pub struct Draw<'d> {
    real: Carrier,
    scope: &'d Scope,
    dice: &'d mut Dice,
    vars: Vec<Var>,
}

impl<'d> Draw<'d> {
    /// A drawing of terms over variables.
    pub fn new(real: Carrier, scope: &'d Scope, dice: &'d mut Dice, vars: Vec<Var>) -> Draw<'d> {
        Draw {
            real,
            scope,
            dice,
            vars,
        }
    }

    /// The body of a function: the simplest first, then affine, then deeper ones.
    pub fn body(&mut self, ty: &Ty, level: usize) -> Term {
        match level {
            0 => self.leaf(ty),
            1..20 => self.term(ty, 1),
            20..50 => self.term(ty, 2),
            50..80 => self.term(ty, 3),
            _ => self.term(ty, 4),
        }
    }

    fn term(&mut self, ty: &Ty, depth: usize) -> Term {
        if let Ty::Tuple(types) = ty {
            let terms = types.iter().map(|t| self.term(t, depth)).collect();
            return product(ty, "(", terms, &[], ")");
        }
        if let Ty::Record(fields) = ty {
            let terms = fields.iter().map(|(_, t)| self.term(t, depth)).collect();
            let names: Vec<&str> = fields.iter().map(|(n, _)| &**n).collect();
            return product(ty, "{ ", terms, &names, " }");
        }
        let Some((kind, shape)) = parts(ty) else {
            return self.leaf(ty);
        };
        let kind = kind.clone();
        if depth == 0 || self.dice.chance(12) {
            return self.leaf(ty);
        }
        match kind {
            Kind::Bool => self.condition(&shape, depth),
            Kind::Category(_) | Kind::Var(..) => self.leaf(ty),
            Kind::Real | Kind::Real64 | Kind::Bit | Kind::Mod(_) | Kind::Int => {
                let made = match self.dice.below(10) {
                    0..4 => Some(self.arithmetic(ty, &kind, depth)),
                    4 => self.choice(ty, &kind, depth),
                    5 => self.shared(ty, depth),
                    _ if shape.is_empty() => self.scalar(&kind, depth),
                    _ => self.array(&kind, &shape, depth),
                };
                made.unwrap_or_else(|| self.arithmetic(ty, &kind, depth))
            }
        }
    }

    /// A variable or a part of one if there is one of the type, else a constant.
    fn leaf(&mut self, ty: &Ty) -> Term {
        let fits: Vec<Var> = self.vars.iter().filter(|v| v.ty == *ty).cloned().collect();
        if !fits.is_empty() && !self.dice.chance(10) {
            return Term::name(&fits[self.dice.below(fits.len())]);
        }
        match ty {
            Ty::Tuple(types) => {
                let terms = types.iter().map(|t| self.leaf(t)).collect();
                product(ty, "(", terms, &[], ")")
            }
            Ty::Record(fields) => {
                let terms = fields.iter().map(|(_, t)| self.leaf(t)).collect();
                let names: Vec<&str> = fields.iter().map(|(n, _)| &**n).collect();
                product(ty, "{ ", terms, &names, " }")
            }
            Ty::Key => match fits.first() {
                Some(key) => Term::name(key),
                None => template(ty, vec![text("random.key(0)")]),
            },
            Ty::Array(kind, _) => {
                let shape = parts(ty).map(|(_, shape)| shape).unwrap_or_default();
                let found = match (&shape[..], &fits[..]) {
                    ([], []) => self.element(kind),
                    // An array of other sizes is made of the elements that there are.
                    ([_, ..], []) => self.comprehension(kind, &shape, 0),
                    _ => None,
                };
                found.unwrap_or_else(|| self.literal(kind, &shape))
            }
            Ty::Arrow(..) | Ty::Space(_) => template(ty, vec![text("0")]),
        }
    }

    fn literal(&mut self, kind: &Kind, shape: &[usize]) -> Term {
        let carrier = kind.carrier(self.real).unwrap_or(self.real);
        let ty = Type::array(carrier, shape);
        let numbers = [0.0, 1.0, -1.0, 2.0, 0.5, -0.5, 0.25, 3.0, -2.0, 1.5];
        let whole = [0.0, 1.0, 2.0, 3.0, 5.0, 7.0];
        let pick = |dice: &mut Dice| match carrier.is_real() {
            true => numbers[dice.below(numbers.len())],
            false => whole[dice.below(whole.len())],
        };
        let elements: Vec<f64> = (0..ty.len()).map(|_| pick(self.dice)).collect();
        Term {
            ty: array(kind, shape),
            form: Form::Literal(Numbers::new(kind, ty, &elements)),
        }
    }

    /// `v[i, 2]`: an element of a variable, at indices in scope where those are in range.
    fn element(&mut self, kind: &Kind) -> Option<Term> {
        let arrays: Vec<(String, Vec<usize>)> = self
            .vars
            .iter()
            .filter_map(|v| Some((v.name.clone(), parts(&v.ty)?)))
            .filter(|(_, (k, shape))| *k == kind && !shape.is_empty() && !shape.contains(&0))
            .map(|(name, (_, shape))| (name, shape))
            .collect();
        let (name, shape) = self.dice.pick(&arrays)?.clone();
        let indices: Vec<(String, usize)> = self
            .vars
            .iter()
            .filter_map(|v| Some((v.name.clone(), v.bound?)))
            .collect();
        let (mut uses, mut places) = (vec![name.clone()], Vec::new());
        for n in shape {
            let index = self.dice.pick(&indices).cloned();
            places.push(match index.filter(|_| !self.dice.chance(20)) {
                Some((i, bound)) => {
                    uses.push(i.clone());
                    if bound <= n { i } else { format!("{i} % {n}") }
                }
                None => self.dice.below(n).to_string(),
            });
        }
        let text = format!("{name}[{}]", places.join(", "));
        Some(Term {
            ty: array(kind, &[]),
            form: Form::Element { text, uses },
        })
    }

    /// Sums, products, differences, and over the reals quotients and pointwise functions.
    fn arithmetic(&mut self, ty: &Ty, kind: &Kind, depth: usize) -> Term {
        let scalar = array(kind, &[]);
        let a = self.term(ty, depth - 1);
        match self.dice.below(if kind.is_real() { 11 } else { 6 }) {
            0 | 1 => {
                let b = self.term(ty, depth - 1);
                Term::infix(ty.clone(), "+", a, b)
            }
            2 => {
                let b = self.term(ty, depth - 1);
                Term::infix(ty.clone(), "-", a, b)
            }
            3 => {
                let b = self.term(ty, depth - 1);
                Term::infix(ty.clone(), "*", a, b)
            }
            4 => {
                let b = self.literal(kind, &[]);
                Term::infix(ty.clone(), "*", b, a)
            }
            5 => {
                let b = self.term(&scalar, depth - 1);
                Term::infix(ty.clone(), "*", b, a)
            }
            6 if self.shows("sin") => {
                let b = self.term(ty, depth - 1);
                let bounded = vec![text("(2 + sin("), hole(b), text("))")];
                Term::infix(ty.clone(), "/", a, template(ty, bounded))
            }
            7 if self.shows("max") && self.shows("min") => {
                let b = self.term(ty, depth - 1);
                let name = ["max(", "min("][self.dice.below(2)];
                template(
                    ty,
                    vec![text(name), hole(a), text(", "), hole(b), text(")")],
                )
            }
            8 if self.shows("log1p") => template(ty, vec![text("log1p("), hole(a), text(" ^ 2)")]),
            9 if self.shows("exp") && self.shows("tanh") => {
                template(ty, vec![text("exp(tanh("), hole(a), text("))")])
            }
            _ => {
                let shown: Vec<&str> = POINTWISE
                    .into_iter()
                    .filter(|name| self.shows(name))
                    .collect();
                match self.dice.pick(&shown) {
                    Some(name) if kind.is_real() => {
                        template(ty, vec![text(*name), text("("), hole(a), text(")")])
                    }
                    _ => Term::infix(ty.clone(), "+", a.clone(), a),
                }
            }
        }
    }

    /// `if c then a else b`.
    fn choice(&mut self, ty: &Ty, kind: &Kind, depth: usize) -> Option<Term> {
        let scalar = array(kind, &[]);
        let (left, right) = (self.term(&scalar, depth - 1), self.term(&scalar, depth - 1));
        let op = if kind.is_real() { " > " } else { " == " };
        let (a, b) = (self.term(ty, depth - 1), self.term(ty, depth - 1));
        Some(template(
            ty,
            vec![
                text("(if "),
                hole(left),
                text(op),
                hole(right),
                text(" then "),
                hole(a),
                text(" else "),
                hole(b),
                text(")"),
            ],
        ))
    }

    /// `{ let t = a; b }`.
    fn shared(&mut self, ty: &Ty, depth: usize) -> Option<Term> {
        let a = self.term(ty, depth - 1);
        let var = Var::new(self.fresh(&["t", "u", "v"]), ty.clone());
        let b = self.under(std::slice::from_ref(&var), |d| d.term(ty, depth - 1));
        let head = format!("{{ let {} = ", var.name);
        let parts = vec![
            text(head),
            hole(a),
            text("; "),
            bound(b, vec![var]),
            text(" }"),
        ];
        Some(template(ty, parts))
    }

    fn condition(&mut self, shape: &[usize], depth: usize) -> Term {
        let ty = array(&Kind::Bool, shape);
        let kinds: Vec<Kind> = self
            .vars
            .iter()
            .filter_map(|v| Some(parts(&v.ty)?.0.clone()))
            .filter(|kind| !matches!(kind, Kind::Bool | Kind::Category(_)))
            .collect();
        let Some(kind) = self.dice.pick(&kinds).cloned() else {
            return self.leaf(&ty);
        };
        let of = array(&kind, shape);
        let (a, b) = (self.term(&of, depth - 1), self.term(&of, depth - 1));
        let op = if kind.is_real() { "<" } else { "==" };
        Term::infix(ty, op, a, b)
    }

    /// A number made of arrays.
    fn scalar(&mut self, kind: &Kind, depth: usize) -> Option<Term> {
        let ty = array(kind, &[]);
        match self.dice.below(8) {
            0 | 1 if self.shows("sum") => {
                let xs = self.vector(kind, depth - 1);
                Some(template(&ty, vec![text("sum("), hole(xs), text(")")]))
            }
            2 if self.shows("prod") => {
                let xs = self.vector(kind, depth - 1);
                Some(template(&ty, vec![text("prod("), hole(xs), text(")")]))
            }
            3 if self.shows("dot") && *kind != Kind::Int => {
                let vector = array(kind, &[self.length()]);
                let (xs, ys) = (self.term(&vector, depth - 1), self.term(&vector, depth - 1));
                let parts = vec![text("dot("), hole(xs), text(", "), hole(ys), text(")")];
                Some(template(&ty, parts))
            }
            4 if self.shows("fold") => {
                let xs = self.vector(kind, depth - 1);
                let init = self.term(&ty, depth - 1);
                self.loop_over("fold", &ty, kind, xs, init, depth)
            }
            5 if self.shows("iterate") => {
                let init = self.term(&ty, depth - 1);
                let s = Var::new(self.fresh(&["s", "r", "q"]), ty.clone());
                let step = self.under(std::slice::from_ref(&s), |d| d.tame(&ty, depth - 1));
                let head = format!(", fn({}) => ", s.name);
                let parts = vec![
                    text("iterate[2]("),
                    hole(init),
                    text(head),
                    bound(step, vec![s]),
                    text(")"),
                ];
                Some(template(&ty, parts))
            }
            6 if kind.is_real() && self.shows("logsumexp") => {
                let xs = self.vector(kind, depth - 1);
                Some(template(&ty, vec![text("logsumexp("), hole(xs), text(")")]))
            }
            _ if self.shows("sum") => {
                let i = self.index();
                let n = i.bound.unwrap_or(1);
                let e = self.under(std::slice::from_ref(&i), |d| d.term(&ty, depth - 1));
                let tail = format!(" for {} < {n})", i.name);
                Some(template(
                    &ty,
                    vec![text("sum("), bound(e, vec![i]), text(tail)],
                ))
            }
            _ => None,
        }
    }

    fn vector(&mut self, kind: &Kind, depth: usize) -> Term {
        let n = self.length();
        self.term(&array(kind, &[n]), depth)
    }

    /// An array made of others, or element by element.
    fn array(&mut self, kind: &Kind, shape: &[usize], depth: usize) -> Option<Term> {
        let ty = array(kind, shape);
        match (self.dice.below(6), shape) {
            (0 | 1, &[m]) if *kind != Kind::Int => {
                let k = self.length();
                let a = self.term(&array(kind, &[m, k]), depth - 1);
                let x = self.term(&array(kind, &[k]), depth - 1);
                Some(Term::infix(ty, "@", a, x))
            }
            (0 | 1, &[m, n]) if *kind != Kind::Int => {
                let k = self.length();
                let a = self.term(&array(kind, &[m, k]), depth - 1);
                let b = self.term(&array(kind, &[k, n]), depth - 1);
                Some(Term::infix(ty, "@", a, b))
            }
            (2, &[m, n]) if self.shows("transpose") => {
                let a = self.term(&array(kind, &[n, m]), depth - 1);
                Some(template(&ty, vec![text("transpose("), hole(a), text(")")]))
            }
            (2, &[n, ..]) if n >= 2 && self.shows("concat") => {
                let first = 1 + self.dice.below(n - 1);
                let piece = |len: usize| array(kind, &[&[len], &shape[1..]].concat());
                let a = self.term(&piece(first), depth - 1);
                let b = self.term(&piece(n - first), depth - 1);
                let parts = vec![text("concat("), hole(a), text(", "), hole(b), text(")")];
                Some(template(&ty, parts))
            }
            (3, &[_]) if self.shows("cumsum") => {
                let a = self.term(&ty, depth - 1);
                Some(template(&ty, vec![text("cumsum("), hole(a), text(")")]))
            }
            (4, &[_]) if self.shows("scan") => {
                let init = self.term(&array(kind, &[]), depth - 1);
                let xs = self.term(&ty, depth - 1);
                self.loop_over("scan", &ty, kind, xs, init, depth)
            }
            _ => self.comprehension(kind, shape, depth - 1),
        }
    }

    /// `[ e for i < 2, j < 3 ]`.
    fn comprehension(&mut self, kind: &Kind, shape: &[usize], depth: usize) -> Option<Term> {
        let mut indices: Vec<Var> = Vec::new();
        for &n in shape {
            let index = self.under(&indices, |d| {
                let name = d.fresh(&["i", "j", "k"]);
                index_var(name, n)
            });
            indices.push(index);
        }
        let element = array(kind, &[]);
        let e = self.under(&indices, |d| d.term(&element, depth));
        let binders: Vec<String> = indices
            .iter()
            .zip(shape)
            .map(|(i, n)| format!("{} < {n}", i.name))
            .collect();
        let tail = format!(" for {}]", binders.join(", "));
        let parts = vec![text("["), bound(e, indices), text(tail)];
        Some(template(&array(kind, shape), parts))
    }

    /// `fold(xs, init, fn(s, t) => e)`, or `scan`.
    fn loop_over(
        &mut self,
        name: &str,
        ty: &Ty,
        kind: &Kind,
        xs: Term,
        init: Term,
        depth: usize,
    ) -> Option<Term> {
        let scalar = array(kind, &[]);
        let s = Var::new(self.fresh(&["s", "r", "q"]), scalar.clone());
        let a = Var::new(self.fresh(&["a", "b", "c"]), scalar.clone());
        let both = vec![s, a];
        let step = self.under(&both, |d| d.tame(&scalar, depth - 1));
        let head = format!(", fn({}, {}) => ", both[0].name, both[1].name);
        let parts = vec![
            text(format!("{name}(")),
            hole(xs),
            text(", "),
            hole(init),
            text(head),
            bound(step, both),
            text(")"),
        ];
        Some(template(ty, parts))
    }

    /// A step of a loop, which over the reals must not grow.
    fn tame(&mut self, ty: &Ty, depth: usize) -> Term {
        let step = self.term(ty, depth);
        let real = parts(ty).is_some_and(|(kind, _)| kind.is_real());
        match real && self.shows("tanh") {
            true => template(ty, vec![text("tanh("), hole(step), text(")")]),
            false => step,
        }
    }

    /// Draws where further variables are in scope.
    fn under<T>(&mut self, vars: &[Var], draw: impl FnOnce(&mut Self) -> T) -> T {
        let depth = self.vars.len();
        self.vars.extend_from_slice(vars);
        let out = draw(self);
        self.vars.truncate(depth);
        out
    }

    /// A length: of an array that there is, as a rule.
    fn length(&mut self) -> usize {
        let shapes = self.vars.iter().filter_map(|v| Some(parts(&v.ty)?.1));
        let lengths: Vec<usize> = shapes.flatten().filter(|n| (1..=8).contains(n)).collect();
        match self.dice.pick(&lengths) {
            Some(&n) if !self.dice.chance(20) => n,
            _ => 1 + self.dice.below(3),
        }
    }

    fn index(&mut self) -> Var {
        let n = self.length();
        index_var(self.fresh(&["i", "j", "k"]), n)
    }

    /// A name that is not taken.
    fn fresh(&self, names: &[&str]) -> String {
        let taken = |name: &str| self.vars.iter().any(|var| var.name == name);
        let free = names.iter().find(|name| !taken(name));
        match free {
            Some(name) => (*name).to_string(),
            None => format!("{}{}", names[0], self.vars.len()),
        }
    }

    fn shows(&self, name: &str) -> bool {
        self.scope.shows(name)
    }
}

fn index_var(name: String, bound: usize) -> Var {
    Var {
        name,
        ty: array(&Kind::Int, &[]),
        bound: Some(bound),
    }
}

/// A tuple, or a record with these names.
fn product(ty: &Ty, open: &str, terms: Vec<Term>, names: &[&str], close: &str) -> Term {
    let mut parts = vec![text(open)];
    for (k, term) in terms.into_iter().enumerate() {
        if k > 0 {
            parts.push(text(", "));
        }
        if let Some(name) = names.get(k) {
            parts.push(text(format!("{name}: ")));
        }
        parts.push(hole(term));
    }
    parts.push(text(close));
    template(ty, parts)
}

fn template(ty: &Ty, parts: Vec<Part>) -> Term {
    Term {
        ty: ty.clone(),
        form: Form::Template(parts),
    }
}

fn text(text: impl Into<String>) -> Part {
    Part::Text(text.into())
}

fn hole(term: Term) -> Part {
    Part::Hole(term, Vec::new())
}

fn bound(term: Term, vars: Vec<Var>) -> Part {
    Part::Hole(term, vars)
}
