//! Several messages in one POST, which only 2025-03-26 has.
//!
//! They are answered in one JSON array, one after the other; nothing is sent on the way. Whoever takes
//! streams only gets each answer as an event.
//!
//! # Specification
//! [2025-03-26, Batching](https://modelcontextprotocol.io/specification/2025-03-26/basic#batching)

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use mcp_core::{
    era::{Delivery, Origin, legacy::Session},
    jsonrpc::{self, ErrorCode, ErrorObject, Message, Raw},
};

use super::{heard, reply};
use crate::{
    body::Body,
    events::{Events, Over},
    header::{Accepts, JSON},
    refusal::{Refusal, empty},
    service::Connection,
    sse,
};

pub(super) async fn answer(
    connection: &Connection,
    session: &Session,
    accepts: Accepts,
    origin: Origin<'_>,
    messages: &[Raw<'_>],
) -> Result<Response<Body>, Refusal> {
    let mut responses = Vec::new();
    for message in messages {
        let bytes = Bytes::copy_from_slice(message.get().as_bytes());
        match Message::parse(&bytes) {
            Ok(Message::Request { id, method, params }) => {
                let refused = |message: &str| {
                    let error = ErrorObject::new(ErrorCode::INVALID_REQUEST, message);
                    jsonrpc::Response::error(Some(&id), &error)
                };
                if method == "initialize" {
                    responses.push(refused("`initialize` must not be part of a batch"));
                    continue;
                }
                let delivery = Delivery::ResponseOnly;
                let legacy = connection.legacy();
                let call = legacy.call(session, origin, &id, &method, params, &bytes, delivery);
                match call {
                    Ok(call) => {
                        let sealed = reply::to_its_end(call, connection).await;
                        responses.extend(sealed.map(|sealed| sealed.into_response()));
                    }
                    Err(_) => responses.push(refused("a request with this id still runs")),
                }
            }
            Ok(message) => heard(connection, session, message),
            Err(malformed) => responses.push(malformed.into_response()),
        }
    }
    if responses.is_empty() {
        return Ok(empty(StatusCode::ACCEPTED));
    }
    if accepts == Accepts::Events {
        let event = |response: &jsonrpc::Response| sse::message(None::<&str>, &response.to_vec());
        let events: Vec<Bytes> = responses.iter().map(event).collect();
        let keep_alive = connection.patience().keep_alive;
        let events = Events::new(Over, Some(events.concat().into()), keep_alive);
        return Ok(events.into_response());
    }
    let mut out = b"[".to_vec();
    for (index, response) in responses.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend(response.to_vec());
    }
    out.push(b']');
    let mut response = Response::new(Body::full(out));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::clone(&JSON));
    Ok(response)
}
