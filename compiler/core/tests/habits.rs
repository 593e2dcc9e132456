//! What people write who come from other languages, and what they are told.

mod common;
use common::errors;

/// The hint of the only error.
#[track_caller]
fn hinted(program: &str, hint: &str) {
    let said = errors(program);
    assert_eq!(said.lines().count(), 1, "{said}\n{program}");
    assert!(said.contains(hint), "{said}\n{program}");
}

#[test]
fn names_of_other_languages_are_known() {
    hinted("fn f() -> Bool = True", "write `true`");
    hinted(
        "fn f(x: Real[3]) -> Int = len(x)",
        "sizes are part of types",
    );
    hinted("fn f(x: Real[3]) -> Real[3] = vmap(tanh)(x)", "`each(f)`");
    hinted("fn f(x: Real[3]) -> Real = np.sum(x)", "names of their own");
    hinted("fn f(x: f32) -> Real = 1", "write `Real`");
    hinted("fn f(n: usize) -> Int = n", "write `Int`");
    hinted("fn f(x: Tensor) -> Real = 1", "`Real[n, m]`");
}

#[test]
fn case_and_underscores_count_less_than_letters() {
    hinted("import nn.Relu", "did you mean `relu`?");
    hinted("model m = ReLU", "`import nn.relu`");
    hinted("model m = LayerNorm[3]", "`import nn.layer_norm`");
    hinted("import nn.relu\nmodel m = Relu", "did you mean `relu`?");
}

#[test]
fn methods_are_functions() {
    hinted("fn f(x: Real[3]) -> Real = x.sum()", "write `sum(x)`");
    hinted(
        "fn f(x: Real[3, 2]) -> Real[2, 3] = x.T",
        "write `transpose(x)`",
    );
    hinted(
        "fn f(x: Real[3]) -> Int = x.shape",
        "sizes are part of types",
    );
    hinted(
        "fn f(p: (Real, Real)) -> Real = p.first",
        "`let (a, b) = p`",
    );
}

#[test]
fn sizes_stand_in_brackets() {
    hinted(
        "import nn.dense\nmodel m = dense(4, 8)",
        "sizes stand in brackets: `dense[4, 8]`",
    );
    hinted(
        "fn f(x: Real[3]) -> Real[3] = x + zeros(3)",
        "`[0.0 for i < n]`",
    );
    hinted(
        "fn f(x: Real[4]) -> Real = x[-1]",
        "from the end, it is `x[3]`",
    );
    hinted(
        "fn f(x: Real[4], i: Int) -> Real[1] = x[i:i]",
        "`x[a..b]` is from `a` up to but not including `b`",
    );
}

#[test]
fn a_quotient_of_sizes_is_a_size_where_one_stands() {
    for body in ["x[h]", "sum(x[0..h])"] {
        let program = format!("fn f[n](x: Real[n]) -> Real {{ let h = n / 2; {body} }}");
        hinted(&program, "write `n / 2` itself there");
    }
}

#[test]
fn an_array_has_one_type_of_elements() {
    hinted(
        "fn f(b: Bit, i: Int) -> Real = sum(real([b, i]))",
        "`[real(a), real(b)]`",
    );
}

#[test]
fn what_comes_out_of_a_factor_is_shown_at_it() {
    use lentil_core::Program;
    let text = "import nn.{batch_norm, dense}
model wide = first: dense[4, 8] >> second: dense[4, 3]
model batch = dense[4, 8] >> batch_norm[8]";
    let (_, said) = Program::load("test", text, &common::Files(&[]));
    let places = |k: usize| -> Vec<(&str, &str)> {
        let labels = said[k].labels.iter();
        labels
            .map(|l| (&text[l.span.range()], l.text.as_str()))
            .collect()
    };
    let came = |place| (place, "`Real[8]` comes out of this");
    assert_eq!(said.len(), 2);
    assert!(places(0).contains(&came("first: dense[4, 8]")), "{said:?}");
    assert_eq!(
        said[1].labels.last().map(|l| l.text.as_str()),
        Some(came("").1)
    );
    let hint = said[1].hint.as_deref().unwrap_or("");
    assert!(
        hint.contains("`each(dense[4, 8]) >> batch_norm[8]`"),
        "{hint}"
    );
}
