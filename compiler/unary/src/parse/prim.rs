//! A primitive by its name, its settings and the type of its result.

use lentil_linalg::LinalgOp;

use crate::carrier::{Carrier, Literal, Type};
use crate::prim::{BinaryOp, CompareOp, Fold, Prim, UnaryOp};
use crate::syntax::Site;

use super::{Parsed, Parser};

impl Parser<'_> {
    pub(super) fn prim(&mut self, name: &str, ty: &Type) -> Parsed<Prim> {
        if let Some(prim) = by_name(name) {
            return Ok(prim);
        }
        if let Some(fold) = name.strip_prefix("reduce_").and_then(fold_named) {
            let axes = self.setting("axes", Parser::numbers)?;
            return Ok(Prim::Reduce { fold, axes });
        }
        if let Some(fold) = name.strip_prefix("scan_").and_then(fold_named) {
            return Ok(Prim::Scan {
                fold,
                axis: self.setting("axis", Parser::number)?,
                exclusive: self.setting("exclusive", Parser::truth)?,
                reverse: self.setting("reverse", Parser::truth)?,
            });
        }
        let shape = ty.shape.clone();
        Ok(match name {
            "literal" => Prim::Literal(self.literal(ty.carrier)?),
            "iota" => Prim::Iota(ty.len()),
            "select" => Prim::Select,
            "convert" => Prim::Convert(ty.carrier),
            "broadcast" => Prim::Broadcast {
                shape,
                axes: self.setting("axes", Parser::numbers)?,
            },
            "transpose" => Prim::Transpose(self.setting("perm", Parser::numbers)?),
            "reshape" => Prim::Reshape(shape),
            "slice" => Prim::Slice {
                start: self.setting("start", Parser::numbers)?,
                len: shape,
                step: self.setting("step", Parser::numbers)?,
            },
            "pad" => Prim::Pad {
                before: self.setting("before", Parser::numbers)?,
                after: self.setting("after", Parser::numbers)?,
                between: self.setting("between", Parser::numbers)?,
            },
            "concat" => Prim::Concat(self.setting("axis", Parser::number)?),
            "flip" => Prim::Flip(self.setting("axes", Parser::numbers)?),
            "argmax" => Prim::ArgMax(self.setting("axis", Parser::number)?),
            "argmin" => Prim::ArgMin(self.setting("axis", Parser::number)?),
            "argsort" => Prim::ArgSort {
                descending: self.setting("descending", Parser::truth)?,
            },
            "contract" => Prim::Contract {
                batch: self.setting("batch", Parser::pairs)?,
                sum: self.setting("sum", Parser::pairs)?,
            },
            "gather" => Prim::Gather {
                axes: self.setting("axes", Parser::number)?,
                site: Site(self.setting("site", Parser::number)? as u32),
            },
            "scatter_add" => Prim::ScatterAdd {
                axes: self.setting("axes", Parser::number)?,
                site: Site(self.setting("site", Parser::number)? as u32),
            },
            "random_bits" => Prim::RandomBits(self.setting("shape", Parser::numbers)?),
            "random_split" => match shape[..] {
                [.., n, _] => Prim::RandomSplit(n),
                _ => return Err("keys are two words each".to_string()),
            },
            "random_fold" => Prim::RandomFold,
            "trace" => Prim::Trace(self.setting("name", Parser::quoted)?.into()),
            other => return Err(format!("no primitive is named {other}")),
        })
    }

    pub(super) fn literal(&mut self, carrier: Carrier) -> Parsed<Literal> {
        let word =
            self.word(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | ':'))?;
        let bad = || format!("{word} is no {carrier}");
        match carrier {
            Carrier::F32 => match word.strip_prefix("nan:") {
                Some(bits) => u32::from_str_radix(bits, 16)
                    .map(|b| Literal::from_f32(f32::from_bits(b)))
                    .map_err(|_| bad()),
                None => word.parse().map(Literal::from_f32).map_err(|_| bad()),
            },
            Carrier::F64 => match word.strip_prefix("nan:") {
                Some(bits) => u64::from_str_radix(bits, 16)
                    .map(|b| Literal::real(carrier, f64::from_bits(b)))
                    .map_err(|_| bad()),
                None => word
                    .parse()
                    .map(|x| Literal::real(carrier, x))
                    .map_err(|_| bad()),
            },
            Carrier::Bool => {
                let value: bool = word.parse().map_err(|_| bad())?;
                Ok(Literal::integer(carrier, i64::from(value)))
            }
            Carrier::Bit | Carrier::Mod(_) | Carrier::Int => {
                let value: i64 = word.parse().map_err(|_| bad())?;
                Ok(Literal::integer(carrier, value))
            }
        }
    }

    /// One setting of a primitive: `{key=value, …}` in a fixed order.
    pub(super) fn setting<T>(&mut self, key: &str, value: fn(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if !self.eat("{") {
            self.expect(",")?;
        }
        self.expect(key)?;
        self.expect("=")?;
        let value = value(self)?;
        self.eat("}");
        Ok(value)
    }

    pub(super) fn numbers(&mut self) -> Parsed<Vec<usize>> {
        self.listed(Parser::number)
    }

    pub(super) fn pairs(&mut self) -> Parsed<Vec<(usize, usize)>> {
        self.listed(|p| {
            let i = p.number()?;
            p.expect(":")?;
            Ok((i, p.number()?))
        })
    }

    pub(super) fn listed<T>(&mut self, item: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect("[")?;
        let mut items = Vec::new();
        while !self.eat("]") {
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    pub(super) fn truth(&mut self) -> Parsed<bool> {
        let word = self.word(char::is_alphabetic)?;
        word.parse()
            .map_err(|_| format!("{word} is neither true nor false"))
    }
}

/// The primitive that a name alone says.
fn by_name(name: &str) -> Option<Prim> {
    let unary = UnaryOp::ALL.map(Prim::Unary).into_iter();
    let binary = BinaryOp::ALL.map(Prim::Binary);
    let compare = CompareOp::ALL.map(Prim::Compare);
    let linalg = LinalgOp::ALL.map(Prim::Linalg);
    unary
        .chain(binary)
        .chain(compare)
        .chain(linalg)
        .find(|p| p.row().name == name)
}

fn fold_named(name: &str) -> Option<Fold> {
    Fold::ALL.into_iter().find(|&fold| {
        let axes = Vec::new();
        Prim::Reduce { fold, axes }
            .row()
            .name
            .strip_prefix("reduce_")
            == Some(name)
    })
}
