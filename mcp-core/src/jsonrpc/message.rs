use std::borrow::Cow;

use memchr::memchr2_iter;
use serde_json::value::RawValue;

use super::{
    ErrorCode, ErrorObject, RequestId, Response,
    raw::{self, Raw},
    scan,
};

/// How deep the arrays and objects of one message may nest.
const MAX_DEPTH: usize = 128;

/// One message, parsed in one pass; what the method means by its parameters stays raw.
///
/// ```
/// use mcp_core::jsonrpc::Message;
///
/// let message = Message::parse(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)?;
/// assert!(matches!(message, Message::Request { method, .. } if method == "ping"));
/// # Ok::<(), mcp_core::jsonrpc::Malformed>(())
/// ```
///
/// # Specification
/// [2025-11-25, Messages](https://modelcontextprotocol.io/specification/2025-11-25/basic#messages)
#[derive(Debug)]
pub enum Message<'a> {
    /// Wants a response.
    Request {
        /// Names the request in the response.
        id: RequestId,
        /// What is to be done.
        method: Cow<'a, str>,
        /// A JSON object, if there is anything to say.
        params: Option<Raw<'a>>,
    },
    /// Wants none.
    Notification {
        /// What happened.
        method: Cow<'a, str>,
        /// A JSON object, if there is anything to say.
        params: Option<Raw<'a>>,
    },
    /// Answers a request of ours.
    Response {
        /// Which request; absent when the peer could not read it.
        id: Option<RequestId>,
        /// The `result` or the `error` member.
        outcome: Result<Raw<'a>, Raw<'a>>,
    },
}

/// Bytes that are not a message.
///
/// Its [`Display`](std::fmt::Display) is fit for the peer: it names the rule and what was seen.
#[derive(Debug)]
pub struct Malformed(Box<(Option<RequestId>, ErrorObject)>);

impl<'a> Message<'a> {
    /// Parses one message.
    ///
    /// Members are matched exactly, case and all; one that is given twice is refused, since two
    /// readers of such a message could see two different requests.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes are not UTF-8 JSON (-32700) or not one JSON-RPC message
    /// (-32600): batches, too, and nesting beyond 128 levels.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        match Incoming::parse(bytes)? {
            Incoming::One(message) => Ok(message),
            Incoming::Batch(_) => Err(Malformed::batch()),
        }
    }
}

impl<'a> Message<'a> {
    /// The parameters of a request or a notification.
    pub fn params(&self) -> Option<Raw<'a>> {
        match self {
            Self::Request { params, .. } | Self::Notification { params, .. } => *params,
            Self::Response { .. } => None,
        }
    }
}

/// What a body holds.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// One message.
    One(Message<'a>),
    /// Several, which only the oldest revision allows; each is still to be parsed.
    Batch(Vec<Raw<'a>>),
}

impl<'a> Incoming<'a> {
    /// The most messages that a batch may have.
    pub const LONGEST_BATCH: usize = 100;

    /// Parses a body; see [`Message::parse`].
    ///
    /// # Errors
    /// As [`Message::parse`], except that a batch is none.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            Malformed::syntax(format!("not UTF-8 (byte {})", error.valid_up_to()))
        })?;
        if let Some(members) = Members::of_sure(text) {
            return members.message().map(Self::One);
        }
        // Whatever is wrong with it, `serde_json` knows the words.
        check_depth(bytes)?;
        let raw = serde_json::from_str::<&RawValue>(text).map_err(Malformed::syntax)?;
        let raw = Raw::from(raw);
        if raw.get().starts_with('[') {
            let messages: Vec<&RawValue> = raw.parse().map_err(Malformed::syntax)?;
            let count = messages.len();
            if count == 0 || count > Self::LONGEST_BATCH {
                let most = Self::LONGEST_BATCH;
                let reason = format!("a batch has 1 to {most} messages, this one has {count}");
                return Err(Malformed::shape(None, reason));
            }
            return Ok(Self::Batch(messages.into_iter().map(Raw::from).collect()));
        }
        if !raw.is_object() {
            return Err(Malformed::shape(None, "a message is an object"));
        }
        Members::of_known(raw).message().map(Self::One)
    }
}

impl Malformed {
    /// The refusal as an error object, and the id of the request if it could be read.
    pub fn into_response(self) -> Response {
        Response::error(self.0.0.as_ref(), &self.0.1)
    }

    /// The same, taken apart.
    pub fn into_parts(self) -> (Option<RequestId>, ErrorObject) {
        *self.0
    }

    /// Several messages where one was expected.
    pub fn batch() -> Self {
        Self::shape(None, "a batch: this revision takes one message at a time")
    }

    fn syntax(reason: impl std::fmt::Display) -> Self {
        let error = ErrorObject::new(ErrorCode::PARSE_ERROR, format!("Parse error: {reason}"));
        Self(Box::new((None, error)))
    }

    fn shape(id: Option<RequestId>, reason: impl std::fmt::Display) -> Self {
        let message = format!("Invalid request: {reason}");
        Self(Box::new((
            id,
            ErrorObject::new(ErrorCode::INVALID_REQUEST, message),
        )))
    }
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.1.message)
    }
}

impl std::error::Error for Malformed {}

/// The members of an envelope as they stand, so that one bad member does not hide the id.
struct Members<'a> {
    jsonrpc: Option<Raw<'a>>,
    id: Option<Raw<'a>>,
    method: Option<Raw<'a>>,
    params: Option<Raw<'a>>,
    result: Option<Raw<'a>>,
    error: Option<Raw<'a>>,
    twice: Option<&'static str>,
}

impl<'a> Members<'a> {
    /// Those of a text that is sure to be an object, all of it.
    fn of_sure(text: &'a str) -> Option<Self> {
        // One level is the envelope itself.
        let mut members = raw::Members::new(text, |value| scan::value(value, MAX_DEPTH - 1));
        let picked = Self::pick(&mut members);
        members.are_all().then_some(picked)
    }

    fn of_known(object: Raw<'a>) -> Self {
        Self::pick(&mut object.members())
    }

    fn pick<B: Fn(&[u8]) -> Option<&[u8]>>(members: &mut raw::Members<'a, B>) -> Self {
        let names = ["jsonrpc", "id", "method", "params", "result", "error"];
        let ([jsonrpc, id, method, params, result, error], twice) = members.pick(&names);
        Self {
            jsonrpc,
            id,
            method,
            params,
            result,
            error,
            twice,
        }
    }

    fn message(self) -> Result<Message<'a>, Malformed> {
        let id = match self.id.map(RequestId::parse) {
            None => None,
            Some(Ok(id)) => Some(id),
            // A response to a request whose id could not be read carries null.
            Some(Err(_)) if self.error.is_some() && self.method.is_none() => None,
            Some(Err(error)) => {
                let reason = format!("`id`: {}", without_position(&error));
                return Err(Malformed::shape(None, reason));
            }
        };
        let refuse = |reason: &dyn std::fmt::Display| Malformed::shape(id.clone(), reason);
        if let Some(name) = self.twice {
            return Err(refuse(&format_args!("`{name}` is given twice")));
        }
        if self.jsonrpc.is_none_or(|raw| raw.get() != r#""2.0""#) {
            return Err(refuse(&r#"`jsonrpc` must be "2.0""#));
        }
        if let Some(params) = self.params
            && !params.is_object()
        {
            return Err(refuse(&"`params` must be an object"));
        }
        let Some(method) = self.method else {
            let outcome = match (self.result, self.error) {
                (Some(result), None) => Ok(result),
                (None, Some(error)) => Err(error),
                (None, None) => return Err(refuse(&"`method` is missing")),
                (Some(_), Some(_)) => return Err(refuse(&"both `result` and `error`")),
            };
            return Ok(Message::Response { id, outcome });
        };
        if self.result.is_some() || self.error.is_some() {
            return Err(refuse(&"`method` together with `result` or `error`"));
        }
        let Ok(method) = method.text() else {
            return Err(refuse(&"`method` must be a string"));
        };
        Ok(match id {
            Some(id) => Message::Request {
                id,
                method,
                params: self.params,
            },
            None => Message::Notification {
                method,
                params: self.params,
            },
        })
    }
}

/// Refuses nesting beyond [`MAX_DEPTH`].
///
/// A message with fewer opening brackets than that, in strings or out, cannot nest deeper, and
/// counting them is all that nearly every message costs.
fn check_depth(bytes: &[u8]) -> Result<(), Malformed> {
    if memchr2_iter(b'{', b'[', bytes).nth(MAX_DEPTH).is_none() {
        return Ok(());
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(Malformed::shape(
                None,
                format!("nested deeper than {MAX_DEPTH} levels"),
            ));
        }
    }
    Ok(())
}

/// The text of a serde error without the position, which means nothing inside a member.
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    if let Some(end) = text.rfind(" at line ") {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: impl AsRef<[u8]>) -> (Option<RequestId>, ErrorCode, String) {
        let malformed = Message::parse(json.as_ref()).expect_err("should be refused");
        {
            let (id, error) = malformed.into_parts();
            (id, error.code, error.message)
        }
    }

    #[test]
    fn a_request_keeps_its_parameters_raw() {
        let json = br#" {"params": { "a":[1, 2]} , "id":"x","method":"t\u002fm","jsonrpc":"2.0"}"#;
        let Message::Request { id, method, params } = Message::parse(json).unwrap() else {
            panic!("not a request")
        };
        assert_eq!((id, &*method), (RequestId::from("x"), "t/m"));
        assert_eq!(params.unwrap().get(), r#"{ "a":[1, 2]}"#);
    }

    #[test]
    fn no_id_makes_a_notification_and_no_method_a_response() {
        let parse = |json: &'static str| Message::parse(json.as_bytes()).unwrap();
        assert!(matches!(
            parse(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#),
            Message::Notification { params: None, .. }
        ));
        assert!(matches!(
            parse(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#),
            Message::Response {
                id: Some(_),
                outcome: Ok(_)
            }
        ));
        assert!(matches!(
            parse(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"x"}}"#),
            Message::Response {
                id: None,
                outcome: Err(_)
            }
        ));
    }

    #[test]
    fn what_is_not_json_is_a_parse_error_without_an_id() {
        for json in [
            &b""[..],
            b" ",
            b"{",
            b"{'a':1}",
            b"{} {}",
            b"\xff",
            b"[1",
            br#"{"id":01}"#,
        ] {
            let (id, code, _) = refused(json);
            assert_eq!(
                (id, code),
                (None, ErrorCode::PARSE_ERROR),
                "{}",
                json.escape_ascii()
            );
        }
    }

    #[test]
    fn what_is_not_a_message_says_why_and_keeps_the_id() {
        for (json, reason) in [
            (r#"{"jsonrpc":"2.0","id":1}"#, "`method` is missing"),
            (
                r#"{"jsonrpc":"1.0","id":1,"method":"m"}"#,
                "`jsonrpc` must be",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"Method":"m"}"#,
                "`method` is missing",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
                "`method` must be a string",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"m","params":[]}"#,
                "`params` must be an object",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"m","method":"n"}"#,
                "given twice",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"m","result":{}}"#,
                "together with",
            ),
            (r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, "both"),
        ] {
            let (id, code, message) = refused(json);
            assert_eq!(
                (id, code),
                (Some(1_i64.into()), ErrorCode::INVALID_REQUEST),
                "{json}"
            );
            assert!(message.contains(reason), "{json}: {message}");
        }
    }

    #[test]
    fn ids_that_are_neither_string_nor_integer_are_refused() {
        for id in ["null", "1.5", "true", "{}", "[1]", "18446744073709551616"] {
            let (seen, code, message) =
                refused(format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"m"}}"#));
            assert_eq!((seen, code), (None, ErrorCode::INVALID_REQUEST), "{id}");
            assert!(message.contains("`id`"), "{message}");
        }
    }

    #[test]
    fn nesting_is_bounded_wherever_it_hides() {
        let nested = |depth: usize| {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"m","x":{open}{close}}}"#)
        };
        assert!(Message::parse(nested(127).as_bytes()).is_ok());
        let (_, code, message) = refused(nested(128));
        assert_eq!(code, ErrorCode::INVALID_REQUEST);
        assert!(message.contains("128"), "{message}");
        refused(nested(100_000));
        let brackets_in_text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{{"t":"{}\""}}}}"#,
            "[".repeat(1000)
        );
        assert!(Message::parse(brackets_in_text.as_bytes()).is_ok());
    }

    #[test]
    fn batches_are_refused_by_name() {
        let (_, code, message) = refused(r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#);
        assert_eq!(code, ErrorCode::INVALID_REQUEST);
        assert!(message.contains("batch"), "{message}");
    }
}
