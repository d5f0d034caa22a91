//! The legacy era over HTTP: one POST a message, a session header on each.
//!
//! # Specification
//! [2025-11-25, Sending messages](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server)

mod session;

use http::{HeaderMap, HeaderValue, Response, StatusCode};
use mcp_core::{
    Identity,
    era::legacy::{Denied, Sealed},
    jsonrpc::Message,
};

pub(crate) use self::session::{Memo, delete};
use crate::{
    auth::unauthenticated,
    body::Body,
    header::SESSION_ID,
    refusal::{Refusal, empty, json},
    service::Connection,
};

/// Answers one POST.
pub(crate) async fn post(
    connection: &Connection,
    headers: &HeaderMap,
    identity: Option<&Identity>,
    message: Message<'_>,
) -> Result<Response<Body>, Refusal> {
    let id = match &message {
        Message::Request { id, .. } => Some(id),
        _ => None,
    };
    let named = |refusal: Refusal| match id {
        Some(id) => refusal.id(id),
        None => refusal,
    };
    session::check_version(headers).map_err(named)?;
    if let Message::Request { id, method, params } = &message
        && method == "initialize"
    {
        session::check_absent(connection, headers, identity).map_err(|refusal| refusal.id(id))?;
        let (sealed, session) = connection.legacy().initialize(identity, id, *params);
        let mut response = respond(sealed).map_err(|refusal| refusal.id(id))?;
        if let Some(session) = session.and_then(|id| HeaderValue::try_from(id).ok()) {
            response.headers_mut().insert(SESSION_ID, session);
        }
        return Ok(response);
    }
    let session = session::open(connection, headers, identity).map_err(named)?;
    let Message::Request { id, method, params } = message else {
        // Nothing is waiting for a response, and no notification asks for anything yet.
        return Ok(empty(StatusCode::ACCEPTED));
    };
    let sealed = connection
        .legacy()
        .request(&session, identity, &id, &method, params)
        .await;
    respond(sealed).map_err(|refusal| refusal.id(&id))
}

fn respond(sealed: Sealed) -> Result<Response<Body>, Refusal> {
    match sealed {
        Sealed::Response(response) => Ok(json(StatusCode::OK, response)),
        Sealed::Denied {
            why: Denied::Unauthenticated,
            error,
        } => Err(unauthenticated(error)),
        _ => Err(Refusal::new(StatusCode::FORBIDDEN, "Denied")),
    }
}
