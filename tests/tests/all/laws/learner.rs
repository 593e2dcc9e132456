//! Learners compose, and a learner's step is what is written by hand in textbooks.

use lentil_core::Program;
use lentil_tests::near::error;
use lentil_tests::passes::optimised;
use lentil_tests::program::{DOUBLE, learner, load, lower, lower_reverse, must};
use lentil_unary::dice::Dice;
use lentil_unary::eval::eval;
use lentil_unary::{Array, Carrier, Type};

fn regression(model: &str, loss: &str, settings: &str) -> Program {
    load(&format!(
        r#"
import nn.dense
import loss.quadratic
import optim.descent

fn bend(x: Real) -> Real = sin(x)
fn squared[n](y: Real[n], t: Real[n]) -> Real = sum((y - t) ^ 2)

data points = csv("points.csv") {{
  columns = {{ x: Real, z: Real, t: Real, u: Real }},
  input   = {},
  target  = {},
}}

learner fit = {{
  model     = {model},
  loss      = {loss},
  optimizer = descent(rate: 0.01),
  data      = points,
  {settings}
}}
"#,
        if model == "dense[1, 1]" {
            "[x]"
        } else {
            "[x, z]"
        },
        if model == "dense[1, 1]" {
            "[t]"
        } else {
            "[t, u]"
        },
    ))
}

fn real(shape: &[usize], values: &[f64]) -> Array {
    Array::from_f64(Type::array(Carrier::F64, shape), values)
}

fn order(values: &[f64]) -> Array {
    Array::from_f64(Type::array(Carrier::Int, [values.len()]), values)
}

/// Linear regression as in the package for parametric lenses in GAP: 15 epochs of single examples.
#[test]
fn a_line_is_fitted_as_published() {
    let program = regression("dense[1, 1]", "squared", "epochs = 15");
    let learner = learner(&program, &DOUBLE);
    assert_eq!(learner.batch, 1);
    let epoch = optimised(&must("an epoch", learner.epoch(3)).region);
    let evaluate = optimised(&must("evaluation", learner.evaluate(3)).region);
    let x = real(&[3, 1], &[1.0, 2.0, 3.0]);
    let t = real(&[3, 1], &[2.9, 5.1, 7.05]);
    let loss = |p: &[Array]| {
        let args = [p, &[x.clone(), t.clone()]].concat();
        let losses = eval(&evaluate, &args).expect("no index")[0].to_f64();
        losses.iter().sum::<f64>() / 3.0
    };
    let mut p = vec![real(&[1, 1], &[0.1]), real(&[1], &[-0.1])];
    assert_eq!(loss(&p), 26.777499999999993);
    for _ in 0..learner.epochs {
        let args = [&p[..], &[x.clone(), t.clone(), order(&[0.0, 1.0, 2.0])]].concat();
        p = eval(&epoch, &args).expect("rows in range");
        p.pop();
    }
    let theta = [p[0].to_f64()[0], p[1].to_f64()[0]];
    assert_eq!(
        format!("{:.5}, {:.6}", theta[0], theta[1]),
        "2.08995, 0.802632"
    );
    assert!((loss(&p) - 0.00478599).abs() < 5e-9, "{}", loss(&p));
}

const NETWORK: &str = "hidden: dense[2, 3] >> bend >> out: dense[3, 2]";

/// The parameters of the network, as matrices and vectors.
#[derive(Clone)]
struct Network {
    w1: [[f64; 2]; 3],
    b1: [f64; 3],
    w2: [[f64; 3]; 2],
    b2: [f64; 2],
}

impl Network {
    /// Gradient descent on half the mean squared distance, every derivative by hand.
    #[allow(clippy::needless_range_loop)] // indices as in the formulas
    fn descend(&mut self, xs: &[[f64; 2]], ts: &[[f64; 2]], rate: f64) -> f64 {
        let before = self.clone();
        let share = 1.0 / xs.len() as f64;
        let mut loss = 0.0;
        for (x, t) in xs.iter().zip(ts) {
            let mut z = before.b1;
            for i in 0..3 {
                z[i] += before.w1[i][0] * x[0] + before.w1[i][1] * x[1];
            }
            let h = z.map(f64::sin);
            let mut dh = [0.0; 3];
            for k in 0..2 {
                let y: f64 = before.b2[k] + (0..3).map(|i| before.w2[k][i] * h[i]).sum::<f64>();
                let dy = (y - t[k]) * share;
                loss += 0.5 * share * (y - t[k]) * (y - t[k]);
                self.b2[k] -= rate * dy;
                for i in 0..3 {
                    self.w2[k][i] -= rate * dy * h[i];
                    dh[i] += before.w2[k][i] * dy;
                }
            }
            for i in 0..3 {
                let dz = dh[i] * z[i].cos();
                self.b1[i] -= rate * dz;
                self.w1[i][0] -= rate * dz * x[0];
                self.w1[i][1] -= rate * dz * x[1];
            }
        }
        loss
    }

    fn arrays(&self) -> Vec<Array> {
        vec![
            real(&[3, 2], self.w1.as_flattened()),
            real(&[3], &self.b1),
            real(&[2, 3], self.w2.as_flattened()),
            real(&[2], &self.b2),
        ]
    }

    fn start() -> Network {
        let mut dice = Dice::new(4);
        let mut pair = || [dice.real(), dice.real()];
        let w1 = [pair(), pair(), pair()];
        let mut triple = || [dice.real(), dice.real(), dice.real()];
        let (b1, w2) = (triple(), [triple(), triple()]);
        Network {
            w1,
            b1,
            w2,
            b2: [0.2, -0.4],
        }
    }
}

fn examples(n: usize) -> (Vec<[f64; 2]>, Vec<[f64; 2]>) {
    let mut dice = Dice::new(8);
    let mut all = || (0..n).map(|_| [dice.real(), dice.real()]).collect();
    (all(), all())
}

fn flat(arrays: &[Array]) -> Vec<f64> {
    arrays.iter().flat_map(Array::to_f64).collect()
}

/// The learner of a composite model is gradient descent on the composite network.
#[test]
fn a_composite_learner_is_descent_on_the_network() {
    let program = regression(NETWORK, "quadratic", "batch = 4");
    let learner = learner(&program, &DOUBLE);
    let paths: Vec<&str> = learner.params.iter().map(|(p, _)| p.as_str()).collect();
    assert_eq!(paths, ["hidden.w", "hidden.b", "out.w", "out.b"]);
    let step = optimised(&must("a step", learner.step(4)).region);
    let mut by_hand = Network::start();
    let mut p = by_hand.arrays();
    let (x, t) = examples(4);
    for _ in 0..10 {
        let data = [
            real(&[4, 2], x.as_flattened()),
            real(&[4, 2], t.as_flattened()),
        ];
        p = eval(&step, &[&p[..], &data].concat()).expect("no index");
        let loss = p.pop().expect("a loss").to_f64()[0];
        let wanted = by_hand.descend(&x, &t, 0.01);
        assert!((loss - wanted).abs() < 1e-12, "{loss} is not {wanted}");
        assert!(error(&flat(&p), &flat(&by_hand.arrays())) < 1e-12);
    }
}

/// Two learners side by side on one wire, as in *Backprop as Functor*: each implements, the later
/// requests of the earlier, each updates itself. Together they are the learner of the composite.
#[test]
fn learners_compose_by_requests() {
    let program = regression(NETWORK, "quadratic", "batch = 1");
    let learner = learner(&program, &DOUBLE);
    let whole = optimised(&must("a step", learner.step(1)).region);
    let first = lower(&program, "hidden: dense[2, 3] >> bend").region;
    let second = lower(&program, "dense[3, 2]").region;
    let back = |text: &str| optimised(&lower_reverse(&program, text).region);
    let (back_first, back_second) = (back("hidden: dense[2, 3] >> bend"), back("dense[3, 2]"));
    let run = |f, args: &[&[Array]]| eval(f, &args.concat()).expect("no index");
    let update = |p: &[Array], dp: &[Array]| -> Vec<Array> {
        let step = |(p, d): (&Array, &Array)| {
            let next = p.to_f64().into_iter().zip(d.to_f64());
            let next: Vec<f64> = next.map(|(p, d)| p - 0.01 * d).collect();
            Array::from_f64(p.ty().clone(), &next)
        };
        p.iter().zip(dp).map(step).collect()
    };

    let mut composite = Network::start().arrays();
    let (mut p, mut q) = (composite[..2].to_vec(), composite[2..].to_vec());
    let (xs, ts) = examples(6);
    for (x, t) in xs.iter().zip(&ts) {
        let input = [real(&[2], x)];
        let y = run(&first, &[&p, &input]);
        let z = run(&second, &[&q, &y]);
        let dz: Vec<f64> = z[0].to_f64().iter().zip(t).map(|(z, t)| z - t).collect();
        let request = run(&back_second, &[&q, &y, &[real(&[2], &dz)]]);
        let asked = run(&back_first, &[&p, &input, &request[2..]]);
        q = update(&q, &request[..2]);
        p = update(&p, &asked[..2]);

        let data = [real(&[1, 2], x), real(&[1, 2], t)];
        composite = run(&whole, &[&composite, &data]);
        composite.pop();
        let parts = [flat(&p), flat(&q)].concat();
        assert!(error(&flat(&composite), &parts) < 1e-12);
    }
}

/// An epoch is its steps in the order that is given, the last one on what is left.
#[test]
fn an_epoch_is_its_steps() {
    let program = regression(NETWORK, "quadratic", "batch = 2");
    let learner = learner(&program, &DOUBLE);
    let epoch = optimised(&must("an epoch", learner.epoch(5)).region);
    let (xs, ts) = examples(5);
    let start = Network::start();
    let rows = [3.0, 0.0, 4.0, 2.0, 1.0];
    let data = [
        real(&[5, 2], xs.as_flattened()),
        real(&[5, 2], ts.as_flattened()),
        order(&rows),
    ];
    let mut p = eval(&epoch, &[&start.arrays()[..], &data].concat()).expect("rows in range");
    let losses = p.pop().expect("losses").to_f64();

    let mut by_hand = start;
    let mut wanted = Vec::new();
    for batch in rows.chunks(2) {
        let of = |all: &[[f64; 2]]| -> Vec<[f64; 2]> {
            batch.iter().map(|&r| all[r as usize]).collect()
        };
        wanted.push(by_hand.descend(&of(&xs), &of(&ts), 0.01));
    }
    assert!(
        error(&losses, &wanted) < 1e-12,
        "{losses:?} is not {wanted:?}"
    );
    assert!(error(&flat(&p), &flat(&by_hand.arrays())) < 1e-12);
}
