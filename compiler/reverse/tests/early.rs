//! Loops that end early: what they cost is what they ran, and the derivative of a solution is that of
//! its equation.

mod support;

use lentil_unary::dice::Dice;
use lentil_unary::eval::eval_counted;
use lentil_unary::{
    Array, Builder, Carrier, CompareOp, Ends, Literal, Region, Slot, Type, UnaryOp,
};
use support::{array, int, real};

fn body(params: &[Type], make: impl FnOnce(&mut Builder, &[Slot]) -> Vec<Slot>) -> Region {
    let mut b = Builder::new(params.to_vec());
    let slots = b.param_slots();
    let results = make(&mut b, &slots);
    b.finish(results)
}

fn cost(f: &Region, args: &[Array]) -> u64 {
    eval_counted(f, args).unwrap().1.total()
}

/// `until(x, done, fn(x) => sin(x) + w, max: n)` on a state of `size`, where done is a sum above
/// 1.1 for each element.
fn search(size: usize, n: usize) -> Region {
    let state = real(&[size]);
    let inner = body(
        &[int(&[]), state.clone(), int(&[]), state.clone()],
        |b, p| {
            let sin = b.unary(UnaryOp::Sin, p[3]);
            let next = b.add(sin, p[1]);
            let sum = b.sum(next, &[0]);
            let bound = b.full(Literal::real(Carrier::F64, 1.1 * size as f64), &[]);
            let done = b.compare(CompareOp::Lt, bound, sum);
            let none = b.int(0);
            vec![b.select(done, none, p[2]), next]
        },
    );
    body(&[state.clone(), state], |b, p| {
        let limit = b.int(n as i64);
        let args = [&p[..1], &[], &[limit, p[1]]];
        let made = b.loop_that(Ends::Limited, n, false, args, inner);
        made[1..].to_vec()
    })
}

/// Arguments at which the search takes five iterations.
fn five(size: usize) -> [Array; 2] {
    let each = |x: f64| array(&[size], &vec![x; size]);
    [each(0.3), each(0.0)]
}

#[test]
fn a_search_costs_what_it_ran() {
    let costs = |n: usize| {
        let f = search(4, n);
        let reverse = lentil_reverse::reverse(&f, &[true, true]);
        let forward = lentil_reverse::forward(&f);
        let mut dice = Dice::new(3);
        let given = [&five(4)[..], &[dice.array(&real(&[4]))]].concat();
        let pushed = [&given[..], &[dice.array(&real(&[4]))]].concat();
        [
            cost(&f, &five(4)),
            cost(&reverse, &given),
            cost(&forward, &pushed),
        ]
    };
    let few = costs(5);
    assert_eq!(
        few,
        costs(1000),
        "five iterations of five, and of a thousand"
    );
    assert!(
        costs(4)[0] < few[0] && costs(4)[1] < few[1],
        "it runs five times"
    );
}

#[test]
fn its_ratio_is_flat_in_the_size_of_its_state() {
    let ratios = [1, 8, 64].map(|size| {
        let f = search(size, 50);
        let reverse = lentil_reverse::reverse(&f, &[true, true]);
        let given = [&five(size)[..], &[array(&[size], &vec![1.0; size])]].concat();
        cost(&reverse, &given) as f64 / cost(&f, &five(size)) as f64
    });
    assert!(ratios.iter().all(|r| *r <= 4.0), "{ratios:?}");
    assert!(ratios[2] <= 1.1 * ratios[1], "{ratios:?}");
}

/// What is kept is bounded by the greatest number of iterations.
#[test]
fn it_keeps_its_states_and_how_often_it_ran() {
    let saved = lentil_reverse::residuals(&search(4, 50), &[true, true]);
    let types: Vec<String> = saved.iter().map(|s| s.ty.to_string()).collect();
    assert_eq!(types, ["int", "f64[50, 4]"]);
}

/// `fixpoint(fn(x) => a cos(x), 0)`.
fn solution(tolerance: f64) -> Region {
    let scalar = real(&[]);
    let real = |x: f64| Literal::real(Carrier::F64, x);
    let tolerance = real(tolerance);
    let inner = body(
        &[int(&[]), scalar.clone(), int(&[]), scalar.clone()],
        |b, p| {
            let cos = b.unary(UnaryOp::Cos, p[3]);
            let next = b.mul(p[1], cos);
            let limit = b.until_settled(p[2], tolerance, Some(real(1.0)), &p[3..], &[next]);
            vec![limit, next]
        },
    );
    body(&[scalar], |b, p| {
        let limit = b.int(10_000);
        let start = b.literal(real(0.0));
        let ends = Ends::Solved { tolerance };
        let made = b.loop_that(ends, 10_000, false, [p, &[], &[limit, start]], inner);
        made[1..].to_vec()
    })
}

#[test]
fn the_reverse_of_a_solution_costs_as_much_as_finding_it() {
    for tolerance in [1e-3, 1e-6, 1e-12] {
        let f = solution(tolerance);
        let reverse = lentil_reverse::reverse(&f, &[true]);
        let twice = lentil_reverse::reverse(&reverse, &[true, true]);
        let at = |values: &[f64]| values.iter().map(|&x| array(&[], &[x])).collect::<Vec<_>>();
        let found = cost(&f, &at(&[0.9]));
        let back = cost(&reverse, &at(&[0.9, 1.0]));
        let again = cost(&twice, &at(&[0.9, 1.0, 1.0]));
        println!("{tolerance:e}: {found} {back} {again}");
        assert!(back <= 3 * found, "{back} for {found}");
        assert!(again <= 8 * found, "{again} for {found}");
    }
}

/// Of `x = a cos x`: x' = cos x / (1 + a sin x), and once more.
#[test]
fn a_solution_has_the_derivatives_of_its_equation() {
    let f = solution(1e-15);
    let value = |f: &Region, args: &[f64]| {
        let args: Vec<Array> = args.iter().map(|&x| array(&[], &[x])).collect();
        eval_counted(f, &args).unwrap().0[0].to_f64()[0]
    };
    let a = 0.9;
    let x = value(&f, &[a]);
    let slope = x.cos() / (1.0 + a * x.sin());
    let bend = -(2.0 * x.sin() * slope + a * x.cos() * slope * slope) / (1.0 + a * x.sin());
    let near = |found: f64, wanted: f64| {
        assert!(
            (found - wanted).abs() <= 1e-12 * wanted.abs(),
            "{found} {wanted}"
        );
    };
    let (reverse, forward) = (
        lentil_reverse::reverse(&f, &[true]),
        lentil_reverse::forward(&f),
    );
    near(value(&reverse, &[a, 1.0]), slope);
    near(value(&forward, &[a, 1.0]), slope);
    near(
        value(
            &lentil_reverse::reverse(&reverse, &[true, false]),
            &[a, 1.0, 1.0],
        ),
        bend,
    );
    near(
        value(&lentil_reverse::forward(&reverse), &[a, 1.0, 1.0, 0.0]),
        bend,
    );
    near(
        value(
            &lentil_reverse::reverse(&forward, &[true, false]),
            &[a, 1.0, 1.0],
        ),
        bend,
    );
}
