//! How the time to compile grows with a program: near 2 for twice the program is near linear.
//!
//! `cargo run --release -p lentil-benches --bin growth [WORD…]`
//!
//! With words, only the rows that have one of them in their names.

use std::fmt::Write;
use std::process::{self, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use lentil::{Error, Program, surface};

/// Runs of which the shortest is taken.
const RUNS: usize = 3;

/// A kind of program, of any size, and what is asked of it.
struct Growth {
    what: &'static str,
    size: usize,
    source: fn(usize) -> String,
    ask: Ask,
}

/// What is asked of a program.
#[derive(Clone, Copy)]
enum Ask {
    /// Whether it is good.
    Check,
    /// A map of it, compiled.
    Compile(&'static str),
    /// The derivative of a map, in the language.
    Derivative(&'static str),
    /// All its tests, run.
    Test,
    /// All its errors, as text.
    Errors,
    /// Whether it is good, with all that it imports; the source is those files one after another.
    Import,
}

/// Rows of the table: about each is asked at a size and at twice that.
const GROWTHS: &[Growth] = &[
    row("definitions, checked", 10_000, definitions, Ask::Check),
    row("lets, checked", 10_000, lets, Ask::Check),
    row("lets, compiled", 5_000, lets, Ask::Compile("f")),
    row("lets, with gradient", 1_000, lets, Ask::Compile("grad(f)")),
    row("lets, gradient shown", 1_500, lets, Ask::Derivative("f")),
    row("numbers in an array", 50_000, numbers, Ask::Compile("f")),
    row("values in an array", 1_000, values, Ask::Compile("f")),
    row("layers", 60, layers, Ask::Compile("m")),
    row("calls in two loops", 20, calls, Ask::Compile("f")),
    row("layers, with gradient", 60, layers, Ask::Derivative("m")),
    row("submodels", 1_000, submodels, Ask::Compile("m")),
    row("parameters", 1_000, parameters, Ask::Compile("m")),
    row(
        "parameters, gradient",
        1_000,
        parameters,
        Ask::Derivative("m"),
    ),
    row("arguments", 5_000, arguments, Ask::Compile("f")),
    row(
        "arguments by name",
        5_000,
        named_arguments,
        Ask::Compile("f"),
    ),
    row("fields of a record", 5_000, fields, Ask::Compile("f")),
    row("nested parentheses", 60, parentheses, Ask::Compile("f")),
    row("nested lets", 60, nested_lets, Ask::Compile("f")),
    row("nested calls", 60, nested_calls, Ask::Compile("f")),
    row("a chain of calls, checked", 10_000, chain, Ask::Check),
    row("a chain of calls", 90, chain, Ask::Compile("last")),
    row(
        "a chain, with gradient",
        90,
        chain,
        Ask::Compile("grad(last)"),
    ),
    row(
        "calls of calls, each two",
        15,
        doubling,
        Ask::Compile("last"),
    ),
    row(
        "the same, with gradient",
        15,
        doubling,
        Ask::Derivative("last"),
    ),
    row("tests, run", 500, tests, Ask::Test),
    row("imported files", 2_000, imports, Ask::Import),
    row("errors, shown", 5_000, unknown, Ask::Errors),
];

const fn row(what: &'static str, size: usize, source: fn(usize) -> String, ask: Ask) -> Growth {
    Growth {
        what,
        size,
        source,
        ask,
    }
}

fn main() -> ExitCode {
    match table() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn table() -> Result<(), Error> {
    let words: Vec<String> = env::args().skip(1).collect();
    println!(
        "{:<26} {:>7} {:>10} {:>10} {:>6}",
        "", "n", "n", "2 n", "ratio"
    );
    for growth in GROWTHS {
        if !words.is_empty() && !words.iter().any(|word| growth.what.contains(word.as_str())) {
            continue;
        }
        let (one, two) = (time(growth, growth.size)?, time(growth, 2 * growth.size)?);
        println!(
            "{:<26} {:>7} {:>7.1} ms {:>7.1} ms {:>6.2}",
            growth.what,
            growth.size,
            one.as_secs_f64() * 1e3,
            two.as_secs_f64() * 1e3,
            two.as_secs_f64() / one.as_secs_f64()
        );
    }
    Ok(())
}

fn time(growth: &Growth, n: usize) -> Result<Duration, Error> {
    let source = (growth.source)(n);
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        best = best.min(answer(growth.ask, &source)?);
    }
    Ok(best)
}

/// How long it takes to answer.
fn answer(ask: Ask, source: &str) -> Result<Duration, Error> {
    let start = Instant::now();
    match ask {
        Ask::Check => drop(Program::from_source(source)?),
        Ask::Compile(name) => drop(Program::from_source(source)?.function(name)?),
        Ask::Derivative(name) => {
            let program = Program::from_source(source)?;
            let draft = program.draft_reverse(name)?;
            let region = program.resolved(&draft);
            surface::derivative(name, &draft.inputs, &region)?;
        }
        Ask::Test => {
            let program = Program::from_source(source)?;
            for index in 0..program.tests().len() {
                assert!(program.run_test(index)?, "the test {index} holds");
            }
        }
        Ask::Errors => match Program::from_source(source) {
            Ok(_) => unreachable!("it has errors"),
            Err(errors) => drop(errors.to_string()),
        },
        Ask::Import => return imported(source),
    }
    Ok(start.elapsed())
}

/// How long it takes to check a folder of files: the source is cut where a line is `---`.
fn imported(source: &str) -> Result<Duration, Error> {
    let folder = env::temp_dir().join(format!("lentil-growth-{}", process::id()));
    let written = || -> io::Result<()> {
        fs::create_dir_all(&folder)?;
        for (k, text) in source.split("---\n").enumerate() {
            fs::write(folder.join(format!("m{k}.lentil")), text)?;
        }
        Ok(())
    };
    written().unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let start = Instant::now();
    let program = Program::from_file(folder.join("m0.lentil"));
    let time = start.elapsed();
    fs::remove_dir_all(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    program.map(|_| time)
}

/// `n` lines, each made of its number.
fn lines(n: usize, mut line: impl FnMut(&mut String, usize) -> std::fmt::Result) -> String {
    let mut text = String::new();
    for k in 0..n {
        line(&mut text, k).unwrap_or_else(|_| unreachable!("a text takes everything"));
    }
    text
}

/// `n` of something, separated by commas.
fn list(n: usize, item: impl Fn(usize) -> String) -> String {
    (0..n).map(item).collect::<Vec<String>>().join(", ")
}

fn definitions(n: usize) -> String {
    lines(n, |text, k| {
        writeln!(text, "fn f{k}(x: Real) -> Real = x + {k}")
    })
}

fn unknown(n: usize) -> String {
    lines(n, |text, k| {
        writeln!(text, "fn f{k}(x: Real) -> Real = g{k}(x)")
    })
}

fn lets(n: usize) -> String {
    let lets = lines(n - 1, |text, k| {
        writeln!(text, "  let a{} = a{k} * sin(x)", k + 1)
    });
    format!(
        "fn f(x: Real) -> Real {{\n  let a0 = x\n{lets}  a{}\n}}\n",
        n - 1
    )
}

fn numbers(n: usize) -> String {
    let numbers = list(n, |k| format!("{k}.5"));
    format!("fn f() -> Real[{n}] = [{numbers}]\n")
}

fn values(n: usize) -> String {
    let values = list(n, |k| format!("sin({k} * x)"));
    format!("fn f(x: Real) -> Real[{n}] = [{values}]\n")
}

fn layers(n: usize) -> String {
    let layers = (0..n).map(|k| format!("l{k}: dense[4, 4]"));
    let layers = layers.collect::<Vec<String>>().join(" >> ");
    format!("import nn.dense\nmodel m = {layers}\n")
}

/// Each function calls the one before twice, and two loops of one length call the last: what is made of it for
/// one is equal to what is made of it for the other.
fn calls(n: usize) -> String {
    let long = "sin(x) * cos(x) + exp(x) * tanh(x + 1) + log(x * x + 1) * sqrt(x * x + 2)";
    let functions = lines(n, |text, k| {
        let next = k + 1;
        writeln!(
            text,
            "fn f{next}(x: Real) -> Real = f{k}(x / 2) + f{k}(x / 4) * ({long})"
        )
    });
    format!(
        "fn f0(x: Real) -> Real = {long}\n{functions}\
         fn f(x: Real[3], y: Real[3]) -> Real = sum([f{n}(x[i]) for i]) + sum([f{n}(y[i]) for i])\n"
    )
}

fn submodels(n: usize) -> String {
    let uses = lines(n, |text, k| writeln!(text, "  use l{k} = shift"));
    let lets = lines(n - 1, |text, k| {
        writeln!(text, "  let a{} = l{k}(a{k})", k + 1)
    });
    format!(
        "model shift(b: Real ~ zeros; x: Real) -> Real = x + b\n\
         model m(; x: Real) -> Real {{\n{uses}  let a0 = x\n{lets}  l{}(a{})\n}}\n",
        n - 1,
        n - 1
    )
}

fn parameters(n: usize) -> String {
    let weights = list(n, |k| format!("w{k}: Real ~ zeros"));
    let lets = lines(n - 1, |text, k| {
        writeln!(text, "  let a{} = a{k} + w{k} * w{}", k + 1, k + 1)
    });
    format!(
        "model m({weights}; x: Real) -> Real {{\n  let a0 = x\n{lets}  a{}\n}}\n",
        n - 1
    )
}

fn many(n: usize, argument: impl Fn(usize) -> String) -> String {
    let parameters = list(n, |k| format!("x{k}: Real"));
    let arguments = list(n, argument);
    format!(
        "fn g({parameters}) -> Real = x0 + x{}\n\
         fn f(x: Real) -> Real = g({arguments})\n",
        n - 1
    )
}

fn arguments(n: usize) -> String {
    many(n, |k| format!("x + {k}"))
}

fn named_arguments(n: usize) -> String {
    many(n, |k| format!("x{k}: x + {k}"))
}

fn fields(n: usize) -> String {
    let fields = list(n, |k| format!("a{k}: x * {k}"));
    let lets = lines(n - 1, |text, k| {
        writeln!(text, "  let s{} = s{k} + r.a{k}", k + 1)
    });
    format!(
        "fn f(x: Real) -> Real {{\n  let r = {{ {fields} }}\n  let s0 = x\n{lets}  s{}\n}}\n",
        n - 1
    )
}

fn parentheses(n: usize) -> String {
    let (open, close) = ("(".repeat(n), " + x)".repeat(n));
    format!("fn f(x: Real) -> Real = {open}x{close}\n")
}

fn nested_lets(n: usize) -> String {
    let (open, close) = ("{ let a = x * ".repeat(n), "; a + x }".repeat(n));
    format!("fn f(x: Real) -> Real = {open}x{close}\n")
}

fn nested_calls(n: usize) -> String {
    let (open, close) = ("sin(".repeat(n), ")".repeat(n));
    format!("fn f(x: Real) -> Real = {open}x{close}\n")
}

/// Enough to do that it stays a call.
const BODY: &str = "sin(x) * x + cos(x) * exp(x) - x * x + tanh(x) / (1 + x * x) + sqrt(x)";

fn chain(n: usize) -> String {
    let calls = lines(n - 1, |text, k| {
        writeln!(text, "fn f{}(x: Real) -> Real = f{k}(x) + {BODY}", k + 1)
    });
    let last = format!("fn last(x: Real) -> Real = f{}(x)\n", n - 1);
    format!("fn f0(x: Real) -> Real = {BODY}\n{calls}{last}")
}

fn doubling(n: usize) -> String {
    let calls = lines(n - 1, |text, k| {
        writeln!(
            text,
            "fn f{}(x: Real) -> Real = f{k}(x) + f{k}(x + {k})",
            k + 1
        )
    });
    let last = format!("fn last(x: Real) -> Real = f{}(x)\n", n - 1);
    format!("fn f0(x: Real) -> Real = {BODY}\n{calls}{last}")
}

fn tests(n: usize) -> String {
    lines(n, |text, k| {
        writeln!(text, "test \"{k}\" {{ {k} + 1 == {} }}", k + 1)
    })
}

fn imports(n: usize) -> String {
    let imports = lines(n, |text, k| writeln!(text, "import ./m{}.{{f{k}}}", k + 1));
    let files = lines(n, |text, k| {
        writeln!(text, "---\nfn f{k}(x: Real) -> Real = x + {k}")
    });
    imports + &files
}
