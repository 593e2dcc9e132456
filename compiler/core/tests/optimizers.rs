//! Optimizers: their steps in closed form, and what is wrong with them.

mod common;
use common::{EXACT, errors, failed, load, run, said};
use lentil_unary::Array;

/// A line through the origin, learnt by an optimizer; one example, x = 3 and t = 1.
fn line(optimizer: &str) -> String {
    format!(
        "import loss.quadratic
        import optim.{{descent, momentum, nesterov, adagrad, adam}}
        model line(w: Real[1] ~ [2]; x: Real[1]) -> Real[1] = w * x
        data d = csv(\"d.csv\") {{ columns = {{ a: Real, b: Real }}, input = [a], target = [b] }}
        learner l = {{ model = line, loss = quadratic, optimizer = {optimizer}, data = d }}"
    )
}

/// The parameter after each of some steps.
fn path(optimizer: &str, steps: usize) -> Vec<f64> {
    let program = load(&line(optimizer));
    let learner = program.learner(None, &EXACT).expect("a learner");
    let step = learner.step(1).expect("a step").region;
    let initial = learner.initial().expect("a start").region;
    let key = Array::from_f64(initial.params()[0].clone(), &[0.0, 1.0]);
    let mut state = run(&initial, &[key]).expect("it runs");
    let n = state.len();
    let x = Array::from_f64(step.params()[n].clone(), &[3.0]);
    let t = Array::from_f64(step.params()[n + 1].clone(), &[1.0]);
    (0..steps)
        .map(|_| {
            let args = [&state[..], &[x.clone(), t.clone()]].concat();
            state = run(&step, &args).expect("it runs");
            state.pop();
            state[0].to_f64()[0]
        })
        .collect()
}

/// Of (w·3 - 1)² / 2.
fn gradient(w: f64) -> f64 {
    (3.0 * w - 1.0) * 3.0
}

#[track_caller]
fn close(have: &[f64], want: &[f64]) {
    let near = have.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(near && have.len() == want.len(), "{have:?} is not {want:?}");
}

/// What a closed form of a step makes of the parameter, again and again.
fn by_hand(steps: usize, mut step: impl FnMut(f64) -> f64) -> Vec<f64> {
    let mut w = 2.0;
    (0..steps)
        .map(|_| {
            w = step(w);
            w
        })
        .collect()
}

#[test]
fn descent_subtracts_the_gradient() {
    let want = by_hand(3, |w| w - 0.05 * gradient(w));
    close(&path("descent(rate: 0.05)", 3), &want);
    close(&path("descent(0.05)", 3), &want);
    close(&path("descent", 1), &by_hand(1, |w| w - 0.01 * gradient(w)));
}

#[test]
fn momentum_gathers_gradients() {
    let mut v = 0.0;
    let want = by_hand(4, |w| {
        v = 0.8 * v - 0.02 * gradient(w);
        w + v
    });
    close(&path("momentum(rate: 0.02, decay: 0.8)", 4), &want);
}

#[test]
fn nesterov_takes_the_gradient_ahead() {
    let mut v = 0.0;
    let want = by_hand(4, |w| {
        v = 0.8 * v - 0.02 * gradient(w + 0.8 * v);
        w + v
    });
    close(&path("nesterov(rate: 0.02, decay: 0.8)", 4), &want);
}

#[test]
fn adagrad_shrinks_its_rate() {
    let mut g = 0.0;
    let want = by_hand(4, |w| {
        g += gradient(w) * gradient(w);
        w - 0.5 * gradient(w) / (g.sqrt() + 1e-8)
    });
    close(&path("adagrad(rate: 0.5)", 4), &want);
}

#[test]
fn adam_corrects_its_moments() {
    let (mut m, mut v, mut t) = (0.0, 0.0, 0);
    let want = by_hand(5, |w| {
        t += 1;
        m = 0.9 * m + 0.1 * gradient(w);
        v = 0.999 * v + 0.001 * gradient(w) * gradient(w);
        let (m, v) = (m / (1.0 - 0.9f64.powi(t)), v / (1.0 - 0.999f64.powi(t)));
        w - 0.1 * m / (v.sqrt() + 1e-8)
    });
    let have = path("adam(rate: 0.1)", 5);
    let near = have.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(near, "{have:?} is not {want:?}");
}

#[test]
fn ascent_adds_what_is_wrong() {
    let program = load(
        "import nn.lookup
         import loss.difference
         import optim.ascent
         data d = csv(\"d.csv\") { columns = { a: Bit, b: Bit }, input = [a], target = [b] }
         learner l = {
           model = lookup[Bit, 1, 2, 1], loss = difference, cap = id, optimizer = ascent, data = d,
         }",
    );
    let learner = program.learner(None, &EXACT).expect("a learner");
    let step = learner.step(1).expect("a step").region;
    let bits = |k: usize, bits: &[f64]| Array::from_f64(step.params()[k].clone(), bits);
    // The table's row 1 is read and wrong, so it is flipped; then it is right.
    for (table, after, loss) in [([0.0, 0.0], [0.0, 1.0], 1.0), ([1.0, 1.0], [1.0, 1.0], 0.0)] {
        let out = run(&step, &[bits(0, &table), bits(1, &[1.0]), bits(2, &[1.0])]);
        let out = out.expect("it runs");
        assert_eq!(
            (out[0].to_f64(), out[1].to_f64()),
            (after.to_vec(), vec![loss])
        );
    }
}

#[test]
fn wrong_definitions_are_refused() {
    let why = errors(
        "optimizer a[P: Space[Real]](rate: Real; p: P) {
           state v: P ~ zeros
           get = p
           put(dp) = { p: p - rate * dp }
         }
         optimizer b[P: Space[Real]](rate: Real; p: P) {
           get = 3
           put(dq) = p - rate * dq
         }
         optimizer c[P: Space[Ring]](rate: Real; p: P) {
           get = exp(p)
           put(dr) = { p: p + rate * dr }
         }
         optimizer d[P: Space[Real]](rate: Real ~ [1, 2]; p: P) {
           get = p
           put(ds) = { p: p + ds, w: 2 }
         }
         optimizer e[P: Space[Real]](rate: Real; p: P) {
           state rate: P ~ zeros
           get = p
           put(dt) = { p: dt, rate: dt }
         }
         optimizer f[P: Space[Real]](rate: Real; p: P) {
           state v: Real[3] ~ [1, 2]
           get = p
           put(du) = { p: du, v: v }
         }
         optimizer g[P: Space[Odd]](rate: Real; p: P) {
           get = p
           put(dp) = { p: dp }
         }",
    );
    said(&why, "E0410", "{ p: p - rate * dp }", "the next `v`");
    said(&why, "E0302", "3", "`P` is wanted");
    said(&why, "E0410", "p - rate * dq", "this is `P`");
    said(&why, "E0314", "exp(p)", "not defined over `P`");
    said(&why, "E0302", "rate * dr", "different carriers");
    said(&why, "E0302", "[1, 2]", "`Real` is wanted");
    said(&why, "E0410", "{ p: p + ds, w: 2 }", "gives `w`");
    said(&why, "E0208", "rate", "declared twice");
    said(&why, "E0302", "[1, 2]", "`Real[3]` is wanted");
    said(&why, "E0306", "Space[Odd]", "not a bound");
}

#[test]
fn states_stay_numbers_of_the_parameter_space() {
    let of = |get: &str, put: &str| {
        errors(&format!(
            "optimizer o[P: Space[Real]](rate: Real; p: P) {{
               get = {get}
               put(dp) = {{ p: {put} }}
             }}"
        ))
    };
    assert_eq!(of("p", "p - rate * dp / (norm(dp) + 1)"), "");
    said(
        &of("[p for i < 3]", "dp"),
        "E0312",
        "[p for i < 3]",
        "an element would be `P`",
    );
    said(
        &of("p", "dp < 1"),
        "E0302",
        "dp < 1",
        "this leaves the parameter space",
    );
    said(&of("p", "sum(dp)"), "E0340", "dp", "an array is expected");
}

#[test]
fn wrong_uses_are_refused() {
    for (optimizer, code, place, words) in [
        ("adam(rat: 0.1)", "E0330", "rat", "it has `rate`"),
        (
            "adam(rate: [1, 2])",
            "E0302",
            "adam(rate: [1, 2])",
            "`Real` is wanted",
        ),
        ("adam(0.1, rate: 0.2)", "E0329", "rate: 0.2", "again"),
        (
            "descent(1, 2)",
            "E0333",
            "descent(1, 2)",
            "2 given, 1 wanted",
        ),
        ("descent(1;)", "E0408", "descent(1;)", "takes numbers only"),
        (
            "quadratic",
            "E0408",
            "quadratic",
            "an optimizer is expected",
        ),
        ("missing", "E0206", "missing", "there is no"),
        ("needy", "E0408", "needy", "`needy` needs its `rate`"),
        (
            "concrete",
            "E0409",
            "concrete",
            "does not fit these parameters",
        ),
        ("bits", "E0409", "bits", "one of them is over `Real64`"),
    ] {
        let program = line(optimizer)
            + "\n optimizer needy[P: Space[Real]](rate: Real; p: P) {
                 get = p
                 put(dp) = { p: p - rate * dp }
               }
               optimizer concrete(; p: Real[7]) {
                 get = p
                 put(dp) = { p: p - dp }
               }
               optimizer bits[P: Space[Real]](; p: P) {
                 get = p
                 put(dp) = { p: p - dp }
               }";
        let program = match optimizer {
            "bits" => program.replace(
                "w: Real[1] ~ [2]; x: Real[1]) -> Real[1] = w * x",
                "w: Real64[1] ~ [2]; x: Real[1]) -> Real[1] = x",
            ),
            _ => program,
        };
        said(&errors(&program), code, place, words);
    }
}

#[test]
fn initial_values_and_states_are_named() {
    let program = load(&line("adam"));
    let learner = match program.learner(Some("l"), &EXACT) {
        Ok(learner) => learner,
        Err(failure) => panic!("{}", failed(&failure)),
    };
    let names = |list: &[(String, lentil_unary::Type)]| -> Vec<String> {
        list.iter().map(|(n, t)| format!("{n}: {t}")).collect()
    };
    assert_eq!(names(&learner.params), ["w: f64[1]"]);
    let states = ["m.w: f64[1]", "v.w: f64[1]", "decay1: f64", "decay2: f64"];
    assert_eq!(names(&learner.states), states);
}
