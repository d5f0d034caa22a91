//! Where in a schema other schemas stand: never in `default`, `enum`, `const` or `examples`.

use std::fmt;

use serde_json::{Map, Value};

/// Keywords whose value is one schema.
pub(crate) const ONE: [&str; 11] = [
    "items",
    "additionalProperties",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];
/// Keywords whose value is an array of schemas.
pub(crate) const MANY: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// Keywords whose value is an object of schemas.
pub(crate) const NAMED: [&str; 5] = [
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
];

/// Where the definitions of a schema stand, as a `$ref` says it.
pub(super) const DEFINITIONS: &str = "#/$defs/";

/// A step from a schema to one directly below it; shown as a JSON pointer.
#[derive(Clone, Copy)]
pub(super) struct Step<'s> {
    pub(super) keyword: &'s str,
    place: Place<'s>,
}

/// Which of the schemas of one keyword.
#[derive(Clone, Copy)]
enum Place<'s> {
    Only,
    Index(usize),
    Name(&'s str),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.keyword)?;
        match self.place {
            Place::Only => Ok(()),
            Place::Index(index) => write!(f, "/{index}"),
            Place::Name(name) => write!(f, "/{}", escape(name)),
        }
    }
}

/// The schemas directly below this one, each with the step that leads there.
pub(super) fn below(schema: &Value) -> Vec<(Step<'_>, &Value)> {
    let mut found = Vec::new();
    for (keyword, inner) in schema.as_object().into_iter().flatten() {
        let keyword = keyword.as_str();
        let step = |place| Step { keyword, place };
        if ONE.contains(&keyword) {
            found.push((step(Place::Only), inner));
        } else if MANY.contains(&keyword) {
            let branches = inner.as_array().into_iter().flatten().enumerate();
            found.extend(branches.map(|(index, inner)| (step(Place::Index(index)), inner)));
        } else if NAMED.contains(&keyword) {
            let named = inner.as_object().into_iter().flatten();
            found.extend(named.map(|(name, inner)| (step(Place::Name(name)), inner)));
        }
    }
    found
}

/// Runs `visit` on each schema directly below this one, with its keyword.
pub(super) fn below_mut(schema: &mut Map<String, Value>, mut visit: impl FnMut(&str, &mut Value)) {
    for (keyword, inner) in schema {
        let keyword = keyword.as_str();
        if ONE.contains(&keyword) {
            visit(keyword, inner);
        } else if MANY.contains(&keyword) {
            let branches = inner.as_array_mut().into_iter().flatten();
            branches.for_each(|inner| visit(keyword, inner));
        } else if NAMED.contains(&keyword) {
            let named = inner.as_object_mut().into_iter().flatten();
            named.for_each(|(_, inner)| visit(keyword, inner));
        }
    }
}

/// The name of the definition that this schema refers to.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(DEFINITIONS)
}

/// A name as a JSON pointer writes it.
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
