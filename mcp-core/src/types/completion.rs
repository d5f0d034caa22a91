//! Completion of arguments while they are typed.
//!
//! # Specification
//! [2025-11-25, Completion](https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/completion),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion)

use serde::{Deserialize, Serialize};

/// Values that an argument may have, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Completion {
    /// At most 100.
    pub values: Vec<String>,
    /// How many there are in all, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
    /// There are more than these.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
}

impl Completion {
    /// The most values that one answer may carry.
    pub const MOST: usize = 100;

    /// These values; of more than 100 the first, with how many there were.
    pub fn new<S: Into<String>>(values: impl IntoIterator<Item = S>) -> Self {
        let mut values: Vec<String> = values.into_iter().map(Into::into).collect();
        let total = values.len();
        values.truncate(Self::MOST);
        Self {
            has_more: total > values.len(),
            total: Some(total),
            values,
        }
    }
}

impl<S: Into<String>> From<Vec<S>> for Completion {
    fn from(values: Vec<S>) -> Self {
        Self::new(values)
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Completion {
    fn from(values: [S; N]) -> Self {
        Self::new(values)
    }
}
