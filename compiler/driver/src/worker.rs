//! A thread with a deep stack that owns something and answers questions about it.
//!
//! The compiler follows the nesting of programs by recursion, deeper than the stack of any thread that
//! an embedding program may call from; and what it knows about a program stays in one thread.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// Only what is used becomes memory.
const STACK_BYTES: usize = 256 << 20;

type Job<T> = Box<dyn FnOnce(&T) + Send>;

/// The thread; it ends when this is dropped.
pub struct Worker<T> {
    jobs: Mutex<Sender<Job<T>>>,
}

impl<T: 'static> Worker<T> {
    /// Starts the thread, which makes what it owns, and what is to be known about it elsewhere.
    pub fn start<R: Send + 'static>(
        make: impl FnOnce() -> (T, R) + Send + 'static,
    ) -> io::Result<(Worker<T>, R)> {
        let (jobs, inbox) = channel::<Job<T>>();
        let (ready, waiting) = channel();
        thread::Builder::new()
            .name("lentil".to_string())
            .stack_size(STACK_BYTES)
            .spawn(move || match catch_unwind(AssertUnwindSafe(make)) {
                Ok((owned, known)) => {
                    let _ = ready.send(Ok(known));
                    inbox.into_iter().for_each(|job| job(&owned));
                }
                Err(panic) => {
                    let _ = ready.send(Err(panic));
                }
            })?;
        let known = received(waiting.recv().ok());
        Ok((
            Worker {
                jobs: Mutex::new(jobs),
            },
            known,
        ))
    }

    /// Runs a job on the thread and waits for its answer. A panic of the job becomes the caller's.
    pub fn ask<R: Send + 'static>(&self, job: impl FnOnce(&T) -> R + Send + 'static) -> R {
        let (answer, outbox) = channel::<Result<R, Box<dyn Any + Send>>>();
        let job: Job<T> = Box::new(move |owned| {
            let result = catch_unwind(AssertUnwindSafe(|| job(owned)));
            // Nobody waits only if the caller has gone.
            let _ = answer.send(result);
        });
        let jobs = self
            .jobs
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let sent = jobs.send(job);
        drop(jobs);
        received(sent.ok().and_then(|()| outbox.recv().ok()))
    }
}

/// What the thread sent, or its panic here.
fn received<R>(sent: Option<Result<R, Box<dyn Any + Send>>>) -> R {
    match sent {
        Some(Ok(result)) => result,
        Some(Err(panic)) => resume_unwind(panic),
        None => resume_unwind(Box::new("the compiler's thread has stopped")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(n: usize) -> usize {
        let room = std::hint::black_box([n; 64]);
        if n == 0 {
            0
        } else {
            1 + depth(room[n % 64] - 1)
        }
    }

    #[test]
    fn jobs_run_one_after_another_and_deeply() {
        let worker = Worker::start(|| (std::rc::Rc::new(20_000usize), ()))
            .unwrap()
            .0;
        assert_eq!(worker.ask(|n| depth(**n)), 20_000);
        assert_eq!(worker.ask(|n| **n + 1), 20_001);
    }

    #[test]
    fn a_panic_is_the_callers_and_the_thread_goes_on() {
        let worker = Worker::start(|| (1, ())).unwrap().0;
        let panic = catch_unwind(AssertUnwindSafe(|| {
            worker.ask(|_| resume_unwind(Box::new(7)))
        }));
        assert_eq!(panic.unwrap_err().downcast_ref::<i32>(), Some(&7));
        assert_eq!(worker.ask(|n| *n), 1);
    }
}
