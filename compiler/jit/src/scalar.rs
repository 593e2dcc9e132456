//! Emits scalar operations: as instructions where these mean the same, bit for bit, as the evaluator's
//! functions, and otherwise as calls of those functions.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};

use lentil_loops::Refusal;
use lentil_loops::syntax::{Affine, Var};
use lentil_unary::{BinaryOp, Carrier, CompareOp, Literal, UnaryOp};

use crate::function::Emitter;
use crate::symbols;

/// The machine type of a carrier's values.
pub fn machine_type(carrier: Carrier, lanes: bool) -> Type {
    match carrier {
        Carrier::F32 => types::F32,
        Carrier::F64 => types::F64,
        Carrier::Int => types::I64,
        Carrier::Mod(_) => types::I32,
        Carrier::Bit if lanes => types::I64,
        Carrier::Bit | Carrier::Bool => types::I8,
    }
}

impl Emitter<'_, '_, '_> {
    /// The carrier of a variable.
    pub fn carrier(&self, var: Var) -> Carrier {
        self.function.vars[var.index()]
    }

    fn number(&mut self, carrier: Carrier, n: i64) -> Value {
        let ty = machine_type(carrier, self.program.lanes);
        self.builder.ins().iconst(ty, n)
    }

    /// A constant.
    pub fn literal(&mut self, literal: Literal) -> Value {
        let bits = literal.bits();
        match literal.carrier() {
            Carrier::F32 => self.builder.ins().f32const(f32::from_bits(bits as u32)),
            Carrier::F64 => self.builder.ins().f64const(f64::from_bits(bits)),
            Carrier::Bit if self.program.lanes => self
                .builder
                .ins()
                .iconst(types::I64, (bits as i64).wrapping_neg()),
            carrier => self.number(carrier, bits as i64),
        }
    }

    /// An affine expression.
    pub fn affine(&mut self, affine: &Affine) -> Value {
        let mut sum = None;
        for (var, coefficient) in &affine.terms {
            let value = self.value(*var);
            let term = self.builder.ins().imul_imm_s(value, *coefficient);
            sum = Some(match sum {
                None => term,
                Some(sum) => self.builder.ins().iadd(sum, term),
            });
        }
        match sum {
            None => self.builder.ins().iconst(types::I64, affine.constant),
            Some(sum) => self.builder.ins().iadd_imm_s(sum, affine.constant),
        }
    }

    /// A function of one argument.
    pub fn unary(&mut self, op: UnaryOp, carrier: Carrier, x: Value) -> Result<Value, Refusal> {
        match carrier {
            Carrier::F32 | Carrier::F64 => {
                if let Some(value) = self.native_unary(op, x) {
                    return Ok(value);
                }
                let kernel = symbols::mapped(op, carrier).filter(|_| !self.program.exact);
                self.called(kernel.or_else(|| symbols::unary(op, carrier)), &[x])
            }
            Carrier::Int => Ok(match op {
                UnaryOp::Abs => self.builder.ins().iabs(x),
                UnaryOp::Sign => {
                    let above = self
                        .builder
                        .ins()
                        .icmp_imm_s(IntCC::SignedGreaterThan, x, 0);
                    let below = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, x, 0);
                    let sign = self.builder.ins().isub(above, below);
                    self.builder.ins().sextend(types::I64, sign)
                }
                _ => self.builder.ins().ineg(x), // the only other that `Int` has
            }),
            Carrier::Mod(_) => {
                let zero = self.number(carrier, 0);
                self.binary(BinaryOp::Sub, carrier, zero, x)
            }
            Carrier::Bit => Ok(x),
            Carrier::Bool => {
                let one = self.number(carrier, 1);
                Ok(self.builder.ins().bxor(x, one))
            }
        }
    }

    /// An instruction on reals, or on vectors of reals.
    pub fn native_unary(&mut self, op: UnaryOp, x: Value) -> Option<Value> {
        let ins = self.builder.ins();
        Some(match op {
            UnaryOp::Neg => ins.fneg(x),
            UnaryOp::Abs => ins.fabs(x),
            UnaryOp::Floor => ins.floor(x),
            UnaryOp::Ceil => ins.ceil(x),
            UnaryOp::Round => ins.nearest(x),
            UnaryOp::Trunc => ins.trunc(x),
            UnaryOp::Sqrt => ins.sqrt(x),
            UnaryOp::Sign
            | UnaryOp::Exp
            | UnaryOp::Exp2
            | UnaryOp::Expm1
            | UnaryOp::Log
            | UnaryOp::Log2
            | UnaryOp::Log10
            | UnaryOp::Log1p
            | UnaryOp::Cbrt
            | UnaryOp::Sin
            | UnaryOp::Cos
            | UnaryOp::Tan
            | UnaryOp::Asin
            | UnaryOp::Acos
            | UnaryOp::Atan
            | UnaryOp::Sinh
            | UnaryOp::Cosh
            | UnaryOp::Tanh
            | UnaryOp::Asinh
            | UnaryOp::Acosh
            | UnaryOp::Atanh
            | UnaryOp::Sigmoid
            | UnaryOp::Erf
            | UnaryOp::Erfc
            | UnaryOp::Erfinv
            | UnaryOp::Lgamma
            | UnaryOp::Not => return None,
        })
    }

    fn called(
        &mut self,
        symbol: Option<symbols::Symbol>,
        args: &[Value],
    ) -> Result<Value, Refusal> {
        let result = match symbol {
            Some(symbol) => self.call_symbol(&symbol, args)?,
            None => None,
        };
        result.ok_or_else(|| Refusal::Machine("an operation without a function".to_string()))
    }

    /// A function of two arguments.
    pub fn binary(
        &mut self,
        op: BinaryOp,
        carrier: Carrier,
        x: Value,
        y: Value,
    ) -> Result<Value, Refusal> {
        match carrier {
            Carrier::F32 | Carrier::F64 => {
                if let Some(value) = self.native_binary(op, x, y) {
                    return Ok(value);
                }
                self.called(symbols::binary(op, carrier), &[x, y])
            }
            Carrier::Int => {
                let ins = self.builder.ins();
                Ok(match op {
                    BinaryOp::Add => ins.iadd(x, y),
                    BinaryOp::Sub => ins.isub(x, y),
                    BinaryOp::Mul => ins.imul(x, y),
                    BinaryOp::Max => ins.smax(x, y),
                    BinaryOp::Min => ins.smin(x, y),
                    _ => return self.called(symbols::binary(op, carrier), &[x, y]),
                })
            }
            Carrier::Mod(n) => Ok(self.modular(op, n, x, y)),
            Carrier::Bit | Carrier::Bool => {
                let ins = self.builder.ins();
                Ok(match op {
                    BinaryOp::Add | BinaryOp::Sub => ins.bxor(x, y),
                    BinaryOp::Or => ins.bor(x, y),
                    _ => ins.band(x, y), // `Mul` and `And`
                })
            }
        }
    }

    /// An instruction on reals, or on vectors of reals.
    pub fn native_binary(&mut self, op: BinaryOp, x: Value, y: Value) -> Option<Value> {
        let ins = self.builder.ins();
        Some(match op {
            BinaryOp::Add => ins.fadd(x, y),
            BinaryOp::Sub => ins.fsub(x, y),
            BinaryOp::Mul => ins.fmul(x, y),
            BinaryOp::Div => ins.fdiv(x, y),
            // These hand a NaN on, and order the zeros, as ours do.
            BinaryOp::Max => ins.fmax(x, y),
            BinaryOp::Min => ins.fmin(x, y),
            BinaryOp::Rem
            | BinaryOp::Pow
            | BinaryOp::Atan2
            | BinaryOp::Hypot
            | BinaryOp::Polygamma
            | BinaryOp::And
            | BinaryOp::Or => return None,
        })
    }

    /// Addition, subtraction or multiplication modulo `n`, in 64 bits.
    fn modular(&mut self, op: BinaryOp, n: u32, x: Value, y: Value) -> Value {
        let x = self.builder.ins().uextend(types::I64, x);
        let y = self.builder.ins().uextend(types::I64, y);
        let modulus = self.builder.ins().iconst(types::I64, i64::from(n));
        let wide = match op {
            BinaryOp::Mul => {
                let product = self.builder.ins().imul(x, y);
                self.builder.ins().urem(product, modulus)
            }
            _ => {
                // x + y - n or x - y; where that is negative, n more.
                let low = if op == BinaryOp::Sub {
                    self.builder.ins().isub(x, y)
                } else {
                    let sum = self.builder.ins().iadd(x, y);
                    self.builder.ins().isub(sum, modulus)
                };
                let high = self.builder.ins().iadd(low, modulus);
                let negative = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, low, 0);
                self.builder.ins().select(negative, high, low)
            }
        };
        self.builder.ins().ireduce(types::I32, wide)
    }

    /// A comparison, as 0 or 1.
    pub fn compare(&mut self, op: CompareOp, carrier: Carrier, x: Value, y: Value) -> Value {
        match carrier {
            Carrier::F32 | Carrier::F64 => self.builder.ins().fcmp(float_cc(op), x, y),
            Carrier::Int => {
                let cc = match op {
                    CompareOp::Eq => IntCC::Equal,
                    CompareOp::Ne => IntCC::NotEqual,
                    CompareOp::Lt => IntCC::SignedLessThan,
                    CompareOp::Le => IntCC::SignedLessThanOrEqual,
                };
                self.builder.ins().icmp(cc, x, y)
            }
            Carrier::Mod(_) | Carrier::Bit | Carrier::Bool => {
                let cc = match op {
                    CompareOp::Eq => IntCC::Equal,
                    CompareOp::Ne => IntCC::NotEqual,
                    CompareOp::Lt => IntCC::UnsignedLessThan,
                    CompareOp::Le => IntCC::UnsignedLessThanOrEqual,
                };
                self.builder.ins().icmp(cc, x, y)
            }
        }
    }

    /// A value in another carrier.
    pub fn convert(&mut self, from: Carrier, to: Carrier, x: Value) -> Value {
        let integer = match (from, to) {
            (Carrier::F32, Carrier::F64) => return self.builder.ins().fpromote(types::F64, x),
            (Carrier::F64, Carrier::F32) => return self.builder.ins().fdemote(types::F32, x),
            (Carrier::F32 | Carrier::F64, _) => self.builder.ins().fcvt_to_sint_sat(types::I64, x),
            (Carrier::Int, _) => x,
            (Carrier::Mod(_) | Carrier::Bit | Carrier::Bool, _) => {
                self.builder.ins().uextend(types::I64, x)
            }
        };
        match to {
            Carrier::F32 => self.builder.ins().fcvt_from_sint(types::F32, integer),
            Carrier::F64 => self.builder.ins().fcvt_from_sint(types::F64, integer),
            Carrier::Int => integer,
            Carrier::Bool => self.builder.ins().icmp_imm_s(IntCC::NotEqual, integer, 0),
            Carrier::Bit => {
                let bit = self.builder.ins().band_imm_s(integer, 1);
                if self.program.lanes {
                    self.builder.ins().ineg(bit)
                } else {
                    self.builder.ins().ireduce(types::I8, bit)
                }
            }
            Carrier::Mod(n) => {
                let modulus = self.builder.ins().iconst(types::I64, i64::from(n));
                let rest = self.builder.ins().srem(integer, modulus);
                let above = self.builder.ins().iadd(rest, modulus);
                let negative = self
                    .builder
                    .ins()
                    .icmp_imm_s(IntCC::SignedLessThan, rest, 0);
                let rest = self.builder.ins().select(negative, above, rest);
                self.builder.ins().ireduce(types::I32, rest)
            }
        }
    }
}

/// The condition of a comparison of reals: with a NaN only `Ne` holds.
pub fn float_cc(op: CompareOp) -> FloatCC {
    match op {
        CompareOp::Eq => FloatCC::Equal,
        CompareOp::Ne => FloatCC::NotEqual,
        CompareOp::Lt => FloatCC::LessThan,
        CompareOp::Le => FloatCC::LessThanOrEqual,
    }
}
