//! `_meta` of tools, resources and prompts: whatever is given for it, as an object.

use serde::Serialize;
use serde_json::Value;

use crate::types::Meta;

/// The object that this is written as; anything else is noted.
pub(super) fn as_meta(meta: impl Serialize, problems: &mut Vec<String>) -> Option<Meta> {
    let problem = match serde_json::to_value(meta) {
        Ok(Value::Object(meta)) => return Some(meta),
        Ok(other) => format!("it is {other}"),
        Err(error) => error.to_string(),
    };
    problems.push(format!(
        "its `meta` must be an object, such as `json!({{ \"ui\": … }})`: {problem}"
    ));
    None
}
