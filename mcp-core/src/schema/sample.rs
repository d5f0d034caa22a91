//! Values that a schema accepts, and values that break one of its keywords.
//!
//! They are shown to the type that the schema was made of: what it makes of them tells whether it
//! keeps what its schema promises.

use regex_lite::Regex;
use serde_json::{Map, Value, json};

use super::walk::reference;

/// Longer strings and arrays are not made up: nobody can tell then.
const LONGEST: u64 = 100_000;

/// How deep samples go. A type that needs itself has no values at all.
const DEEPEST: usize = 32;

/// Texts of many forms, in the hope that one matches a pattern and another does not.
const TEXTS: [&str; 22] = [
    "a",
    "A",
    "1",
    "0",
    "",
    "~",
    "aa",
    "AA",
    "ab",
    "ABC",
    "abc",
    "00",
    "123",
    "0000",
    "a1",
    "A1",
    "a-b",
    "a_b",
    "1.0.0",
    "#000000",
    "a@example.com",
    "-1",
];

/// Texts of the formats that types parse.
const FORMATS: [(&str, &str); 10] = [
    ("date-time", "2024-01-01T00:00:00Z"),
    ("partial-date-time", "2024-01-01T00:00:00"),
    ("date", "2024-01-01"),
    ("time", "00:00:00Z"),
    ("partial-time", "00:00:00"),
    ("uuid", "00000000-0000-4000-8000-000000000000"),
    ("uri", "https://example.com/"),
    ("email", "a@example.com"),
    ("ipv6", "::1"),
    ("ip", "127.0.0.1"),
];

/// Makes samples of schemas that share definitions.
#[derive(Clone, Copy)]
pub(super) struct Samples<'d> {
    pub(super) definitions: &'d Map<String, Value>,
}

impl Samples<'_> {
    /// A value that the schema accepts, as far as that can be seen.
    pub(super) fn of(self, schema: &Value) -> Value {
        self.below(schema, 0)
    }

    fn below(self, schema: &Value, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        if let Some(definition) = reference(schema).and_then(|name| self.definitions.get(name)) {
            return self.below(definition, depth + 1);
        }
        let Some(members) = schema.as_object() else {
            return Value::Null;
        };
        if let Some(constant) = members.get("const") {
            return constant.clone();
        }
        for keyword in ["examples", "enum"] {
            let listed = members.get(keyword).and_then(Value::as_array);
            if let Some(first) = listed.into_iter().flatten().find(|it| !it.is_null()) {
                return first.clone();
            }
        }
        let mut sample = match kind(members) {
            Some("string") => text(members).into(),
            Some("integer") => number(members, true),
            Some("number") => number(members, false),
            Some("boolean") => false.into(),
            Some("array") => self.array(members, depth),
            Some("object") => self.object(members, depth),
            _ => Value::Null,
        };
        for keyword in ["anyOf", "oneOf"] {
            let branches = members.get(keyword).and_then(Value::as_array);
            let mut branches = branches.into_iter().flatten();
            if let Some(branch) = branches.find(|it| it.get("type") != Some(&json!("null"))) {
                sample = both(sample, self.below(branch, depth + 1));
            }
        }
        for branch in members
            .get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            sample = both(sample, self.below(branch, depth + 1));
        }
        sample
    }

    fn array(self, members: &Map<String, Value>, depth: usize) -> Value {
        let mut items = Vec::new();
        for place in members
            .get("prefixItems")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            items.push(self.below(place, depth + 1));
        }
        if let Some(contained) = members.get("contains") {
            items.push(self.below(contained, depth + 1));
        }
        let wanted = bound(members, "minItems").unwrap_or(0).min(LONGEST);
        while (items.len() as u64) < wanted {
            items.push(self.item(members, items.len(), depth));
        }
        items.into()
    }

    /// One more item; sets need different ones.
    fn item(self, members: &Map<String, Value>, index: usize, depth: usize) -> Value {
        let item = members
            .get("items")
            .map(|items| self.below(items, depth + 1));
        match item.unwrap_or_default() {
            Value::Number(number) if members.contains_key("uniqueItems") => {
                let next = number
                    .as_i64()
                    .and_then(|it| it.checked_add(i64::try_from(index).ok()?));
                next.map_or(Value::Number(number), Value::from)
            }
            Value::String(text) if members.contains_key("uniqueItems") => {
                format!("{text}{}", "a".repeat(index)).into()
            }
            item => item,
        }
    }

    fn object(self, members: &Map<String, Value>, depth: usize) -> Value {
        let mut sample = match members.get("default") {
            Some(Value::Object(default)) => default.clone(),
            _ => Map::new(),
        };
        let properties = members.get("properties").and_then(Value::as_object);
        for name in required(members) {
            if !sample.contains_key(name) {
                let schema = properties.and_then(|all| all.get(name));
                let value = schema.map_or(Value::Null, |schema| self.below(schema, depth + 1));
                sample.insert(name.to_owned(), value);
            }
        }
        let wanted = bound(members, "minProperties").unwrap_or(0).min(LONGEST);
        for name in properties.into_iter().flatten() {
            if (sample.len() as u64) < wanted && !sample.contains_key(name.0) {
                sample.insert(name.0.clone(), self.below(name.1, depth + 1));
            }
        }
        let mut index = 0;
        while (sample.len() as u64) < wanted && index < wanted {
            let (key, value) = self.entry(members, index, depth);
            sample.insert(key, value);
            index += 1;
        }
        sample.into()
    }

    /// An entry of a map: a key that fits, and its value.
    pub(super) fn entry(
        self,
        members: &Map<String, Value>,
        index: u64,
        depth: usize,
    ) -> (String, Value) {
        let patterns = members.get("patternProperties").and_then(Value::as_object);
        let pattern = patterns.and_then(|all| all.iter().next());
        let values = pattern.map(|(_, values)| values);
        let values = values.or(members.get("additionalProperties"));
        let names = members.get("propertyNames").and_then(Value::as_object);
        let key = match (pattern, names) {
            (Some((pattern, _)), _) => matching(pattern, |_| true).unwrap_or_default(),
            (None, Some(names)) => text(names),
            (None, None) => "a".to_owned(),
        };
        let key = match index {
            0 => key,
            _ if key.bytes().all(|byte| byte.is_ascii_digit()) => format!("{key}{index}"),
            _ => format!(
                "{key}{}",
                "a".repeat(usize::try_from(index).unwrap_or_default())
            ),
        };
        (
            key,
            values.map_or(Value::Null, |it| self.below(it, depth + 1)),
        )
    }

    /// Values that break this keyword and, if that can be, nothing else.
    ///
    /// `good` is a value that does not.
    pub(super) fn breaking(
        self,
        members: &Map<String, Value>,
        keyword: &str,
        good: &Value,
    ) -> Vec<Value> {
        let whole = kind(members) == Some("integer");
        let limit = members.get(keyword);
        let found = match keyword {
            "minimum" => limit.and_then(|it| beside(it, -1)),
            "maximum" => limit.and_then(|it| beside(it, 1)),
            "exclusiveMinimum" | "exclusiveMaximum" => limit.cloned(),
            "multipleOf" => return not_multiples(limit, whole),
            "minLength" => limit.and_then(Value::as_u64).and_then(|least| {
                let length = least.checked_sub(1).filter(|it| *it < LONGEST)?;
                Some("a".repeat(usize::try_from(length).ok()?).into())
            }),
            "maxLength" => limit.and_then(Value::as_u64).and_then(|most| {
                let length = Some(most + 1).filter(|it| *it <= LONGEST)?;
                Some("a".repeat(usize::try_from(length).ok()?).into())
            }),
            "pattern" => {
                return limit
                    .and_then(Value::as_str)
                    .map_or_else(Vec::new, |pattern| {
                        not_matching(pattern, members)
                            .into_iter()
                            .map(Value::from)
                            .collect()
                    });
            }
            "minItems" => {
                let least = limit
                    .and_then(Value::as_u64)
                    .and_then(|it| it.checked_sub(1));
                let least = least.and_then(|it| usize::try_from(it).ok());
                least.zip(good.as_array()).map(|(least, items)| {
                    items.iter().take(least).cloned().collect::<Vec<_>>().into()
                })
            }
            "maxItems" => self.longer(members, limit.and_then(Value::as_u64), good),
            "contains" => Some(json!([])),
            "not" => limit.map(|not| both(good.clone(), self.of(not))),
            "minProperties" => {
                let least = limit
                    .and_then(Value::as_u64)
                    .and_then(|it| it.checked_sub(1));
                let least = least.and_then(|it| usize::try_from(it).ok());
                let fewest = required(members).count();
                let least = least.filter(|it| *it >= fewest);
                least.zip(good.as_object()).map(|(least, all)| {
                    let first = required(members).map(|name| (name, all.get(name)));
                    let rest = all.iter().map(|(name, value)| (name.as_str(), Some(value)));
                    let mut fewer = Map::new();
                    for (name, value) in first.chain(rest) {
                        if fewer.len() < least {
                            fewer.insert(name.to_owned(), value.cloned().unwrap_or_default());
                        }
                    }
                    fewer.into()
                })
            }
            "maxProperties" => limit
                .and_then(Value::as_u64)
                .filter(|it| *it < 1_000)
                .map(|most| {
                    let mut more = good.as_object().cloned().unwrap_or_default();
                    for index in 0..=most {
                        if more.len() as u64 <= most {
                            let (key, value) = self.entry(members, index, 0);
                            more.insert(key, value);
                        }
                    }
                    more.into()
                }),
            "propertyNames" => return self.bad_keys(members, limit, good),
            "dependentRequired" => {
                let first = limit
                    .and_then(Value::as_object)
                    .and_then(|all| all.iter().next());
                first.map(|(name, needs)| {
                    let mut with = good.as_object().cloned().unwrap_or_default();
                    let properties = members.get("properties").and_then(|all| all.get(name));
                    let value = properties.map_or(Value::Null, |schema| self.of(schema));
                    with.insert(name.clone(), value);
                    with.retain(|key, _| {
                        !needs
                            .as_array()
                            .is_some_and(|all| all.iter().any(|it| it == key))
                    });
                    with.into()
                })
            }
            "required" => {
                return required(members)
                    .map(|name| {
                        let mut without = good.as_object().cloned().unwrap_or_default();
                        without.shift_remove(name);
                        without.into()
                    })
                    .collect();
            }
            "enum" | "const" => Some(match good {
                Value::String(_) => "neither of these".into(),
                Value::Number(_) => json!(987_654_321),
                _ => json!("neither of these"),
            }),
            "type" => return of_other_types(limit),
            "additionalProperties" if limit == Some(&Value::Bool(false)) => {
                let mut more = good.as_object().cloned().unwrap_or_default();
                more.insert("nobody knows this".to_owned(), Value::Null);
                Some(more.into())
            }
            _ => None,
        };
        found.into_iter().collect()
    }

    fn longer(
        self,
        members: &Map<String, Value>,
        most: Option<u64>,
        good: &Value,
    ) -> Option<Value> {
        let most = most.filter(|it| *it < LONGEST)?;
        let mut items = good.as_array()?.clone();
        while items.len() as u64 <= most {
            items.push(self.item(members, items.len(), 0));
        }
        Some(items.into())
    }

    fn bad_keys(
        self,
        members: &Map<String, Value>,
        names: Option<&Value>,
        good: &Value,
    ) -> Vec<Value> {
        let Some(names) = names.and_then(Value::as_object) else {
            return Vec::new();
        };
        let (key, value) = self.entry(members, 0, 0);
        let broken = names.keys().filter(|it| *it != "type");
        let keys = broken.flat_map(|keyword| self.breaking(names, keyword, &key.clone().into()));
        let keys = keys.filter_map(|key| key.as_str().map(str::to_owned));
        keys.map(|key| {
            let mut with = good.as_object().cloned().unwrap_or_default();
            with.insert(key, value.clone());
            with.into()
        })
        .collect()
    }
}

/// The first type that is not null, or the one that the keywords are about.
pub(super) fn kind(members: &Map<String, Value>) -> Option<&str> {
    match members.get("type") {
        Some(Value::String(kind)) => return Some(kind),
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            return kinds.find(|kind| *kind != "null");
        }
        _ => {}
    }
    let has = |keywords: &[&str]| keywords.iter().any(|it| members.contains_key(*it));
    if has(&[
        "properties",
        "required",
        "additionalProperties",
        "minProperties",
    ]) {
        Some("object")
    } else if has(&["items", "prefixItems", "minItems", "contains"]) {
        Some("array")
    } else if has(&["minLength", "maxLength", "pattern"]) {
        Some("string")
    } else if has(&["minimum", "maximum", "exclusiveMinimum", "multipleOf"]) {
        Some("number")
    } else {
        None
    }
}

/// The names of members that must be there.
pub(super) fn required(members: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let names = members.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// Both values, where there can be both.
pub(super) fn both(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            one.extend(other);
            one.into()
        }
        (one, Value::Null) => one,
        (_, other) => other,
    }
}

fn bound(members: &Map<String, Value>, keyword: &str) -> Option<u64> {
    members.get(keyword).and_then(Value::as_u64)
}

fn text(members: &Map<String, Value>) -> String {
    let format = members.get("format").and_then(Value::as_str);
    if let Some((_, text)) = FORMATS.iter().find(|(known, _)| Some(*known) == format) {
        return (*text).to_owned();
    }
    let least = bound(members, "minLength").unwrap_or(1).min(LONGEST);
    let most = bound(members, "maxLength").unwrap_or(LONGEST);
    let fits = |text: &str| (least..=most).contains(&(text.chars().count() as u64));
    let pattern = members.get("pattern").and_then(Value::as_str);
    let found = pattern.and_then(|pattern| matching(pattern, fits));
    found.unwrap_or_else(|| "a".repeat(usize::try_from(least.min(most)).unwrap_or_default()))
}

fn matching(pattern: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    let pattern = Regex::new(pattern).ok()?;
    let dates = FORMATS.iter().map(|(_, text)| *text);
    let mut texts = TEXTS.iter().copied().chain(dates);
    let found = texts.find(|text| fits(text) && pattern.is_match(text));
    found.map(str::to_owned)
}

fn not_matching(pattern: &str, members: &Map<String, Value>) -> Vec<String> {
    let Ok(pattern) = Regex::new(pattern) else {
        return Vec::new();
    };
    let least = bound(members, "minLength").unwrap_or(0);
    let most = bound(members, "maxLength").unwrap_or(LONGEST);
    let fits = |text: &str| (least..=most).contains(&(text.chars().count() as u64));
    let padded = ["a", "~", "0", " "].iter();
    let padded = padded.filter_map(|it| Some(it.repeat(usize::try_from(least.min(LONGEST)).ok()?)));
    let texts = TEXTS.iter().map(|text| (*text).to_owned()).chain(padded);
    texts
        .filter(|text| fits(text) && !pattern.is_match(text))
        .collect()
}

/// A number within the bounds.
fn number(members: &Map<String, Value>, whole: bool) -> Value {
    let get = |keyword: &str| members.get(keyword).and_then(Value::as_f64);
    let step = get("multipleOf").unwrap_or(1.0);
    let least = get("minimum").or(get("exclusiveMinimum").map(|it| it + step));
    let most = get("maximum").or(get("exclusiveMaximum").map(|it| it - step));
    let forbidden = members
        .get("not")
        .and_then(|not| not.get("const"))
        .and_then(Value::as_f64);
    let mut number = match (least, most) {
        (Some(least), _) if least > 0.0 => (least / step).ceil() * step,
        (_, Some(most)) if most < 0.0 => (most / step).floor() * step,
        _ => 0.0,
    };
    if Some(number) == forbidden {
        number += step;
    }
    if most.is_some_and(|most| number > most) && !whole {
        number = least.unwrap_or(number);
    }
    exact(number, whole)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "samples are small, and merely shown to a type"
)]
fn exact(number: f64, whole: bool) -> Value {
    if whole || number.fract() == 0.0 {
        json!(number as i64)
    } else {
        json!(number)
    }
}

/// The number one step further.
fn beside(number: &Value, step: i64) -> Option<Value> {
    if let Some(number) = number.as_i64() {
        return number.checked_add(step).map(Value::from);
    }
    if let Some(number) = number.as_u64() {
        return number.checked_add_signed(step).map(Value::from);
    }
    #[expect(clippy::cast_precision_loss, reason = "one, and minus one")]
    let further = number.as_f64()? + step as f64;
    Some(json!(further))
}

fn not_multiples(step: Option<&Value>, whole: bool) -> Vec<Value> {
    let Some(step) = step.and_then(Value::as_f64) else {
        return Vec::new();
    };
    let halfway = [1.5 * step, 0.5 * step];
    let near = [step + 1.0, step - 1.0];
    let all = near.into_iter().chain(halfway);
    let all = all.filter(|it| *it > 0.0 && (it / step).fract() != 0.0);
    all.filter(|it| !whole || it.fract() == 0.0)
        .map(|it| exact(it, whole))
        .collect()
}

/// Values of types that are not these. Not null: it stands for what is absent.
fn of_other_types(kinds: Option<&Value>) -> Vec<Value> {
    let is = |kind: &str| match kinds {
        Some(Value::Array(kinds)) => kinds.iter().any(|it| it == kind),
        Some(one) => one == kind,
        None => true,
    };
    let values = [
        ("string", json!("text")),
        ("boolean", json!(true)),
        ("array", json!([])),
        ("object", json!({})),
        ("number", json!(0.5)),
    ];
    values
        .into_iter()
        .filter(|(kind, _)| !is(kind))
        .map(|(_, value)| value)
        .collect()
}
