//! What stands in brackets, separated by commas.

use super::{Doc, INDENT, Printer};
use crate::ast::{Binder, Expr, Ident};
use lentil_diag::Span;
use pretty::DocAllocator;

/// What stands between a pair of brackets and their content on one line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    /// `(a, b)`
    None,
    /// `{ a, b }`
    Space,
}

/// What follows the last element of a list that is broken into lines.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// A comma.
    Comma,
    /// A `;`, on one line too.
    Semicolon,
}

impl<'a> Printer<'a> {
    /// Elements, with a comma after each, and the comments between them.
    pub(super) fn sequence<T>(
        &mut self,
        list: &'a [T],
        last: Last,
        place: impl Fn(&T) -> Span,
        mut print: impl FnMut(&mut Self, &'a T) -> Doc<'a>,
    ) -> Doc<'a> {
        let a = self.arena;
        let mut doc = a.nil();
        for (at, element) in list.iter().enumerate() {
            let span = place(element);
            if at > 0 {
                doc = doc.append(a.line()).append(self.blank(span.start));
            }
            doc = doc
                .append(self.leading(span.start))
                .append(print(self, element));
            let mark = if at + 1 < list.len() {
                a.text(",")
            } else {
                match last {
                    Last::Comma => a.text(",").flat_alt(a.nil()),
                    Last::Semicolon => a.text(";"),
                }
            };
            doc = doc.append(mark).append(self.trailing(span.end));
        }
        doc
    }

    /// Brackets around content, which is put on lines of its own if it is too long, together with
    /// the comments that stand before the end.
    pub(super) fn bracketed(
        &mut self,
        open: &'a str,
        content: Doc<'a>,
        end: u32,
        close: &'a str,
        padding: Padding,
    ) -> Doc<'a> {
        let a = self.arena;
        let dangling = self.dangling(end);
        if matches!(*content, pretty::Doc::Nil) {
            if matches!(*dangling, pretty::Doc::Nil) {
                return a.text(open).append(close);
            }
            let inner = dangling.nest(INDENT);
            return a
                .text(open)
                .append(inner)
                .append(a.hardline())
                .append(close);
        }
        let edge = || match padding {
            Padding::None => a.line_(),
            Padding::Space => a.line(),
        };
        let inner = edge().append(content).append(dangling).nest(INDENT);
        a.text(open)
            .append(inner)
            .append(edge())
            .append(close)
            .group()
    }

    /// Where the bracket closes that closes after the last element of a list.
    pub(super) fn closing(&self, last: Option<Span>) -> u32 {
        let mut at = last.map_or(0, |span| span.end);
        while let Some(rest) = self.text.get(at as usize..) {
            let gap = rest.len()
                - rest
                    .trim_start_matches([' ', '\t', '\r', '\n', ',', ';'])
                    .len();
            let comment = rest[gap..].starts_with("//");
            let line = rest[gap..].find('\n').unwrap_or(rest.len() - gap);
            at += (gap + if comment { line } else { 0 }) as u32;
            if !comment {
                break;
            }
        }
        at
    }

    /// Expressions in brackets.
    pub(super) fn exprs(
        &mut self,
        open: &'a str,
        list: &'a [Expr],
        end: u32,
        close: &'a str,
    ) -> Doc<'a> {
        let content = self.sequence(list, Last::Comma, |e| e.span, |p, e| p.expr(e, 0));
        self.bracketed(open, content, end, close, Padding::None)
    }

    /// `for i < n, j`
    pub(super) fn binders(&mut self, list: &'a [Binder]) -> Doc<'a> {
        let a = self.arena;
        let mut doc = a.text("for ");
        for (at, binder) in list.iter().enumerate() {
            if at > 0 {
                doc = doc.append(", ");
            }
            doc = doc
                .append(self.leading(binder.name.span.start))
                .append(&binder.name.text);
            if let Some(bound) = &binder.bound {
                doc = doc.append(" < ").append(self.expr(bound, super::expr::SUM));
            }
        }
        doc
    }

    /// Names in brackets.
    pub(super) fn names(&mut self, open: &'a str, list: &'a [Ident], close: &'a str) -> Doc<'a> {
        let a = self.arena;
        let content = self.sequence(list, Last::Comma, |n| n.span, |_, n| a.text(&n.text));
        let end = self.closing(list.last().map(|n| n.span));
        self.bracketed(open, content, end, close, Padding::None)
    }
}
