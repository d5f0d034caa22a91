//! What a schema promises of arguments, and whether their type enforces it.
//!
//! The type is asked itself: it is shown a value that fits, and the same with one promise broken.
//! What it takes broken, it does not enforce.

use std::{cell::Cell, fmt};

use serde_json::{Map, Value, json};

use super::{
    broken::Good,
    inline::inline,
    sample::{Samples, both, kind},
    walk::{below, reference},
};

/// Keywords that promise something which types hardly ever enforce by being what they are.
const ASSERTIONS: [&str; 18] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "contains",
    "not",
    "if",
    "dependentRequired",
    "dependentSchemas",
    "minProperties",
    "maxProperties",
    "propertyNames",
];

/// What a schema that was made of a type has right, unless another one was written over it, as by
/// `#[schemars(with = ..)]`; and one by hand may not.
const STRUCTURE: [&str; 5] = ["required", "enum", "const", "additionalProperties", "type"];

/// How many values are made up for one schema. Types that hold themselves in many places, and arrays
/// of long arrays, would take forever.
const MOST: usize = 100_000;

/// Where a schema comes from, and so what of it is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From the type that is asked.
    Type,
    /// From a person.
    Hand,
}

/// Something that a schema promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Promise {
    /// Of which value: `window.from`, `tags[]`; empty for all arguments.
    pub(crate) path: String,
    pub(crate) keyword: String,
    pub(crate) limit: String,
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            keyword,
            limit,
        } = self;
        match &**path {
            "" => write!(f, "its arguments promise `{keyword}`: {limit}"),
            path => write!(f, "its argument `{path}` promises `{keyword}`: {limit}"),
        }
    }
}

/// What a schema promises that is not known to be kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promises {
    /// Broken, and the type took it.
    pub(crate) gaps: Vec<Promise>,
    /// No value was found to ask with.
    pub(crate) unproven: Vec<Promise>,
}

impl Promises {
    pub(crate) fn is_empty(&self) -> bool {
        self.gaps.is_empty() && self.unproven.is_empty()
    }
}

/// Finds what `schema` promises and `accepts` does not enforce.
pub(crate) fn examine(
    schema: &Value,
    definitions: &Map<String, Value>,
    name: &str,
    origin: Origin,
    accepts: &dyn Fn(&str) -> bool,
) -> Promises {
    let mut found = Promises::default();
    let definition = definitions.values();
    if !definition.chain([schema]).any(|it| promises(it, origin)) {
        return found;
    }
    let mut schema = schema.clone();
    if !inline(&mut schema, definitions, None) {
        found.unproven.push(Promise {
            path: name.to_owned(),
            keyword: "$defs".to_owned(),
            limit: "too large to be looked through".to_owned(),
        });
        return found;
    }
    let left = Cell::new(MOST);
    let samples = Samples {
        definitions,
        left: &left,
    };
    let mut inquiry = Inquiry {
        samples,
        origin,
        accepts,
        found,
        rivals: Vec::new(),
    };
    let whole = samples.of(&schema);
    inquiry.schema(&schema, &whole, &mut Vec::new(), name);
    inquiry.found
}

/// A step from a value into it.
#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Item(usize),
}

struct Inquiry<'i, 's> {
    samples: Samples<'i>,
    origin: Origin,
    accepts: &'i dyn Fn(&str) -> bool,
    found: Promises,
    /// Alternatives that stand above.
    rivals: Vec<Rivals<'s>>,
}

/// Alternatives of which one was taken.
struct Rivals<'s> {
    /// How many steps lead to where they stand.
    depth: usize,
    branches: &'s [Value],
    taken: usize,
}

impl<'s> Inquiry<'_, 's> {
    /// Asks about one schema and all below it; `whole` holds a sample of it at `at`.
    fn schema(&mut self, schema: &'s Value, whole: &Value, at: &mut Vec<Step>, path: &str) {
        let (Some(members), None) = (schema.as_object(), reference(schema)) else {
            return;
        };
        if !promises(schema, self.origin) {
            return;
        }
        let good = inside(whole, at).cloned().unwrap_or_default();
        for (keyword, limit) in members {
            if is_promise(keyword, limit, self.origin) {
                let broken = Good {
                    samples: self.samples,
                    members,
                    value: &good,
                };
                let broken = broken.without(keyword);
                let promise = || Promise {
                    path: path.to_owned(),
                    keyword: keyword.clone(),
                    limit: limit.to_string(),
                };
                if self.origin == Origin::Hand || ASSERTIONS.contains(&keyword.as_str()) {
                    self.ask(&broken, whole, at, promise);
                } else if self.is_written_over(keyword, &broken, whole, at) {
                    self.found.gaps.push(promise());
                }
            }
        }
        self.members(members, whole, at, path, &good);
        self.items(members, whole, at, path, &good);
        for keyword in ["anyOf", "oneOf"] {
            let branches = members.get(keyword).and_then(Value::as_array);
            let branches = branches.map(Vec::as_slice).unwrap_or_default();
            if branches.is_empty() {
                continue;
            }
            let beside = base(members, &self.samples);
            for (taken, branch) in branches.iter().enumerate() {
                if !promises(branch, self.origin) {
                    continue;
                }
                let sample = both(beside.clone(), self.samples.of(branch));
                let whole = with(whole, at, sample);
                let depth = at.len();
                self.rivals.push(Rivals {
                    depth,
                    branches,
                    taken,
                });
                self.schema(branch, &whole, at, path);
                self.rivals.pop();
            }
        }
        for branch in members
            .get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            self.schema(branch, whole, at, path);
        }
    }

    fn members(
        &mut self,
        members: &'s Map<String, Value>,
        whole: &Value,
        at: &mut Vec<Step>,
        path: &str,
        good: &Value,
    ) {
        let properties = members.get("properties").and_then(Value::as_object);
        let properties = properties.into_iter().flatten();
        let named = properties.map(|(name, schema)| (name.clone(), schema, name.clone()));
        let values = members
            .get("additionalProperties")
            .filter(|it| it.is_object());
        let values = values.map(|schema| (self.key(members, whole, at), schema, "*".to_owned()));
        let patterns = members.get("patternProperties").and_then(Value::as_object);
        let patterns = patterns
            .into_iter()
            .flatten()
            .filter_map(|(pattern, schema)| {
                let mut names = Map::new();
                names.insert("type".to_owned(), "string".into());
                names.insert("pattern".to_owned(), pattern.as_str().into());
                let key = self.samples.of(&names.into()).as_str()?.to_owned();
                Some((key, schema, "*".to_owned()))
            });
        let all: Vec<_> = named.chain(values).chain(patterns).collect();
        for (key, schema, shown) in all {
            if !promises(schema, self.origin) {
                continue;
            }
            let mut filled = good.as_object().cloned().unwrap_or_default();
            filled
                .entry(key.clone())
                .or_insert_with(|| self.samples.of(schema));
            let whole = with(whole, at, filled.into());
            let path = match path {
                "" => shown,
                path => format!("{path}.{shown}"),
            };
            at.push(Step::Member(key));
            self.schema(schema, &whole, at, &path);
            at.pop();
        }
    }

    /// A key that the map at this place takes: some take numbers only, or `true` and `false`.
    fn key(&self, members: &Map<String, Value>, whole: &Value, at: &[Step]) -> String {
        let (made_up, value) = self.samples.entry(members, 0, 0);
        let keys = [made_up.clone(), "1".to_owned(), "true".to_owned()];
        let taken = keys.into_iter().find(|key| {
            let mut map = inside(whole, at).and_then(Value::as_object).cloned();
            let map = map.get_or_insert_default();
            map.insert(key.clone(), value.clone());
            (self.accepts)(&with(whole, at, map.clone().into()).to_string())
        });
        taken.unwrap_or(made_up)
    }

    fn items(
        &mut self,
        members: &'s Map<String, Value>,
        whole: &Value,
        at: &mut Vec<Step>,
        path: &str,
        good: &Value,
    ) {
        let places = members.get("prefixItems").and_then(Value::as_array);
        let places: Vec<_> = places.into_iter().flatten().collect();
        for (index, place) in places.iter().enumerate() {
            at.push(Step::Item(index));
            self.schema(place, whole, at, &format!("{path}[{index}]"));
            at.pop();
        }
        let items = members.get("items").filter(|it| it.is_object());
        let Some(items) = items.filter(|it| promises(it, self.origin)) else {
            return;
        };
        let mut filled = good.as_array().cloned().unwrap_or_default();
        if filled.len() <= places.len() {
            filled.push(self.samples.of(items));
        }
        let whole = with(whole, at, filled.into());
        at.push(Step::Item(places.len()));
        self.schema(items, &whole, at, &format!("{path}[]"));
        at.pop();
    }

    /// Shows broken values to the type.
    fn ask(&mut self, broken: &[Value], whole: &Value, at: &[Step], promise: impl Fn() -> Promise) {
        let mut asked = false;
        for broken in broken {
            let broken = with(whole, at, broken.clone());
            if self.fits_a_rival(&broken, at) {
                continue;
            }
            asked = true;
            if (self.accepts)(&broken.to_string()) {
                self.found.gaps.push(promise());
                return;
            }
        }
        // Whatever breaks it fits another alternative: then it promises nothing.
        let is_void = !broken.is_empty() && !asked;
        let is_enforced = asked && (self.accepts)(&whole.to_string());
        if !is_void && !is_enforced {
            self.found.unproven.push(promise());
        }
    }

    /// Whether the type takes what no type takes that the schema was made of.
    fn is_written_over(&self, keyword: &str, broken: &[Value], whole: &Value, at: &[Step]) -> bool {
        let takes = |value: &Value| {
            let value = with(whole, at, value.clone());
            !self.fits_a_rival(&value, at) && (self.accepts)(&value.to_string())
        };
        // An enum with `#[serde(other)]` takes any variant and means it, tagged or by its name alone,
        // which may also be written as a map.
        let tag = |rivals: &Rivals<'_>| rivals.depth + 1 == at.len();
        let is_tag = keyword == "const" && self.rivals.iter().any(tag);
        let is_variant =
            || ["enum", "const"].contains(&keyword) && takes(&json!({ "none of these": null }));
        !is_tag && broken.iter().any(takes) && !is_variant()
    }

    /// Whether the broken value may be meant as another alternative.
    fn fits_a_rival(&self, broken: &Value, at: &[Step]) -> bool {
        self.rivals.iter().any(|rivals| {
            let value = at.get(..rivals.depth).and_then(|at| inside(broken, at));
            let branches = rivals.branches.iter().enumerate();
            let mut others = branches.filter(|(index, _)| *index != rivals.taken);
            value.is_some_and(|value| others.any(|(_, other)| may_fit(other, value)))
        })
    }
}

/// Whether a schema, or one below it, promises anything that is in doubt.
fn promises(schema: &Value, origin: Origin) -> bool {
    let members = schema.as_object().into_iter().flatten();
    let mut own = members.filter(|(keyword, limit)| is_promise(keyword, limit, origin));
    own.next().is_some() || below(schema).iter().any(|(_, it)| promises(it, origin))
}

/// Whether the keyword promises something that is in doubt.
fn is_promise(keyword: &str, limit: &Value, origin: Origin) -> bool {
    // A type that was read has its own `type`, whatever was written over it.
    let is_structure = STRUCTURE.contains(&keyword);
    let is_doubtful = is_structure && (origin == Origin::Hand || keyword != "type");
    if !is_doubtful && !ASSERTIONS.contains(&keyword) {
        return false;
    }
    match keyword {
        "minLength" | "minItems" | "minProperties" => limit.as_u64() != Some(0),
        "additionalProperties" => *limit == Value::Bool(false),
        "required" => limit.as_array().is_some_and(|all| !all.is_empty()),
        _ => true,
    }
}

/// A sample of what stands beside alternatives.
fn base(members: &Map<String, Value>, samples: &Samples<'_>) -> Value {
    let mut beside = members.clone();
    beside.retain(|keyword, _| keyword != "anyOf" && keyword != "oneOf");
    match beside.is_empty() {
        true => Value::Null,
        false => samples.of(&beside.into()),
    }
}

/// Whether a value could be meant by a schema, as far as its type and constants tell.
fn may_fit(schema: &Value, value: &Value) -> bool {
    let Some(members) = schema.as_object() else {
        return *schema != Value::Bool(false);
    };
    if let Some(constant) = members.get("const") {
        return constant == value;
    }
    if let Some(Value::Array(values)) = members.get("enum") {
        return values.contains(value);
    }
    let number = |keyword: &str| members.get(keyword).and_then(Value::as_f64);
    match (kind(members), value) {
        (Some("object"), Value::Object(given)) => {
            let required = members.get("required").and_then(Value::as_array);
            let mut required = required.into_iter().flatten().filter_map(Value::as_str);
            let properties = members.get("properties").and_then(Value::as_object);
            required.all(|name| given.contains_key(name))
                && properties.into_iter().flatten().all(|(name, schema)| {
                    given.get(name).is_none_or(|value| may_fit(schema, value))
                })
        }
        (Some("integer" | "number"), Value::Number(given)) => {
            let given = given.as_f64();
            number("minimum").is_none_or(|least| given >= Some(least))
                && number("maximum").is_none_or(|most| given <= Some(most))
        }
        (Some("string"), Value::String(_)) => true,
        (Some("array"), Value::Array(_)) => true,
        (Some("boolean"), Value::Bool(_)) => true,
        (None, _) => true,
        _ => false,
    }
}

fn inside<'v>(value: &'v Value, at: &[Step]) -> Option<&'v Value> {
    at.iter().try_fold(value, |value, step| match step {
        Step::Member(name) => value.get(name),
        Step::Item(index) => value.get(index),
    })
}

/// The value with another one at this place.
fn with(whole: &Value, at: &[Step], value: Value) -> Value {
    let mut whole = whole.clone();
    let place = at.iter().try_fold(&mut whole, |place, step| match step {
        Step::Member(name) => place.get_mut(name),
        Step::Item(index) => place.get_mut(index),
    });
    if let Some(place) = place {
        *place = value;
    }
    whole
}
