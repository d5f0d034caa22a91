//! Bodies: a request's to bytes, a response's from runs of them.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use mcp_core::jsonrpc;

use crate::{events::Events, head::Head, header::Single, in_time::in_time, refusal::Refusal};

/// The body of a response.
#[derive(Debug)]
pub struct Body(Kind);

#[derive(Debug)]
enum Kind {
    /// In order; sent from the front.
    Runs([Bytes; 2]),
    Events(Box<Events>),
}

impl Body {
    pub(crate) fn empty() -> Self {
        Self(Kind::Runs(Default::default()))
    }

    pub(crate) fn message(message: jsonrpc::Response) -> Self {
        Self(Kind::Runs(message.into_runs()))
    }

    pub(crate) fn full(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Runs([bytes.into(), Bytes::new()]))
    }

    pub(crate) fn events(events: Events) -> Self {
        Self(Kind::Events(Box::new(events)))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match &mut self.0 {
            Kind::Runs(runs) => {
                let next = runs.iter_mut().find(|run| !run.is_empty());
                Poll::Ready(next.map(std::mem::take))
            }
            Kind::Events(events) => events.poll_next(cx),
        };
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Runs(runs) => runs.iter().all(Bytes::is_empty),
            Kind::Events(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Runs(runs) => SizeHint::with_exact(runs.iter().map(|run| run.len() as u64).sum()),
            Kind::Events(_) => SizeHint::default(),
        }
    }
}

/// How many times as much as has come of a body there is room for, if so much is announced.
const TRUST: usize = 8;

/// How much of a request's body is read, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

/// A request's body, and whether anybody has asked for it.
pub(crate) struct Unread<'b, B> {
    body: Pin<&'b mut B>,
    asked: bool,
}

impl<'b, B> Unread<'b, B>
where
    B: HttpBody<Data = Bytes>,
    B::Error: fmt::Display,
{
    pub(crate) fn new(body: Pin<&'b mut B>) -> Self {
        Self { body, asked: false }
    }

    /// Reads all of it.
    pub(crate) async fn read(
        &mut self,
        head: &Head<'_>,
        limits: BodyLimits,
    ) -> Result<Bytes, Refusal> {
        let announced = match head.content_length {
            Single::One(value) => value.to_str().ok().and_then(|text| text.parse().ok()),
            // The HTTP parser takes several that agree, and none that do not.
            Single::Absent | Single::Several => None,
        };
        if announced.is_some_and(|length: u64| length > limits.bytes as u64) {
            return Err(too_large(limits));
        }
        let announced = announced.and_then(|length| usize::try_from(length).ok());
        let all = self.collect(announced.unwrap_or(0), limits);
        match in_time(limits.time, all).await {
            Some(bytes) => bytes,
            None => Err(Refusal::new(
                StatusCode::REQUEST_TIMEOUT,
                format!(
                    "The body did not arrive within {:?} (setting: `body_timeout`)",
                    limits.time
                ),
            )
            .closing()),
        }
    }

    async fn collect(&mut self, announced: usize, limits: BodyLimits) -> Result<Bytes, Refusal> {
        // Nearly every body is one frame, which is then handed on as it is.
        let mut whole = self.next().await?.unwrap_or_default();
        if whole.len() > limits.bytes {
            return Err(too_large(limits));
        }
        if self.body.is_end_stream() {
            return Ok(whole);
        }
        let mut more = BytesMut::new();
        while let Some(frame) = self.next().await? {
            if more.len() + whole.len() + frame.len() > limits.bytes {
                return Err(too_large(limits));
            }
            let (had, come) = (more.len(), more.len() + whole.len() + frame.len());
            if more.capacity() < come {
                // Room for what is announced, as far as it may be believed: announcing costs nothing, sending does.
                let room = announced.min(come.saturating_mul(TRUST)).max(come);
                more.reserve(room - had);
            }
            more.extend_from_slice(&std::mem::take(&mut whole));
            more.extend_from_slice(&frame);
        }
        Ok(if more.is_empty() {
            whole
        } else {
            more.freeze()
        })
    }

    /// Lets the rest of a body that is refused go by: a connection that is closed with bytes unread is
    /// reset, and the client never sees why. Who sends too much or too slowly is not waited for.
    pub(crate) async fn discard(&mut self, headers: &HeaderMap, limits: BodyLimits) {
        const PATIENCE: Duration = Duration::from_secs(2);
        // Whoever asked first whether to send the body, and was told nothing, has not sent it.
        let held_back = !self.asked && headers.contains_key(header::EXPECT);
        if held_back || self.body.is_end_stream() {
            return;
        }
        let mut left = limits.bytes.saturating_mul(2);
        let go_by = async {
            while let Ok(Some(bytes)) = self.next().await {
                left = left.saturating_sub(bytes.len());
                if left == 0 {
                    break;
                }
            }
        };
        in_time(PATIENCE, go_by).await;
    }

    /// The next bytes, past trailers and empty frames.
    async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        self.asked = true;
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|error| {
                tracing::debug!(%error, "request body");
                Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "The body is cut off or badly framed",
                )
                .closing()
            })?;
            if let Ok(bytes) = frame.into_data()
                && !bytes.is_empty()
            {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }
}

fn too_large(limits: BodyLimits) -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "The body is larger than {} bytes (setting: `max_body`)",
            limits.bytes
        ),
    )
    .closing()
}
