//! From outcomes to envelopes and error codes, as the revision of the session wants them.
//!
//! # Specification
//! [2025-11-25, Error handling (tools)](https://modelcontextprotocol.io/specification/2025-11-25/server/tools#error-handling),
//! [(resources)](https://modelcontextprotocol.io/specification/2025-11-25/server/resources#error-handling)

#![warn(clippy::wildcard_enum_match_arm)]

use std::borrow::Cow;

use serde::Serialize;
use serde_json::json;

use crate::{
    ProtocolVersion,
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
    schema::Schema,
    types::{
        Annotations, Implementation, Meta,
        capabilities::ServerCapabilities,
        content::{Audio, Content, Text},
        prompt::Prompt,
        resource,
        tool::Tool,
    },
};

/// There is no resource at this URI.
const RESOURCE_NOT_FOUND: ErrorCode = ErrorCode(-32002);
/// The caller has to say who it is, or to be allowed more.
const UNAUTHORIZED: ErrorCode = ErrorCode(-32000);

/// The response to a request that ended so.
pub(super) fn seal(version: ProtocolVersion, id: &RequestId, outcome: Outcome) -> Sealed {
    match outcome {
        Ok(answer) => Sealed::Response(self::answer(version, id, answer)),
        Err(error) => Sealed::failed(id, &error, self::error(&error)),
    }
}

fn error(error: &Error) -> ErrorObject {
    let code = match error {
        Error::MethodNotFound { .. } => ErrorCode::METHOD_NOT_FOUND,
        Error::InvalidParams { .. } | Error::NotFound(Missing::Tool(_) | Missing::Prompt(_)) => {
            ErrorCode::INVALID_PARAMS
        }
        Error::NotFound(Missing::Resource(uri)) => {
            let object = ErrorObject::new(RESOURCE_NOT_FOUND, error.to_string());
            return object.with_data(json!({ "uri": uri }));
        }
        Error::AuthenticationRequired { .. } | Error::InsufficientScope { .. } => UNAUTHORIZED,
        Error::MissingCapability(_) => ErrorCode::INVALID_REQUEST,
        Error::Custom { code, .. } => *code,
        Error::Internal(_) => ErrorCode::INTERNAL_ERROR,
    };
    ErrorObject {
        data: error.data().cloned(),
        ..ErrorObject::new(code, error.to_string())
    }
}

fn answer(version: ProtocolVersion, id: &RequestId, answer: Answer) -> Response {
    match answer {
        Answer::CallTool(output) => Response::result(id, |out| tool_output(version, out, output)),
        Answer::Empty => Response::result(id, |out| out.extend_from_slice(b"{}")),
        Answer::Complete(completion) => member(id, "completion", &completion),
        Answer::ReadResource(mut contents) => {
            for part in &mut contents {
                adapt_contents(version, part);
            }
            member(id, "contents", &contents)
        }
        Answer::GetPrompt(mut prompt) => {
            for message in &mut prompt.messages {
                adapt_content(version, &mut message.content);
            }
            Response::result(id, |out| write_json(out, &prompt))
        }
        Answer::ListTools(tools) => list(version, id, "tools", &tools, tool),
        Answer::ListPrompts(prompts) => list(version, id, "prompts", &prompts, prompt),
        Answer::ListResources(resources) => list(version, id, "resources", &resources, resource),
        Answer::ListResourceTemplates(templates) => {
            list(version, id, "resourceTemplates", &templates, template)
        }
    }
}

/// Appends the result of a call.
fn tool_output(version: ProtocolVersion, out: &mut Vec<u8>, output: ToolOutput) {
    let ToolOutput {
        mut content,
        structured,
        is_error,
        meta,
    } = output;
    out.extend_from_slice(br#"{"content":["#);
    for (index, part) in content.iter_mut().enumerate() {
        adapt_content(version, part);
        if index > 0 {
            out.push(b',');
        }
        write_content(out, part);
    }
    // Never together with an error: clients would hold it against the output schema.
    if let Some(structured) = structured.filter(|_| !is_error) {
        let json = structured.as_json();
        if content.is_empty() {
            write_text(out, json);
        }
        out.push(b']');
        if version >= ProtocolVersion::V2025_06_18 {
            out.extend_from_slice(br#","structuredContent":"#);
            // These revisions know objects only: anything else is wrapped, as its schema is.
            let [open, close] = if structured.is_object() {
                ["", ""]
            } else {
                [r#"{"result":"#, "}"]
            };
            for part in [open, json, close] {
                out.extend_from_slice(part.as_bytes());
            }
        }
    } else {
        out.push(b']');
    }
    if is_error {
        out.extend_from_slice(br#","isError":true"#);
    }
    if let Some(meta) = meta {
        out.extend_from_slice(br#","_meta":"#);
        write_json(out, &meta);
    }
    out.push(b'}');
}

/// What a revision does not know becomes what it does, or goes.
fn adapt_content(version: ProtocolVersion, content: &mut Content) {
    if version >= ProtocolVersion::V2025_11_25 {
        return;
    }
    if let Content::ResourceLink(link) = content {
        link.icons.clear();
        if version < ProtocolVersion::V2025_06_18 {
            *content = Content::text(format!("{}: {}", link.name, link.uri));
        }
    }
    if version >= ProtocolVersion::V2025_06_18 {
        return;
    }
    let (annotations, meta) = match content {
        Content::Text(text) => (&mut text.annotations, &mut text.meta),
        Content::Image(image) => (&mut image.annotations, &mut image.meta),
        Content::Audio(audio) => (&mut audio.annotations, &mut audio.meta),
        Content::ResourceLink(link) => (&mut link.annotations, &mut link.meta),
        Content::Resource(embedded) => {
            adapt_contents(version, &mut embedded.resource);
            (&mut embedded.annotations, &mut embedded.meta)
        }
    };
    adapt_beside(version, annotations, meta);
    if version < ProtocolVersion::V2025_03_26
        && let Content::Audio(audio) = content
    {
        *content = Content::Text(in_words(audio));
    }
}

/// Takes from what stands beside content whatever the revision does not know.
pub(super) fn adapt_beside(
    version: ProtocolVersion,
    annotations: &mut Option<Annotations>,
    meta: &mut Option<Meta>,
) {
    if version < ProtocolVersion::V2025_06_18 {
        adapt_annotations(annotations.as_mut());
        *meta = None;
    }
}

/// A recording, for who cannot take any: that there is one.
pub(super) fn in_words(audio: &mut Audio) -> Text {
    let mut text = Text::new(format!(
        "[a recording ({}), which this client cannot take]",
        audio.mime_type
    ));
    text.annotations = audio.annotations.take();
    text
}

fn adapt_contents(version: ProtocolVersion, contents: &mut resource::ResourceContents) {
    if version < ProtocolVersion::V2025_06_18 {
        contents.meta = None;
    }
}

/// Takes from annotations what 2025-03-26 and 2024-11-05 do not know.
fn adapt_annotations(annotations: Option<&mut Annotations>) {
    if let Some(annotations) = annotations {
        annotations.last_modified = None;
    }
}

fn member(id: &RequestId, name: &str, value: &impl Serialize) -> Response {
    Response::result(id, |out| write_member(out, name, value))
}

fn write_member(out: &mut Vec<u8>, name: &str, value: &impl Serialize) {
    out.push(b'{');
    write_str(out, name);
    out.push(b':');
    write_json(out, value);
    out.push(b'}');
}

/// A list, rendered once for each revision.
fn list<D: Clone + Serialize>(
    version: ProtocolVersion,
    id: &RequestId,
    name: &str,
    list: &List<D>,
    adapt: fn(ProtocolVersion, &mut D),
) -> Response {
    let rest = list.rendered(version as usize, |items| {
        let mut items = items.to_vec();
        items.iter_mut().for_each(|item| adapt(version, item));
        let mut out = Vec::new();
        write_member(&mut out, name, &items);
        if let Some(cursor) = &list.next_cursor {
            out.pop();
            out.extend_from_slice(br#","nextCursor":"#);
            write_str(&mut out, cursor);
            out.push(b'}');
        }
        out
    });
    Response::shared(id, rest)
}

fn tool(version: ProtocolVersion, tool: &mut Tool) {
    if version < ProtocolVersion::V2025_11_25 {
        tool.icons.clear();
    }
    if version < ProtocolVersion::V2025_06_18 {
        tool.title = None;
        tool.output_schema = None;
        tool.meta = None;
    }
    if version < ProtocolVersion::V2025_03_26 {
        tool.annotations = None;
    }
    if let Some(schema) = &mut tool.output_schema {
        wrap(schema);
    }
}

/// A schema whose root is no object describes `{"result": …}`, as results are wrapped.
fn wrap(schema: &mut Schema) {
    let mut root = schema.to_value();
    if root.get("type") == Some(&json!("object")) {
        return;
    }
    let definitions = root.as_object_mut().and_then(|root| root.remove("$defs"));
    let mut wrapped = json!({
        "type": "object",
        "properties": { "result": root },
        "required": ["result"],
    });
    if let (Some(definitions), Some(wrapped)) = (definitions, wrapped.as_object_mut()) {
        wrapped.insert("$defs".to_owned(), definitions);
    }
    *schema = Schema::from_value(&wrapped);
}

fn prompt(version: ProtocolVersion, prompt: &mut Prompt) {
    if version < ProtocolVersion::V2025_11_25 {
        prompt.icons.clear();
    }
    if version < ProtocolVersion::V2025_06_18 {
        prompt.title = None;
        prompt.meta = None;
        prompt
            .arguments
            .iter_mut()
            .for_each(|argument| argument.title = None);
    }
}

fn resource(version: ProtocolVersion, resource: &mut resource::Resource) {
    if version < ProtocolVersion::V2025_11_25 {
        resource.icons.clear();
    }
    if version < ProtocolVersion::V2025_06_18 {
        resource.title = None;
        resource.meta = None;
        adapt_annotations(resource.annotations.as_mut());
    }
}

fn template(version: ProtocolVersion, template: &mut resource::ResourceTemplate) {
    if version < ProtocolVersion::V2025_11_25 {
        template.icons.clear();
    }
    if version < ProtocolVersion::V2025_06_18 {
        template.title = None;
        template.meta = None;
        adapt_annotations(template.annotations.as_mut());
    }
}

/// What a server offers, as this revision declares it. What is left out is served all the same.
pub(super) fn capabilities(
    version: ProtocolVersion,
    offered: &ServerCapabilities,
) -> Cow<'_, ServerCapabilities> {
    if version >= ProtocolVersion::V2025_03_26 {
        return Cow::Borrowed(offered);
    }
    let mut offered = offered.clone();
    offered.completions = None;
    Cow::Owned(offered)
}

/// A program as this revision describes it.
pub(super) fn implementation(
    version: ProtocolVersion,
    info: &Implementation,
) -> Cow<'_, Implementation> {
    if version >= ProtocolVersion::V2025_11_25 {
        return Cow::Borrowed(info);
    }
    let mut info = info.clone();
    info.icons.clear();
    info.website_url = None;
    info.description = None;
    if version < ProtocolVersion::V2025_06_18 {
        info.title = None;
    }
    Cow::Owned(info)
}
