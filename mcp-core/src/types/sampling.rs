//! Asking the client's model. Deprecated since 2026-07-28.
//!
//! # Specification
//! [2025-11-25, Sampling](https://modelcontextprotocol.io/specification/2025-11-25/client/sampling),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/client/sampling)

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Role,
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
}

/// One message of a conversation with the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SamplingMessage {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: OneOrMany<SamplingContent>,
}

impl SamplingMessage {
    /// Said by the person.
    pub fn user(text: impl Into<String>) -> Self {
        let content = OneOrMany::One(SamplingContent::Text(Text::new(text)));
        Self {
            role: Role::User,
            content,
        }
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
    /// The model wants a tool called.
    #[serde(rename_all = "camelCase")]
    ToolUse {
        /// Names this use.
        id: String,
        /// Which tool.
        name: String,
        /// With which arguments.
        input: Map<String, Value>,
    },
    /// What came of it.
    #[serde(rename_all = "camelCase")]
    ToolResult {
        /// Of which use.
        tool_use_id: String,
        /// For the model to read.
        content: Vec<Content>,
        /// The tool failed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

/// Which model would be liked; each priority from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
pub struct ModelHint {
    /// Such as `claude` or `sonnet`.
    pub name: String,
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
