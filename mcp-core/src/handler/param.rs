//! Parameters of a handler: which of them are arguments, and what all of them declare.

use std::{borrow::Cow, fmt, sync::Arc};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    argument::{Argument, Kind},
    arguments::Arguments,
    text::Missing,
};
use crate::{
    context::{FromContext, Requirement},
    schema::{
        Generator, Refs, Schema, bounds,
        promised::{self, Origin, Promise, Promises},
        smaller,
        validator::Validator,
    },
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

/// The whole argument object of a tool call as one struct, or as one enum of structs.
///
/// Callers are told of an enum as one object that has the members of all variants; which of them
/// go together is said at its tag, and enforced by the type.
///
/// Prefer parameters where there is a choice. Of those, callers are told all problems of a call at once;
/// of a `T`, serde stops at the first. A string that is given for another type stands for what it spells in
/// both, unless the tool is `strict`.
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

    fn take(arguments: &mut Arguments<'_>, index: usize, _: Option<fn() -> Self>) -> Option<Self> {
        arguments.whole(index).map(Self)
    }
}

/// What a handler declares by its parameters, collected while it is registered.
#[derive(Default)]
pub struct Declaration {
    pub(crate) arguments: Vec<Argument>,
    pub(crate) requirements: Vec<Requirement>,
    pub(crate) problems: Vec<String>,
    properties: Vec<Property>,
    whole: Option<Typed>,
    generator: Option<Generator>,
}

/// A type as what is known of it besides: its schema, and itself as the judge of values.
struct Typed {
    /// As schemars writes it.
    schema: Value,
    accepts: fn(&str) -> bool,
}

impl Typed {
    fn of<T: DeserializeOwned + JsonSchema>(generator: &mut Generator) -> Self {
        Self {
            schema: generator.written::<T>(),
            accepts: |json| serde_json::from_str::<T>(json).is_ok(),
        }
    }
}

/// One input of a handler, as its caller is told.
pub(crate) struct Property {
    pub(crate) name: Cow<'static, str>,
    pub(crate) description: Option<Cow<'static, str>>,
    pub(crate) required: bool,
    typed: Typed,
    /// Which of the parameters it is.
    parameter: usize,
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
        if argument.is_constrained() {
            self.problems.push(format!(
                "`{}` is no argument, so nothing can be asked of it",
                argument.name
            ));
        }
    }

    fn property<T: DeserializeOwned + JsonSchema>(
        &mut self,
        mut argument: Argument,
        optional: bool,
    ) {
        if argument.name.is_empty() {
            let problem = "an argument has no name: give its parameter one";
            self.problems.push(problem.to_owned());
        }
        if self
            .properties
            .iter()
            .any(|known| known.name == argument.name)
        {
            self.problems
                .push(format!("two arguments are called `{}`", argument.name));
        }
        let typed = Typed::of::<T>(self.generator());
        argument.kind = Kind::Input;
        argument.prepare(typed.accepts, &mut self.problems);
        // Whether the constraints fit the type is seen once; the schema is made when all are there.
        let schema = self.generator().portable(&typed.schema, Refs::Kept);
        argument.schema(schema.unwrap_or_default(), &mut self.problems);
        self.properties.push(Property {
            name: argument.name.clone(),
            description: argument.description.clone(),
            required: !optional,
            typed,
            parameter: self.arguments.len(),
        });
        self.arguments.push(argument);
    }

    fn whole<T: DeserializeOwned + JsonSchema>(&mut self) {
        let typed = Typed::of::<T>(self.generator());
        let root = self.generator().root_of(&typed.schema, Refs::Kept);
        let kind = root.as_ref().and_then(|root| root.get("type"));
        if kind.and_then(Value::as_str) != Some("object") {
            self.problems
                .push("`Args<T>` needs a `T` that is an object".to_owned());
        }
        if self.whole.replace(typed).is_some() {
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
        if self.whole.is_some() && !self.properties.is_empty() {
            self.problems
                .push("`Args` stands for all arguments; name no others".to_owned());
        }
        self.generator();
        let Some(generator) = &self.generator else {
            return Schema::no_arguments();
        };
        let (root, _) = smaller(|refs| match &self.whole {
            Some(whole) => whole_root(generator, whole, refs),
            None => self.root(generator, refs),
        });
        Schema::from_value(&root)
    }

    /// Sees to it that what is promised of the arguments is enforced. What cannot be is a problem.
    ///
    /// A schema by hand stands for all of them, and gets a validator of its own.
    pub(crate) fn enforce(&mut self, by_hand: Option<&Schema>) -> Enforced {
        let mut enforced = Enforced::default();
        if let Some(schema) = by_hand {
            let schema = schema.to_value();
            // What is too large to look through, or no object, is a problem already.
            let is_object = schema.get("type").and_then(Value::as_str) == Some("object");
            if !is_object || !bounds::problems("", &schema).is_empty() {
                return enforced;
            }
            let none = Map::new();
            let definitions = schema.get("$defs").and_then(Value::as_object);
            let accepts: &dyn Fn(&str) -> bool = match &self.whole {
                Some(whole) => &whole.accepts,
                None => &|_| true,
            };
            let definitions = definitions.unwrap_or(&none);
            let found = promised::examine(&schema, definitions, "", Origin::Hand, accepts);
            enforced.validator = self.settle(found, &schema, &mut enforced.unproven);
            return enforced;
        }
        let Some(generator) = self.generator.take() else {
            return enforced;
        };
        let whole = self.whole.take();
        let properties = std::mem::take(&mut self.properties);
        let of_all = self.arguments.iter().position(|it| it.kind == Kind::Whole);
        let of_all = whole
            .iter()
            .zip(of_all)
            .map(|(typed, index)| ("", typed, index));
        let one_by_one = properties.iter();
        let one_by_one = one_by_one.map(|it| (&*it.name, &it.typed, it.parameter));
        for (name, typed, index) in of_all.chain(one_by_one) {
            let definitions = generator.definitions();
            let accepts = &typed.accepts;
            let found = promised::examine(&typed.schema, definitions, name, Origin::Type, accepts);
            if found.is_empty() {
                continue;
            }
            let mut schema = typed.schema.clone();
            if let Some(members) = schema.as_object_mut() {
                members.insert("$defs".to_owned(), definitions.clone().into());
            }
            let validator = self.settle(found, &schema, &mut enforced.unproven);
            if let Some(argument) = self.arguments.get_mut(index) {
                argument.validator = validator;
            }
        }
        self.generator = Some(generator);
        self.whole = whole;
        self.properties = properties;
        enforced
    }

    /// The arguments of what is given text, with everything that their types ask for enforced.
    ///
    /// No schema of them is told, but who writes one down means it.
    pub(crate) fn text_arguments(&mut self) -> Arc<[Argument]> {
        self.enforce(None);
        std::mem::take(&mut self.arguments).into()
    }

    /// A validator for what is not enforced. Without one, gaps are problems.
    fn settle(
        &mut self,
        found: Promises,
        schema: &Value,
        unproven: &mut Vec<Promise>,
    ) -> Option<Validator> {
        if found.is_empty() {
            return None;
        }
        match Validator::new(schema) {
            Ok(Some(validator)) => return Some(validator),
            Ok(None) => {}
            Err(error) => {
                let problem = format!("its schema cannot be read: {error}");
                self.problems.push(problem);
                return None;
            }
        }
        for gap in found.gaps {
            self.problems.push(format!(
                "{gap}, and nothing enforces that: enable feature `validate` of mcp-core, or leave \
                 it out and use `#[arg(..)]`, or a type that takes nothing else"
            ));
        }
        unproven.extend(found.unproven);
        None
    }

    /// The schema of arguments that are declared one by one.
    fn root(&self, generator: &Generator, refs: Refs) -> Option<Value> {
        let mut properties = Map::new();
        for property in &self.properties {
            let schema = generator.portable(&property.typed.schema, refs)?;
            let argument = self.arguments.get(property.parameter)?;
            let schema = argument.schema(schema, &mut Vec::new());
            properties.insert(property.name.clone().into_owned(), schema);
        }
        let required = self.properties.iter().filter(|p| p.required);
        let required: Vec<_> = required.map(|p| Value::from(p.name.as_ref())).collect();
        let mut root = Map::new();
        root.insert("type".to_owned(), "object".into());
        root.insert("properties".to_owned(), properties.into());
        if !required.is_empty() {
            root.insert("required".to_owned(), required.into());
        }
        if !self.arguments.iter().any(|it| it.kind == Kind::Raw) {
            root.insert("additionalProperties".to_owned(), false.into());
        }
        let mut root = Value::Object(root);
        generator.add_definitions(&mut root, refs);
        Some(root)
    }
}

/// The schema of arguments that are one value.
fn whole_root(generator: &Generator, whole: &Typed, refs: Refs) -> Option<Value> {
    let mut root = generator.root_of(&whole.schema, refs)?;
    let members = root.as_object_mut()?;
    // What documents the struct is for its programmers; the tool has its own.
    members.shift_remove("description");
    members
        .entry("properties")
        .or_insert_with(|| Map::new().into());
    // As people write it.
    let mut ordered = Map::new();
    for name in ["type", "properties", "required"] {
        ordered.extend(members.shift_remove_entry(name));
    }
    ordered.append(members);
    Some(ordered.into())
}

/// What came of promises.
#[derive(Debug, Default)]
pub(crate) struct Enforced {
    /// Checks all arguments, before they are taken.
    pub(crate) validator: Option<Validator>,
    /// Promises that nobody could tell of whether they are kept.
    pub(crate) unproven: Vec<Promise>,
}
