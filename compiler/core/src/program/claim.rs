//! Tests, and what a failed test or law compares.
//!
//! *Before*: a condition: comparisons, and conjunctions, tuples and blocks of them.
//! *After*: a region that yields whether all of it holds; or one that yields, for each comparison,
//! whether it holds and both sides.
//! *Size*: linear in the condition.

use lentil_diag::Span;
use lentil_grammar::ast::{BinaryOp, Expr, ExprKind, ItemKind, TestDef};

use super::{Failure, Lowered, Options, Program};
use crate::elaborate::Elaborator;
use crate::ty::{Kind, Ty};
use crate::value::{Env, Value};

/// A test or a law, lowered to all that it compares.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Its result is a tuple with one part for each claim: whether it holds and, for a comparison,
    /// its left and its right side.
    pub lowered: Lowered,
    /// What is claimed, in the order of the text.
    pub claims: Vec<Claim>,
}

/// A part of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Where it stands.
    pub span: Span,
    /// Whether it is a comparison, whose sides are given.
    pub compares: bool,
}

impl Program {
    /// A test of the root file, by its position among them: one `Bool`, whether it holds.
    pub fn lower_test(&self, index: usize, options: &Options) -> Result<Lowered, Failure> {
        let test = self.test(index)?;
        let env = Env::module(self.modules.root());
        self.elaborate(options, test.body.span, |e| {
            let (lowered, _) = e.lowered_region(&Ty::unit(), |e, _| {
                let value = e.expr(&test.body, &env);
                e.truth(value)
            })?;
            Some(lowered)
        })
    }

    /// The same test with what it compares.
    pub fn explain_test(&self, index: usize, options: &Options) -> Result<Explained, Failure> {
        let test = self.test(index)?;
        let env = Env::module(self.modules.root());
        self.elaborate(options, test.body.span, |e| {
            let mut claims = Vec::new();
            let (lowered, _) = e.lowered_region(&Ty::unit(), |e, _| {
                let mut parts = Vec::new();
                e.claims(&test.body, &env, &mut claims, &mut parts);
                Value::Tuple(parts)
            })?;
            Some(Explained { lowered, claims })
        })
    }

    /// Where the title of a test stands.
    pub fn test_place(&self, index: usize) -> Option<Span> {
        self.test(index).ok().map(|test| test.title_span)
    }

    fn test(&self, index: usize) -> Result<&TestDef, Failure> {
        let root = self.modules.get(self.modules.root());
        let mut tests = root.file.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Test(test) => Some(test),
            _ => None,
        });
        tests.nth(index).ok_or_else(|| self.failure(Vec::new()))
    }
}

impl Elaborator<'_> {
    /// A condition of any shape as one `Bool`: whether all of it holds.
    pub(crate) fn truth(&mut self, value: Value) -> Value {
        let parts = match value {
            Value::Tuple(parts) => parts,
            Value::Record(fields) => fields.into_iter().map(|(_, v)| v).collect(),
            Value::Array(a) if a.kind == Kind::Bool => {
                let axes = (0..a.shape.len()).collect();
                let fold = lentil_unary::Fold::All;
                let prim = lentil_unary::Prim::Reduce { fold, axes };
                return Value::Array(self.array(Kind::Bool, Vec::new(), |_| prim, &[&a]));
            }
            _ => return Value::Error,
        };
        let mut all = Value::Array(self.literal(&Kind::Bool, 1));
        for part in parts {
            let part = self.truth(part);
            all = self.binary(lentil_unary::BinaryOp::And, all, part, Span::default());
        }
        all
    }

    /// The parts of a condition: whether each holds, and what it compares.
    pub(super) fn claims(
        &mut self,
        e: &Expr,
        env: &Env,
        claims: &mut Vec<Claim>,
        parts: &mut Vec<Value>,
    ) {
        match &e.kind {
            ExprKind::Block(statements, result) => {
                let mut env = env.clone();
                for statement in statements {
                    env = self.statement(statement, &env);
                }
                self.claims(result, &env, claims, parts);
            }
            ExprKind::Binary(BinaryOp::And, a, b) => {
                self.claims(a, env, claims, parts);
                self.claims(b, env, claims, parts);
            }
            ExprKind::Tuple(items) => {
                for item in items {
                    self.claims(item, env, claims, parts);
                }
            }
            ExprKind::Record(fields) => {
                for (_, item) in fields {
                    self.claims(item, env, claims, parts);
                }
            }
            ExprKind::Call(f, args) if args.args.len() == 1 && self.is_all(f, env) => {
                self.claims(&args.args[0], env, claims, parts);
            }
            ExprKind::Binary(op, a, b) if compares(*op) => {
                let (left, right) = (self.expr(a, env), self.expr(b, env));
                let holds = self.operator(*op, left.clone(), right.clone(), e.span);
                let holds = self.truth(holds);
                let sides = self.sides(left, right, e.span);
                let compares = sides.is_some();
                let part = std::iter::once(holds).chain(sides.into_iter().flatten());
                parts.push(Value::Tuple(part.collect()));
                let span = e.span;
                claims.push(Claim { span, compares });
            }
            _ => {
                let value = self.expr(e, env);
                let holds = self.truth(value);
                parts.push(Value::Tuple(vec![holds]));
                claims.push(Claim {
                    span: e.span,
                    compares: false,
                });
            }
        }
    }

    /// Both sides of a comparison as values of one shape and carrier.
    fn sides(&mut self, left: Value, right: Value, span: Span) -> Option<[Value; 2]> {
        let side =
            |e: &mut Self, second: bool| {
                e.zip(left.clone(), right.clone(), span, &mut |e, a, b| match e
                    .same_shape(a, b, span)
                {
                    Some((a, b)) => Value::Array(if second { b } else { a }),
                    None => Value::Error,
                })
            };
        let sides = [side(self, false), side(self, true)];
        sides.iter().all(Value::is_first_order).then_some(sides)
    }

    /// Whether a callee is the language's own `all`.
    fn is_all(&self, callee: &Expr, env: &Env) -> bool {
        matches!(&callee.kind, ExprKind::Name(name) if name == "all"
            && env.get(name).is_none()
            && self.modules.lookup(env.module, name).is_none())
    }
}

fn compares(op: BinaryOp) -> bool {
    match op {
        BinaryOp::Eq
        | BinaryOp::Ne
        | BinaryOp::Lt
        | BinaryOp::Le
        | BinaryOp::Gt
        | BinaryOp::Ge
        | BinaryOp::Approx => true,
        BinaryOp::Add
        | BinaryOp::Sub
        | BinaryOp::Mul
        | BinaryOp::Div
        | BinaryOp::Rem
        | BinaryOp::Pow
        | BinaryOp::MatMul
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Then
        | BinaryOp::Beside
        | BinaryOp::Pipe => false,
    }
}
