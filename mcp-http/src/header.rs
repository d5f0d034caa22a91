//! Header names of the protocol, and what the values of general ones mean.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::head::Head;

pub(crate) const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
pub(crate) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
pub(crate) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
pub(crate) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A header that must not be there twice.
#[derive(Clone, Copy, Debug)]
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

    /// The header, if it is there once.
    pub(crate) fn one(self) -> Option<&'a HeaderValue> {
        match self {
            Self::One(value) => Some(value),
            Self::Absent | Self::Several => None,
        }
    }

    /// One more was found.
    pub(crate) fn add(&mut self, value: &'a HeaderValue) {
        *self = match self {
            Self::Absent => Self::One(value),
            Self::One(_) | Self::Several => Self::Several,
        }
    }
}

/// Whether the body claims to be JSON, in an encoding that we read.
pub(crate) fn is_json(content_type: Single<'_>) -> bool {
    let Single::One(value) = content_type else {
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

/// In which forms a client can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepts {
    /// JSON, and a stream where that is of use.
    Both,
    Json,
    Events,
    Neither,
}

/// In which forms the client can be answered. Whoever says nothing takes anything.
pub(crate) fn accepts(head: &Head<'_>) -> Accepts {
    // What the official clients send, to the byte.
    const USUAL: &str = "application/json, text/event-stream";
    match head.accept {
        Single::Absent => return Accepts::Both,
        Single::One(value) if value == USUAL => return Accepts::Both,
        _ => {}
    }
    let ranges = || {
        head.all
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|v| v.split(','))
    };
    let takes = |answer: &str| {
        // The range that says most about it decides.
        let weight = |range: &str| specificity(range, answer);
        let best = ranges().filter_map(|range| Some((weight(range)?, range)));
        best.max_by_key(|(weight, _)| *weight)
            .is_some_and(|(_, range)| !is_refused(range))
    };
    match (takes("application/json"), takes("text/event-stream")) {
        (true, true) => Accepts::Both,
        (true, false) => Accepts::Json,
        (false, true) => Accepts::Events,
        (false, false) => Accepts::Neither,
    }
}

/// How exactly a media range names a type, if it does at all.
fn specificity(range: &str, answer: &str) -> Option<u8> {
    let essence = range.split(';').next().unwrap_or_default().trim();
    let family = answer.split('/').next().unwrap_or_default();
    if essence.eq_ignore_ascii_case(answer) {
        Some(2)
    } else if essence
        .strip_suffix("/*")
        .is_some_and(|known| known.eq_ignore_ascii_case(family))
    {
        Some(1)
    } else {
        (essence == "*/*").then_some(0)
    }
}

fn is_refused(range: &str) -> bool {
    range.split(';').skip(1).map(str::trim).any(|part| {
        let quality = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
        quality
            .and_then(|q| q.trim().parse::<f32>().ok())
            .is_some_and(|q| q <= 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn json_is_known_by_its_media_type_not_by_its_bytes() {
        let json = |value| is_json(Head::of(&headers(header::CONTENT_TYPE, value)).content_type);
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
        assert!(!is_json(Single::Absent));
    }

    #[test]
    fn a_client_is_answered_in_a_form_that_it_takes() {
        let accepted = |value| accepts(&Head::of(&headers(header::ACCEPT, value)));
        for (value, expected) in [
            ("application/json, text/event-stream", Accepts::Both),
            (
                "Application/JSON;q=0.9, TEXT/EVENT-STREAM;q=0.8",
                Accepts::Both,
            ),
            ("*/*", Accepts::Both),
            ("application/json", Accepts::Json),
            ("text/html, application/*;q=0.1", Accepts::Json),
            ("*/*, text/event-stream;q=0", Accepts::Json),
            ("text/event-stream", Accepts::Events),
            ("application/json;q=0, text/event-stream", Accepts::Events),
            ("text/html", Accepts::Neither),
            ("application/json;q=0", Accepts::Neither),
            ("", Accepts::Neither),
        ] {
            assert_eq!(accepted(value), expected, "{value}");
        }
        assert_eq!(
            accepts(&Head::of(&HeaderMap::new())),
            Accepts::Both,
            "no header accepts anything"
        );
    }
}
