//! The folders that the client works in. Deprecated since 2026-07-28.
//!
//! # Specification
//! [2025-11-25, Roots](https://modelcontextprotocol.io/specification/2025-11-25/client/roots),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/client/roots)

use serde::{Deserialize, Serialize};

/// One folder or file that the client works in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Root {
    /// A `file:` URI.
    pub uri: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What `roots/list` answers.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ListRootsResult {
    pub(crate) roots: Vec<Root>,
}
