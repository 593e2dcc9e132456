//! Computations that are given up: only they end, not the session.

use std::thread;
use std::time::Duration;

use lentil::{Options, Session};
use lentil_runtime::interrupt::Interrupt;

/// What a session says to an input that is given up a little later.
fn given_up(session: &mut Session, input: &str) -> String {
    let stop = Interrupt::new();
    let raised = stop.clone();
    let hand = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        raised.request();
    });
    let said = session.enter(input, &stop).text();
    hand.join().expect("the flag is raised");
    said
}

#[test]
fn a_loop_without_end_in_sight_is_given_up() {
    let mut session = Session::new(Options::default()).expect("a session");
    let now = Interrupt::new();
    assert_eq!(
        session.enter("let x = exp(0.0)", &now).text(),
        "x = 1.0 : Real\n"
    );
    // Longer than the age of the universe.
    let endless = "iterate[1000000000](x, fn(t) => iterate[1000000000](t, cos))";
    for input in [endless.to_string(), format!("let y = {endless}; y")] {
        let said = given_up(&mut session, &input);
        assert!(said.starts_with("[E0920] Error: interrupted"), "{said}");
    }
    assert_eq!(session.enter("x", &now).text(), "1.0 : Real\n");
    assert!(session.enter("y", &now).failed());
}

#[test]
fn what_is_given_up_before_it_begins_is_not_computed() {
    let mut session = Session::new(Options::default()).expect("a session");
    let stop = Interrupt::new();
    stop.request();
    let answer = session.enter("1 + 1", &stop);
    assert!(answer.text().starts_with("[E0920]"), "{}", answer.text());
    assert!(session.enter("it", &Interrupt::new()).failed());
}
