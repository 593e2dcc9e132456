//! What things cost is counted.

use crate::support::Folder;

const PROGRAM: &str = "
fn square(x: Real[8]) -> Real = sum(x * x)
fn slope(x: Real[8]) -> Real[8] = grad(square)(x)
fn apart(x: Real[8]) -> Real[8] = tanh(x)
fn chosen(x: Real[3], i: Int) -> Real = x[i + 5]
";

fn columns(text: &str, name: &str) -> Vec<String> {
    let line = text.lines().find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no line of {name}:\n{text}"));
    line.split_whitespace().map(str::to_string).collect()
}

#[test]
fn operations_of_maps_and_derivatives_are_counted() {
    let folder = Folder::new("bench_count");
    folder.write("p.lentil", PROGRAM);
    let text = folder.ok(&["bench", "--count", "p.lentil", "square", "apart"]);
    // A square and a sum; the doubles.
    let square = columns(&text, "square");
    assert_eq!(square[1..], ["16", "0", "8", "0", "0.50", "0"]);
    // Its derivative keeps the result: 8 numbers of 4 bytes.
    let apart = columns(&text, "apart");
    assert_eq!((&apart[1][..], &apart[6][..]), ("8", "32"));
    let double = folder.ok(&["bench", "--count", "--real", "f64", "p.lentil", "apart"]);
    assert_eq!(columns(&double, "apart")[6], "64");
    let listed = folder.ok(&["bench", "--count", "--list", "p.lentil", "apart"]);
    assert!(listed.contains("tanh: f32[8], 32 bytes"), "{listed}");
    // The same by a map that takes the derivative itself.
    let own = folder.ok(&[
        "bench",
        "--count",
        "p.lentil",
        "square",
        "--derivative",
        "slope",
    ]);
    assert_eq!(columns(&own, "square"), square);
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let folder = Folder::new("bench_refused");
    folder.write("p.lentil", PROGRAM);
    let error = folder.refused(&["bench", "--count", "p.lentil", "absent"]);
    assert!(error.contains("there is no `absent`"), "{error}");
    let error = folder.refused(&["bench", "--count", "p.lentil", "chosen"]);
    assert!(error.contains("the index 5 is out of range"), "{error}");
    let derivative = ["--derivative", "slope"];
    for (wrong, why) in [
        (&["p.lentil", "square"][..], "--count"),
        (&["--count", "p.lentil"], "<NAME>"),
        (&["--count", "p.lentil", "square", "apart"], "--derivative"),
    ] {
        let run = folder.run(&[&["bench"], wrong, &derivative].concat());
        assert!(run.code == 2 && run.err.contains(why), "{run:?}");
    }
}
