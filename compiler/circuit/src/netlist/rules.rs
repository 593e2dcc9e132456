//! The rules that the builder applies to a new gate: it and the gates directly below it.
//!
//! All hold for functions of 0 and 1, and none adds a gate.
//! Each strictly lowers the wires it asks for, so following them ends.

use super::syntax::{Gate, Wire};

/// What a gate comes down to.
pub(super) enum Found {
    /// An existing wire.
    Wire(Wire),
    /// Another conjunction.
    And(Wire, Wire),
    /// An inverted conjunction.
    Nand(Wire, Wire),
    /// An exclusive or.
    Xor(Wire, Wire),
}

/// What `x * y` comes down to, if a rule fires; `x <= y`.
pub(super) fn and_rule(gates: &[Gate], x: Wire, y: Wire) -> Option<Found> {
    // 0 * y = 0     1 * y = y     y * y = y     !y * y = 0
    if x == Wire::FALSE || x == !y {
        return Some(Found::Wire(Wire::FALSE));
    }
    if x == Wire::TRUE || x == y {
        return Some(Found::Wire(y));
    }
    under_and(gates, x, y)
        .or_else(|| under_and(gates, y, x))
        .or_else(|| two_ands(gates, x, y))
}

/// What `x + y` comes down to, if a rule fires; `x <= y`, neither inverted.
pub(super) fn xor_rule(gates: &[Gate], x: Wire, y: Wire) -> Option<Found> {
    // y + y = 0     0 + y = y
    if x == y {
        return Some(Found::Wire(Wire::FALSE));
    }
    if x == Wire::FALSE {
        return Some(Found::Wire(y));
    }
    under_xor(gates, x, y)
        .or_else(|| under_xor(gates, y, x))
        .or_else(|| two_under_xor(gates, x, y))
}

/// Rules for `s * t` by what gate makes `t`.
fn under_and(gates: &[Gate], s: Wire, t: Wire) -> Option<Found> {
    match gates[t.gate()] {
        Gate::False | Gate::Input => None,
        Gate::And(a, b) => {
            for (a, b) in [(a, b), (b, a)] {
                if s == a && !t.inverted() {
                    return Some(Found::Wire(t)); // a * (a*b) = a*b
                }
                if s == !a && !t.inverted() {
                    return Some(Found::Wire(Wire::FALSE)); // !a * (a*b) = 0
                }
                if s == !a && t.inverted() {
                    return Some(Found::Wire(s)); // !a * !(a*b) = !a
                }
                if s == a && t.inverted() {
                    return Some(Found::And(s, !b)); // a * !(a*b) = a * !b
                }
            }
            None
        }
        Gate::Xor(a, b) => {
            for (a, b) in [(a, b), (b, a)] {
                // Where a is known, a + b is b or !b: s * (a+b) with s = a or !a.
                if s.plain() == a {
                    let known = !s.inverted();
                    return Some(Found::And(s, b.inverted_if(known != t.inverted())));
                }
            }
            None
        }
    }
}

/// Rules for the conjunction of two conjunctions, each possibly inverted.
fn two_ands(gates: &[Gate], x: Wire, y: Wire) -> Option<Found> {
    let (Gate::And(a, b), Gate::And(c, d)) = (gates[x.gate()], gates[y.gate()]) else {
        return None;
    };
    let pairs = pairings((a, b), (c, d));
    match (x.inverted(), y.inverted()) {
        (false, false) => pairs.into_iter().find_map(|((a, _), (c, d))| {
            if a == !c {
                Some(Found::Wire(Wire::FALSE)) // (a*b) * (!a*d) = 0
            } else if a == c {
                Some(Found::And(x, d)) // (a*b) * (a*d) = (a*b) * d
            } else {
                None
            }
        }),
        (true, true) => pairs.into_iter().find_map(|((a, b), (c, d))| {
            if a == c && b == !d {
                Some(Found::Wire(!a)) // !(a*b) * !(a*!b) = !a
            } else if a == !c && b == !d {
                Some(Found::Xor(a, b)) // !(a*b) * !(!a*!b) = a + b
            } else {
                None
            }
        }),
        (false, true) => under_two((a, b), x, (c, d)),
        (true, false) => under_two((c, d), y, (a, b)),
    }
}

/// Rules for `s * !(c*d)` where `s = a*b`.
fn under_two((a, b): Pair, s: Wire, (c, d): Pair) -> Option<Found> {
    for (c, d) in [(c, d), (d, c)] {
        if c == !a || c == !b {
            return Some(Found::Wire(s)); // (a*b) * !(!a*d) = a*b
        }
        if c == a || c == b {
            return Some(Found::And(s, !d)); // (a*b) * !(a*d) = (a*b) * !d
        }
    }
    None
}

/// Rules for `s + t` by what gate makes `t`; neither is inverted.
fn under_xor(gates: &[Gate], s: Wire, t: Wire) -> Option<Found> {
    match gates[t.gate()] {
        Gate::False | Gate::Input => None,
        Gate::Xor(a, b) => [(a, b), (b, a)]
            .into_iter()
            .find(|(a, _)| *a == s)
            .map(|(_, b)| Found::Wire(b)), // a + (a+b) = b
        Gate::And(a, b) => [(a, b), (b, a)].into_iter().find_map(|(a, b)| {
            if a == s {
                Some(Found::And(s, !b)) // a + a*b = a * !b
            } else if a == !s {
                Some(Found::Nand(!s, !b)) // a + !a*b = !(!a * !b)
            } else {
                None
            }
        }),
    }
}

/// Rules for the exclusive or of two gates of a kind.
fn two_under_xor(gates: &[Gate], x: Wire, y: Wire) -> Option<Found> {
    match (gates[x.gate()], gates[y.gate()]) {
        (Gate::And(a, b), Gate::And(c, d)) => pairings((a, b), (c, d))
            .into_iter()
            .find(|((a, b), (c, d))| a == c && *b == !*d)
            .map(|((a, _), _)| Found::Wire(a)), // a*b + a*!b = a
        (Gate::Xor(a, b), Gate::Xor(c, d)) => pairings((a, b), (c, d))
            .into_iter()
            .find(|((a, _), (c, _))| a == c)
            .map(|((_, b), (_, d))| Found::Xor(b, d)), // (a+b) + (a+d) = b + d
        (Gate::False | Gate::Input | Gate::And(..) | Gate::Xor(..), _) => None,
    }
}

type Pair = (Wire, Wire);

/// The ways to hold two unordered pairs side by side.
fn pairings((a, b): Pair, (c, d): Pair) -> [(Pair, Pair); 4] {
    [
        ((a, b), (c, d)),
        ((a, b), (d, c)),
        ((b, a), (c, d)),
        ((b, a), (d, c)),
    ]
}
