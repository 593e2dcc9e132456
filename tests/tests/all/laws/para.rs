//! Parametrised maps, and their reparametrisation: `f` at the parameters that a map `r` gives.

use lentil_tests::program::load;

use super::{BLOCKS, equal, form, identical};

const MODELS: &str = "
fn outer(q: Real[3]) -> Real[3, 3] = [q[i] * q[j] + 0.1 for i, j]
fn doubled(q: Real[2]) -> Real[3] = [q[0], q[1], q[0] * q[1]]

/// A layer whose matrix is made of a vector.
model low[n](q: Real[n] ~ ones; x: Real[n]) -> Real[n] = dense([q[i] * q[j] + 0.1 for i, j], q; x)

/// The same layer, its parameters made in two steps.
model lower(p: Real[2] ~ ones; x: Real[3]) -> Real[3] = low(doubled(p); x)
model lower_at_once(p: Real[2] ~ ones; x: Real[3]) -> Real[3] =
  dense(outer(doubled(p)), doubled(p); x)

/// Tied weights: a composite reparametrised along copying.
model twice(q: Real[3] ~ ones; x: Real[3]) -> Real[3] = low(q; low(q; x))
";

fn program(more: &str) -> lentil_core::Program {
    load(&format!("{BLOCKS}{MODELS}{more}"))
}

/// Reparametrising by a composite is reparametrising twice.
#[test]
fn reparametrisation_composes() {
    equal(&program(""), "lower", "lower_at_once");
}

/// The cotangent of the new parameters is pulled back through the map that makes the old ones.
#[test]
fn r_of_a_reparametrised_map() {
    let program = program(
        "
fn layer(w: Real[3, 3], b: Real[3], x: Real[3]) -> Real[3] = dense(w, b; x)
fn one(q: Real[3], x: Real[3], dy: Real[3]) -> (Real[3], Real[3]) =
  rev(fn(q, x) => low(q; x))(q, x, dy)
fn other(q: Real[3], x: Real[3], dy: Real[3]) -> (Real[3], Real[3]) = {
  let (dw, db, dx) = rev(layer)(outer(q), q, x, dy);
  (rev(outer)(q, dw) + db, dx)
}
",
    );
    equal(&program, "one", "other");
}

/// Using parameters twice adds their cotangents: reparametrisation along copying.
#[test]
fn tied_weights_are_copied_parameters() {
    let program = program(
        "
fn both(p: Real[3], q: Real[3], x: Real[3]) -> Real[3] = low(q; low(p; x))
fn one(q: Real[3], x: Real[3], dy: Real[3]) -> Real[3] =
  rev(fn(q) => twice(q; x))(q, dy)
fn other(q: Real[3], x: Real[3], dy: Real[3]) -> Real[3] = {
  let (dp, dq, dx) = rev(both)(q, q, x, dy);
  dp + dq
}
",
    );
    equal(&program, "one", "other");
    equal(&program, "twice", "tied[2](low[3])");
}

/// Composition of parametrised maps puts their parameters beside each other, under their labels; a
/// model that takes its parts in by `use` is their composite.
#[test]
fn composites_take_the_parameters_of_their_factors() {
    let program = program(
        "
model written(; x: Real[3]) -> Real[3] {
  use p = low[3]
  use q = low[3]
  q(sin(p(x)))
}
",
    );
    identical(&program, "written", "p: low[3] >> sin >> q: low[3]");
    let (paths, _) = form(&program, "written");
    assert_eq!(paths, ["p.q", "q.q"]);
}
