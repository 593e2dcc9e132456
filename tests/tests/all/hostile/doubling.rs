//! Each line holds the one before twice: forty lines would be a million million parts.

use lentil::Program;

use super::{lines, refused, value};

const TIMES: usize = 40;

/// A function in whose body each name is made of the one before.
fn names(first: &str, next: impl Fn(String) -> String) -> String {
    let names = lines(TIMES, |k| {
        format!("let a{k} = {}", next(format!("a{}", k - 1)))
    });
    format!("fn f(x: Real) -> Real = {{\nlet a0 = {first}\n{names}x\n}}")
}

#[test]
fn products() {
    assert_eq!(refused(&names("x", |a| format!("({a}, {a})"))), "E0502");
    let records = names("x", |a| format!("{{left: {a}, right: {a}}}"));
    assert_eq!(refused(&records), "E0502");
    assert_eq!(refused(&names("1", |a| format!("[{a}, {a}]"))), "E0502");
    // An array that is computed is one part, however large.
    assert_eq!(refused(&names("x", |a| format!("[{a}, {a}]"))), "E0503");
    assert_eq!(
        refused(&names("[x]", |a| format!("concat({a}, {a})"))),
        "E0503"
    );
}

#[test]
fn products_of_many_parts_that_are_held_often() {
    let wide = ["x"; 5000].join(", ");
    let names = lines(2000, |k| format!("let b{k} = a"));
    let program = format!("fn f(x: Real) -> Real = {{\nlet a = ({wide})\n{names}x\n}}");
    assert_eq!(refused(&program), "E0502");
    let wider = ["x"; 70_000].join(", ");
    assert_eq!(refused(&format!("fn f(x: Real) = ({wider})")), "E0502");
}

#[test]
fn results_of_functions() {
    let pairs = lines(TIMES, |k| {
        format!("fn f{k}(x: Real) = (f{0}(x), f{0}(x))", k - 1)
    });
    assert_eq!(refused(&format!("fn f0(x: Real) = x\n{pairs}")), "E0502");
    let copies = ["copy"; TIMES].join(" >> ");
    let program = format!("fn f(x: Real) = x |> ({copies})");
    assert_eq!(refused(&program), "E0502");
    let calls = format!("{}x{}", "pair(".repeat(TIMES), ")".repeat(TIMES));
    let program = format!(
        "fn f(x: Real) -> Real = {{
           let pair = fn(y) => (y, y)
           let y = {calls}
           x
         }}"
    );
    assert_eq!(refused(&program), "E0502");
}

#[test]
fn functions_in_functions() {
    let names = names("fn(y) => y", |a| format!("fn(y) => {a}(y) + {a}(y)"));
    let program = names.replace("x\n}", &format!("a{TIMES}(x)\n}}"));
    assert_eq!(refused(&program), "E0502");
}

#[test]
fn what_is_used_twice_is_no_two() {
    let sums = names("x", |a| format!("{a} + {a}")).replace("x\n}", &format!("a{TIMES}\n}}"));
    assert_eq!(value(&sums, "f(1)"), "1099511600000.0");
    let calls = lines(TIMES, |k| {
        format!("fn f{k}(x: Real) -> Real = f{0}(x) + f{0}(2 * x)", k - 1)
    });
    let calls = format!("fn f0(x: Real) -> Real = x\n{calls}");
    // 3^12
    assert_eq!(value(&calls, "f12(1)"), "531441.0");
    let program = Program::from_source(&calls).unwrap_or_else(|why| panic!("{why}"));
    let last = program
        .draft(&format!("f{TIMES}"))
        .map(|d| d.region.steps().len());
    assert!(last.is_ok_and(|steps| steps < 10));
}

#[test]
fn types() {
    let doubled = |ty: fn(usize) -> String| {
        "type T0 = Real\n".to_string() + &lines(TIMES, |k| format!("type T{k} = {}", ty(k - 1)))
    };
    assert_eq!(refused(&doubled(|k| format!("(T{k}, T{k})"))), "E0502");
    assert_eq!(
        refused(&doubled(|k| format!("{{a: T{k}, b: T{k}}}"))),
        "E0502"
    );
    assert_eq!(refused(&doubled(|k| format!("T{k} -> T{k}"))), "E0502");
}

#[test]
fn models() {
    let models = |next: fn(usize) -> String| {
        "model scale(w: Real; x: Real) -> Real = w * x\n\
         model two(use f: Real -> Real, use g: Real -> Real; x: Real) -> Real = f(x) + g(x)\n\
         model m0 = scale\n"
            .to_string()
            + &lines(TIMES, |k| format!("model m{k}{}", next(k - 1)))
    };
    assert_eq!(refused(&models(|k| format!(" = m{k} >> m{k}"))), "E0502");
    assert_eq!(refused(&models(|k| format!(" = two(m{k}, m{k})"))), "E0502");
    let uses = models(|k| {
        format!("(; x: Real) -> Real = {{\nuse a = m{k}\nuse b = m{k}\na(x) + b(x)\n}}")
    });
    assert_eq!(refused(&uses), "E0502");
}

#[test]
fn sizes() {
    let types = |size: &str| {
        "type T0[n] = Real[n]\n".to_string()
            + &lines(TIMES, |k| format!("type T{k}[n] = T{}[{size}]", k - 1))
    };
    for size in ["n * n", "n * n + n", "n / 2 + n / 3", "(n / 2) * (n / 3)"] {
        assert_eq!(refused(&types(size)), "E0503", "{size}");
    }
    let squared = |first: &str| {
        let names = lines(TIMES, |k| format!("let a{k} = a{0} * a{0}", k - 1));
        format!("fn f[n, m](x: Real[n], y: Real[m]) -> Real = {{\nlet a0 = {first}\n{names}1\n}}")
    };
    assert_eq!(refused(&squared("n")), "E0309");
    assert_eq!(refused(&squared("n + m")), "E0309");
    let power = ["(a + b + c + d + e)"; 40].join(" * ");
    let program = format!("fn f[a, b, c, d, e](x: Real[{power}]) -> Real = 1");
    assert_eq!(refused(&program), "E0503");
}
