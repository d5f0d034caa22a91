//! Holds what a tool answers against what it promises.
//!
//! # Specification
//! [2025-11-25, Output schema](https://modelcontextprotocol.io/specification/2025-11-25/server/tools#output-schema),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/tools#output-schema)

use super::CallToolResult;
use crate::schema::Schema;

/// What a result breaks, as the end of a sentence about the tool.
pub(super) fn check(result: &CallToolResult, schema: Option<&Schema>) -> Result<(), String> {
    match (&result.structured_content, schema) {
        (Some(structured), _) if result.is_error => Err(format!(
            "failed and answered `structuredContent` nonetheless: {structured}"
        )),
        (None, Some(schema)) if !result.is_error => Err(format!(
            "has an `outputSchema` and answered no `structuredContent`: {}",
            schema.as_str()
        )),
        (Some(structured), Some(schema)) => fits(structured, schema),
        _ => Ok(()),
    }
}

fn fits(structured: &serde_json::Value, schema: &Schema) -> Result<(), String> {
    let validator = jsonschema::draft202012::new(&schema.to_value())
        .map_err(|error| format!("has an `outputSchema` that is no JSON Schema: {error}"))?;
    let problems: Vec<String> = validator
        .iter_errors(structured)
        .map(|error| format!("\n- at `{}`: {error}", error.instance_path()))
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!(
        "answered what its `outputSchema` does not promise: {structured}{}",
        problems.concat()
    ))
}
