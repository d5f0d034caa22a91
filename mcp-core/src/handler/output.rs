//! What a handler may return, and what becomes of it.

use std::{any::Any, borrow::Cow, sync::Arc};

use bytes::Bytes;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use super::{Answer, Failure, Outcome, failure::NOT_FOUND};
use crate::{
    error::{Error, Missing},
    schema::{Generator, Schema, one_line},
    types::{
        Meta,
        completion::Completion,
        content::{Audio, Content, Embedded, Image, ResourceLink, Text},
        prompt::{GetPromptResult, PromptMessage},
        resource::ResourceContents,
    },
};

/// What a tool call gives, before an era puts it into its envelope.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ToolOutput {
    /// For the model to read, in order.
    pub content: Vec<Content>,
    /// For programs, as the tool's `outputSchema` promises. Without content of its own it is
    /// mirrored as text.
    pub structured: Option<Structured>,
    /// The tool failed, and the content says how.
    pub is_error: bool,
    /// Whatever travels along.
    pub meta: Option<Meta>,
}

impl ToolOutput {
    /// One piece of text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            content: vec![Content::text(text)],
            ..Self::default()
        }
    }

    /// A failure, in words that a model can act upon.
    pub fn error(text: impl Into<String>) -> Self {
        Self {
            is_error: true,
            ..Self::text(text)
        }
    }
}

impl From<Vec<Content>> for ToolOutput {
    fn from(content: Vec<Content>) -> Self {
        Self {
            content,
            ..Self::default()
        }
    }
}

/// A value for programs.
#[derive(Clone, Debug)]
pub struct Structured {
    json: Box<RawValue>,
    shape: Shape,
}

impl Structured {
    /// Any value that serialises.
    ///
    /// # Errors
    /// When it does not.
    pub fn new(value: &impl Serialize) -> serde_json::Result<Self> {
        let json = one_line(value)?;
        let shape = Shape::Any;
        Ok(Self { json, shape }.shaped(shape))
    }

    /// The value as JSON text.
    pub fn as_json(&self) -> &str {
        self.json.get()
    }

    /// The same value, as one of a type of this shape.
    pub(crate) fn shaped(mut self, shape: Shape) -> Self {
        self.shape = match shape {
            Shape::Any if self.json.get().starts_with('{') => Shape::Object,
            Shape::Any => Shape::Other,
            known => known,
        };
        self
    }

    /// Whether the type, not merely this value, is an object: others must be wrapped for clients
    /// that know nothing else.
    pub(crate) fn is_object(&self) -> bool {
        self.shape == Shape::Object
    }
}

/// What the results of a tool look like, known before it is first called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Strings, numbers, booleans and nothing: one piece of text.
    Text,
    /// An object: structured.
    Object,
    /// Any other value: structured.
    Other,
    /// A value of no known type: structured, as what it turns out to be.
    Any,
    /// The function makes its own content.
    Content,
}

/// What a tool may return.
///
/// Text (`String`, `&'static str`, numbers, `bool`, `()`), any `T: Serialize + JsonSchema` as
/// structured output, [`Json`], content ([`Text`], [`Image`], [`Audio`], [`ResourceLink`],
/// [`Embedded`], [`Content`], vectors and tuples of them, `Option`), or a whole [`ToolOutput`]; content
/// together with a value, as `(Text, Json<T>)`, for models and programs to read each their own; and a
/// `Result` of one of them. `Box` and `Arc` are what they hold.
#[diagnostic::on_unimplemented(
    message = "an MCP tool cannot return `{Self}`",
    label = "not a tool result",
    note = "return a string, a number, `()`, `Image` or another content type, `ToolOutput`, or a \
            `Result` of one of them",
    note = "to return it as structured output, derive both: \
            `#[derive(serde::Serialize, schemars::JsonSchema)]`"
)]
pub trait IntoToolOutput<M> {
    /// What the results look like, and the schema that is promised for them.
    fn describe() -> (Shape, Option<Schema>);

    /// The result of one call.
    ///
    /// # Errors
    /// When the value cannot be serialised.
    fn into_tool_output(self, shape: Shape) -> Result<ToolOutput, Error>;
}

/// Says which rule made a type fit; nobody needs to name them.
#[allow(unnameable_types, reason = "markers are inferred")]
mod via {
    #[derive(Debug)]
    pub enum Serialize {}
    #[derive(Debug)]
    pub enum Forced {}
    #[derive(Debug)]
    pub enum Content {}
    #[derive(Debug)]
    pub enum Plain {}
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema + 'static> IntoToolOutput<via::Serialize> for T {
    fn describe() -> (Shape, Option<Schema>) {
        let schema = Generator::outputs().root::<T>();
        let shape = match schema.get("type") {
            Some(Value::String(kind)) if kind == "object" => Shape::Object,
            Some(Value::String(kind)) if kind != "array" => Shape::Text,
            Some(Value::Array(kinds)) if kinds.iter().all(is_scalar) => Shape::Text,
            _ if schema == serde_json::json!({}) => return (Shape::Any, None),
            _ => Shape::Other,
        };
        if shape == Shape::Text {
            return (shape, None);
        }
        (shape, Some(Schema::from_value(&schema)))
    }

    fn into_tool_output(self, shape: Shape) -> Result<ToolOutput, Error> {
        if shape != Shape::Text {
            return structured(&self, shape);
        }
        let mut value = Some(self);
        let any: &mut dyn Any = &mut value;
        if let Some(text) = any.downcast_mut::<Option<String>>().and_then(Option::take) {
            return Ok(ToolOutput::text(text));
        }
        // As text: a `Value` would add digits to an `f32`, and has no room for a `u128`.
        let json = serde_json::to_string(&value).map_err(Error::internal)?;
        let text = match json.as_bytes().first() {
            Some(b'n') => return Ok(ToolOutput::default()),
            Some(b'"') => serde_json::from_str(&json).map_err(Error::internal)?,
            _ => json,
        };
        Ok(ToolOutput::text(text))
    }
}

fn is_scalar(kind: &Value) -> bool {
    !matches!(kind.as_str(), Some("object" | "array"))
}

fn structured(value: &impl Serialize, shape: Shape) -> Result<ToolOutput, Error> {
    let structured = Structured::new(value).map_err(Error::internal)?;
    Ok(ToolOutput {
        structured: Some(structured.shaped(shape)),
        ..ToolOutput::default()
    })
}

/// Makes a value structured output, or the text of a resource, as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema + 'static> IntoToolOutput<via::Forced> for Json<T> {
    fn describe() -> (Shape, Option<Schema>) {
        let schema = Schema::output::<T>();
        let root = schema.to_value();
        match root.get("type").and_then(Value::as_str) {
            Some("object") => (Shape::Object, Some(schema)),
            _ if root == serde_json::json!({}) => (Shape::Any, None),
            _ => (Shape::Other, Some(schema)),
        }
    }

    fn into_tool_output(self, shape: Shape) -> Result<ToolOutput, Error> {
        structured(&self.0, shape)
    }
}

/// Returns that make their own content promise no schema.
macro_rules! content_output {
    ($($kind:ty, $value:ident => $output:expr;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoToolOutput<via::Content> for $kind {
            fn describe() -> (Shape, Option<Schema>) {
                (Shape::Content, None)
            }

            fn into_tool_output(self, _: Shape) -> Result<ToolOutput, Error> {
                let $value = self;
                Ok($output)
            }
        }
    )+};
}

content_output! {
    ToolOutput, output => output;
    Content, content => vec![content].into();
    Text, content => vec![content.into()].into();
    Image, content => vec![content.into()].into();
    Audio, content => vec![content.into()].into();
    ResourceLink, content => vec![content.into()].into();
    Embedded, content => vec![content.into()].into();
}

/// What several pieces of content may be. Not strings: several of them are a JSON array.
trait Piece: Into<Content> {}
impl Piece for Content {}
impl Piece for Text {}
impl Piece for Image {}
impl Piece for Audio {}
impl Piece for ResourceLink {}
impl Piece for Embedded {}

/// Content of its own for any number of pieces.
macro_rules! pieces_output {
    ($($kind:ty),+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Piece> IntoToolOutput<via::Content> for $kind {
            fn describe() -> (Shape, Option<Schema>) {
                (Shape::Content, None)
            }

            fn into_tool_output(self, _: Shape) -> Result<ToolOutput, Error> {
                Ok(self.into_iter().map(Into::into).collect::<Vec<_>>().into())
            }
        }
    )+};
}
pieces_output!(Vec<T>, Option<T>);

macro_rules! tuple_output {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: Piece),+> IntoToolOutput<via::Content> for ($($name,)+) {
            fn describe() -> (Shape, Option<Schema>) {
                (Shape::Content, None)
            }

            #[expect(non_snake_case)]
            fn into_tool_output(self, _: Shape) -> Result<ToolOutput, Error> {
                let ($($name,)+) = self;
                Ok(vec![$($name.into()),+].into())
            }
        }
    };
}
tuple_output!(A B);
tuple_output!(A B C);
tuple_output!(A B C D);

/// Content for the model, and a value for programs that says the same.
#[diagnostic::do_not_recommend]
impl<C, T> IntoToolOutput<(via::Content, via::Forced)> for (C, Json<T>)
where
    C: IntoToolOutput<via::Content>,
    Json<T>: IntoToolOutput<via::Forced>,
{
    fn describe() -> (Shape, Option<Schema>) {
        <Json<T>>::describe()
    }

    fn into_tool_output(self, shape: Shape) -> Result<ToolOutput, Error> {
        let (content, value) = self;
        let content = content.into_tool_output(Shape::Content)?;
        // What failed has nothing to promise.
        if content.is_error {
            return Ok(content);
        }
        Ok(ToolOutput {
            structured: value.into_tool_output(shape)?.structured,
            ..content
        })
    }
}

/// The outcome of a tool call.
pub(crate) fn outcome_of<T, M>(returned: Result<T, Failure>, shape: Shape) -> Outcome
where
    T: IntoToolOutput<M>,
{
    match returned {
        Ok(value) => value.into_tool_output(shape).map(Answer::CallTool),
        Err(Failure::Said(text)) => Ok(Answer::CallTool(ToolOutput::error(text))),
        Err(Failure::NotFound) => Ok(Answer::CallTool(ToolOutput::error(NOT_FOUND))),
        Err(Failure::Refused(error)) => Err(error),
    }
}

/// What a resource may return.
///
/// `String`, `&'static str` or `Cow` as text, `Vec<u8>`, `&'static [u8]`, `Cow` or [`Bytes`] as bytes, what
/// `include_str!` and `include_bytes!` give, [`Json`], `Option` (none: not found), or
/// [`ResourceContents`], one or several; and a `Result` of one of them. `Box` and `Arc` are what they
/// hold.
#[diagnostic::on_unimplemented(
    message = "an MCP resource cannot return `{Self}`",
    label = "not the contents of a resource",
    note = "return a string, `Vec<u8>`, `Json<T>`, `ResourceContents`, an `Option` of one of them \
            (none: not found), or a `Result` of one of them"
)]
pub trait IntoResourceOutput<M> {
    /// The contents at `uri`, and the MIME type they have unless the resource declares another.
    ///
    /// # Errors
    /// When there are none, or they cannot be serialised.
    fn into_contents(self, uri: &str) -> Result<Vec<ResourceContents>, Failure>;

    /// The MIME type of these contents unless the resource declares another.
    const MIME_TYPE: Option<&'static str> = None;
}

const TEXT: Option<&str> = Some("text/plain");
const BYTES: Option<&str> = Some("application/octet-stream");

macro_rules! resource_output {
    ($($kind:ty, $mime:expr, |$value:ident, $uri:ident| $contents:expr;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoResourceOutput<via::Plain> for $kind {
            const MIME_TYPE: Option<&'static str> = $mime;

            fn into_contents(self, $uri: &str) -> Result<Vec<ResourceContents>, Failure> {
                let $value = self;
                Ok($contents)
            }
        }
    )+};
}

resource_output! {
    String, TEXT, |text, uri| vec![ResourceContents::text(uri, text)];
    &'static str, TEXT, |text, uri| vec![ResourceContents::text(uri, text)];
    Cow<'static, str>, TEXT, |text, uri| vec![ResourceContents::text(uri, text)];
    Box<str>, TEXT, |text, uri| vec![ResourceContents::text(uri, text)];
    Arc<str>, TEXT, |text, uri| vec![ResourceContents::text(uri, &*text)];
    Vec<u8>, BYTES, |bytes, uri| vec![ResourceContents::blob(uri, bytes)];
    &'static [u8], BYTES, |bytes, uri| vec![ResourceContents::blob(uri, bytes)];
    Cow<'static, [u8]>, BYTES, |bytes, uri| vec![ResourceContents::blob(uri, bytes)];
    Box<[u8]>, BYTES, |bytes, uri| vec![ResourceContents::blob(uri, bytes)];
    Arc<[u8]>, BYTES, |bytes, uri| vec![ResourceContents::blob(uri, bytes)];
    Bytes, BYTES, |bytes, uri| vec![ResourceContents::blob(uri, bytes)];
    ResourceContents, None, |contents, _uri| vec![contents];
    Vec<ResourceContents>, None, |contents, _uri| contents;
}

/// What `include_bytes!` gives.
#[diagnostic::do_not_recommend]
impl<const N: usize> IntoResourceOutput<via::Plain> for &'static [u8; N] {
    const MIME_TYPE: Option<&'static str> = BYTES;

    fn into_contents(self, uri: &str) -> Result<Vec<ResourceContents>, Failure> {
        self.as_slice().into_contents(uri)
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoResourceOutput<M>, M> IntoResourceOutput<Box<M>> for Box<T> {
    const MIME_TYPE: Option<&'static str> = T::MIME_TYPE;

    fn into_contents(self, uri: &str) -> Result<Vec<ResourceContents>, Failure> {
        (*self).into_contents(uri)
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoResourceOutput<M> + Clone, M> IntoResourceOutput<Arc<M>> for Arc<T> {
    const MIME_TYPE: Option<&'static str> = T::MIME_TYPE;

    fn into_contents(self, uri: &str) -> Result<Vec<ResourceContents>, Failure> {
        Self::unwrap_or_clone(self).into_contents(uri)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoResourceOutput<via::Forced> for Json<T> {
    const MIME_TYPE: Option<&'static str> = Some("application/json");

    fn into_contents(self, uri: &str) -> Result<Vec<ResourceContents>, Failure> {
        let json = serde_json::to_string(&self.0)
            .map_err(|error| Failure::Refused(Error::internal(error)))?;
        Ok(vec![ResourceContents::text(uri, json)])
    }
}

impl<T: IntoResourceOutput<M>, M> IntoResourceOutput<Option<M>> for Option<T> {
    const MIME_TYPE: Option<&'static str> = T::MIME_TYPE;

    fn into_contents(self, uri: &str) -> Result<Vec<ResourceContents>, Failure> {
        match self {
            Some(contents) => contents.into_contents(uri),
            None => Err(Failure::NotFound),
        }
    }
}

/// The outcome of reading a resource. Parts that have no MIME type of their own have this one.
pub(crate) fn contents_of<T, M>(
    returned: Result<T, Failure>,
    uri: &str,
    mime_type: Option<&str>,
) -> Outcome
where
    T: IntoResourceOutput<M>,
{
    match returned.and_then(|value| value.into_contents(uri)) {
        Ok(mut contents) => {
            for part in contents.iter_mut().filter(|part| part.mime_type.is_none()) {
                part.mime_type = mime_type.map(str::to_owned);
            }
            Ok(Answer::ReadResource(contents))
        }
        Err(Failure::NotFound) => Err(Error::NotFound(Missing::Resource(uri.to_owned()))),
        Err(failure) => Err(failure.into_error()),
    }
}

/// What a prompt may return.
///
/// A string, content or a [`PromptMessage`] (one message, said by the user unless it says
/// otherwise), several messages in a `Vec` or an array, or a whole [`GetPromptResult`]; and a `Result`
/// of one of them.
#[diagnostic::on_unimplemented(
    message = "an MCP prompt cannot return `{Self}`",
    label = "not the messages of a prompt",
    note = "return a string, `PromptMessage`, `Vec<PromptMessage>`, `GetPromptResult`, or a \
            `Result` of one of them"
)]
pub trait IntoPromptOutput {
    /// The prompt, filled in.
    fn into_prompt_output(self) -> GetPromptResult;
}

macro_rules! prompt_output {
    ($($kind:ty, $value:ident => $result:expr;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoPromptOutput for $kind {
            fn into_prompt_output(self) -> GetPromptResult {
                let $value = self;
                $result
            }
        }
    )+};
}

prompt_output! {
    String, text => GetPromptResult::new([PromptMessage::user(text)]);
    &'static str, text => GetPromptResult::new([PromptMessage::user(text)]);
    Cow<'static, str>, text => GetPromptResult::new([PromptMessage::user(text.into_owned())]);
    Content, content => GetPromptResult::new([PromptMessage::user(content)]);
    Text, content => GetPromptResult::new([PromptMessage::user(content)]);
    Image, content => GetPromptResult::new([PromptMessage::user(content)]);
    Audio, content => GetPromptResult::new([PromptMessage::user(content)]);
    ResourceLink, content => GetPromptResult::new([PromptMessage::user(content)]);
    Embedded, content => GetPromptResult::new([PromptMessage::user(content)]);
    PromptMessage, message => GetPromptResult::new([message]);
    Vec<PromptMessage>, messages => GetPromptResult::new(messages);
    GetPromptResult, result => result;
}

#[diagnostic::do_not_recommend]
impl<const N: usize> IntoPromptOutput for [PromptMessage; N] {
    fn into_prompt_output(self) -> GetPromptResult {
        GetPromptResult::new(self)
    }
}

/// The outcome of filling in a prompt.
pub(crate) fn messages_of<T: IntoPromptOutput>(returned: Result<T, Failure>) -> Outcome {
    match returned {
        Ok(value) => Ok(Answer::GetPrompt(value.into_prompt_output())),
        Err(failure) => Err(failure.into_error()),
    }
}

/// What a completion may return.
///
/// Values as a `Vec` or an array of text, best first, or a whole [`Completion`] that says how many
/// there are in all; and a `Result` of one of them.
#[diagnostic::on_unimplemented(
    message = "an MCP completion cannot return `{Self}`",
    label = "not the values of a completion",
    note = "return `Vec<String>`, `Vec<&'static str>`, `mcp_core::types::completion::Completion`, \
            or a `Result` of one of them"
)]
pub trait IntoCompletionOutput {
    /// The values, of which a client is told a hundred at most.
    fn into_completion_output(self) -> Completion;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Completion>> IntoCompletionOutput for T {
    fn into_completion_output(self) -> Completion {
        let mut values = self.into();
        values.has_more |= values.values.len() > Completion::MOST;
        values.values.truncate(Completion::MOST);
        values
    }
}

/// The outcome of completing an argument.
pub(crate) fn values_of<T: IntoCompletionOutput>(returned: Result<T, Failure>) -> Outcome {
    match returned {
        Ok(values) => Ok(Answer::Complete(values.into_completion_output())),
        Err(failure) => Err(failure.into_error()),
    }
}
