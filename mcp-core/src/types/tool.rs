//! Tools.
//!
//! # Specification
//! [2025-11-25, Tools](https://modelcontextprotocol.io/specification/2025-11-25/server/tools),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/tools)

use serde::{Deserialize, Serialize};

use super::{Icon, Meta};
use crate::schema::Schema;

/// What a client is told about a tool.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Tool {
    /// For programs: 1 to 128 of `A-Z a-z 0-9 _ - .`
    pub name: String,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// For the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What arguments it takes.
    pub input_schema: Schema,
    /// What its `structuredContent` looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Schema>,
    /// Hints on what it does to the world.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<ToolAnnotations>,
    /// Pictures, in several sizes perhaps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// Whatever travels along.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl Tool {
    /// A tool without arguments and without a description.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            title: None,
            description: None,
            input_schema: Schema::no_arguments(),
            output_schema: None,
            annotations: None,
            icons: Vec::new(),
            meta: None,
        }
    }
}

/// Hints on what a tool does to the world; clients must not trust them blindly.
///
/// # Specification
/// [2025-11-25, `ToolAnnotations`](https://modelcontextprotocol.io/specification/2025-11-25/schema#toolannotations),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/schema#toolannotations)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolAnnotations {
    /// It changes nothing. Clients take an absent hint for `false`.
    #[serde(rename = "readOnlyHint", skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// It may delete or overwrite. Clients take an absent hint for `true`.
    #[serde(rename = "destructiveHint", skip_serializing_if = "Option::is_none")]
    pub destructive: Option<bool>,
    /// A second call with the same arguments changes nothing more. Absent means `false`.
    #[serde(rename = "idempotentHint", skip_serializing_if = "Option::is_none")]
    pub idempotent: Option<bool>,
    /// It reaches beyond this server. Absent means `true`.
    #[serde(rename = "openWorldHint", skip_serializing_if = "Option::is_none")]
    pub open_world: Option<bool>,
}
