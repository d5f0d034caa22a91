use bytes::Bytes;
use serde::Serialize;

use super::{ErrorCode, ErrorObject, RequestId};

/// A response, ready to be sent: up to three runs of bytes, one after the other.
///
/// A list is serialised once and shared by every response that carries it; the runs let it travel
/// without a copy. What they spell together is one JSON object without line breaks.
#[derive(Clone, Debug)]
pub struct Response {
    head: Bytes,
    shared: Bytes,
    tail: &'static [u8],
    error: Option<ErrorCode>,
}

impl Response {
    /// A response whose result `write` appends as JSON.
    pub(crate) fn result(id: &RequestId, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut out = Self::open(id, 256);
        write(&mut out);
        out.push(b'}');
        Self {
            head: out.into(),
            shared: Bytes::new(),
            tail: b"",
            error: None,
        }
    }

    /// A response whose result is the JSON object that `shared` spells.
    pub(crate) fn shared(id: &RequestId, shared: Bytes) -> Self {
        Self {
            head: Self::open(id, 64).into(),
            shared,
            tail: b"}",
            error: None,
        }
    }

    /// An error response; without an id when the request's could not be read.
    pub fn error(id: Option<&RequestId>, error: &ErrorObject) -> Self {
        let mut out = br#"{"jsonrpc":"2.0","#.to_vec();
        if let Some(id) = id {
            out.extend_from_slice(br#""id":"#);
            id.write(&mut out);
            out.push(b',');
        }
        out.extend_from_slice(br#""error":"#);
        write_json(&mut out, error);
        out.push(b'}');
        Self {
            head: out.into(),
            shared: Bytes::new(),
            tail: b"",
            error: Some(error.code),
        }
    }

    /// The code of an error response.
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.error
    }

    /// The runs of bytes in order; some may be empty.
    pub fn into_runs(self) -> [Bytes; 3] {
        [self.head, self.shared, Bytes::from_static(self.tail)]
    }

    /// All bytes in one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        [&self.head, &self.shared, self.tail].concat()
    }

    fn open(id: &RequestId, capacity: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(capacity);
        out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        id.write(&mut out);
        out.extend_from_slice(br#","result":"#);
        out
    }
}

/// A notification as one line.
pub(crate) fn notification(method: &str, params: &impl Serialize) -> Box<str> {
    let mut out = br#"{"jsonrpc":"2.0","method":"#.to_vec();
    write_str(&mut out, method);
    out.extend_from_slice(br#","params":"#);
    write_json(&mut out, params);
    out.push(b'}');
    String::from_utf8(out).unwrap_or_default().into()
}

/// A request of ours as one line; `params` is JSON.
pub(crate) fn request(id: &RequestId, method: &str, params: &str) -> String {
    let mut out = br#"{"jsonrpc":"2.0","id":"#.to_vec();
    id.write(&mut out);
    out.extend_from_slice(br#","method":"#);
    write_str(&mut out, method);
    out.extend_from_slice(br#","params":"#);
    out.extend_from_slice(params.as_bytes());
    out.push(b'}');
    String::from_utf8(out).unwrap_or_default()
}

/// Appends `value` as JSON. Our own vocabulary cannot fail to serialise: its maps have string keys.
pub(crate) fn write_json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

/// Appends `text` as a JSON string.
pub(crate) fn write_str(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    write_json(out, text);
}
