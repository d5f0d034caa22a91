//! What the server answered.

use std::fmt;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    jsonrpc::{ErrorCode, ErrorObject},
    types::{Meta, content::Content},
};

/// What a call of a tool was answered.
///
/// # Specification
/// [2025-11-25, Tool result](https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-result),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-result)
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CallToolResult {
    /// What the model reads.
    pub content: Vec<Content>,
    /// What programs read: it fits the tool's output schema, or the test has failed.
    #[serde(default)]
    pub structured_content: Option<Value>,
    /// The tool failed, and the content says how.
    #[serde(default)]
    pub is_error: bool,
    /// Whatever travels along.
    #[serde(default, rename = "_meta")]
    pub meta: Option<Meta>,
}

impl CallToolResult {
    /// All its text; several pieces are several lines.
    pub fn text(&self) -> String {
        let texts = self.content.iter().filter_map(|content| match content {
            Content::Text(text) => Some(text.text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    /// Its structured content as a `T`. What is no object comes within `{"result": …}` in the legacy
    /// era, and is read out of it.
    ///
    /// # Panics
    /// When there is none, or it is no `T`.
    #[track_caller]
    pub fn structured<T: DeserializeOwned>(&self) -> T {
        let Some(structured) = &self.structured_content else {
            panic!("no structured content: {self:?}")
        };
        let wrapped = || match structured.as_object() {
            Some(members) if members.len() == 1 => members.get("result"),
            _ => None,
        };
        let unwrapped = || serde_json::from_value(wrapped()?.clone()).ok();
        match serde_json::from_value(structured.clone()) {
            Ok(value) => value,
            Err(error) => unwrapped().unwrap_or_else(|| panic!("{structured}: {error}")),
        }
    }
}

/// A request was refused: the error of its response.
///
/// # Specification
/// [2025-11-25, Error responses](https://modelcontextprotocol.io/specification/2025-11-25/basic#error-responses),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic#error-responses)
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct RpcError {
    /// What kind of error it is.
    pub code: ErrorCode,
    /// One sentence for a person.
    pub message: String,
    /// What a program may want to know.
    #[serde(default)]
    pub data: Option<Value>,
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for RpcError {}

impl From<RpcError> for ErrorObject {
    fn from(error: RpcError) -> Self {
        let object = Self::new(error.code, error.message);
        match error.data {
            Some(data) => object.with_data(data),
            None => object,
        }
    }
}
