//! Prints loop form.

use std::fmt::Write;

use crate::syntax::{
    Address, Affine, Count, Draw, Expr, Function, Gemm, Linalg, Matrix, Place, Program, Random,
    Step, Stmt,
};

/// The text of a program.
pub fn print(program: &Program) -> String {
    let mut out = String::new();
    for (k, function) in program.functions.iter().enumerate() {
        if k > 0 {
            out.push('\n');
        }
        print_function(&mut out, function);
    }
    out
}

fn print_function(out: &mut String, f: &Function) {
    let _ = writeln!(out, "function {} frame {}", f.name, f.frame);
    for (k, buffer) in f.buffers.iter().enumerate() {
        let place = match buffer.place {
            Place::Table(i) if i < f.params => format!("parameter {i}"),
            Place::Table(i) => format!("result {}", i - f.params),
            Place::Frame(offset) => format!("at {offset}"),
        };
        let _ = writeln!(out, "  b{k}: {}[{}] {place}", buffer.carrier, buffer.len);
    }
    print_steps(out, 1, &f.body);
}

fn line(out: &mut String, depth: usize, text: &str) {
    let _ = writeln!(out, "{}{text}", "  ".repeat(depth));
}

fn print_steps(out: &mut String, depth: usize, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Nest(nest) => {
                line(out, depth, "nest");
                print_stmts(out, depth + 1, &nest.body);
            }
            Step::Show { what, at } => {
                line(out, depth, &format!("show {what} at {}", address_text(at)));
            }
            Step::Gemm(gemm) => line(out, depth, &gemm_text(gemm)),
            Step::Random(random) => line(out, depth, &random_text(random)),
            Step::Sort(sort) => {
                let (x, to) = (address_text(&sort.x), address_text(&sort.out));
                let down = if sort.descending { " down" } else { "" };
                let text = format!(
                    "argsort {} [{}, {}] {x} -> {to}{down}",
                    sort.carrier, sort.rows, sort.n
                );
                line(out, depth, &text);
            }
            Step::Map(map) => {
                let at = address_text(&map.at);
                line(
                    out,
                    depth,
                    &format!("map {:?} {} {} at {at}", map.op, map.carrier, map.n),
                );
            }
            Step::Linalg(linalg) => line(out, depth, &linalg_text(linalg)),
            Step::Loop { count, limit, body } => {
                let limit = limit
                    .as_ref()
                    .map(|at| format!(" below {}", address_text(at)));
                let head = format!("loop {}{}", count_text(count), limit.unwrap_or_default());
                line(out, depth, &head);
                print_steps(out, depth + 1, body);
            }
            Step::Cond {
                condition,
                then,
                otherwise,
            } => {
                line(out, depth, &format!("if {}", address_text(condition)));
                print_steps(out, depth + 1, then);
                line(out, depth, "else");
                print_steps(out, depth + 1, otherwise);
            }
            Step::Call {
                function,
                args,
                results,
                ..
            } => {
                let list = |a: &[Address]| {
                    let texts: Vec<String> = a.iter().map(address_text).collect();
                    texts.join(", ")
                };
                let text = format!("call f{function}({}) -> {}", list(args), list(results));
                line(out, depth, &text);
            }
        }
    }
}

fn print_stmts(out: &mut String, depth: usize, stmts: &[Stmt]) {
    for stmt in stmts {
        match stmt {
            Stmt::Let(var, expr) => line(out, depth, &format!("v{} = {}", var.0, expr_text(expr))),
            Stmt::Cell(cell, var) => line(out, depth, &format!("cell v{} = v{}", cell.0, var.0)),
            Stmt::Set(cell, var) => line(out, depth, &format!("set v{} = v{}", cell.0, var.0)),
            Stmt::Store(at, var) => {
                line(out, depth, &format!("{} = v{}", address_text(at), var.0));
            }
            Stmt::For(count, body) => {
                line(out, depth, &format!("for {}", count_text(count)));
                print_stmts(out, depth + 1, body);
            }
            Stmt::Check { index, size, site } => {
                line(
                    out,
                    depth,
                    &format!("check v{} < {size} @{}", index.0, site.0),
                );
            }
        }
    }
}

fn count_text(count: &Count) -> String {
    let down = if count.backward { " down" } else { "" };
    format!("v{} < {}{down}", count.var.0, count.n)
}

fn address_text(at: &Address) -> String {
    format!("b{}[{}]", at.buffer.0, affine_text(&at.index))
}

fn affine_text(affine: &Affine) -> String {
    let mut parts: Vec<String> = (affine.terms.iter())
        .map(|(v, c)| {
            if *c == 1 {
                format!("v{}", v.0)
            } else {
                format!("{c}*v{}", v.0)
            }
        })
        .collect();
    if affine.constant != 0 || parts.is_empty() {
        parts.push(affine.constant.to_string());
    }
    parts.join(" + ")
}

fn expr_text(expr: &Expr) -> String {
    match expr {
        Expr::Literal(literal) => format!("{} {literal}", literal.carrier()),
        Expr::Load(at) => address_text(at),
        Expr::Index(affine) => format!("index {}", affine_text(affine)),
        Expr::Unary(op, x) => format!("{} v{}", name(op), x.0),
        Expr::Binary(op, x, y) => format!("{} v{} v{}", name(op), x.0, y.0),
        Expr::Compare(op, x, y) => format!("{} v{} v{}", name(op), x.0, y.0),
        Expr::Select(c, x, y) => format!("select v{} v{} v{}", c.0, x.0, y.0),
        Expr::Convert(to, x) => format!("{to} v{}", x.0),
    }
}

fn name(op: &impl std::fmt::Debug) -> String {
    format!("{op:?}").to_lowercase()
}

fn gemm_text(gemm: &Gemm) -> String {
    let matrix = |m: &Matrix| {
        format!(
            "{} rows {} columns {}",
            address_text(&m.at),
            m.row,
            m.column
        )
    };
    format!(
        "gemm {} m {} n {} k {}: {} * {} -> {}",
        gemm.carrier,
        gemm.m,
        gemm.n,
        gemm.k,
        matrix(&gemm.a),
        matrix(&gemm.b),
        matrix(&gemm.c)
    )
}

fn linalg_text(linalg: &Linalg) -> String {
    let list = |arrays: &[Address]| -> String {
        let texts: Vec<String> = arrays.iter().map(address_text).collect();
        texts.join(", ")
    };
    let sizes = linalg.sizes;
    format!(
        "{} {} {}x{}x{} {} -> {}",
        linalg.op.name(),
        linalg.carrier,
        sizes.count,
        sizes.rows,
        sizes.columns,
        list(&linalg.args),
        list(&linalg.results)
    )
}

fn random_text(random: &Random) -> String {
    let draw = match &random.draw {
        Draw::Bits(n) => format!("bits {n}"),
        Draw::Split(n) => format!("split {n}"),
        Draw::Fold(number) => format!("fold {}", address_text(number)),
    };
    let each = match random.count {
        1 => String::new(),
        count => format!(" for {count}"),
    };
    format!(
        "random {draw}{each} {} -> {}",
        address_text(&random.key),
        address_text(&random.out)
    )
}
