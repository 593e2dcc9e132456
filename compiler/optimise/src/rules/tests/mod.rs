//! Each rule fires on its example, says something true there, and is silent where it must be.
//!
//! Exact rules are compared bit for bit on odd floating-point numbers; ring rules over a field with a large
//! prime (two different polynomials agree at random places with probability below 2^-24: Schwartz and
//! Zippel), and over Z2 and `Int`; bit rules on all inputs; real rules at random places up to rounding.

use egg::Id;
use lentil_unary::eval::eval;
use lentil_unary::{Array, Builder, Carrier, CompareOp, Literal, Prim, Region, Slot, Type};

mod case;
mod exact;
mod ring;
mod value;

use case::{Case, Make, params};

use super::{Rule, Validity, all};
use crate::graph::{Graph, Term, of_region};
use crate::options::Arithmetic;

/// The cases of all rules.
fn cases() -> Vec<Case> {
    let tables = [
        exact::exact(),
        exact::structure(),
        ring::ring(),
        value::bit(),
        value::real(),
    ];
    tables.into_iter().flatten().collect()
}

const PRIME: u32 = 4_294_967_291;

fn carriers(rule: &Rule) -> Vec<Carrier> {
    match rule.validity {
        Validity::Exact => vec![
            Carrier::F64,
            Carrier::F32,
            Carrier::Int,
            Carrier::Mod(PRIME),
        ],
        Validity::Ring if rule.name == "two is zero" => vec![Carrier::Bit, Carrier::Mod(2)],
        Validity::Ring => vec![
            Carrier::Mod(PRIME),
            Carrier::Mod(12),
            Carrier::Int,
            Carrier::Bit,
            Carrier::F64,
        ],
        Validity::Bit => vec![Carrier::Bit],
        Validity::Real => vec![Carrier::F64],
    }
}

/// Whether a program exists on a carrier: some functions are for ordered carriers only.
fn fits(carrier: Carrier, name: &str) -> bool {
    name != "absolute of a sign" || carrier.is_real() || carrier == Carrier::Int
}

fn region(make: Make, carrier: Carrier) -> Region {
    let mut b = Builder::new(params(carrier));
    let p = b.param_slots();
    let result = make(&mut b, carrier, &p);
    b.finish(vec![result])
}

/// For each term that a rule gives on a region: the region with two results, what was there and the term.
fn claims(rule: &Rule, region: &Region) -> Vec<Region> {
    let (graph, slots) = of_region(region);
    let mut claims = Vec::new();
    let mut classes: Vec<Id> = graph.classes().map(|c| c.id).collect();
    classes.sort();
    for class in classes {
        for (class, term) in
            crate::optimise::terms(&graph, rule, class, Arithmetic::Real, usize::MAX)
        {
            let mut b = Builder::new(region.params().to_vec());
            let params = b.param_slots();
            let mut map = params.clone();
            for step in region.steps() {
                let args: Vec<Slot> = step.args.iter().map(|a| map[a.index()]).collect();
                map.extend(b.emit(step.op.clone(), &args));
            }
            // A class that no step made is a constant that was folded: its term needs no check.
            let Some(at) = slots
                .iter()
                .position(|&id| graph.find(id) == graph.find(class))
            else {
                continue;
            };
            if let Some(after) = build(&mut b, &graph, &slots, &map, &term) {
                claims.push(b.finish(vec![map[at], after]));
            }
        }
    }
    claims
}

fn build(b: &mut Builder, graph: &Graph, slots: &[Id], map: &[Slot], term: &Term) -> Option<Slot> {
    match term {
        Term::Class(id) => {
            let at = slots
                .iter()
                .position(|&s| graph.find(s) == graph.find(*id))?;
            Some(map[at])
        }
        Term::Node(prim, args) => {
            let args = args.iter().map(|t| build(b, graph, slots, map, t));
            let args: Vec<Slot> = args.collect::<Option<_>>()?;
            Some(b.prim(prim.clone(), &args))
        }
    }
}

struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn value(&mut self, carrier: Carrier, validity: Validity) -> Literal {
        let odd = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            1e-310,
            1e300,
            0.1,
        ];
        match (carrier, validity) {
            (Carrier::F32 | Carrier::F64, Validity::Exact) => {
                Literal::real(carrier, odd[self.next() as usize % odd.len()])
            }
            (Carrier::F32 | Carrier::F64, _) => {
                Literal::real(carrier, (self.next() % 4001) as f64 / 1000.0 - 2.0003)
            }
            _ => Literal::integer(carrier, (self.next() >> 1) as i64),
        }
    }

    fn array(&mut self, ty: &Type, validity: Validity) -> Array {
        let mut b = Builder::new(Vec::new());
        let parts: Vec<Slot> = (0..ty.len())
            .map(|_| {
                let scalar = b.literal(self.value(ty.carrier, validity));
                b.reshape(scalar, &[1])
            })
            .collect();
        let joined = b.prim(Prim::Concat(0), &parts);
        let shaped = b.prim(Prim::Reshape(ty.shape.clone()), &[joined]);
        let mut results = eval(&b.finish(vec![shaped]), &[]).expect("constants");
        results.remove(0)
    }
}

fn agrees(validity: Validity, before: &Array, after: &Array) -> bool {
    let carrier = before.ty().carrier;
    before.ty() == after.ty()
        && (0..before.ty().len()).all(|k| {
            let (x, y) = (before.literal(k), after.literal(k));
            let (p, q) = (x.as_f64(), y.as_f64());
            match validity {
                Validity::Ring | Validity::Real if carrier.is_real() => {
                    (p - q).abs() <= 1e-12 * (1.0 + p.abs()) || (p.is_nan() && q.is_nan())
                }
                _ => x == y || (carrier.is_real() && p.is_nan() && q.is_nan()),
            }
        })
}

#[test]
fn every_rule_has_a_case_and_every_case_a_rule() {
    let mut names: Vec<_> = all().iter().map(|r| r.name).collect();
    let mut cases: Vec<_> = cases().iter().map(|c| c.name).collect();
    names.sort_unstable();
    cases.sort_unstable();
    assert_eq!(names, cases);
    names.dedup();
    assert_eq!(names, cases, "a name twice");
}

#[test]
fn every_rule_fires_where_it_should_says_what_is_true_and_is_silent_where_it_should() {
    let mut numbers = Numbers(0x9E3779B97F4A7C15);
    let cases = cases();
    for rule in all() {
        let case = cases.iter().find(|c| c.name == rule.name).expect("a case");
        assert!(!case.silent.is_empty() && !case.fires.is_empty());
        for carrier in carriers(rule) {
            for (k, &make) in case.fires.iter().enumerate() {
                if !fits(carrier, case.name) {
                    continue;
                }
                let claims = claims(rule, &region(make, carrier));
                assert!(
                    !claims.is_empty(),
                    "{} is silent on {k} over {carrier}",
                    rule.name
                );
                for claim in &claims {
                    assert_eq!(
                        claim.result_types()[0],
                        claim.result_types()[1],
                        "{}",
                        rule.name
                    );
                    holds(rule, claim, &mut numbers);
                }
            }
            for (k, &make) in case.silent.iter().enumerate() {
                if fits(carrier, case.name) {
                    let claims = claims(rule, &region(make, carrier));
                    assert!(
                        claims.is_empty(),
                        "{} speaks on {k} over {carrier}",
                        rule.name
                    );
                }
            }
        }
    }
}

fn holds(rule: &Rule, claim: &Region, numbers: &mut Numbers) {
    let check = |args: &[Array]| {
        let results = eval(claim, args).expect("no trap");
        let same = agrees(rule.validity, &results[0], &results[1]);
        assert!(same, "{} is wrong: {results:?} of {claim:?}", rule.name);
    };
    if rule.validity == Validity::Bit {
        // Elements do not meet each other: the same bits in every element of a matrix are all inputs.
        for bits in 0..32_i64 {
            let fill = |(k, ty): (usize, &Type)| {
                Array::full(Literal::integer(ty.carrier, bits >> k & 1), &ty.shape)
            };
            let args: Vec<Array> = claim.params().iter().enumerate().map(fill).collect();
            check(&args);
        }
        return;
    }
    for _ in 0..12 {
        let params = claim.params().iter();
        let args: Vec<Array> = params.map(|ty| numbers.array(ty, rule.validity)).collect();
        check(&args);
    }
}

#[test]
fn a_rule_that_mixes_up_shapes_is_caught_and_not_believed() {
    let mut b = Builder::new(params(Carrier::F64));
    let p = b.param_slots();
    let t = b.transpose(p[0], &[1, 0]);
    let wide = b.sum(t, &[0]);
    let (mut graph, slots) = of_region(&b.finish(vec![wide]));
    let wrong = Term::Class(slots[t.index()]);
    assert!(!crate::optimise::unite(
        &mut graph,
        slots[wide.index()],
        &wrong
    ));
    assert_eq!(graph.analysis.clashes, 1);
    // Also where a union is made without asking.
    graph.union(slots[wide.index()], slots[t.index()]);
    graph.rebuild();
    assert!(graph.analysis.clashes > 1);
}

#[test]
fn a_rule_that_mixes_up_constants_is_caught() {
    let mut b = Builder::new(Vec::new());
    let (two, three) = (b.int(2), b.int(3));
    let (mut graph, slots) = of_region(&b.finish(vec![two, three]));
    crate::optimise::unite(&mut graph, slots[0], &Term::Class(slots[1]));
    graph.rebuild();
    assert!(graph.analysis.clashes > 0);
}

#[test]
fn comparisons_of_constants_are_folded_as_the_evaluator_does() {
    let mut b = Builder::new(Vec::new());
    let x = b.literal(Literal::real(Carrier::F32, 0.1));
    let y = b.literal(Literal::real(Carrier::F32, 0.2));
    let sum = b.add(x, y);
    let less = b.compare(CompareOp::Lt, x, sum);
    let (graph, slots) = of_region(&b.finish(vec![less]));
    let fact = |slot: Slot| graph[slots[slot.index()]].data.uniform;
    assert_eq!(fact(less), Some(Literal::one(Carrier::Bool)));
    assert_eq!(
        fact(sum),
        Some(Literal::real(Carrier::F32, f64::from(0.1_f32 + 0.2_f32)))
    );
}

#[test]
fn adding_a_positive_zero_is_not_nothing_in_floating_point() {
    let add: Make = |b, c, p| {
        let zero = case::number(b, c, 0);
        b.add(p[0], zero)
    };
    let rule = all().into_iter().find(|r| r.name == "take away nothing");
    let rule = rule.expect("the rule");
    assert!(claims(rule, &region(add, Carrier::F64)).is_empty());
    assert_eq!(claims(rule, &region(add, Carrier::Int)).len(), 1);
}
