//! Alternatives at the root made one object, because model APIs take nothing else there.
//!
//! What is lost is which members go together. The type still enforces it, and the description of
//! the tag says it.

use serde_json::{Map, Value, json};

/// Merges `allOf`, `anyOf` and `oneOf` of objects into the root. What is no object stays.
pub(super) fn merge_root(root: &mut Value) {
    let Some(members) = root.as_object_mut() else {
        return;
    };
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = members.get(keyword) else {
            continue;
        };
        let mut branches = branches.clone();
        branches.iter_mut().for_each(merge_root);
        let Some(merged) = (match keyword {
            "allOf" => all(&branches),
            _ => any(&branches),
        }) else {
            continue;
        };
        members.shift_remove(keyword);
        add(members, merged);
    }
}

/// What an object says, as far as it can be merged.
#[derive(Default)]
struct Object {
    properties: Map<String, Value>,
    required: Vec<Value>,
    closed: bool,
}

fn object(schema: &Value) -> Option<Object> {
    let members = schema.as_object()?;
    let known = [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "description",
        "unevaluatedProperties",
    ];
    if members.keys().any(|name| !known.contains(&name.as_str()))
        || members.get("type").is_some_and(|kind| kind != "object")
    {
        return None;
    }
    let is_closed = |keyword| members.get(keyword) == Some(&Value::Bool(false));
    Some(Object {
        properties: members
            .get("properties")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default(),
        required: required(members),
        closed: is_closed("additionalProperties") || is_closed("unevaluatedProperties"),
    })
}

fn required(members: &Map<String, Value>) -> Vec<Value> {
    let required = members.get("required").and_then(Value::as_array);
    required.cloned().unwrap_or_default()
}

/// An object that fits all of these.
fn all(branches: &[Value]) -> Option<Object> {
    let mut merged = Object::default();
    for branch in branches {
        let branch = object(branch)?;
        for (name, property) in branch.properties {
            merged.properties.entry(name).or_insert(property);
        }
        merged.required.extend(branch.required);
        merged.closed |= branch.closed;
    }
    Some(merged)
}

/// An object that fits whatever fits one of these.
fn any(branches: &[Value]) -> Option<Object> {
    let objects = branches.iter().map(object).collect::<Option<Vec<_>>>()?;
    let mut merged = Object {
        closed: objects.iter().all(|one| one.closed),
        ..Object::default()
    };
    let first = objects.first()?;
    let everywhere = |name: &&Value| objects.iter().all(|one| one.required.contains(name));
    merged.required = first.required.iter().filter(everywhere).cloned().collect();
    for one in &objects {
        for (name, property) in &one.properties {
            match merged.properties.get_mut(name) {
                Some(known) => widen(known, property),
                None => drop(merged.properties.insert(name.clone(), property.clone())),
            }
        }
    }
    let tags = merged.required.iter().filter_map(Value::as_str);
    let tag = tags.map(str::to_owned).find(|name| {
        let tag = |one: &Object| {
            one.properties
                .get(name)
                .is_some_and(|it| only(it).is_some())
        };
        objects.iter().all(tag)
    });
    if let Some(tag) = tag {
        explain(&mut merged.properties, &tag, branches, &objects);
    }
    Some(merged)
}

/// The one text that fits, if it is one.
fn only(schema: &Value) -> Option<&str> {
    match schema.get("enum").and_then(Value::as_array)?.as_slice() {
        [only] => only.as_str(),
        _ => None,
    }
}

/// Makes a schema accept what another does.
fn widen(known: &mut Value, other: &Value) {
    if known == other {
        return;
    }
    let texts = |schema: &Value| {
        let choices = schema.get("enum")?.as_array()?.clone();
        choices.iter().all(Value::is_string).then_some(choices)
    };
    if let (Some(mut choices), Some(more)) = (texts(known), texts(other)) {
        for choice in more {
            if !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        *known = json!({ "type": "string", "enum": choices });
        return;
    }
    match known.get_mut("anyOf").and_then(Value::as_array_mut) {
        Some(branches) if branches.contains(other) => {}
        Some(branches) => branches.push(other.clone()),
        None => *known = json!({ "anyOf": [known.take(), other] }),
    }
}

/// Says at the tag what each of its values is and takes.
fn explain(properties: &mut Map<String, Value>, tag: &str, branches: &[Value], objects: &[Object]) {
    let mut lines = Vec::new();
    for (branch, object) in branches.iter().zip(objects) {
        let Some(value) = object.properties.get(tag).and_then(only) else {
            continue;
        };
        let mut line = format!("- `{value}`");
        if let Some(text) = branch.get("description").and_then(Value::as_str) {
            line.push_str(": ");
            line.push_str(text);
        }
        let takes = object.properties.keys().filter(|name| *name != tag);
        let takes: Vec<_> = takes
            .map(|name| match object.required.iter().any(|it| it == name) {
                true => format!("`{name}`"),
                false => format!("`{name}` (optional)"),
            })
            .collect();
        if !takes.is_empty() {
            line.push_str(" – takes ");
            line.push_str(&takes.join(", "));
        }
        lines.push(line);
    }
    if let Some(members) = properties.get_mut(tag).and_then(Value::as_object_mut) {
        members.insert("description".to_owned(), lines.join("\n").into());
    }
}

/// Adds what was merged to what the root says itself.
fn add(members: &mut Map<String, Value>, merged: Object) {
    let mut required = required(members);
    let own = members
        .entry("properties")
        .or_insert_with(|| json!({}))
        .as_object_mut();
    if let Some(own) = own {
        for (name, property) in merged.properties {
            own.entry(name).or_insert(property);
        }
    }
    for name in merged.required {
        if !required.contains(&name) {
            required.push(name);
        }
    }
    if !required.is_empty() {
        members.insert("required".to_owned(), required.into());
    }
    members.shift_remove("unevaluatedProperties");
    if merged.closed {
        members.insert("additionalProperties".to_owned(), false.into());
    }
    members.insert("type".to_owned(), "object".into());
}
