//! What a 401 says: that a credential is needed, and how to send one. What a 403 says: which scopes.

use http::{HeaderValue, StatusCode, header};
use mcp_core::{
    Denied,
    jsonrpc::{ErrorCode, ErrorObject, RequestId},
};
use serde_json::json;

use crate::refusal::Refusal;

const AUTHENTICATION_REQUIRED: ErrorCode = ErrorCode(-32000);

/// No credential, where nobody is served without.
pub(super) fn missing() -> Refusal {
    unauthenticated(ErrorObject::new(
        AUTHENTICATION_REQUIRED,
        "Authentication required",
    ))
}

/// A credential that nobody knows. What is wrong with it is not for its bearer to learn.
pub(super) fn invalid() -> Refusal {
    let error = ErrorObject::new(AUTHENTICATION_REQUIRED, "The credential is not valid");
    let challenge = HeaderValue::from_static(r#"Bearer realm="mcp", error="invalid_token""#);
    unauthenticated(error).header(header::WWW_AUTHENTICATE, challenge)
}

/// Turns away the caller of a request.
pub(crate) fn denied(why: &Denied, id: &RequestId, error: ErrorObject) -> Refusal {
    match why {
        Denied::Unauthenticated => unauthenticated(error),
        Denied::InsufficientScope(scopes) => insufficient_scope(scopes, error),
        _ => Refusal::from_error(StatusCode::FORBIDDEN, error),
    }
    .id(id)
}

/// A 403 that says which scopes are needed.
///
/// # Specification
/// [2025-11-25, Scope challenge handling](https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#scope-challenge-handling)
fn insufficient_scope(scopes: &[String], error: ErrorObject) -> Refusal {
    let error = error.with_data(json!({ "requiredScopes": scopes }));
    let scope = scopes.join(" ");
    let challenge = format!(r#"Bearer realm="mcp", error="insufficient_scope", scope="{scope}""#);
    let refusal = Refusal::from_error(StatusCode::FORBIDDEN, error);
    // What a server is built with are scopes: each of them fits into a header.
    match HeaderValue::try_from(challenge) {
        Ok(challenge) => refusal.header(header::WWW_AUTHENTICATE, challenge),
        Err(_) => refusal,
    }
}

/// A 401 that says how to authenticate.
fn unauthenticated(error: ErrorObject) -> Refusal {
    let send = json!({ "send": ["Authorization: Bearer <key>", "X-API-Key: <key>"] });
    Refusal::from_error(StatusCode::UNAUTHORIZED, error.with_data(send)).header(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static(r#"Bearer realm="mcp""#),
    )
}
