//! What the server says when it starts: what it serves, and lines to try it with.

use std::fmt;

use mcp_core::{Prompt, Resource, Tool};

use super::network::Counts;

/// The start page.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// Where it listens.
    pub(crate) listening: &'a str,
    /// Where clients find it.
    pub(crate) url: &'a str,
    /// What the program was started as, and the file that everything is kept in.
    pub(crate) program: &'a str,
    pub(crate) data: &'a str,
    pub(crate) counts: Counts,
    pub(crate) offered: &'a [Row],
    pub(crate) callers: Callers<'a>,
}

/// Who may write.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Callers<'a> {
    /// Username and key of demo agents: who sends, and who reads it.
    Demo(&'a [(&'static str, String)]),
    /// So many keys, and who has a token of this issuer.
    Real {
        keys: usize,
        issuer: Option<&'a str>,
    },
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
        let needs = match tool.scopes() {
            [] => String::new(),
            scopes => format!(" (needs {})", scopes.join(" and ")),
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
        let Counts { agents, messages } = self.counts;
        writeln!(
            f,
            "A network of {agents} agents with {messages} messages, kept in {}\n",
            self.data
        )?;
        let names = self.offered.iter().map(|row| row.name.len());
        let widest = names.max().unwrap_or_default();
        for Row { kind, name, about } in self.offered {
            let row = format!("  {kind:<8}  {name:<widest$}  {about}");
            writeln!(f, "{}", row.trim_end())?;
        }
        let (key, reader) = match self.callers {
            Callers::Demo([(_, key), (_, reader), ..]) => (key.as_str(), reader.as_str()),
            _ => ("YOUR_KEY", "KEY_OF_BEACON"),
        };
        writeln!(f, "\n{}\n", self.callers)?;
        writeln!(f, "To try it, paste this into another terminal:\n")?;
        f.write_str(&script(self.url, key, reader))?;
        let voids = match self.callers {
            Callers::Demo(_) => " and voids the demo keys",
            Callers::Real { .. } => "",
        };
        writeln!(f, "\nTo make a key, which works at once{voids}:\n")?;
        writeln!(f, "  {} keys add atlas --data {}", self.program, self.data)?;
        writeln!(f, "\nlistening on {} (Ctrl-C stops it)", self.listening)
    }
}

impl fmt::Display for Callers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Demo(keys) => {
                f.write_str("Demo keys, for as long as there are no others:\n")?;
                for (username, key) in *keys {
                    write!(f, "\n  {username:<8}  {key}")?;
                }
                Ok(())
            }
            Self::Real { keys, issuer } => {
                match keys {
                    0 => f.write_str("There are no keys.")?,
                    1 => f.write_str("There is one key.")?,
                    more => write!(f, "There are {more} keys.")?,
                }
                match issuer {
                    Some(issuer) => write!(f, " Tokens by {issuer} are taken."),
                    None => Ok(()),
                }
            }
        }
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
