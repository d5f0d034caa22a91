//! One pass that turns what schemars writes into what every known client accepts.
//!
//! One schema that a client cannot read often costs it the whole tool list, so this is not an
//! option. The pass descends into schema positions only, never into `default`, `enum`, `const`
//! or `examples`.

use serde_json::{Map, Value, json};

/// Which way the described value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To us: an optional member is one that may be absent, so its type needs no null.
    Input,
    /// To the client: null is sent, so null is promised.
    Output,
}

/// Keywords whose value is one schema.
const ONE: [&str; 9] = [
    "items",
    "additionalProperties",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "unevaluatedItems",
];
/// Keywords whose value is an array of schemas.
const MANY: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// Keywords whose value is an object of schemas.
const NAMED: [&str; 4] = [
    "properties",
    "patternProperties",
    "$defs",
    "dependentSchemas",
];

/// Rewrites one field of a form, whose choices keep what explains them.
pub(super) fn rewrite_field(field: &mut Value) {
    let Some(object) = field.as_object_mut() else {
        return;
    };
    drop_rust_formats(object);
    drop_null(object);
    object.remove("title");
}

/// Rewrites `schema` and every schema below it.
pub(super) fn rewrite(schema: &mut Value, direction: Direction) {
    if *schema == Value::Bool(true) {
        *schema = json!({});
    }
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    for keyword in ONE {
        match object.get_mut(keyword) {
            // A plain yes or no is understood here, and says what an empty schema would not.
            Some(Value::Bool(_)) if keyword == "additionalProperties" => {}
            Some(inner) => rewrite(inner, direction),
            None => {}
        }
    }
    for keyword in MANY {
        let branches = object.get_mut(keyword).and_then(Value::as_array_mut);
        branches
            .into_iter()
            .flatten()
            .for_each(|inner| rewrite(inner, direction));
    }
    for keyword in NAMED {
        let named = object.get_mut(keyword).and_then(Value::as_object_mut);
        named
            .into_iter()
            .flatten()
            .for_each(|(_, inner)| rewrite(inner, direction));
    }
    object.remove("$schema");
    if object.get("title").is_some_and(Value::is_string) {
        object.remove("title");
    }
    drop_rust_formats(object);
    if direction == Direction::Input {
        drop_null(object);
    }
    fold_constants(object);
}

/// `"format": "uint32"` and its like: no standard knows them, and strict clients complain.
fn drop_rust_formats(object: &mut Map<String, Value>) {
    let rusty = object
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|format| {
            let digits = |prefix| {
                format
                    .strip_prefix(prefix)
                    .is_some_and(|rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit()))
            };
            digits("int") || digits("uint") || matches!(format, "float" | "double")
        });
    if rusty {
        object.remove("format");
    }
}

/// Null as one more type, which several clients cannot read; absence says the same.
fn drop_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_mut_slice() {
            let only = only.take();
            object.insert("type".to_owned(), only);
        }
        if let Some(Value::Array(values)) = object.get_mut("enum") {
            values.retain(|value| !value.is_null());
        }
    }
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = object.get_mut(keyword) else {
            continue;
        };
        let before = branches.len();
        branches.retain(|branch| *branch != json!({ "type": "null" }));
        if branches.len() == before {
            continue;
        }
        if let [Value::Object(only)] = branches.as_mut_slice() {
            let only = std::mem::take(only);
            object.remove(keyword);
            for (name, value) in only {
                // What was said of the optional thing is closer to the user than what its type says.
                object.entry(name).or_insert(value);
            }
        }
    }
}

/// `oneOf` of documented constants becomes an `enum` whose values are explained in `description`.
fn fold_constants(object: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = object.get("oneOf") else {
        return;
    };
    let mut values = Vec::new();
    let mut lines = Vec::new();
    for branch in branches {
        let Some(branch) = branch.as_object() else {
            return;
        };
        let known = ["const", "enum", "type", "description"];
        if branch
            .keys()
            .any(|keyword| !known.contains(&keyword.as_str()))
        {
            return;
        }
        let here = match (branch.get("const"), branch.get("enum")) {
            (Some(constant), None) => std::slice::from_ref(constant),
            (None, Some(Value::Array(constants))) => constants,
            _ => return,
        };
        for value in here {
            let Some(name) = value.as_str() else { return };
            if let Some(description) = branch.get("description").and_then(Value::as_str) {
                lines.push(format!("- `{name}`: {description}"));
            }
        }
        values.extend(here.iter().cloned());
    }
    object.remove("oneOf");
    object.insert("type".to_owned(), "string".into());
    object.insert("enum".to_owned(), values.into());
    if !lines.is_empty() {
        let own = object.get("description").and_then(Value::as_str);
        let text = own
            .into_iter()
            .map(str::to_owned)
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\n");
        object.insert("description".to_owned(), text.into());
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde_json::{Value, json};

    use crate::schema::Schema;

    fn input<T: JsonSchema>() -> Value {
        Schema::input::<T>().to_value()
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code)]
    enum Plain {
        One,
        Two,
    }

    /// How to sort.
    #[derive(JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code)]
    enum Sort {
        /// Best first.
        Relevance,
        /// Newest first.
        Date,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code)]
    struct Tree {
        name: Option<String>,
        children: Vec<Tree>,
    }

    #[test]
    fn numbers_keep_their_bounds_and_lose_rusts_format() {
        assert_eq!(input::<u32>(), json!({ "type": "integer", "minimum": 0 }));
        assert_eq!(input::<i64>(), json!({ "type": "integer" }));
        assert_eq!(input::<f64>(), json!({ "type": "number" }));
    }

    #[test]
    fn an_optional_input_is_its_plain_type() {
        assert_eq!(
            input::<Option<u32>>(),
            json!({ "type": "integer", "minimum": 0 })
        );
        assert_eq!(
            input::<Option<Plain>>(),
            json!({ "type": "string", "enum": ["one", "two"] })
        );
        assert_eq!(input::<Option<Sort>>(), input::<Sort>());
    }

    #[test]
    fn an_optional_output_keeps_its_null() {
        let output = Schema::output::<Option<u32>>().to_value();
        assert_eq!(output, json!({ "type": ["integer", "null"], "minimum": 0 }));
    }

    #[test]
    fn a_documented_enum_explains_its_values_in_the_description() {
        assert_eq!(
            input::<Sort>(),
            json!({
                "type": "string",
                "enum": ["relevance", "date"],
                "description": "How to sort.\n- `relevance`: Best first.\n- `date`: Newest first.",
            })
        );
    }

    #[test]
    fn anything_is_an_empty_schema_not_true() {
        assert_eq!(input::<Value>(), json!({}));
        assert_eq!(
            input::<Vec<Value>>(),
            json!({ "type": "array", "items": {} })
        );
    }

    #[test]
    fn a_recursive_type_keeps_its_definitions() {
        let schema = input::<Tree>();
        let reference = schema
            .pointer("/properties/children/items/$ref")
            .or(schema.get("$ref"));
        assert_eq!(reference, Some(&json!("#/$defs/Tree")), "{schema}");
        let name = schema.pointer("/$defs/Tree/properties/name");
        assert_eq!(name, Some(&json!({ "type": "string" })), "{schema}");
    }
}
