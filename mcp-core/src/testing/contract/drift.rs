//! How two contracts differ, and which differences break clients.

use std::{fmt, sync::LazyLock};

use serde_json::{Map, Value};

use super::schema::{self, Direction};

/// Every difference, in words.
#[derive(Debug, Default)]
pub(super) struct Drift {
    pub(super) breaks: Vec<String>,
    pub(super) harmless: Vec<String>,
}

impl Drift {
    /// From what was locked to what is offered.
    pub(super) fn between(locked: &Value, offered: &Value) -> Self {
        let mut drift = Self::default();
        drift.entries("tool", locked, offered, "tools", Self::tool);
        drift.entries("resource", locked, offered, "resources", Self::resource);
        let templates = "resourceTemplates";
        drift.entries("template", locked, offered, templates, Self::resource);
        drift.entries("prompt", locked, offered, "prompts", Self::prompt);
        if drift.is_empty() && locked != offered {
            drift.harmless("the lock has what no lock has: it was changed by hand");
        }
        drift
    }

    pub(super) fn is_empty(&self) -> bool {
        self.breaks.is_empty() && self.harmless.is_empty()
    }

    pub(super) fn breaks(&mut self, what: impl fmt::Display) {
        self.breaks.push(what.to_string());
    }

    pub(super) fn harmless(&mut self, what: impl fmt::Display) {
        self.harmless.push(what.to_string());
    }

    /// Entries that are gone, new, called something else, or changed.
    fn entries(
        &mut self,
        kind: &str,
        locked: &Value,
        offered: &Value,
        key: &str,
        compare: fn(&mut Self, &str, &Value, &Value),
    ) {
        let (locked, offered) = (members(locked, key), members(offered, key));
        let gone = locked
            .iter()
            .filter(|(name, _)| !offered.contains_key(*name));
        let mut new: Map<String, Value> = offered
            .iter()
            .filter(|(name, _)| !locked.contains_key(*name))
            .map(|(name, entry)| (name.clone(), entry.clone()))
            .collect();
        for (name, entry) in gone {
            let same = new.iter().find(|(_, other)| *other == entry);
            match same.map(|(other, _)| other.clone()) {
                Some(other) => {
                    new.shift_remove(&other);
                    self.breaks(format_args!("{kind} `{name}` is called `{other}` now"));
                }
                None => self.breaks(format_args!("{kind} `{name}` is gone")),
            }
        }
        for name in new.keys() {
            self.harmless(format_args!("{kind} `{name}` is new"));
        }
        for (name, before) in locked {
            if let Some(now) = offered.get(name) {
                let what = format!("{kind} `{name}`");
                self.needs(&what, before, now);
                compare(self, &what, before, now);
            }
        }
    }

    /// Who may use it.
    fn needs(&mut self, what: &str, before: &Value, now: &Value) {
        let needs = |entry: &Value| entry.get("requiresAuth").is_some_and(|it| *it == true);
        match (needs(before), needs(now)) {
            (false, true) => self.breaks(format_args!("{what}: callers must say who they are")),
            (true, false) => self.harmless(format_args!("{what}: anybody may use it")),
            _ => {}
        }
        let scopes = |entry: &Value| entry.get("scopes").and_then(Value::as_array).cloned();
        let before = scopes(before).unwrap_or_default();
        let now = scopes(now).unwrap_or_default();
        for scope in now.iter().filter(|scope| !before.contains(scope)) {
            self.breaks(format_args!("{what}: callers need the scope {scope}"));
        }
        for scope in before.iter().filter(|scope| !now.contains(scope)) {
            self.harmless(format_args!("{what}: callers need no scope {scope}"));
        }
    }

    fn tool(&mut self, tool: &str, before: &Value, now: &Value) {
        self.hints(tool, before.get("annotations"), now.get("annotations"));
        let input = |entry: &Value| entry.get("inputSchema").cloned().unwrap_or_default();
        schema::compare(self, tool, Direction::Input, &input(before), &input(now));
        match (before.get("outputSchema"), now.get("outputSchema")) {
            (Some(before), Some(now)) => {
                schema::compare(self, tool, Direction::Output, before, now);
            }
            (Some(_), None) => self.breaks(format_args!("{tool}: its output has no schema now")),
            (None, Some(_)) => self.harmless(format_args!("{tool}: its output has a schema now")),
            (None, None) => {}
        }
    }

    /// What a tool promises not to do to the world; without a hint, clients take it for the worst.
    fn hints(&mut self, tool: &str, before: Option<&Value>, now: Option<&Value>) {
        let hints = [
            ("readOnlyHint", true),
            ("destructiveHint", false),
            ("idempotentHint", true),
            ("openWorldHint", false),
        ];
        for (hint, promise) in hints {
            let said = |hints: Option<&Value>| hints.and_then(|it| it.get(hint)?.as_bool());
            let promised = |hints| said(hints) == Some(promise);
            match (promised(before), promised(now)) {
                (true, false) => {
                    self.breaks(format_args!(
                        "{tool}: it no longer promises `{hint}: {promise}`"
                    ));
                }
                (false, true) => {
                    self.harmless(format_args!("{tool}: it promises `{hint}: {promise}`"));
                }
                _ if said(before) != said(now) => {
                    self.harmless(format_args!(
                        "{tool}: `{hint}` says the same in other words"
                    ));
                }
                _ => {}
            }
        }
    }

    fn resource(&mut self, resource: &str, before: &Value, now: &Value) {
        match (before.get("mimeType"), now.get("mimeType")) {
            (Some(before), Some(now)) if before != now => {
                self.breaks(format_args!("{resource}: it is {now}, and was {before}"));
            }
            (Some(before), None) => {
                self.breaks(format_args!(
                    "{resource}: it no longer says that it is {before}"
                ));
            }
            (None, Some(now)) => {
                self.harmless(format_args!("{resource}: it says that it is {now}"))
            }
            _ => {}
        }
    }

    fn prompt(&mut self, prompt: &str, before: &Value, now: &Value) {
        let (before, now) = (members(before, "arguments"), members(now, "arguments"));
        let required = |need: Option<&Value>| need.is_some_and(|need| need == "required");
        for name in before.keys().filter(|name| !now.contains_key(*name)) {
            self.breaks(format_args!("{prompt}: argument `{name}` is gone"));
        }
        for (name, need) in now {
            let argument = format!("{prompt}: argument `{name}`");
            match (before.get(name), required(Some(need))) {
                (None, true) => self.breaks(format_args!("{argument} is new and required")),
                (None, false) => self.harmless(format_args!("{argument} is new and optional")),
                (before, true) if !required(before) => {
                    self.breaks(format_args!("{argument} is required now"));
                }
                (before, false) if required(before) => {
                    self.harmless(format_args!("{argument} is optional now"));
                }
                _ => {}
            }
        }
    }
}

/// The members of an object within an entry; none if there is no such object.
fn members<'v>(entry: &'v Value, key: &str) -> &'v Map<String, Value> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    let members = entry.get(key).and_then(Value::as_object);
    members.unwrap_or_else(|| &NONE)
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("This breaks clients:", &self.breaks),
            ("This does not:", &self.harmless),
        ];
        for (title, lines) in parts.into_iter().filter(|(_, lines)| !lines.is_empty()) {
            writeln!(f, "\n{title}")?;
            lines.iter().try_for_each(|line| writeln!(f, "- {line}"))?;
        }
        Ok(())
    }
}
