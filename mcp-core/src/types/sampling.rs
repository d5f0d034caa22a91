//! Asking the client's model. Deprecated since 2026-07-28.
//!
//! # Specification
//! [2025-11-25, Sampling](https://modelcontextprotocol.io/specification/2025-11-25/client/sampling),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/client/sampling)

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Meta, Role,
    content::{Audio, Content, Image, Text},
    tool::Tool,
};

/// `sampling/createMessage`: what the model is to answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreateMessage {
    /// The conversation so far.
    pub messages: Vec<SamplingMessage>,
    /// How long the answer may be, in tokens.
    pub max_tokens: u32,
    /// What the model should be told first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// From 0 (sober) upward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Texts at which to stop.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop_sequences: Vec<String>,
    /// Which model would be liked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_preferences: Option<ModelPreferences>,
    /// What the model may call; needs the client's `sampling.tools`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// Whether it must.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
}

impl CreateMessage {
    /// One question of the person's.
    pub fn new(text: impl Into<String>, max_tokens: u32) -> Self {
        Self {
            messages: vec![SamplingMessage::user(text)],
            max_tokens,
            system_prompt: None,
            temperature: None,
            stop_sequences: Vec::new(),
            model_preferences: None,
            tools: Vec::new(),
            tool_choice: None,
        }
    }

    /// Whether it is about tools, which not every client's model may call.
    pub(crate) fn has_tools(&self) -> bool {
        let is_of_tool = |part: &SamplingContent| {
            matches!(
                part,
                SamplingContent::ToolUse(_) | SamplingContent::ToolResult(_)
            )
        };
        let mut messages = self.messages.iter();
        !self.tools.is_empty()
            || self.tool_choice.is_some()
            || messages.any(|message| message.content.as_slice().iter().any(is_of_tool))
    }
}

/// One message of a conversation with the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SamplingMessage {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: OneOrMany<SamplingContent>,
    /// Whatever travels along.
    #[serde(default, rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl SamplingMessage {
    /// A message of one piece.
    pub fn new(role: Role, content: SamplingContent) -> Self {
        Self {
            role,
            content: OneOrMany::One(content),
            meta: None,
        }
    }

    /// Said by the person.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new(Role::User, SamplingContent::Text(Text::new(text)))
    }

    /// Said by the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new(Role::Assistant, SamplingContent::Text(Text::new(text)))
    }
}

/// One thing, or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// Several.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// All of them.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// A piece of such a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SamplingContent {
    /// Text.
    Text(Text),
    /// A picture.
    Image(Image),
    /// A recording.
    Audio(Audio),
    /// The model wants a tool called; needs the client's `sampling.tools`.
    ToolUse(ToolUse),
    /// What came of it; needs the client's `sampling.tools`.
    ToolResult(ToolResult),
}

/// A tool that the model wants called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolUse {
    /// Names this use.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// With which arguments.
    pub input: Map<String, Value>,
    /// Whatever travels along; a client keeps by it what it need not think of again.
    #[serde(default, rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl ToolUse {
    /// This tool, with these arguments.
    pub fn new(id: impl Into<String>, name: impl Into<String>, input: Map<String, Value>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            input,
            meta: None,
        }
    }
}

/// What came of a tool that the model wanted called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolResult {
    /// Of which use.
    pub tool_use_id: String,
    /// For the model to read.
    pub content: Vec<Content>,
    /// The same for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structured_content: Option<Value>,
    /// The tool failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
    /// Whatever travels along.
    #[serde(default, rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl ToolResult {
    /// This came of that use.
    pub fn new(tool_use_id: impl Into<String>, content: impl IntoIterator<Item = Content>) -> Self {
        Self {
            tool_use_id: tool_use_id.into(),
            content: content.into_iter().collect(),
            structured_content: None,
            is_error: false,
            meta: None,
        }
    }
}

/// Which model would be liked; each priority from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ModelPreferences {
    /// Names or parts of names, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<ModelHint>,
    /// How much a low price matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_priority: Option<f64>,
    /// How much a quick answer matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed_priority: Option<f64>,
    /// How much a good answer matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intelligence_priority: Option<f64>,
}

/// A model by name, or by a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelHint {
    /// Such as `claude` or `sonnet`.
    pub name: String,
}

impl ModelHint {
    /// A model by name, or by a part of it.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

/// Whether the model must call a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "lowercase")]
pub enum ToolChoice {
    /// As it sees fit.
    Auto,
    /// It must.
    Required,
    /// It must not.
    None,
}

/// What the model said.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreateMessageResult {
    /// Who speaks: the assistant.
    pub role: Role,
    /// What it said.
    pub content: OneOrMany<SamplingContent>,
    /// Which model it was.
    #[serde(default)]
    pub model: String,
    /// Why it stopped.
    #[serde(default)]
    pub stop_reason: Option<String>,
}

impl CreateMessageResult {
    /// All text of the answer, in order.
    pub fn text(&self) -> String {
        let parts = self
            .content
            .as_slice()
            .iter()
            .filter_map(|part| match part {
                SamplingContent::Text(text) => Some(text.text.as_str()),
                _ => None,
            });
        parts.collect()
    }
}
