//! Values that a schema accepts, to be shown to the type that it was made of.

use std::cell::Cell;

use regex_lite::Regex;
use serde_json::{Map, Value, json};

use super::walk::{below, reference};

/// Longer strings and arrays are not made up: nobody can tell then.
pub(super) const LONGEST: u64 = 100_000;

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

/// What keywords are about, where no type is said.
const KINDS: [(&str, &[&str]); 4] = [
    (
        "object",
        &[
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "propertyNames",
            "minProperties",
            "maxProperties",
            "dependentRequired",
        ],
    ),
    (
        "array",
        &["items", "prefixItems", "contains", "minItems", "maxItems"],
    ),
    ("string", &["minLength", "maxLength", "pattern"]),
    (
        "number",
        &[
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ],
    ),
];

/// Makes samples of schemas that share definitions.
#[derive(Clone, Copy)]
pub(super) struct Samples<'d> {
    pub(super) definitions: &'d Map<String, Value>,
    /// How many more values may be made.
    pub(super) left: &'d Cell<usize>,
}

impl Samples<'_> {
    /// A value that the schema accepts, as far as that can be seen.
    pub(super) fn of(self, schema: &Value) -> Value {
        self.below(schema, 0)
    }

    fn below(self, schema: &Value, depth: usize) -> Value {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Value::Null;
        };
        self.left.set(left);
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
            let branches = branches.into_iter().flatten();
            let branches = branches.filter(|it| it.get("type").is_none_or(|kind| kind != "null"));
            // The first, but for those that hold the whole again: they have no end.
            if let Some(branch) = branches.min_by_key(|it| refers(it)) {
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
    pub(super) fn item(self, members: &Map<String, Value>, index: usize, depth: usize) -> Value {
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
                format!("{text}{}", letters(index as u64)).into()
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
            _ => format!("{key}{}", letters(index)),
        };
        (
            key,
            values.map_or(Value::Null, |it| self.below(it, depth + 1)),
        )
    }
}

/// A number in letters, which more patterns take than digits.
fn letters(mut number: u64) -> String {
    let mut text = String::new();
    while number > 0 {
        text.extend(char::from_digit((number % 26) as u32 + 10, 36));
        number /= 26;
    }
    text
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
    let about = |keyword: &String| KINDS.iter().find(|(_, all)| all.contains(&&**keyword));
    members.keys().find_map(about).map(|(kind, _)| *kind)
}

/// Whether a reference is left in a schema. Those to what does not hold itself were followed.
fn refers(schema: &Value) -> bool {
    reference(schema).is_some() || below(schema).iter().any(|(_, inner)| refers(inner))
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

/// Texts that do not match the pattern and fit what else is said of them: those like `good` first.
pub(super) fn texts_beside(pattern: &str, good: &str, members: &Map<String, Value>) -> Vec<String> {
    let Ok(pattern) = Regex::new(pattern) else {
        return Vec::new();
    };
    let least = bound(members, "minLength").unwrap_or(0);
    let most = bound(members, "maxLength").unwrap_or(LONGEST);
    let fits = |text: &str| (least..=most).contains(&(text.chars().count() as u64));
    let mut alike = vec![format!("{good}~"), format!("~{good}"), good.to_lowercase()];
    let least = usize::try_from(least.min(LONGEST)).unwrap_or_default();
    alike.extend(["a", "~", "0", " "].map(|it| it.repeat(least)));
    let texts = alike
        .into_iter()
        .chain(TEXTS.iter().map(|text| (*text).to_owned()));
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
    exact(number)
}

/// As an integer, if it is one: types that are integers take nothing else.
#[expect(
    clippy::cast_possible_truncation,
    reason = "samples are small, and merely shown to a type"
)]
pub(super) fn exact(number: f64) -> Value {
    match number.fract() == 0.0 {
        true => json!(number as i64),
        false => json!(number),
    }
}
