//! Where in a schema other schemas stand: never in `default`, `enum`, `const` or `examples`.

use serde_json::{Map, Value};

/// Keywords whose value is one schema.
const ONE: [&str; 11] = [
    "items",
    "additionalProperties",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];
/// Keywords whose value is an array of schemas.
const MANY: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// Keywords whose value is an object of schemas.
const NAMED: [&str; 5] = [
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
];

/// Where the definitions of a schema stand, as a `$ref` says it.
pub(super) const DEFINITIONS: &str = "#/$defs/";

/// The schemas directly below this one, each with the pointer that leads there.
pub(super) fn below(schema: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (keyword, inner) in schema.as_object().into_iter().flatten() {
        let keyword = keyword.as_str();
        if ONE.contains(&keyword) {
            found.push((format!("/{keyword}"), inner));
        } else if MANY.contains(&keyword) {
            let branches = inner.as_array().into_iter().flatten().enumerate();
            found.extend(branches.map(|(index, inner)| (format!("/{keyword}/{index}"), inner)));
        } else if NAMED.contains(&keyword) {
            let named = inner.as_object().into_iter().flatten();
            found
                .extend(named.map(|(name, inner)| (format!("/{keyword}/{}", escape(name)), inner)));
        }
    }
    found
}

/// Runs `visit` on each schema directly below this one, with its keyword.
pub(super) fn below_mut(schema: &mut Map<String, Value>, mut visit: impl FnMut(&str, &mut Value)) {
    for (keyword, inner) in schema {
        let keyword = keyword.as_str();
        if ONE.contains(&keyword) {
            visit(keyword, inner);
        } else if MANY.contains(&keyword) {
            let branches = inner.as_array_mut().into_iter().flatten();
            branches.for_each(|inner| visit(keyword, inner));
        } else if NAMED.contains(&keyword) {
            let named = inner.as_object_mut().into_iter().flatten();
            named.for_each(|(_, inner)| visit(keyword, inner));
        }
    }
}

/// The name of the definition that this schema refers to.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(DEFINITIONS)
}

/// A name as a JSON pointer writes it.
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
