//! Programs of a session, compiled and run.
//!
//! A run has a thread of its own. When the user gives it up, machine code sees a flag between the
//! iterations of its loops and stops; a run that does not see it in time (it is inside one long loop
//! over elements) is left to itself, and its result is dropped when it comes. It shares nothing with the
//! session, so that this is safe.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use lentil_core::Lowered;
use lentil_core::session::{Given, SessionProgram};
use lentil_runtime::interrupt::Interrupt;
use lentil_unary::carrier::Type;
use lentil_unary::value::{Array, Trap};

use super::Session;
use crate::draft::{Draft, Places, refusal};
use crate::error::Error;
use crate::machine::Machine;
use crate::pipeline::{Options, compile};
use crate::value::{Form, Value};

/// How often the flag is looked at while a program runs.
const LOOK: Duration = Duration::from_millis(10);

/// How long a program that is given up may take to notice.
const GRACE: Duration = Duration::from_millis(500);

/// Only what is used becomes memory.
const STACK_BYTES: usize = 256 << 20;

/// A program and what it runs on.
pub(super) struct Compiled {
    machine: Machine,
    args: Vec<Array>,
    form: Form,
    places: Places,
}

/// How long a program took.
pub(super) struct Times {
    pub compiling: Duration,
    pub running: Duration,
}

impl Session {
    /// The value that a program computes.
    pub(super) fn compute(
        &self,
        program: SessionProgram,
        stop: &Interrupt,
    ) -> Result<Value, Error> {
        let compiled = self.compiled(program, &self.options)?;
        let (value, _) = compiled.run(stop)?;
        Ok(value)
    }

    /// Whether a test holds, in exact arithmetic.
    pub(super) fn holds(&self, test: SessionProgram, stop: &Interrupt) -> Result<bool, Error> {
        let compiled = self.compiled(test, &self.options.to_the_letter())?;
        let (value, _) = compiled.run(stop)?;
        Ok(value.number() == Some(1.0))
    }

    /// The same, with the time that it took.
    pub(super) fn compute_timed(
        &self,
        program: SessionProgram,
        stop: &Interrupt,
    ) -> Result<(Value, Times), Error> {
        let began = Instant::now();
        let compiled = self.compiled(program, &self.options)?;
        let compiling = began.elapsed();
        let (value, running) = compiled.run(stop)?;
        Ok((value, Times { compiling, running }))
    }

    fn compiled(&self, program: SessionProgram, options: &Options) -> Result<Compiled, Error> {
        let SessionProgram { lowered, givens } = program;
        let Draft {
            region,
            result,
            places,
            ..
        } = self.draft(lowered)?;
        let args = self.given(&givens, region.params())?;
        let options = options.clone();
        let machine = self.worker.ask(move |_| compile(region, &options));
        Ok(Compiled {
            machine: machine.map_err(|why| refusal(&why))?,
            args,
            form: result,
            places,
        })
    }

    /// A program before it is compiled.
    pub(super) fn draft(&self, lowered: Lowered) -> Result<Draft, Error> {
        Draft::new(lowered, self.sources(), self.options.real)
    }

    /// What a program of these parameters is given.
    fn given(&self, givens: &[Given], types: &[Type]) -> Result<Vec<Array>, Error> {
        let one = |((def, leaf), ty): (&Given, &Type)| {
            let held = self.values.get(def).and_then(|leaves| leaves.get(*leaf));
            // It was computed with the `Real` of that time.
            let held = held.map(|array| Value::Array(array.clone()));
            let fitting = held.and_then(|v| v.leaves(std::slice::from_ref(ty))?.pop());
            fitting.ok_or_else(|| {
                let title = "a value of the session is not of the type that it was computed with";
                Error::plain("E0905", title, None)
            })
        };
        givens.iter().zip(types).map(one).collect()
    }
}

impl Compiled {
    /// The value, and how long the run took.
    fn run(self, stop: &Interrupt) -> Result<(Value, Duration), Error> {
        let Compiled {
            machine,
            args,
            form,
            places,
        } = self;
        if stop.requested() {
            return Err(interrupted());
        }
        let (send, receive) = channel();
        let flag = stop.clone();
        let seen = stop.clone();
        let job = move || timed(&machine, &args, &seen, &send);
        let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(job);
        let thread = thread.map_err(|error| {
            let title = format!("the computation cannot have a thread: {error}");
            Error::plain("E0903", title, None)
        })?;
        let mut since: Option<Instant> = None;
        loop {
            match receive.recv_timeout(LOOK) {
                Ok((Ok(results), time)) => {
                    return Ok((form.value(&mut results.into_iter()), time));
                }
                Ok((Err(_), _)) if flag.requested() => return Err(interrupted()),
                Ok((Err(trap), _)) => return Err(places.trap(trap)),
                // It has panicked; that is the caller's.
                Err(RecvTimeoutError::Disconnected) => match thread.join() {
                    Err(panic) => std::panic::resume_unwind(panic),
                    Ok(()) => return Err(interrupted()),
                },
                Err(RecvTimeoutError::Timeout) => {}
            }
            if flag.requested() && since.get_or_insert_with(Instant::now).elapsed() > GRACE {
                return Err(interrupted());
            }
        }
    }
}

type Outcome = (Result<Vec<Array>, Trap>, Duration);

fn timed(machine: &Machine, args: &[Array], stop: &Interrupt, send: &Sender<Outcome>) {
    let began = Instant::now();
    let results = machine.run_until(args, stop);
    // Nobody waits if it has been given up.
    let _ = send.send((results, began.elapsed()));
}

fn interrupted() -> Error {
    Error::plain("E0920", "interrupted: nothing was computed", None)
}
