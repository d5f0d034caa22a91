//! Cross-origin requests: what browsers ask before they send, and what they may read after.
//!
//! Only origins that [`guard`](crate::guard) has let pass come here.

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use crate::{body::Body, refusal::empty};

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, DELETE, OPTIONS");
/// What a page may read of a response besides its body.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After");
/// What a page may send; parameters mirrored by headers are known by their prefix.
const SENT: [&str; 9] = [
    "accept",
    "authorization",
    "content-type",
    "last-event-id",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "mcp-session-id",
    "x-api-key",
];
const SENT_PREFIX: &str = "mcp-param-";
/// How long browsers may remember a preflight, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Answers a preflight.
pub(crate) fn preflight(headers: &HeaderMap) -> Response<Body> {
    let mut response = empty(StatusCode::NO_CONTENT);
    let out = response.headers_mut();
    out.insert(header::ALLOW, METHODS);
    if headers.contains_key(header::ORIGIN) {
        out.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        out.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            allowed_headers(headers),
        );
        out.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    response
}

/// Lets the page that sent the request read the response, refusals included.
pub(crate) fn expose(origin: Option<&HeaderValue>, response: &mut Response<Body>) {
    let Some(origin) = origin else { return };
    let out = response.headers_mut();
    out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    out.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    out.append(header::VARY, HeaderValue::from_static("Origin"));
}

fn allowed_headers(headers: &HeaderMap) -> HeaderValue {
    let asked = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let asked = asked
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut allowed: Vec<String> = SENT.map(str::to_owned).into();
    allowed.extend(
        asked
            .split(',')
            .map(|name| name.trim().to_ascii_lowercase())
            .filter(|name| name.starts_with(SENT_PREFIX))
            .filter(|name| HeaderName::try_from(name.as_str()).is_ok()),
    );
    HeaderValue::try_from(allowed.join(", ")).unwrap_or(HeaderValue::from_static("content-type"))
}
