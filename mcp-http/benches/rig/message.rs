//! What clients of both eras say.

use std::net::SocketAddr;

/// How long the id of a session is, near enough.
const SESSION_LENGTH: usize = 82;

/// How a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    /// As in 2025-11-25, to whoever needs no session.
    Plain,
    /// The same with the headers of a session that nobody asks for.
    Named,
    /// 2025-11-25, in a session.
    Session,
    /// 2026-07-28: all that there is to know, with every request.
    Modern,
}

/// Text of so many bytes, which JSON writes as it is.
pub(crate) fn prose(bytes: usize) -> String {
    "It is a truth universally acknowledged. "
        .chars()
        .cycle()
        .take(bytes)
        .collect()
}

/// One request that is made again and again, and how its answer is known.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) speech: Speech,
    pub(crate) method: &'static str,
    /// Members of `params`, without braces.
    pub(crate) params: String,
    /// What `Mcp-Name` repeats.
    pub(crate) name: Option<&'static str>,
    pub(crate) progress: bool,
    pub(crate) bearer: Option<String>,
    /// What every answer has.
    pub(crate) expected: Vec<String>,
}

impl Asked {
    /// A call of a tool with these members of its arguments, that is answered by this text.
    pub(crate) fn call(speech: Speech, tool: &'static str, arguments: &str, answer: &str) -> Self {
        Self {
            speech,
            method: "tools/call",
            params: format!(r#""name":"{tool}","arguments":{{{arguments}}}"#),
            name: Some(tool),
            progress: false,
            bearer: None,
            expected: vec![format!(r#"{{"type":"text","text":"{answer}"}}"#)],
        }
    }

    /// A call of a tool that repeats `hello`.
    pub(crate) fn hello(speech: Speech, tool: &'static str) -> Self {
        Self::call(speech, tool, r#""text":"hello""#, "hello")
    }

    pub(crate) fn list(speech: Speech) -> Self {
        Self {
            speech,
            method: "tools/list",
            params: String::new(),
            name: None,
            progress: false,
            bearer: None,
            expected: vec![r#""tools":["#.to_owned()],
        }
    }

    /// The request as bytes, in this session.
    pub(crate) fn request(&self, address: SocketAddr, session: Option<&str>) -> Vec<u8> {
        let mut headers = String::new();
        let mut meta = Vec::new();
        if self.progress {
            meta.push(r#""progressToken":"p""#);
        }
        if self.speech == Speech::Modern {
            headers = format!(
                "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {}\r\n",
                self.method
            );
            if let Some(name) = self.name {
                headers += &format!("Mcp-Name: {name}\r\n");
            }
            meta.push(concat!(
                r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
                r#""io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"#,
                r#""io.modelcontextprotocol/clientCapabilities":{}"#,
            ));
        }
        let named = (self.speech == Speech::Named).then(|| "s".repeat(SESSION_LENGTH));
        if let Some(session) = session.or(named.as_deref()) {
            headers = format!("Mcp-Session-Id: {session}\r\nMCP-Protocol-Version: 2025-11-25\r\n");
        }
        let mut params = vec![self.params.clone()];
        if !meta.is_empty() {
            params.push(format!(r#""_meta":{{{}}}"#, meta.join(",")));
        }
        params.retain(|member| !member.is_empty());
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":7,"method":"{}","params":{{{}}}}}"#,
            self.method,
            params.join(",")
        );
        self.post(address, &headers, &body)
    }

    pub(crate) fn initialize(&self, address: SocketAddr) -> Vec<u8> {
        let body = concat!(
            r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":"#,
            r#"{"protocolVersion":"2025-11-25","capabilities":{},"#,
            r#""clientInfo":{"name":"bench","version":"1"}}}"#,
        );
        self.post(address, "", body)
    }

    pub(crate) fn initialized(&self, address: SocketAddr, session: &str) -> Vec<u8> {
        let headers = format!("Mcp-Session-Id: {session}\r\nMCP-Protocol-Version: 2025-11-25\r\n");
        let body = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        self.post(address, &headers, body)
    }

    fn post(&self, address: SocketAddr, headers: &str, body: &str) -> Vec<u8> {
        let bearer = match &self.bearer {
            Some(bearer) => format!("Authorization: Bearer {bearer}\r\n"),
            None => String::new(),
        };
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\n{bearer}{headers}\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body.as_bytes()].concat()
    }
}
