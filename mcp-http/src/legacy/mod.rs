//! The legacy era over HTTP: one POST a message, a session header on each, a GET to listen.
//!
//! # Specification
//! [2025-11-25, Sending messages](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server)

mod batch;
mod listen;
mod reply;
mod session;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use mcp_core::{
    era::{Delivery, Origin, legacy::Session},
    jsonrpc::{ErrorCode, ErrorObject, Incoming, Malformed, Message, RequestId},
};

pub(crate) use self::{
    listen::get,
    reply::Patience,
    session::{Memo, delete},
};
use crate::{
    body::Body,
    head::Head,
    header::{Accepts, SESSION_ID},
    refusal::{Refusal, empty},
    service::Connection,
};

/// Answers one POST.
pub(crate) async fn post(
    connection: &Connection,
    head: &Head<'_>,
    accepts: Accepts,
    origin: Origin<'_>,
    body: &Bytes,
    incoming: Incoming<'_>,
) -> Result<Response<Body>, Refusal> {
    match incoming {
        Incoming::One(message) => {
            let id = match &message {
                Message::Request { id, .. } => Some(id.clone()),
                _ => None,
            };
            let answered = one(connection, head, accepts, origin, body, message).await;
            answered.map_err(|refusal| match &id {
                Some(id) => refusal.id(id),
                None => refusal,
            })
        }
        Incoming::Batch(messages) => {
            session::check_version(head)?;
            let session = session::open(connection, head, origin.identity())?;
            if !connection.legacy().takes_batches(&session) {
                return Err(Malformed::batch().into());
            }
            batch::answer(connection, &session, accepts, origin, &messages).await
        }
    }
}

async fn one(
    connection: &Connection,
    head: &Head<'_>,
    accepts: Accepts,
    origin: Origin<'_>,
    body: &Bytes,
    message: Message<'_>,
) -> Result<Response<Body>, Refusal> {
    session::check_version(head)?;
    if let Message::Request { id, method, params } = &message
        && method == "initialize"
    {
        session::check_absent(connection, head, origin.identity())?;
        let (sealed, session) = connection
            .legacy()
            .initialize(origin.identity(), id, *params);
        let mut response = reply::respond(sealed)?;
        if let Some(session) = session.and_then(|id| HeaderValue::try_from(id).ok()) {
            response.headers_mut().insert(SESSION_ID, session);
        }
        return Ok(response);
    }
    let session = session::open(connection, head, origin.identity())?;
    let Message::Request { id, method, params } = message else {
        heard(connection, &session, message);
        return Ok(empty(StatusCode::ACCEPTED));
    };
    let delivery = match accepts {
        Accepts::Json => Delivery::ResponseOnly,
        _ => Delivery::Stream,
    };
    let legacy = connection.legacy();
    let call = legacy.call(&session, origin, &id, &method, params, body, delivery);
    let call = call.map_err(|_| id_in_use(&id))?;
    reply::answer(call, accepts, connection).await
}

/// Takes what asks for no response.
fn heard(connection: &Connection, session: &Session, message: Message<'_>) {
    match message {
        Message::Notification { method, params } => {
            connection.legacy().notified(session, &method, params);
        }
        Message::Response { id, outcome } => {
            // An answer that nobody waits for any more came too late, which is nobody's fault.
            connection.legacy().responded(session, id.as_ref(), outcome);
        }
        Message::Request { .. } => {}
    }
}

fn id_in_use(id: &RequestId) -> Refusal {
    let message = format!("A request with the id {id} still runs in this session");
    let error = ErrorObject::new(ErrorCode::INVALID_REQUEST, message);
    Refusal::from_error(StatusCode::BAD_REQUEST, error)
}
