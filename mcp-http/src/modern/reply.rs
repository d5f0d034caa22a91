//! The adaptive reply: one JSON body if the call ends first, a stream from the first message on the
//! way, or once the call has taken its time. A stream that is dropped cancels its call.

use std::{
    future::poll_fn,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Response, StatusCode};
use mcp_core::{
    era::{
        Sealed,
        modern::{Call, Listening, Step},
    },
    jsonrpc,
};

use super::status;
use crate::{
    auth::denied,
    body::Body,
    events::{Events, Over, Source},
    header::Accepts,
    in_time::in_time,
    legacy::Patience,
    refusal::{Refusal, json},
    sse,
};

/// Waits for a call, and answers in the form that fits.
pub(super) async fn answer(
    mut call: Box<Call>,
    accepts: Accepts,
    patience: Patience,
) -> Result<Response<Body>, Refusal> {
    let early = match accepts {
        Accepts::Json => Some(last_step(&mut call).await),
        _ => in_time(patience.stream_after, poll_fn(|cx| call.poll_step(cx))).await,
    };
    let first = match early {
        // What has a status to be told by is told by it, as refusals are that come earlier.
        Some(Step::Done(Sealed::Response(response)))
            if accepts == Accepts::Events && status_of(&response) == StatusCode::OK =>
        {
            let only = sse::message(None::<&str>, &response.to_vec());
            return Ok(Events::new(Over, Some(only), patience.keep_alive).into_response());
        }
        Some(Step::Done(sealed)) => return respond(sealed),
        Some(Step::Send(message)) => sse::message(None::<&str>, message.as_bytes()),
        None => sse::KEEP_ALIVE,
    };
    let rest = Rest { call: Some(call) };
    Ok(Events::new(rest, Some(first), patience.keep_alive).into_response())
}

/// A subscription, as a stream.
pub(super) fn listen(listening: Listening, patience: Patience) -> Response<Body> {
    Events::new(Subscription { listening }, None, patience.keep_alive).into_response()
}

async fn last_step(call: &mut Call) -> Step {
    loop {
        let step = poll_fn(|cx| call.poll_step(cx)).await;
        if let Step::Done(_) = step {
            return step;
        }
    }
}

fn respond(sealed: Sealed) -> Result<Response<Body>, Refusal> {
    match sealed {
        Sealed::Denied { why, id, error } => Err(denied(&why, &id, error)),
        sealed => {
            let response = sealed.into_response();
            Ok(json(status_of(&response), response))
        }
    }
}

fn status_of(response: &jsonrpc::Response) -> StatusCode {
    response.error_code().map_or(StatusCode::OK, status::of)
}

/// The rest of a call, as events.
struct Rest {
    call: Option<Box<Call>>,
}

impl Source for Rest {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some(call) = &mut self.call else {
            return Poll::Ready(None);
        };
        call.poll_step(cx).map(|step| match step {
            Step::Send(message) => Some(sse::message(None::<&str>, message.as_bytes())),
            Step::Done(sealed) => {
                self.call = None;
                Some(sse::message(None::<&str>, &sealed.into_response().to_vec()))
            }
        })
    }
}

struct Subscription {
    listening: Listening,
}

impl Source for Subscription {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.listening
            .poll_next(cx)
            .map(|message| Some(sse::message(None::<&str>, &message?)))
    }
}
