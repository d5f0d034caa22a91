//! Cross-origin requests: what browsers ask before they send, and what they may read after.
//!
//! Only origins that [`guard`](crate::guard) has let pass come here.

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use crate::{body::Body, refusal::empty};

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, DELETE, OPTIONS");
/// What a page may read of a response besides its body.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After");
/// How long browsers may remember a preflight, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
/// How long a list of headers may be that is read: several times what any page sends.
const LONGEST_LIST: usize = 4096;

/// Answers a preflight.
pub(crate) fn preflight(headers: &HeaderMap) -> Response<Body> {
    let mut response = empty(StatusCode::NO_CONTENT);
    let out = response.headers_mut();
    out.insert(header::ALLOW, METHODS);
    if headers.contains_key(header::ORIGIN) {
        out.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        if let Some(names) = allowed_headers(headers) {
            out.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
        }
        out.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        let asked = HeaderValue::from_static("Access-Control-Request-Headers");
        out.append(header::VARY, asked);
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

/// Whatever the page wants to send: it may talk to the server, so it may say whatever another client
/// may, in headers of handlers, of layers in front and of tracing, too.
fn allowed_headers(headers: &HeaderMap) -> Option<HeaderValue> {
    let asked = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS)?;
    let asked = asked.to_str().ok()?;
    if asked.len() > LONGEST_LIST {
        return None;
    }
    // As names and nothing else.
    let names = asked.split(',').map(str::trim);
    let names = names.filter_map(|name| HeaderName::try_from(name).ok());
    let names: Vec<_> = names.map(|name| name.as_str().to_owned()).collect();
    HeaderValue::try_from(names.join(", ")).ok()
}
