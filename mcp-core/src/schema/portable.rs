//! One pass that turns what schemars writes into what every known client accepts.
//!
//! One schema that a client cannot read often costs it the whole tool list, so this is not an
//! option. The pass descends into schema positions only, never into `default`, `enum`, `const`
//! or `examples`.

use serde_json::{Map, Value, json};

use super::walk::below_mut;

/// Which way the described value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To us: an optional member is one that may be absent, so its type needs no null.
    Input,
    /// To the client: null is sent, so null is promised.
    Output,
}

/// Rewrites one field of a form, whose choices keep what explains them.
pub(super) fn rewrite_field(field: &mut Value, is_known: fn(&str) -> bool) {
    let Some(object) = field.as_object_mut() else {
        return;
    };
    drop_formats_unless(is_known, object);
    drop_null(object);
    object.shift_remove("title");
}

/// Rewrites `schema` and every schema below it.
pub(super) fn rewrite(schema: &mut Value, direction: Direction) {
    if *schema == Value::Bool(true) {
        *schema = json!({});
    }
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    below_mut(object, |keyword, inner| {
        // A plain yes or no is understood here, and says what an empty schema would not.
        if !(keyword == "additionalProperties" && inner.is_boolean()) {
            rewrite(inner, direction);
        }
    });
    object.shift_remove("$schema");
    if object.get("title").is_some_and(Value::is_string) {
        object.shift_remove("title");
    }
    drop_formats_unless(is_standard, object);
    if direction == Direction::Output {
        fold_constants(object);
        return;
    }
    drop_null(object);
    fold_constants(object);
    list_constant(object);
    open_tuple(object);
    open_keys(object);
    // Sets take a value twice, and model APIs know neither of the two.
    object.shift_remove("uniqueItems");
    if !object.contains_key("anyOf") {
        rename(object, "oneOf", "anyOf");
    }
}

/// Gives a keyword another name, in its place.
fn rename(object: &mut Map<String, Value>, from: &str, to: &str) {
    if object.contains_key(from) {
        let renamed = std::mem::take(object).into_iter();
        let renamed = renamed.map(|(name, value)| match name == from {
            true => (to.to_owned(), value),
            false => (name, value),
        });
        *object = renamed.collect();
    }
}

/// A constant as an `enum` of one, which those know too that know no `const`.
fn list_constant(object: &mut Map<String, Value>) {
    if object.contains_key("enum") || !object.get("const").is_some_and(Value::is_string) {
        return;
    }
    if let Some(constant) = object.get_mut("const") {
        *constant = json!([constant.take()]);
        rename(object, "const", "enum");
    }
}

/// A tuple as an array of whatever it holds: several clients take no array without `items`.
fn open_tuple(object: &mut Map<String, Value>) {
    let Some(Value::Array(places)) = object.shift_remove("prefixItems") else {
        return;
    };
    let kind = |schema: &Value| match schema.get("type").and_then(Value::as_str) {
        Some(kind) => kind.to_owned(),
        None => "any".to_owned(),
    };
    let kinds: Vec<String> = places.iter().map(kind).collect();
    let mut different: Vec<Value> = Vec::new();
    for place in places {
        if !different.contains(&place) {
            different.push(place);
        }
    }
    let items = match different.as_mut_slice() {
        [only] => only.take(),
        _ => json!({ "anyOf": different }),
    };
    object.insert("items".to_owned(), items);
    object
        .entry("description")
        .or_insert_with(|| format!("In this order: {}", kinds.join(", ")).into());
}

/// A map whose keys have a pattern as one of any keys; its type knows which it takes.
fn open_keys(object: &mut Map<String, Value>) {
    object.shift_remove("propertyNames");
    let Some(Value::Object(patterns)) = object.get_mut("patternProperties") else {
        return;
    };
    let mut different: Vec<Value> = Vec::new();
    for (_, values) in std::mem::take(patterns) {
        if !different.contains(&values) {
            different.push(values);
        }
    }
    let values = match different.as_mut_slice() {
        [only] => only.take(),
        _ => json!({ "anyOf": different }),
    };
    object.shift_remove("patternProperties");
    object.insert("additionalProperties".to_owned(), values);
}

/// The formats that JSON Schema defines. Others, such as `uint32` and `ip`, make strict clients
/// complain.
const FORMATS: [&str; 19] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

/// Whether JSON Schema knows the format.
pub(super) fn is_standard(format: &str) -> bool {
    FORMATS.contains(&format)
}

fn drop_formats_unless(is_known: fn(&str) -> bool, object: &mut Map<String, Value>) {
    let format = object.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| !is_known(format)) {
        object.shift_remove("format");
    }
}

/// Null as one more type, which several clients cannot read; absence says the same. A null that is the
/// default goes with it: it would fit none of the types that are left.
fn drop_null(object: &mut Map<String, Value>) {
    if object.get("default").is_some_and(Value::is_null) {
        object.shift_remove("default");
    }
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
            object.shift_remove(keyword);
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
    object.shift_remove("oneOf");
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
    fn what_is_none_by_default_has_no_default_that_its_type_refuses() {
        #[derive(Default, JsonSchema)]
        #[serde(default)]
        struct Filter {
            year: Option<u32>,
            order: Option<Order>,
            limit: u32,
        }
        #[derive(JsonSchema, serde::Serialize)]
        #[expect(dead_code)]
        enum Order {
            /// Best first
            Relevance,
            /// Newest first
            Date,
        }
        let schema = input::<Filter>();
        assert!(!schema.to_string().contains("null"), "{schema}");
        let members = &schema["properties"];
        assert_eq!(members["year"], json!({ "type": "integer", "minimum": 0 }));
        assert_eq!(members["limit"]["default"], 0);
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
