//! Small commands: run, test, fmt, explain, help.

use crate::support::Folder;

const PROGRAM: &str = "\
//! Small.

/// Twice as much.
fn twice(x: Real) -> Real = 2 * x

fn both(x: Real, n: Int) -> (Real, Int) = (x, n + 1)

test \"twice is a sum\" { twice(3.0) == 3.0 + 3.0 }
";

#[test]
fn values_are_computed_and_written_as_the_language_writes_them() {
    let folder = Folder::new("small_run");
    folder.write("p.lentil", PROGRAM);
    assert_eq!(folder.ok(&["run", "p.lentil", "twice", "1.5"]), "3.0\n");
    assert_eq!(folder.ok(&["run", "p.lentil", "twice", "-1.5"]), "-3.0\n");
    assert_eq!(
        folder.ok(&["run", "p.lentil", "twice", "[1, 2.5]"]),
        "[2.0, 5.0]\n"
    );
    assert_eq!(
        folder.ok(&["run", "p.lentil", "both", "0.5", "2"]),
        "(0.5, 3)\n"
    );
    assert_eq!(folder.ok(&["run", "p.lentil", "grad(twice)(7.0)"]), "2.0\n");
    let args = ["run", "--real", "f64", "p.lentil", "twice", "0.1"];
    assert_eq!(folder.ok(&args), "0.2\n");
    let why = folder.refused(&["run", "p.lentil", "thrice", "1"]);
    assert!(why.contains("<expression>:1:1"), "{why}");
}

#[test]
fn tests_pass_and_fail() {
    let folder = Folder::new("small_test");
    folder.write("p.lentil", PROGRAM);
    let wanted = "ok      twice is a sum\n1 test: all hold\n";
    assert_eq!(folder.ok(&["test", "p.lentil"]), wanted);
    folder.write(
        "q.lentil",
        PROGRAM.to_string() + "\ntest \"one is two\" { twice(1.0) == 1 }\n",
    );
    let run = folder.run(&["test", "q.lentil"]);
    assert_eq!(run.code, 1);
    assert_eq!(
        run.out,
        "ok      twice is a sum\nFAILED  one is two\n2 tests: 1 failed\n"
    );
}

#[test]
fn imports_come_from_files_beside() {
    let folder = Folder::new("small_import");
    folder.write("p.lentil", PROGRAM);
    folder.write(
        "q.lentil",
        "import ./p.{twice}\nfn four(x: Real) -> Real = twice(twice(x))\n",
    );
    assert_eq!(folder.ok(&["run", "q.lentil", "four", "1"]), "4.0\n");
    folder.write("r.lentil", "import ./absent.{twice}\n");
    let why = folder.refused(&["check", "r.lentil"]);
    assert!(why.contains("`absent.lentil` does not exist"), "{why}");
}

#[test]
fn formatting_changes_files_that_parse() {
    let folder = Folder::new("small_fmt");
    folder.write("p.lentil", "fn   f( x:Real )->Real=x+1 // more\n");
    folder.write("bad.lentil", "fn f(\n");
    let run = folder.run(&["fmt", "--check", "p.lentil"]);
    assert_eq!((run.code, run.out.as_str()), (1, "p.lentil\n"));
    let run = folder.run(&["fmt", "bad.lentil", "p.lentil"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("bad.lentil:1"), "{}", run.err);
    assert_eq!(folder.read("bad.lentil"), b"fn f(\n");
    let text = String::from_utf8(folder.read("p.lentil")).expect("text");
    assert_eq!(text, "fn f(x: Real) -> Real = x + 1 // more\n");
    assert_eq!(folder.ok(&["fmt", "--check", "p.lentil"]), "");
    assert_eq!(folder.files(), ["bad.lentil", "p.lentil"]);
}

#[test]
fn the_derivative_that_is_shown_is_a_program_that_computes_it() {
    let folder = Folder::new("small_grad");
    let source =
        "import nn.{dense, relu}\nmodel net = one: dense[2, 3] >> relu >> two: dense[3, 2]\n";
    folder.write("net.lentil", source);
    let text = folder.ok(&["grad", "net.lentil", "net"]);
    assert!(text.contains("dy: Real[2]"), "{text}");
    folder.write("shown.lentil", &text);
    let w1 = "[[0.5, -1.0], [2.0, 0.25], [-0.5, 1.5]]";
    let (b1, w2, b2) = (
        "[0.1, 0.2, 0.3]",
        "[[1.0, -2.0, 0.5], [0.75, 0.5, -1.0]]",
        "[0.0, 1.0]",
    );
    let shown = folder.ok(&[
        "run",
        "--real",
        "f64",
        "shown.lentil",
        "net_reverse",
        w1,
        b1,
        w2,
        b2,
        "[1.0, 2.0]",
        "[1.0, -3.0]",
    ]);
    let program = lentil::Program::from_source(source).expect("a program");
    let options = lentil::Options {
        real: lentil::Carrier::F64,
        ..lentil::Options::default()
    };
    let reverse = program
        .with_options(options)
        .function("net")
        .and_then(|f| f.reverse());
    let args: [lentil::Value; 6] = [
        [[0.5, -1.0], [2.0, 0.25], [-0.5, 1.5]].into(),
        [0.1, 0.2, 0.3].into(),
        [[1.0, -2.0, 0.5], [0.75, 0.5, -1.0]].into(),
        [0.0, 1.0].into(),
        [1.0, 2.0].into(),
        [1.0, -3.0].into(),
    ];
    let value = reverse
        .and_then(|reverse| reverse.call(&args))
        .expect("a value");
    let (one, two) = (numbers(&shown), numbers(&value.to_string()));
    assert!(one.len() == 19 && two.len() == 19, "{shown} {value}");
    for (x, y) in one.iter().zip(&two) {
        assert!((x - y).abs() <= 1e-12, "{shown} {value}");
    }
}

/// The numbers in a text, but for those in names.
fn numbers(text: &str) -> Vec<f64> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || "+-._".contains(c)));
    words.filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn codes_are_explained() {
    let folder = Folder::new("small_explain");
    let page = folder.ok(&["explain", "E0901"]);
    assert!(page.starts_with("# E0901: index out of range\n"), "{page}");
    assert_eq!(folder.ok(&["explain", "901"]), page);
    assert!(
        folder
            .ok(&["explain"])
            .contains("E0901  index out of range\n")
    );
    assert!(
        folder
            .refused(&["explain", "E9999"])
            .contains("there is no error code `E9999`")
    );
}

#[test]
fn every_command_has_help_with_examples() {
    let folder = Folder::new("small_help");
    let commands = [
        "train", "predict", "eval", "check", "fmt", "run", "test", "grad", "emit", "export",
        "explain",
    ];
    let help = folder.ok(&["--help"]);
    for command in commands {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command} in {help}"
        );
        let help = folder.ok(&[command, "--help"]);
        assert!(
            help.contains(&format!("Examples:\n  lentil {command}")),
            "{help}"
        );
    }
}

#[test]
fn wrong_usage_is_code_2() {
    let folder = Folder::new("small_usage");
    for args in [
        &[][..],
        &["nonsense"],
        &["check"],
        &["emit", "--stage", "llvm", "a", "b"],
    ] {
        assert_eq!(folder.run(args).code, 2, "{args:?}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::with_examples("small_pipe");
    folder.unread(&["emit", "--stage", "asm", "iris.lentil", "iris_net"]);
}

/// What is differentiated is rewritten before: the derivative of an identity that overflows on the way.
#[test]
fn equations_are_used_before_derivatives_are_taken() {
    let folder = Folder::new("small_ahead");
    folder.write(
        "f.lentil",
        "fn f(x: Real) -> Real = log(exp(x))\nfn slope(x: Real) -> Real = grad(f)(x)\n",
    );
    assert_eq!(folder.ok(&["run", "f.lentil", "slope", "1000"]), "1.0\n");
    let exact = folder.ok(&["run", "f.lentil", "slope", "1000", "--exact"]);
    assert_eq!(exact, "NaN\n");
}

const LAWS: &str = r#"
test "two" { 1 + 1 == 2 }
law "addition commutes" (x: Real, y: Real) { x + y == y + x }
law "bits are their own negatives" (x: Bit[2]) { x + x == zeros }
law "sums of sizes" [n] (x: Real[n], y: Real[n]) { sum(x) + sum(y) ~= sum(x + y) }
"#;

#[test]
fn laws_are_tried_and_counted() {
    let folder = Folder::new("small_laws");
    folder.write("p.lentil", LAWS);
    let out = folder.ok(&["test", "p.lentil"]);
    let wanted = "ok      two\n\
                  ok      addition commutes (100 cases)\n\
                  ok      bits are their own negatives (all 4 cases)\n\
                  ok      sums of sizes (85 cases in 12 programs)\n\
                  1 test, 3 laws in 189 cases: all hold\n";
    assert_eq!(out, wanted);
    let out = folder.ok(&["test", "--filter", "commutes", "--cases", "7", "p.lentil"]);
    let wanted = "ok      addition commutes (7 cases)\n1 law in 7 cases: all hold\n";
    assert_eq!(out, wanted);
    assert_eq!(
        folder.ok(&["test", "--filter", "nothing", "p.lentil"]),
        "no tests and no laws with \"nothing\" in their titles in 1 file\n"
    );
    folder.write("empty.lentil", "fn f(x: Real) -> Real = x\n");
    let out = folder.ok(&["test", "empty.lentil"]);
    assert_eq!(out, "no tests and no laws in 1 file\n");
    // Zero cases would say nothing.
    assert_eq!(folder.run(&["test", "--cases", "0", "p.lentil"]).code, 2);
}

#[test]
fn a_law_that_fails_is_shown_as_a_test() {
    let folder = Folder::new("small_false_law");
    let law = "law \"cubes add\" (x: Real, y: Real) { (x + y) ^ 3 ~= x ^ 3 + y ^ 3 }\n";
    folder.write("p.lentil", law);
    let run = folder.run(&["test", "--seed", "3", "p.lentil"]);
    assert_eq!(run.code, 1);
    let shown = "test \"cubes add: a counterexample\" {\n  let x = Real(1.0)\n  let y = Real(1.0)\n  \
                 (x + y) ^ 3 ~= x ^ 3 + y ^ 3\n}\n";
    assert!(run.out.contains(shown), "{}", run.out);
    assert!(run.out.contains("of seed 3, made small:"), "{}", run.out);
    assert!(run.err.contains("left is 8.0, right is 2.0"), "{}", run.err);
    assert_eq!(
        folder.run(&["test", "--seed", "3", "p.lentil"]).out,
        run.out
    );
}

#[test]
fn the_programs_of_a_folder_are_tested() {
    let folder = Folder::new("small_folder");
    folder.write("src/a.lentil", "test \"a\" { 1 == 1 }\n");
    folder.write("src/more/b.lentil", "import ../a.{x}\n");
    folder.write("src/c.lentil", "import ./d.{y}\ntest \"c\" { y() == 1 }\n");
    folder.write(
        "src/d.lentil",
        "fn y() -> Int = 1\ntest \"d\" { y() == 2 }\n",
    );
    let run = folder.run(&["test", "src"]);
    assert_eq!(run.code, 1);
    let wanted = "src/a.lentil\nok      a\nsrc/c.lentil\nok      c\nsrc/d.lentil\nFAILED  d\n\
                  3 tests: 1 failed; 1 file not run\n";
    assert_eq!(run.out, wanted);
    assert!(run.err.contains("b.lentil"), "{}", run.err);
}

#[test]
fn a_program_may_come_on_the_standard_input() {
    let folder = Folder::new("small_input");
    let run = folder.given(&["check", "-"], PROGRAM);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "-: 3 definitions, no errors\n")
    );
    let run = folder.given(&["check", "-"], "fn f(x: Real) -> Real = y\n");
    assert_eq!(run.code, 1);
    assert!(run.err.contains("-:1:25"), "{}", run.err);
    let run = folder.given(&["run", "-", "twice", "1.5"], PROGRAM);
    assert_eq!((run.code, run.out.as_str()), (0, "3.0\n"));
    // A text that comes in goes out again, and no file is written.
    let run = folder.given(&["fmt", "-"], "fn  f( x:Real )->Real=x\n");
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "fn f(x: Real) -> Real = x\n")
    );
    assert!(folder.files().is_empty());
}
