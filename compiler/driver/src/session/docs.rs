//! `:doc` and `:explain`: what is known about a name, and about an error.

use lentil_diag::SourceId;
use lentil_diag::codes::page;
use lentil_grammar::ast::{File, Item};

use super::{Session, describe};
use crate::error::Error;
use crate::stdlib;

/// What is known about a name.
pub fn doc(session: &Session, name: &str) -> Result<String, Error> {
    if let Some(item) = session.item(name) {
        return Ok(of_item(&item));
    }
    if let Some(text) = describe::builtin(name) {
        return Ok(text);
    }
    if let Some(text) = stdlib::module(name) {
        return Ok(of_module(name, &parsed(text)));
    }
    if let Some(text) = in_library(name) {
        return Ok(text);
    }
    if let Some(command) = name.strip_prefix(':') {
        let title = format!("`:{command}` is a command");
        let hint = format!("`:help {command}` says what it does");
        return Err(Error::plain("E0923", title, Some(&hint)));
    }
    let title = format!("nothing is called `{name}`");
    let known = known(session);
    let near = lentil_core::spelling::closest(name, known.iter().map(String::as_str));
    let hint = near.map(|near| format!("did you mean `{near}`?"));
    Err(Error::plain("E0923", title, hint.as_deref()))
}

/// An error code at length.
pub fn explain(code: &str) -> Result<String, Error> {
    let digits = code.trim_start_matches(['e', 'E']);
    match page(&format!("E{digits:0>4}")) {
        Some(page) => Ok(page.text.to_string()),
        None => {
            let title = format!("there is no error code `{code}`");
            Err(Error::plain("E0906", title, None))
        }
    }
}

/// All names that something is known about.
pub fn known(session: &Session) -> Vec<String> {
    let mut names: Vec<String> = session.names().into_iter().map(|(name, _)| name).collect();
    names.extend(describe::builtins().map(str::to_string));
    for (module, text) in stdlib::MODULES {
        names.push((*module).to_string());
        names.extend(items(&parsed(text)).map(|(name, _)| name.to_string()));
    }
    names
}

/// The public items of a module with their names.
pub fn items(file: &File) -> impl Iterator<Item = (&str, &Item)> {
    let public = file.items.iter().filter(|item| !item.local);
    public.filter_map(|item| Some((lentil_core::module::item_name(item)?.text.as_str(), item)))
}

/// A module of the library, parsed.
pub fn parsed(text: &str) -> File {
    lentil_grammar::parse(SourceId::default(), text).0
}

fn of_item(item: &Item) -> String {
    format!("{}{}", describe::headline(item), indented(&item.docs))
}

fn of_module(name: &str, file: &File) -> String {
    let mut text = format!("module {name}\n{}", indented(&file.docs));
    for (_, item) in items(file) {
        text.push_str(&describe::headline(item));
    }
    text
}

fn indented(lines: &[String]) -> String {
    let line = |line: &String| format!("{}\n", format!("  {line}").trim_end());
    lines.iter().map(line).collect()
}

/// An item of the library, with what imports it.
fn in_library(name: &str) -> Option<String> {
    let (wanted, name) = match name.rsplit_once('.') {
        Some((module, name)) => (Some(module), name),
        None => (None, name),
    };
    let mut out = String::new();
    for (module, text) in stdlib::MODULES {
        if wanted.is_some_and(|wanted| wanted != *module) {
            continue;
        }
        let file = parsed(text);
        for (_, item) in items(&file).filter(|(n, _)| *n == name) {
            out.push_str(&of_item(item));
            out.push_str(&format!("  // import {module}.{name}\n"));
        }
    }
    (!out.is_empty()).then_some(out)
}
