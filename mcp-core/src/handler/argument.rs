//! One argument of a handler: its schema and its constraints.

use std::{borrow::Cow, fmt};

use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use crate::schema::{
    mirror,
    validator::{Fault, Validator},
};

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
    /// What a string must match somewhere.
    pub pattern: Option<Cow<'static, str>>,
    /// What an absent argument stands for.
    pub default: Option<Value>,
    /// What may be given, for the model to see.
    pub examples: Vec<Value>,
    /// The header that callers repeat it in, after `Mcp-Param-`.
    pub header: Option<Cow<'static, str>>,
    pub(super) kind: Kind,
    /// The pattern, ready to run.
    pub(super) matcher: Option<Regex>,
    /// What enforces the rest of what its schema promises, if its type does not.
    pub(super) validator: Option<Validator>,
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

impl From<isize> for Bound {
    fn from(number: isize) -> Self {
        Self::Integer(number as i128)
    }
}

/// Exact up to [`i128::MAX`], and the closest `f64` above.
impl From<u128> for Bound {
    #[allow(clippy::cast_precision_loss, reason = "as its documentation says")]
    fn from(number: u128) -> Self {
        i128::try_from(number).map_or(Self::Float(number as f64), Self::Integer)
    }
}

impl Bound {
    /// The number that a JSON value is, or that it spells where its type reads one from a string.
    fn parse(json: &str) -> Option<Self> {
        if json.starts_with('"') {
            let Text(inner) = serde_json::from_str(json).ok()?;
            return Self::number(inner.trim_ascii());
        }
        Self::number(json)
    }

    fn number(text: &str) -> Option<Self> {
        if let Ok(integer) = text.parse() {
            return Some(Self::Integer(integer));
        }
        // `inf` and `nan` are numbers to Rust, and within any bounds.
        let float = text.parse().ok().filter(|float: &f64| float.is_finite())?;
        Some(Self::Float(float))
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
                // JSON values of Rust hold no more digits than that.
                .unwrap_or_else(|_| self.as_f64().into()),
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
    /// What stands where no parameter was declared.
    pub(super) const NONE: &Self = &Self {
        name: Cow::Borrowed(""),
        description: None,
        min: None,
        max: None,
        min_len: None,
        max_len: None,
        pattern: None,
        default: None,
        examples: Vec::new(),
        header: None,
        kind: Kind::Context,
        matcher: None,
        validator: None,
    };

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

    /// What a string must match: a regular expression, found anywhere unless it has `^` and `$`, as
    /// JSON Schema has it.
    ///
    /// It runs in time linear to the text, so it has no look-around and no back-references; the
    /// server is not built with one that cannot be read.
    ///
    /// ```
    /// use mcp_core::handler::Argument;
    ///
    /// let code = Argument::new("code").pattern("^[A-Z]{3}-[0-9]+$").example("ABC-42");
    /// # let _ = code;
    /// ```
    #[must_use]
    pub fn pattern(mut self, pattern: impl Into<Cow<'static, str>>) -> Self {
        self.pattern = Some(pattern.into());
        self
    }

    /// What may be given, for the model to see. Several may be said; each has to fit.
    #[must_use]
    pub fn example(mut self, example: impl Serialize) -> Self {
        // What cannot be JSON cannot be an argument; null says so when the server is built.
        self.examples.push(as_written(&example).unwrap_or_default());
        self
    }

    /// Has callers repeat it in the header `Mcp-Param-…`, for whatever stands between them and the
    /// server to see: a string, an integer or a boolean, and never a secret.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.header = Some(name.into());
        self
    }

    /// Whether anything is asked of its value.
    pub(super) fn is_constrained(&self) -> bool {
        self.min.or(self.max).is_some()
            || self.min_len.or(self.max_len).is_some()
            || self.pattern.is_some()
            || self.default.is_some()
            || self.header.is_some()
            || !self.examples.is_empty()
    }

    /// Makes the pattern ready; what does not fit the argument itself is a problem.
    pub(super) fn prepare(&mut self, accepts: fn(&str) -> bool, problems: &mut Vec<String>) {
        let name = &self.name;
        if let Some(pattern) = &self.pattern {
            match Regex::new(pattern) {
                Ok(matcher) => self.matcher = Some(matcher),
                Err(error) => problems.push(format!(
                    "`pattern` on `{name}` cannot be read: {error}; it must be a regular \
                     expression without look-around and back-references"
                )),
            }
        }
        let examples = self.examples.iter().map(|example| ("example", example));
        let told = examples.chain(self.default.iter().map(|default| ("default", default)));
        for (what, value) in told {
            let json = value.to_string();
            let problem = match self.violation(&json) {
                _ if what == "example" && !accepts(&json) => Some("its type refuses it".to_owned()),
                violation => violation,
            };
            if let Some(problem) = problem {
                problems.push(format!(
                    "the {what} {json} of `{name}` does not fit: {problem}"
                ));
            }
        }
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
        // One that is null says what absence says, and would fit no type that callers are told.
        if let Some(default) = self.default.as_ref().filter(|default| !default.is_null()) {
            members.insert("default".to_owned(), default.clone());
        }
        if !self.examples.is_empty() {
            members.insert("examples".to_owned(), self.examples.clone().into());
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
        let text = ["string"].as_slice();
        let pattern = self.pattern.as_deref().map(Value::from);
        let constraints = [
            ("min", "minimum", number, self.min.map(Bound::to_json)),
            ("max", "maximum", number, self.max.map(Bound::to_json)),
            ("min_len", shortest, sized, self.min_len.map(Value::from)),
            ("max_len", longest, sized, self.max_len.map(Value::from)),
            ("pattern", "pattern", text, pattern),
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

    /// Everything that is wrong with a JSON value that its type takes.
    pub(super) fn faults(&self, json: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(problem) = self.violation(json) {
            let path = String::new();
            faults.push(Fault { path, problem });
        }
        if let Some(validator) = &self.validator {
            faults.extend(validator.faults(json));
        }
        faults
    }

    /// What is wrong with a JSON value that its type takes, if anything.
    ///
    /// A type may take more kinds of values than its schema says. What is asked of one kind is kept by no
    /// other: only null, which stands for nothing, is left alone.
    pub(super) fn violation(&self, json: &str) -> Option<String> {
        if json == "null" {
            return None;
        }
        if self.min.is_some() || self.max.is_some() {
            let Some(number) = Bound::parse(json) else {
                return Some("is not a number".to_owned());
            };
            if let Some(min) = self.min.filter(|min| min.exceeds(number)) {
                return Some(format!("{number} is less than the minimum of {min}"));
            }
            if let Some(max) = self.max.filter(|max| number.exceeds(*max)) {
                return Some(format!("{number} is greater than the maximum of {max}"));
            }
        }
        if self.min_len.is_some() || self.max_len.is_some() {
            let Some((length, unit)) = length(json) else {
                return Some("is neither a string nor an array".to_owned());
            };
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
        if let Some(matcher) = &self.matcher {
            let Ok(Text(text)) = serde_json::from_str(json) else {
                return Some("is not a string".to_owned());
            };
            if !matcher.is_match(&text) {
                return Some(format!("does not match the pattern `{matcher}`"));
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

/// A value as callers are told it.
pub(crate) fn as_written(value: &impl Serialize) -> Option<Value> {
    // By way of text, as it will travel: `to_value` makes 0.10000000149011612 of an `f32` of 0.1.
    let json = serde_json::to_string(value).ok()?;
    serde_json::from_str(&json).ok()
}
