//! The adaptive reply: one JSON body if the call ends first, a stream from the first message on the
//! way, or once the call has taken its time.
//!
//! # Specification
//! [2025-11-25, Sending messages](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server)

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Response, StatusCode};
use mcp_core::era::{
    Sealed,
    legacy::{Call, Step},
    stream::{Item, Kept, Reader},
};
use tokio::time::{Sleep, sleep};

use crate::{
    auth::denied,
    body::Body,
    events::{Events, Over, Source},
    header::Accepts,
    in_time::in_time,
    refusal::{Refusal, empty, json},
    service::Connection,
    shutdown::Shutdown,
    sse,
};

/// How patient a server is with calls and clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// When a call that has not answered turns into a stream.
    pub(crate) stream_after: Duration,
    /// How often a silent stream shows that it lives.
    pub(crate) keep_alive: Duration,
    /// How long a client may take to answer a question.
    pub(crate) answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            stream_after: Duration::from_secs(1),
            keep_alive: Duration::from_secs(15),
            answer: Duration::from_secs(5 * 60),
        }
    }
}

/// Waits for a call, and answers in the form that fits.
pub(super) async fn answer(
    call: Box<Call>,
    accepts: Accepts,
    connection: &Connection,
) -> Result<Response<Body>, Refusal> {
    let patience = connection.patience();
    let mut running = Running::new(call, connection);
    let early = match accepts {
        Accepts::Json => Some(running.last_step().await),
        _ => running.until(patience.stream_after).await,
    };
    match early {
        Some(Step::Done(sealed @ Sealed::Response(_))) if accepts == Accepts::Events => {
            let only = encode(Step::Done(sealed)).0;
            Ok(Events::new(Over, only, patience.keep_alive).into_response())
        }
        Some(Step::Done(sealed)) => respond(sealed),
        // Whoever cancelled expects nothing.
        Some(Step::Cancelled) if accepts == Accepts::Json => Ok(empty(StatusCode::ACCEPTED)),
        Some(Step::Cancelled) => Ok(Events::new(Over, None, patience.keep_alive).into_response()),
        step => Ok(running.into_stream(step)),
    }
}

/// Waits for a call whose messages on the way have nowhere to go; none if it was cancelled.
pub(super) async fn to_its_end(call: Box<Call>, connection: &Connection) -> Option<Sealed> {
    match Running::new(call, connection).last_step().await {
        Step::Done(sealed) => Some(sealed),
        _ => None,
    }
}

/// The response that carries a sealed outcome.
pub(super) fn respond(sealed: Sealed) -> Result<Response<Body>, Refusal> {
    match sealed {
        Sealed::Response(response) => Ok(json(StatusCode::OK, response)),
        Sealed::Denied { why, id, error } => Err(denied(&why, &id, error)),
        other => Ok(json(StatusCode::FORBIDDEN, other.into_response())),
    }
}

/// A stream for what belongs to no call.
pub(super) fn listen(reader: Reader, first: Option<Bytes>, patience: Patience) -> Response<Body> {
    // The first byte at once: a client knows that the stream is open.
    let first = first.unwrap_or(sse::KEEP_ALIVE);
    Events::new(Read { reader }, Some(first), patience.keep_alive).into_response()
}

/// A call that must not end with its connection: dropped, it goes on by itself.
struct Running {
    call: Option<Box<Call>>,
    patience: Patience,
    /// Runs while the client is asked, for each round anew.
    answer_by: Option<(usize, Pin<Box<Sleep>>)>,
    /// By which it goes on without its connection. None once it does: dropped, it is over then.
    shutdown: Option<Arc<Shutdown>>,
}

impl Running {
    fn new(call: Box<Call>, connection: &Connection) -> Self {
        Self {
            call: Some(call),
            patience: connection.patience(),
            answer_by: None,
            shutdown: Some(Arc::clone(connection.shutdown())),
        }
    }

    /// A call that goes on in a task of its own.
    fn detached(call: Box<Call>, patience: Patience) -> Self {
        Self {
            call: Some(call),
            patience,
            answer_by: None,
            shutdown: None,
        }
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let Some(call) = &mut self.call else {
            return Poll::Ready(Step::Cancelled);
        };
        loop {
            let step = call.poll_step(cx);
            if let Poll::Ready(Step::Done(_) | Step::Cancelled) = step {
                self.answer_by = None;
                return step;
            }
            if !call.waits_for_answer() {
                self.answer_by = None;
                return step;
            }
            if step.is_ready() {
                return step;
            }
            let patience = self.patience.answer;
            let round = call.round();
            self.answer_by.take_if(|(known, _)| *known != round);
            let (_, timer) = self
                .answer_by
                .get_or_insert_with(|| (round, Box::pin(sleep(patience))));
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.answer_by = None;
            call.time_out();
        }
    }

    /// The first step, if there is one in time.
    async fn until(&mut self, time: Duration) -> Option<Step> {
        in_time(time, poll_fn(|cx| self.poll_step(cx))).await
    }

    /// The last step; what comes before has nowhere to go.
    async fn last_step(&mut self) -> Step {
        loop {
            let step = poll_fn(|cx| self.poll_step(cx)).await;
            if matches!(step, Step::Done(_) | Step::Cancelled) {
                return step;
            }
        }
    }

    /// The rest of the call as a stream, beginning with a step that was taken already.
    fn into_stream(mut self, first: Option<Step>) -> Response<Body> {
        let patience = self.patience;
        let Some((kept, reader)) = self.call.as_ref().and_then(|call| call.keep()) else {
            let first = first
                .and_then(|step| encode(step).0)
                .unwrap_or(sse::KEEP_ALIVE);
            let rest = Rest {
                running: self,
                over: false,
            };
            return Events::new(rest, Some(first), patience.keep_alive).into_response();
        };
        // The first byte at once, whether or not the client knows what an origin is.
        let origin = reader.origin().map_or(sse::KEEP_ALIVE, sse::origin);
        let over = first.is_some_and(|step| put(&kept, step));
        let call = self.call.take().filter(|_| !over);
        if let (Some(call), Some(shutdown)) = (call, &self.shutdown) {
            shutdown.detach(Running::detached(call, patience).put_into(kept));
        }
        Events::new(Read { reader }, Some(origin), patience.keep_alive).into_response()
    }

    /// Runs to the end, writing to a stream that outlives its connections.
    async fn put_into(mut self, kept: Kept) {
        while !put(&kept, poll_fn(|cx| self.poll_step(cx)).await) {}
        self.call = None;
    }

    /// Runs to the end; nobody listens.
    async fn finish(mut self) {
        if let Some(call) = &mut self.call {
            call.nobody_listens();
        }
        self.last_step().await;
        self.call = None;
    }
}

impl Drop for Running {
    /// A connection that is lost is no cancellation in this era.
    fn drop(&mut self) {
        // A runtime that shuts down drops what it is given at once: that would never end.
        let Some(shutdown) = self.shutdown.take() else {
            return;
        };
        if let Some(call) = self.call.take().filter(|call| call.is_running()) {
            shutdown.detach(Running::detached(call, self.patience).finish());
        }
    }
}

/// Writes a step to a kept stream; true after the last one.
fn put(kept: &Kept, step: Step) -> bool {
    match step {
        Step::Send(message) => {
            kept.send(String::from(message));
            false
        }
        Step::HangUp(retry) => {
            kept.hang_up(retry);
            false
        }
        Step::Done(sealed) => {
            kept.send(text_of(sealed));
            true
        }
        Step::Cancelled => true,
    }
}

/// A step as an event, and whether it was the last.
fn encode(step: Step) -> (Option<Bytes>, bool) {
    match step {
        Step::Send(message) => (Some(sse::message(None::<&str>, message.as_bytes())), false),
        // Without resumption a stream cannot be left.
        Step::HangUp(_) => (None, false),
        Step::Done(sealed) => (Some(sse::message(None::<&str>, &text_of(sealed))), true),
        Step::Cancelled => (None, true),
    }
}

fn text_of(sealed: Sealed) -> Vec<u8> {
    sealed.into_response().to_vec()
}

/// The rest of a call, as events.
struct Rest {
    running: Running,
    over: bool,
}

impl Source for Rest {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        while !self.over {
            let step = match self.running.poll_step(cx) {
                Poll::Ready(step) => step,
                Poll::Pending => return Poll::Pending,
            };
            let (event, last) = encode(step);
            self.over = last;
            if event.is_some() {
                return Poll::Ready(event);
            }
        }
        Poll::Ready(None)
    }
}

/// What a reader finds, as events.
struct Read {
    reader: Reader,
}

impl Source for Read {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.reader.poll_next(cx).map(|item| match item {
            Some(Item::Message { id, data }) => Some(sse::message(id, &data)),
            Some(Item::Retry(delay)) => Some(sse::retry(delay)),
            None => None,
        })
    }
}
