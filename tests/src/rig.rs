//! Small regions that put a program and its derivatives together, to state laws of them.

use std::sync::Arc;

use lentil_unary::eval::eval;
use lentil_unary::{Array, Builder, Function, Op, Region, Slot, Type};

/// The types of the changes of a list of types.
pub fn changes(types: &[Type]) -> Vec<Type> {
    let differentiable = types.iter().filter(|t| t.differentiable());
    differentiable.cloned().collect()
}

/// A region as a function.
pub fn function(name: &str, region: &Region) -> Arc<Function> {
    Arc::new(Function {
        name: name.to_string(),
        region: region.clone(),
    })
}

/// `R[f]`: arguments and cotangents to cotangents.
pub fn reverse(f: &Region) -> Region {
    derivative(f, &changes(&f.result_types()), Op::Reverse)
}

/// `D[f]`: arguments and tangents to tangents.
pub fn forward(f: &Region) -> Region {
    derivative(f, &changes(f.params()), Op::Forward)
}

fn derivative(f: &Region, extra: &[Type], op: fn(Arc<Function>) -> Op) -> Region {
    let mut b = Builder::new([f.params(), extra].concat());
    let slots = b.param_slots();
    let results = b.emit(op(function("f", f)), &slots);
    b.finish(results)
}

/// `f >> g`: what the first gives, the second takes.
pub fn compose(f: &Region, g: &Region) -> Region {
    let mut b = Builder::new(f.params().to_vec());
    let middle = b.inline(f, &b.param_slots());
    let results = b.inline(g, &middle);
    b.finish(results)
}

/// `f | g`: side by side.
pub fn beside(f: &Region, g: &Region) -> Region {
    let mut b = Builder::new([f.params(), g.params()].concat());
    let slots = b.param_slots();
    let (left, right) = slots.split_at(f.params().len());
    let results = [b.inline(f, left), b.inline(g, right)].concat();
    b.finish(results)
}

/// `<f, g>`: both of the same arguments.
pub fn pair(f: &Region, g: &Region) -> Region {
    let mut b = Builder::new(f.params().to_vec());
    let slots = b.param_slots();
    let results = [b.inline(f, &slots), b.inline(g, &slots)].concat();
    b.finish(results)
}

/// A region that computes with the parameters as given.
pub fn region(params: &[Type], make: impl FnOnce(&mut Builder, &[Slot]) -> Vec<Slot>) -> Region {
    let mut b = Builder::new(params.to_vec());
    let slots = b.param_slots();
    let results = make(&mut b, &slots);
    b.finish(results)
}

/// The results of a region after its derivatives are resolved, and nothing else is done to it.
///
/// # Panics
/// If the run stops.
pub fn run(region: &Region, args: &[Array]) -> Vec<Array> {
    let plain = crate::passes::plain(region);
    eval(&plain, args).unwrap_or_else(|trap| panic!("{trap:?}\n{region}"))
}

/// The sums of two lists of arrays.
pub fn add(x: &[Array], y: &[Array]) -> Vec<Array> {
    let sum = |(x, y): (&Array, &Array)| {
        let types = [x.ty().clone(), y.ty().clone()];
        let sum = region(&types, |b, s| vec![b.add(s[0], s[1])]);
        eval(&sum, &[x.clone(), y.clone()]).expect("a sum stops nowhere")[0].clone()
    };
    x.iter().zip(y).map(sum).collect()
}

/// The inner product of two lists of arrays over one carrier; `None` if they are empty lists.
pub fn inner(x: &[Array], y: &[Array]) -> Option<Array> {
    let types: Vec<Type> = x.iter().chain(y).map(|a| a.ty().clone()).collect();
    let carrier = types.first()?.carrier;
    let products = region(&types, |b, s| {
        let (x, y) = s.split_at(x.len());
        let mut sum = b.zeros(&Type::scalar(carrier));
        for (&x, &y) in x.iter().zip(y) {
            let product = b.mul(x, y);
            let axes: Vec<usize> = (0..b.ty(product).rank()).collect();
            let product = b.sum(product, &axes);
            sum = b.add(sum, product);
        }
        vec![sum]
    });
    let args = [x, y].concat();
    Some(eval(&products, &args).expect("a product stops nowhere")[0].clone())
}
