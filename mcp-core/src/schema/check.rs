//! What known clients reject or misread in what a server offers.
//!
//! Schemas made from types have most of it taken out; what is left, and schemas by hand, is found
//! here. Where each of these was seen stands in the guide.

use std::fmt;

use serde_json::{Map, Value};

use super::{
    Schema, portable,
    walk::{below, escape},
};
use crate::{Server, types::tool::Tool};

/// Something in a tool that known clients reject or misread.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// Which tool.
    pub tool: String,
    /// Where in its definition: a JSON pointer, such as `/inputSchema/properties/query`.
    pub path: String,
    /// What it is.
    pub rule: Rule,
    /// What was seen there, in few words.
    pub seen: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tool,
            path,
            rule,
            seen,
        } = self;
        write!(f, "tool `{tool}`, {path}: {seen}: {}", rule.remedy())?;
        match rule.clients() {
            [] => Ok(()),
            clients => write!(f, " (a problem for {})", clients.join(", ")),
        }
    }
}

/// What clients reject or misread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A tool's name has a `.` or more than 64 characters.
    ToolName,
    /// A tool has no description.
    Description,
    /// An argument's name has other characters than `A-Z a-z 0-9 _ . -`, or more than 64.
    ArgumentName,
    /// A `$ref`: a type that contains itself, or is used so often that it stays in `$defs`.
    Reference,
    /// A schema that does not say of which type it is.
    Untyped,
    /// A schema that is `true` or `false`.
    Boolean,
    /// A list of types.
    TypeList,
    /// `anyOf`, `oneOf` or `allOf` at the root.
    RootAlternatives,
    /// A root without `properties`.
    NoProperties,
    /// `oneOf` below the root.
    OneOf,
    /// `const`.
    Constant,
    /// An array without `items`.
    NoItems,
    /// `prefixItems`.
    Tuple,
    /// A `format` that JSON Schema does not know.
    Format,
    /// A pattern that is read otherwise in JavaScript, or not at all.
    Pattern,
    /// More than ten levels of schemas, one in the other.
    Depth,
    /// Nobody could tell whether the type enforces what its schema promises.
    Unproven,
}

impl Rule {
    /// Which clients were seen to have a problem with it.
    pub fn clients(self) -> &'static [&'static str] {
        match self {
            Self::ToolName => &["claude.ai", "Claude Desktop"],
            Self::ArgumentName => &["the Anthropic API"],
            Self::Reference => &["Copilot CLI", "Gemini CLI", "Kiro", "opencode"],
            Self::Untyped => &["Gemini CLI"],
            Self::TypeList => &["Cursor", "Windsurf", "the Gemini API"],
            Self::RootAlternatives => &["the Anthropic API", "the OpenAI API"],
            Self::NoProperties => &["the OpenAI API"],
            Self::OneOf => &["Koog"],
            Self::Constant => &["the Gemini API"],
            Self::NoItems => &["VS Code", "the Gemini API"],
            Self::Tuple => &["the Gemini API"],
            Self::Format => &["opencode", "Kimi", "CodeBuddy"],
            Self::Pattern => &["clients in JavaScript"],
            Self::Boolean => &["Claude Code", "opencode"],
            Self::Depth => &["the Gemini API", "the Meta API"],
            Self::Description | Self::Unproven => &[],
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::ToolName => "a name of up to 64 of A-Z a-z 0-9 _ - is taken everywhere",
            Self::Description => "describe the tool: its name alone tells a model little",
            Self::ArgumentName => "name it with up to 64 of A-Z a-z 0-9 _ . -",
            Self::Reference => "write out what it refers to, or take that as JSON text",
            Self::Untyped => "say its `type`, or take a type that does",
            Self::Boolean => "write `{}` for anything, and leave out what takes nothing",
            Self::TypeList => "say one type; an optional argument is one that may be absent",
            Self::RootAlternatives => "make the root one object, and check the rest in the tool",
            Self::NoProperties => "add `\"properties\": {}`",
            Self::OneOf => "write `anyOf`",
            Self::Constant => "write an `enum` of one value",
            Self::NoItems => "say what the items are",
            Self::Tuple => "write `items`, or take an object with a name for each place",
            Self::Format => "leave the format out",
            Self::Pattern => "write it without `(?i)`, `(?P<..>)`, `\\A`, `\\z` and `[[:..:]]`",
            Self::Depth => "flatten it",
            Self::Unproven => {
                "give its type an example that fits (`#[schemars(example = ..)]`), or enable \
                 feature `validate` of mcp-core"
            }
        }
    }
}

impl Server {
    /// What known clients reject or misread in what is offered now, tool by tool.
    ///
    /// One tool that a client cannot read often costs it all of them, so this is worth a test:
    /// [`assert_portable`].
    ///
    /// ```
    /// use mcp_core::{prelude::*, schema::Rule};
    ///
    /// /// Keep any JSON
    /// #[mcp_tool]
    /// fn keep(value: serde_json::Value) -> String {
    ///     value.to_string()
    /// }
    ///
    /// let server = Server::new("notes", "1.0.0").tools(tools![keep]).build()?;
    /// let warnings = server.check();
    /// assert_eq!(warnings[0].path, "/inputSchema/properties/value");
    /// assert_eq!(warnings[0].rule, Rule::Untyped);
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    pub fn check(&self) -> Vec<Warning> {
        let registry = self.registry();
        let mut warnings = Vec::new();
        for tool in &registry.entries.tools {
            check(tool.definition(), &mut warnings);
            for promise in tool.unproven() {
                warnings.push(Warning {
                    tool: tool.definition().name.clone(),
                    path: "/inputSchema".to_owned(),
                    rule: Rule::Unproven,
                    seen: format!("{promise}, and nobody can tell whether its type enforces it"),
                });
            }
        }
        warnings
    }
}

/// Fails a test if [`Server::check`] has anything to say, and shows all of it.
///
/// ```
/// use mcp_core::{prelude::*, schema::assert_portable};
///
/// /// Add two numbers
/// #[mcp_tool]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// let server = Server::new("calculator", "1.0.0").tools(tools![add]).build()?;
/// assert_portable(&server);
/// # Ok::<(), mcp_core::BuildError>(())
/// ```
///
/// # Panics
/// If there is anything.
#[track_caller]
pub fn assert_portable(server: &Server) {
    let warnings: Vec<_> = server
        .check()
        .iter()
        .map(|it| format!("\n- {it}"))
        .collect();
    assert!(
        warnings.is_empty(),
        "known clients cannot read all of this server:{}",
        warnings.concat()
    );
}

/// About how many tokens a definition costs a model: a quarter of the bytes of its JSON.
///
/// An estimate to compare tools by. Every model counts its own way.
pub fn estimated_tokens(tool: &Tool) -> usize {
    serde_json::to_string(tool).map_or(0, |json| json.len().div_ceil(4))
}

/// Everything about one tool.
fn check(tool: &Tool, warnings: &mut Vec<Warning>) {
    let mut found = Found {
        tool: &tool.name,
        warnings,
    };
    let name = &tool.name;
    if name.len() > 64 || name.contains('.') {
        found.add("/name", Rule::ToolName, name.clone());
    }
    if tool
        .description
        .as_deref()
        .is_none_or(|text| text.trim().is_empty())
    {
        found.add(
            "/description",
            Rule::Description,
            "there is none".to_owned(),
        );
    }
    found.root(&tool.input_schema);
    if let Some(schema) = &tool.output_schema {
        found.booleans(&schema.to_value(), "/outputSchema");
    }
}

/// What was found in one tool.
struct Found<'f> {
    tool: &'f str,
    warnings: &'f mut Vec<Warning>,
}

impl Found<'_> {
    fn add(&mut self, path: &str, rule: Rule, seen: String) {
        self.warnings.push(Warning {
            tool: self.tool.to_owned(),
            path: path.to_owned(),
            rule,
            seen,
        });
    }

    /// The schema of the arguments.
    fn root(&mut self, schema: &Schema) {
        let schema = schema.to_value();
        let path = "/inputSchema";
        for keyword in ["anyOf", "oneOf", "allOf"] {
            if schema.get(keyword).is_some() {
                self.add(
                    path,
                    Rule::RootAlternatives,
                    format!("`{keyword}` at the root"),
                );
            }
        }
        if schema.get("properties").is_none() {
            self.add(path, Rule::NoProperties, "no `properties`".to_owned());
        }
        self.schema(&schema, path, 0, Typed::Here);
    }

    /// What is read of the schema of a result as strictly.
    fn booleans(&mut self, schema: &Value, path: &str) {
        // A plain yes or no is understood here, and nowhere else.
        if schema.is_boolean() && !path.ends_with("/additionalProperties") {
            self.add(path, Rule::Boolean, format!("the schema `{schema}`"));
        }
        for (step, inner) in below(schema) {
            self.booleans(inner, &format!("{path}{step}"));
        }
    }

    /// One schema, and all below it.
    fn schema(&mut self, schema: &Value, path: &str, depth: usize, typed: Typed) {
        // What the Meta API takes; the Gemini API does not tell its own limit.
        const DEEPEST: usize = 10;

        if depth == DEEPEST {
            let seen = format!("more than {DEEPEST} levels of schemas");
            self.add(path, Rule::Depth, seen);
        }
        let Some(members) = schema.as_object() else {
            self.booleans(schema, path);
            return;
        };
        self.keywords(members, path, typed);
        for (step, inner) in below(schema) {
            let typed = typed.below(step.keyword);
            self.schema(inner, &format!("{path}{step}"), depth + 1, typed);
        }
    }

    fn keywords(&mut self, members: &Map<String, Value>, path: &str, typed: Typed) {
        let text = |keyword: &str| members.get(keyword).and_then(Value::as_str);
        let has = |keyword: &str| members.contains_key(keyword);
        let is_root = path == "/inputSchema";
        if let Some(reference) = text("$ref") {
            self.add(path, Rule::Reference, format!("`$ref` to {reference}"));
        }
        if let Some(Value::Array(types)) = members.get("type") {
            let types = Value::from(types.clone());
            self.add(path, Rule::TypeList, format!("the types {types}"));
        }
        let says_type = ["type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"];
        if typed == Typed::Here && !says_type.iter().any(|it| has(it)) {
            self.add(path, Rule::Untyped, "no `type`".to_owned());
        }
        if has("oneOf") && !is_root {
            self.add(path, Rule::OneOf, "`oneOf`".to_owned());
        }
        if let Some(constant) = members.get("const") {
            self.add(path, Rule::Constant, format!("`const` {constant}"));
        }
        if has("prefixItems") {
            self.add(path, Rule::Tuple, "`prefixItems`".to_owned());
        } else if text("type") == Some("array") && !has("items") {
            self.add(path, Rule::NoItems, "an array without `items`".to_owned());
        }
        if let Some(format) = text("format")
            && !portable::is_standard(format)
        {
            self.add(path, Rule::Format, format!("the format `{format}`"));
        }
        if let Some(pattern) = text("pattern")
            && !is_javascript(pattern)
        {
            self.add(path, Rule::Pattern, format!("the pattern `{pattern}`"));
        }
        let properties = members.get("properties").and_then(Value::as_object);
        for (name, _) in properties.into_iter().flatten() {
            let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
            if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
                let path = format!("{path}/properties/{}", escape(name));
                self.add(
                    &path,
                    Rule::ArgumentName,
                    format!("an argument called {name:?}"),
                );
            }
        }
    }
}

/// Where a schema has to say of which type it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    Here,
    /// Above: this is one of several schemas for the same value.
    Above,
    /// Elsewhere: this and all below is a condition, of what has its type outside of it.
    Outside,
}

impl Typed {
    fn below(self, keyword: &str) -> Self {
        match keyword {
            _ if self == Self::Outside => self,
            "if" | "then" | "else" | "not" | "contains" | "propertyNames" => Self::Outside,
            "anyOf" | "oneOf" | "allOf" => Self::Above,
            _ => Self::Here,
        }
    }
}

/// Whether JavaScript reads the pattern as Rust does, as far as their groups and anchors go.
fn is_javascript(pattern: &str) -> bool {
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let is_foreign = match first {
            '\\' => rest.starts_with("\\A") || rest.starts_with("\\z"),
            '(' => {
                let kinds = ["(?:", "(?=", "(?!", "(?<"];
                rest.starts_with("(?") && !kinds.iter().any(|it| rest.starts_with(it))
            }
            '[' => rest.starts_with("[[:"),
            _ => false,
        };
        if is_foreign {
            return false;
        }
        // What is escaped stands for itself.
        let read = if first == '\\' { 2 } else { 1 };
        let next = rest.char_indices().nth(read);
        rest = next.and_then(|(at, _)| rest.get(at..)).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_javascript;

    #[test]
    fn a_pattern_that_javascript_reads_otherwise_is_told_from_one_that_it_reads_alike() {
        for pattern in [
            "^(?:a|b)$",
            r"^\(?[0-9]{3}\)?$",
            "(?<year>[0-9]+)",
            r"\\A",
            "[a-z]é",
        ] {
            assert!(is_javascript(pattern), "{pattern}");
        }
        for pattern in ["(?i)a", "(?i)(?:a)", "(?P<year>a)", r"\Aa\z", "[[:alpha:]]"] {
            assert!(!is_javascript(pattern), "{pattern}");
        }
    }
}
