//! The suite's resources.

use mcp_core::{Resource, prelude::*};
use serde_json::{Value, json};

use crate::PNG;

pub(crate) fn all() -> Vec<Resource> {
    resources![static_text, static_binary, watched, template]
}

/// A text that never changes
#[mcp_resource("test://static-text", title = "Static text", mime = "text/plain")]
fn static_text() -> &'static str {
    "This is the content of the static text resource."
}

/// A picture that never changes
#[mcp_resource("test://static-binary", title = "Static binary", mime = "image/png")]
fn static_binary() -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.decode(PNG).unwrap_or_default()
}

/// A text that one may watch
#[mcp_resource(
    "test://watched-resource",
    title = "Watched resource",
    mime = "text/plain"
)]
fn watched() -> &'static str {
    "Watched resource content."
}

/// Data by its id
#[mcp_resource("test://template/{id}/data", title = "Template")]
fn template(id: String) -> Json<Value> {
    Json(json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") }))
}
