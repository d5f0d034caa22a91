//! The suite's tools, the plain one first: one of its scenarios calls whatever is listed first.

use mcp_core::{Ctx, Tool, prelude::*, schema::Schema};

use crate::{PNG, WAV};

pub(crate) fn all() -> Vec<Tool> {
    let mut all = tools![
        test_simple_text,
        test_image_content,
        test_audio_content,
        test_embedded_resource,
        test_multiple_content_types,
        test_error_handling,
        test_structured_output,
        echo,
        add,
        prints,
    ];
    all.push(json_schema_2020_12_tool());
    all
}

/// Returns one piece of text
#[mcp_tool(read_only)]
fn test_simple_text() -> &'static str {
    "This is a simple text response for testing."
}

/// Returns one picture
#[mcp_tool(read_only)]
fn test_image_content() -> Image {
    Image::from_base64(PNG, "image/png")
}

/// Returns one recording
#[mcp_tool(read_only)]
fn test_audio_content() -> Audio {
    Audio::from_base64(WAV, "audio/wav")
}

/// Returns one resource, contents and all
#[mcp_tool(read_only)]
fn test_embedded_resource() -> Embedded {
    let text = "This is an embedded resource content.";
    let contents = ResourceContents::text("test://embedded-resource", text);
    Embedded::new(contents.mime_type("text/plain"))
}

/// Returns text, a picture and a resource
#[mcp_tool(read_only)]
fn test_multiple_content_types() -> (Text, Image, Embedded) {
    let json = r#"{"test":"data","value":123}"#;
    let contents = ResourceContents::text("test://mixed-content-resource", json);
    (
        Text::new("Multiple content types test:"),
        Image::from_base64(PNG, "image/png"),
        Embedded::new(contents.mime_type("application/json")),
    )
}

/// Fails, always and on purpose
#[mcp_tool(read_only)]
fn test_error_handling() -> Result<String, ToolError> {
    Err(ToolError::user(
        "This tool intentionally returns an error for testing",
    ))
}

/// A reading, as programs want it
#[derive(serde::Serialize, schemars::JsonSchema)]
struct Weather {
    /// In degrees Celsius
    temperature: f64,
    conditions: &'static str,
}

/// Returns structured output
#[mcp_tool(read_only)]
fn test_structured_output() -> Weather {
    Weather {
        temperature: 22.5,
        conditions: "Partly cloudy",
    }
}

/// Repeats a text
#[mcp_tool(read_only)]
fn echo(
    /// What to repeat
    text: String,
) -> String {
    text
}

/// Adds two numbers
#[mcp_tool(read_only)]
fn add(
    /// The one
    a: f64,
    /// The other
    b: f64,
) -> f64 {
    a + b
}

/// Prints to standard output, as careless code does, whatever the transport
#[mcp_tool(read_only)]
#[expect(
    clippy::print_stdout,
    reason = "over stdio, this must not reach the client"
)]
fn prints() -> &'static str {
    println!("printed by a tool");
    "printed"
}

/// A schema with what only JSON Schema 2020-12 has; it must reach the client unchanged.
fn json_schema_2020_12_tool() -> Tool {
    const SCHEMA: &str = r##"{
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
            }
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" }
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false
    }"##;
    Tool::builder("json_schema_2020_12_tool")
        .description("Takes arguments by a schema that only JSON Schema 2020-12 can express")
        .input_schema(Schema::parse(SCHEMA).unwrap_or_else(|error| unreachable!("{error}")))
        .handler(
            |arguments: serde_json::Map<String, serde_json::Value>, _: Ctx| async move {
                Ok(format!("Called with {} arguments", arguments.len()))
            },
        )
}
