//! Header names of the protocol, and what the values of general ones mean.

use http::{HeaderMap, HeaderName, HeaderValue, header};

pub(crate) const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
pub(crate) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
pub(crate) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A header that must not be there twice.
pub(crate) enum Single<'a> {
    Absent,
    One(&'a HeaderValue),
    Several,
}

impl<'a> Single<'a> {
    pub(crate) fn of(headers: &'a HeaderMap, name: &HeaderName) -> Self {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::One(value),
            (Some(_), Some(_)) => Self::Several,
        }
    }
}

/// Whether the body claims to be JSON, in an encoding that we read.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Single::One(value) = Single::of(headers, &header::CONTENT_TYPE) else {
        return false;
    };
    if *value == JSON {
        return true;
    }
    let Ok(text) = value.to_str() else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let essence = parts
        .next()
        .is_some_and(|part| part.eq_ignore_ascii_case("application/json"));
    essence
        && parts
            .filter_map(|part| part.split_once('='))
            .all(|(name, value)| {
                !name.trim().eq_ignore_ascii_case("charset")
                    || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
}

/// Whether the client can be answered in JSON or in a stream, the two forms there are.
pub(crate) fn accepts_an_answer(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return true;
    }
    values.any(|value| {
        // What the official clients send, to the byte.
        *value == "application/json, text/event-stream"
            || value
                .to_str()
                .is_ok_and(|text| text.split(',').any(is_acceptable))
    })
}

fn is_acceptable(range: &str) -> bool {
    const ANSWERS: [&str; 5] = [
        "application/json",
        "text/event-stream",
        "application/*",
        "text/*",
        "*/*",
    ];
    let mut parts = range.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let refused = |part: &str| {
        let quality = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
        quality
            .and_then(|q| q.trim().parse::<f32>().ok())
            .is_some_and(|q| q <= 0.0)
    };
    ANSWERS
        .iter()
        .any(|answer| essence.eq_ignore_ascii_case(answer))
        && !parts.any(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn json_is_known_by_its_media_type_not_by_its_bytes() {
        let json = |value| is_json(&headers(header::CONTENT_TYPE, value));
        for yes in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"; x=y",
        ] {
            assert!(json(yes), "{yes}");
        }
        for no in [
            "text/plain",
            "application/jsonp",
            "application/json-patch+json",
            "application/json; charset=utf-16",
            "",
        ] {
            assert!(!json(no), "{no}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn a_client_is_refused_only_when_it_takes_neither_form() {
        let accepted = |value| accepts_an_answer(&headers(header::ACCEPT, value));
        for yes in [
            "application/json, text/event-stream",
            "application/json",
            "text/event-stream",
            "*/*",
            "text/html, application/*;q=0.1",
            "Application/JSON;q=0.9, TEXT/EVENT-STREAM;q=0.8",
            "application/json;q=0, text/event-stream",
        ] {
            assert!(accepted(yes), "{yes}");
        }
        for no in ["text/html", "application/json;q=0", "image/*", ""] {
            assert!(!accepted(no), "{no}");
        }
        assert!(
            accepts_an_answer(&HeaderMap::new()),
            "no header accepts anything"
        );
    }
}
