//! From outcomes to envelopes and error codes, as 2026-07-28 has them.
//!
//! # Specification
//! [2026-07-28, Results](https://modelcontextprotocol.io/specification/2026-07-28/basic#responses),
//! [Caching](https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching)

#![warn(clippy::wildcard_enum_match_arm)]

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    ProtocolVersion,
    cache::Cache,
    era::{
        Sealed,
        content::{write_content, write_text},
    },
    error::{Error, Missing},
    handler::{Answer, List, Outcome, ToolOutput},
    jsonrpc::{
        ErrorCode, ErrorObject, RequestId, Response,
        response::{write_json, write_str},
    },
    line::Question,
    types::{Implementation, Meta},
};

const MISSING_CAPABILITY: ErrorCode = ErrorCode(-32021);
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// What is the same in every result.
#[derive(Debug)]
pub(super) struct Seal {
    /// `,"_meta":{…}`, or nothing.
    meta: String,
    server_info: Option<Value>,
}

impl Seal {
    pub(super) fn new(server: Option<&Implementation>) -> Self {
        let server_info = server.and_then(|info| serde_json::to_value(info).ok());
        let meta = server_info.as_ref().map(|info| {
            let meta = json!({ SERVER_INFO: info });
            format!(r#","_meta":{meta}"#)
        });
        Self {
            meta: meta.unwrap_or_default(),
            server_info,
        }
    }

    /// The response to a request that ended so.
    pub(super) fn seal(&self, id: &RequestId, outcome: Outcome, cache: Cache) -> Sealed {
        match outcome {
            Ok(answer) => Sealed::Response(self.answer(id, answer, cache)),
            Err(error) => Sealed::failed(id, &error, self::error(&error)),
        }
    }

    /// Asks the client for input, and to come back with `state`.
    pub(super) fn input_required(
        &self,
        id: &RequestId,
        questions: &[Question],
        state: &str,
    ) -> Response {
        Response::result(id, |out| {
            out.extend_from_slice(br#"{"resultType":"input_required","inputRequests":{"#);
            for (index, question) in questions.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_str(out, &question.key);
                out.extend_from_slice(br#":{"method":"#);
                write_str(out, question.method);
                out.extend_from_slice(br#","params":"#);
                out.extend_from_slice(params(question).as_bytes());
                out.push(b'}');
            }
            out.extend_from_slice(br#"},"requestState":"#);
            write_str(out, state);
            self.close(out);
        })
    }

    /// A result that may be kept.
    pub(super) fn cacheable(&self, id: &RequestId, result: &impl Serialize) -> Response {
        Response::result(id, |out| self.members(out, result, Some(Cache::default())))
    }

    /// A result that has nothing but this `_meta`, and what every result has.
    pub(super) fn with_meta(&self, id: &RequestId, meta: Meta) -> Response {
        Response::result(id, |out| {
            out.extend_from_slice(br#"{"resultType":"complete""#);
            self.own_meta(out, meta);
        })
    }

    fn answer(&self, id: &RequestId, answer: Answer, cache: Cache) -> Response {
        let plain = |result: Value| Response::result(id, |out| self.members(out, &result, None));
        match answer {
            Answer::CallTool(output) => Response::result(id, |out| self.tool_output(out, output)),
            Answer::ReadResource(contents) => Response::result(id, |out| {
                self.members(out, &json!({ "contents": contents }), Some(cache));
            }),
            Answer::GetPrompt(mut prompt) => Response::result(id, |out| {
                let meta = prompt.meta.take();
                self.begin(out, &prompt);
                match meta {
                    Some(meta) => self.own_meta(out, meta),
                    None => self.close(out),
                }
            }),
            Answer::Complete(completion) => plain(json!({ "completion": completion })),
            Answer::Empty => plain(json!({})),
            Answer::ListTools(tools) => self.list(id, "tools", &tools, cache),
            Answer::ListPrompts(prompts) => self.list(id, "prompts", &prompts, cache),
            Answer::ListResources(resources) => self.list(id, "resources", &resources, cache),
            Answer::ListResourceTemplates(templates) => {
                self.list(id, "resourceTemplates", &templates, cache)
            }
        }
    }

    /// Appends the result of a call.
    fn tool_output(&self, out: &mut Vec<u8>, output: ToolOutput) {
        let ToolOutput {
            content,
            structured,
            is_error,
            meta,
        } = output;
        let structured = structured.filter(|_| !is_error);
        out.extend_from_slice(br#"{"resultType":"complete","content":["#);
        for (index, part) in content.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_content(out, part);
        }
        if let Some(structured) = structured.as_ref().filter(|_| content.is_empty()) {
            write_text(out, structured.as_json());
        }
        out.push(b']');
        if let Some(structured) = structured {
            out.extend_from_slice(br#","structuredContent":"#);
            out.extend_from_slice(structured.as_json().as_bytes());
        }
        if is_error {
            out.extend_from_slice(br#","isError":true"#);
        }
        match meta {
            Some(meta) => self.own_meta(out, meta),
            None => self.close(out),
        }
    }

    /// A list, rendered once.
    fn list<D: Serialize>(
        &self,
        id: &RequestId,
        name: &str,
        list: &List<D>,
        cache: Cache,
    ) -> Response {
        let rest = list.rendered(ProtocolVersion::V2026_07_28 as usize, |items| {
            let mut out = Vec::new();
            // The items are raw where they hold schemas: they go out as they are.
            out.extend_from_slice(br#"{"resultType":"complete","#);
            write_str(&mut out, name);
            out.push(b':');
            write_json(&mut out, items);
            if let Some(cursor) = &list.next_cursor {
                out.extend_from_slice(br#","nextCursor":"#);
                write_str(&mut out, cursor);
            }
            write_cache(&mut out, cache);
            self.close(&mut out);
            out
        });
        Response::shared(id, rest)
    }

    /// Appends the members of `result`, which is an object, and what every result has.
    fn members(&self, out: &mut Vec<u8>, result: &impl Serialize, cache: Option<Cache>) {
        self.begin(out, result);
        if let Some(cache) = cache {
            write_cache(out, cache);
        }
        self.close(out);
    }

    fn begin(&self, out: &mut Vec<u8>, result: &impl Serialize) {
        let mut json = Vec::new();
        write_json(&mut json, result);
        out.extend_from_slice(br#"{"resultType":"complete""#);
        if let Some(members) = json
            .strip_prefix(b"{")
            .and_then(|rest| rest.strip_suffix(b"}"))
            && !members.is_empty()
        {
            out.push(b',');
            out.extend_from_slice(members);
        }
    }

    fn own_meta(&self, out: &mut Vec<u8>, mut meta: Meta) {
        if let Some(info) = &self.server_info {
            meta.entry(SERVER_INFO).or_insert_with(|| info.clone());
        }
        out.extend_from_slice(br#","_meta":"#);
        write_json(out, &meta);
        out.push(b'}');
    }

    fn close(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.meta.as_bytes());
        out.push(b'}');
    }
}

/// The parameters of a question; a visit to a page has no name of its own here.
fn params(question: &Question) -> Cow<'_, str> {
    const NAME: &str = "elicitationId";
    let text = &*question.params;
    if text.contains(NAME)
        && let Ok(mut params) = serde_json::from_str::<Map<String, Value>>(text)
        && params.shift_remove(NAME).is_some()
    {
        return Value::Object(params).to_string().into();
    }
    text.into()
}

fn write_cache(out: &mut Vec<u8>, cache: Cache) {
    let hints = format!(
        r#","ttlMs":{},"cacheScope":"{}""#,
        cache.ttl.as_millis(),
        cache.scope
    );
    out.extend_from_slice(hints.as_bytes());
}

fn error(error: &Error) -> ErrorObject {
    let code = match error {
        Error::MethodNotFound { .. } => ErrorCode::METHOD_NOT_FOUND,
        Error::InvalidParams { .. } | Error::NotFound(Missing::Tool(_) | Missing::Prompt(_)) => {
            ErrorCode::INVALID_PARAMS
        }
        Error::NotFound(Missing::Resource(uri)) => {
            let object = ErrorObject::new(ErrorCode::INVALID_PARAMS, error.to_string());
            return object.with_data(json!({ "uri": uri }));
        }
        Error::AuthenticationRequired { .. } | Error::InsufficientScope { .. } => {
            ErrorCode::INVALID_REQUEST
        }
        Error::MissingCapability(needed) => {
            let object = ErrorObject::new(MISSING_CAPABILITY, error.to_string());
            return object.with_data(json!({ "requiredCapabilities": needed.to_json() }));
        }
        Error::Custom { code, .. } => *code,
        Error::Internal(_) => ErrorCode::INTERNAL_ERROR,
    };
    ErrorObject {
        data: error.data().cloned(),
        ..ErrorObject::new(code, error.to_string())
    }
}
