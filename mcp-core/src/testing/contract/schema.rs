//! How two schemas differ: what clients may send, and what they may read.
//!
//! What a client sends must go on being accepted, so that a schema of arguments may only become
//! wider; what it reads must go on being what it knows, so that one of output may only become
//! narrower, or have more members.

use std::{collections::BTreeSet, fmt};

use serde_json::{Map, Value};

use super::drift::Drift;
use crate::schema::walk::{MANY, NAMED, ONE};

/// Which way values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the client.
    Input,
    /// To the client.
    Output,
}

/// Keywords for people and models.
const WORDS: [&str; 4] = ["title", "description", "examples", "$comment"];
/// Bounds that let less in when they rise.
const LOWER: [&str; 5] = [
    "minimum",
    "exclusiveMinimum",
    "minLength",
    "minItems",
    "minProperties",
];
/// Bounds that let less in when they fall.
const UPPER: [&str; 5] = [
    "maximum",
    "exclusiveMaximum",
    "maxLength",
    "maxItems",
    "maxProperties",
];

/// The schema without what is said in words, and in one order.
pub(super) fn without_words(schema: Value) -> Value {
    let Value::Object(members) = schema else {
        return schema;
    };
    let members = members
        .into_iter()
        .filter(|(key, _)| !WORDS.contains(&key.as_str()));
    let mut members: Map<String, Value> = members
        .map(|(key, value)| {
            let value = match (key.as_str(), value) {
                (one, value) if ONE.contains(&one) => without_words(value),
                (many, Value::Array(schemas)) if MANY.contains(&many) => {
                    schemas.into_iter().map(without_words).collect()
                }
                (named, Value::Object(schemas)) if NAMED.contains(&named) => {
                    let schemas = schemas.into_iter();
                    let mut schemas: Map<String, Value> = schemas
                        .map(|(name, schema)| (name, without_words(schema)))
                        .collect();
                    schemas.sort_keys();
                    schemas.into()
                }
                // Sets, though they are written as lists.
                ("required" | "type" | "enum", Value::Array(mut set)) => {
                    set.sort_by_key(Value::to_string);
                    set.into()
                }
                (_, value) => value,
            };
            (key, value)
        })
        .collect();
    members.sort_keys();
    members.into()
}

/// Notes how a tool's schema has changed.
pub(super) fn compare(
    drift: &mut Drift,
    tool: &str,
    direction: Direction,
    before: &Value,
    now: &Value,
) {
    let whole = match direction {
        Direction::Input => format!("{tool}: its arguments"),
        Direction::Output => format!("{tool}: its output"),
    };
    let place = Place {
        tool,
        direction,
        path: String::new(),
        whole,
    };
    Comparison { drift, direction }.schemas(&place, before, now);
}

/// Where in a schema.
struct Place<'t> {
    tool: &'t str,
    direction: Direction,
    path: String,
    whole: String,
}

impl Place<'_> {
    fn member(&self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.at(format!("{}{dot}{name}", self.path))
    }

    fn part(&self, keyword: &str) -> Self {
        match keyword {
            "items" | "contains" | "prefixItems" => self.at(format!("{}[]", self.path)),
            "additionalProperties" => self.member("*"),
            _ => self.at(self.path.clone()),
        }
    }

    fn at(&self, path: String) -> Self {
        Self {
            path,
            whole: self.whole.clone(),
            ..*self
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tool, path, .. } = self;
        match self.direction {
            _ if path.is_empty() => f.write_str(&self.whole),
            Direction::Input => write!(f, "{tool}: argument `{path}`"),
            Direction::Output => write!(f, "{tool}: output `{path}`"),
        }
    }
}

struct Comparison<'d> {
    drift: &'d mut Drift,
    direction: Direction,
}

impl Comparison<'_> {
    /// Less is allowed than before.
    fn narrower(&mut self, what: impl fmt::Display) {
        match self.direction {
            Direction::Input => self.drift.breaks(what),
            Direction::Output => self.drift.harmless(what),
        }
    }

    /// More is allowed than before.
    fn wider(&mut self, what: impl fmt::Display) {
        match self.direction {
            Direction::Input => self.drift.harmless(what),
            Direction::Output => self.drift.breaks(what),
        }
    }

    fn schemas(&mut self, place: &Place<'_>, before: &Value, now: &Value) {
        if before == now {
            return;
        }
        // `true` allows everything, as a schema without keywords does; `false` nothing.
        let everything = Map::new();
        let keywords = |schema: &Value| match schema {
            Value::Object(keywords) => Some(keywords.clone()),
            Value::Bool(false) => None,
            _ => Some(everything.clone()),
        };
        match (keywords(before), keywords(now)) {
            (Some(before), Some(now)) => self.objects(place, &before, &now),
            (Some(_), None) => self.narrower(format_args!("{place} may not be there any more")),
            (None, Some(_)) => self.wider(format_args!("{place} may be there now")),
            (None, None) => {}
        }
    }

    fn objects(
        &mut self,
        place: &Place<'_>,
        before: &Map<String, Value>,
        now: &Map<String, Value>,
    ) {
        self.types(place, before.get("type"), now.get("type"));
        self.values(place, before, now);
        self.properties(place, before, now);
        let keywords: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        for keyword in keywords {
            let (before, now) = (before.get(keyword), now.get(keyword));
            if before != now {
                self.keyword(place, keyword, before, now);
            }
        }
    }

    fn types(&mut self, place: &Place<'_>, before: Option<&Value>, now: Option<&Value>) {
        match (before.map(types), now.map(types)) {
            (Some(before), Some(now)) => {
                let (fewer, more) = (!before.is_subset(&now), !now.is_subset(&before));
                let (was, is) = (list(&before), list(&now));
                match (fewer, more) {
                    (true, true) => self
                        .drift
                        .breaks(format_args!("{place} is {is}, and was {was}")),
                    (true, false) => {
                        self.narrower(format_args!("{place} is only {is}, and was {was}"))
                    }
                    (false, true) => self.wider(format_args!("{place} may be {is}, and was {was}")),
                    (false, false) => {}
                }
            }
            (None, Some(now)) => {
                self.narrower(format_args!(
                    "{place} is only {}, and was anything",
                    list(&now)
                ));
            }
            (Some(before), None) => {
                self.wider(format_args!(
                    "{place} may be anything, and was {}",
                    list(&before)
                ));
            }
            (None, None) => {}
        }
    }

    /// Choices; a constant is a choice of one.
    fn values(&mut self, place: &Place<'_>, before: &Map<String, Value>, now: &Map<String, Value>) {
        match (choices(before), choices(now)) {
            (Some(before), Some(now)) => {
                for gone in before.difference(&now) {
                    self.narrower(format_args!("{place} can no longer be {gone}"));
                }
                for new in now.difference(&before) {
                    self.wider(format_args!("{place} can be {new}"));
                }
            }
            (None, Some(now)) => {
                self.narrower(format_args!("{place} can only be one of {}", list(&now)));
            }
            (Some(before), None) => {
                let was = list(&before);
                self.wider(format_args!("{place} can be more than one of {was}"));
            }
            (None, None) => {}
        }
    }

    fn properties(
        &mut self,
        place: &Place<'_>,
        before: &Map<String, Value>,
        now: &Map<String, Value>,
    ) {
        let members = |schema: &Map<String, Value>| {
            let members = schema.get("properties").and_then(Value::as_object);
            members.cloned().unwrap_or_default()
        };
        let (was, is) = (members(before), members(now));
        let required = |schema: &Map<String, Value>, name: &str| {
            let required = schema.get("required").and_then(Value::as_array);
            required.is_some_and(|all| all.iter().any(|it| it == name))
        };
        for (name, before_it) in &was {
            let member = place.member(name);
            let Some(now_it) = is.get(name) else {
                self.drift.breaks(format_args!("{member} is gone"));
                continue;
            };
            match (required(before, name), required(now, name), self.direction) {
                (false, true, Direction::Input) => {
                    self.drift.breaks(format_args!("{member} is required now"));
                }
                (true, false, Direction::Input) => {
                    self.drift
                        .harmless(format_args!("{member} is optional now"));
                }
                (true, false, Direction::Output) => {
                    self.drift
                        .breaks(format_args!("{member} may be absent now"));
                }
                (false, true, Direction::Output) => {
                    self.drift
                        .harmless(format_args!("{member} is always there now"));
                }
                _ => {}
            }
            self.schemas(&member, before_it, now_it);
        }
        for name in is.keys().filter(|name| !was.contains_key(*name)) {
            let member = place.member(name);
            match (self.direction, required(now, name)) {
                (Direction::Input, true) => {
                    self.drift
                        .breaks(format_args!("{member} is new and required"));
                }
                (Direction::Input, false) => {
                    self.drift
                        .harmless(format_args!("{member} is new and optional"));
                }
                (Direction::Output, _) => self.drift.harmless(format_args!("{member} is new")),
            }
        }
    }

    /// Any other keyword that is not the same.
    fn keyword(
        &mut self,
        place: &Place<'_>,
        keyword: &str,
        before: Option<&Value>,
        now: Option<&Value>,
    ) {
        let bound = LOWER.contains(&keyword) || UPPER.contains(&keyword);
        match (keyword, before, now) {
            // Compared above.
            ("type" | "enum" | "const" | "properties" | "required", ..) => {}
            ("default", None, Some(now)) => {
                self.drift
                    .harmless(format_args!("{place} is {now} unless given"));
            }
            ("default", Some(before), now) => {
                let now = now.map_or("something else".to_owned(), Value::to_string);
                self.drift.breaks(format_args!(
                    "{place} is {now} unless given, and was {before}"
                ));
            }
            ("x-mcp-header", Some(_), None) => {
                self.drift
                    .harmless(format_args!("{place} need not be repeated in a header"));
            }
            ("x-mcp-header", _, Some(now)) => {
                self.drift
                    .breaks(format_args!("{place} must be repeated in the header {now}"));
            }
            (one, before, now) if ONE.contains(&one) && is_read_alike(one) => {
                let absent = Value::Bool(true);
                let place = place.part(one);
                self.schemas(&place, before.unwrap_or(&absent), now.unwrap_or(&absent));
            }
            ("anyOf" | "oneOf", Some(Value::Array(before)), Some(Value::Array(now))) => {
                self.alternatives(place, before, now);
            }
            ("$defs", Some(Value::Object(before)), Some(Value::Object(now))) => {
                for (name, before) in before {
                    if let Some(now) = now.get(name) {
                        self.schemas(&place.member(name), before, now);
                    }
                }
            }
            // Nothing refers to what is new or gone but what has changed itself.
            ("$defs", ..) => {}
            (bound_of, Some(was), Some(is)) if bound => {
                let rose = is.as_f64() > was.as_f64();
                let what = format!("{place} has a `{bound_of}` of {is}, and had {was}");
                if rose == LOWER.contains(&bound_of) {
                    self.narrower(what);
                } else {
                    self.wider(what);
                }
            }
            (added, None, Some(now)) => {
                self.narrower(format_args!("{place} has a `{added}` of {now}"));
            }
            (removed, Some(before), None) => {
                self.wider(format_args!(
                    "{place} no longer has a `{removed}` of {before}"
                ));
            }
            (changed, Some(before), Some(now)) => {
                self.drift.breaks(format_args!(
                    "{place} has a `{changed}` of {now}, and had {before}"
                ));
            }
            (_, None, None) => {}
        }
    }

    fn alternatives(&mut self, place: &Place<'_>, before: &[Value], now: &[Value]) {
        let gone: Vec<&Value> = before.iter().filter(|it| !now.contains(it)).collect();
        let new: Vec<&Value> = now.iter().filter(|it| !before.contains(it)).collect();
        match (gone.as_slice(), new.as_slice()) {
            ([before], [now]) => self.schemas(place, before, now),
            (gone, new) => {
                for it in gone {
                    self.narrower(format_args!("{place} can no longer be {it}"));
                }
                for it in new {
                    self.wider(format_args!("{place} can be {it}"));
                }
            }
        }
    }
}

/// Whether a wider schema under this keyword makes the whole wider.
fn is_read_alike(keyword: &str) -> bool {
    !matches!(keyword, "not" | "if" | "then" | "else")
}

/// Type names; every integer is a number.
fn types(value: &Value) -> BTreeSet<String> {
    let names = match value {
        Value::Array(names) => names.clone(),
        name => vec![name.clone()],
    };
    let names = names.iter().filter_map(Value::as_str);
    let mut types: BTreeSet<String> = names.map(str::to_owned).collect();
    if types.contains("number") {
        types.insert("integer".to_owned());
    }
    types
}

fn choices(schema: &Map<String, Value>) -> Option<BTreeSet<String>> {
    let one = schema.get("const").map(|only| vec![only.clone()]);
    let several = || schema.get("enum").and_then(Value::as_array).cloned();
    let choices = one.or_else(several)?;
    Some(choices.iter().map(Value::to_string).collect())
}

fn list(names: &BTreeSet<String>) -> String {
    let whole = names.contains("number");
    let names = names.iter().filter(|name| !(whole && *name == "integer"));
    let names: Vec<&str> = names.map(String::as_str).collect();
    names.join(" or ")
}
