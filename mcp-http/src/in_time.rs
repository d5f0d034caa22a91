//! Waiting for so long and no longer.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use tokio::time::sleep;

/// What comes of a future, if it does in this time.
///
/// What is there at once, which nearly everything is, never has a timer: to start one is to read the
/// clock.
pub(crate) async fn in_time<F: Future>(time: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut timer = None;
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        let timer = timer.get_or_insert_with(|| Box::pin(sleep(time)));
        timer.as_mut().poll(cx).map(|()| None)
    })
    .await
}
