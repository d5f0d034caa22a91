//! GET: a stream for what belongs to no call, or the rest of one that was lost.
//!
//! # Specification
//! [2025-11-25, Listening for messages](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server),
//! [Resumability and redelivery](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery)

use http::{HeaderValue, Response, StatusCode, header};
use mcp_core::{Identity, era::stream::EventId};

use super::{reply, session};
use crate::{
    body::Body,
    head::Head,
    header::{Accepts, LAST_EVENT_ID, Single, accepts},
    refusal::Refusal,
    service::Connection,
    sse,
};

/// Opens a stream.
pub(crate) fn get(
    connection: &Connection,
    head: &Head<'_>,
    identity: Option<&Identity>,
) -> Result<Response<Body>, Refusal> {
    if !matches!(accepts(head), Accepts::Both | Accepts::Events) {
        let message = "`Accept` must allow `text/event-stream`";
        return Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, message));
    }
    session::check_version(head)?;
    let session = session::open(connection, head, identity)?;
    let (legacy, patience) = (connection.legacy(), connection.patience());
    let last = match Single::of(head.all, &LAST_EVENT_ID) {
        _ if !legacy.resumes() => None,
        Single::Absent => None,
        Single::One(id) => Some(id.to_str().unwrap_or_default()),
        Single::Several => Some("(several)"),
    };
    if let Some(last) = last {
        let resumed = EventId::parse(last).and_then(|id| legacy.resume(&session, id));
        let reader = resumed.ok_or_else(|| {
            let message = "`Last-Event-ID` names no stream that is kept (setting: `resumable`)";
            Refusal::new(StatusCode::BAD_REQUEST, message)
        })?;
        if reader.is_over() {
            // An empty stream would only make the client come back, again and again.
            let message = "This stream is over: all of it was sent";
            let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message);
            return Err(refusal.header(header::ALLOW, HeaderValue::from_static("POST, DELETE")));
        }
        return Ok(reply::listen(reader, None, patience));
    }
    let reader = legacy.listen(&session);
    let origin = reader.origin().map(sse::origin);
    Ok(reply::listen(reader, origin, patience))
}
