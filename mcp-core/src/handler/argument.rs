//! One argument of a handler: its schema and its constraints.

use std::{borrow::Cow, fmt};

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::schema::mirror;

/// What is known of a parameter besides its type.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Argument {
    /// Its name.
    pub name: Cow<'static, str>,
    /// What to put in.
    pub description: Option<Cow<'static, str>>,
    /// The smallest number that is accepted.
    pub min: Option<Bound>,
    /// The largest number that is accepted.
    pub max: Option<Bound>,
    /// The least characters of a string, or items of an array.
    pub min_len: Option<usize>,
    /// The most characters of a string, or items of an array.
    pub max_len: Option<usize>,
    /// What an absent argument stands for.
    pub default: Option<Value>,
    /// The header that callers repeat it in, after `Mcp-Param-`.
    pub header: Option<Cow<'static, str>>,
    pub(super) kind: Kind,
}

/// Where the value of a parameter comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// From the context: no caller can give it.
    #[default]
    Context,
    /// From the argument of its name.
    Input,
    /// From all arguments together: see [`Args`].
    Whole,
    /// From all arguments as they came, whatever they are: see [`RawArgs`](super::RawArgs).
    Raw,
}

/// A bound on a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Exact.
    Integer(i128),
    /// With a fraction.
    Float(f64),
}

macro_rules! bound_from {
    ($variant:ident: $($number:ty),+) => {$(
        impl From<$number> for Bound {
            fn from(number: $number) -> Self {
                Self::$variant(number.into())
            }
        }
    )+};
}
bound_from!(Integer: i8, i16, i32, i64, i128, u8, u16, u32, u64);
bound_from!(Float: f32, f64);

impl From<usize> for Bound {
    fn from(number: usize) -> Self {
        Self::Integer(number as i128)
    }
}

impl Bound {
    pub(super) fn parse(json: &str) -> Option<Self> {
        json.parse()
            .map(Self::Integer)
            .or_else(|_| json.parse().map(Self::Float))
            .ok()
    }

    fn exceeds(self, other: Self) -> bool {
        match (self, other) {
            (Self::Integer(this), Self::Integer(other)) => this > other,
            (this, other) => this.as_f64() > other.as_f64(),
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "only compared with a float")]
    fn as_f64(self) -> f64 {
        match self {
            Self::Integer(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    fn to_json(self) -> Value {
        match self {
            Self::Integer(number) => i64::try_from(number)
                .map(Value::from)
                .or_else(|_| u64::try_from(number).map(Value::from))
                .unwrap_or_default(),
            Self::Float(number) => number.into(),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
        }
    }
}

impl Argument {
    /// A parameter by name.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// What to put in.
    #[must_use]
    pub fn description(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// The smallest number that is accepted.
    #[must_use]
    pub fn min(mut self, bound: impl Into<Bound>) -> Self {
        self.min = Some(bound.into());
        self
    }

    /// The largest number that is accepted.
    #[must_use]
    pub fn max(mut self, bound: impl Into<Bound>) -> Self {
        self.max = Some(bound.into());
        self
    }

    /// The least characters of a string, or items of an array.
    #[must_use]
    pub fn min_len(mut self, length: usize) -> Self {
        self.min_len = Some(length);
        self
    }

    /// The most characters of a string, or items of an array.
    #[must_use]
    pub fn max_len(mut self, length: usize) -> Self {
        self.max_len = Some(length);
        self
    }

    /// Has callers repeat it in the header `Mcp-Param-…`, for whatever stands between them and the
    /// server to see: a string, an integer or a boolean, and never a secret.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.header = Some(name.into());
        self
    }

    /// The schema of its type with what is known besides; constraints it cannot have are problems.
    pub(super) fn schema(&self, mut schema: Value, problems: &mut Vec<String>) -> Value {
        let Some(members) = schema.as_object_mut() else {
            return schema;
        };
        if let Some(text) = &self.description {
            let inner = members.remove("description");
            let text = match inner.as_ref().and_then(Value::as_str) {
                // The values of an enum are explained there.
                Some(inner) if members.contains_key("enum") => format!("{text}\n{inner}"),
                _ => text.clone().into_owned(),
            };
            members.insert("description".to_owned(), text.into());
        }
        if let Some(default) = &self.default {
            members.insert("default".to_owned(), default.clone());
        }
        if let Some(header) = &self.header {
            members.insert(mirror::KEYWORD.to_owned(), header.as_ref().into());
        }
        let kind = members
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let (shortest, longest) = match kind.as_str() {
            "array" => ("minItems", "maxItems"),
            _ => ("minLength", "maxLength"),
        };
        let number = ["integer", "number"].as_slice();
        let sized = ["string", "array"].as_slice();
        let constraints = [
            ("min", "minimum", number, self.min.map(Bound::to_json)),
            ("max", "maximum", number, self.max.map(Bound::to_json)),
            ("min_len", shortest, sized, self.min_len.map(Value::from)),
            ("max_len", longest, sized, self.max_len.map(Value::from)),
        ];
        for (key, keyword, kinds, value) in constraints {
            let Some(value) = value else { continue };
            if !kinds.contains(&kind.as_str()) {
                let name = &self.name;
                problems.push(format!(
                    "`{key}` on `{name}` constrains nothing: its type is `{kind}`"
                ));
            }
            members.insert(keyword.to_owned(), value);
        }
        schema
    }

    /// What is wrong with a JSON value of the right type, if anything.
    pub(super) fn violation(&self, json: &str) -> Option<String> {
        if self.min.is_some() || self.max.is_some() {
            let number = Bound::parse(json)?;
            if let Some(min) = self.min.filter(|min| min.exceeds(number)) {
                return Some(format!("{number} is less than the minimum of {min}"));
            }
            if let Some(max) = self.max.filter(|max| number.exceeds(*max)) {
                return Some(format!("{number} is greater than the maximum of {max}"));
            }
        }
        if self.min_len.is_some() || self.max_len.is_some() {
            let (length, unit) = length(json)?;
            if let Some(min) = self.min_len.filter(|min| length < *min) {
                return Some(format!(
                    "has {length} {unit}, fewer than the minimum of {min}"
                ));
            }
            if let Some(max) = self.max_len.filter(|max| length > *max) {
                return Some(format!(
                    "has {length} {unit}, more than the maximum of {max}"
                ));
            }
        }
        None
    }
}

/// How many characters a JSON string or items a JSON array has.
fn length(json: &str) -> Option<(usize, &'static str)> {
    if json.starts_with('"') {
        let text: Cow<'_, str> = serde_json::from_str::<Text<'_>>(json).ok()?.0;
        return Some((text.chars().count(), "characters"));
    }
    let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some((items.len(), "items"))
}

/// A string that is borrowed where it can be.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);
