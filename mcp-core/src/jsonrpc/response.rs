use bytes::Bytes;
use serde::Serialize;

use super::{ErrorCode, ErrorObject, RequestId};

/// A response, ready to be sent: one or two runs of bytes, one after the other.
///
/// A list is serialised once and shared by every response that carries it; the runs let it travel
/// without a copy. What they spell together is one JSON object without line breaks.
#[derive(Clone, Debug)]
pub struct Response {
    head: Bytes,
    rest: Rest,
    error: Option<ErrorCode>,
}

/// A result that many responses share, and the brace that ends each of them: after so long a run, a
/// connection would send the brace by itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rest(Bytes);

impl Rest {
    /// Of responses whose result is this JSON object.
    pub(crate) fn of(mut result: Vec<u8>) -> Self {
        result.push(b'}');
        Self(result.into())
    }
}

impl Response {
    /// A response whose result `write` appends as JSON.
    pub(crate) fn result(id: &RequestId, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut out = Self::open(id, 256);
        write(&mut out);
        out.push(b'}');
        Self {
            head: out.into(),
            rest: Rest::default(),
            error: None,
        }
    }

    /// A response that ends as others do.
    pub(crate) fn shared(id: &RequestId, rest: Rest) -> Self {
        Self {
            head: Self::open(id, 64).into(),
            rest,
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
            rest: Rest::default(),
            error: Some(error.code),
        }
    }

    /// The code of an error response.
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.error
    }

    /// The runs of bytes in order; the second may be empty.
    pub fn into_runs(self) -> [Bytes; 2] {
        [self.head, self.rest.0]
    }

    /// All bytes in one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        [&self.head[..], &self.rest.0].concat()
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
