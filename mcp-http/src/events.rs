//! The body of a stream: events as they come, and signs of life between them.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::{body::Body, connection::LONGEST_WAIT, sse};

/// Where events come from.
pub(crate) trait Source: Send {
    /// The next event, encoded; none at the end.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>>;
}

/// A source that has nothing to say.
pub(crate) struct Over;

impl Source for Over {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Bytes>> {
        Poll::Ready(None)
    }
}

/// The body of a stream.
pub(crate) struct Events {
    source: Box<dyn Source>,
    first: Option<Bytes>,
    period: Duration,
    keep_alive: Option<Pin<Box<Interval>>>,
}

impl Events {
    /// Events after `first`, with a sign of life after each silent `period`.
    pub(crate) fn new(
        source: impl Source + 'static,
        first: Option<Bytes>,
        period: Duration,
    ) -> Self {
        Self {
            source: Box::new(source),
            first,
            period,
            keep_alive: None,
        }
    }

    /// The next bytes; none at the end.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        match self.source.poll_next(cx) {
            Poll::Ready(bytes) => {
                if let Some(interval) = &mut self.keep_alive {
                    interval.reset();
                }
                Poll::Ready(bytes)
            }
            Poll::Pending => {
                let period = self.period.min(LONGEST_WAIT);
                let interval = self.keep_alive.get_or_insert_with(|| {
                    let mut interval = interval_at(Instant::now() + period, period);
                    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
                    Box::pin(interval)
                });
                interval.poll_tick(cx).map(|_| Some(sse::KEEP_ALIVE))
            }
        }
    }

    /// The response that carries them.
    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::events(self));
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // Proxies that would hold events back let them pass.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        response
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}
