//! What a learner gives its model: row numbers, keys and states.

mod common;
use common::{EXACT, errors, failed, load, run, said, value};
use lentil_core::{Learner, Program};
use lentil_unary::{Array, Carrier, Data, Region, Type};

const PARTS: &str = "
    import nn.{dense, relu, residual, dropout, batch_norm}
    import loss.{quadratic, softmax_cross_entropy}
    import metric.accuracy
    import optim.{descent, adam}
    data d = csv(\"d.csv\") {
      columns = { a: Real, b: Real, c: Real },
      input = standardize([a, b]),
      target = standardize([c]),
    }
    model drawn(w: Real[1] ~ zeros, using key, using mode; x: Real[2]) -> Real[1] =
      if mode == train then w + random.uniform[1](key) else w
    fn first(y: Real[1], t: Real[1]) -> Real = y[0]\n";

fn program(model: &str, loss: &str, batch: usize) -> Program {
    let text = format!(
        "{PARTS} learner l = {{ model = {model}, loss = {loss}, optimizer = descent(rate: 1), data = d, batch = {batch} }}"
    );
    load(&text)
}

fn only(program: &Program) -> Learner<'_> {
    match program.learner(None, &EXACT) {
        Ok(learner) => learner,
        Err(failure) => panic!("{}", failed(&failure)),
    }
}

fn ints(shape: &[usize], numbers: &[i64]) -> Array {
    Array::new(
        Type::array(Carrier::Int, shape.to_vec()),
        Data::Int(numbers.to_vec()),
    )
}

fn reals(ty: &Type, numbers: &[f64]) -> Array {
    let numbers: Vec<f64> = numbers.iter().copied().cycle().take(ty.len()).collect();
    Array::from_f64(ty.clone(), &numbers)
}

/// The loss of a step on rows of these numbers: what the model draws for them, on average.
fn loss_of(step: &Region, rows: &[i64], key: i64) -> f64 {
    let p = step.params();
    let args = [
        reals(&p[0], &[0.0]),
        reals(&p[1], &[0.0]),
        reals(&p[2], &[0.0]),
        ints(&[rows.len()], rows),
        ints(&[2], &[0, key]),
    ];
    let out = run(step, &args).expect("it runs");
    out.last().expect("a loss").to_f64()[0]
}

#[test]
fn what_is_drawn_for_an_example_depends_on_step_and_row_alone() {
    for model in ["drawn", "each(drawn)"] {
        let program = program(model, "first", 3);
        let learner = only(&program);
        assert!(learner.keyed);
        let one = learner.step(1).expect("a step").region;
        let three = learner.step(3).expect("a step").region;
        let single: Vec<f64> = [4, 0, 7].iter().map(|&r| loss_of(&one, &[r], 9)).collect();
        assert!(single[0] != single[1] && single[1] != single[2]);
        let mean = single.iter().sum::<f64>() / 3.0;
        for rows in [[4, 0, 7], [7, 4, 0]] {
            let together = loss_of(&three, &rows, 9);
            assert!(
                (together - mean).abs() < 1e-12,
                "{model}: {together} is not {mean}"
            );
        }
        assert_ne!(loss_of(&one, &[4], 8), single[0]);
    }
    // Taking the batch as it is changes no number.
    let alone = program("drawn", "first", 1);
    let batched = program("each(drawn)", "first", 1);
    let of = |p: &Program| loss_of(&only(p).step(1).expect("a step").region, &[5], 3);
    assert_eq!(of(&alone), of(&batched));
}

#[test]
fn steps_are_counted_through_all_epochs() {
    let program = program("drawn", "first", 2);
    let learner = only(&program);
    let epoch = learner.epoch(5).expect("an epoch").region;
    let losses = |first: i64| {
        let p = epoch.params();
        let args = [
            reals(&p[0], &[0.0]),
            reals(&p[1], &[0.0]),
            reals(&p[2], &[0.0]),
            ints(&[5], &[3, 3, 3, 3, 3]),
            ints(&[2], &[0, 9]),
            ints(&[], &[first]),
        ];
        let out = run(&epoch, &args).expect("it runs");
        let steps = out.last().expect("losses").to_f64();
        // The gradient is one, so every step takes one away from what is drawn.
        let taken = steps.iter().enumerate();
        taken.map(|(k, l)| l + k as f64).collect::<Vec<f64>>()
    };
    let (now, later) = (losses(0), losses(2));
    assert_eq!(now.len(), 3);
    assert!((now[2] - later[0]).abs() < 1e-12, "{now:?} {later:?}");
    assert!((now[0] - now[1]).abs() > 1e-6 && (now[1] - now[2]).abs() > 1e-6);
}

#[test]
fn a_step_moves_weights_by_the_gradient_and_states_by_their_rule() {
    let model = "norm: batch_norm[2] >> out: each(dense[2, 1])";
    let program = program(model, "quadratic", 3);
    let learner = only(&program);
    let names: Vec<&str> = learner
        .params
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "norm.scale",
            "norm.shift",
            "norm.mean",
            "norm.variance",
            "out.w",
            "out.b"
        ]
    );
    let step = learner.step(3).expect("a step").region;
    let p = step.params();
    let numbers: [&[f64]; 8] = [
        &[1.5, 0.5],
        &[0.25, -1.0],
        &[1.0, 2.0],
        &[3.0, 4.0],
        &[2.0, -1.0],
        &[0.5],
        &[1.0, 2.0, 4.0, 0.0, -2.0, 5.0],
        &[1.0, 0.0, 2.0],
    ];
    let args: Vec<Array> = p.iter().zip(numbers).map(|(ty, n)| reals(ty, n)).collect();
    let out = run(&step, &args).expect("it runs");
    // The gradient of the same composite, called by hand.
    let text = format!(
        "{PARTS}
        model net = {model}
        fn loss(scale: Real[2], shift: Real[2], w: Real[1, 2], b: Real[1]) -> Real {{
          let (y, _) = net(
            scale, shift, w, b;
            [[1, 2], [4, 0], [-2, 5]],
            mode: train,
            state: {{ norm: {{ mean: [1, 2], variance: [3, 4] }} }},
          )
          sum(quadratic(y[i], [[1.0, 0, 2][i]]) for i) / 3
        }}"
    );
    let gradient = value(
        &text,
        "grad(loss)([1.5, 0.5], [0.25, -1], [[2, -1]], [0.5])",
    );
    let learnt = [0, 1, 4, 5];
    let moved: Vec<f64> = learnt
        .iter()
        .flat_map(|&k| {
            let (before, after) = (args[k].to_f64(), out[k].to_f64());
            before
                .into_iter()
                .zip(after)
                .map(|(a, b)| a - b)
                .collect::<Vec<_>>()
        })
        .collect();
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs());
    assert_eq!(moved.len(), gradient.len());
    assert!(gradient.iter().any(|g| g.abs() > 1e-3));
    for (have, want) in moved.iter().zip(&gradient) {
        assert!(near(*have, *want), "{moved:?} is not {gradient:?}");
    }
    // Means 1 and 7/3, variances 6 and 38/9.
    for (have, want) in [(2, [1.0, 1.8 + 0.7 / 3.0]), (3, [3.3, 3.6 + 3.8 / 9.0])] {
        for (have, want) in out[have].to_f64().iter().zip(want) {
            assert!(near(*have, want), "{have} is not {want}");
        }
    }
    let loss = value(&text, "loss([1.5, 0.5], [0.25, -1], [[2, -1]], [0.5])");
    assert!(near(out.last().expect("a loss").to_f64()[0], loss[0]));
}

#[test]
fn predictions_read_states_and_draw_nothing() {
    let model = "norm: batch_norm[2] >> out: each(dropout(0.5) >> dense[2, 1])";
    let program = program(model, "quadratic", 3);
    let learner = only(&program);
    for (region, rows) in [
        (learner.predict(2).expect("outputs").region, 2),
        (learner.predict(0).expect("outputs").region, 0),
        (learner.model().expect("an output").region, 1),
    ] {
        let p = region.params();
        let numbers: [&[f64]; 7] = [
            &[1.0],
            &[0.0],
            &[1.0],
            &[4.0 - 1e-5],
            &[2.0],
            &[0.5],
            &[5.0],
        ];
        let args: Vec<Array> = p.iter().zip(numbers).map(|(ty, n)| reals(ty, n)).collect();
        let out = run(&region, &args).expect("it runs");
        // Two inputs (5 - 1) / 2 = 2, weighed by 2.
        let y = out[0].to_f64();
        assert_eq!(y.len(), rows);
        assert!(y.iter().all(|y| (y - 8.5).abs() < 1e-9), "{y:?}");
    }
    let evaluate = learner.evaluate(4).expect("losses").region;
    assert_eq!(evaluate.result_types()[0].shape, [4]);
}

#[test]
fn learners_refuse_what_they_cannot_give() {
    let with = |settings: &str| {
        let rest = "optimizer = descent, data = d, batch = 2";
        errors(&format!("{PARTS}
            model always(w: Real[1] ~ zeros, using key; x: Real[2]) -> Real[1] = w + random.uniform[1](key)
            model counts(w: Real[1] ~ zeros, state n: Real ~ zeros; x: Real[2]) -> Real[1] {{
              state n = n + 1
              w
            }}
            model sums[b](w: Real[1] ~ zeros; x: Real[b, 2]) -> Real[1] = w * sum(x)
            model bare[b](w: Real[1] ~ zeros, state n: Real; x: Real[b, 2]) -> Real[b, 1] {{
              state n = n + 1
              [ w[j] * x[i, j] for i, j < 1 ]
            }}
            learner l = {{ {settings}, {rest} }}"))
    };
    for (settings, code, place, words) in [
        (
            "model = always, loss = quadratic",
            "E0443",
            "always",
            "when it predicts",
        ),
        (
            "model = counts, loss = quadratic",
            "E0444",
            "l",
            "inside a loop",
        ),
        (
            "model = sums, loss = quadratic",
            "E0436",
            "sums",
            "of 2 examples it makes `Real[1]`",
        ),
        (
            "model = bare, loss = quadratic",
            "E0411",
            "n",
            "no initial value",
        ),
        (
            "model = batch_norm[2], loss = quadratic",
            "E0302",
            "quadratic",
            "is wanted",
        ),
        (
            "model = dense[2, 1], loss = accuracy",
            "E0435",
            "accuracy",
            "gradient is zero",
        ),
        (
            "model = dense[2, 1], loss = fn(y, t) => round(y[0])",
            "E0435",
            "fn(y, t) => round(y[0])",
            "gradient is zero",
        ),
        (
            "model = dense[2, 1], loss = fn(y, t) => if y[0] > t[0] then 1.0 else 0.0",
            "E0435",
            "fn(y, t) => if y[0] > t[0] then 1.0 else 0.0",
            "gradient is zero",
        ),
        (
            "model = dense[2, 1], loss = fn(y, t) => sum(t)",
            "E0435",
            "fn(y, t) => sum(t)",
            "gradient is zero",
        ),
    ] {
        let why = with(settings);
        said(&why, code, place, words);
        assert_eq!(why.lines().count(), 1, "{settings}: {why}");
    }
    for settings in [
        "model = dense[2, 1], loss = fn(y, t) => if y[0] > 0 then y[0] else 0",
        "model = dense[2, 1], loss = fn(y, t) => fold(y, 0.0, fn(s, x) => s + x)",
        "model = dense[2, 1], loss = fn(y, t) => iterate[2]([y[0], 0], fn(s) => [0, s[0]])[1]",
    ] {
        let why = with(settings);
        assert!(!why.contains("E0435"), "{settings}: {why}");
    }
}
