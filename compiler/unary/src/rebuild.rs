//! Passes that put something in the place of each step, in the regions inside operations too.
//!
//! Functions that call functions twice are a graph, not a tree: each function and each body is rebuilt
//! once. What did not change is kept itself, so that it is quickly seen to be equal.

use std::collections::HashMap;
use std::sync::Arc;

use crate::build::Builder;
use crate::syntax::{Function, Lens, Loop, Op, Region, Slot, Step};

/// The region with something in the place of each step: what is appended of a step and of the new slots of
/// its arguments. It returns a slot for each of the step's results.
pub fn rebuild(
    region: &Region,
    append: impl FnMut(&mut Builder, &Step, &[Slot]) -> Vec<Slot>,
) -> Region {
    let mut b = Builder::new(region.params().to_vec());
    let params = b.param_slots();
    let results = b.inline_with(region, &params, append);
    b.finish(results)
}

/// What has become of bodies and functions. Looked up, never iterated over.
#[derive(Default)]
pub struct Rebuilt {
    bodies: HashMap<Arc<Region>, Arc<Region>>,
    functions: HashMap<Arc<Function>, Arc<Function>>,
}

/// A pass over a region and the regions inside.
pub trait Rebuild {
    /// What has been rebuilt so far.
    fn rebuilt(&mut self) -> &mut Rebuilt;

    /// Appends what takes the place of an operation and returns the slots of its results: the operation
    /// itself with what is inside rebuilt, unless a pass says otherwise.
    fn append(&mut self, b: &mut Builder, op: &Op, args: &[Slot]) -> Vec<Slot> {
        b.emit(self.inside(op), args)
    }

    /// The region rebuilt, be it the whole, a body or that of a function.
    fn region(&mut self, region: &Region) -> Region {
        rebuild(region, |b, step, args| self.append(b, &step.op, args))
    }

    /// The body of a loop, or an arm, rebuilt.
    fn body(&mut self, body: &Arc<Region>) -> Arc<Region> {
        if let Some(known) = self.rebuilt().bodies.get(body) {
            return known.clone();
        }
        let region = self.region(body);
        let made = if region == **body {
            body.clone()
        } else {
            Arc::new(region)
        };
        self.rebuilt().bodies.insert(body.clone(), made.clone());
        made
    }

    /// A function that is called, rebuilt.
    fn function(&mut self, f: &Arc<Function>) -> Arc<Function> {
        if let Some(known) = self.rebuilt().functions.get(f) {
            return known.clone();
        }
        let region = self.region(&f.region);
        let made = f.with_region(region);
        self.rebuilt().functions.insert(f.clone(), made.clone());
        made
    }

    /// What takes the place of a function that is differentiated: itself, unless a pass says otherwise.
    fn derivand(&mut self, f: &Arc<Function>) -> Arc<Function> {
        f.clone()
    }

    /// The operation with the bodies and functions inside rebuilt.
    fn inside(&mut self, op: &Op) -> Op {
        match op {
            Op::Prim(_) => op.clone(),
            Op::Loop(l) => Op::Loop(Loop {
                body: self.body(&l.body),
                ..l.clone()
            }),
            Op::Cond { then, otherwise } => Op::Cond {
                then: self.body(then),
                otherwise: self.body(otherwise),
            },
            Op::Call(f) => Op::Call(self.function(f)),
            Op::Reverse(f) => Op::Reverse(self.derivand(f)),
            Op::Forward(f) => Op::Forward(self.derivand(f)),
            Op::Lens(l) => {
                let (get, put) = (self.function(&l.get), self.function(&l.put));
                let kept = Arc::ptr_eq(&get, &l.get) && Arc::ptr_eq(&put, &l.put);
                Op::Lens(if kept {
                    l.clone()
                } else {
                    Arc::new(Lens::new(get, put))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carrier::{Carrier, Type};
    use crate::prim::{Prim, UnaryOp};
    use crate::syntax::tests::{number, of_one, tower};

    /// Cosines in the place of sines; counts the regions it is asked to rebuild.
    #[derive(Default)]
    struct Turn {
        rebuilt: Rebuilt,
        regions: usize,
    }

    impl Rebuild for Turn {
        fn rebuilt(&mut self) -> &mut Rebuilt {
            &mut self.rebuilt
        }

        fn append(&mut self, b: &mut Builder, op: &Op, args: &[Slot]) -> Vec<Slot> {
            match op {
                Op::Prim(Prim::Unary(UnaryOp::Sin)) => vec![b.unary(UnaryOp::Cos, args[0])],
                op => b.emit(self.inside(op), args),
            }
        }

        fn region(&mut self, region: &Region) -> Region {
            self.regions += 1;
            rebuild(region, |b, step, args| self.append(b, &step.op, args))
        }
    }

    #[test]
    fn a_function_is_rebuilt_once_however_often_it_is_called() {
        let mut turn = Turn::default();
        let turned = turn.function(&tower(UnaryOp::Sin));
        assert_eq!(turned, tower(UnaryOp::Cos));
        assert_eq!(turn.regions, 41);
    }

    #[test]
    fn what_does_not_change_is_kept_itself() {
        let f = tower(UnaryOp::Exp);
        assert!(Arc::ptr_eq(&Turn::default().function(&f), &f));

        let body = Arc::new(of_one(UnaryOp::Exp));
        assert!(Arc::ptr_eq(&Turn::default().body(&body), &body));

        let put = Arc::new(Function {
            name: "put".to_string(),
            region: {
                let mut b = Builder::new([number(), number()].concat());
                let dy = b.param(1);
                let dx = b.neg(dy);
                b.finish(vec![dx])
            },
        });
        let lens = Arc::new(Lens::new(f, put.clone()));
        let Op::Lens(kept) = Turn::default().inside(&Op::Lens(lens.clone())) else {
            panic!("a lens stays a lens");
        };
        assert!(Arc::ptr_eq(&kept, &lens));
        let lens = Arc::new(Lens::new(tower(UnaryOp::Sin), put.clone()));
        let turned = Turn::default().inside(&Op::Lens(lens));
        let wanted = Op::Lens(Arc::new(Lens::new(tower(UnaryOp::Cos), put)));
        assert_eq!(turned, wanted);
    }

    #[test]
    fn bodies_are_rebuilt_once_and_derivands_are_left() {
        let both = |op: UnaryOp, derivand: UnaryOp| {
            let mut b = Builder::new([vec![Type::scalar(Carrier::Bool)], number()].concat());
            let (c, x) = (b.param(0), b.param(1));
            let arm = Arc::new(of_one(op));
            let cond = Op::Cond {
                then: arm.clone(),
                otherwise: arm,
            };
            let y = b.emit(cond, &[c, x])[0];
            let derivand = tower(derivand);
            let dx = b.emit(Op::Reverse(derivand.clone()), &[x, y])[0];
            let dy = b.emit(Op::Forward(derivand), &[x, y])[0];
            b.finish(vec![dx, dy])
        };
        let mut turn = Turn::default();
        let turned = turn.region(&both(UnaryOp::Sin, UnaryOp::Sin));
        assert_eq!(turned, both(UnaryOp::Cos, UnaryOp::Sin));
        assert_eq!(turn.regions, 2);
    }
}
