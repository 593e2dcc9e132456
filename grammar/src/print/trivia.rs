//! Comments and blank lines.

use super::{Doc, Printer};
use crate::ast::Comment;
use pretty::DocAllocator;

impl<'a> Printer<'a> {
    /// Whether a comment stands before a place and is not printed yet.
    pub(super) fn pending(&self, before: u32) -> bool {
        self.next_comment().is_some_and(|c| c.span.start < before)
    }

    /// Whether a comment stands between two places.
    pub(super) fn comment_within(&self, start: u32, end: u32) -> bool {
        let from = self.comments.partition_point(|c| c.span.start < start);
        self.comments.get(from).is_some_and(|c| c.span.start < end)
    }

    /// The place of the next comment if it comes before a place, or that place.
    pub(super) fn next_place(&self, place: u32) -> u32 {
        self.next_comment()
            .map_or(place, |c| c.span.start.min(place))
    }

    /// The comments before a place, each with the line break that ends it.
    pub(super) fn leading(&mut self, before: u32) -> Doc<'a> {
        let a = self.arena;
        let mut doc = a.nil();
        while self.pending(before) {
            let blank = self.blank_after_comment();
            doc = doc.append(self.take()).append(a.hardline());
            if blank {
                doc = doc.append(a.hardline());
            }
        }
        doc
    }

    /// The comment that ends the line of a place, or that could not be printed before it. The
    /// group around it breaks; what follows must be a line break of that group.
    pub(super) fn trailing(&mut self, end: u32) -> Doc<'a> {
        let a = self.arena;
        let here = self.next_comment().is_some_and(|c| {
            let between = self.text.get(end as usize..c.span.start as usize);
            c.span.start < end
                || between.is_some_and(|t| t.chars().all(|c| matches!(c, ' ' | '\t' | ',' | ';')))
        });
        if !here {
            return a.nil();
        }
        a.space().append(self.take()).append(self.broken())
    }

    /// The comments before the end of a list or block, each after the line break that begins it.
    pub(super) fn dangling(&mut self, end: u32) -> Doc<'a> {
        let a = self.arena;
        let mut doc = a.nil();
        while self.pending(end) {
            doc = doc.append(a.hardline());
            if self.blank_before(self.next_place(end)) {
                doc = doc.append(a.hardline());
            }
            doc = doc.append(self.take());
        }
        doc
    }

    /// Nothing, but the group around it cannot be put on one line.
    pub(super) fn broken(&self) -> Doc<'a> {
        self.arena.nil().flat_alt(self.arena.hardline())
    }

    /// A blank line in a broken group, if there is one in the text before a place or the comments
    /// before it.
    pub(super) fn blank(&self, place: u32) -> Doc<'a> {
        let a = self.arena;
        if self.blank_before(self.next_place(place)) {
            a.hardline().flat_alt(a.nil())
        } else {
            a.nil()
        }
    }

    /// Whether a blank line stands before a place.
    pub(super) fn blank_before(&self, place: u32) -> bool {
        let before = self.text.get(..place as usize).unwrap_or_default();
        is_blank(&before[before.trim_end().len()..])
    }

    fn blank_after_comment(&self) -> bool {
        let end = self.next_comment().map_or(0, |c| c.span.end);
        let after = self.text.get(end as usize..).unwrap_or_default();
        is_blank(&after[..after.len() - after.trim_start().len()])
    }

    /// Where the documentation of an item begins that begins at a place.
    pub(super) fn docs_start(&self, place: u32) -> u32 {
        let mut start = place;
        while let Some(before) = self.text.get(..start as usize) {
            let before = before.trim_end();
            let line = before.rfind('\n').map_or(0, |at| at + 1);
            let content = before[line..].trim_start();
            if !content.starts_with("///") || content.starts_with("////") {
                break;
            }
            start = (before.len() - content.len()) as u32;
        }
        start
    }

    /// Where the documentation of the file begins.
    pub(super) fn file_docs_start(&self) -> u32 {
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            if line.trim_start().starts_with("//!") {
                break;
            }
            at += line.len();
        }
        at as u32
    }

    fn next_comment(&self) -> Option<&'a Comment> {
        self.comments.get(self.printed)
    }

    fn take(&mut self) -> Doc<'a> {
        let a = self.arena;
        let doc = match self.next_comment() {
            Some(comment) => a.text("//").append(comment.text.as_str()),
            None => a.nil(),
        };
        self.printed += 1;
        doc
    }
}

fn is_blank(gap: &str) -> bool {
    gap.bytes().filter(|&b| b == b'\n').count() >= 2
}

/// Where the word begins that introduces what begins at a place of a text; that place if something
/// stands between the two.
pub(super) fn word_start(text: &str, place: u32, word: &str) -> u32 {
    let before = text.get(..place as usize).unwrap_or_default();
    match before.trim_end().strip_suffix(word) {
        Some(rest) if !word.is_empty() => rest.len() as u32,
        _ => place,
    }
}
