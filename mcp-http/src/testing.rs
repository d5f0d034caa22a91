//! Testing over HTTP without a socket: requests with their headers, answers as JSON or as streams.
//!
//! ```
//! use mcp_core::{era::Era, prelude::*, testing::Client};
//! use mcp_http::testing::Http;
//! use serde_json::json;
//!
//! /// Say hello
//! #[mcp_tool]
//! fn hello(name: String) -> String {
//!     format!("Hello, {name}!")
//! }
//!
//! # mcp_core::testing::block_on(async {
//! let server = Server::new("hello", "1.0.0").tools(tools![hello]);
//! let client = Client::over(Era::Modern, Http::new(server));
//! let said = client.call_tool("hello", json!({ "name": "World" })).await?;
//! assert_eq!(said.text(), "Hello, World!");
//! # Ok::<(), mcp_core::testing::RpcError>(())
//! # }).unwrap();
//! ```

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::service::Service as _;
use mcp_core::{
    Identity, IntoHandler,
    era::{Era, fork, modern::Opened},
    jsonrpc::{self, ErrorObject, Message, RequestId},
    testing::{Connection, Inbox, Transport},
};
use serde_json::Value;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};

use crate::{
    Body, HttpServer, McpService,
    auth::{Authenticator, Credential, Unavailable},
    header::{JSON, PROTOCOL_VERSION, SESSION_ID},
};

const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// What clients accept.
const ACCEPT: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");
/// What a client with an identity shows.
const TOKEN: &str = "of-the-test";

/// Over HTTP, by the [service](HttpServer::into_service) that a router or a listener would call.
///
/// A client with an [identity](mcp_core::testing::Client::identity) shows a token that this server
/// knows it by, besides whatever else it knows.
pub struct Http {
    server: HttpServer,
    headers: HeaderMap,
}

impl Http {
    /// To this server, with every setting at its default.
    pub fn new(server: impl IntoHandler) -> Self {
        Self::serving(HttpServer::new(server))
    }

    /// To a server with settings.
    pub fn serving(server: HttpServer) -> Self {
        Self {
            server,
            headers: HeaderMap::new(),
        }
    }

    /// The same, with one more header on every request.
    ///
    /// ```
    /// use http::{HeaderValue, header::AUTHORIZATION};
    /// use mcp_core::{era::Era, prelude::*, testing::Client};
    /// use mcp_http::{HttpServer, auth::ApiKeys, testing::Http};
    /// use serde_json::json;
    ///
    /// /// Who asks?
    /// #[mcp_tool]
    /// fn whoami(who: Identity) -> String {
    ///     who.subject().to_owned()
    /// }
    ///
    /// # mcp_core::testing::block_on(async {
    /// let server = HttpServer::new(Server::new("who", "1.0.0").tools(tools![whoami]))
    ///     .auth(ApiKeys::new([("correct-horse-battery", "alice")]))
    ///     .require_auth();
    /// let key = HeaderValue::from_static("Bearer correct-horse-battery");
    /// let client = Client::over(Era::Modern, Http::serving(server).header(AUTHORIZATION, key));
    /// assert_eq!(client.call_tool("whoami", json!({})).await?.text(), "alice");
    /// # Ok::<(), mcp_core::testing::RpcError>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }
}

impl Transport for Http {
    fn connect(
        self: Box<Self>,
        caller: Option<Identity>,
        inbox: Inbox,
    ) -> Result<Box<dyn Connection>, String> {
        let Self {
            mut server,
            mut headers,
        } = *self;
        if let Some(caller) = caller.clone() {
            server = server.auth(Known(caller));
            let token = format!("Bearer {TOKEN}");
            let token = HeaderValue::try_from(token).map_err(|error| error.to_string())?;
            headers.insert(header::AUTHORIZATION, token);
        }
        let service = server.into_service().map_err(|error| error.to_string())?;
        let (messages, waiting) = mpsc::unbounded_channel();
        let post = Post {
            service,
            headers,
            caller,
            inbox,
            session: Arc::default(),
        };
        let mut task = JoinSet::new();
        task.spawn(post.all(waiting));
        Ok(Box::new(Connected {
            messages,
            _task: task,
        }))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Http").field(&self.server).finish()
    }
}

/// Knows one caller.
struct Known(Identity);

#[async_trait::async_trait]
impl Authenticator for Known {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable> {
        Ok((credential.secret() == TOKEN).then(|| self.0.clone()))
    }
}

struct Connected {
    messages: mpsc::UnboundedSender<String>,
    /// Aborted when dropped.
    _task: JoinSet<()>,
}

impl Connection for Connected {
    fn send(&self, message: String) {
        // It ends with the connection only.
        let _ = self.messages.send(message);
    }
}

/// Posts messages, one after the other; answers are read side by side.
#[derive(Clone)]
struct Post {
    service: McpService,
    headers: HeaderMap,
    caller: Option<Identity>,
    inbox: Inbox,
    /// What `initialize` was answered: the session, and the revision.
    session: Arc<Mutex<HeaderMap>>,
}

impl Post {
    async fn all(self, mut waiting: mpsc::UnboundedReceiver<String>) {
        let mut reading = JoinSet::new();
        let mut running: HashMap<RequestId, AbortHandle> = HashMap::new();
        while let Some(text) = waiting.recv().await {
            while reading.try_join_next().is_some() {}
            let Ok(message) = Message::parse(text.as_bytes()) else {
                self.inbox.fail(format_args!("not a message: {text}"));
                continue;
            };
            let headers = self.headers_of(&message);
            match &message {
                Message::Request { id, method, .. } => {
                    let (post, id, begins) = (self.clone(), id.clone(), method == "initialize");
                    let (key, text) = (id.clone(), text.clone());
                    let task = reading.spawn(async move {
                        post.ask(&id, begins, headers, text).await;
                    });
                    running.retain(|_, task| !task.is_finished());
                    running.insert(key, task);
                }
                // In the modern era a call is cancelled by closing its stream.
                Message::Notification { method, params } if method == "notifications/cancelled" => {
                    if !self.session().is_empty() {
                        self.tell(headers, text.clone()).await;
                    }
                    let id = params.and_then(|params| cancelled(params.get()));
                    if let Some(task) = id.and_then(|id| running.remove(&id)) {
                        task.abort();
                    }
                }
                Message::Notification { method, .. } => {
                    let listens = method == "notifications/initialized";
                    self.tell(headers, text.clone()).await;
                    if listens && let Some(stream) = self.listen().await {
                        let post = self.clone();
                        reading.spawn(async move {
                            post.events(stream).await;
                        });
                    }
                }
                Message::Response { .. } => self.tell(headers, text.clone()).await,
            }
        }
    }

    /// Posts a request, and brings whatever answers it.
    async fn ask(&self, id: &RequestId, begins: bool, headers: HeaderMap, text: String) {
        let response = self.send("POST", headers, text).await;
        let (parts, body) = response.into_parts();
        if begins && let Some(session) = parts.headers.get(SESSION_ID) {
            let version = HeaderValue::from_static(Era::Legacy.newest().as_str());
            let mut known = self.session.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(SESSION_ID, session.clone());
            known.insert(PROTOCOL_VERSION, version);
        }
        match parts.headers.get(header::CONTENT_TYPE) {
            Some(kind) if kind == "text/event-stream" && parts.status == StatusCode::OK => {
                self.events(body).await;
                self.inbox
                    .lost(id, "the stream of its call ended before its response");
            }
            Some(kind) if *kind == JSON => self.inbox.bring(with_id(id, &whole(body).await)),
            _ => {
                let status = parts.status;
                self.inbox.lost(
                    id,
                    format_args!("HTTP {status} with neither JSON nor a stream"),
                );
            }
        }
    }

    /// Posts what nothing is answered to.
    async fn tell(&self, headers: HeaderMap, text: String) {
        let response = self.send("POST", headers, text.clone()).await;
        let status = response.status();
        if status != StatusCode::ACCEPTED {
            let why = whole(response.into_body()).await;
            let why = why.escape_ascii();
            self.inbox
                .fail(format_args!("HTTP {status} to {text}: {why}"));
        }
    }

    /// Opens the stream for what belongs to no call.
    async fn listen(&self) -> Option<Body> {
        let response = self.send("GET", self.session(), String::new()).await;
        // Who has nothing to say has no stream.
        (response.status() == StatusCode::OK).then(|| response.into_body())
    }

    async fn send(&self, method: &str, headers: HeaderMap, text: String) -> Response<Body> {
        let mut request = Request::new(Full::new(Bytes::from(text)));
        *request.method_mut() = method.parse().unwrap_or_default();
        *request.uri_mut() = self.service.served().0.parse().unwrap_or_default();
        let all = request.headers_mut();
        all.insert(header::HOST, HeaderValue::from_static("localhost"));
        all.insert(header::ACCEPT, ACCEPT);
        all.insert(header::CONTENT_TYPE, JSON);
        all.extend(headers);
        all.extend(self.headers.clone());
        match self.service.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Brings the messages of a stream until it ends.
    async fn events(&self, mut body: Body) {
        let mut unread = Vec::new();
        while let Some(Ok(frame)) = body.frame().await {
            unread.extend(frame.into_data().unwrap_or_default());
            while let Some(end) = unread.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = unread.drain(..end + 2).collect();
                let lines = event.split(|byte| *byte == b'\n');
                let data: Vec<&[u8]> = lines
                    .filter_map(|line| line.strip_prefix(b"data:"))
                    .map(|data| data.strip_prefix(b" ").unwrap_or(data))
                    .collect();
                let data = data.join(&b'\n');
                // Signs of life have none.
                if !data.is_empty() {
                    self.inbox.bring(data);
                }
            }
        }
    }

    /// What a message is sent with, by the rules of its era.
    fn headers_of(&self, message: &Message<'_>) -> HeaderMap {
        if fork(None, message.params()) == Era::Legacy {
            return self.session();
        }
        let mut headers = HeaderMap::new();
        let (Message::Request { method, .. }, Ok(opened)) =
            (message, Opened::parse(message.params()))
        else {
            return headers;
        };
        headers.insert(PROTOCOL_VERSION, encoded(&opened.version));
        headers.insert(METHOD, encoded(method));
        if let Some(name) = opened.name.as_ref().or(opened.uri.as_ref()) {
            headers.insert(NAME, encoded(name));
        }
        let (_, handler) = self.service.served();
        let tool = opened.name.as_ref().filter(|_| method == "tools/call");
        let caller = opened.caller(self.caller.as_ref());
        let mirrored = tool.and_then(|tool| handler.mirrored(caller, tool));
        let arguments = opened
            .arguments
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        for argument in mirrored.iter().flat_map(|all| all.iter()) {
            let name = HeaderName::try_from(format!("mcp-param-{}", argument.name));
            if let (Ok(name), Some(value)) = (name, argument.value(&arguments)) {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                headers.insert(name, encoded(&text));
            }
        }
        headers
    }

    fn session(&self) -> HeaderMap {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        session.clone()
    }
}

/// Which request is given up.
fn cancelled(params: &str) -> Option<RequestId> {
    let params: Value = serde_json::from_str(params).ok()?;
    serde_json::from_value(params.get("requestId")?.clone()).ok()
}

async fn whole(body: Body) -> Bytes {
    match body.collect().await {
        Ok(whole) => whole.to_bytes(),
        Err(never) => match never {},
    }
}

/// A refusal that came before the message was read names no request; it was this one.
fn with_id(id: &RequestId, answer: &Bytes) -> Vec<u8> {
    match Message::parse(answer) {
        Ok(Message::Response {
            id: None,
            outcome: Err(error),
        }) => match serde_json::from_str::<ErrorObject>(error.get()) {
            Ok(error) => jsonrpc::Response::error(Some(id), &error).to_vec(),
            Err(_) => answer.to_vec(),
        },
        _ => answer.to_vec(),
    }
}

/// Text as a header: in base64 where it has what a header may not.
fn encoded(text: &str) -> HeaderValue {
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && text.trim() == text
        && !text.starts_with("=?base64?");
    let encoded = || format!("=?base64?{}?=", STANDARD.encode(text));
    let value = if plain { text.to_owned() } else { encoded() };
    HeaderValue::try_from(value).unwrap_or_else(|_| HeaderValue::from_static(""))
}
