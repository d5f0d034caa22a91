//! A client that sees the bytes: it writes requests as text and reads responses strictly.

use std::{fmt, net::SocketAddr, time::Duration};

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use mcp_http::{HttpServer, McpService};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

/// When a test gives up waiting: beyond every limit that is set or left at its default here.
const PATIENCE: Duration = Duration::from_secs(120);

/// A request, to be written as it stands.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Ask {
    /// A request without a body, to a name of this machine.
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self {
            line: format!("{method} {target} HTTP/1.1"),
            headers: Vec::new(),
            body: String::new(),
        }
        .with("Host", "localhost")
    }

    /// What clients POST: this body, as JSON, with what the specification wants beside it.
    pub(crate) fn post(body: impl fmt::Display) -> Self {
        let body = body.to_string();
        let mut ask = Self::new("POST", "/mcp")
            .with("Content-Type", "application/json")
            .with("Accept", "application/json, text/event-stream")
            .with("Content-Length", body.len());
        ask.body = body;
        ask
    }

    /// A request for a method, by id 1.
    pub(crate) fn rpc(method: &str, params: &Value) -> Self {
        Self::post(json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
    }

    /// A call of a tool, by id 1.
    pub(crate) fn call(tool: &str, arguments: &Value) -> Self {
        Self::rpc(
            "tools/call",
            &json!({ "name": tool, "arguments": arguments }),
        )
    }

    /// `ping`, by id 1.
    pub(crate) fn ping() -> Self {
        Self::post(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)
    }

    /// `initialize`, by id 0.
    pub(crate) fn initialize(version: &str) -> Self {
        Self::post(json!({
            "jsonrpc": "2.0", "id": 0, "method": "initialize",
            "params": {
                "protocolVersion": version,
                "capabilities": {},
                "clientInfo": { "name": "it", "version": "1" },
            },
        }))
    }

    /// The end of a session.
    pub(crate) fn delete(session: &str) -> Self {
        Self::new("DELETE", "/mcp").session(session)
    }

    /// The same with one more header, after those that are there.
    pub(crate) fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// The same without a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// The same with this header in place of one that is there.
    pub(crate) fn instead(self, name: &str, value: impl fmt::Display) -> Self {
        self.without(name).with(name, value)
    }

    /// The same within a session.
    pub(crate) fn session(self, id: &str) -> Self {
        self.with("Mcp-Session-Id", id)
    }

    /// The same by whoever this key belongs to.
    pub(crate) fn key(self, key: &str) -> Self {
        self.with("Authorization", format_args!("Bearer {key}"))
    }

    /// The same for another target.
    pub(crate) fn at(mut self, target: &str) -> Self {
        let method = self.line.split(' ').next().unwrap().to_owned();
        self.line = format!("{method} {target} HTTP/1.1");
        self
    }

    /// The same by another method.
    pub(crate) fn by(mut self, method: &str) -> Self {
        let rest = self.line.split_once(' ').unwrap().1;
        self.line = format!("{method} {rest}");
        self
    }

    /// Everything up to the body.
    pub(crate) fn head(&self) -> String {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("{}\r\n{}\r\n", self.line, headers.collect::<String>())
    }

    /// What comes after that.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        self.head() + &self.body
    }
}

/// A response, as it was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The one value of a header; it must not be there twice.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "`{name}` is there twice: {self:?}");
        value
    }

    /// Whether a comma-separated header lists this; several lines are one list.
    pub(crate) fn lists(&self, name: &str, item: &str) -> bool {
        let mut lines = self.headers.iter();
        lines.any(|(known, value)| {
            known.eq_ignore_ascii_case(name)
                && value
                    .split(',')
                    .any(|known| known.trim().eq_ignore_ascii_case(item))
        })
    }

    /// All header lines that CORS is made of.
    pub(crate) fn cors(&self) -> Vec<&(String, String)> {
        self.headers
            .iter()
            .filter(|(name, _)| {
                name.to_ascii_lowercase()
                    .starts_with("access-control-allow")
            })
            .collect()
    }

    /// The body as the one message that it must be, whatever the status.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(
            self.header("content-type"),
            Some("application/json"),
            "{self:?}"
        );
        assert!(
            !self.body.contains(['\n', '\r']),
            "a message is one line: {self:?}"
        );
        let message: Value = serde_json::from_str(&self.body).expect("a JSON body");
        assert_eq!(message["jsonrpc"], "2.0", "{self:?}");
        let parts = [message.get("result"), message.get("error")];
        assert_eq!(
            parts.iter().flatten().count(),
            1,
            "either result or error: {self:?}"
        );
        message
    }

    /// The result of a request that went well.
    #[track_caller]
    pub(crate) fn result(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        let mut message = self.json();
        let result = message.get_mut("result").map(Value::take);
        result.unwrap_or_else(|| panic!("no result: {self:?}"))
    }

    /// The text of a tool's result, and whether it is an error.
    #[track_caller]
    pub(crate) fn said(&self) -> (String, bool) {
        let result = self.result();
        let text = result["content"][0]["text"].as_str();
        let text = text.unwrap_or_else(|| panic!("no text: {self:?}"));
        (text.to_owned(), result["isError"] == true)
    }

    /// Code and message of an error, with this status.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> (i64, String) {
        assert_eq!(self.status, status, "{self:?}");
        let message = self.json();
        let (code, text) = (
            message["error"]["code"].as_i64(),
            message["error"]["message"].as_str(),
        );
        let (Some(code), Some(text)) = (code, text) else {
            panic!("no error: {self:?}")
        };
        (code, text.to_owned())
    }

    /// What a refusal with this status says; it must say all of `words`.
    #[track_caller]
    pub(crate) fn refuses(&self, status: u16, words: &[&str]) {
        let (_, text) = self.error(status);
        for word in words {
            assert!(text.contains(word), "{word:?} is not in {text:?}");
        }
    }
}

/// One connection, seen from the client.
pub(crate) struct Client<S> {
    stream: S,
    unread: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// Sends bytes, whatever they are.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let written = timeout(PATIENCE, self.stream.write_all(bytes.as_ref())).await;
        written
            .expect("the server reads no more")
            .expect("an open connection");
    }

    /// Sends a request and reads its response, after which nothing else may have come.
    pub(crate) async fn ask(&mut self, ask: &Ask) -> Answer {
        self.write(ask.text()).await;
        let answer = self.read_for(&ask.line).await;
        assert!(
            self.unread.is_empty(),
            "more than one response: {:?}",
            String::from_utf8_lossy(&self.unread)
        );
        answer
    }

    /// The next response.
    pub(crate) async fn read(&mut self) -> Answer {
        self.read_for("").await
    }

    /// Reads status and headers of a response; its body is still to come.
    pub(crate) async fn begin(&mut self) -> Answer {
        let head = self.head().await;
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap();
        let status = status.strip_prefix("HTTP/1.1 ").expect(status);
        let (code, _reason) = status.split_once(' ').expect("a status and a reason");
        let code: u16 = code.parse().expect("a status code");
        let headers: Vec<_> = lines
            .map(|line| {
                let (name, value) = line.split_once(':').expect("a header");
                assert!(
                    !name.is_empty() && !name.contains(char::is_whitespace),
                    "{line:?}"
                );
                (name.to_owned(), value.trim().to_owned())
            })
            .collect();
        Answer {
            status: code,
            headers,
            body: String::new(),
        }
    }

    async fn read_for(&mut self, line: &str) -> Answer {
        let mut answer = self.begin().await;
        let code = answer.status;
        assert_eq!(
            answer.header("transfer-encoding"),
            None,
            "its length is known: {answer:?}"
        );
        let length = answer
            .header("content-length")
            .map(|length| length.parse().expect("a length"));
        let bodiless = code < 200 || code == 204;
        assert_eq!(length.is_none(), bodiless, "{answer:?}");
        if !line.starts_with("HEAD ") {
            let body = self.take(length.unwrap_or(0)).await;
            answer.body = String::from_utf8(body).expect("UTF-8");
        }
        answer
    }

    /// Reads to the end of a head, without its last line break.
    async fn head(&mut self) -> String {
        loop {
            let end = self.unread.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                let mut head: Vec<u8> = self.unread.drain(..end + 4).collect();
                head.truncate(end);
                return String::from_utf8(head).expect("UTF-8");
            }
            assert!(
                self.more().await,
                "closed in place of a response: {:?}",
                String::from_utf8_lossy(&self.unread)
            );
        }
    }

    /// Reads so many bytes.
    pub(crate) async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.unread.len() < length {
            assert!(self.more().await, "closed within a body");
        }
        self.unread.drain(..length).collect()
    }

    /// Reads what is there; false at the end.
    pub(crate) async fn more(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        let read = timeout(PATIENCE, self.stream.read(&mut buffer)).await;
        match read.expect("the server says nothing") {
            Ok(0) => false,
            Ok(length) => {
                self.unread.extend_from_slice(&buffer[..length]);
                true
            }
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// Waits until the server closes the connection, without another byte.
    pub(crate) async fn closed(&mut self) {
        while self.more().await {}
        assert_eq!(
            String::from_utf8_lossy(&self.unread),
            "",
            "said before it was closed"
        );
    }

    /// All that comes until the server closes the connection.
    pub(crate) async fn rest(mut self) -> String {
        while self.more().await {}
        String::from_utf8(self.unread).expect("UTF-8")
    }

    /// Waits until the server closes the connection, with a response of this status or without.
    pub(crate) async fn closed_or(&mut self, status: u16) {
        while self.more().await {}
        if !self.unread.is_empty() {
            assert_eq!(self.read().await.status, status);
        }
    }

    /// Says that no more will be sent.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.expect("an open connection");
    }

    /// A session of the newest revision.
    pub(crate) async fn initialize(&mut self) -> String {
        self.initialize_at("2025-11-25").await
    }

    /// A session of a revision.
    pub(crate) async fn initialize_at(&mut self, version: &str) -> String {
        session(&self.ask(&Ask::initialize(version)).await)
    }
}

impl Client<TcpStream> {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect(address).await.expect("a connection"))
    }

    /// Whether anything has come, or the end.
    pub(crate) fn is_answered(&self) -> bool {
        !self.unread.is_empty() || self.stream.try_read(&mut [0]).is_ok()
    }
}

/// The session that `initialize` was answered with.
#[track_caller]
pub(crate) fn session(answer: &Answer) -> String {
    answer.result();
    let id = answer.header("mcp-session-id");
    id.unwrap_or_else(|| panic!("no session: {answer:?}"))
        .to_owned()
}

/// A server within this process, without a listener.
pub(crate) struct Local(McpService);

/// Serves without a listener.
#[track_caller]
pub(crate) fn local(http: HttpServer) -> Local {
    Local(http.into_service().expect("a server that can be built"))
}

impl Local {
    /// The service itself.
    pub(crate) fn service(&self) -> &McpService {
        &self.0
    }

    /// One connection through memory.
    pub(crate) fn connect(&self) -> Client<DuplexStream> {
        serve(self.0.clone())
    }

    /// The same from this address.
    pub(crate) fn connect_from(&self, address: &str) -> Client<DuplexStream> {
        let address = address.parse().expect("an address");
        serve(self.0.peer(SocketAddr::new(address, 4711)))
    }
}

fn serve(service: McpService) -> Client<DuplexStream> {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(theirs), service);
    tokio::spawn(served);
    Client::new(ours)
}

/// A connection to a server of its own.
#[track_caller]
pub(crate) fn connect(http: HttpServer) -> Client<DuplexStream> {
    local(http).connect()
}

/// A server behind a listener.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<mcp_http::Result>,
}

/// Serves on a port of this machine that is free.
pub(crate) async fn listen(http: HttpServer) -> Listening {
    let bound = http.bind("127.0.0.1:0").await.expect("a free port");
    let address = bound.local_addr();
    let (stop, stopped) = oneshot::channel();
    let served = tokio::spawn(bound.serve_until(async {
        // Dropped or sent, it says the same.
        let _ = stopped.await;
    }));
    Listening {
        address,
        stop,
        served,
    }
}

impl Listening {
    pub(crate) async fn connect(&self) -> Client<TcpStream> {
        Client::connect(self.address).await
    }

    /// Tells the server to stop; what is returned is ready when it has.
    pub(crate) fn stop(self) -> impl Future<Output = ()> {
        self.stop.send(()).expect("a server that runs");
        async {
            let served = timeout(PATIENCE, self.served).await;
            let served = served.expect("the server does not stop");
            served.expect("no panic").expect("no error");
        }
    }
}
