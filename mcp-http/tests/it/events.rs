//! What clients need for streams: an SSE reader that takes nothing on trust, and the messages that
//! tests of streams send.

use std::{
    future::Future,
    sync::{Arc, Mutex},
    time::Duration,
};

use mcp_core::{Ctx, Tool, ToolError, handler::IntoToolOutput};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream},
    sync::{Notify, mpsc},
    time::{Instant, timeout},
};

use crate::client::{Answer, Ask, Client, Local, session};

// ---- what is sent

/// A request by this id.
pub(crate) fn request(id: impl Into<Value>, method: &str, params: &Value) -> Ask {
    let id: Value = id.into();
    Ask::post(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
}

/// A call of a tool without arguments, by this id.
pub(crate) fn call(id: impl Into<Value>, tool: &str) -> Ask {
    request(id, "tools/call", &json!({ "name": tool }))
}

/// The same by a client that wants to know how far it is.
pub(crate) fn watched(id: impl Into<Value>, tool: &str, token: impl Into<Value>) -> Ask {
    let token: Value = token.into();
    let params = json!({ "name": tool, "_meta": { "progressToken": token } });
    request(id, "tools/call", &params)
}

pub(crate) fn notification(method: &str, params: &Value) -> Ask {
    Ask::post(json!({ "jsonrpc": "2.0", "method": method, "params": params }))
}

/// The client does not want that request any more.
pub(crate) fn cancelled(id: impl Into<Value>) -> Ask {
    let id: Value = id.into();
    let params = json!({ "requestId": id, "reason": "changed my mind" });
    notification("notifications/cancelled", &params)
}

/// The client's answer to a request of the server's.
pub(crate) fn answer(question: &Value, result: &Value) -> Ask {
    Ask::post(json!({ "jsonrpc": "2.0", "id": question["id"], "result": result }))
}

/// `initialize` by a client that can be asked this.
pub(crate) fn initialize(version: &str, capabilities: &Value) -> Ask {
    let params = json!({
        "protocolVersion": version,
        "capabilities": capabilities,
        "clientInfo": { "name": "it", "version": "1" },
    });
    request(0, "initialize", &params)
}

/// A stream for what belongs to no call.
pub(crate) fn get(session: &str) -> Ask {
    Ask::new("GET", "/mcp")
        .with("Accept", "text/event-stream")
        .session(session)
}

/// The rest of a stream after this event.
pub(crate) fn resume(session: &str, after: &str) -> Ask {
    get(session).with("Last-Event-ID", after)
}

// ---- what comes back

/// What stands between two blank lines of a stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Block {
    pub(crate) id: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) data: Option<String>,
    pub(crate) retry: Option<u64>,
    pub(crate) comments: usize,
}

impl Block {
    #[track_caller]
    fn parse(text: &str) -> Self {
        let mut block = Self::default();
        for line in text.split('\n') {
            assert!(!line.contains('\r'), "{text:?}");
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            let once = |slot: &mut Option<String>| {
                assert_eq!(slot.replace(value.to_owned()), None, "twice in {text:?}");
            };
            match field {
                "" => block.comments += 1,
                "id" => once(&mut block.id),
                "event" => once(&mut block.event),
                "data" => once(&mut block.data),
                "retry" => {
                    let delay = value.parse().expect("milliseconds");
                    assert_eq!(block.retry.replace(delay), None, "twice in {text:?}");
                }
                _ => panic!("no field of an event: {line:?}"),
            }
        }
        block
    }

    /// Whether it only shows that the connection lives.
    pub(crate) fn is_comment(&self) -> bool {
        let Self { comments, .. } = *self;
        comments > 0
            && *self
                == Self {
                    comments,
                    ..Self::default()
                }
    }

    /// The message it carries, which must be one.
    #[track_caller]
    pub(crate) fn message(&self) -> Value {
        assert!(
            matches!(self.event.as_deref(), Some("message")) && self.retry.is_none(),
            "{self:?}"
        );
        let data = self.data.as_deref().expect("data");
        let message: Value = serde_json::from_str(data).expect("JSON");
        assert_eq!(message["jsonrpc"], "2.0", "{data}");
        message
    }
}

/// A response whose body is a stream of events; it has the connection to itself meanwhile.
pub(crate) struct Stream<S> {
    client: Client<S>,
    /// What has come and is no whole block yet.
    text: String,
    over: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// Sends a request that must be answered with a stream.
    pub(crate) async fn stream(mut self, ask: &Ask) -> Stream<S> {
        self.write(ask.text()).await;
        self.stream_begins().await
    }

    /// Reads the head of a response that must be a stream.
    pub(crate) async fn stream_begins(mut self) -> Stream<S> {
        let head = self.begin().await;
        assert_eq!(head.status, 200, "{head:?}");
        for (name, value) in [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-cache"),
            ("x-accel-buffering", "no"),
            ("transfer-encoding", "chunked"),
        ] {
            assert_eq!(head.header(name), Some(value), "{head:?}");
        }
        assert_eq!(head.header("content-length"), None, "{head:?}");
        Stream {
            client: self,
            text: String::new(),
            over: false,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream<S> {
    /// The next block; none at the end of the body.
    pub(crate) async fn block(&mut self) -> Option<Block> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (Block::parse(block), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            if self.over {
                assert_eq!(self.text, "", "a block without an end");
                return None;
            }
            let chunk = self.client.chunk().await;
            self.over = chunk.is_empty();
            self.text
                .push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }

    /// The next block that is no mere comment.
    pub(crate) async fn event(&mut self) -> Option<Block> {
        loop {
            let block = self.block().await?;
            if !block.is_comment() {
                return Some(block);
            }
        }
    }

    /// The next message. A first event without one is passed over.
    pub(crate) async fn message(&mut self) -> Value {
        loop {
            let event = self.event().await.expect("a message, not the end");
            if event.data.as_deref() != Some("") {
                return event.message();
            }
        }
    }

    /// All messages up to the end of the body.
    pub(crate) async fn messages(&mut self) -> Vec<Value> {
        let mut messages = Vec::new();
        while let Some(event) = self.event().await {
            if event.data.as_deref() != Some("") {
                messages.push(event.message());
            }
        }
        messages
    }

    /// The response that must come next, and be the last.
    pub(crate) async fn response(mut self) -> (Value, Client<S>) {
        let response = self.message().await;
        assert!(
            response.get("method").is_none() && response.get("id").is_some(),
            "{response}"
        );
        let client = self.ended().await;
        (response, client)
    }

    /// Waits for the end, before which no message may come.
    pub(crate) async fn ended(mut self) -> Client<S> {
        assert_eq!(self.event().await, None);
        self.client
    }

    /// Waits until the connection is cut or the body ends; what came before is dropped.
    pub(crate) async fn cut(mut self) {
        while self.client.more().await {}
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// The next chunk of a chunked body; empty at its end.
    async fn chunk(&mut self) -> Vec<u8> {
        let mut size = String::new();
        while !size.ends_with("\r\n") {
            size.push(self.take(1).await[0].into());
        }
        let size = usize::from_str_radix(size.trim_end(), 16).expect("the size of a chunk");
        let mut chunk = self.take(size + 2).await;
        assert_eq!(chunk.split_off(size), b"\r\n");
        chunk
    }
}

/// The text that a tool answered with.
#[track_caller]
pub(crate) fn text(response: &Value) -> &str {
    let text = response["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("no text: {response}"))
}

/// Code of an error.
#[track_caller]
pub(crate) fn code(response: &Value) -> i64 {
    let code = response["error"]["code"].as_i64();
    code.unwrap_or_else(|| panic!("no error: {response}"))
}

// ---- sessions

/// Asks for a session on a connection of its own.
pub(crate) async fn new_session(server: &Local, capabilities: &Value) -> String {
    let ask = initialize("2025-11-25", capabilities);
    session(&server.connect().ask(&ask).await)
}

impl Local {
    /// Asks on a connection of its own.
    pub(crate) async fn ask(&self, ask: &Ask) -> Answer {
        self.connect().ask(ask).await
    }

    /// Sends on a connection of its own what must be accepted without a word.
    pub(crate) async fn tell(&self, ask: &Ask) {
        let answer = self.ask(ask).await;
        assert_eq!((answer.status, answer.body.as_str()), (202, ""));
    }

    /// Opens a stream on a connection of its own.
    pub(crate) async fn stream(&self, ask: &Ask) -> Stream<DuplexStream> {
        self.connect().stream(ask).await
    }
}

// ---- what tools of these tests are made of

/// A tool that takes whatever it is given.
pub(crate) fn tool<O, M, Fut>(name: &str, run: impl Fn(Ctx) -> Fut + Send + Sync + 'static) -> Tool
where
    O: IntoToolOutput<M> + 'static,
    Fut: Future<Output = Result<O, ToolError>> + Send + 'static,
{
    Tool::builder(name)
        .description("A tool of this test")
        .handler(move |_: Map<String, Value>, ctx| run(ctx))
}

/// What happened, in order, told to the test.
#[derive(Clone)]
pub(crate) struct Told(mpsc::UnboundedSender<&'static str>);

/// What the test is told.
pub(crate) struct Hears(mpsc::UnboundedReceiver<&'static str>);

pub(crate) fn telling() -> (Told, Hears) {
    let (told, hears) = mpsc::unbounded_channel();
    (Told(told), Hears(hears))
}

impl Told {
    pub(crate) fn tell(&self, what: &'static str) {
        // A test that has ended wants to know no more.
        let _ = self.0.send(what);
    }

    /// Tells when it is dropped.
    pub(crate) fn when_dropped(&self, what: &'static str) -> WhenDropped {
        WhenDropped(self.clone(), what)
    }
}

pub(crate) struct WhenDropped(Told, &'static str);

impl Drop for WhenDropped {
    fn drop(&mut self) {
        self.0.tell(self.1);
    }
}

impl Hears {
    /// What happens next must be this.
    pub(crate) async fn hear(&mut self, what: &str) {
        let heard = timeout(Duration::from_secs(120), self.0.recv()).await;
        assert_eq!(heard.expect("nothing happens"), Some(what));
    }

    /// The same within 100 ms.
    pub(crate) async fn hear_soon(&mut self, what: &str) {
        let start = Instant::now();
        self.hear(what).await;
        assert!(start.elapsed() <= Duration::from_millis(100), "{what}");
    }

    /// Whether this has happened; nothing else may have.
    pub(crate) fn is(&mut self, what: &str) -> bool {
        let heard = self.0.try_recv().ok();
        assert!(heard.is_none_or(|heard| heard == what), "{heard:?}");
        heard.is_some()
    }

    /// Nothing has happened that was not heard.
    pub(crate) fn nothing(&mut self) {
        assert_eq!(self.0.try_recv().ok(), None);
    }
}

/// Something that tools wait for.
#[derive(Clone, Default)]
pub(crate) struct Signal(Arc<Notify>);

impl Signal {
    /// Lets one waiting tool go on, or the next one.
    pub(crate) fn give(&self) {
        self.0.notify_one();
    }

    pub(crate) async fn wait(&self) {
        self.0.notified().await;
    }
}

/// Where a tool leaves something for the test.
pub(crate) struct Shelf<T>(Arc<Mutex<Option<T>>>);

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Shelf<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Shelf<T> {
    pub(crate) fn put(&self, value: T) {
        *self.0.lock().unwrap() = Some(value);
    }

    #[track_caller]
    pub(crate) fn take(&self) -> T {
        let value = self.0.lock().unwrap().take();
        value.expect("something on the shelf")
    }
}
