//! A stack that is deep enough for whatever the parser lets through.

/// What the evaluator needs for expressions and definitions inside each other, many times over.
const STACK: usize = 256 << 20;

/// Runs on a thread of its own with a deep stack; memory is taken only as it is used.
pub(crate) fn deep<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        match thread.spawn_scoped(scope, f) {
            Ok(handle) => match handle.join() {
                Ok(out) => out,
                Err(panic) => std::panic::resume_unwind(panic),
            },
            Err(why) => panic!("no thread can be started: {why}"),
        }
    })
}
