//! `lentil repl` without a terminal: inputs from a pipe.

use std::io::Write;

use crate::support::{Folder, Run, interrupt};

/// Runs a session whose inputs are these.
fn session(folder: &Folder, args: &[&str], input: impl AsRef<[u8]>) -> Run {
    let mut child = folder.started(&[&["repl"], args].concat());
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_ref()).expect("it listens");
    drop(stdin);
    Run::of(child.wait_with_output().expect("it ends"))
}

#[test]
fn values_go_out_and_nothing_else() {
    let folder = Folder::new("repl-values");
    let run = session(
        &folder,
        &[],
        "let x = 2.5\nfn f(y: Real) -> Real =\n  x * y\n\nf(2)",
    );
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(
        run.out,
        "x = 2.5 : Real\nfn f(y: Real) -> Real\n5.0 : Real\n"
    );
    // No terminal, no history.
    assert!(folder.files().is_empty(), "{:?}", folder.files());
}

#[test]
fn what_is_refused_is_said_and_counts_and_the_rest_is_taken() {
    let folder = Folder::new("repl-refused");
    let run = session(&folder, &[], "1 + y\n2\n");
    assert_eq!((run.code, run.out.as_str()), (1, "2 : Int\n"));
    assert!(run.err.contains("repl:1:1:5"), "{}", run.err);
    assert!(!run.err.contains('\x1b'), "no colour off a terminal");
    let unfinished = session(&folder, &[], "f(1,");
    assert_eq!(unfinished.code, 1);
    assert!(unfinished.err.contains("[E0106]"), "{}", unfinished.err);
}

#[test]
fn quit_ends_it() {
    let folder = Folder::new("repl-quit");
    let run = session(&folder, &[], "1\n:quit\n1 + y\n");
    assert_eq!(
        (run.code, run.out.as_str(), run.err.as_str()),
        (0, "1 : Int\n", "")
    );
}

#[test]
fn a_program_is_known_from_the_start() {
    let folder = Folder::with_examples("repl-file");
    let run = session(
        &folder,
        &["iris.lentil", "--real", "f64"],
        ":params classifier\n1 / 3.0\n",
    );
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("hidden.w : Real[16, 4]"), "{}", run.out);
    assert!(run.out.contains("0.3333333333333333 : Real"), "{}", run.out);
    let missing = session(&folder, &["nothing.lentil"], "1\n");
    assert_eq!((missing.code, missing.out.as_str()), (1, ""));
    assert!(missing.err.contains("[E0902]"), "{}", missing.err);
}

#[test]
fn a_line_that_is_no_text_is_refused_alone() {
    let folder = Folder::new("repl-bytes");
    let run = session(&folder, &[], b"1\n\xff\xfe\n2\n");
    assert_eq!((run.code, run.out.as_str()), (1, "1 : Int\n2 : Int\n"));
    assert!(run.err.contains("[E0902]"), "{}", run.err);
}

/// Ctrl-C gives up the computation, and the session goes on.
#[cfg(unix)]
#[test]
fn ctrl_c_gives_up_the_computation_only() {
    use std::io::{BufRead, BufReader};
    let folder = Folder::new("repl-ctrl-c");
    let mut child = folder.started(&["repl"]);
    let mut stdin = child.stdin.take().expect("its input");
    let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
    let mut line = || {
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        line
    };
    writeln!(stdin, "1").expect("it listens");
    assert_eq!(line(), "1 : Int\n");
    let endless = "iterate[1000000000](1, fn(t) => iterate[1000000000](t, cos))";
    writeln!(stdin, "{endless}\n2").expect("it listens");
    // As long as nothing is computed ctrl-C would end the session.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    interrupt(&child);
    assert_eq!(line(), "2 : Int\n");
    drop(stdin);
    let run = Run::of(child.wait_with_output().expect("it ends"));
    assert_eq!(run.code, 1);
    assert!(run.err.contains("[E0920]"), "{}", run.err);
}
