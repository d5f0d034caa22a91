//! A panic costs the call that panicked, and nothing else.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use super::{Outcome, Reply};
use crate::{error::Error, line::LazyLine};

/// A reply; a panic while it is made becomes an internal error.
pub(crate) fn make(line: &LazyLine, handle: impl FnOnce() -> Reply) -> Reply {
    // What panicked is dropped, never looked at again: nobody sees it half-done.
    catch_unwind(AssertUnwindSafe(|| scope(line, handle)))
        .unwrap_or_else(|panic| report(&*panic).into())
}

/// Polls a reply; a panic meanwhile becomes an internal error.
pub(crate) fn poll(line: &LazyLine, reply: &mut Reply, cx: &mut Context<'_>) -> Poll<Outcome> {
    catch_unwind(AssertUnwindSafe(|| {
        scope(line, || Pin::new(reply).poll(cx))
    }))
    .unwrap_or_else(|panic| Poll::Ready(Err(report(&*panic))))
}

/// Drops a reply, whose future may panic even then.
pub(crate) fn discard(reply: Reply) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(reply))) {
        report(&*panic);
    }
}

/// What a condition of the user's says; one that panics does not hold.
pub(crate) fn holds(condition: impl FnOnce() -> bool) -> bool {
    catch_unwind(AssertUnwindSafe(condition)).unwrap_or_else(|panic| {
        report(&*panic);
        false
    })
}

/// Runs a handler with its `tracing` events going to its client, where that is wanted.
fn scope<T>(line: &LazyLine, run: impl FnOnce() -> T) -> T {
    #[cfg(feature = "forward")]
    if crate::forward::is_installed() {
        return crate::forward::scope(line.connect(), run);
    }
    let _ = line;
    run()
}

fn report(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::internal(format_args!("panicked: {}", text.unwrap_or("(no message)")))
}
