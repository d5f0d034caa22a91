//! One argument of a handler: its schema, its extraction, its constraints.
//!
//! Problems are collected rather than returned, so that a caller learns all of them at once.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::{
    Deserialize,
    de::{
        self, DeserializeOwned, Deserializer, IntoDeserializer, MapAccess, Visitor,
        value::StrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Value, value::RawValue};

use crate::{
    context::{Context, FromContext, Requirement},
    error::{Error, Seen},
    jsonrpc::message::without_position,
    schema::{Generator, Schema},
};

/// How many problems of one call are spelled out.
const MAX_PROBLEMS: usize = 20;

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
    kind: Kind,
}

/// Where the value of a parameter comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// From the context: no caller can give it.
    #[default]
    Context,
    /// From the argument of its name.
    Input,
    /// From all arguments together: see [`Args`].
    Whole,
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
    fn parse(json: &str) -> Option<Self> {
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

    /// The schema of its type with what is known besides; constraints it cannot have are problems.
    fn schema(&self, mut schema: Value, problems: &mut Vec<String>) -> Value {
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
    fn violation(&self, json: &str) -> Option<String> {
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
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// What a call gave for one argument.
#[derive(Clone, Debug)]
enum Given<'a> {
    /// A tool's arguments are JSON.
    Json(&'a RawValue),
    /// A prompt's arguments and a template's variables are text.
    Text(Cow<'a, str>),
}

/// The arguments of one call, taken one by one.
#[derive(Debug)]
pub struct Arguments<'a> {
    context: Context<'a>,
    declared: &'a [Argument],
    given: Vec<Option<Given<'a>>>,
    problems: Problems,
    refusal: Option<Error>,
    coerce: bool,
}

/// What is wrong with the arguments of a call, all of it.
#[derive(Debug, Default)]
pub struct Problems {
    lines: Vec<String>,
    /// What was given and not asked for comes last: it may explain what is missing.
    unknown: Vec<String>,
    more: usize,
}

impl Problems {
    fn add(&mut self, name: &str, problem: impl fmt::Display) {
        if self.has_room() {
            self.lines.push(format!("`{}`: {problem}", Seen(name)));
        }
    }

    /// Notes an argument that had to be there.
    pub(crate) fn missing(&mut self, name: &str) {
        self.add(name, "required argument is missing");
    }

    /// Notes an argument that nobody knows, and which was perhaps meant.
    pub(crate) fn unknown<'n>(&mut self, name: &str, known: impl Iterator<Item = &'n str>) {
        if self.has_room() {
            let meant = closest(name, known);
            let hint = meant
                .map(|meant| format!(" (did you mean `{meant}`?)"))
                .unwrap_or_default();
            self.unknown
                .push(format!("`{}`: unknown argument{hint}", Seen(name)));
        }
    }

    /// Whether one more is spelled out; otherwise it is counted.
    fn has_room(&mut self) -> bool {
        let has_room = self.lines.len() + self.unknown.len() < MAX_PROBLEMS;
        self.more += usize::from(!has_room);
        has_room
    }

    /// All problems, if there are any.
    pub(crate) fn into_result(self) -> Result<(), Unfit> {
        if self.lines.is_empty() && self.unknown.is_empty() {
            Ok(())
        } else {
            Err(Unfit::Arguments(self))
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self
            .lines
            .iter()
            .chain(&self.unknown)
            .map(String::as_str)
            .collect();
        f.write_str(&lines.join("\n"))?;
        if self.more > 0 {
            write!(f, "\n… and {} more", self.more)?;
        }
        Ok(())
    }
}

/// Why a call never reached its function.
#[derive(Debug)]
pub enum Unfit {
    /// Its arguments do not fit; a model can correct them.
    Arguments(Problems),
    /// Something other than its arguments stands against it.
    Refused(Error),
}

impl Unfit {
    /// A parameter was not there although nothing stood against it.
    pub fn incomplete() -> Self {
        Self::Refused(Error::internal("a parameter is missing without a problem"))
    }
}

impl<'a> Arguments<'a> {
    /// The arguments of a tool call.
    pub(crate) fn of_tool(context: Context<'a>, declared: &'a [Argument]) -> Self {
        let mut arguments = Self::none(context, declared);
        let Some(raw) = context.arguments() else {
            return arguments;
        };
        if declared.iter().any(|argument| argument.kind == Kind::Whole) {
            return arguments;
        }
        let split = serde_json::Deserializer::from_str(raw.get()).deserialize_map(Split {
            arguments: &mut arguments,
        });
        if let Err(error) = split {
            arguments
                .problems
                .add("arguments", without_position(&error));
        }
        arguments
    }

    /// Values that are text: the arguments of a prompt, the variables of a template.
    pub(crate) fn of_text(
        context: Context<'a>,
        declared: &'a [Argument],
        values: impl IntoIterator<Item = (impl AsRef<str>, Cow<'a, str>)>,
    ) -> Self {
        let mut arguments = Self::none(context, declared);
        for (name, value) in values {
            arguments.put(name.as_ref(), Given::Text(value));
        }
        arguments
    }

    fn none(context: Context<'a>, declared: &'a [Argument]) -> Self {
        let mut given = Vec::new();
        given.resize_with(declared.len(), || None);
        Self {
            context,
            declared,
            given,
            problems: Problems::default(),
            refusal: None,
            coerce: true,
        }
    }

    /// Leaves strings that hold numbers, booleans or JSON as the strings they are.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.coerce = false;
        self
    }

    /// Takes the parameter at `index`; a problem is noted, and found by [`finish`](Self::finish).
    pub fn take<P: Param<M>, M>(&mut self, index: usize) -> Option<P> {
        P::take(self, index, None)
    }

    /// The same, with what an absent argument stands for.
    pub fn take_or<P: Param<M>, M>(&mut self, index: usize, default: fn() -> P) -> Option<P> {
        P::take(self, index, Some(default))
    }

    /// What stood against the call, now that every parameter was taken.
    ///
    /// # Errors
    /// All problems of its arguments, or what else stands against it.
    pub fn finish(self) -> Result<(), Unfit> {
        if let Some(error) = self.refusal {
            return Err(Unfit::Refused(error));
        }
        self.problems.into_result()
    }

    fn put(&mut self, name: &str, value: Given<'a>) {
        let found = self
            .declared
            .iter()
            .position(|known| known.kind == Kind::Input && known.name == name);
        match found.and_then(|index| self.given.get_mut(index)) {
            Some(slot @ None) => *slot = Some(value),
            Some(Some(_)) => self.problems.add(name, "given twice"),
            None => {
                let inputs = self
                    .declared
                    .iter()
                    .filter(|known| known.kind == Kind::Input);
                self.problems
                    .unknown(name, inputs.map(|known| &*known.name));
            }
        }
    }

    fn refuse(&mut self, error: Error) {
        self.refusal.get_or_insert(error);
    }

    fn declared(&self, index: usize) -> &'a Argument {
        const NAMELESS: &Argument = &Argument {
            name: Cow::Borrowed(""),
            description: None,
            min: None,
            max: None,
            min_len: None,
            max_len: None,
            default: None,
            kind: Kind::Context,
        };
        self.declared.get(index).unwrap_or(NAMELESS)
    }

    fn argument<T: DeserializeOwned>(
        &mut self,
        index: usize,
        default: Option<fn() -> T>,
    ) -> Option<T> {
        let argument = self.declared(index);
        let given = self.given.get_mut(index).and_then(Option::take);
        let given = given.filter(|given| default.is_none() || !given.is_null());
        let Some(given) = given else {
            let absent = default.map_or_else(|| T::deserialize(Missing), |default| Ok(default()));
            return absent
                .map_err(|_| self.problems.missing(&argument.name))
                .ok();
        };
        let parsed = match &given {
            Given::Json(raw) => self.parse_json(raw.get(), argument),
            Given::Text(text) => parse_text(text, argument),
        };
        parsed
            .map_err(|problem| self.problems.add(&argument.name, problem))
            .ok()
    }

    fn parse_json<T: DeserializeOwned>(
        &self,
        json: &str,
        argument: &Argument,
    ) -> Result<T, String> {
        let error = match serde_json::from_str(json) {
            Ok(value) => return argument.violation(json).map_or(Ok(value), Err),
            Err(error) => error,
        };
        // Models send "5" for 5. What was meant as a string never comes here: it has parsed.
        if self.coerce
            && json.starts_with('"')
            && let Ok(Text(inner)) = serde_json::from_str(json)
            && let Ok(value) = serde_json::from_str(&inner)
        {
            return argument.violation(&inner).map_or(Ok(value), Err);
        }
        Err(explain(&error))
    }
}

fn parse_text<T: DeserializeOwned>(text: &str, argument: &Argument) -> Result<T, String> {
    let value = T::deserialize(FromText(text)).map_err(|error| explain(&error))?;
    let quoted;
    let json = match Bound::parse(text) {
        Some(_) if argument.min_len.is_none() && argument.max_len.is_none() => text,
        _ => {
            quoted = Value::from(text).to_string();
            &quoted
        }
    };
    argument.violation(json).map_or(Ok(value), Err)
}

impl Given<'_> {
    fn is_null(&self) -> bool {
        matches!(self, Self::Json(raw) if raw.get() == "null")
    }
}

/// What serde says, without the position and no longer than a line or two.
fn explain(error: &serde_json::Error) -> String {
    const LONGEST: usize = 300;
    let text = without_position(error);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Sorts the members of an argument object into their slots.
struct Split<'s, 'a> {
    arguments: &'s mut Arguments<'a>,
}

impl<'a> Visitor<'a> for Split<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(name)) = map.next_key()? {
            let value = map.next_value()?;
            self.arguments.put(&name, Given::Json(value));
        }
        Ok(())
    }
}

/// A parameter of a handler: an argument from the caller, or something taken from the context.
///
/// Which of the two is inferred as `M`, by what the type can do and never by how it is spelled.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of an MCP handler",
    label = "neither an argument nor an extractor",
    note = "to receive it from the caller, derive both: \
            `#[derive(serde::Deserialize, schemars::JsonSchema)]`",
    note = "to receive it from the server, implement `mcp_core::FromContext` or wrap it: \
            `State<{Self}>`"
)]
pub trait Param<M>: Sized {
    /// Adds the parameter to what the handler declares.
    fn declare(argument: Argument, declaration: &mut Declaration);

    /// Takes the value for one call; a problem is noted in `arguments`.
    fn take(
        arguments: &mut Arguments<'_>,
        index: usize,
        default: Option<fn() -> Self>,
    ) -> Option<Self>;
}

#[allow(unnameable_types, reason = "markers are inferred")]
mod via {
    #[derive(Debug)]
    pub enum Argument {}
    #[derive(Debug)]
    pub enum Whole {}
    #[derive(Debug)]
    pub enum Context {}
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> Param<via::Argument> for T {
    fn declare(argument: Argument, declaration: &mut Declaration) {
        let optional = argument.default.is_some() || T::deserialize(Missing).is_ok();
        declaration.property::<T>(argument, optional);
    }

    fn take(arguments: &mut Arguments<'_>, index: usize, default: Option<fn() -> T>) -> Option<T> {
        arguments.argument(index, default)
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromContext> Param<via::Context> for T {
    fn declare(argument: Argument, declaration: &mut Declaration) {
        T::requirements(&mut declaration.requirements);
        declaration.unconstrained(&argument);
        declaration.arguments.push(argument);
    }

    fn take(arguments: &mut Arguments<'_>, _: usize, _: Option<fn() -> T>) -> Option<T> {
        T::from_context(&arguments.context)
            .map_err(|error| arguments.refuse(error))
            .ok()
    }
}

/// The whole argument object of a tool call as one struct.
///
/// ```
/// use mcp_core::prelude::*;
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Query {
///     /// Text to look for
///     text: String,
///     limit: Option<u32>,
/// }
///
/// /// Search
/// #[mcp_tool]
/// fn search(Args(query): Args<Query>) -> String {
///     format!("{} hits at most for {}", query.limit.unwrap_or(10), query.text)
/// }
/// # let _ = tools![search];
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Args<T>(pub T);

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> Param<via::Whole> for Args<T> {
    fn declare(argument: Argument, declaration: &mut Declaration) {
        declaration.unconstrained(&argument);
        declaration.whole::<T>();
    }

    fn take(arguments: &mut Arguments<'_>, _: usize, _: Option<fn() -> Self>) -> Option<Self> {
        let json = arguments.context.arguments().map_or("{}", RawValue::get);
        match serde_json::from_str(json) {
            Ok(value) => Some(Self(value)),
            Err(error) => {
                arguments.problems.add("arguments", explain(&error));
                None
            }
        }
    }
}

/// What a handler declares by its parameters, collected while it is registered.
#[derive(Default)]
pub struct Declaration {
    pub(crate) arguments: Vec<Argument>,
    pub(crate) requirements: Vec<Requirement>,
    pub(crate) problems: Vec<String>,
    properties: Vec<Property>,
    whole: Option<Value>,
    generator: Option<Generator>,
}

/// One input of a handler, as its caller is told.
pub(crate) struct Property {
    pub(crate) name: Cow<'static, str>,
    pub(crate) description: Option<Cow<'static, str>>,
    pub(crate) required: bool,
    schema: Value,
}

impl fmt::Debug for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Declaration")
            .field("arguments", &self.arguments)
            .finish_non_exhaustive()
    }
}

impl Declaration {
    /// Adds the next parameter.
    #[must_use]
    pub fn param<P: Param<M>, M>(mut self, argument: Argument) -> Self {
        P::declare(argument, &mut self);
        self
    }

    pub(crate) fn properties(&self) -> &[Property] {
        &self.properties
    }

    fn generator(&mut self) -> &mut Generator {
        self.generator.get_or_insert_with(Generator::inputs)
    }

    /// Notes constraints on a parameter that no caller gives.
    fn unconstrained(&mut self, argument: &Argument) {
        let Argument {
            name,
            min,
            max,
            min_len,
            max_len,
            default,
            ..
        } = argument;
        if default.is_some() || min.or(*max).is_some() || min_len.or(*max_len).is_some() {
            self.problems.push(format!(
                "`{name}` is no argument, so nothing can be asked of it"
            ));
        }
    }

    fn property<T: JsonSchema>(&mut self, mut argument: Argument, optional: bool) {
        if argument.name.is_empty() {
            let problem = "an argument has no name: give its parameter one";
            self.problems.push(problem.to_owned());
        }
        let schema = self.generator().schema::<T>();
        let schema = argument.schema(schema, &mut self.problems);
        if self
            .properties
            .iter()
            .any(|known| known.name == argument.name)
        {
            self.problems
                .push(format!("two arguments are called `{}`", argument.name));
        }
        self.properties.push(Property {
            name: argument.name.clone(),
            description: argument.description.clone(),
            required: !optional,
            schema,
        });
        argument.kind = Kind::Input;
        self.arguments.push(argument);
    }

    fn whole<T: JsonSchema>(&mut self) {
        let schema = self.generator().schema::<T>();
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            self.problems
                .push("`Args<T>` needs a `T` that is an object".to_owned());
        }
        if self.whole.replace(schema).is_some() {
            self.problems
                .push("`Args` stands for all arguments and can be there once".to_owned());
        }
        self.arguments.push(Argument {
            kind: Kind::Whole,
            ..Argument::default()
        });
    }

    /// The schema of the argument object.
    pub(crate) fn schema(&mut self) -> Schema {
        if let Some(mut whole) = self.whole.take() {
            if !self.properties.is_empty() {
                self.problems
                    .push("`Args` stands for all arguments; name no others".to_owned());
            }
            self.generator().add_definitions(&mut whole);
            if let Some(root) = whole.as_object_mut() {
                // What documents the struct is for its programmers; the tool has its own.
                root.remove("description");
                root.entry("properties")
                    .or_insert_with(|| serde_json::json!({}));
            }
            return Schema::from_value(&whole);
        }
        let member = |name: &str, value: String| format!("{}:{value}", Value::from(name));
        let of = |members: Vec<String>| format!("{{{}}}", members.join(","));
        let properties = self.properties.iter();
        let properties = properties
            .map(|p| member(&p.name, p.schema.to_string()))
            .collect();
        let mut root = vec![
            member("type", Value::from("object").to_string()),
            member("properties", of(properties)),
        ];
        let required = self.properties.iter().filter(|p| p.required);
        let required: Vec<_> = required.map(|p| Value::from(p.name.as_ref())).collect();
        if !required.is_empty() {
            root.push(member("required", Value::from(required).to_string()));
        }
        root.push(member("additionalProperties", "false".to_owned()));
        if let Some(definitions) = self.generator().definitions() {
            root.push(member("$defs", definitions.to_string()));
        }
        Schema::from_text(of(root))
    }
}

/// The default of an argument as the schema tells it.
pub fn default_value<T: serde::Serialize>(default: fn() -> T) -> Option<Value> {
    serde_json::to_value(default()).ok()
}

/// The known name that is meant, if one is close enough to be a slip.
fn closest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // A slip is short; anything longer is not worth measuring.
    if name.len() > 64 {
        return None;
    }
    known
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters to add, drop or change to get from one to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let changed = diagonal + usize::from(x != *y);
            diagonal = *cell;
            left = changed.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Answers only those who can do without a value, so that serde itself says what is required.
struct Missing;

impl<'de> Deserializer<'de> for Missing {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("missing"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Reads a value from text by what the type asks for: `"5"` is a string, or the number 5.
struct FromText<'a>(&'a str);

macro_rules! parse_from_text {
    ($($method:ident),+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            self.json(visitor)
        }
    )+};
}

impl<'a> FromText<'a> {
    fn json<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, serde_json::Error> {
        // Owned, because what is asked for here holds nothing to borrow.
        match serde_json::from_str::<Value>(self.0) {
            Ok(value) => value.deserialize_any(visitor),
            Err(_) => visitor.visit_str(self.0),
        }
    }

    fn text<E: de::Error>(self) -> StrDeserializer<'a, E> {
        self.0.into_deserializer()
    }
}

impl<'de> Deserializer<'de> for FromText<'_> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.text().deserialize_enum(name, variants, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.json(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.json(visitor)
    }

    parse_from_text! {
        deserialize_bool, deserialize_i8, deserialize_i16, deserialize_i32, deserialize_i64,
        deserialize_i128, deserialize_u8, deserialize_u16, deserialize_u32, deserialize_u64,
        deserialize_u128, deserialize_f32, deserialize_f64, deserialize_seq, deserialize_map
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct tuple_struct identifier ignored_any
    }
}
