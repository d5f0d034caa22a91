//! What was filled into a form, against what the form asks for: clients should look, and may not have.

use std::borrow::Cow;

use regex_lite::Regex;
use serde_json::{Map, Value};

/// What does not fit, if anything. Formats are for clients to know; a type judges them, if it can.
pub(crate) fn problem(form: &Value, filled: &Map<String, Value>) -> Option<String> {
    // Null says what absence says.
    let filled = |name: &str| filled.get(name).filter(|value| !value.is_null());
    let required = form.get("required").and_then(Value::as_array);
    let mut required = required.into_iter().flatten().filter_map(Value::as_str);
    if let Some(name) = required.find(|name| filled(name).is_none()) {
        return Some(format!("`{name}` is missing"));
    }
    let fields = form.get("properties")?.as_object()?;
    fields.iter().find_map(|(name, field)| {
        let problem = misfit(field, filled(name)?)?;
        Some(format!("`{name}` {problem}"))
    })
}

fn misfit(field: &Value, value: &Value) -> Option<Cow<'static, str>> {
    let kind = field.get("type").and_then(Value::as_str);
    let fits = match kind {
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        _ => true,
    };
    if let (false, Some(kind)) = (fits, kind) {
        return Some(format!("is not of the type {kind}").into());
    }
    if choices(field).is_some_and(|choices| !choices.contains(&value)) {
        return Some("is none of the choices".into());
    }
    if let (Some(items), Some(values)) = (field.get("items"), value.as_array()) {
        let problem = values.iter().find_map(|value| misfit(items, value));
        if let Some(problem) = problem {
            return Some(format!("has an item that {problem}").into());
        }
    }
    if let (Some(pattern), Some(text)) = (field.get("pattern"), value.as_str()) {
        let matcher = pattern.as_str().and_then(|it| Regex::new(it).ok());
        if matcher.is_some_and(|matcher| !matcher.is_match(text)) {
            return Some(format!("does not match the pattern {pattern}").into());
        }
    }
    let (measured, least, most) = match value {
        Value::Number(number) => (number.as_f64()?, "minimum", "maximum"),
        Value::String(text) => (count(text.chars()), "minLength", "maxLength"),
        Value::Array(items) => (count(items.iter()), "minItems", "maxItems"),
        _ => return None,
    };
    let bound = |keyword| field.get(keyword).and_then(Value::as_f64);
    if let Some(least) = bound(least).filter(|least| measured < *least) {
        return Some(format!("has less than the minimum of {least}").into());
    }
    let most = bound(most).filter(|most| measured > *most)?;
    Some(format!("has more than the maximum of {most}").into())
}

/// The values that may be chosen, where there is a choice.
fn choices(field: &Value) -> Option<Vec<&Value>> {
    let list = |key| field.get(key).and_then(Value::as_array);
    if let Some(listed) = list("enum") {
        return Some(listed.iter().collect());
    }
    let titled = list("oneOf").or(list("anyOf"))?;
    titled.iter().map(|choice| choice.get("const")).collect()
}

#[allow(clippy::cast_precision_loss, reason = "only compared with a bound")]
fn count(things: impl Iterator) -> f64 {
    things.count() as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_no_field_is_told_by_its_name() {
        let form = json!({
            "type": "object",
            "properties": {
                "stars": { "type": "integer", "minimum": 1, "maximum": 5 },
                "name": { "type": "string", "minLength": 2, "maxLength": 3, "pattern": "^[a-zü]+$" },
                "size": { "type": "string", "oneOf": [{ "const": "s", "title": "Small" }] },
                "days": { "type": "array", "items": { "enum": ["mo", "tu"] }, "maxItems": 2 },
            },
            "required": ["stars"],
        });
        for (filled, expected) in [
            (json!({ "stars": 1 }), None),
            (json!({ "stars": 5.0, "name": "üü", "size": null }), None),
            (
                json!({ "stars": 5, "size": "s", "days": ["mo", "tu"], "more": 1 }),
                None,
            ),
            (json!({}), Some("`stars` is missing")),
            (json!({ "stars": null }), Some("`stars` is missing")),
            (
                json!({ "stars": "5" }),
                Some("`stars` is not of the type integer"),
            ),
            (
                json!({ "stars": 1.5 }),
                Some("`stars` is not of the type integer"),
            ),
            (
                json!({ "stars": 0 }),
                Some("`stars` has less than the minimum of 1"),
            ),
            (
                json!({ "stars": 6 }),
                Some("`stars` has more than the maximum of 5"),
            ),
            (
                json!({ "stars": 1, "name": "ü" }),
                Some("`name` has less than the minimum of 2"),
            ),
            (
                json!({ "stars": 1, "name": "A1" }),
                Some("`name` does not match the pattern \"^[a-zü]+$\""),
            ),
            (
                json!({ "stars": 1, "size": "m" }),
                Some("`size` is none of the choices"),
            ),
            (
                json!({ "stars": 1, "days": ["fr"] }),
                Some("`days` has an item that is none of the choices"),
            ),
            (
                json!({ "stars": 1, "days": ["mo", "mo", "tu"] }),
                Some("`days` has more than the maximum of 2"),
            ),
        ] {
            let told = problem(&form, filled.as_object().unwrap());
            assert_eq!(told.as_deref(), expected, "{filled}");
        }
    }
}
