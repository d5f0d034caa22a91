//! One connection: how it is treated, from its first byte to its end.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::{Poll, Waker},
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::unconstrained,
};

use crate::{service::Connection, shutdown::Awaited, stall::Impatient, wait::Clock};

/// How large the head of a request may be, and how much is read ahead.
const MAX_HEAD: usize = 64 * 1024;

/// The longest anything is waited for: what cannot be added to a clock would stop the connection.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How connections are treated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    pub(crate) header_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) write_timeout: Duration,
    pub(crate) max_connections: usize,
    pub(crate) grace: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            max_connections: 20_000,
            grace: Duration::from_secs(10),
        }
    }
}

/// Answers what comes over a stream until either side ends it, or the server goes down.
pub(crate) async fn serve<S>(connection: Arc<Connection>, mut awaited: Awaited, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (manners, shutdown) = (connection.manners(), Arc::clone(connection.shutdown()));
    let clock = Clock::new(manners.header_timeout.min(LONGEST_WAIT));
    let stream = Impatient::new(stream, clock.clone(), manners.write_timeout);
    let service = service_fn(move |request| {
        let connection = Arc::clone(&connection);
        async move { Ok::<_, Infallible>(connection.answer(request).await) }
    });
    // Dropped before `awaited` is: the server waits until its calls are gone.
    let mut served = pin!(
        http1::Builder::new()
            .timer(clock)
            // From the end of one request to the begin of the next; the clock knows the rest.
            .header_read_timeout(manners.idle_timeout.min(LONGEST_WAIT))
            .max_buf_size(MAX_HEAD)
            .max_header_size(MAX_HEAD)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = {
        let mut closing = pin!(unconstrained(awaited.closing()));
        let mut known: Option<Waker> = None;
        poll_fn(|cx| {
            // Who knows whom to wake need not be asked again, which takes a lock that all share.
            let is_known = known
                .as_ref()
                .is_some_and(|known| known.will_wake(cx.waker()));
            if !is_known || shutdown.has_begun() {
                if closing.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(None);
                }
                known = Some(cx.waker().clone());
            }
            served.as_mut().poll(cx).map(Some)
        })
        .await
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            served.as_mut().graceful_shutdown();
            tokio::select! {
                ended = served.as_mut() => ended,
                () = awaited.cut_off() => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection");
    }
}
