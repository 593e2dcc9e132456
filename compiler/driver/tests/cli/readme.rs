//! What the README shows is what the program does.

use crate::support::Folder;

const README: &str = include_str!("../../../../README.md");

/// The blocks of a language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let open = format!("```{language}\n");
    let mut rest = README;
    let mut found = Vec::new();
    while let Some(start) = rest.find(&open) {
        rest = &rest[start + open.len()..];
        let end = rest.find("```").expect("a block ends");
        found.push(&rest[..end]);
        rest = &rest[end..];
    }
    found
}

#[test]
fn the_program_is_the_example() {
    let folder = Folder::with_examples("readme-program");
    assert_eq!(blocks("lentil")[0].as_bytes(), folder.read("iris.lentil"));
}

#[test]
fn the_layers_are_those_of_the_example() {
    let folder = Folder::with_examples("readme-layers");
    let example = String::from_utf8(folder.read("iris_deep.lentil")).expect("a text");
    assert!(example.contains(blocks("lentil")[2]), "{example}");
}

#[test]
fn the_derivative_is_what_the_compiler_prints() {
    let folder = Folder::with_examples("readme-derivative");
    let printed = folder.ok(&["grad", "iris.lentil", "classifier"]);
    assert_eq!(printed, blocks("lentil")[1]);
}

#[test]
fn every_command_of_the_table_exists() {
    let folder = Folder::new("readme-commands");
    let help = folder.run(&["--help"]).out;
    let rows = README.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut commands = 0;
    for row in rows {
        let cell = row.split(" |").next().unwrap_or_default();
        for name in cell.split("`, `") {
            let word = name.split([' ', '`']).next().unwrap_or_default();
            assert!(
                help.contains(&format!("\n  {word} ")),
                "`{word}` is no command:\n{help}"
            );
            commands += 1;
        }
    }
    assert!(commands >= 10, "the table has {commands} commands");
}
