//! Questions to the person.
//!
//! # Specification
//! [2025-11-25, Elicitation](https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation)

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::schema::Schema;

/// `elicitation/create`: a form, or a page to visit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ElicitRequest {
    /// Fields to fill in.
    #[serde(rename_all = "camelCase")]
    #[non_exhaustive]
    Form {
        /// What is asked, and why.
        message: String,
        /// Which fields: a flat object of strings, numbers, booleans and choices.
        requested_schema: Schema,
    },
    /// A page to visit, for what must not pass through the client.
    #[serde(rename_all = "camelCase")]
    #[non_exhaustive]
    Url {
        /// Always `url`.
        mode: UrlMode,
        /// What is asked, and why.
        message: String,
        /// Where to go.
        url: String,
        /// Names this visit; not in every revision.
        #[serde(default)]
        elicitation_id: String,
    },
}

impl ElicitRequest {
    /// Fields to fill in.
    pub fn form(message: impl Into<String>, requested_schema: Schema) -> Self {
        Self::Form {
            message: message.into(),
            requested_schema,
        }
    }

    /// A page to visit, and a name for this visit.
    pub fn url(
        message: impl Into<String>,
        url: impl Into<String>,
        elicitation_id: impl Into<String>,
    ) -> Self {
        Self::Url {
            mode: UrlMode::Url,
            message: message.into(),
            url: url.into(),
            elicitation_id: elicitation_id.into(),
        }
    }
}

/// The mode of a page to visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UrlMode {
    /// The only one.
    #[default]
    Url,
}

/// What the person did.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
pub struct ElicitResult {
    /// Whether there is an answer.
    pub action: ElicitAction,
    /// The fields, if there are any.
    #[serde(default)]
    pub content: Option<Box<RawValue>>,
}

/// What a person can do with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ElicitAction {
    /// Answer it.
    Accept,
    /// Refuse to.
    Decline,
    /// Go away.
    Cancel,
}
