//! What the server answered.

use std::fmt;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    jsonrpc::{ErrorCode, ErrorObject},
    schema::Schema,
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
    /// What programs read, the same in both eras: what the tool returned. What is no object travels within
    /// `{"result": …}` in the legacy era, and is taken out of it. As it travelled, it fits the tool's output
    /// schema, or the test has failed.
    #[serde(default, deserialize_with = "there")]
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

    /// Its structured content as a `T`.
    ///
    /// # Panics
    /// When there is none, or it is no `T`.
    #[track_caller]
    pub fn structured<T: DeserializeOwned>(&self) -> T {
        let Some(structured) = &self.structured_content else {
            panic!("no structured content: {self:?}")
        };
        match serde_json::from_value(structured.clone()) {
            Ok(value) => value,
            Err(error) => panic!("{structured}: {error}"),
        }
    }

    /// Takes out what the legacy era has wrapped into an object, as its schema was.
    pub(super) fn unwrap_structured(&mut self, schema: Option<&Schema>) {
        if let Some(Value::Object(members)) = &self.structured_content
            && members.len() == 1
            && let Some(inner) = members.get("result")
            && schema.is_none_or(is_wrapping)
            && !self.is_mirrored()
        {
            self.structured_content = Some(inner.clone());
        }
    }

    /// Whether its text says the same as its structured content, all of it. Of what is wrapped, it says
    /// the inside.
    fn is_mirrored(&self) -> bool {
        serde_json::from_str(&self.text()).ok() == self.structured_content
    }
}

/// A value that is there, null included: that is a result, and no result is another.
fn there<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

/// Whether a schema may be one that describes something wrapped.
fn is_wrapping(schema: &Schema) -> bool {
    let schema = schema.to_value();
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.is_some_and(|members| members.keys().eq(["result"]))
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
