//! Learners: composed from lenses, and what is wrong with them.

mod common;
use common::{EXACT, Files, compiled, errors, failed, load, run, said};
use lentil_core::{Learner, Program};
use lentil_unary::Array;

const PARTS: &str = "
    import nn.{dense, relu, lookup}
    import loss.{softmax_cross_entropy, quadratic, difference}
    import optim.{adam, ascent, descent}
    import metric.{accuracy, exact}
    data d = csv(\"d.csv\") {
      columns = { a: Real, b: Real, c: Category[\"x\", \"y\", \"z\"] },
      input = standardize([a, b]),
      target = one_hot(c),
    }
    data bits = csv(\"d.csv\") {
      columns = { a: Real, b: Real, c: Category[\"x\", \"y\"] },
      input = threshold([a, b], 0.5),
      target = binary(c),
    }\n";

fn learner(settings: &str) -> String {
    errors(&format!("{PARTS} learner l = {{ {settings} }}"))
}

#[test]
fn parts_that_fit_are_accepted() {
    for settings in [
        "model = dense[2, 3], loss = softmax_cross_entropy, optimizer = adam, data = d",
        "model = h: dense[2, 4] >> relu >> dense[4, 3], loss = quadratic, optimizer = adam(rate: 0.1), data = d, report = accuracy, batch = 7, epochs = 3, seed = 9, shuffle = false",
        "model = lookup[Bit, 2, 4, 1], loss = difference, cap = id, optimizer = ascent, data = bits, report = exact",
        "model = dense[2, 3], loss = fn(y, t) => sum(abs(y - t)), optimizer = descent, data = d",
        "model = dense[2, 3], loss = fn(y, t) => y - t, cap = id, optimizer = descent, data = d",
    ] {
        assert_eq!(learner(settings), "", "{settings}");
    }
}

#[test]
fn parts_that_do_not_fit_are_refused_where_they_meet() {
    let base = |changed: &str| {
        let (name, _) = changed.split_once(" = ").expect("a setting");
        let rest = [
            "model = dense[2, 3]",
            "loss = softmax_cross_entropy",
            "optimizer = adam",
            "data = d",
        ];
        let kept = rest.iter().filter(|s| !s.starts_with(name)).copied();
        learner(&kept.chain([changed]).collect::<Vec<_>>().join(", "))
    };
    for (changed, code, place, words) in [
        (
            "model = dense[3, 3]",
            "E0302",
            "dense[3, 3]",
            "this is `Real[2]`, but `Real[3]` is wanted",
        ),
        (
            "model = dense[2, 4]",
            "E0302",
            "softmax_cross_entropy",
            "`Real[4]` is wanted",
        ),
        ("model = dense", "E0337", "dense", "the value of `n`"),
        ("model = relu", "E0430", "relu", "nothing to learn"),
        (
            "model = dense[Bit, 2, 3]",
            "E0302",
            "dense[Bit, 2, 3]",
            "`Bit[2]` is wanted",
        ),
        ("model = 3", "E0331", "3", "a map or a model"),
        ("loss = difference", "E0432", "difference", "`cap = id`"),
        (
            "loss = fn(y, t) => (sum(y), sum(t))",
            "E0432",
            "fn(y, t) => (sum(y), sum(t))",
            "a number, or an array",
        ),
        (
            "loss = fn(y, t) => argmax(y)",
            "E0432",
            "fn(y, t) => argmax(y)",
            "this is `Int`",
        ),
        (
            "loss = fn(y) => sum(y)",
            "E0333",
            "fn(y) => sum(y)",
            "2 given, 1 wanted",
        ),
        ("loss = 4", "E0331", "4", "this cannot be called"),
        (
            "optimizer = ascent(1)",
            "E0333",
            "ascent(1)",
            "1 given, 0 wanted",
        ),
        ("optimizer = 5", "E0408", "5", "an optimizer"),
        ("data = dense", "E0431", "dense", "not a `data` item"),
        (
            "cap = fn(l) => [l, l]",
            "E0302",
            "fn(l) => [l, l]",
            "`Real` is wanted",
        ),
        ("report = relu", "E0333", "relu", "2 given, 1 wanted"),
        (
            "report = fn(y, t) => y",
            "E0433",
            "fn(y, t) => y",
            "a single `Real`",
        ),
        ("batch = 0", "E0431", "0", "at least one example"),
        ("batch = \"a\"", "E0431", "\"a\"", "a whole number"),
        ("epochs = 1.5", "E0431", "1.5", "a whole number"),
        ("seed = -1", "E0431", "-1", "this is `-1`"),
        ("shuffle = 7", "E0431", "7", "`true` or `false`"),
        (
            "shufle = true",
            "E0431",
            "shufle",
            "did you mean `shuffle`?",
        ),
    ] {
        let why = base(changed);
        said(&why, code, place, words);
        assert_eq!(why.lines().count(), 1, "{changed}: {why}");
    }
    let why = base("batch = 1, batch = 2");
    said(&why, "E0431", "batch", "set twice");
    let why = learner("");
    for name in ["model", "loss", "optimizer", "data"] {
        said(&why, "E0430", "l", &format!("has no `{name}`"));
    }
    let bare = format!(
        "{PARTS} model bare(w: Real[3]; x: Real[2]) -> Real[3] = w
         learner l = {{ model = bare, loss = quadratic, optimizer = adam, data = d }}"
    );
    said(&errors(&bare), "E0411", "w", "no initial value");
    let mixed = format!(
        "{PARTS} learner l = {{ model = lookup[Bit, 2, 4, 1], loss = difference, cap = id, optimizer = adam, data = bits }}"
    );
    said(
        &errors(&mixed),
        "E0409",
        "adam",
        "one of them is over `Bit`",
    );
}

fn only(program: &Program) -> Learner<'_> {
    match program.learner(None, &EXACT) {
        Ok(learner) => learner,
        Err(failure) => panic!("{}", failed(&failure)),
    }
}

#[test]
fn a_step_contains_no_loop_over_parameters_that_are_given() {
    // Numbers inside a setting are evaluated where the step is, not where the learner is read.
    let text = format!(
        "{PARTS}
        model given = dense[2, 2]([[1, 0], [0, 1]], [0, 0];) >> dense[2, 3]
        learner l = {{ model = given, loss = quadratic, optimizer = descent(rate: real(1) / 2), data = d }}"
    );
    let program = load(&text);
    let learner = only(&program);
    assert_eq!(learner.params.len(), 2);
    let step = learner.step(2).expect("a step").region;
    let args: Vec<Array> = step
        .params()
        .iter()
        .map(|t| Array::from_f64(t.clone(), &vec![1.0; t.len()]))
        .collect();
    let out = run(&step, &args).expect("it runs");
    // With w, b, x and t all one: y = 3, dy = 2, so w and b lose half of 2.
    assert!(
        out[..2]
            .iter()
            .all(|a| a.to_f64().iter().all(|&w| w == 0.0))
    );
    assert_eq!(out[2].to_f64(), [6.0]);
}

#[test]
fn an_epoch_takes_every_row_once_and_the_rest_in_a_smaller_step() {
    let text = format!(
        "{PARTS} learner l = {{ model = dense[2, 3], loss = quadratic, optimizer = descent, data = d, batch = 2, report = accuracy }}"
    );
    let program = load(&text);
    let learner = only(&program);
    let epoch = learner.epoch(5).expect("an epoch").region;
    let losses = &epoch.result_types()[2];
    assert_eq!(losses.shape, [3]);
    let step = learner.step(2).expect("a step").region;
    let data = |ty: &lentil_unary::Type, from: f64| {
        let numbers: Vec<f64> = (0..ty.len()).map(|i| (from + i as f64) / 10.0).collect();
        Array::from_f64(ty.clone(), &numbers)
    };
    let p = epoch.params();
    let order = Array::from_f64(p[4].clone(), &[4.0, 0.0, 3.0, 1.0, 2.0]);
    let args = vec![
        data(&p[0], 1.0),
        data(&p[1], 2.0),
        data(&p[2], 3.0),
        data(&p[3], 0.0),
        order,
    ];
    let out = run(&epoch, &args).expect("it runs");
    // By hand: rows 4 and 0, rows 3 and 1, row 2.
    let row = |a: &Array, ids: &[usize], width: usize| -> Vec<f64> {
        let all = a.to_f64();
        ids.iter()
            .flat_map(|&i| all[i * width..(i + 1) * width].to_vec())
            .collect()
    };
    let (mut w, mut b) = (args[0].clone(), args[1].clone());
    for ids in [&[4, 0][..], &[3, 1], &[2]] {
        let step = match ids.len() {
            2 => step.clone(),
            n => learner.step(n).expect("a step").region,
        };
        let x = Array::from_f64(step.params()[2].clone(), &row(&args[2], ids, 2));
        let t = Array::from_f64(step.params()[3].clone(), &row(&args[3], ids, 3));
        let next = run(&step, &[w, b, x, t]).expect("it runs");
        (w, b) = (next[0].clone(), next[1].clone());
    }
    for (have, want) in out.iter().zip([&w, &b]) {
        let near = have
            .to_f64()
            .iter()
            .zip(want.to_f64())
            .all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near, "{have:?} is not {want:?}");
    }
    let scores = learner.evaluate(4).expect("losses and scores").region;
    assert_eq!(scores.result_types().len(), 2);
    let predict = compiled(&learner.predict(4).expect("outputs").region);
    assert_eq!(predict.result_types()[0].shape, [4, 3]);
}

#[test]
fn losses_over_bits_are_counted_as_reals() {
    let text = format!(
        "{PARTS} learner l = {{ model = lookup[Bit, 2, 4, 1], loss = fn(y, t) => y[0] - t[0], cap = id, optimizer = ascent, data = bits }}"
    );
    let program = load(&text);
    let learner = only(&program);
    let evaluate = learner.evaluate(3).expect("losses").region;
    assert_eq!(
        evaluate.result_types()[0].carrier,
        lentil_unary::Carrier::F64
    );
}

#[test]
fn a_learner_is_found_by_its_name() {
    let one = "model = dense[2, 3], loss = quadratic, optimizer = adam, data = d";
    let program = load(&format!(
        "{PARTS} learner a = {{ {one} }} \n learner b = {{ {one} }}"
    ));
    assert_eq!(
        program
            .learner(Some("b"), &EXACT)
            .expect("it is there")
            .name,
        "b"
    );
    for (name, words) in [(None, "several learners"), (Some("c"), "no learner `c`")] {
        let failure = program.learner(name, &EXACT).expect_err("not there");
        let why = failed(&failure);
        assert!(why.starts_with("E0434") && why.contains(words), "{why}");
    }
    let (empty, _) = Program::load("test", "", &Files(&[]));
    let why = failed(&empty.learner(None, &EXACT).expect_err("not there"));
    assert!(why.contains("this file has no learner"), "{why}");
}
