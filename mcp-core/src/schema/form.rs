//! Schemas of forms: what `elicitation/create` may ask for.
//!
//! # Specification
//! [2025-11-25, Requested schema](https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#requested-schema),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation#requested-schema)

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::{Schema, portable, settings};

/// The form that asks for the fields of `T`.
///
/// Choices are enums without data; a documented variant is shown by its documentation. A format that
/// forms do not know, such as `uuid`, is left out: its field is text, and `T` judges what is filled in.
///
/// # Errors
/// Why clients could not show it.
pub fn schema<T: JsonSchema>() -> Result<Schema, String> {
    let mut schema = settings().into_generator().subschema_for::<T>().to_value();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, field) in properties.into_iter().flatten() {
        portable::rewrite_field(field, is_known);
        titled(field);
        if let Some(items) = field.get_mut("items") {
            titled(items);
            if let Some(items) = items.as_object_mut()
                && let Some(choices) = items.remove("oneOf")
            {
                // Several may be chosen: any of them fits.
                items.remove("type");
                items.insert("anyOf".to_owned(), choices);
            }
        }
    }
    if let Some(root) = schema.as_object_mut() {
        root.retain(|name, _| matches!(name.as_str(), "type" | "properties" | "required"));
    }
    check(&schema)?;
    Ok(Schema::from_value(&schema))
}

/// Whether clients can show this form.
///
/// # Errors
/// Why not, naming the field.
pub fn check(schema: &Value) -> Result<(), String> {
    if schema.get("type") != Some(&json!("object")) {
        return Err("its root must be an object".to_owned());
    }
    let none = Map::new();
    let fields = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    for (name, field) in fields {
        let kind = field
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let fits = match kind {
            "string" | "number" | "integer" | "boolean" => true,
            "array" => field.get("items").is_some_and(is_choice),
            _ => false,
        };
        if !fits {
            return Err(format!(
                "field `{name}` must be a string, a number, a boolean, a choice or several choices"
            ));
        }
        if field.get("default").is_some_and(Value::is_null) {
            return Err(format!(
                "field `{name}` is null by default, which fits no field: leave the default out"
            ));
        }
        if let Some(format) = field.get("format").and_then(Value::as_str)
            && kind == "string"
            && !is_known(format)
        {
            return Err(format!(
                "field `{name}` has the format `{format}`, and forms know {} only: leave it out, and \
                 look at what is filled in",
                FORMATS.map(|format| format!("`{format}`")).join(", ")
            ));
        }
    }
    Ok(())
}

/// The formats of text in forms; a client may refuse the whole question for any other.
const FORMATS: [&str; 4] = ["email", "uri", "date", "date-time"];

fn is_known(format: &str) -> bool {
    FORMATS.contains(&format)
}

fn is_choice(items: &Value) -> bool {
    let listed = |key| items.get(key).is_some_and(Value::is_array);
    listed("enum") || listed("anyOf") || listed("oneOf")
}

/// Documented constants become choices with a title, the one form in which forms explain them.
fn titled(field: &mut Value) {
    let Some(object) = field.as_object_mut() else {
        return;
    };
    let Some(Value::Array(branches)) = object.get("oneOf") else {
        return;
    };
    let mut choices = Vec::new();
    for branch in branches {
        let text = |key| branch.get(key).and_then(Value::as_str);
        if let Some(constant) = text("const") {
            let title = text("title").or(text("description")).unwrap_or(constant);
            choices.push(json!({ "const": constant, "title": title }));
        } else if let Some(Value::Array(constants)) = branch.get("enum") {
            let constants = constants.iter().filter_map(Value::as_str);
            choices.extend(constants.map(|name| json!({ "const": name, "title": name })));
        } else {
            return;
        }
    }
    object.insert("type".to_owned(), "string".into());
    object.insert("oneOf".to_owned(), choices.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code)]
    enum Size {
        /// Up to 40
        Small,
        /// From 41
        Large,
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code)]
    enum Color {
        Red,
        Blue,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code)]
    struct Order {
        /// Your name
        name: String,
        #[serde(default = "three")]
        count: u32,
        gift: Option<bool>,
        #[serde(default)]
        card: Option<String>,
        size: Size,
        colors: Vec<Color>,
        sizes: Vec<Size>,
    }

    fn three() -> u32 {
        3
    }

    #[test]
    fn a_flat_struct_is_a_form_with_defaults_and_choices() {
        let schema = schema::<Order>().unwrap().to_value();
        let sizes = json!([
            { "const": "small", "title": "Up to 40" },
            { "const": "large", "title": "From 41" },
        ]);
        assert_eq!(
            schema,
            json!({
                "type": "object",
                "properties": {
                    "name": { "type": "string", "description": "Your name" },
                    "count": { "type": "integer", "minimum": 0, "default": 3 },
                    "gift": { "type": "boolean" },
                    "card": { "type": "string" },
                    "size": { "type": "string", "oneOf": sizes },
                    "colors": {
                        "type": "array",
                        "items": { "type": "string", "enum": ["red", "blue"] },
                    },
                    "sizes": { "type": "array", "items": { "anyOf": sizes } },
                },
                "required": ["name", "size", "colors", "sizes"],
            })
        );
    }

    #[test]
    fn forms_have_the_formats_that_clients_know_and_no_nulls() {
        #[derive(JsonSchema)]
        #[expect(dead_code)]
        struct Visit {
            #[schemars(extend("format" = "date"))]
            day: String,
            #[schemars(extend("format" = "uuid"))]
            id: String,
            from: std::net::Ipv4Addr,
            #[schemars(extend("format" = "time"))]
            at: Option<String>,
        }
        assert_eq!(
            schema::<Visit>().unwrap().to_value()["properties"],
            json!({
                "day": { "type": "string", "format": "date" },
                "id": { "type": "string" },
                "from": { "type": "string" },
                "at": { "type": "string" },
            })
        );
        let by_hand = |format: &str| {
            let field = json!({ "type": "string", "format": format });
            check(&json!({ "type": "object", "properties": { "id": field } }))
        };
        for known in ["email", "uri", "date", "date-time"] {
            assert_eq!(by_hand(known), Ok(()));
        }
        let field = json!({ "type": "boolean", "default": null });
        let null = json!({ "type": "object", "properties": { "gift": field } });
        assert!(check(&null).unwrap_err().contains("`gift` is null"));
        let refused = by_hand("uuid").unwrap_err();
        assert!(
            refused.contains("`id`") && refused.contains("`uuid`"),
            "{refused}"
        );
        assert!(
            refused.contains("`email`, `uri`, `date`, `date-time`"),
            "{refused}"
        );
    }

    #[test]
    fn what_no_client_can_show_is_refused_by_the_name_of_the_field() {
        #[derive(JsonSchema)]
        #[expect(dead_code)]
        struct Nested {
            order: Order,
        }
        #[derive(JsonSchema)]
        #[expect(dead_code)]
        struct Listed {
            names: Vec<String>,
        }
        assert!(schema::<Nested>().unwrap_err().contains("`order`"));
        assert!(schema::<Listed>().unwrap_err().contains("`names`"));
        assert!(schema::<String>().unwrap_err().contains("object"));
    }
}
