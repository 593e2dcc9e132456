//! `:set`: how programs are compiled.

use lentil_optimise::Arithmetic;
use lentil_unary::carrier::Carrier;

use crate::error::Error;
use crate::pipeline::{Options, Switch, Target};

/// A setting: its name, what it is, the values it may have, and where it is kept.
pub struct Setting {
    pub name: &'static str,
    pub doc: &'static str,
    /// The first value is that of `true`.
    pub values: [&'static str; 2],
    get: fn(&Options) -> bool,
    set: fn(&mut Options, bool),
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "real",
        doc: "the precision of `Real`",
        values: ["f32", "f64"],
        get: |o| o.real == Carrier::F32,
        set: |o, single| o.real = if single { Carrier::F32 } else { Carrier::F64 },
    },
    switch(
        "exact",
        "keep every bit: no floating-point sum is rearranged",
        |o| o.arithmetic == Arithmetic::Exact,
        |o, on| {
            o.arithmetic = match on {
                true => Arithmetic::Exact,
                false => Arithmetic::Real,
            }
        },
    ),
    switch(
        "vectorise",
        "make operations on whole arrays of loops over elements",
        |o| o.vectorise == Switch::On,
        |o, on| o.vectorise = Switch::of(on),
    ),
    switch(
        "rewrite",
        "rewrite by equations",
        |o| o.rewrite == Switch::On,
        |o, on| o.rewrite = Switch::of(on),
    ),
    switch(
        "evaluator",
        "interpret instead of making machine code (slow)",
        |o| o.target == Target::Evaluator,
        |o, on| {
            o.target = match on {
                true => Target::Evaluator,
                false => Target::Machine,
            }
        },
    ),
    switch(
        "verify",
        "check the invariants of the program after each pass",
        |o| o.verify == Switch::On,
        |o, on| o.verify = Switch::of(on),
    ),
];

/// A setting that is on or off.
const fn switch(
    name: &'static str,
    doc: &'static str,
    get: fn(&Options) -> bool,
    set: fn(&mut Options, bool),
) -> Setting {
    Setting {
        name,
        doc,
        values: ["on", "off"],
        get,
        set,
    }
}

impl Setting {
    fn line(&self, options: &Options) -> String {
        let [yes, no] = self.values;
        let value = if (self.get)(options) { yes } else { no };
        format!(
            ":set {} {value}  // or {}: {}\n",
            self.name,
            if value == yes { no } else { yes },
            self.doc
        )
    }
}

/// All settings as they are, a line each.
pub fn list(options: &Options) -> String {
    SETTINGS.iter().map(|s| s.line(options)).collect()
}

/// Changes a setting, or shows it where no value is given; gives its line.
pub fn set(options: &mut Options, name: &str, value: &str) -> Result<String, Error> {
    let refused = |title: String, hint: String| Err(Error::plain("E0922", title, Some(&hint)));
    let Some(setting) = SETTINGS.iter().find(|s| s.name == name) else {
        let names: Vec<&str> = SETTINGS.iter().map(|s| s.name).collect();
        let hint = format!("there are `{}`", names.join("`, `"));
        return refused(format!("there is no setting `{name}`"), hint);
    };
    match setting.values.iter().position(|v| *v == value) {
        Some(at) => (setting.set)(options, at == 0),
        None if value.is_empty() => {}
        None => {
            let [yes, no] = setting.values;
            let hint = format!("write `:set {name} {yes}` or `:set {name} {no}`");
            return refused(format!("`{name}` cannot be `{value}`"), hint);
        }
    }
    Ok(setting.line(options))
}
