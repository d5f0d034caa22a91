//! What a server offers, as far as clients rely on it.

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
        .partition(|resource| resource.uri().contains('{'));
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
    let mut entry = Map::new();
    let mut add = |key: &str, value| entry.insert(key.to_owned(), value);
    if tool.requires_auth() {
        add("requiresAuth", json!(true));
    }
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
    let mime_type = resource.definition().mime_type.as_ref();
    let entry = match mime_type {
        Some(mime_type) => json!({ "mimeType": mime_type }),
        None => json!({}),
    };
    (resource.uri().to_owned(), entry)
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
    let entry = json!({ "arguments": sorted(arguments) });
    (definition.name.clone(), entry)
}
