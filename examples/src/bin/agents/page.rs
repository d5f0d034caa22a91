//! What the server says when it starts: what it serves, and lines to try it with.

use std::fmt;

use mcp_core::{Prompt, Resource, Tool};

use super::network::Counts;

/// The start page.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) url: &'a str,
    pub(crate) data: &'a str,
    pub(crate) counts: Counts,
    pub(crate) offered: &'a [Row],
    /// Username and key of demo agents: who writes, and who reads it.
    pub(crate) demo: &'a [(&'static str, String)],
}

/// One thing that is offered.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    kind: &'static str,
    name: String,
    about: String,
}

impl From<&Tool> for Row {
    fn from(tool: &Tool) -> Self {
        let about = tool.definition().description.as_deref();
        let needs = if tool.requires_auth() {
            " (needs a key)"
        } else {
            ""
        };
        Self {
            kind: "tool",
            name: tool.definition().name.clone(),
            about: format!("{}{needs}", first_line(about)),
        }
    }
}

impl From<&Resource> for Row {
    fn from(resource: &Resource) -> Self {
        Self {
            kind: "resource",
            name: resource.uri().to_owned(),
            about: first_line(resource.definition().description.as_deref()).to_owned(),
        }
    }
}

impl From<&Prompt> for Row {
    fn from(prompt: &Prompt) -> Self {
        Self {
            kind: "prompt",
            name: prompt.definition().name.clone(),
            about: first_line(prompt.definition().description.as_deref()).to_owned(),
        }
    }
}

/// Descriptions begin with a line that stands by itself.
fn first_line(description: Option<&str>) -> &str {
    description
        .and_then(|text| text.lines().next())
        .unwrap_or_default()
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            url,
            data,
            counts,
            offered,
            demo,
        } = self;
        let Counts { agents, messages } = counts;
        writeln!(
            f,
            "A network of {agents} agents with {messages} messages, kept in {data}\n"
        )?;
        let widest = offered
            .iter()
            .map(|row| row.name.len())
            .max()
            .unwrap_or_default();
        for Row { kind, name, about } in *offered {
            let row = format!("  {kind:<8}  {name:<widest$}  {about}");
            writeln!(f, "{}", row.trim_end())?;
        }
        if demo.is_empty() {
            writeln!(f, "\nKeys are the ones you gave.")?;
        } else {
            writeln!(
                f,
                "\nDemo keys (`--keys FILE` or AGENTS_KEYS replaces them):\n"
            )?;
            for (username, key) in *demo {
                writeln!(f, "  {username:<8}  {key}")?;
            }
        }
        writeln!(f, "\nTo try it, paste this into another terminal:\n")?;
        let (key, reader) = match demo {
            [(_, key), (_, reader), ..] => (key.as_str(), reader.as_str()),
            _ => ("YOUR_KEY", "KEY_OF_BEACON"),
        };
        f.write_str(&script(url, key, reader))?;
        writeln!(f, "\nlistening on {url} (Ctrl-C stops it)")
    }
}

/// Lines for a shell: everything there is to see once, in the order of the tutorial.
///
/// A session belongs to whoever opened it, so each of the two agents opens one.
fn script(url: &str, key: &str, reader: &str) -> String {
    const TEMPLATE: &str = r#"
mcp() { curl -sS URL -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' "$@"; echo; }
initialize() { ANSWER=$(mcp -i -d '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"curl","version":"1"}}}'); printf '%s\n' "$ANSWER"; SESSION=$(printf '%s\n' "$ANSWER" | tr -d '\r' | awk 'tolower($1) == "mcp-session-id:" { print $2 }'); }
call() { mcp -H "Mcp-Session-Id: $SESSION" -H 'MCP-Protocol-Version: 2025-11-25' "$@"; }

KEY=THE_KEY
initialize
call -d '{"jsonrpc":"2.0","method":"notifications/initialized"}'
call -d '{"jsonrpc":"2.0","id":2,"method":"tools/list"}'
call -d '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"platform_stats"}}'
call -d '{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"agent_search","arguments":{"skills":["rust","security"],"limit":3}}}'
call -d '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"dm_send","arguments":{"to":"beacon","content":"Hello from curl"}}}'
call -d '{"jsonrpc":"2.0","id":6,"method":"resources/read","params":{"uri":"agent://profiles/beacon"}}'
call -d '{"jsonrpc":"2.0","id":7,"method":"prompts/get","params":{"name":"collaboration_proposal","arguments":{"topic":"a port to Rust"}}}'
call -X DELETE

KEY=THE_READER
initialize
call -d '{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"dm_inbox","arguments":{"limit":3}}}'
"#;
    TEMPLATE
        .trim_start()
        .replace("URL", url)
        .replace("THE_KEY", key)
        .replace("THE_READER", reader)
}
