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

    /// √2 erf⁻¹(u) for a uniform `u` strictly between -1 and 1, as JAX draws it: odd multiples of 2^-24 from
    /// `-1 + 2^-24` on, which are exact in f32.
    pub(crate) fn normal(&mut self, mut c: Call<'_>) -> Value {
        let Some(shape) = self.sizes(&c) else {
            return Value::Error;
        };
        let key = c.pop();
        let Some(key) = self.key_arg(key, c.at.span) else {
            return Value::Error;
        };
        let span = c.at.span;
        let real = |x: f64| Value::Const(Const::Real(x));
        let uniform = self.uniform_of(&key, &shape, span);
        let wide = self.binary(BinaryOp::Mul, uniform, Value::int(2), span);
        let start = real(1.0 - 1.0 / f64::from(1 << 24));
        let centred = self.binary(BinaryOp::Sub, wide, start, span);
        let inverse = self.unary(UnaryOp::Erfinv, centred, span);
        self.binary(BinaryOp::Mul, inverse, real(std::f64::consts::SQRT_2), span)
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
        let base = self.literal(&Kind::Int, 1 << 32);
        let halves = if seed.kind == Kind::Int && seed.shape == words {
            seed
        } else if seed.kind == Kind::Int && seed.shape.is_empty() {
            let upper = self.array(
                Kind::Int,
                Vec::new(),
                |_| Prim::Binary(BinaryOp::Div),
                &[&seed, &base],
            );
            self.stack_scalars(&Kind::Int, &[upper, seed])
        } else {
            let title = "a key is made from an `Int`, or from two";
            let label = format!("this is `{}`", seed.ty());
            return self.error(Diagnostic::error("E0342", title, c.at.arg(0), label));
        };
        let base = self.stretch(&base, &words);
        let rem = Prim::Binary(BinaryOp::Rem);
        let key = self.array(Kind::Int, words, |_| rem, &[&halves, &base]);
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
