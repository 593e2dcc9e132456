//! Syntax tree to text: the formatter.
//!
//! What is printed parses to the same tree, and printing that again changes nothing. Lines are up
//! to 100 characters wide where the parts allow it. Comments stay where they are: on lines of
//! their own before what they stand before, or at the end of the line they end; a comment in an
//! unusual place moves to the next usual one. Blank lines are kept within blocks and lists, one
//! at a time; items are separated by one.

mod expr;
mod item;
mod list;
mod trivia;
mod types;

use crate::ast::{Comment, Expr, File, Item, ItemKind};
use pretty::{Arena, DocAllocator, DocBuilder};

const WIDTH: usize = 100;
const INDENT: isize = 2;

type Doc<'a> = DocBuilder<'a, Arena<'a>>;

/// A file in the one style, given with the text that it was parsed from. The tree must come from
/// a parse without errors.
pub fn format(file: &File, text: &str) -> String {
    let arena = Arena::new();
    let mut printer = Printer::new(&arena, text, &file.comments);
    let doc = printer.file(file);
    rendered(doc)
}

/// An expression as text.
pub fn expr_to_string(expr: &Expr) -> String {
    let arena = Arena::new();
    let doc = Printer::new(&arena, "", &[]).expr(expr, 0);
    rendered(doc).trim_end().to_string()
}

/// An item as text, with its documentation.
pub fn item_to_string(item: &Item) -> String {
    let arena = Arena::new();
    let doc = Printer::new(&arena, "", &[]).item(item);
    rendered(doc).trim_end().to_string()
}

/// Builds the document, from left to right, since comments are taken in as their places come by.
struct Printer<'a> {
    arena: &'a Arena<'a>,
    text: &'a str,
    comments: &'a [Comment],
    /// How many of the comments are printed.
    printed: usize,
}

impl<'a> Printer<'a> {
    fn new(arena: &'a Arena<'a>, text: &'a str, comments: &'a [Comment]) -> Printer<'a> {
        Printer {
            arena,
            text,
            comments,
            printed: 0,
        }
    }

    fn file(&mut self, file: &'a File) -> Doc<'a> {
        let a = self.arena;
        let mut doc = a.nil();
        if !file.docs.is_empty() {
            doc = doc.append(self.leading(self.file_docs_start()));
            doc = doc.append(self.docs("//!", &file.docs));
        }
        let mut before: Option<&Item> = None;
        for item in &file.items {
            let start = self.docs_start(item.span.start);
            let both_import = matches!(
                (before.map(|i| &i.kind), &item.kind),
                (Some(ItemKind::Import(_)), ItemKind::Import(_))
            );
            let at_head = before.is_none() && file.docs.is_empty();
            if !at_head && (!both_import || self.blank_before(self.next_place(start))) {
                doc = doc.append(a.hardline());
            }
            doc = doc.append(self.leading(start)).append(self.item(item));
            doc = doc
                .append(self.trailing(item.span.end))
                .append(a.hardline());
            before = Some(item);
        }
        let end = file.span.end;
        if self.pending(end) && (before.is_some() || !file.docs.is_empty()) {
            doc = doc.append(a.hardline());
        }
        doc.append(self.leading(end))
    }

    fn docs(&self, marker: &'a str, lines: &'a [String]) -> Doc<'a> {
        let a = self.arena;
        let line = |line: &'a String| {
            let space = if line.is_empty() { "" } else { " " };
            a.text(marker)
                .append(space)
                .append(line)
                .append(a.hardline())
        };
        a.concat(lines.iter().map(line))
    }
}

fn rendered(doc: Doc<'_>) -> String {
    let wide = doc.pretty(WIDTH).to_string();
    let mut out = String::with_capacity(wide.len());
    for line in wide.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
