//! Definitions put where they are referred to, as clients that know no `$ref` need them.

use serde_json::{Map, Value};

use super::walk::{below_mut, reference};

/// How many references are followed in one schema. One that has more is not told inlined anyway.
const MOST: usize = 1_000;

/// Puts definitions where `schema` refers to them; what refers to itself keeps its `$ref`.
///
/// `within` is the definition that this schema is, if it is one. False when there were too many.
pub(super) fn inline(
    schema: &mut Value,
    definitions: &Map<String, Value>,
    within: Option<&str>,
) -> bool {
    let mut open = within.map(str::to_owned).into_iter().collect();
    let mut left = MOST;
    follow(schema, definitions, &mut open, &mut left);
    left > 0
}

/// Puts a definition where `schema` itself refers to it, and leaves what is below.
pub(super) fn inline_root(schema: &mut Value, definitions: &Map<String, Value>) {
    let mut left = 16;
    while left > 0
        && let Some(name) = reference(schema).map(str::to_owned)
        && replace(schema, &name, definitions)
    {
        left -= 1;
    }
}

fn follow(
    schema: &mut Value,
    definitions: &Map<String, Value>,
    open: &mut Vec<String>,
    left: &mut usize,
) {
    let mut entered = 0;
    while *left > 0
        && let Some(name) = reference(schema).map(str::to_owned)
        && !open.contains(&name)
        && replace(schema, &name, definitions)
    {
        *left -= 1;
        open.push(name);
        entered += 1;
    }
    if let Some(members) = schema.as_object_mut() {
        below_mut(members, |_, inner| follow(inner, definitions, open, left));
    }
    open.truncate(open.len() - entered);
}

/// Replaces a `$ref` by what it refers to; what stands beside it is closer to the user, and stays.
fn replace(schema: &mut Value, name: &str, definitions: &Map<String, Value>) -> bool {
    let (Some(members), Some(definition)) = (schema.as_object_mut(), definitions.get(name)) else {
        return false;
    };
    members.shift_remove("$ref");
    let beside = std::mem::take(members);
    match definition {
        Value::Object(definition) => {
            members.clone_from(definition);
            members.extend(beside);
        }
        other if beside.is_empty() => *schema = other.clone(),
        _ => *members = beside,
    }
    true
}
