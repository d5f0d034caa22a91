//! What a script saw, and how it is held against what was expected.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    Era,
    expected::{agents, everything},
};

/// What a script saw: facts by the name of the check that found them.
pub(super) struct Report(pub(super) Value);

impl Report {
    pub(super) fn has_everything(&self, era: Era) {
        self.has(&everything(era));
        for problem in [
            "`a`: invalid type: string \"many\", expected f64",
            "`b`: required argument is missing",
            "`c`: unknown argument",
        ] {
            self.says("bad_arguments", problem);
        }
        for capability in ["elicitation", "sampling", "roots"] {
            let problem = format!("This needs a client with the capability `{capability}`");
            self.says("calls", &problem);
        }
    }

    /// Two questions at once, and then a third. However often the handler began anew: what it
    /// counts, it counted once.
    pub(super) fn has_conversation(&self, era: Era, session: bool) {
        self.has(&json!({ "conversation": {
            "version": era.version(),
            "session": session,
            "said": "color=to Which color?, size=to Which size?, sure=to Sure?, count=1",
            "asked": ["Which color?", "Which size?", "Sure?"],
        } }));
        // What a client complained of, where it tells.
        let noise = &fact(&self.0, "conversation")["noise"];
        assert!(noise.is_null() || *noise == json!([]), "{noise}");
    }

    pub(super) fn has_agents(&self, era: Era) {
        self.has(&agents(era));
        for problem in [
            "`skills[1]`: invalid type: integer `7`, expected a string",
            "`limit`: 500 is greater than the maximum of 50",
            "`skils`: unknown argument (did you mean `skills`?)",
            "`limits`: unknown argument (did you mean `limit`?)",
            "`page`: unknown argument",
        ] {
            self.says("mistakes", problem);
        }
        self.says("profile", r#""name":"Atlas""#);
        self.says("proposal", "a lighthouse");
        self.says("proposal_without_topic", "`topic`");
        self.says("send_to_nobody", "`agent_search`");
    }

    /// What the client of `mcp` shows of refusals: their JSON-RPC errors, and never their status.
    pub(super) fn has_refusals(&self, code: i32) {
        let refused = |tool: &str| {
            json!({
                "type": "MCPError",
                "code": code,
                "message": format!("Authentication required for tool: {tool}"),
                "data": { "send": ["Authorization: Bearer <key>", "X-API-Key: <key>"] },
            })
        };
        self.has(&json!({
            "anonymous_send": refused("dm_send"),
            "anonymous_inbox": refused("dm_inbox"),
            "bad_key": { "type": "MCPError" },
        }));
    }

    /// Checks that all of this was seen; there may be more.
    pub(super) fn has(&self, expected: &Value) {
        let mut differences = Vec::new();
        compare("", expected, &self.0, &mut differences);
        assert!(
            differences.is_empty(),
            "the client saw:\n{}",
            differences.join("\n")
        );
    }

    /// Checks that one of the strings that a check found has this text in it.
    pub(super) fn says(&self, check: &str, text: &str) {
        let found = fact(&self.0, check);
        let mut said = Vec::new();
        strings(found, &mut said);
        assert!(
            said.iter().any(|said| said.contains(text)),
            "no `{text}` in {check}: {found}"
        );
    }

    /// Checks which kinds of exchanges there were, and that a session's last one was of the last
    /// kind. GET is left out: clients ask for a stream beside everything else.
    pub(super) fn exchanged(&self, check: &str, kinds: &[&str]) {
        let mut lines = Vec::new();
        strings(fact(&self.0, check), &mut lines);
        lines.retain(|line| !line.starts_with("GET "));
        assert_eq!(lines.last(), kinds.last(), "{check}: {lines:?}");
        let [seen, expected] =
            [&*lines, kinds].map(|all| all.iter().copied().collect::<BTreeSet<_>>());
        assert_eq!(seen, expected, "{check}: {lines:?}");
    }
}

/// What stands under a name; null if nothing does.
pub(super) fn fact<'a>(facts: &'a Value, name: &str) -> &'a Value {
    facts.get(name).unwrap_or(&Value::Null)
}

/// Notes where `found` lacks what is expected. What is expected to be null may be absent, too.
fn compare(path: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(members), Value::Object(_)) => {
            for (name, expected) in members {
                let path = format!("{path}/{name}");
                compare(&path, expected, fact(found, name), differences);
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            for (index, (expected, found)) in items.iter().zip(others).enumerate() {
                compare(&format!("{path}/{index}"), expected, found, differences);
            }
        }
        // 50 and 50.0 are the same on the wire.
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
        _ if expected == found => {}
        _ => differences.push(format!("{path}: expected {expected}, found {found}")),
    }
}

/// Every string in a value, in order.
fn strings<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => into.push(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(members) => members.values().for_each(|member| strings(member, into)),
        _ => {}
    }
}
