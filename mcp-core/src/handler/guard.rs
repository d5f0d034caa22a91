//! A panic costs the call that panicked, and nothing else.

use std::{
    any::Any,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::Poll,
};

use super::{Outcome, Reply};
use crate::error::Error;

/// Waits for a reply; a panic while it is made or awaited becomes an internal error.
pub(crate) async fn guard(handle: impl FnOnce() -> Reply) -> Outcome {
    // The reply is dropped, not polled again, once it has panicked: nobody sees it half-done.
    let mut reply = match catch_unwind(AssertUnwindSafe(handle)) {
        Ok(reply) => reply,
        Err(panic) => return Err(report(&*panic)),
    };
    let outcome = poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut reply).poll(cx)));
        polled.unwrap_or_else(|panic| Poll::Ready(Err(report(&*panic))))
    })
    .await;
    // What the future still holds may panic as well when it goes.
    match catch_unwind(AssertUnwindSafe(|| drop(reply))) {
        Ok(()) => outcome,
        Err(panic) => Err(report(&*panic)),
    }
}

fn report(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::internal(format_args!("panicked: {}", text.unwrap_or("(no message)")))
}
