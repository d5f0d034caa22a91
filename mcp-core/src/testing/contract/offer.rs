//! What a server offers, as far as clients rely on it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::schema;
use crate::{Prompt, Resource, Server, Tool};

/// Everything by name, in an order that does not depend on that of registration.
pub(super) fn of(server: &Server) -> Value {
    let registry = server.registry();
    let entries = &registry.entries;
    let (templates, resources): (Vec<_>, Vec<_>) = entries
        .resources
        .iter()
        .partition(|resource| resource.is_template());
    json!({
        "tools": sorted(entries.tools.iter().map(tool)),
        "resources": sorted(resources.into_iter().map(resource)),
        "resourceTemplates": sorted(templates.into_iter().map(resource)),
        "prompts": sorted(entries.prompts.iter().map(prompt)),
    })
}

fn sorted(entries: impl Iterator<Item = (String, Value)>) -> Value {
    let mut sorted: Map<String, Value> = entries.collect();
    sorted.sort_keys();
    Value::Object(sorted)
}

fn tool(tool: &Tool) -> (String, Value) {
    let definition = tool.definition();
    let mut entry = needs(tool.requires_auth(), tool.scopes());
    let mut add = |key: &str, value| entry.insert(key.to_owned(), value);
    if let Some(hints) = definition.annotations {
        add("annotations", json!(hints));
    }
    let input = definition.input_schema.to_value();
    add("inputSchema", schema::without_words(input));
    if let Some(output) = &definition.output_schema {
        add("outputSchema", schema::without_words(output.to_value()));
    }
    (definition.name.clone(), entry.into())
}

fn resource(resource: &Resource) -> (String, Value) {
    let mut entry = needs(resource.requires_auth(), resource.scopes());
    if let Some(mime_type) = &resource.definition().mime_type {
        entry.insert("mimeType".to_owned(), json!(mime_type));
    }
    (resource.uri().to_owned(), entry.into())
}

fn prompt(prompt: &Prompt) -> (String, Value) {
    let definition = prompt.definition();
    let arguments = definition.arguments.iter().map(|argument| {
        let need = if argument.required {
            "required"
        } else {
            "optional"
        };
        (argument.name.clone(), json!(need))
    });
    let mut entry = needs(prompt.requires_auth(), prompt.scopes());
    entry.insert("arguments".to_owned(), sorted(arguments));
    (definition.name.clone(), entry.into())
}

/// Who may use it.
fn needs(requires_auth: bool, scopes: &[String]) -> Map<String, Value> {
    let mut entry = Map::new();
    if requires_auth {
        entry.insert("requiresAuth".to_owned(), json!(true));
    }
    if !scopes.is_empty() {
        let scopes: BTreeSet<&String> = scopes.iter().collect();
        entry.insert("scopes".to_owned(), json!(scopes));
    }
    entry
}
