//! The modern era over HTTP: every POST by itself.
//!
//! # Specification
//! [2026-07-28, Streamable HTTP](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http)

mod mirror;
mod reply;
mod status;

use http::{Response, StatusCode};
use mcp_core::{
    ProtocolVersion,
    era::{
        Delivery, Origin,
        modern::{Opened, Refused, check_version},
    },
    jsonrpc::{ErrorCode, ErrorObject, Message, Raw},
};

pub(crate) use self::mirror::no_streams;
use crate::{
    body::Body,
    head::Head,
    header::Accepts,
    refusal::{Refusal, empty},
    service::Connection,
};

/// Answers one POST.
pub(crate) async fn post(
    connection: &Connection,
    head: &Head<'_>,
    accepts: Accepts,
    origin: Origin<'_>,
    message: Message<'_>,
) -> Result<Response<Body>, Refusal> {
    let (id, method, params) = match message {
        Message::Request { id, method, params } => (id, method, params),
        // None is of any use over HTTP: a call is cancelled by closing its stream.
        Message::Notification { .. } => {
            check_version(mirror::version(head)?).map_err(status::refuse)?;
            return Ok(empty(StatusCode::ACCEPTED));
        }
        Message::Response { .. } => {
            let reason = "A response, and nothing was asked: this revision has no requests of ours";
            let error = ErrorObject::new(ErrorCode::INVALID_REQUEST, reason);
            return Err(Refusal::from_error(StatusCode::BAD_REQUEST, error));
        }
    };
    let modern = connection.modern();
    let admitted =
        admit(connection, head, origin, &method, params).map_err(|refusal| refusal.id(&id))?;
    let patience = connection.patience();
    if method == "subscriptions/listen" {
        if accepts == Accepts::Json {
            let reason = "A subscription is a stream: `Accept` must allow `text/event-stream`";
            return Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, reason).id(&id));
        }
        let listening = modern
            .listen(origin, &id, params, &admitted)
            .map_err(|refused| status::refuse(refused).id(&id))?;
        return Ok(reply::listen(listening, patience));
    }
    let delivery = match accepts {
        Accepts::Json => Delivery::ResponseOnly,
        _ => Delivery::Stream,
    };
    let call = modern.call(origin, &id, &method, params, &admitted, delivery);
    reply::answer(call, accepts, patience).await
}

/// Refuses revisions that are of no era.
fn known_version(version: &str) -> Result<(), Refused> {
    match ProtocolVersion::parse(version) {
        Some(_) => Ok(()),
        None => check_version(version),
    }
}

/// Whether the headers say that a request is of this era.
pub(crate) fn is_named(head: &Head<'_>) -> bool {
    mirror::version(head).is_ok_and(|version| version == mirror::VERSION)
}

/// Holds a request against what its headers say of it, in the order that the suite wants.
fn admit<'a>(
    connection: &Connection,
    head: &Head<'_>,
    origin: Origin<'_>,
    method: &str,
    params: Option<Raw<'a>>,
) -> Result<Opened<'a>, Refusal> {
    let version = mirror::version(head)?;
    let check = || -> Result<Opened<'a>, Refused> {
        // Whoever names a revision that nobody knows is told that first.
        let opened = Opened::parse_again(params, connection.said()).or_else(|refused| {
            known_version(version)?;
            Err(refused)
        })?;
        mirror::same_version(version, &opened)?;
        check_version(&opened.version)?;
        mirror::check(head, origin, method, &opened, connection.handler())?;
        Ok(opened)
    };
    check().map_err(status::refuse)
}
