//! The vocabulary of the specification as plain data, one file per page of it.
//!
//! Every struct here is what travels: a member that is `None` is absent on the wire, never null.

pub mod capabilities;
pub mod completion;
pub mod content;
pub mod elicitation;
pub mod logging;
pub mod prompt;
pub mod resource;
pub mod roots;
pub mod sampling;
pub mod tool;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `_meta`: what an extension or a client wants to travel along.
///
/// # Specification
/// [2025-11-25, `_meta`](https://modelcontextprotocol.io/specification/2025-11-25/basic#_meta),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic#_meta)
pub type Meta = Map<String, Value>;

/// Name and version of a program, and how it likes to be shown.
///
/// # Specification
/// [2025-11-25, `Implementation`](https://modelcontextprotocol.io/specification/2025-11-25/schema#implementation),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/schema#implementation)
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Implementation {
    /// For programs.
    pub name: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Of the program, not of the protocol.
    pub version: String,
    /// What it does, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website_url: Option<String>,
    /// Pictures, in several sizes perhaps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
}

impl Implementation {
    /// A program by name and version.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            ..Self::default()
        }
    }
}

/// A picture that a client may show.
///
/// # Specification
/// [2025-11-25, Icons](https://modelcontextprotocol.io/specification/2025-11-25/basic#icons),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic#icons)
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Icon {
    /// An `https:` or `data:` URI.
    pub src: String,
    /// Its MIME type, when the URI does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Such as `48x48`, or `any` for vectors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<String>,
    /// Which background it was drawn for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
}

impl Icon {
    /// A picture at a URI.
    pub fn new(src: impl Into<String>) -> Self {
        Self {
            src: src.into(),
            mime_type: None,
            sizes: Vec::new(),
            theme: None,
        }
    }
}

/// The background an [`Icon`] was drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// A light one.
    Light,
    /// A dark one.
    Dark,
}

/// Who speaks, or for whom something is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// Hints on how to use or show a resource or a piece of content.
///
/// # Specification
/// [2025-11-25, Annotations](https://modelcontextprotocol.io/specification/2025-11-25/server/resources#annotations),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/resources#annotations)
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Annotations {
    /// For whom it is meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<Role>,
    /// From 0 (optional) to 1 (required).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<f64>,
    /// When it last changed, as ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Annotations {
    /// The same, meant for these.
    #[must_use]
    pub fn audience(mut self, audience: impl IntoIterator<Item = Role>) -> Self {
        self.audience = audience.into_iter().collect();
        self
    }

    /// The same, this important: from 0 (optional) to 1 (required).
    #[must_use]
    pub fn priority(mut self, priority: f64) -> Self {
        self.priority = Some(priority);
        self
    }

    /// The same, last changed then, as ISO 8601: `2026-07-28T09:00:00Z`.
    #[must_use]
    pub fn last_modified(mut self, when: impl Into<String>) -> Self {
        self.last_modified = Some(when.into());
        self
    }
}
