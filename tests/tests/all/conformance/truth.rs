//! *Reverse Derivative Ascent*: the lookup circuit learns any truth table in one pass over its inputs.

use lentil::learner::{Part, Runnable};
use lentil_unary::{Array, Carrier, Data, Type};

const PROGRAM: &str = r#"
import nn.lookup
import loss.difference
import optim.ascent

data rows = csv("rows.csv") {
  columns = { a: Bit, b: Bit, c: Bit, y: Bit },
  input   = [a, b, c],
  target  = [y],
}

learner table = {
  model     = lookup[Bit, 3, 8, 1],
  loss      = difference,
  cap       = id,
  optimizer = ascent,
  data      = rows,
}
"#;

fn bits(shape: &[usize], bytes: Vec<u8>) -> Array {
    Array::new(Type::array(Carrier::Bit, shape), Data::Byte(bytes))
}

fn run(part: &Runnable, args: Vec<Array>) -> Vec<Array> {
    part.run(&args).unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn any_truth_table_is_learnt_in_one_pass() {
    let program = lentil::Program::from_source(PROGRAM).unwrap_or_else(|why| panic!("{why}"));
    let learner = program.learner(None).unwrap_or_else(|why| panic!("{why}"));
    let compile = |part| learner.compile(part).unwrap_or_else(|why| panic!("{why}"));
    let (epoch, predict) = (compile(Part::Epoch(8)), compile(Part::Predict(8)));
    let all: Vec<u8> = (0..8u8)
        .flat_map(|a| (0..3).map(move |j| a >> j & 1))
        .collect();
    let inputs = bits(&[8, 3], all);
    for table in 0..=255u8 {
        let wanted: Vec<u8> = (0..8).map(|a| table >> a & 1).collect();
        let targets = bits(&[8, 1], wanted.clone());
        // An order of its own for each table.
        let step = [1, 3, 5, 7][usize::from(table) % 4];
        let order = (0..8).map(|k| (k * step + i64::from(table)) % 8).collect();
        let order = Array::new(Type::array(Carrier::Int, [8]), Data::Int(order));
        let start = bits(&[1, 8], vec![0; 8]);
        let learnt = run(&epoch, vec![start, inputs.clone(), targets, order]);
        assert_eq!(
            learnt[0],
            bits(&[1, 8], wanted.clone()),
            "the table {table}"
        );
        let outputs = run(&predict, vec![learnt[0].clone(), inputs.clone()]);
        assert_eq!(outputs[0], bits(&[8, 1], wanted), "the table {table}");
    }
}
