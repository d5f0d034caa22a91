//! What either side can do.
//!
//! # Specification
//! [2025-11-25, Capability negotiation](https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#capability-negotiation),
//! [2026-07-28, Discovery](https://modelcontextprotocol.io/specification/2026-07-28/server/discover),
//! [Extension negotiation](https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning#extension-negotiation)

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// A capability without settings of its own: `{}` on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Supported {}

/// What a server offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ServerCapabilities {
    /// `tools/list` and `tools/call` are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Listed>,
    /// `resources/list`, `resources/templates/list` and `resources/read` are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    /// `prompts/list` and `prompts/get` are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompts: Option<Listed>,
    /// `completion/complete` is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completions: Option<Supported>,
    /// Log messages are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging: Option<Supported>,
    /// Extensions of the protocol, by identifier, each with its settings: an object.
    #[serde(
        skip_serializing_if = "Map::is_empty",
        deserialize_with = "map_or_null"
    )]
    pub extensions: Map<String, Value>,
    /// Whatever is not standardised, by name, each with its settings: an object.
    #[serde(
        skip_serializing_if = "Map::is_empty",
        deserialize_with = "map_or_null"
    )]
    pub experimental: Map<String, Value>,
}

/// A feature with a list that may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Listed {
    /// A notification tells when it does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub list_changed: bool,
}

/// Resources, as a server offers them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Resources {
    /// A client may subscribe to changes of one resource.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub subscribe: bool,
    /// A notification tells when the list changes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub list_changed: bool,
}

/// What a client offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ClientCapabilities {
    /// It can be asked for its root folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<Listed>,
    /// It can be asked to run its model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// It can be asked to ask its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elicitation: Option<Elicitation>,
    /// Extensions of the protocol, by identifier, each with its settings: an object.
    #[serde(
        skip_serializing_if = "Map::is_empty",
        deserialize_with = "map_or_null"
    )]
    pub extensions: Map<String, Value>,
    /// Whatever is not standardised, by name, each with its settings: an object.
    #[serde(
        skip_serializing_if = "Map::is_empty",
        deserialize_with = "map_or_null"
    )]
    pub experimental: Map<String, Value>,
}

/// Sampling, as a client offers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Sampling {
    /// `includeContext` is understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Supported>,
    /// `tools` and `toolChoice` are understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Supported>,
}

/// Elicitation, as a client offers it; with neither mode named it means `form`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Elicitation {
    /// Forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Supported>,
    /// Pages to visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Supported>,
}

impl Elicitation {
    /// Whether forms are among it.
    pub(crate) fn has_forms(&self) -> bool {
        self.form.is_some() || self.url.is_none()
    }
}

/// Programs that write what they have not as null mean nothing by it, as in all other members.
fn map_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<Map<String, Value>, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}
