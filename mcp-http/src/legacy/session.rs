//! `Mcp-Session-Id` and `MCP-Protocol-Version`: which session a request is of, and DELETE.
//!
//! # Specification
//! [2025-11-25, Session management](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management),
//! [Protocol version header](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#protocol-version-header)

use std::sync::PoisonError;

use http::{HeaderValue, Response, StatusCode};
use mcp_core::{Identity, ProtocolVersion, era::legacy::Session};

use crate::{
    body::Body,
    head::Head,
    header::Single,
    refusal::{Refusal, empty},
    service::Connection,
};

/// The session of a connection's last request: clients keep to one, and opening it again for each
/// request would be most of what a request costs.
pub(crate) type Memo = std::sync::Mutex<Option<(HeaderValue, Session)>>;

/// Refuses revisions that are not served.
pub(super) fn check_version(head: &Head<'_>) -> Result<(), Refusal> {
    let seen = match head.protocol_version {
        // A client that negotiated 2025-03-26 does not know the header.
        Single::Absent => return Ok(()),
        Single::One(value) => value.to_str().unwrap_or_default(),
        Single::Several => "(several)",
    };
    if ProtocolVersion::parse(seen).is_some() {
        return Ok(());
    }
    let served = ProtocolVersion::served();
    let seen: String = seen.chars().take(40).flat_map(char::escape_debug).collect();
    Err(Refusal::new(
        StatusCode::BAD_REQUEST,
        format!("`MCP-Protocol-Version: {seen}` is not served; served are {served}"),
    ))
}

/// Refuses `initialize` within a session: it starts one.
pub(super) fn check_absent(
    connection: &Connection,
    head: &Head<'_>,
    identity: Option<&Identity>,
) -> Result<(), Refusal> {
    if open(connection, head, identity).is_ok() {
        let message = "This session is initialized already; send `initialize` without its id";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, message));
    }
    Ok(())
}

/// The session that a request names.
pub(super) fn open(
    connection: &Connection,
    head: &Head<'_>,
    identity: Option<&Identity>,
) -> Result<Session, Refusal> {
    let id = id(head)?;
    let sessions = connection.legacy().sessions();
    let memo = || {
        let memo = connection.memo().lock();
        memo.unwrap_or_else(PoisonError::into_inner)
    };
    if let Some((known, session)) = &*memo()
        && known == id
    {
        return if sessions.check(session, identity) {
            Ok(session.clone())
        } else {
            Err(unknown())
        };
    }
    let text = id.to_str().map_err(|_| unknown())?;
    let session = sessions.open(text, identity).ok_or_else(unknown)?;
    // Whoever sends many requests over one connection does not wait for this one to be opened.
    *memo() = Some((id.clone(), session.clone()));
    Ok(session)
}

/// Ends the session that a DELETE names.
pub(crate) fn delete(
    connection: &Connection,
    head: &Head<'_>,
    identity: Option<&Identity>,
) -> Result<Response<Body>, Refusal> {
    check_version(head)?;
    let id = id(head)?.to_str().map_err(|_| unknown())?;
    if connection.legacy().end(id, identity) {
        Ok(empty(StatusCode::NO_CONTENT))
    } else {
        Err(unknown())
    }
}

fn id<'h>(head: &Head<'h>) -> Result<&'h HeaderValue, Refusal> {
    match head.session_id {
        Single::One(id) => Ok(id),
        Single::Absent => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "`Mcp-Session-Id` is missing: send `initialize` first, then the id it answers with",
        )),
        Single::Several => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "`Mcp-Session-Id` is given twice",
        )),
    }
}

/// The one answer to every id that opens nothing, whatever the reason.
fn unknown() -> Refusal {
    let message = "Session not found: it has ended, was made with another credential, or was never \
                   here; send `initialize` again";
    Refusal::new(StatusCode::NOT_FOUND, message)
}
