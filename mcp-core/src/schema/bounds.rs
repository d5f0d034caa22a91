//! What a schema by hand must keep: small enough to be walked, and complete in itself.
//!
//! # Specification
//! [2025-11-25, JSON Schema usage](https://modelcontextprotocol.io/specification/2025-11-25/basic#json-schema-usage)

use serde_json::Value;

use super::walk::below;

/// The dialect that is meant where none is named, and the only one that is known.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// How deep schemas may stand in each other: half of what the parser takes, which must have room
/// for values that are as deep.
const DEEPEST: usize = 64;

/// How many schemas may stand in one. Each costs time whenever arguments are checked.
const MOST: usize = 10_000;

/// What stands against a schema, in sentences about `name`.
pub(crate) fn problems(name: &str, schema: &Value) -> Vec<String> {
    let mut seen = Seen::default();
    seen.schema(schema, schema, 0);
    let mut problems = Vec::new();
    if let Some(dialect) = schema.get("$schema")
        && dialect.as_str().map(|it| it.trim_end_matches('#')) != Some(DIALECT)
    {
        problems.push(format!(
            "its {name} is written in {dialect}: `$schema` must be \"{DIALECT}\", or absent"
        ));
    }
    if seen.deepest > DEEPEST {
        let deepest = seen.deepest;
        problems.push(format!(
            "its {name} is {deepest} levels deep, and may be {DEEPEST}: flatten it"
        ));
    }
    if seen.count > MOST {
        problems.push(format!(
            "its {name} has {} schemas in it, and may have {MOST}: move what repeats to `$defs`",
            seen.count
        ));
    }
    for reference in seen.elsewhere {
        problems.push(format!(
            "its {name} refers to `{reference}`: a `$ref` must begin with `#`, because nothing is \
             ever fetched; copy what it means into `$defs`"
        ));
    }
    for reference in seen.nowhere {
        problems.push(format!(
            "its {name} refers to `{reference}`, and there is no such thing in it"
        ));
    }
    problems
}

#[derive(Default)]
struct Seen {
    count: usize,
    deepest: usize,
    elsewhere: Vec<String>,
    nowhere: Vec<String>,
}

impl Seen {
    fn schema(&mut self, root: &Value, schema: &Value, depth: usize) {
        self.count += 1;
        self.deepest = self.deepest.max(depth);
        for keyword in ["$ref", "$dynamicRef"] {
            let Some(reference) = schema.get(keyword).and_then(Value::as_str) else {
                continue;
            };
            match reference.strip_prefix('#') {
                None => self.elsewhere.push(reference.to_owned()),
                Some(fragment) if leads_somewhere(root, fragment) => {}
                Some(_) => self.nowhere.push(reference.to_owned()),
            }
        }
        for (_, inner) in below(schema) {
            self.schema(root, inner, depth + 1);
        }
    }
}

/// Whether a fragment is the root, a pointer to something or the name of an anchor.
fn leads_somewhere(root: &Value, fragment: &str) -> bool {
    fragment.is_empty()
        || root.pointer(fragment).is_some()
        || root.pointer(&decode(fragment)).is_some()
        || has_anchor(root, fragment)
}

/// A URI writes what it cannot hold as `%` and two digits.
fn decode(fragment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = fragment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        let decoded = digits.and_then(|it| u8::from_str_radix(it, 16).ok());
        match decoded.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn has_anchor(schema: &Value, name: &str) -> bool {
    ["$anchor", "$dynamicAnchor"]
        .iter()
        .any(|keyword| schema.get(keyword).and_then(Value::as_str) == Some(name))
        || below(schema)
            .iter()
            .any(|(_, inner)| has_anchor(inner, name))
}
