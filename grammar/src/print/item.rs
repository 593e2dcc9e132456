//! Items.

use super::list::{Last, Padding};
use super::types::{param_span, weight_span};
use super::{Doc, INDENT, Printer};
use crate::ast::{
    DataDef, Expr, ExprKind, FnDef, Import, Item, ItemKind, LawDef, LearnerDef, LensDef, LetDef,
    ModelDef, OptimizerDef, Setting, TestDef, TypeDef,
};
use pretty::DocAllocator;

impl<'a> Printer<'a> {
    pub(super) fn item(&mut self, item: &'a Item) -> Doc<'a> {
        let local = if item.local { "local " } else { "" };
        let head = self.docs("///", &item.docs).append(local);
        let end = item.span.end;
        head.append(match &item.kind {
            ItemKind::Import(import) => self.import(import),
            ItemKind::Fn(def) => self.fn_def(def),
            ItemKind::Model(def) => self.model(def),
            ItemKind::Lens(def) => self.lens(def, end),
            ItemKind::Optimizer(def) => self.optimizer(def, end),
            ItemKind::Data(def) => self.data(def, end),
            ItemKind::Learner(def) => self.learner(def, end),
            ItemKind::Test(def) => self.test(def, end),
            ItemKind::Law(def) => self.law(def, end),
            ItemKind::Type(def) => self.type_def(def),
            ItemKind::Let(def) => self.let_def(def),
        })
    }

    fn import(&mut self, import: &'a Import) -> Doc<'a> {
        let a = self.arena;
        let (prefix, mark) = if import.relative {
            ("./", "/")
        } else {
            ("", ".")
        };
        let path = import.path.iter().map(|part| a.text(&part.text));
        let head = a
            .text("import ")
            .append(prefix)
            .append(a.intersperse(path, mark))
            .append(".");
        match import.names.as_slice() {
            [one] => head.append(&one.text),
            names => head.append(self.names("{", names, "}")),
        }
    }

    fn fn_def(&mut self, def: &'a FnDef) -> Doc<'a> {
        let head = self.arena.text("fn ").append(&def.name.text);
        let head = head
            .append(self.statics(&def.statics))
            .append(self.params(&def.params));
        let head = head.append(self.result(def.result.as_ref(), &def.wheres));
        head.append(self.body(&def.body))
    }

    fn model(&mut self, def: &'a ModelDef) -> Doc<'a> {
        let head = self.arena.text("model ").append(&def.name.text);
        let head = head.append(self.statics(&def.statics));
        match &def.signature {
            Some(signature) => head
                .append(self.signature(signature))
                .append(self.body(&def.body)),
            None => head.append(" =").append(self.after(&def.body)),
        }
    }

    fn let_def(&mut self, def: &'a LetDef) -> Doc<'a> {
        let head = self.arena.text("let ").append(&def.name.text);
        head.append(" =").append(self.after(&def.value))
    }

    fn lens(&mut self, def: &'a LensDef, end: u32) -> Doc<'a> {
        let a = self.arena;
        let head = a.text("lens ").append(&def.name.text);
        let head = head
            .append(self.statics(&def.statics))
            .append(self.signature(&def.signature));
        let names: Vec<&str> = def.put_params.iter().map(|n| n.text.as_str()).collect();
        let put = format!("put({})", names.join(", "));
        let width = put.len();
        let get = self.clause("get".to_string(), width, &def.get);
        let put = self.clause(put, width, &def.put);
        let inner = get.append(put).append(self.dangling(end)).nest(INDENT);
        head.append(" {")
            .append(inner)
            .append(a.hardline())
            .append("}")
    }

    fn optimizer(&mut self, def: &'a OptimizerDef, end: u32) -> Doc<'a> {
        let a = self.arena;
        let head = a.text("optimizer ").append(&def.name.text);
        let head = head.append(self.statics(&def.statics));
        let left = self.sequence(&def.hyper, Last::Semicolon, weight_span, Self::weight);
        let p = std::slice::from_ref(&def.p);
        let both = self.halves(left, p, param_span, Self::param);
        let close = self.closing(Some(param_span(&def.p)));
        let head = head.append(self.bracketed("(", both, close, ")", Padding::None));
        let mut inner = a.nil();
        for state in &def.states {
            let lead = self.leading(state.name.span.start);
            inner = inner.append(a.hardline()).append(lead).append("state ");
            inner = inner.append(self.weight(state));
            inner = inner.append(self.trailing(weight_span(state).end));
        }
        let put = format!("put({})", def.put_param.text);
        let width = put.len();
        inner = inner.append(self.clause("get".to_string(), width, &def.get));
        inner = inner.append(self.clause(put, width, &def.put));
        let inner = inner.append(self.dangling(end)).nest(INDENT);
        head.append(" {")
            .append(inner)
            .append(a.hardline())
            .append("}")
    }

    /// `get = e` on a line of its own, after the comments before it.
    fn clause(&mut self, head: String, width: usize, e: &'a Expr) -> Doc<'a> {
        let a = self.arena;
        let pad = " ".repeat(width - head.len());
        let lead = self.leading(super::expr::first_place(e));
        let line = a
            .hardline()
            .append(lead)
            .append(head)
            .append(pad)
            .append(" =");
        line.append(self.after(e)).append(self.trailing(e.span.end))
    }

    fn data(&mut self, def: &'a DataDef, end: u32) -> Doc<'a> {
        let head = self.arena.text("data ").append(&def.name.text).append(" =");
        let head = head.append(self.after(&def.source));
        if def.fields.is_empty() {
            return head;
        }
        head.append(" ").append(self.settings(&def.fields, end))
    }

    fn learner(&mut self, def: &'a LearnerDef, end: u32) -> Doc<'a> {
        let head = self
            .arena
            .text("learner ")
            .append(&def.name.text)
            .append(" = ");
        head.append(self.settings(&def.fields, end))
    }

    fn settings(&mut self, fields: &'a [Setting], end: u32) -> Doc<'a> {
        let a = self.arena;
        let width = fields.iter().map(|f| f.name.text.len()).max().unwrap_or(0);
        let content = self.sequence(
            fields,
            Last::Comma,
            |f| f.name.span.to(f.value.span),
            |p, f| {
                let pad = " ".repeat(width - f.name.text.len());
                let head = p.arena.text(&f.name.text).append(pad).append(" =");
                head.append(p.after(&f.value))
            },
        );
        let broken = if fields.is_empty() {
            a.nil()
        } else {
            self.broken()
        };
        let content = content.append(broken);
        self.bracketed("{", content, end, "}", Padding::Space)
    }

    fn test(&mut self, def: &'a TestDef, end: u32) -> Doc<'a> {
        let head = self
            .arena
            .text("test ")
            .append(super::expr::quoted(&def.title));
        head.append(" ").append(self.condition(&def.body, end))
    }

    fn law(&mut self, def: &'a LawDef, end: u32) -> Doc<'a> {
        let head = self
            .arena
            .text("law ")
            .append(super::expr::quoted(&def.title))
            .append(" ");
        let head = match def.statics.is_empty() {
            true => head,
            false => head.append(self.statics(&def.statics)).append(" "),
        };
        let head = head.append(self.params(&def.params));
        let head = head.append(self.result(None, &def.wheres));
        head.append(" ").append(self.condition(&def.body, end))
    }

    fn type_def(&mut self, def: &'a TypeDef) -> Doc<'a> {
        let head = self.arena.text("type ").append(&def.name.text);
        let head = head.append(self.statics(&def.statics));
        head.append(" = ").append(self.ty(&def.ty))
    }

    fn condition(&mut self, body: &'a Expr, end: u32) -> Doc<'a> {
        match &body.kind {
            ExprKind::Block(statements, result) if !statements.is_empty() => {
                let broken = self.broken();
                self.block(statements, result, end, broken)
            }
            _ => {
                let content = self.expr(body, 0).append(self.trailing(body.span.end));
                self.bracketed("{", content, end, "}", Padding::Space)
            }
        }
    }

    /// ` = e`, or a block.
    fn body(&mut self, e: &'a Expr) -> Doc<'a> {
        let a = self.arena;
        match &e.kind {
            ExprKind::Block(statements, result) => {
                let broken = if statements.is_empty() {
                    a.nil()
                } else {
                    self.broken()
                };
                a.space()
                    .append(self.block(statements, result, e.span.end, broken))
            }
            _ => a.text(" =").append(self.after(e)),
        }
    }
}
