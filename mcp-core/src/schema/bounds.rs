//! What a schema by hand must keep: small enough to be walked, and complete in itself.
//!
//! # Specification
//! [2025-11-25, JSON Schema usage](https://modelcontextprotocol.io/specification/2025-11-25/basic#json-schema-usage),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic#json-schema-usage)

use std::collections::HashMap;
#[cfg(feature = "validate")]
use std::collections::HashSet;

use serde_json::Value;

use super::walk::below;

/// The dialect that is meant where none is named, and the only one that is known.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// How deep schemas may stand in each other: half of what the parser takes, which must have room
/// for values that are as deep.
const DEEPEST: usize = 64;

/// How many schemas may stand in one. Each costs time whenever arguments are checked.
const MOST: usize = 10_000;

/// Keywords whose schemas are about the same value as the one that they stand in.
const SAME_VALUE: [&str; 8] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
];

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
    if seen.count <= MOST && seen.deepest <= DEEPEST && Cost::highest(schema) > MOST {
        problems.push(format!(
            "its {name} checks one value against more than {MOST} schemas: a `$ref` costs as much as \
             what it refers to, so refer to it fewer times"
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
                Some(fragment) if referred(root, fragment).is_some() => {}
                Some(_) => self.nowhere.push(reference.to_owned()),
            }
        }
        for (_, inner) in below(schema) {
            self.schema(root, inner, depth + 1);
        }
    }
}

/// How many schemas one value is checked against. A few definitions that refer to each other twice
/// are more than anybody can wait for.
struct Cost<'s> {
    root: &'s Value,
    /// By reference; nothing for one that is being followed.
    known: HashMap<&'s str, usize>,
}

impl<'s> Cost<'s> {
    /// That of the value it is highest for.
    fn highest(root: &'s Value) -> usize {
        let known = HashMap::new();
        let mut cost = Self { root, known };
        cost.highest_below(root)
    }

    fn highest_below(&mut self, schema: &'s Value) -> usize {
        let here = self.of(schema, 0);
        below(schema)
            .into_iter()
            .fold(here, |most, (_, inner)| most.max(self.highest_below(inner)))
    }

    fn of(&mut self, schema: &'s Value, depth: usize) -> usize {
        // So many references in a row would need as many calls in each other.
        const LONGEST: usize = 256;

        if depth > LONGEST {
            return MOST + 1;
        }
        let mut cost: usize = 1;
        for keyword in ["$ref", "$dynamicRef"] {
            if let Some(reference) = schema.get(keyword).and_then(Value::as_str) {
                cost = cost.saturating_add(self.of_reference(reference, depth));
            }
        }
        for (step, inner) in below(schema) {
            if SAME_VALUE.contains(&step.keyword) {
                cost = cost.saturating_add(self.of(inner, depth + 1));
            }
        }
        cost
    }

    fn of_reference(&mut self, reference: &'s str, depth: usize) -> usize {
        if let Some(known) = self.known.get(reference) {
            return *known;
        }
        let fragment = reference.strip_prefix('#');
        let Some(schema) = fragment.and_then(|it| referred(self.root, it)) else {
            return 0;
        };
        self.known.insert(reference, 0);
        let cost = self.of(schema, depth + 1);
        self.known.insert(reference, cost);
        cost
    }
}

/// Whether a schema has alternatives and refers to itself, so that each may be in each of the others.
#[cfg(feature = "validate")]
pub(super) fn branches_into_itself(root: &Value) -> bool {
    has_alternatives(root) && comes_back(root, root, &mut Vec::new(), &mut HashSet::new())
}

/// Alternatives, other than that there is nothing.
#[cfg(feature = "validate")]
fn has_alternatives(schema: &Value) -> bool {
    let several = |keyword| {
        let branches = schema.get(keyword).and_then(Value::as_array);
        let branches = branches.into_iter().flatten();
        let null = |branch: &&Value| branch.get("type").is_some_and(|kind| kind == "null");
        branches.filter(|branch| !null(branch)).count() > 1
    };
    ["anyOf", "oneOf"].into_iter().any(several)
        || below(schema)
            .into_iter()
            .any(|(_, inner)| has_alternatives(inner))
}

/// Whether following the references of a schema leads to one that is being followed.
#[cfg(feature = "validate")]
fn comes_back<'s>(
    root: &'s Value,
    schema: &'s Value,
    open: &mut Vec<&'s str>,
    done: &mut HashSet<&'s str>,
) -> bool {
    for keyword in ["$ref", "$dynamicRef"] {
        let Some(reference) = schema.get(keyword).and_then(Value::as_str) else {
            continue;
        };
        if open.contains(&reference) {
            return true;
        }
        let fragment = reference.strip_prefix('#');
        let target = fragment.and_then(|fragment| referred(root, fragment));
        if let Some(target) = target
            && done.insert(reference)
        {
            open.push(reference);
            if comes_back(root, target, open, done) {
                return true;
            }
            open.pop();
        }
    }
    let mut below = below(schema).into_iter();
    below.any(|(_, inner)| comes_back(root, inner, open, done))
}

/// What a fragment leads to: the root, or by a pointer, or by the name of an anchor.
fn referred<'s>(root: &'s Value, fragment: &str) -> Option<&'s Value> {
    root.pointer(fragment)
        .or_else(|| root.pointer(&decode(fragment)))
        .or_else(|| anchored(root, fragment))
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

fn anchored<'s>(schema: &'s Value, name: &str) -> Option<&'s Value> {
    let is_it = |keyword| schema.get(keyword).and_then(Value::as_str) == Some(name);
    if ["$anchor", "$dynamicAnchor"].into_iter().any(is_it) {
        return Some(schema);
    }
    let below = below(schema).into_iter();
    below
        .map(|(_, inner)| inner)
        .find_map(|inner| anchored(inner, name))
}
