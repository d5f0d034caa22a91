//! What a server offers, as text for the people who run it.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use serde_json::Value;

use crate::{
    Server,
    handler::Handler as _,
    registry::{prompt::Prompt, resource::Resource, tool::Tool},
    schema::{Warning, estimated_tokens},
    types::tool::ToolAnnotations,
};

/// What a server offers, as text for the people who run it: see [`Server::report`].
#[derive(Clone, Debug)]
pub struct Report {
    title: String,
    entries: Vec<Entry>,
    warnings: Vec<Warning>,
}

/// One thing that is offered, in lines.
#[derive(Clone, Debug)]
struct Entry {
    kind: &'static str,
    name: String,
    about: String,
    /// About how many its definition costs a model that is told it; of tools only.
    tokens: usize,
    lines: Vec<String>,
}

impl Server {
    /// What is offered now, for its owner to read: every tool with its arguments, who may use it and
    /// how much, what a definition costs a model, and what known clients have a problem with.
    ///
    /// ```
    /// use mcp_core::prelude::*;
    ///
    /// /// Search the catalogue
    /// #[mcp_tool(read_only, scopes("books:read"))]
    /// fn search(query: String, #[arg(default = 10, min = 1, max = 100)] limit: u32) -> String {
    ///     format!("the first {limit} of {query}")
    /// }
    ///
    /// let server = Server::new("library", "1.0.0").tools(tools![search]).build()?;
    /// let report = server.report().to_string();
    /// assert!(report.contains("scopes: books:read"));
    /// assert!(report.contains("limit: integer, 1 to 100, default 10"));
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    pub fn report(&self) -> Report {
        let registry = self.registry();
        let offered = &registry.entries;
        let entries = offered.tools.iter().map(Entry::from);
        let entries = entries.chain(offered.resources.iter().map(Entry::from));
        let entries = entries.chain(offered.prompts.iter().map(Entry::from));
        let program = &self.info().implementation;
        Report {
            title: format!("{} {}", program.name, program.version),
            entries: entries.collect(),
            warnings: self.check(),
        }
    }
}

impl Report {
    /// What known clients have a problem with.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// About how many tokens the definitions of all tools cost a model that is told them.
    pub fn tokens(&self) -> usize {
        self.entries.iter().map(|entry| entry.tokens).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            title,
            entries,
            warnings,
        } = self;
        let tokens = self.tokens();
        writeln!(f, "{title}: about {tokens} tokens for its tools")?;
        for Entry {
            kind,
            name,
            about,
            lines,
            ..
        } in entries
        {
            let about = if about.is_empty() {
                "(no description)"
            } else {
                about
            };
            writeln!(f, "\n{kind} {name}: {about}")?;
            lines.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        if !warnings.is_empty() {
            writeln!(f, "\nwarnings")?;
        }
        warnings
            .iter()
            .try_for_each(|warning| writeln!(f, "  {warning}"))
    }
}

impl From<&Tool> for Entry {
    fn from(tool: &Tool) -> Self {
        let definition = tool.definition();
        let mut facts = access(tool.requires_auth(), tool.scopes(), tool.tags());
        let hints = definition.annotations.unwrap_or_default();
        facts.splice(0..0, self::hints(hints));
        let limits = tool.limits();
        facts.extend(limits.rate.map(|rate| format!("{rate} for each caller")));
        facts.extend(limits.timeout.map(|time| at_most(time, limits.max_timeout)));
        facts.extend(limits.concurrency.map(|calls| format!("{calls} at a time")));
        let tokens = estimated_tokens(definition);
        facts.push(format!("about {tokens} tokens"));
        let mut lines = vec![facts.join("; ")];
        let input = definition.input_schema.to_value();
        lines.extend(arguments(&input));
        if let Some(output) = &definition.output_schema {
            lines.push(format!("returns {}", returned(&output.to_value())));
        }
        Self {
            kind: "tool",
            name: definition.name.clone(),
            about: first_line(definition.description.as_deref()),
            tokens,
            lines,
        }
    }
}

impl From<&Resource> for Entry {
    fn from(resource: &Resource) -> Self {
        let definition = resource.definition();
        let mut facts: Vec<_> = definition.mime_type.iter().cloned().collect();
        facts.extend(access(
            resource.requires_auth(),
            resource.scopes(),
            resource.tags(),
        ));
        facts.extend(resource.timeout().map(|time| at_most(time, None)));
        Self {
            kind: "resource",
            name: definition.uri.clone(),
            about: first_line(definition.description.as_deref()),
            tokens: 0,
            lines: joined(&facts),
        }
    }
}

impl From<&Prompt> for Entry {
    fn from(prompt: &Prompt) -> Self {
        let definition = prompt.definition();
        let mut facts = access(prompt.requires_auth(), prompt.scopes(), prompt.tags());
        facts.extend(prompt.timeout().map(|time| at_most(time, None)));
        let mut lines = joined(&facts);
        lines.extend(definition.arguments.iter().map(|argument| {
            let optional = if argument.required { "" } else { ", optional" };
            format!("{}: text{optional}", argument.name)
        }));
        Self {
            kind: "prompt",
            name: definition.name.clone(),
            about: first_line(definition.description.as_deref()),
            tokens: 0,
            lines,
        }
    }
}

fn joined(facts: &[String]) -> Vec<String> {
    if facts.is_empty() {
        return Vec::new();
    }
    vec![facts.join("; ")]
}

/// Who may use it.
fn access(requires_auth: bool, scopes: &[String], tags: &[String]) -> Vec<String> {
    let mut facts = Vec::new();
    if !scopes.is_empty() {
        facts.push(format!("scopes: {}", scopes.join(" ")));
    } else if requires_auth {
        facts.push("authenticated callers only".to_owned());
    }
    if !tags.is_empty() {
        facts.push(format!("tags: {}", tags.join(" ")));
    }
    facts
}

/// How long a call may take.
fn at_most(time: Duration, in_all: Option<Duration>) -> String {
    match in_all {
        Some(in_all) => format!("{time:?} without progress and {in_all:?} at most"),
        None => format!("{time:?} at most"),
    }
}

fn hints(hints: ToolAnnotations) -> impl Iterator<Item = String> {
    let said = [
        (hints.read_only, "read-only", "writes"),
        (hints.destructive, "destructive", "not destructive"),
        (hints.idempotent, "idempotent", "not idempotent"),
        (hints.open_world, "open world", "closed world"),
    ];
    said.into_iter().filter_map(|(hint, yes, no)| {
        let said = if hint? { yes } else { no };
        Some(said.to_owned())
    })
}

/// A line for each argument.
fn arguments(schema: &Value) -> Vec<String> {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|it| it == name));
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Vec::new();
    };
    let lines = properties.iter().map(|(name, schema)| {
        let optional = match schema.get("default") {
            Some(default) => format!(", default {default}"),
            None if is_required(name) => String::new(),
            None => ", optional".to_owned(),
        };
        format!("{name}: {}{optional}", kind(schema))
    });
    lines.collect()
}

/// What a value has to be, in few words.
fn kind(schema: &Value) -> String {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<_> = values.iter().map(Value::to_string).collect();
        return values.join(" or ");
    }
    let mut words = match schema.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => {
            let kinds: Vec<_> = kinds.iter().filter_map(Value::as_str).collect();
            kinds.join(" or ")
        }
        _ => "any".to_owned(),
    };
    if let Some(items) = schema.get("items") {
        let _ = write!(words, " of {}", kind(items));
    }
    for (low, high, unit) in [
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
    ] {
        let range = match (schema.get(low), schema.get(high)) {
            (Some(low), Some(high)) => format!(", {low} to {high}{unit}"),
            (Some(low), None) => format!(", {low}{unit} at least"),
            (None, Some(high)) => format!(", {high}{unit} at most"),
            (None, None) => continue,
        };
        words.push_str(&range);
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        let _ = write!(words, ", like `{pattern}`");
    }
    words
}

/// What structured output has, in few words.
fn returned(schema: &Value) -> String {
    match schema.get("properties").and_then(Value::as_object) {
        Some(members) if !members.is_empty() => {
            let members: Vec<_> = members.keys().map(String::as_str).collect();
            format!("{{ {} }}", members.join(", "))
        }
        _ => kind(schema),
    }
}

/// Descriptions begin with a line that stands by itself.
fn first_line(description: Option<&str>) -> String {
    let line = description.and_then(|text| text.lines().next());
    line.unwrap_or_default().to_owned()
}
