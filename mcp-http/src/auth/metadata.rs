//! The server as an OAuth 2.0 protected resource: what it says of itself to those who want a token.
//!
//! # Specification
//! [RFC 9728](https://www.rfc-editor.org/rfc/rfc9728), as
//! [2025-11-25](https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#authorization-server-discovery)
//! and
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery)
//! want it.

use http::{HeaderValue, Method, Response, StatusCode, Uri, header};
use mcp_core::{Caller, Peer, handler::Handler};
use serde_json::{Map, Value, json};

use super::challenge::{Challenge, Discovery};
use crate::{
    body::Body,
    error::{Error, Result},
    guard::{is_loopback, parse_web_origin},
    header::JSON,
    refusal::empty,
};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// What a server must know to be found as a protected resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published {
    /// Who issues tokens for it. Without any it is none.
    pub(crate) authorization_servers: Vec<String>,
    /// What clients are told to ask for at first, if not what strangers see needs.
    pub(crate) scopes_supported: Option<Vec<String>>,
}

/// A server whose clients get their tokens from authorization servers.
#[derive(Debug)]
pub(crate) struct ProtectedResource {
    /// What tokens for it are issued for.
    resource: String,
    /// Where its metadata is, from outside.
    metadata: String,
    /// Where its metadata is, from inside: with the path of the resource, as it is from outside and
    /// from inside of a proxy that takes a prefix away, and without.
    paths: [String; 3],
    name: String,
    published: Published,
}

impl ProtectedResource {
    /// The server at this path of this URL, if tokens for it are issued.
    pub(crate) fn new(
        published: Published,
        public_url: Option<&str>,
        path: &str,
        name: &str,
    ) -> Result<Option<Self>> {
        published.check()?;
        if published.authorization_servers.is_empty() {
            return Ok(None);
        }
        let Some(url) = public_url else {
            return Err(Error::config(
                "`authorization_servers` without `public_url`: tokens are issued for a server by \
                 its URL, and nobody knows it",
            ));
        };
        let (origin, inserted) = resource(url, path);
        let resource = format!("{origin}{inserted}");
        if resource.contains(['?', '#']) || resource.parse::<Uri>().is_err() {
            return Err(Error::config(format!(
                "`public_url` with `authorization_servers` has no query and no fragment: {url:?}"
            )));
        }
        Ok(Some(Self {
            metadata: format!("{origin}{WELL_KNOWN}{inserted}"),
            paths: [
                WELL_KNOWN.to_owned(),
                format!("{WELL_KNOWN}{path}"),
                format!("{WELL_KNOWN}{inserted}"),
            ],
            resource,
            name: name.to_owned(),
            published,
        }))
    }

    /// Whether its metadata is at this path.
    pub(crate) fn is_described_at(&self, path: &str) -> bool {
        self.paths.iter().any(|known| known == path)
    }

    /// Answers a request for its metadata.
    pub(crate) fn describe(&self, method: &Method, handler: &dyn Handler) -> Response<Body> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
            let allow = HeaderValue::from_static("GET, HEAD, OPTIONS");
            response.headers_mut().insert(header::ALLOW, allow);
            return response;
        }
        let scopes = self.scopes(handler);
        let mut metadata = Map::new();
        let mut say = |name: &str, value: Value| metadata.insert(name.to_owned(), value);
        say("resource", json!(self.resource));
        say(
            "authorization_servers",
            json!(self.published.authorization_servers),
        );
        // RFC 9728: a list of nothing is left out.
        if !scopes.is_empty() {
            say("scopes_supported", json!(scopes));
        }
        say("bearer_methods_supported", json!(["header"]));
        say("resource_name", json!(self.name));
        let metadata = Value::Object(metadata);
        let mut response = Response::new(Body::full(metadata.to_string()));
        response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        response
    }

    /// The header that sends a client here for a token.
    fn challenge(&self, challenge: &Challenge, handler: &dyn Handler) -> HeaderValue {
        challenge.header(Some(Discovery {
            metadata: &self.metadata,
            scopes: &self.scopes(handler),
        }))
    }

    /// What clients are told to ask for, in metadata and challenges alike.
    ///
    /// That is told to whoever asks, so it is what strangers see: what a filter hides from them, its
    /// scopes are hidden with.
    fn scopes(&self, handler: &dyn Handler) -> Vec<String> {
        match &self.published.scopes_supported {
            Some(scopes) => scopes.clone(),
            None => {
                let mut scopes = handler.scopes(Caller::new(None, &Peer::default()));
                scopes.retain(|scope| is_scope(scope));
                scopes
            }
        }
    }
}

/// The header of a challenge, by a server that may be a protected resource.
pub(crate) fn challenge(
    resource: Option<&ProtectedResource>,
    challenge: &Challenge,
    handler: &dyn Handler,
) -> HeaderValue {
    match resource {
        Some(resource) => resource.challenge(challenge, handler),
        None => challenge.header(None),
    }
}

impl Published {
    fn check(&self) -> Result {
        let servers = &self.authorization_servers;
        if let Some(wrong) = servers.iter().find(|url| !is_issuer(url)) {
            return Err(Error::config(format!(
                "`authorization_servers` takes issuers, `https://host[:port][/path]` \
                 (`http` on loopback): {wrong:?}"
            )));
        }
        let Some(scopes) = &self.scopes_supported else {
            return Ok(());
        };
        if servers.is_empty() {
            return Err(Error::config(
                "`scopes_supported` without `authorization_servers`: nobody would be told",
            ));
        }
        match scopes.iter().find(|scope| !is_scope(scope)) {
            None => Ok(()),
            Some(wrong) => Err(Error::config(format!(
                "`scopes_supported` takes scopes of this server, visible ASCII without spaces, \
                 quotes and backslashes, and not `offline_access`: {wrong:?}"
            ))),
        }
    }
}

/// Where MCP is from outside, as an origin and a path: some give the URL of the server, some that
/// of MCP itself.
fn resource(public_url: &str, path: &str) -> (String, String) {
    let (origin, prefix) = split(public_url);
    let (prefix, path) = (prefix.trim_end_matches('/'), path.trim_end_matches('/'));
    match prefix.strip_suffix(path) {
        Some(_) => (origin, prefix.to_owned()),
        None => (origin, format!("{prefix}{path}")),
    }
}

/// An origin, and what stands behind it.
fn split(url: &str) -> (String, &str) {
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let path = url.get(origin.len()..).unwrap_or_default();
    (origin, path)
}

/// Whether it names an authorization server.
///
/// # Specification
/// [RFC 8414, section 2](https://www.rfc-editor.org/rfc/rfc8414#section-2)
fn is_issuer(url: &str) -> bool {
    let (origin, _) = split(url);
    let Some((scheme, authority)) = parse_web_origin(&origin) else {
        return false;
    };
    let secure = scheme.eq_ignore_ascii_case("https") || is_loopback(authority.host());
    secure && !url.contains(['?', '#']) && url.parse::<Uri>().is_ok()
}

/// Whether a client may be told to ask for it. `offline_access` is between clients and their
/// authorization server.
///
/// # Specification
/// [RFC 6749, section 3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)
fn is_scope(scope: &str) -> bool {
    let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !scope.is_empty() && scope.bytes().all(allowed) && scope != "offline_access"
}
