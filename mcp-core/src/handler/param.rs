//! Parameters of a handler: which of them are arguments, and what all of them declare.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, value::RawValue};

use super::{
    argument::{Argument, Kind},
    arguments::{Arguments, explain},
    text::Missing,
};
use crate::{
    context::{FromContext, Requirement},
    schema::{Generator, Schema},
};

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
    fn declare(mut argument: Argument, declaration: &mut Declaration) {
        let mut needs = Vec::new();
        T::requirements(&mut needs);
        if needs.contains(&Requirement::Arguments) {
            argument.kind = Kind::Raw;
        }
        declaration.requirements.append(&mut needs);
        declaration.unconstrained(&argument);
        declaration.arguments.push(argument);
    }

    fn take(arguments: &mut Arguments<'_>, _: usize, _: Option<fn() -> T>) -> Option<T> {
        T::from_context(arguments.context())
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
        let json = arguments.context().arguments().map_or("{}", RawValue::get);
        match serde_json::from_str(json) {
            Ok(value) => Some(Self(value)),
            Err(error) => {
                arguments.reject(explain(&error));
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
            header,
            ..
        } = argument;
        let asked = default.is_some() || header.is_some();
        if asked || min.or(*max).is_some() || min_len.or(*max_len).is_some() {
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
        if !self.arguments.iter().any(|it| it.kind == Kind::Raw) {
            root.push(member("additionalProperties", "false".to_owned()));
        }
        if let Some(definitions) = self.generator().definitions() {
            root.push(member("$defs", definitions.to_string()));
        }
        Schema::from_text(of(root))
    }
}

/// The default of an argument as the schema tells it.
pub(crate) fn default_value<T: serde::Serialize>(default: fn() -> T) -> Option<Value> {
    // By way of text, as it will travel: `to_value` makes 0.10000000149011612 of an `f32` of 0.1.
    let json = serde_json::to_string(&default()).ok()?;
    serde_json::from_str(&json).ok()
}
