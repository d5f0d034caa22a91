//! What a 401 says: that a credential is needed, and how to send one.

use http::{HeaderValue, StatusCode, header};
use mcp_core::jsonrpc::{ErrorCode, ErrorObject};
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

/// A 401 that says how to authenticate.
pub(crate) fn unauthenticated(error: ErrorObject) -> Refusal {
    let send = json!({ "send": ["Authorization: Bearer <key>", "X-API-Key: <key>"] });
    Refusal::from_error(StatusCode::UNAUTHORIZED, error.with_data(send)).header(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static(r#"Bearer realm="mcp""#),
    )
}
