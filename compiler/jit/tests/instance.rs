//! Running compiled programs: states fed back, 64 samples a word, long straight lines, memory given back.

use lentil_jit::{Options, compile};
use lentil_unary::{
    Array, BinaryOp, Builder, Carrier, Data, Fold, Prim, Region, Site, Trap, Type, UnaryOp, eval,
    generate,
};

fn exact() -> Options {
    Options {
        exact: true,
        ..Options::default()
    }
}

#[test]
fn states_are_fed_back() {
    let ty = Type::array(Carrier::F64, [3]);
    let mut b = Builder::new(vec![ty.clone(), Type::scalar(Carrier::F64)]);
    let [x, c] = [0, 1].map(|k| b.param(k));
    let c = b.stretch(c, &[3]);
    let half = b.mul(x, c);
    let sum = b.sum(half, &[0]);
    let region = b.finish(vec![half, sum]);
    let compiled = compile(&region, &exact()).unwrap();
    let mut instance = compiled.instance();
    instance.set_input(0, &Array::from_f64(ty, &[8.0, 16.0, -64.0]));
    instance.input_mut::<f64>(1)[0] = 0.5;
    for _ in 0..3 {
        instance.step().unwrap();
        instance.feed_back(0, 0);
    }
    assert_eq!(instance.input_mut::<f64>(0), [1.0, 2.0, -8.0]);
    assert_eq!(instance.output(1).to_f64(), [-5.0]);
}

#[test]
fn a_trap_leaves_the_instance_usable() {
    let mut b = Builder::new(vec![
        Type::array(Carrier::Int, [3]),
        Type::scalar(Carrier::Int),
    ]);
    let [x, at] = [0, 1].map(|k| b.param(k));
    let gather = Prim::Gather {
        axes: 1,
        site: Site(41),
    };
    let found = b.prim(gather, &[x, at]);
    let compiled = compile(&b.finish(vec![found]), &exact()).unwrap();
    let mut instance = compiled.instance();
    instance.input_mut::<i64>(0).copy_from_slice(&[10, 20, 30]);
    for (index, expected) in [(2, Ok(30)), (3, Err(3)), (-1, Err(-1)), (0, Ok(10))] {
        instance.input_mut::<i64>(1)[0] = index;
        let outcome = instance.step().map(|()| instance.output_slice::<i64>(0)[0]);
        let expected = expected.map_err(|index| Trap {
            site: Site(41),
            index,
            size: 3,
        });
        assert_eq!(outcome, expected);
    }
}

fn bits(region: &Region, seed: u64) -> Vec<Array> {
    generate::arguments(seed, region)
}

/// A model over bits: affine layers, products, an index that is no bit.
fn model() -> Region {
    let mut b = Builder::new(vec![
        Type::array(Carrier::Bit, [5]),
        Type::array(Carrier::Bit, [4, 5]),
        Type::array(Carrier::Bit, [4]),
    ]);
    let [x, w, bias] = [0, 1, 2].map(|k| b.param(k));
    let wx = b.contract(w, x, &[], &[(1, 0)]);
    let h = b.add(wx, bias);
    let turned = b.prim(Prim::Flip(vec![0]), &[h]);
    let p = b.mul(h, turned);
    let minus = b.neg(p);
    let all = b.reduce(Fold::Prod, minus, &[0]);
    let one = b.ones(&Type::array(Carrier::Bit, [4]));
    let not = b.add(p, one);
    let prefix = Prim::Scan {
        fold: Fold::Sum,
        axis: 0,
        exclusive: false,
        reverse: false,
    };
    let prefix = b.prim(prefix, &[not]);
    b.finish(vec![prefix, all])
}

#[test]
fn lanes_are_64_samples() {
    let region = model();
    let plain = compile(&region, &exact()).unwrap();
    let options = Options {
        lanes: true,
        ..exact()
    };
    let lanes = compile(&region, &options).unwrap();
    let samples: Vec<Vec<Array>> = (0..64).map(|seed| bits(&region, seed)).collect();
    let mut instance = lanes.instance();
    // The weights are the same for all samples; the data differ.
    for (k, weights) in samples[0].iter().enumerate().skip(1) {
        instance.set_input(k, weights);
    }
    let data: Vec<Array> = samples.iter().map(|s| s[0].clone()).collect();
    instance.set_lanes(0, &data);
    instance.step().unwrap();
    let mut seen = [0; 2];
    for (lane, x) in data.iter().enumerate() {
        let args = [x.clone(), samples[0][1].clone(), samples[0][2].clone()];
        let expected = plain.run(&args).unwrap();
        assert_eq!(Ok(expected.clone()), eval::eval(&region, &args));
        for (k, expected) in expected.iter().enumerate() {
            assert_eq!(&instance.output_lane(k, lane), expected, "lane {lane}");
        }
        if let Data::Byte(v) = expected[0].data() {
            seen[usize::from(v[0])] += 1;
        }
    }
    assert!(
        seen[0] > 0 && seen[1] > 0,
        "the samples tell nothing apart: {seen:?}"
    );
}

/// A straight line of gates, each of two earlier ones.
fn gates(n: usize) -> Region {
    let mut b = Builder::new(vec![Type::scalar(Carrier::Bit); 16]);
    let mut slots = b.param_slots();
    for k in 0..n {
        let near = slots[slots.len() - 1 - k * 7 % 13];
        let far = slots[k * 7919 % slots.len()];
        let op = if k % 3 == 0 {
            BinaryOp::Mul
        } else {
            BinaryOp::Add
        };
        let gate = b.binary(op, near, far);
        slots.push(gate);
    }
    b.finish(slots[slots.len() - 8..].to_vec())
}

#[test]
fn fifty_thousand_gates_compile() {
    let region = gates(50_000);
    let compiled = compile(&region, &exact()).unwrap();
    let args = bits(&region, 3);
    assert_eq!(compiled.run(&args), eval::eval(&region, &args));
}

#[test]
fn programs_come_and_go() {
    // Each sets aside address space for its code: without giving it back this would run out of it.
    let ty = Type::array(Carrier::F32, [4]);
    let mut b = Builder::new(vec![ty.clone()]);
    let x = b.param(0);
    let y = b.unary(UnaryOp::Sqrt, x);
    let region = b.finish(vec![y]);
    for k in 0..300 {
        let compiled = compile(&region, &exact()).unwrap();
        let instance = compiled.instance();
        drop(compiled);
        // The instance keeps the code alive.
        let mut instance = instance;
        instance.set_input(0, &Array::from_f64(ty.clone(), &[f64::from(k * k); 4]));
        instance.step().unwrap();
        assert_eq!(instance.output(0).to_f64(), [f64::from(k); 4]);
    }
}

#[test]
fn texts_show_the_program() {
    let ty = Type::array(Carrier::F32, [64]);
    let mut b = Builder::new(vec![ty.clone(), ty]);
    let [x, y] = [0, 1].map(|k| b.param(k));
    let product = b.mul(x, y);
    let compiled = compile(&b.finish(vec![product]), &exact()).unwrap();
    let clif = lentil_jit::clif_text(compiled.program()).unwrap();
    assert!(clif.contains("fmul") && clif.contains("f32x4"), "{clif}");
    let asm = lentil_jit::asm_text(compiled.program()).unwrap();
    assert!(asm.contains("mulps") && asm.contains("ret"), "{asm}");
}

/// A run whose flag is raised stops between two iterations, also those of loops inside of others and in
/// functions that are called; then the instance can be used again.
#[test]
fn a_run_is_given_up_between_iterations() {
    let text = "
function @far(%0: f64) {
    %1: f64 = loop 1000000000 (; ; %0) body(%0: int, %1: f64) {
        %2: f64 = loop 1000000000 (; ; %1) body(%0: int, %1: f64) {
            %2: f64 = sin %1
            yield %2
        }
        yield %2
    }
    yield %1
}

entry(%0: f64) {
    %1: f64 = call @far(%0)
    yield %1
}
";
    let endless = lentil_unary::parse::parse(text).expect("a program");
    let compiled = compile(&endless, &exact()).expect("machine code");
    let mut instance = compiled.instance();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let given_up = std::thread::scope(|scope| {
        let run = scope.spawn(|| instance.step_until(&stop));
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!run.is_finished(), "it has not begun, or is at its end");
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        run.join().expect("no panic")
    });
    assert_eq!(
        given_up.map_err(|trap| trap.site),
        Err(lentil_jit::GIVEN_UP)
    );
    // It was raised before: not one iteration is run.
    assert!(instance.step_until(&stop).is_err());
    let short = lentil_unary::parse::parse(&text.replace("1000000000", "3")).expect("a program");
    let compiled = compile(&short, &exact()).expect("machine code");
    let one = [Array::from_f64(Type::scalar(Carrier::F64), &[1.0])];
    assert_eq!(compiled.run(&one), eval::eval(&short, &one));
}
