//! What the head of a request says to the server, found in one pass.
//!
//! Each look-up in a [`HeaderMap`] hashes a name; ten of them cost more than all that is then done with
//! what they find.

use http::HeaderMap;

use crate::header::Single;

/// The headers that decide how a request is served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'h> {
    /// All of them, for what is rarely asked.
    pub(crate) all: &'h HeaderMap,
    pub(crate) accept: Single<'h>,
    pub(crate) content_encoding: Single<'h>,
    pub(crate) content_length: Single<'h>,
    pub(crate) content_type: Single<'h>,
    pub(crate) host: Single<'h>,
    pub(crate) origin: Single<'h>,
    pub(crate) protocol_version: Single<'h>,
    pub(crate) session_id: Single<'h>,
    pub(crate) method: Single<'h>,
    pub(crate) name: Single<'h>,
}

impl<'h> Head<'h> {
    pub(crate) fn of(headers: &'h HeaderMap) -> Self {
        let mut head = Self {
            all: headers,
            accept: Single::Absent,
            content_encoding: Single::Absent,
            content_length: Single::Absent,
            content_type: Single::Absent,
            host: Single::Absent,
            origin: Single::Absent,
            protocol_version: Single::Absent,
            session_id: Single::Absent,
            method: Single::Absent,
            name: Single::Absent,
        };
        for (name, value) in headers {
            let found = match name.as_str() {
                "accept" => &mut head.accept,
                "content-encoding" => &mut head.content_encoding,
                "content-length" => &mut head.content_length,
                "content-type" => &mut head.content_type,
                "host" => &mut head.host,
                "origin" => &mut head.origin,
                "mcp-protocol-version" => &mut head.protocol_version,
                "mcp-session-id" => &mut head.session_id,
                "mcp-method" => &mut head.method,
                "mcp-name" => &mut head.name,
                _ => continue,
            };
            found.add(value);
        }
        head
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn one_pass_finds_what_a_look_up_finds() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "localhost"),
            ("accept", "*/*"),
            ("accept", "text/plain"),
            ("x-other", "1"),
            ("mcp-session-id", "s"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        let head = Head::of(&headers);
        assert!(matches!(head.host, Single::One(host) if host == "localhost"));
        assert!(matches!(head.accept, Single::Several));
        assert!(matches!(head.session_id, Single::One(id) if id == "s"));
        assert!(matches!(head.origin, Single::Absent));
    }
}
