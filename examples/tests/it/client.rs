//! A client of a few lines: plain HTTP/1.1 over one connection, so that a test sees every header.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

/// Longer than any answer takes; whoever waits longer waits for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of one server, in one session at most.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    host: String,
    path: String,
    /// Sent as `Authorization: Bearer`.
    key: Option<String>,
    /// Sent as `X-Forwarded-For`.
    forwarded_for: Option<String>,
    /// Sent as `Mcp-Session-Id`.
    session: Option<String>,
    last_id: u64,
}

impl Client {
    /// Connects to `http://HOST:PORT/PATH`. No session is begun.
    pub(crate) fn connect(url: &str) -> Self {
        let rest = url.strip_prefix("http://").expect("an http URL");
        let (host, path) = rest.split_once('/').expect("a URL with a path");
        let stream = TcpStream::connect(host).expect("nobody listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream: BufReader::new(stream),
            host: host.to_owned(),
            path: format!("/{path}"),
            key: None,
            forwarded_for: None,
            session: None,
            last_id: 0,
        }
    }

    /// The same, presenting this API key from now on.
    pub(crate) fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The same, as a proxy that says where it comes from.
    pub(crate) fn forwarded_for(mut self, addresses: impl Into<String>) -> Self {
        self.forwarded_for = Some(addresses.into());
        self
    }

    /// The same, in a session that another client began.
    pub(crate) fn resume(mut self, session: impl Into<String>) -> Self {
        self.session = Some(session.into());
        self
    }

    /// The same, in a session of its own.
    pub(crate) fn initialized(mut self) -> Self {
        let answer = self.initialize();
        assert_eq!(answer.status, 200, "{answer:?}");
        let message = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(self.post(&message).status, 202);
        self
    }

    /// The id of the session, once there is one.
    pub(crate) fn session(&self) -> &str {
        self.session.as_deref().expect("a session")
    }

    /// Begins a session, and stays in it.
    pub(crate) fn initialize(&mut self) -> Answer {
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "tests", "version": "0" },
        });
        self.session = None;
        let answer = self.request("initialize", params);
        self.session = answer.header("mcp-session-id").map(str::to_owned);
        answer
    }

    /// Calls a tool.
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Answer {
        self.request(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        )
    }

    /// Sends a request with the next id.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Answer {
        self.last_id += 1;
        let message =
            json!({ "jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params });
        self.post(&message)
    }

    /// Posts this message as it is.
    pub(crate) fn post(&mut self, message: &Value) -> Answer {
        self.send("POST", &message.to_string())
    }

    /// Ends the session.
    pub(crate) fn delete(&mut self) -> Answer {
        self.send("DELETE", "")
    }

    fn send(&mut self, method: &str, body: &str) -> Answer {
        let Self { path, host, .. } = self;
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n");
        if !body.is_empty() {
            head += "content-type: application/json\r\n";
            head += "accept: application/json, text/event-stream\r\n";
        }
        head += &format!("content-length: {}\r\n", body.len());
        if let Some(key) = &self.key {
            head += &format!("authorization: Bearer {key}\r\n");
        }
        if let Some(addresses) = &self.forwarded_for {
            head += &format!("x-forwarded-for: {addresses}\r\n");
        }
        if let Some(session) = &self.session {
            head += &format!("mcp-session-id: {session}\r\nmcp-protocol-version: 2025-11-25\r\n");
        }
        let stream = self.stream.get_mut();
        stream
            .write_all(format!("{head}\r\n{body}").as_bytes())
            .unwrap();
        self.receive()
    }

    fn receive(&mut self) -> Answer {
        let status = self.line();
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer {
            status: status.expect("a status line"),
            headers,
            body: String::new(),
        };
        assert_eq!(
            answer.header("transfer-encoding"),
            None,
            "streams are not read here"
        );
        let length = answer
            .header("content-length")
            .map(|length| length.parse().unwrap());
        let mut body = vec![0; length.unwrap_or_default()];
        self.stream.read_exact(&mut body).unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names are in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The one header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "`{name}` is there twice: {self:?}");
        value
    }

    /// The whole body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The result of a request that was not refused.
    pub(crate) fn result(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()
            .get("result")
            .unwrap_or_else(|| panic!("no result: {self:?}"))
            .clone()
    }

    /// The error of a request that was refused.
    pub(crate) fn error(&self) -> Value {
        self.json()
            .get("error")
            .unwrap_or_else(|| panic!("no error: {self:?}"))
            .clone()
    }

    /// What a tool that did its work has for programs.
    pub(crate) fn structured(&self) -> Value {
        let result = self.result();
        assert_ne!(result["isError"], true, "{self:?}");
        result["structuredContent"].clone()
    }

    /// What a tool that could not do its work has for the model to read.
    pub(crate) fn complaint(&self) -> String {
        let result = self.result();
        assert_eq!(result["isError"], true, "{self:?}");
        assert!(result.get("structuredContent").is_none(), "{self:?}");
        result["content"][0]["text"]
            .as_str()
            .expect("text")
            .to_owned()
    }
}
