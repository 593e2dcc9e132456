//! Types, parameters and signatures.

use super::list::{Last, Padding};
use super::trivia::word_start;
use super::{Doc, INDENT, Printer};
use crate::ast::{
    ModelParam, ModelSignature, Param, StaticParam, TypeExpr, TypeKind, Weight, Where,
};
use lentil_diag::Span;
use pretty::DocAllocator;

impl<'a> Printer<'a> {
    pub(super) fn ty(&mut self, ty: &'a TypeExpr) -> Doc<'a> {
        let a = self.arena;
        let lead = self.leading(ty.span.start);
        lead.append(match &ty.kind {
            TypeKind::Name { name, brackets } => {
                let mut doc = a.text(&name.text);
                for list in brackets {
                    let end = self.closing(list.last().map(|e| e.span));
                    doc = doc.append(self.exprs("[", list, end, "]"));
                }
                doc
            }
            TypeKind::Tuple(list) => {
                let content = self.sequence(list, Last::Comma, |t| t.span, |p, t| p.ty(t));
                self.bracketed("(", content, ty.span.end, ")", Padding::None)
            }
            TypeKind::Record(fields) => {
                let content = self.sequence(
                    fields,
                    Last::Comma,
                    |(name, ty)| name.span.to(ty.span),
                    |p, (name, ty)| p.arena.text(&name.text).append(": ").append(p.ty(ty)),
                );
                self.bracketed("{", content, ty.span.end, "}", Padding::None)
            }
            TypeKind::Arrow(from, to) => {
                let from = if matches!(from.kind, TypeKind::Arrow(..)) {
                    self.ty(from).parens()
                } else {
                    self.ty(from)
                };
                from.append(" -> ").append(self.ty(to))
            }
        })
    }

    /// `[K: Ring, n]`, or nothing.
    pub(super) fn statics(&mut self, list: &'a [StaticParam]) -> Doc<'a> {
        if list.is_empty() {
            return self.arena.nil();
        }
        let place = |s: &StaticParam| match &s.bound {
            Some(bound) => s.name.span.to(bound.span),
            None => s.name.span,
        };
        let content = self.sequence(list, Last::Comma, place, |p, s| {
            let name = p.arena.text(&s.name.text);
            match &s.bound {
                Some(bound) => name.append(": ").append(p.ty(bound)),
                None => name,
            }
        });
        let end = self.closing(list.last().map(place));
        self.bracketed("[", content, end, "]", Padding::None)
    }

    /// `(x: A, y: B)`
    pub(super) fn params(&mut self, list: &'a [Param]) -> Doc<'a> {
        let content = self.sequence(list, Last::Comma, param_span, Self::param);
        let end = self.closing(list.last().map(param_span));
        self.bracketed("(", content, end, ")", Padding::None)
    }

    pub(super) fn param(&mut self, param: &'a Param) -> Doc<'a> {
        let name = self.arena.text(&param.name.text);
        match &param.ty {
            Some(ty) => name.append(": ").append(self.ty(ty)),
            None => name,
        }
    }

    pub(super) fn weight(&mut self, weight: &'a Weight) -> Doc<'a> {
        let head = self.arena.text(&weight.name.text).append(": ");
        let head = head.append(self.ty(&weight.ty));
        match &weight.init {
            Some(init) => head.append(" ~ ").append(self.expr(init, 0)),
            None => head,
        }
    }

    /// `(w: A ~ zeros; x: B) -> C where …`
    pub(super) fn signature(&mut self, signature: &'a ModelSignature) -> Doc<'a> {
        let text = self.text;
        let place = |param: &ModelParam| {
            let mut span = model_param_span(param);
            let word = match param {
                ModelParam::Weight(_) => "",
                ModelParam::Use(_) => "use",
                ModelParam::State(_) => "state",
                ModelParam::Using(_) => "using",
            };
            span.start = word_start(text, span.start, word);
            span
        };
        let left = self.sequence(&signature.params, Last::Semicolon, place, Self::model_param);
        let both = self.halves(left, &signature.inputs, param_span, Self::param);
        let last = signature.inputs.last().map(param_span);
        let last = last.or(signature.params.last().map(model_param_span));
        let end = self.closing(last);
        let head = self.bracketed("(", both, end, ")", Padding::None);
        head.append(self.result(signature.result.as_ref(), &signature.wheres))
    }

    /// Two lists with a `;` between them, the left one given with its `;`.
    pub(super) fn halves<T>(
        &mut self,
        left: Doc<'a>,
        right: &'a [T],
        place: impl Fn(&T) -> Span,
        print: impl FnMut(&mut Self, &'a T) -> Doc<'a>,
    ) -> Doc<'a> {
        let a = self.arena;
        let left = if matches!(*left, pretty::Doc::Nil) {
            a.text(";")
        } else {
            left
        };
        let right = self.sequence(right, Last::Comma, place, print);
        if matches!(*right, pretty::Doc::Nil) {
            left
        } else {
            left.append(a.line()).append(right)
        }
    }

    /// ` -> C where …`, as far as there.
    pub(super) fn result(&mut self, result: Option<&'a TypeExpr>, wheres: &'a [Where]) -> Doc<'a> {
        let a = self.arena;
        let mut doc = a.nil();
        if let Some(ty) = result {
            doc = doc.append(" -> ").append(self.ty(ty));
        }
        if wheres.is_empty() {
            return doc;
        }
        let mut list = a.line().append("where ");
        for (at, condition) in wheres.iter().enumerate() {
            if at > 0 {
                list = list.append(",").append(a.line());
            }
            list = list
                .append(self.expr(&condition.left, super::expr::SUM))
                .append(" ")
                .append(super::expr::symbol(condition.op))
                .append(" ")
                .append(self.expr(&condition.right, super::expr::SUM));
        }
        doc.append(list.nest(INDENT).group())
    }

    fn model_param(&mut self, param: &'a ModelParam) -> Doc<'a> {
        let a = self.arena;
        match param {
            ModelParam::Weight(weight) => self.weight(weight),
            ModelParam::Use(param) => a.text("use ").append(self.param(param)),
            ModelParam::State(weight) => a.text("state ").append(self.weight(weight)),
            ModelParam::Using(name) => a.text("using ").append(&name.text),
        }
    }
}

pub(super) fn param_span(param: &Param) -> Span {
    match &param.ty {
        Some(ty) => param.name.span.to(ty.span),
        None => param.name.span,
    }
}

pub(super) fn weight_span(weight: &Weight) -> Span {
    let end = weight.init.as_ref().map_or(weight.ty.span, |e| e.span);
    weight.name.span.to(end)
}

fn model_param_span(param: &ModelParam) -> Span {
    match param {
        ModelParam::Weight(weight) | ModelParam::State(weight) => weight_span(weight),
        ModelParam::Use(param) => param_span(param),
        ModelParam::Using(name) => name.span,
    }
}
