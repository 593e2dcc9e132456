//! The parts of the manual that are lists are taken from the program: between
//! `<!-- generated: NAME -->` and `<!-- end -->` stands what the program says.
//! `INSTA_UPDATE=always` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write;

use lentil_tests::files::{files_in, root, text};
use lentil_tests::productions::productions;
use lentil_unary::Prim;
use lentil_unary::prim::Linearity;

/// A table of Markdown.
fn table(heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut out = format!(
        "| {} |\n|{}\n",
        heads.join(" | "),
        "---|".repeat(heads.len())
    );
    for row in rows {
        let cells: Vec<String> = row.iter().map(|c| c.replace('|', "\\|")).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out
}

fn grammar() -> String {
    let rules = productions(&text("grammar/src/grammar.lalrpop"));
    format!("```text\n{}\n```\n", rules.trim_end())
}

fn builtins() -> String {
    let rows = lentil_core::elaborate::BUILTINS.iter().map(|row| {
        let brackets = match row.brackets {
            "" => String::new(),
            brackets => format!("[{brackets}]"),
        };
        let call = format!("`{}{brackets}({})`", row.name, row.params.join(", "));
        vec![call, row.doc.to_string()]
    });
    table(&["function", "what it is"], rows)
}

fn primitives() -> String {
    let mut seen = BTreeSet::new();
    let table_rows = Prim::table().into_iter().map(|p| p.row());
    let rows = table_rows.filter(|row| seen.insert(row.name)).map(|row| {
        let linear = match row.linear {
            Linearity::Linear => "linear",
            Linearity::Bilinear => "bilinear",
            Linearity::Nonlinear => "nonlinear",
            Linearity::Discrete => "no derivative",
        };
        let traps = if row.traps { "may stop the run" } else { "" };
        let name = format!("`{}`", row.name);
        vec![
            name,
            row.doc.to_string(),
            linear.to_string(),
            traps.to_string(),
        ]
    });
    table(
        &["primitive", "what it is", "in its arguments", "at run time"],
        rows,
    )
}

fn errors() -> String {
    let rows = files_in("docs/errors", ".md").into_iter().map(|file| {
        let text = text(&file);
        let title = text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("# ");
        let (code, title) = title.split_once(": ").expect("a code and a title");
        vec![format!("[{code}](../errors/{code}.md)"), title.to_string()]
    });
    table(&["code", "what is wrong"], rows)
}

/// The public items of the standard library with their documentation.
fn library() -> String {
    let mut out = String::new();
    for file in files_in("stdlib", ".lentil") {
        let source = text(&file);
        let module = file
            .trim_start_matches("stdlib/")
            .trim_end_matches(".lentil");
        let about = source.lines().find_map(|l| l.strip_prefix("//! "));
        let _ = writeln!(out, "### `{module}`\n\n{}\n", about.unwrap_or_default());
        let (tree, diagnostics) = lentil_grammar::parse(Default::default(), &source);
        assert!(diagnostics.is_empty(), "{file}");
        let items = tree.items.iter().filter(|i| !i.local && !i.docs.is_empty());
        let rows = items.map(|item| {
            let from = &source[item.span.range()];
            let declared = from
                .lines()
                .find(|l| !l.starts_with("///"))
                .unwrap_or_default();
            let words: Vec<&str> = declared.splitn(3, [' ', '[', '(']).collect();
            vec![format!("{} `{}`", words[0], words[1]), item.docs.join(" ")]
        });
        out.push_str(&table(&["item", "what it is"], rows));
        out.push('\n');
    }
    out.trim_end().to_string() + "\n"
}

#[test]
fn the_lists_of_the_manual_are_the_programs() {
    let mut found = 0;
    for page in files_in("docs/manual", ".md") {
        let old = text(&page);
        let mut new = String::new();
        let mut rest = old.as_str();
        while let Some(start) = rest.find("<!-- generated: ") {
            let opened = &rest[start..];
            let name = &opened["<!-- generated: ".len()..opened.find(" -->").expect("an opening")];
            let end = start + opened.find("<!-- end -->").expect("an end");
            let body = match name {
                "grammar" => grammar(),
                "builtins" => builtins(),
                "primitives" => primitives(),
                "errors" => errors(),
                "library" => library(),
                other => panic!("{page}: nothing generates `{other}`"),
            };
            let _ = write!(
                new,
                "{}<!-- generated: {name} -->\n\n{body}\n",
                &rest[..start]
            );
            rest = &rest[end..];
            found += 1;
        }
        new.push_str(rest);
        if std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always") {
            std::fs::write(root().join(&page), &new).expect("a page");
        } else {
            assert!(old == new, "{page} is not what the program says");
        }
    }
    assert_eq!(found, 5, "each list stands in the manual once");
}
