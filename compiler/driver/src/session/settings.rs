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

const SWITCH: [&str; 2] = ["on", "off"];

/// All settings.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "real",
        doc: "the precision of `Real`",
        values: ["f32", "f64"],
        get: |o| o.real == Carrier::F32,
        set: |o, single| o.real = if single { Carrier::F32 } else { Carrier::F64 },
    },
    Setting {
        name: "exact",
        doc: "keep every bit: no floating-point sum is rearranged",
        values: SWITCH,
        get: |o| o.arithmetic == Arithmetic::Exact,
        set: |o, on| {
            o.arithmetic = match on {
                true => Arithmetic::Exact,
                false => Arithmetic::Real,
            }
        },
    },
    Setting {
        name: "vectorise",
        doc: "make operations on whole arrays of loops over elements",
        values: SWITCH,
        get: |o| o.vectorise == Switch::On,
        set: |o, on| o.vectorise = switch(on),
    },
    Setting {
        name: "rewrite",
        doc: "rewrite by equations",
        values: SWITCH,
        get: |o| o.rewrite == Switch::On,
        set: |o, on| o.rewrite = switch(on),
    },
    Setting {
        name: "evaluator",
        doc: "interpret instead of making machine code (slow)",
        values: SWITCH,
        get: |o| o.target == Target::Evaluator,
        set: |o, on| {
            o.target = match on {
                true => Target::Evaluator,
                false => Target::Machine,
            }
        },
    },
    Setting {
        name: "verify",
        doc: "check the invariants of the program after each pass",
        values: SWITCH,
        get: |o| o.verify == Switch::On,
        set: |o, on| o.verify = switch(on),
    },
];

fn switch(on: bool) -> Switch {
    if on { Switch::On } else { Switch::Off }
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
