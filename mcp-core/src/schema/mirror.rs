//! `x-mcp-header`: arguments that callers repeat outside of the message.
//!
//! # Specification
//! [2026-07-28, Custom headers from tool parameters](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters)

use serde_json::{Map, Value};

/// The keyword.
pub(crate) const KEYWORD: &str = "x-mcp-header";

/// An argument that callers repeat outside of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mirrored {
    /// By which name, of the characters that a header name may have.
    pub name: String,
    /// Which argument: the members that lead to it.
    pub path: Vec<String>,
}

impl Mirrored {
    /// The value it has in these arguments, if it has one.
    pub fn value<'v>(&self, arguments: &'v Value) -> Option<&'v Value> {
        let found = self
            .path
            .iter()
            .try_fold(arguments, |value, member| value.get(member));
        found.filter(|value| !value.is_null())
    }
}

/// Everything that a schema says is mirrored; what breaks the rules is noted.
pub(crate) fn find(schema: &Value, problems: &mut Vec<String>) -> Vec<Mirrored> {
    let mut found = Vec::new();
    walk(schema, &mut Vec::new(), &mut found, problems);
    for (index, one) in found.iter().enumerate() {
        let same = |other: &Mirrored| other.name.eq_ignore_ascii_case(&one.name);
        if found.iter().take(index).any(same) {
            problems.push(format!("two arguments are mirrored as `{}`", one.name));
        }
    }
    found
}

fn walk(
    schema: &Value,
    path: &mut Vec<String>,
    found: &mut Vec<Mirrored>,
    problems: &mut Vec<String>,
) {
    let Some(schema) = schema.as_object() else {
        return;
    };
    if let Some(name) = schema.get(KEYWORD) {
        match check(name, schema, path) {
            Ok(name) => found.push(Mirrored {
                name,
                path: path.clone(),
            }),
            Err(problem) => problems.push(format!("`{}`: {problem}", path.join("."))),
        }
    }
    for (keyword, inner) in schema {
        match inner {
            Value::Object(properties) if keyword == "properties" => {
                for (name, property) in properties {
                    path.push(name.clone());
                    walk(property, path, found, problems);
                    path.pop();
                }
            }
            // Data, not schemas.
            _ if matches!(keyword.as_str(), "default" | "enum" | "const" | "examples") => {}
            inner if holds_keyword(inner) => problems.push(format!(
                "`{KEYWORD}` stands under `{keyword}`, where no caller can find it"
            )),
            _ => {}
        }
    }
}

fn check(name: &Value, schema: &Map<String, Value>, path: &[String]) -> Result<String, String> {
    let name = name.as_str().unwrap_or_default();
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(format!(
            "`{KEYWORD}` must be a header name, and is {name:?}"
        ));
    }
    if path.is_empty() {
        return Err(format!("`{KEYWORD}` must stand on an argument"));
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string" | "integer" | "boolean") => Ok(name.to_owned()),
        _ => Err("only strings, integers and booleans can be mirrored".to_owned()),
    }
}

fn holds_keyword(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key(KEYWORD) || members.values().any(holds_keyword)
        }
        Value::Array(items) => items.iter().any(holds_keyword),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_are_found_where_callers_can_find_them() {
        let schema = json!({
            "type": "object",
            "properties": {
                "region": { "type": "string", "x-mcp-header": "Region" },
                "where": {
                    "type": "object",
                    "properties": { "zone": { "type": "integer", "x-mcp-header": "Zone" } },
                },
            },
        });
        let mut problems = Vec::new();
        let found = find(&schema, &mut problems);
        assert_eq!(problems, Vec::<String>::new());
        let arguments = json!({ "region": null, "where": { "zone": 7 } });
        let values: Vec<_> = found
            .iter()
            .map(|it| (it.name.as_str(), it.value(&arguments)))
            .collect();
        assert_eq!(values, [("Region", None), ("Zone", Some(&json!(7)))]);
    }

    #[test]
    fn what_breaks_the_rules_is_named() {
        for (schema, problem) in [
            (
                json!({ "properties": { "a": { "type": "string", "x-mcp-header": "" } } }),
                "header name",
            ),
            (
                json!({ "properties": { "a": { "type": "string", "x-mcp-header": "A b" } } }),
                "header name",
            ),
            (
                json!({ "properties": { "a": { "type": "number", "x-mcp-header": "A" } } }),
                "only strings",
            ),
            (
                json!({ "properties": { "a": { "items": { "x-mcp-header": "A" } } } }),
                "`items`",
            ),
            (
                json!({ "$defs": { "a": { "x-mcp-header": "A" } } }),
                "`$defs`",
            ),
            (
                json!({ "type": "object", "x-mcp-header": "A" }),
                "on an argument",
            ),
            (
                json!({ "properties": {
                    "a": { "type": "string", "x-mcp-header": "A" },
                    "b": { "type": "string", "x-mcp-header": "a" },
                } }),
                "two arguments",
            ),
        ] {
            let mut problems = Vec::new();
            find(&schema, &mut problems);
            assert!(
                problems.iter().any(|it| it.contains(problem)),
                "{schema}: {problems:?}"
            );
        }
    }
}
