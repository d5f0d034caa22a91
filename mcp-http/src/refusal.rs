//! Why a request went no further: a status, a sentence, and the setting that changes it.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use mcp_core::jsonrpc::{self, ErrorCode, ErrorObject, Malformed, RequestId};
use serde_json::Value;

use crate::{auth::Challenge, body::Body, header::JSON};

/// A refusal; its body is a JSON-RPC error, so that clients that read nothing else can show it.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: StatusCode,
    id: Option<RequestId>,
    error: ErrorObject,
    headers: HeaderMap,
    challenge: Option<Challenge>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self::from_error(
            status,
            ErrorObject::new(ErrorCode::INVALID_REQUEST, message),
        )
    }

    pub(crate) fn from_error(status: StatusCode, error: ErrorObject) -> Self {
        Self(Box::new(Inner {
            status,
            id: None,
            error,
            headers: HeaderMap::new(),
            challenge: None,
        }))
    }

    /// Names the request that is refused.
    pub(crate) fn id(mut self, id: &RequestId) -> Self {
        self.0.id = Some(id.clone());
        self
    }

    pub(crate) fn header(mut self, name: header::HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// The same, saying when it may be tried again.
    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)))
    }

    /// The same, saying what credential it takes.
    pub(crate) fn with_challenge(mut self, challenge: Challenge) -> Self {
        self.0.challenge = Some(challenge);
        self
    }

    /// What credential it takes, if that is what is missing.
    pub(crate) fn challenge(&mut self) -> Option<&mut Challenge> {
        self.0.challenge.as_mut()
    }

    /// The same, saying this to programs.
    pub(crate) fn with_data(mut self, data: Value) -> Self {
        self.0.error.data = Some(data);
        self
    }

    /// Closes the connection, whose next bytes are the rest of a body that nobody reads.
    pub(crate) fn closing(self) -> Self {
        self.header(header::CONNECTION, HeaderValue::from_static("close"))
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let Inner {
            status,
            id,
            error,
            headers,
            challenge: _,
        } = *self.0;
        tracing::debug!(%status, reason = %error.message, "refused");
        let mut response = json(status, jsonrpc::Response::error(id.as_ref(), &error));
        response.headers_mut().extend(headers);
        response
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        let (id, error) = malformed.into_parts();
        let headers = HeaderMap::new();
        Self(Box::new(Inner {
            status: StatusCode::BAD_REQUEST,
            id,
            error,
            headers,
            challenge: None,
        }))
    }
}

/// A response that carries one message.
pub(crate) fn json(status: StatusCode, message: jsonrpc::Response) -> Response<Body> {
    let mut response = Response::new(Body::message(message));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// A response without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// As many seconds as it takes, rounded up: who comes back then is not sent away again.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    let begun = u64::from(wait.subsec_nanos() > 0);
    wait.as_secs().saturating_add(begun)
}
