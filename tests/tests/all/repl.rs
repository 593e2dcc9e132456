//! Whole sessions: `tests/repl/NAME.txt` is what is typed, beside it the recorded transcript.

use lentil::pipeline::Switch;
use lentil::session::Completeness;
use lentil::{Options, Session};
use lentil_runtime::interrupt::Interrupt;
use lentil_tests::files::{files_in, text};
use lentil_tests::golden::golden;

/// What is typed, each line after a prompt, and what the session says to it.
fn transcript(script: &str) -> String {
    // What is checked after passes differs from build to build, and is shown by `:set`.
    let options = Options {
        verify: Switch::On,
        ..Options::default()
    };
    let mut session = Session::new(options).expect("a session");
    let (mut out, mut input) = (String::new(), String::new());
    for line in script.lines() {
        let mark = if input.is_empty() { ">" } else { "|" };
        out.push_str(format!("{mark} {line}").trim_end());
        out.push('\n');
        input.push_str(line);
        input.push('\n');
        let blank = line.trim().is_empty();
        if blank || Session::completeness(&input) == Completeness::Complete {
            let answer = session.enter(&std::mem::take(&mut input), &Interrupt::new());
            out.push_str(&without_times(&answer.text()));
            if answer.over {
                break;
            }
        }
    }
    assert_eq!(input, "", "the last input is unfinished");
    out
}

/// A text with the times in it, which differ, replaced.
fn without_times(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix("// compiled in ") {
        Some(rest) => {
            let (compiling, running) = rest.split_once(", ran in ").expect("both times");
            for time in [compiling, running] {
                let number: String = time.chars().take_while(|c| !c.is_alphabetic()).collect();
                let number = number.trim_end_matches('µ');
                assert!(number.parse::<f64>().is_ok_and(|t| t > 0.0), "{line}");
            }
            "// compiled in …, ran in …\n".to_string()
        }
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn sessions() {
    let scripts = files_in("tests/repl", ".txt");
    assert!(scripts.len() >= 8, "sessions in tests/repl");
    for path in scripts {
        let name = path.rsplit('/').next().unwrap_or_default();
        let name = name.trim_end_matches(".txt");
        golden("tests/repl", name, &transcript(&text(&path)));
    }
}

/// The session that the README shows is what happens.
#[test]
fn the_readme_shows_what_happens() {
    let readme = text("README.md");
    let shown = readme.split("```text\n> ").nth(1).expect("a session");
    let shown = format!("> {}", shown.split("```").next().expect("its end"));
    let typed = |line: &str| {
        line.strip_prefix("> ")
            .or(line.strip_prefix("| "))
            .map(str::to_string)
    };
    let script: Vec<String> = shown.lines().filter_map(typed).collect();
    assert!(script.len() > 5, "{script:?}");
    assert_eq!(transcript(&script.join("\n")), shown);
}
