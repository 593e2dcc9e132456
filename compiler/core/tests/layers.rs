//! Equal layers in sequence: one loop, and the same numbers as the layers written one by one.

mod common;
use common::{EXACT, load, lowered, refused, said, value};
use lentil_unary::{Op, Region};

const PROGRAM: &str = "
    import nn.{dense, dropout, residual, batch_norm, relu}
    model scaled(k: Real ~ ones; x: Real[2]) -> Real[2] = k * x
    model pair(p: (Real[2], Real) ~ zeros; x: Real[2]) -> Real[2] {
      let (v, s) = p
      x * v + s
    }
    model noise[n](using key; x: Real[n]) -> Real[n] = x + random.uniform[n](key)
    model loud(using mode; x: Real[2]) -> Real[2] = if mode == train then 2 * x else x
    fn halves[n](x: Real[2 * n]) -> Real[n] = [ x[2 * i] + x[2 * i + 1] for i < n ]
    fn turned(x: (Real[2], Real[2])) -> (Real[2], Real[2]) { let (a, b) = x; (b, a + b) }";

/// `repeat[k](f)` and the same layers written out, of the same paths.
fn both(k: usize, layer: &str) -> (String, String) {
    let factor = |i: usize| match i {
        1 => format!("layer: ({layer})"),
        i => format!("layer_{i}: ({layer})"),
    };
    let written: Vec<String> = (1..=k).map(factor).collect();
    (format!("repeat[{k}]({layer})"), written.join(" >> "))
}

/// Parameters of `k` layers, of which each has its own numbers.
fn params(k: usize, of: &dyn Fn(usize) -> String) -> String {
    let layer = |i: usize| match i {
        1 => format!("layer: {}", of(i)),
        i => format!("layer_{i}: {}", of(i)),
    };
    let layers: Vec<String> = (1..=k).map(layer).collect();
    format!("{{ {} }}", layers.join(", "))
}

fn is_loop(op: &Op) -> bool {
    matches!(op, Op::Loop(_))
}

/// Loops and steps of a program and of all that it calls.
fn counted(region: &Region) -> (usize, usize) {
    let (mut loops, mut steps) = (0, 0);
    for step in region.steps() {
        steps += 1;
        loops += usize::from(is_loop(&step.op));
        for child in step.op.bodies() {
            let (l, s) = counted(child);
            (loops, steps) = (loops + l, steps + s);
        }
    }
    (loops, steps)
}

#[track_caller]
fn same(layer: &str, weights: &dyn Fn(usize) -> String, x: &str, extras: &str, dy: &str) {
    // A number that is written has no type yet: the layer that it meets would stand alone.
    let x = &format!("Real({x})");
    for k in [4, 7] {
        let (short, long) = both(k, layer);
        let p = params(k, weights);
        let sep = if extras.is_empty() { "" } else { ", " };
        let at = |m: &str| value(PROGRAM, &format!("({m})({p}; {x}{sep}{extras})"));
        assert_eq!(at(&short), at(&long), "{short}");
        let back = |m: &str| value(PROGRAM, &format!("rev({m})({p}; {x}, {dy}{sep}{extras})"));
        assert_eq!(back(&short), back(&long), "rev of {short}");
        let call = format!("({short})({p}; {x}{sep}{extras})");
        let program = load(PROGRAM).lower_value(&call, &EXACT).expect(&call);
        let steps = program.region.steps().iter();
        let loops = steps.filter(|s| matches!(&s.op, Op::Loop(l) if l.n == k));
        assert_eq!(loops.count(), 1, "{short}");
    }
}

#[test]
fn a_loop_gives_the_numbers_of_the_layers_one_by_one() {
    let matrix = |i: usize| format!("{{ w: [[0.3, 0.{i}], [-0.2, 0.7]], b: [0.0{i}, 1] }}");
    let dense = |i: usize| format!("{{ dense: {} }}", matrix(i));
    same("dense[2, 2] >> tanh", &dense, "[0.5, -2]", "", "[1, 0.25]");
    let held = |i: usize| format!("{{ f: {{ dense: {} }} }}", matrix(i));
    same(
        "residual(dense[2, 2] >> tanh)",
        &held,
        "[0.5, -2]",
        "",
        "[1, 0.25]",
    );
    same(
        "each(dense[2, 2])",
        &matrix,
        "[[1, 2], [3, 4], [5, 6]]",
        "",
        "ones",
    );
    same(
        "scaled",
        &|i| format!("{{ k: 1.{i} }}"),
        "[0.5, -2]",
        "",
        "[1, 0.25]",
    );
    same(
        "pair",
        &|i| format!("{{ p: ([1, 0.{i}], 0.{i}) }}"),
        "[0.5, -2]",
        "",
        "[1, 1]",
    );
    same(
        "repeat[4](scaled)",
        &|i| params(4, &|j| format!("{{ k: {i}.{j} }}")),
        "[1, 2]",
        "",
        "[1, 1]",
    );
}

#[test]
fn a_loop_draws_the_keys_of_the_layers_one_by_one() {
    let key = "key: random.key(3)";
    for layer in ["noise[2]", "noise[2] >> tanh >> noise[2]"] {
        let (short, long) = both(5, layer);
        let drawn = |m: &str| value(PROGRAM, &format!("({m})([0, 0], {key})"));
        assert_eq!(drawn(&short), drawn(&long), "{layer}");
        assert_eq!(
            counted(&lowered(PROGRAM, &format!("fn(x: Real[2]) => ({short})(x, {key})")).region).0,
            1
        );
    }
    let dense = |i: usize| format!("{{ dense: {{ w: [[0.3, 0.{i}], [1, 0.7]], b: [0, 1] }} }}");
    let extras = format!("{key}, mode: train");
    same(
        "dense[2, 2] >> dropout(0.5)",
        &dense,
        "[0.5, -2]",
        &extras,
        "[1, 0.25]",
    );
    // Elements of a batch have keys of their own around the layers, and within them.
    let (short, long) = both(5, "noise[2]");
    for at in ["each({m})([[0, 0], [0, 0]], {k})", "({m})([0, 0], {k})"] {
        let drawn = |m: &str| value(PROGRAM, &at.replace("{m}", m).replace("{k}", key));
        assert_eq!(drawn(&short), drawn(&long));
    }
    let (short, long) = both(4, "each(noise[2])");
    let drawn = |m: &str| value(PROGRAM, &format!("({m})([[0, 0], [0, 0]], {key})"));
    assert_eq!(drawn(&short), drawn(&long));
    // Tied layers: the keys of five are the keys of the first three and two more.
    let tied = |k: usize| value(PROGRAM, &format!("tied[{k}](noise[1])([0], {key})"))[0];
    let steps: Vec<f64> = (1..=6).map(tied).collect();
    let drawn: Vec<f64> = steps.windows(2).map(|w| w[1] - w[0]).collect();
    for (i, d) in drawn.iter().enumerate() {
        assert!((0.0..1.0).contains(d), "{steps:?}");
        assert!(drawn[..i].iter().all(|e| (e - d).abs() > 1e-6), "{steps:?}");
    }
}

#[test]
fn the_program_does_not_grow_with_the_layers() {
    for layer in [
        "dense[8, 8] >> relu",
        "residual(dense[8, 8] >> tanh)",
        "dropout[8](0.5)",
    ] {
        let size = |k: usize| counted(&lowered(PROGRAM, &format!("repeat[{k}]({layer})")).region);
        assert_eq!(size(4), size(64), "{layer}");
        let size = |k: usize| counted(&lowered(PROGRAM, &format!("tied[{k}]({layer})")).region);
        assert_eq!(size(4), size(2000), "{layer}");
    }
}

#[test]
fn tied_layers_are_a_loop_over_one_set_of_parameters() {
    let p = "[[0.5, 0.25], [-0.5, 1]], [0.125, 1]";
    for k in [3, 4, 9] {
        let written = "tanh(dense[2, 2](w, b; ".repeat(k) + "x" + &"))".repeat(k);
        let long = format!("fn(w: Real[2, 2], b: Real[2], x: Real[2]) => {written}");
        let args = format!("{p}, [0.5, -2]");
        let tied = format!("tied[{k}](dense[2, 2] >> tanh)");
        let at = |f: String| value(PROGRAM, &f);
        assert_eq!(
            at(format!("{tied}({p}; [0.5, -2])")),
            at(format!("({long})({args})"))
        );
        let (x, y) = (
            at(format!("rev({tied})({p}; [0.5, -2], [1, 1])")),
            at(format!("rev({long})({args}, [1, 1])")),
        );
        for (x, y) in x.iter().zip(&y) {
            assert!((x - y).abs() <= 1e-12 * y.abs().max(1.0), "{x} is not {y}");
        }
    }
}

#[test]
fn what_is_no_loop_is_unrolled() {
    // Layers that change a size, layers that begin with a number, and products.
    assert_eq!(
        value(PROGRAM, "repeat[4](halves)([ 1.0 for i < 16 ])"),
        [16.0]
    );
    assert_eq!(value(PROGRAM, "repeat[5](fn(x) => x * 2)(1)"), [32.0]);
    assert_eq!(
        value(PROGRAM, "repeat[5](fn(x: Real) => x / 2)(1)"),
        [1.0 / 32.0]
    );
    assert_eq!(value(PROGRAM, "repeat[5](fn(i: Int) => i + 1)(1)"), [6.0]);
    assert_eq!(value(PROGRAM, "tied[5](fn(i: Int) => i + 1)(1)"), [6.0]);
    assert_eq!(
        value(PROGRAM, "repeat[5](turned)((Real([1, 2]), Real([3, 4])))"),
        [18.0, 26.0, 29.0, 42.0]
    );
    assert_eq!(
        value(PROGRAM, "repeat[6](loud)([1, 2], mode: train)"),
        [64.0, 128.0]
    );
    assert_eq!(value(PROGRAM, "repeat[6](loud)([1, 2])"), [1.0, 2.0]);
    // The next state of each layer is kept.
    let (short, long) = both(4, "batch_norm[2]");
    let p = params(4, &|i| format!("{{ scale: [1, 0.{i}], shift: [0, {i}] }}"));
    let state = params(4, &|i| {
        format!("{{ mean: [0, {i}], variance: [1, 1.{i}] }}")
    });
    for extras in [", mode: train", ""] {
        let at = |m: &str| {
            value(
                PROGRAM,
                &format!("({m})({p}; [[1, 2], [3, 5]], state: {state}{extras})"),
            )
        };
        assert_eq!(at(&short), at(&long));
    }
}

#[test]
fn over_bits_and_residues_too() {
    for (carrier, w) in [
        ("Bit", "[[1, 0], [1, 1]], [1, 0]"),
        ("Mod[5]", "[[1, 3], [4, 1]], [2, 0]"),
    ] {
        let layer = format!("tied[4](dense[{carrier}, 2, 2])");
        let once = |x: &str| format!("dense[{carrier}, 2, 2]({w}; {x})");
        let four = once(&once(&once(&once("[1, 0]"))));
        assert_eq!(
            value(PROGRAM, &format!("{layer}({w}; [1, 0])")),
            value(PROGRAM, &four)
        );
    }
}

#[test]
fn what_is_wrong_with_a_layer_is_said_as_before() {
    let refusal = |k: usize| {
        refused(
            PROGRAM,
            &format!("repeat[{k}](relu >> fn(x: Real[3]) => x)([1, 2])"),
        )
    };
    assert_eq!(refusal(3).replace("[3](", "[4]("), refusal(4));
    said(&refusal(4), "E0302", "fn(x: Real[3]) => x", "`Real[2]`");
}
