//! Random numbers from keys.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::size::Size;
use crate::ty::Kind;
use crate::value::{Arr, Const, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_unary::{BinaryOp, Literal, Op, Prim, UnaryOp};

impl Elaborator<'_> {
    fn key_arg(&mut self, value: Value, span: Span) -> Option<Arr> {
        match value {
            // A key is two words of 32 bits; as an array it can be an argument of the primitives.
            Value::Key(at) => Some(Arr {
                kind: Kind::Int,
                shape: vec![Size::constant(2)],
                at,
                range: None,
            }),
            Value::Error => None,
            other => {
                let title = "a random key is expected here";
                let label = format!("this is {}", other.describe());
                self.error(Diagnostic::error("E0342", title, span, label));
                None
            }
        }
    }

    /// Whole numbers of 32 random bits.
    pub(crate) fn random_bits(&mut self, mut c: Call<'_>) -> Value {
        let Some(shape) = self.sizes(&c) else {
            return Value::Error;
        };
        let key = c.pop();
        match self.key_arg(key, c.at.span) {
            Some(key) => Value::Array(self.bits_of(&key, &shape)),
            None => Value::Error,
        }
    }

    fn bits_of(&mut self, key: &Arr, shape: &[Size]) -> Arr {
        let sizes = shape.to_vec();
        let mut bits = self.array(
            Kind::Int,
            shape.to_vec(),
            |e| Prim::RandomBits(e.numbers(&sizes)),
            &[key],
        );
        bits.range = Some((Size::constant(0), Size::constant((1 << 32) - 1)));
        bits
    }

    pub(crate) fn random_words(&mut self, mut c: Call<'_>) -> Value {
        let key = c.pop();
        match self.key_arg(key, c.at.span) {
            Some(mut words) => {
                words.range = Some((Size::constant(0), Size::constant((1 << 32) - 1)));
                Value::Array(words)
            }
            None => Value::Error,
        }
    }

    pub(crate) fn uniform(&mut self, mut c: Call<'_>) -> Value {
        let Some(shape) = self.sizes(&c) else {
            return Value::Error;
        };
        let key = c.pop();
        let Some(key) = self.key_arg(key, c.at.span) else {
            return Value::Error;
        };
        self.uniform_of(&key, &shape, c.at.span)
    }

    /// The upper 23 of 32 random bits, as a multiple of 2^-23: exact in f32.
    fn uniform_of(&mut self, key: &Arr, shape: &[Size], span: Span) -> Value {
        let bits = self.bits_of(key, shape);
        let divisor = self.literal(&Kind::Int, 512);
        let divisor = self.stretch(&divisor, shape);
        let upper = self.array(
            Kind::Int,
            shape.to_vec(),
            |_| Prim::Binary(BinaryOp::Div),
            &[&bits, &divisor],
        );
        let upper = self.converted(&upper, &Kind::Real);
        let unit = Value::Const(Const::Real(1.0 / f64::from(1 << 23)));
        self.binary(BinaryOp::Mul, Value::Array(upper), unit, span)
    }

    /// By the method of Box and Muller from two uniform numbers.
    pub(crate) fn normal(&mut self, mut c: Call<'_>) -> Value {
        let Some(shape) = self.sizes(&c) else {
            return Value::Error;
        };
        let key = c.pop();
        let Some(key) = self.key_arg(key, c.at.span) else {
            return Value::Error;
        };
        let keys = self.split_key(&key, 2);
        let span = c.at.span;
        let u = self.uniform_of(&keys[0], &shape, span);
        let v = self.uniform_of(&keys[1], &shape, span);
        // 1 - u is never zero, so the logarithm is finite.
        let one = Value::int(1);
        let rest = self.binary(BinaryOp::Sub, one, u, span);
        let log = self.unary(UnaryOp::Log, rest, span);
        let scaled = self.binary(BinaryOp::Mul, log, Value::int(-2), span);
        let radius = self.unary(UnaryOp::Sqrt, scaled, span);
        let turn = Value::Const(Const::Real(2.0 * std::f64::consts::PI));
        let angle = self.binary(BinaryOp::Mul, v, turn, span);
        let cosine = self.unary(UnaryOp::Cos, angle, span);
        self.binary(BinaryOp::Mul, radius, cosine, span)
    }

    fn split_key(&mut self, key: &Arr, n: usize) -> Vec<Arr> {
        let two = Size::constant(2);
        let shape = vec![Size::constant(n as i128), two.clone()];
        let all = self.array(Kind::Int, shape, |_| Prim::RandomSplit(n), &[key]);
        let site = self.site(Span::default());
        (0..n)
            .map(|k| {
                let i = self.literal(&Kind::Int, k as i64);
                self.array(
                    Kind::Int,
                    vec![two.clone()],
                    |_| Prim::Gather { axes: 1, site },
                    &[&all, &i],
                )
            })
            .collect()
    }

    pub(crate) fn random_split(&mut self, mut c: Call<'_>) -> Value {
        let Some(n) = self.one_size(&c) else {
            return Value::Error;
        };
        let key = c.pop();
        let Some(key) = self.key_arg(key, c.at.span) else {
            return Value::Error;
        };
        let Some(n @ 1..=1024) = n.as_constant() else {
            let title = "a key is split into a known number of keys, from 1 to 1024";
            return self.error(Diagnostic::error(
                "E0342",
                title,
                c.at.span,
                format!("`{n}`"),
            ));
        };
        let keys = self.split_key(&key, n as usize);
        Value::Tuple(keys.into_iter().map(|k| Value::Key(k.at)).collect())
    }

    /// The upper and the lower 32 bits of a number.
    pub(crate) fn random_key(&mut self, mut c: Call<'_>) -> Value {
        let seed = c.pop();
        let Some(seed) = self.array_arg(seed, c.at.arg(0)) else {
            return Value::Error;
        };
        let words = vec![Size::constant(2)];
        if seed.kind == Kind::Int && seed.shape == words {
            return Value::Key(seed.at);
        }
        if seed.kind != Kind::Int || !seed.shape.is_empty() {
            let title = "a key is made from an `Int`, or from two";
            let label = format!("this is `{}`", seed.ty());
            return self.error(Diagnostic::error("E0342", title, c.at.arg(0), label));
        }
        let words = self.literal(&Kind::Int, 1 << 32);
        let halves = [BinaryOp::Div, BinaryOp::Rem].map(|op| {
            self.array(
                Kind::Int,
                Vec::new(),
                |_| Prim::Binary(op),
                &[&seed, &words],
            )
        });
        let key = self.stack_scalars(&Kind::Int, &halves);
        Value::Key(key.at)
    }

    pub(crate) fn random_fold(&mut self, mut c: Call<'_>) -> Value {
        let i = c.pop();
        let key = c.pop();
        let Some(key) = self.key_arg(key, c.at.span) else {
            return Value::Error;
        };
        let Some(i) = self.array_arg(i, c.at.span) else {
            return Value::Error;
        };
        if i.kind != Kind::Int || !i.shape.is_empty() {
            let title = "a use of a key is numbered by an `Int`";
            let label = format!("this is `{}`", i.ty());
            return self.error(Diagnostic::error("E0342", title, c.at.span, label));
        }
        Value::Key(self.emit(|_| Op::Prim(Prim::RandomFold), &[&key, &i]))
    }

    /// A key that depends on a number known at compile time.
    pub(crate) fn fold_key(&mut self, key: &Value, number: u32) -> Value {
        let Some(key) = self.key_arg(key.clone(), Span::default()) else {
            return Value::Error;
        };
        let literal = Literal::integer(lentil_unary::Carrier::Int, i64::from(number));
        let at = self.emit(|_| Op::Prim(Prim::Literal(literal)), &[]);
        let i = Arr {
            kind: Kind::Int,
            shape: Vec::new(),
            at,
            range: None,
        };
        Value::Key(self.emit(|_| Op::Prim(Prim::RandomFold), &[&key, &i]))
    }

    /// A key that depends on a number known when the program runs.
    pub(crate) fn fold_key_at(&mut self, key: &Value, number: &Value) -> Value {
        let Some(key) = self.key_arg(key.clone(), Span::default()) else {
            return Value::Error;
        };
        let Value::Array(i) = number else {
            return Value::Error;
        };
        Value::Key(self.emit(|_| Op::Prim(Prim::RandomFold), &[&key, i]))
    }
}
