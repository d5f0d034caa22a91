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

/// How much of a request's body is read, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

/// Reads a whole request body.
pub(crate) async fn read<B>(
    head: &Head<'_>,
    body: Pin<&mut B>,
    limits: BodyLimits,
) -> Result<Bytes, Refusal>
where
    B: HttpBody<Data = Bytes>,
    B::Error: fmt::Display,
{
    let announced = match head.content_length {
        Single::One(value) => value.to_str().ok().and_then(|text| text.parse().ok()),
        // The HTTP parser takes several that agree, and none that do not.
        Single::Absent | Single::Several => None,
    };
    if announced.is_some_and(|length: u64| length > limits.bytes as u64) {
        return Err(too_large(limits));
    }
    match in_time(limits.time, collect(body, limits)).await {
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

async fn collect<B>(mut body: Pin<&mut B>, limits: BodyLimits) -> Result<Bytes, Refusal>
where
    B: HttpBody<Data = Bytes>,
    B::Error: fmt::Display,
{
    // Nearly every body is one frame, which is then handed on as it is.
    let mut whole = next(&mut body).await?.unwrap_or_default();
    if whole.len() > limits.bytes {
        return Err(too_large(limits));
    }
    if body.is_end_stream() {
        return Ok(whole);
    }
    let mut more = BytesMut::new();
    while let Some(frame) = next(&mut body).await? {
        if more.is_empty() {
            more.extend_from_slice(&std::mem::take(&mut whole));
        }
        if more.len() + frame.len() > limits.bytes {
            return Err(too_large(limits));
        }
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
pub(crate) async fn discard<B>(headers: &HeaderMap, mut body: Pin<&mut B>, limits: BodyLimits)
where
    B: HttpBody<Data = Bytes>,
    B::Error: fmt::Display,
{
    const PATIENCE: Duration = Duration::from_secs(2);
    // Whoever asked first whether to send the body has not sent it.
    if body.is_end_stream() || headers.contains_key(header::EXPECT) {
        return;
    }
    let mut left = limits.bytes.saturating_mul(2);
    let go_by = async {
        while let Ok(Some(bytes)) = next(&mut body).await {
            left = left.saturating_sub(bytes.len());
            if left == 0 {
                break;
            }
        }
    };
    in_time(PATIENCE, go_by).await;
}

/// The next bytes of a body, past trailers and empty frames.
async fn next<B>(body: &mut Pin<&mut B>) -> Result<Option<Bytes>, Refusal>
where
    B: HttpBody<Data = Bytes>,
    B::Error: fmt::Display,
{
    while let Some(frame) = body.frame().await {
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
