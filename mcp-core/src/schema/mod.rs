//! JSON Schemas: made from types, in the form that every known client accepts.
//!
//! # Specification
//! [2025-11-25, JSON Schema usage](https://modelcontextprotocol.io/specification/2025-11-25/basic#json-schema-usage),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic#json-schema-usage)

pub(crate) mod bounds;
mod broken;
mod check;
pub(crate) mod filled;
pub mod form;
mod generator;
mod inline;
mod merge;
pub(crate) mod mirror;
mod portable;
pub(crate) mod promised;
mod sample;
pub(crate) mod validator;
pub(crate) mod walk;

use std::{fmt, sync::Arc};

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, value::RawValue};

pub use self::check::{Rule, Warning, assert_portable, estimated_tokens};
pub(crate) use self::generator::{Generator, Refs, smaller};

/// A JSON Schema as it is sent: JSON text whose order of members is kept.
///
/// ```
/// use mcp_core::schema::Schema;
///
/// let schema = Schema::parse(r#"{"type":"object","properties":{"b":{},"a":{}}}"#)?;
/// assert_eq!(schema.as_str(), r#"{"type":"object","properties":{"b":{},"a":{}}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Schema(Arc<RawValue>);

impl Schema {
    /// A schema from JSON text, taken as it is but for white space between its tokens.
    ///
    /// # Errors
    /// When the text is not one JSON document, or is more than 127 levels deep.
    pub fn parse(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str::<Value>(json)?;
        Ok(Self::from_text(compact(json)))
    }

    /// The schema of what a tool takes as `T`, in portable form.
    ///
    /// Alternatives become one object, since model APIs take nothing else at the root.
    pub fn input<T: JsonSchema>() -> Self {
        Self::from_value(&Generator::inputs().root::<T>())
    }

    /// The schema of what a tool answers as `T`.
    pub fn output<T: JsonSchema>() -> Self {
        Self::from_value(&Generator::outputs().root::<T>())
    }

    /// The schema of a tool that takes no arguments.
    pub(crate) fn no_arguments() -> Self {
        Self::from_text(
            r#"{"type":"object","properties":{},"additionalProperties":false}"#.to_owned(),
        )
    }

    /// The schema as JSON text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The schema as a value, for looking into it.
    pub fn to_value(&self) -> Value {
        serde_json::from_str(self.as_str()).unwrap_or_default()
    }

    pub(crate) fn from_value(value: &Value) -> Self {
        Self::from_text(value.to_string())
    }

    /// From text that was written by a serialiser.
    pub(crate) fn from_text(text: String) -> Self {
        Self(RawValue::from_string(text).unwrap_or_default().into())
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.to_value() == other.to_value()
    }
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|schema| Self::from_value(&schema))
    }
}

/// JSON without white space between its tokens: a message is one line.
fn compact(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    json.chars()
        .filter(|c| {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = in_string,
                '"' => in_string = !in_string,
                _ => {}
            }
            in_string || !matches!(c, ' ' | '\t' | '\n' | '\r')
        })
        .collect()
}

/// A value as JSON on one line, which raw JSON in it need not be.
pub(crate) fn one_line(value: &impl Serialize) -> serde_json::Result<Box<RawValue>> {
    let json = serde_json::value::to_raw_value(value)?;
    match memchr::memchr2(b'\n', b'\r', json.get().as_bytes()) {
        Some(_) => RawValue::from_string(compact(json.get())),
        None => Ok(json),
    }
}

fn settings() -> SchemaSettings {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_one_line_and_its_strings_are_untouched() {
        let schema = Schema::parse("{ \"a\\\" b\" :\n\t[ 1,\r\n2 ] }").unwrap();
        assert_eq!(schema.as_str(), r#"{"a\" b":[1,2]}"#);
    }

    #[test]
    fn a_schema_that_is_too_deep_to_be_read_is_refused() {
        let nested = |levels| "[".repeat(levels) + &"]".repeat(levels);
        assert!(Schema::parse(&nested(127)).is_ok());
        assert!(Schema::parse(&nested(128)).is_err());
    }
}
