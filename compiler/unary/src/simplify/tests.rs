//! The rules where they fire and where they must not, and all of them on generated programs.

use super::*;
use crate::carrier::Carrier;
use crate::check::{check, check_resolved};
use crate::eval::{eval, eval_counted};
use crate::generate::{self, arguments, generate};
use crate::parse::parse;
use crate::print::print;
use crate::value::{Array, Data};

/// Whether arrays have the same bits; one NaN is as good as another.
fn same(x: &Array, y: &Array) -> bool {
    let bits = |array: &Array| -> Vec<u64> {
        match array.data() {
            Data::F32(v) => v
                .iter()
                .map(|x| if x.is_nan() { !0 } else { x.to_bits().into() })
                .collect(),
            Data::F64(v) => v
                .iter()
                .map(|x| if x.is_nan() { !0 } else { x.to_bits() })
                .collect(),
            Data::Int(v) => v.iter().map(|&x| x as u64).collect(),
            Data::Mod(v) => v.iter().map(|&x| x.into()).collect(),
            Data::Byte(v) => v.iter().map(|&x| x.into()).collect(),
        }
    };
    x.ty() == y.ty() && bits(x) == bits(y)
}

#[test]
fn generated_programs_keep_every_bit() {
    let carriers = [Carrier::F32, Carrier::F64, Carrier::Bit, Carrier::Mod(7)];
    let (mut before, mut after) = (0, 0);
    for carrier in carriers {
        for seed in 0..250 {
            let options = generate::Options::over(carrier);
            let region = generate(seed, &options);
            let simple = simplify(&region);
            check(&simple)
                .unwrap_or_else(|why| panic!("{why} in seed {seed} over {carrier}\n{simple}"));
            assert_eq!(simple.params(), region.params());
            assert_eq!(simplify(&simple), simple, "twice is once, seed {seed}");
            let args = arguments(seed, &region);
            let (expected, cost) = eval_counted(&region, &args).unwrap();
            let (found, less) = eval_counted(&simple, &args).unwrap();
            let all = expected.iter().zip(&found).all(|(x, y)| same(x, y));
            assert!(
                all && expected.len() == found.len(),
                "seed {seed} over {carrier}\n{region}\n{simple}"
            );
            before += cost.total();
            after += less.total();
        }
    }
    assert!(
        after < before / 2,
        "{after} of {before} operations are left"
    );
}

#[test]
fn deep_programs_keep_every_bit() {
    for seed in 0..40 {
        let options = generate::Options {
            depth: 4,
            steps: 20,
            ..generate::Options::over(Carrier::F64)
        };
        let region = generate(seed, &options);
        for inline in [Inline::Small, Inline::CalledOnce, Inline::All] {
            let options = Options {
                inline,
                ..Options::default()
            };
            let simple = simplify_with(&region, &options);
            check(&simple).unwrap();
            let args = arguments(seed, &region);
            let (expected, found) = (eval(&region, &args).unwrap(), eval(&simple, &args).unwrap());
            assert!(
                expected.iter().zip(&found).all(|(x, y)| same(x, y)),
                "seed {seed}"
            );
        }
    }
}

/// What a region's text simplifies to, as text.
fn simplified(text: &str) -> String {
    let region = parse(text).unwrap();
    check(&region).unwrap();
    let simple = simplify(&region);
    check(&simple).unwrap();
    if check_resolved(&region).is_ok() {
        for seed in 0..4 {
            let args = arguments(seed, &region);
            if let Ok(expected) = eval(&region, &args) {
                let found = eval(&simple, &args).unwrap();
                assert!(
                    expected.iter().zip(&found).all(|(x, y)| same(x, y)),
                    "{simple}"
                );
            }
        }
    }
    print(&simple)
}

/// The names of the operations of a simplified entry, in order.
fn names(params: &str, steps: &str) -> String {
    let text = simplified(&format!("entry({params}) {{\n{steps}\n}}"));
    let entry = &text[text.find("entry").unwrap()..];
    let line = |line: &str| {
        let (_, operation) = line.split_once(" = ")?;
        let name = operation.split([' ', '{']).next()?;
        Some(name.to_string())
    };
    entry
        .lines()
        .filter_map(line)
        .collect::<Vec<String>>()
        .join(" ")
}

#[test]
fn units_of_reals_are_those_that_keep_every_bit() {
    let one = |carrier: &str, constant: &str, op: &str| {
        let literal = format!("%1: {carrier} = literal {constant}");
        names(
            &format!("%0: {carrier}"),
            &format!("{literal}\n%2: {carrier} = {op}\nyield %2"),
        )
    };
    assert_eq!(one("f64", "-0.0", "add %0, %1"), "");
    assert_eq!(one("f64", "0.0", "sub %0, %1"), "");
    assert_eq!(one("f64", "1.0", "mul %1, %0"), "");
    assert_eq!(one("f64", "1.0", "div %0, %1"), "");
    assert_eq!(one("f64", "-1.0", "mul %1, %0"), "neg");
    // These turn -0 into 0, or infinity into NaN.
    assert_eq!(one("f64", "0.0", "add %0, %1"), "literal add");
    assert_eq!(one("f64", "-0.0", "sub %0, %1"), "literal sub");
    assert_eq!(one("f64", "0.0", "mul %0, %1"), "literal mul");
    assert_eq!(one("f64", "0.0", "sub %1, %0"), "literal sub");
    assert_eq!(one("mod7", "0", "add %0, %1"), "");
    assert_eq!(one("mod7", "0", "mul %0, %1"), "literal");
    assert_eq!(one("int", "1", "rem %0, %1"), "literal");
    assert_eq!(one("bool", "true", "and %0, %1"), "");
    assert_eq!(one("bool", "true", "or %0, %1"), "literal");
}

#[test]
fn bits_keep_their_polynomials() {
    let on = |op: &str| names("%0: bit", &format!("%1: bit = {op}\nyield %1"));
    assert_eq!(on("add %0, %0"), "literal");
    assert_eq!(on("sub %0, %0"), "literal");
    assert_eq!(on("neg %0"), "");
    // Equal as functions, but not as polynomials: the derivative tells them apart.
    assert_eq!(on("mul %0, %0"), "mul");
}

#[test]
fn conversions_compose_where_values_and_derivatives_agree() {
    let through = |from: &str, via: &str, to: &str| {
        let steps = format!("%1: {via} = convert %0\n%2: {to} = convert %1\nyield %2");
        names(&format!("%0: {from}"), &steps)
    };
    assert_eq!(through("f32", "f64", "f32"), "");
    assert_eq!(through("bool", "int", "f64"), "convert");
    assert_eq!(through("mod7", "f64", "int"), "convert");
    assert_eq!(through("f64", "f32", "f64"), "convert convert");
    assert_eq!(through("int", "f64", "int"), "convert convert");
    assert_eq!(through("mod7", "int", "mod7"), "convert convert");
}

#[test]
fn comparisons_and_choices() {
    let same = "%1: bool = eq %0, %0\nyield %1";
    assert_eq!(names("%0: int", same), "literal");
    assert_eq!(names("%0: f64", same), "eq");
    let params = "%0: bool, %1: f64, %2: f64";
    assert_eq!(names(params, "%3: f64 = select %0, %1, %1\nyield %3"), "");
    let negated = "%3: bool = not %0\n%4: f64 = select %3, %1, %2\nyield %4";
    assert_eq!(names(params, negated), "select");
}

#[test]
fn moves_compose_and_cancel() {
    let x = "%0: f64[2, 3]";
    let twice = "%1: f64[3, 2] = transpose{perm=[1, 0]} %0\n%2: f64[2, 3] = transpose{perm=[1, 0]} %1\nyield %2";
    assert_eq!(names(x, twice), "");
    let reshapes = "%1: f64[6] = reshape %0\n%2: f64[3, 2] = reshape %1\nyield %2";
    assert_eq!(names(x, reshapes), "reshape");
    let flips = "%1: f64[2, 3] = flip{axes=[0]} %0\n%2: f64[2, 3] = flip{axes=[0]} %1\nyield %2";
    assert_eq!(names(x, flips), "");
    let other = "%1: f64[2, 3] = flip{axes=[0]} %0\n%2: f64[2, 3] = flip{axes=[0, 1]} %1\n%3: f64[2, 3] = flip{axes=[0]} %2\nyield %2, %3";
    assert_eq!(names(x, other), "flip flip");
    let turns = "%1: f64[4, 2, 3] = transpose{perm=[2, 0, 1]} %0\n%2: f64[2, 4, 3] = transpose{perm=[1, 0, 2]} %1\nyield %2";
    assert_eq!(names("%0: f64[2, 3, 4]", turns), "transpose");
    let slices = "%1: f64[2, 2] = slice{start=[0, 1], step=[1, 1]} %0\n%2: f64[2, 1] = slice{start=[0, 1], step=[1, 1]} %1\nyield %2";
    assert_eq!(names(x, slices), "slice");
    let padded = "%1: f64[3, 5] = pad{before=[1, 0], after=[0, 0], between=[0, 1]} %0\n%2: f64[2, 3] = slice{start=[1, 0], step=[1, 2]} %1\nyield %2";
    assert_eq!(names(x, padded), "");
    let part = "%1: f64[2, 6] = concat{axis=1} %0, %0\n%2: f64[2, 3] = slice{start=[0, 3], step=[1, 1]} %1\nyield %2";
    assert_eq!(names(x, part), "");
    let column = "%1: f64[1, 2, 3] = broadcast{axes=[1, 2]} %0\nyield %1";
    assert_eq!(names(x, column), "reshape");
    let turned = "%1: f64[2, 4, 3] = broadcast{axes=[0, 2]} %0\n%2: f64[4, 3, 2] = transpose{perm=[1, 2, 0]} %1\nyield %2";
    assert_eq!(names(x, turned), "transpose broadcast");
}

#[test]
fn a_function_of_a_repetition_is_the_repetition_of_a_function() {
    let steps = "%1: f64[2, 3] = broadcast{axes=[1]} %0\n%2: f64[2, 3] = sin %1\n%3: f64 = literal 2.0\n%4: f64[2, 3] = broadcast{axes=[]} %3\n%5: f64[2, 3] = mul %2, %4\nyield %5";
    assert_eq!(
        names("%0: f64[3]", steps),
        "sin literal broadcast mul broadcast"
    );
}

#[test]
fn reading_in_order_is_a_slice() {
    let at = |n: usize| {
        let steps = format!(
            "%1: int[{n}] = iota\n%2: f64[{n}] = gather{{axes=1, site=0}} %0, %1\nyield %2"
        );
        names("%0: f64[4]", &steps)
    };
    assert_eq!(at(4), "");
    assert_eq!(at(3), "slice");
    assert_eq!(at(5), "iota gather"); // it traps
    let known = |i: i64| {
        let steps = format!(
            "%1: int = literal {i}\n%2: f64[3] = gather{{axes=1, site=0}} %0, %1\nyield %2"
        );
        names("%0: f64[2, 3]", &steps)
    };
    assert_eq!(known(1), "slice reshape");
    assert_eq!(known(2), "literal gather");
}

#[test]
fn sums_of_products_are_contractions() {
    let matmul = "%2: f64[2, 3, 4] = broadcast{axes=[0, 1]} %0
        %3: f64[2, 3, 4] = broadcast{axes=[1, 2]} %1
        %4: f64[2, 3, 4] = mul %2, %3
        %5: f64[2, 4] = reduce_sum{axes=[1]} %4
        yield %5";
    let text = simplified(&format!(
        "entry(%0: f64[2, 3], %1: f64[3, 4]) {{ {matmul} }}"
    ));
    let expected = "entry(%0: f64[2, 3], %1: f64[3, 4]) {
    %2: f64[2, 4] = contract{batch=[], sum=[1:0]} %0, %1
    yield %2
}
";
    assert_eq!(text, expected);
    // The factors change places rather than the result being transposed.
    let swapped = matmul.replace("mul %2, %3", "mul %3, %2");
    let text = simplified(&format!(
        "entry(%0: f64[2, 3], %1: f64[3, 4]) {{ {swapped} }}"
    ));
    assert_eq!(text, expected);
    // Only one factor has the summed axis: reassociation, over exact carriers only.
    let scaled = |carrier: &str| {
        let steps = "%2: K[2, 3] = broadcast{axes=[0]} %0
            %3: K[2, 3] = mul %1, %2
            %4: K[2] = reduce_sum{axes=[1]} %3
            yield %4"
            .replace('K', carrier);
        names(&format!("%0: {carrier}[2], %1: {carrier}[2, 3]"), &steps)
    };
    assert_eq!(scaled("f64"), "broadcast mul reduce_sum");
    assert_eq!(scaled("mod7"), "reduce_sum contract");
    // A product that is used elsewhere stays.
    let shared = "%1: f64[3] = mul %0, %0\n%2: f64 = reduce_sum{axes=[0]} %1\nyield %1, %2";
    assert_eq!(names("%0: f64[3]", shared), "mul reduce_sum");
}

#[test]
fn contractions_see_through_transpositions_and_repetitions() {
    let params = "%0: f64[3, 2], %1: f64[3, 4]";
    let turned = "%2: f64[2, 3] = transpose{perm=[1, 0]} %0\n%3: f64[2, 4] = contract{batch=[], sum=[1:0]} %2, %1\nyield %3";
    assert_eq!(names(params, turned), "contract");
    let repeated = "%2: f64[5, 3, 2] = broadcast{axes=[1, 2]} %0
        %3: f64[5, 2, 4] = contract{batch=[], sum=[1:0]} %2, %1
        yield %3";
    assert_eq!(names(params, repeated), "contract broadcast");
}

#[test]
fn conditionals() {
    let params = "%0: bool, %1: f64";
    let known = "%2: bool = literal false
        %3: f64 = cond %2 (%1) then(%0: f64) { %1: f64 = sin %0 yield %1 } else(%0: f64) { %1: f64 = cos %0 yield %1 }
        yield %3";
    assert_eq!(names(params, known), "cos");
    let negated = "%2: bool = not %0
        %3: f64 = cond %2 (%1) then(%0: f64) { %1: f64 = sin %0 yield %1 } else(%0: f64) { %1: f64 = cos %0 yield %1 }
        yield %3";
    assert_eq!(names(params, negated), "cond cos sin");
    let agreed = "%2: f64, %3: f64 = cond %0 (%1)
        then(%0: f64) { %1: f64 = literal 2.0 yield %0, %1 } else(%0: f64) { %1: f64 = literal 2.0 yield %0, %1 }
        yield %2, %3";
    assert_eq!(names(params, agreed), "literal");
    let itself = "%2: bool = cond %0 (%0) then(%0: bool) { yield %0 } else(%0: bool) { %1: bool = not %0 yield %1 }
        yield %2";
    assert_eq!(names(params, itself), "literal");
}

#[test]
fn loops_of_no_and_one_iteration_are_written_out() {
    let running = |n: usize| {
        let steps = format!(
            "%2: f64, %3: f64[{n}] = loop {n} (; %0; %1) body(%0: int, %1: f64, %2: f64) {{ %3: f64 = mul %1, %2 yield %3, %3 }}
            yield %2, %3"
        );
        names(&format!("%0: f64[{n}], %1: f64"), &steps)
    };
    assert_eq!(running(0), "literal broadcast");
    assert_eq!(running(1), "reshape mul reshape");
    assert_eq!(running(2), "loop mul");
}

#[test]
fn loops_are_cleaned() {
    let hoisted = "%2: f64[3] = loop 3 (%0; %1; ) body(%0: int, %1: f64, %2: f64) {
            %3: f64 = exp %1
            %4: f64 = mul %2, %3
            yield %4
        }
        yield %2";
    assert_eq!(names("%0: f64, %1: f64[3]", hoisted), "exp loop mul");
    // The first step that may trap is moved: it would trap in the first iteration.
    let trapping = "%2: f64 = loop 3 (%0, %1; ; %1) body(%0: int, %1: f64[3], %2: f64, %3: f64) {
            %4: int = convert %2
            %5: f64 = gather{axes=1, site=0} %1, %4
            %6: f64 = add %3, %5
            yield %6
        }
        yield %2";
    assert_eq!(
        names("%0: f64[3], %1: f64", trapping),
        "convert gather loop add"
    );
    // So it is not out of a loop that may have no iteration.
    let early = "%3: int, %4: f64 = loop 3 limited (%0, %1; ; %2, %1) body(%0: int, %1: f64[3], %2: f64, %3: int, %4: f64) {
            %5: int = convert %2
            %6: f64 = gather{axes=1, site=0} %1, %5
            %7: f64 = add %4, %6
            yield %3, %7
        }
        yield %4";
    assert_eq!(
        names("%0: f64[3], %1: f64, %2: int", early),
        "convert loop gather add"
    );
    // Behind one that has to stay, it stays.
    let second = "%2: f64 = loop 3 (%0, %1; ; %1) body(%0: int, %1: f64[3], %2: f64, %3: f64) {
            %4: int = convert %3
            %5: f64 = gather{axes=1, site=0} %1, %4
            %6: int = convert %2
            %7: f64 = gather{axes=1, site=1} %1, %6
            %8: f64 = add %5, %7
            yield %8
        }
        yield %2";
    assert_eq!(
        names("%0: f64[3], %1: f64", second),
        "convert loop convert gather gather add"
    );
    let by_number = "%2: f64 = loop 3 (%0; ; %1) body(%0: int, %1: f64[3], %2: f64) {
            %3: f64 = gather{axes=1, site=0} %1, %0
            %4: f64 = add %2, %3
            yield %4
        }
        yield %2";
    let text = simplified(&format!("entry(%0: f64[3], %1: f64) {{ {by_number} }}"));
    assert!(text.contains("loop 3 (; %0; %1)"), "{text}");
    let unused = "%3: f64, %4: f64, %5: f64[3] = loop 3 (%2; %0; %1, %1) body(%0: int, %1: f64, %2: f64, %3: f64, %4: f64) {
            %5: f64 = add %3, %2
            %6: f64 = mul %4, %1
            yield %5, %6, %6
        }
        yield %3";
    let text = simplified(&format!(
        "entry(%0: f64[3], %1: f64, %2: f64) {{ {unused} }}"
    ));
    assert!(text.contains("%3: f64 = loop 3 (; %0; %1)"), "{text}");
    // Outputs and states that are no work of the loop.
    let idle = "%2: f64, %3: f64[3], %4: int[3], %5: f64[3] = loop 3 (%1; %0; %1) body(%0: int, %1: f64, %2: f64, %3: f64) {
            yield %3, %2, %0, %1
        }
        yield %2, %3, %4, %5";
    assert_eq!(names("%0: f64[3], %1: f64", idle), "iota broadcast");
}

#[test]
fn functions_are_inlined_within_the_budget() {
    let long: Vec<String> = (0..9)
        .map(|k| format!("%{}: f64 = sin %{k}", k + 1))
        .collect();
    let function = format!(
        "function @f(%0: f64) {{\n{}\nyield %9 }}\n",
        long.join("\n")
    );
    let once = format!("{function} entry(%0: f64) {{ %1: f64 = call @f(%0)\nyield %1 }}");
    assert!(!simplified(&once).contains("call"));
    let twice = format!(
        "{function} entry(%0: f64) {{ %1: f64 = call @f(%0)\n%2: f64 = call @f(%1)\nyield %2 }}"
    );
    assert_eq!(simplified(&twice).matches("call @f").count(), 2);
    let small = "function @f(%0: f64) { %1: f64 = sin %0\nyield %1 }\nentry(%0: f64) { %1: f64 = call @f(%0)\n%2: f64 = call @f(%1)\nyield %2 }";
    assert!(!simplified(small).contains("call"));
    // A derivative stays a derivative, of the simplified function.
    let derived = "function @f(%0: f64) { %1: f64 = neg %0\n%2: f64 = neg %1\nyield %2 }\nentry(%0: f64) { %1: f64 = reverse @f(%0, %0)\nyield %1 }";
    let text = simplified(derived);
    assert!(
        text.contains("reverse @f") && !text.contains("neg"),
        "{text}"
    );
}

#[test]
fn unused_steps_vanish_even_if_they_could_stop_the_run() {
    let steps = "%2: f64 = gather{axes=1, site=0} %0, %1\nyield %1";
    assert_eq!(names("%0: f64[3], %1: int", steps), "");
}

/// Each function calls the one before twice: as a tree, it would have 2^40 calls.
#[test]
fn a_chain_of_doublings_is_not_expanded() {
    let mut text = "function @f0(%0: f64) { %1: f64 = sin %0\nyield %1 }\n".to_string();
    for k in 0..40 {
        let (inner, outer) = (format!("@f{k}"), format!("@f{}", k + 1));
        text += &format!(
            "function {outer}(%0: f64) {{ %1: f64 = call {inner}(%0)\n%2: f64 = call {inner}(%1)\nyield %2 }}\n"
        );
    }
    text += "entry(%0: f64, %1: f64) {
        %2: f64 = loop 3 (%0; ; %1) body(%0: int, %1: f64, %2: f64) {
            %3: f64 = call @f40(%1)
            %4: f64 = mul %2, %3
            yield %4
        }
        yield %2
    }";
    let region = parse(&text).unwrap();
    let simple = simplify(&region);
    check(&simple).unwrap();
    let text = print(&simple);
    assert_eq!(print(&parse(&text).unwrap()), text);
    assert_eq!(text.matches("function ").count(), 36, "f4 to f39: {text}");
}
