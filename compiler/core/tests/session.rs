//! Long sessions: an input costs what it is, not what was typed before it.

use lentil_core::module::Loader;
use lentil_core::session::{Entry, Evaluated};
use lentil_core::{Options, Session};

struct Nothing;

impl Loader for Nothing {
    fn standard(&self, _: &str) -> Option<String> {
        None
    }

    fn beside(&self, _: &str, _: &[&str]) -> Result<(String, String), String> {
        Err("there are no files here".to_string())
    }

    fn exports(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

fn enter(session: &mut Session, text: &str) -> Entry {
    let entered = session.enter("input", text, &Nothing);
    entered.unwrap_or_else(|why| panic!("{text}: {:?}", why.diagnostics))
}

/// Lowers an expression.
fn lower(session: &mut Session, text: &str) {
    let Entry::Statements(_, Some(expr)) = enter(session, text) else {
        panic!("{text} is no expression");
    };
    let evaluated = session.evaluate(&expr, "it", &Options::default());
    assert!(matches!(evaluated, Ok(Evaluated::Value(..))), "{text}");
}

/// What is evaluated on the way.
fn cost(session: &mut Session, input: impl FnOnce(&mut Session)) -> usize {
    let before = session.evaluations();
    input(session);
    session.evaluations() - before
}

/// A thousand functions, each of which calls the one before; without result types, so that checking one
/// needs to know what the others give.
#[test]
fn the_thousandth_definition_costs_what_the_second_did() {
    let mut session = Session::new();
    enter(&mut session, "fn f0(x: Real) = x + 1");
    let mut costs = Vec::new();
    for k in 1..1000 {
        let text = format!("fn f{k}(x: Real) = f{}(x) * 2", k - 1);
        costs.push(cost(&mut session, |s| {
            enter(s, &text);
        }));
    }
    // The first one calls a function that calls none.
    assert!(costs[1] > 0);
    assert!(costs[2..].iter().all(|cost| *cost == costs[1]), "{costs:?}");
    assert_eq!(session.lowered_definitions(), 0);
    // What is used is lowered once.
    lower(&mut session, "f99(1)");
    assert_eq!(session.lowered_definitions(), 100);
    let again = cost(&mut session, |s| lower(s, "f99(2)"));
    assert!(again < 20, "{again}");
    lower(&mut session, "f100(2) + f99(1)");
    assert_eq!(session.lowered_definitions(), 101);
    // An error costs nothing either.
    let wrong = cost(&mut session, |s| {
        assert!(
            s.enter("input", "fn g(x: Real) = f999(x) + y", &Nothing)
                .is_err()
        );
    });
    assert!(wrong < 30, "{wrong}");
    assert_eq!(session.names().len(), 1000);
}

/// One name bound a thousand times is one name, and going back restores each of its meanings.
#[test]
fn going_back_restores_what_names_meant() {
    let mut session = Session::new();
    enter(&mut session, "fn f(x: Real) -> Real = x");
    let marks: Vec<_> = (0..100)
        .map(|k| {
            let mark = session.mark();
            enter(
                &mut session,
                &format!("fn f(x: Real[{k}]) -> Real[{k}] = x"),
            );
            mark
        })
        .collect();
    assert_eq!(session.names().len(), 1);
    session.go_back(marks[1]);
    let described = session.describe_name("f").expect("a meaning");
    assert!(
        format!("{described:?}").contains("Number(\"0\")"),
        "{described:?}"
    );
    session.go_back(marks[0]);
    lower(&mut session, "f(1)");
}
