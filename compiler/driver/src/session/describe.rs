//! What definitions, builtins and maps are, in lines of the language.

use lentil_core::elaborate::BUILTINS;
use lentil_core::session::Described;
use lentil_core::ty::Ty;
use lentil_grammar::ast::{Expr, ExprKind, Item, ItemKind};
use lentil_grammar::item_to_string;
use lentil_unary::carrier::Carrier;

/// A definition without its body: `fn f(x: Real) -> Real`.
pub fn headline(item: &Item) -> String {
    const BODY: &str = "body";
    let body = |e: &Expr| Expr {
        kind: ExprKind::Name(BODY.to_string()),
        span: e.span,
    };
    let mut bare = item.clone();
    bare.docs.clear();
    match &mut bare.kind {
        ItemKind::Fn(f) => f.body = body(&f.body),
        ItemKind::Model(m) if m.signature.is_some() => m.body = body(&m.body),
        ItemKind::Lens(l) => {
            let name = l.name.text.clone();
            return head_of(&item_to_string(&bare), &format!("lens {name}"));
        }
        ItemKind::Optimizer(o) => {
            let name = o.name.text.clone();
            return head_of(&item_to_string(&bare), &format!("optimizer {name}"));
        }
        ItemKind::Data(d) => return format!("data {}\n", d.name.text),
        ItemKind::Learner(l) => return format!("learner {}\n", l.name.text),
        ItemKind::Test(t) => return format!("test {:?}\n", t.title),
        ItemKind::Law(l) => return format!("law {:?}\n", l.title),
        ItemKind::Type(_) => return format!("{}\n", item_to_string(&bare)),
        ItemKind::Model(_) | ItemKind::Let(_) | ItemKind::Import(_) => {}
    }
    let text = item_to_string(&bare);
    let text = text.trim_end();
    let head = text.strip_suffix(BODY).map_or(text, str::trim_end);
    let head = head.strip_suffix('=').map_or(head, str::trim_end);
    format!("{head}\n")
}

/// The text up to the brace that opens the clauses.
fn head_of(text: &str, fallback: &str) -> String {
    let head = text.split(" {\n").next().unwrap_or(fallback);
    format!("{head}\n")
}

/// What exists at compile time only.
pub fn described(what: &Described) -> String {
    match what {
        Described::Definition(item) => headline(item),
        Described::Builtin(name) => builtin(name).unwrap_or_default(),
        Described::Value(ty) => format!("{ty}\n"),
        Described::Map {
            params,
            inputs,
            result,
        } => map(params, inputs.as_deref(), result.as_ref()),
        Described::Words(words) => format!("{words}\n"),
    }
}

/// What a name is bound to that exists at compile time only.
pub fn abbreviation(name: &str, what: &Described) -> String {
    format!("{name} = {}", described(what))
}

/// A builtin: how it is called, and what it is.
pub fn builtin(name: &str) -> Option<String> {
    let constant = match name {
        "zeros" => Some("zeros in an array of whatever shape is wanted"),
        "ones" => Some("ones in an array of whatever shape is wanted"),
        "pi" => Some("the ratio of a circle's circumference to its diameter"),
        _ => None,
    };
    if let Some(constant) = constant {
        return Some(format!("{name}\n  {constant}\n"));
    }
    let row = BUILTINS.iter().find(|row| row.name == name)?;
    let brackets = match row.brackets {
        "" => String::new(),
        inside => format!("[{inside}]"),
    };
    let params = row.params.join(", ");
    Some(format!("{name}{brackets}({params})\n  {}\n", row.doc))
}

/// The names of all builtins.
pub fn builtins() -> impl Iterator<Item = &'static str> {
    BUILTINS
        .iter()
        .map(|row| row.name)
        .chain(["zeros", "ones", "pi"])
}

/// Parameters by path, a line each, and how many numbers they are.
pub fn params(params: &[(String, Ty)], real: Carrier) -> String {
    let width = params.iter().map(|(n, _)| n.len()).max().unwrap_or(0);
    let (mut text, mut total) = (String::new(), 0usize);
    for (name, ty) in params {
        let leaves = ty.leaves(real).unwrap_or_default();
        total += leaves.iter().map(|t| t.len()).sum::<usize>();
        text.push_str(&format!("{name:<width$} : {ty}\n"));
    }
    let plural = if total == 1 { "number" } else { "numbers" };
    format!("{text}// {total} {plural}\n")
}

/// `Real[4] -> Real[3]`, after the parameters of a model.
fn map(params: &[(String, Ty)], inputs: Option<&[Ty]>, result: Option<&Ty>) -> String {
    let inputs = match inputs {
        None => "…".to_string(),
        Some([one]) => one.to_string(),
        Some(many) => {
            let texts: Vec<String> = many.iter().map(Ty::to_string).collect();
            format!("({})", texts.join(", "))
        }
    };
    let result = result.map_or("…".to_string(), Ty::to_string);
    if params.is_empty() {
        return format!("{inputs} -> {result}\n");
    }
    let fields: Vec<String> = params.iter().map(|(n, ty)| format!("{n}: {ty}")).collect();
    let one = format!("Model[{{{}}}; {inputs} -> {result}]\n", fields.join(", "));
    if one.chars().count() <= 80 {
        return one;
    }
    let lines: String = fields.iter().map(|f| format!("    {f},\n")).collect();
    format!("Model[\n  {{\n{lines}  }};\n  {inputs} -> {result}\n]\n")
}
