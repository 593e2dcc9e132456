//! Parameter groups: an optimizer for each part of a model, and parts that stay as they are.

mod common;
use common::{EXACT, compiled, errors, failed, load, run, said};
use lentil_core::Learner;
use lentil_unary::{Array, Data, Region, Type};

const PARTS: &str = "
    import nn.dense
    import loss.quadratic
    import optim.{descent, momentum, nesterov, adam, ascent}
    data d = csv(\"d.csv\") {
      columns = { a: Real, b: Real, c: Real },
      input = standardize([a, b]),
      target = standardize([c]),
    }
    model net = hidden: dense[2, 3] >> tanh >> out: dense[3, 1]
    model still = hidden: frozen(dense[2, 3]) >> tanh >> out: dense[3, 1]
    model deep = body: (first: dense[2, 2] >> second: dense[2, 2]) >> out: dense[2, 1]
    model mixed(w: Real[1, 2] ~ zeros, k: Mod[5] ~ zeros; x: Real[2]) -> Real[1] = w @ x\n";

fn text(model: &str, optimizer: &str) -> String {
    format!(
        "{PARTS} learner l = {{ model = {model}, loss = quadratic, optimizer = {optimizer}, data = d, batch = 2 }}"
    )
}

/// Something with a learner of this model and this optimizer.
fn with<T>(model: &str, optimizer: &str, f: impl Fn(&Learner<'_>) -> T) -> T {
    let program = load(&text(model, optimizer));
    let learner = program.learner(None, &EXACT);
    f(&learner.unwrap_or_else(|failure| panic!("{}", failed(&failure))))
}

fn step(model: &str, optimizer: &str) -> Region {
    with(model, optimizer, |l| l.step(2).expect("a step").region)
}

fn numbers(ty: &Type, k: usize) -> Array {
    let of = |i: usize| ((7 * i + 3 * k) % 11) as f64 / 8.0 - 0.5;
    Array::from_f64(ty.clone(), &(0..ty.len()).map(of).collect::<Vec<f64>>())
}

/// Parameters by path before a step and after it.
fn moved(model: &str, optimizer: &str) -> Vec<(String, Vec<f64>, Vec<f64>)> {
    let names = with(model, optimizer, |l| l.params.clone());
    let region = step(model, optimizer);
    let start = initial(model, optimizer).split_off(names.len());
    let last = names.len() + start.len();
    let args: Vec<Array> = (region.params().iter().enumerate())
        .map(|(k, ty)| match k.checked_sub(names.len()) {
            Some(state) if k < last => start[state].clone(),
            Some(_) => numbers(ty, k - start.len()),
            None => numbers(ty, k),
        })
        .collect();
    let out = run(&region, &args).expect("it runs");
    let pairs = names.iter().zip(args.iter().zip(&out));
    pairs
        .map(|((name, _), (x, y))| (name.clone(), x.to_f64(), y.to_f64()))
        .collect()
}

/// Parameters and states at the beginning.
fn initial(model: &str, optimizer: &str) -> Vec<Array> {
    let region = with(model, optimizer, |l| {
        l.initial().expect("initial values").region
    });
    let key = Array::new(region.params()[0].clone(), Data::Int(vec![0, 7]));
    run(&region, &[key]).expect("it runs")
}

#[track_caller]
fn near(x: &[f64], y: &[f64]) {
    for (x, y) in x.iter().zip(y) {
        assert!((x - y).abs() < 1e-12, "{x} is not {y}");
    }
}

#[test]
fn each_group_follows_its_optimizer() {
    let gradients = moved("net", "descent(rate: 1)");
    let groups = moved("net", "{ out: ascent, hidden: descent(rate: 0.25) }");
    for ((name, p, down), (also, q, next)) in gradients.iter().zip(&groups) {
        assert_eq!((name, p), (also, q), "groups change no order");
        let rate = if name.starts_with("out") { -1.0 } else { 0.25 };
        let wanted = p.iter().zip(down).map(|(p, d)| p + rate * (d - p));
        near(next, &wanted.collect::<Vec<f64>>());
        assert_ne!(p, next, "{name}");
    }
    // The same optimizer for all parts is that optimizer.
    for optimizer in ["adam(rate: 0.5)", "momentum", "nesterov(rate: 0.1)"] {
        for groups in [
            format!("{{ hidden: {optimizer}, out: {optimizer} }}"),
            format!("{{ _: {optimizer} }}"),
            format!("{{ out: {{ w: {optimizer}, b: {optimizer} }}, _: {optimizer} }}"),
        ] {
            assert_eq!(moved("net", &groups), moved("net", optimizer), "{groups}");
        }
    }
}

fn names(optimizer: &str) -> (Vec<String>, Vec<String>) {
    with("net", optimizer, |l| {
        let names = |list: &[(String, Type)]| list.iter().map(|(n, _)| n.clone()).collect();
        (names(&l.params), names(&l.states))
    })
}

#[test]
fn states_are_kept_by_the_path_of_their_group() {
    let (params, states) = names("momentum");
    assert_eq!(params, ["hidden.w", "hidden.b", "out.w", "out.b"]);
    assert_eq!(states, ["v.hidden.w", "v.hidden.b", "v.out.w", "v.out.b"]);
    let (same, states) = names("{ out: momentum, _: adam }");
    assert_eq!(same, params);
    assert_eq!(states[..2], ["out.v.w", "out.v.b"]);
    assert_eq!(states[2..4], ["_.m.hidden.w", "_.m.hidden.b"]);
    assert!(states.contains(&"_.decay1".to_string()), "{states:?}");
    let (_, states) = names("{ out: { w: momentum, _: frozen }, hidden: descent }");
    assert_eq!(states, ["out.w.v.w"]);
}

#[test]
fn what_is_frozen_stays_and_costs_no_cotangent() {
    let whole = compiled(&step("net", "descent")).steps().len();
    for (model, optimizer) in [
        ("net", "{ hidden: frozen, out: descent }"),
        ("net", "{ out: descent, _: frozen }"),
        ("still", "descent"),
        ("still", "{ out: descent }"),
    ] {
        for ((name, p, next), (_, _, learnt)) in
            moved(model, optimizer).iter().zip(&moved("net", "descent"))
        {
            match name.starts_with("hidden") {
                true => assert_eq!(p, next, "{name}"),
                false => assert_eq!(next, learnt, "{name}"),
            }
        }
        let less = compiled(&step(model, optimizer)).steps().len();
        assert!(
            less < whole,
            "{model}, {optimizer}: {less} steps of {whole}"
        );
    }
    // It is kept in files and starts as it would otherwise.
    assert_eq!(initial("still", "descent"), initial("net", "descent"));
}

#[test]
fn groups_divide_as_deep_as_paths_go() {
    let optimizer =
        "{ body: { first: frozen, _: descent(rate: 1) }, out: { b: frozen, w: descent } }";
    for (name, p, next) in moved("deep", optimizer) {
        let frozen = name.starts_with("body.first") || name == "out.b";
        assert_eq!(p == next, frozen, "{name}");
    }
}

#[test]
fn parameters_over_different_carriers_are_different_groups() {
    assert_eq!(errors(&text("mixed", "{ w: descent, k: ascent }")), "");
    assert_eq!(errors(&text("mixed", "{ w: descent, k: frozen }")), "");
    said(
        &errors(&text("mixed", "descent")),
        "E0409",
        "descent",
        "Mod[5]",
    );
    let all = errors(&text("mixed", "{ w: ascent, k: descent }"));
    said(&all, "E0409", "k: descent", "Mod[5]");
}

#[test]
fn groups_that_do_not_fit_are_refused() {
    for (model, optimizer, code, place, words) in [
        (
            "net",
            "{ hiden: descent, _: adam }",
            "E0437",
            "hiden: descent",
            "did you mean `hidden`?",
        ),
        (
            "net",
            "{ hidden: { v: descent }, out: adam }",
            "E0437",
            "v: descent",
            "`hidden.v`",
        ),
        (
            "net",
            "{ hidden: descent }",
            "E0437",
            "{ hidden: descent }",
            "`out.w` is in no group",
        ),
        (
            "net",
            "{ out: { w: descent }, _: adam }",
            "E0437",
            "out: { w: descent }",
            "`out.b` is in no group",
        ),
        (
            "net",
            "{ hidden: descent, out: descent, _: adam }",
            "E0437",
            "_: adam",
            "nothing is left",
        ),
        (
            "net",
            "{ _: { w: adam } }",
            "E0437",
            "_: { w: adam }",
            "one optimizer",
        ),
        (
            "still",
            "{ hidden: descent, out: adam }",
            "E0437",
            "hidden: descent",
            "`hidden`",
        ),
        ("net", "{}", "E0437", "{}", "`hidden.w` is in no group"),
        (
            "net",
            "{ hidden: 3, out: adam }",
            "E0408",
            "hidden: 3",
            "a number",
        ),
        (
            "net",
            "{ hidden: descent, hidden: adam, out: adam }",
            "E0325",
            "hidden",
            "",
        ),
        ("net", "frozen", "E0430", "l", "nothing to learn"),
        ("frozen(net)", "descent", "E0430", "l", "nothing to learn"),
        ("frozen(3)", "descent", "E0331", "3", ""),
    ] {
        said(&errors(&text(model, optimizer)), code, place, words);
    }
}
