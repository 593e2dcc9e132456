//! What programs show on their way, by `trace("name", x)`.
//!
//! A program that embeds the compiler sets a watcher, which receives names and values:
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! let seen = Arc::new(Mutex::new(Vec::new()));
//! let into = seen.clone();
//! lentil::watch::set(Some(Arc::new(move |name, value| {
//!     into.lock().unwrap().push(lentil::watch::line(name, value));
//! })));
//! let program = lentil::Program::from_source(
//!     "fn f(x: Real[2]) -> Real = sum(trace(\"square\", x * x))",
//! )?;
//! program.function("f")?.call(&[[1.0, 3.0].into()])?;
//! assert_eq!(*seen.lock().unwrap(), ["square = [1.0, 9.0] : Real[2]"]);
//! # Ok::<(), lentil::Error>(())
//! ```

pub use lentil_unary::watch::{Watcher, set};

use lentil_core::size::Size;
use lentil_core::ty::{Kind, Ty};
use lentil_unary::{Array, Carrier};

use crate::session::show;
use crate::value::Value;

/// The name, the value and its type, as a session shows them; of large arrays the middle is left out.
/// Not ended.
pub fn line(name: &str, value: &Array) -> String {
    let kind = match value.ty().carrier {
        Carrier::F32 | Carrier::F64 => Kind::Real,
        Carrier::Bit => Kind::Bit,
        Carrier::Mod(n) => Kind::Mod(n),
        Carrier::Int => Kind::Int,
        Carrier::Bool => Kind::Bool,
    };
    let shape = value.ty().shape.iter().map(|&n| Size::constant(n as i128));
    let ty = Ty::Array(kind, shape.collect()).to_string();
    let text = show::bound(name, &Value::Array(value.clone()), &ty);
    text.trim_end().to_string()
}
