//! Server-sent events: how they are written. Knows nothing of MCP.
//!
//! # Specification
//! [HTML, Server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html)

use std::{fmt::Display, time::Duration};

use bytes::Bytes;

/// A comment, to show that the connection lives.
pub(crate) const KEEP_ALIVE: Bytes = Bytes::from_static(b":\n\n");

/// A message as an event. It must be one line, which JSON from a serialiser is.
pub(crate) fn message(id: Option<impl Display>, data: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(data.len() + 48);
    if let Some(id) = id {
        out.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    out.extend_from_slice(b"event: message\ndata: ");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\n\n");
    out.into()
}

/// An event without a message, after which a client knows where to go on.
pub(crate) fn origin(id: impl Display) -> Bytes {
    format!("id: {id}\ndata: \n\n").into()
}

/// How long a client is to wait before it comes back.
pub(crate) fn retry(delay: Duration) -> Bytes {
    format!("retry: {}\n\n", delay.as_millis()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_written_as_the_standard_reads_them() {
        assert_eq!(
            message(Some("1-2"), b"{}"),
            "id: 1-2\nevent: message\ndata: {}\n\n"
        );
        assert_eq!(message(None::<&str>, b"{}"), "event: message\ndata: {}\n\n");
        assert_eq!(origin("1-0"), "id: 1-0\ndata: \n\n");
        assert_eq!(retry(Duration::from_millis(1500)), "retry: 1500\n\n");
    }
}
