//! Refusals that need nothing but the head of a request, cheapest first.
//!
//! # Specification
//! [2025-11-25, Security warning](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#security-endpoint)

use std::net::IpAddr;

use http::{StatusCode, Uri, Version, header, request::Parts, uri::Authority};

use crate::{
    head::Head,
    header::{Accepts, Single, accepts, is_json},
    refusal::Refusal,
};

/// Which names this server answers to, and which pages may talk to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowed {
    /// `host` or `host:port`, in any case. None: any.
    pub(crate) hosts: Option<Vec<String>>,
    /// `scheme://host[:port]`, in any case, without the port that the scheme implies.
    pub(crate) origins: Vec<String>,
    /// Whether loopback names are among the hosts and origins, on any port.
    pub(crate) loopback: bool,
}

impl Allowed {
    /// Refuses requests that were sent to another name: a page that rebinds its own name to this
    /// address still sends its own name.
    pub(crate) fn check_host(&self, head: &Head<'_>, parts: &Parts) -> Result<(), Refusal> {
        let (authority, spoken) = (parts.uri.authority(), parts.version);
        match head.host {
            Single::One(host) => self.check_authority(host.to_str().unwrap_or_default())?,
            // HTTP/2 and later say it in `:authority`, which is of the URI here.
            Single::Absent if spoken >= Version::HTTP_2 && authority.is_some() => {}
            _ => {
                return Err(Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "One `Host` header is needed",
                ));
            }
        }
        match authority {
            Some(authority) => self.check_authority(authority.as_str()),
            None => Ok(()),
        }
    }

    fn check_authority(&self, named: &str) -> Result<(), Refusal> {
        if self.is_usual(named) {
            return Ok(());
        }
        let Some(authority) = parse_authority(named) else {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "`Host` is not host[:port]",
            ));
        };
        let Some(hosts) = &self.hosts else {
            return Ok(());
        };
        let (host, whole) = (authority.host(), authority.as_str());
        let known = hosts
            .iter()
            .any(|known| known.eq_ignore_ascii_case(host) || known.eq_ignore_ascii_case(whole));
        if known || self.loopback && is_loopback(host) {
            return Ok(());
        }
        Err(Refusal::new(
            StatusCode::FORBIDDEN,
            format!(
                "`Host: {}` is not a name of this server (setting: `public_url` or `allowed_hosts`)",
                shown(whole)
            ),
        ))
    }

    /// Whether this is one of the names as nearly every client writes it, to the byte: what is not
    /// is taken apart, which costs more than all other checks of the head.
    fn is_usual(&self, named: &str) -> bool {
        let digits = named.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (rest, port) = named.split_at(named.len() - digits);
        let host = match rest.strip_suffix(':') {
            Some(host) if port.parse::<u16>().is_ok() => host,
            _ => named,
        };
        let mut hosts = self.hosts.iter().flatten();
        hosts.any(|known| known == host || known == named)
            || self.loopback && matches!(host, "127.0.0.1" | "localhost")
    }

    /// Refuses pages of other sites; whoever sends no `Origin` is not a page.
    pub(crate) fn check_origin(&self, head: &Head<'_>) -> Result<(), Refusal> {
        let origin = match head.origin {
            Single::Absent => return Ok(()),
            Single::One(origin) => origin.to_str().unwrap_or_default(),
            Single::Several => "(several)",
        };
        if self
            .origins
            .iter()
            .any(|known| known.eq_ignore_ascii_case(origin))
            || self.loopback && is_loopback_origin(origin)
        {
            return Ok(());
        }
        Err(Refusal::new(
            StatusCode::FORBIDDEN,
            format!(
                "`Origin: {}` is not allowed (setting: `cors` or `public_url`)",
                shown(origin)
            ),
        ))
    }
}

/// Refuses a POST whose body is not JSON or whose answer could not be read.
///
/// A page of another site may send forms and plain text unasked, and never JSON.
pub(crate) fn check_post(head: &Head<'_>) -> Result<Accepts, Refusal> {
    let identity = |value: &http::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    let encodings = || head.all.get_all(header::CONTENT_ENCODING).iter();
    if !matches!(head.content_encoding, Single::Absent) && !encodings().all(identity) {
        let message = "The body must not be compressed (`Content-Encoding`)";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    if !is_json(head.content_type) {
        let message = "The body must be `Content-Type: application/json`, in UTF-8";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    match accepts(head) {
        Accepts::Neither => {
            let message = "`Accept` must allow `application/json` or `text/event-stream`";
            Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, message))
        }
        accepts => Ok(accepts),
    }
}

/// Whether a host, as it stands in a URI, is this machine to itself.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn is_loopback_origin(origin: &str) -> bool {
    parse_web_origin(origin).is_some_and(|(_, authority)| is_loopback(authority.host()))
}

/// A host and perhaps a port, and nothing else. `Authority` alone would take what stands behind the
/// colon for a port unseen: `localhost:80.evil.com`.
pub(crate) fn parse_authority(text: &str) -> Option<Authority> {
    let authority: Authority = text.parse().ok()?;
    let rest = text.strip_prefix(authority.host())?;
    let fits = match rest.strip_prefix(':') {
        Some(port) => port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok(),
        None => rest.is_empty(),
    };
    // What looks like a pattern would match nothing.
    let named = !authority.host().is_empty() && !authority.host().contains('*');
    (fits && named).then_some(authority)
}

/// An origin, taken apart: a scheme, a host, perhaps a port, and nothing else.
pub(crate) fn parse_origin(origin: &str) -> Option<(&str, Authority)> {
    let (scheme, rest) = origin.split_once("://")?;
    let authority = parse_authority(rest)?;
    // `Uri` alone would take a scheme of nothing.
    let named = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    // As a whole it must be a URI, too, and have nothing behind the authority.
    let bare = origin
        .parse::<Uri>()
        .is_ok_and(|uri| uri.path() == "/" && uri.query().is_none());
    (named && bare && !rest.contains(['@', '/', '?', '#'])).then_some((scheme, authority))
}

/// The same of the web: extensions of browsers, and apps, have schemes of their own.
pub(crate) fn parse_web_origin(origin: &str) -> Option<(&str, Authority)> {
    let (scheme, authority) = parse_origin(origin)?;
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    web.then_some((scheme, authority))
}

fn shown(text: &str) -> String {
    text.chars()
        .take(100)
        .flat_map(char::escape_debug)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_a_name_or_an_address_never_a_prefix() {
        for yes in ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]"] {
            assert!(is_loopback(yes), "{yes}");
        }
        for no in [
            "localhost.evil.com",
            "127.0.0.1.evil.com",
            "::2",
            "",
            "10.0.0.1",
            "0x7f000001",
        ] {
            assert!(!is_loopback(no), "{no}");
        }
    }

    #[test]
    fn an_authority_is_a_host_and_perhaps_a_port_and_nothing_else() {
        for yes in [
            "localhost",
            "localhost:0",
            "a.example:65535",
            "[::1]",
            "[::1]:80",
        ] {
            assert!(parse_authority(yes).is_some(), "{yes}");
        }
        for no in [
            "",
            ":80",
            "localhost:",
            "localhost:+80",
            "localhost:65536",
            "localhost:80.evil.com",
            "127.0.0.1:8910.evil.com",
            "localhost:80:80",
            "[::1]x",
            "[::1]80",
            "localhost@localhost",
            "*.example.com",
        ] {
            assert!(parse_authority(no).is_none(), "{no}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_and_nothing_else() {
        for yes in [
            "http://localhost",
            "https://127.0.0.1:8443",
            "http://[::1]:80",
        ] {
            assert!(is_loopback_origin(yes), "{yes}");
        }
        for no in [
            "null",
            "",
            "localhost",
            "file://localhost",
            "http://localhost@evil.com",
            "http://evil.com#localhost",
            "http://localhost/",
            "http://localhost/x",
            "http://localhost:80, http://evil.com",
            "http://localhost.evil.com",
            "ws://localhost",
            "tauri://localhost",
        ] {
            assert!(!is_loopback_origin(no), "{no}");
        }
    }
}
