//! What is traced is shown by the evaluators and by machine code alike. There is one watcher for the
//! process, so this is a program of its own, of one test.

use std::sync::{Arc, Mutex};

use lentil_jit::{Options, compile};
use lentil_loops::check::check;
use lentil_loops::{eval::eval as run_loops, lower};
use lentil_unary::{Array, Builder, Carrier, Prim, Region, Type, eval, watch};

/// Of `x`, its square and then, three times, its state doubled; and what nothing reads is not shown.
fn traced(carrier: Carrier) -> Region {
    let ty = Type::array(carrier, [2]);
    let trace = |b: &mut Builder, name: &str, x| b.prim(Prim::Trace(name.into()), &[x]);
    let mut b = Builder::new(vec![Type::scalar(Carrier::Int), ty.clone()]);
    let twice = b.add(b.param(1), b.param(1));
    let shown = trace(&mut b, "state", twice);
    let body = b.finish(vec![shown]);
    let mut b = Builder::new(vec![ty]);
    let square = b.mul(b.param(0), b.param(0));
    let square = trace(&mut b, "square", square);
    let states = b.for_loop(3, false, &[], &[], &[square], body);
    let result = trace(&mut b, "result", states[0]);
    b.finish(vec![result])
}

#[test]
fn everybody_shows_the_same() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let into = seen.clone();
    watch::set(Some(Arc::new(move |name: &str, value: &Array| {
        into.lock().unwrap().push((name.to_string(), value.clone()));
    })));
    let taken = || std::mem::take(&mut *seen.lock().unwrap());
    for carrier in [Carrier::F32, Carrier::F64, Carrier::Mod(7), Carrier::Int] {
        let region = traced(carrier);
        let args = [Array::from_f64(Type::array(carrier, [2]), &[1.0, 3.0])];
        let expected = eval::eval(&region, &args).unwrap();
        let shown = taken();
        let names: Vec<&str> = shown.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["square", "state", "state", "state", "result"]);
        assert_eq!(shown[4].1, expected[0]);
        let numbers = |k: usize| shown[k].1.to_f64();
        match carrier {
            Carrier::Mod(_) => assert_eq!(numbers(1), [2.0, 4.0]),
            _ => assert_eq!(numbers(1), [2.0, 18.0]),
        }

        let options = Options::default();
        let program = lower(&region, &options).unwrap();
        check(&program).unwrap();
        assert_eq!(run_loops(&program, &args).unwrap(), expected);
        assert_eq!(taken(), shown, "loops over {carrier}");

        assert_eq!(
            compile(&region, &options).unwrap().run(&args).unwrap(),
            expected
        );
        assert_eq!(taken(), shown, "machine code over {carrier}");
    }
    // A watcher that panics does not take the program with it.
    watch::set(Some(Arc::new(|_: &str, _: &Array| panic!("at a watcher"))));
    let region = traced(Carrier::F64);
    let args = [Array::from_f64(Type::array(Carrier::F64, [2]), &[1.0, 3.0])];
    let found = compile(&region, &Options::default())
        .unwrap()
        .run(&args)
        .unwrap();
    assert_eq!(found[0].to_f64(), [8.0, 72.0]);
}
