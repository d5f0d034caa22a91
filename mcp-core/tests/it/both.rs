//! A client of either era, for what is the same in both.

use std::{
    any::Any,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use mcp_core::{
    Identity, Server, ServerBuilder,
    era::{
        Delivery, Origin, Sealed,
        legacy::{self, Legacy, SessionOptions},
        modern::{self, Modern, ModernOptions, Opened},
    },
    handler::Handler,
    jsonrpc::{Message, RequestId},
};
use serde_json::{Value, json};

/// A client of one server, in one era.
pub(crate) struct Peer {
    era: Era,
    identity: Option<Identity>,
    transport: Option<Arc<dyn Any + Send + Sync>>,
    capabilities: Value,
}

enum Era {
    Legacy(Legacy, String),
    Modern(Modern),
}

/// A client of each era.
#[track_caller]
pub(crate) fn both(server: ServerBuilder) -> [Peer; 2] {
    both_as(None, &server.build().expect("a server that can be built"))
}

/// A client of each era that declares this.
#[track_caller]
pub(crate) fn both_declaring(server: ServerBuilder, capabilities: &Value) -> [Peer; 2] {
    let server = server.build().expect("a server that can be built");
    connect(None, &server, capabilities)
}

/// A client of each era, of a caller who may be known.
pub(crate) fn both_as(identity: Option<&Identity>, server: &Server) -> [Peer; 2] {
    connect(identity, server, &json!({ "roots": {} }))
}

fn connect(identity: Option<&Identity>, server: &Server, capabilities: &Value) -> [Peer; 2] {
    let handler: Arc<dyn Handler> = Arc::new(server.clone());
    let legacy = Legacy::new(Arc::clone(&handler), SessionOptions::default()).expect("randomness");
    let modern = Modern::new(handler, ModernOptions::default()).expect("randomness");
    let params = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": capabilities,
        "clientInfo": { "name": "it", "version": "1" },
    });
    let params = serde_json::value::to_raw_value(&params).unwrap();
    let (_, session) =
        legacy.initialize(identity, &RequestId::from(0_i64), Some((&*params).into()));
    [
        Era::Legacy(legacy, session.expect("a session")),
        Era::Modern(modern),
    ]
    .map(|era| Peer {
        era,
        identity: identity.cloned(),
        transport: None,
        capabilities: capabilities.clone(),
    })
}

/// What every request of the modern era carries.
fn say_version(params: &mut Value, capabilities: &Value) {
    for (key, value) in [
        ("protocolVersion", json!("2026-07-28")),
        ("clientInfo", json!({ "name": "it", "version": "1" })),
        ("clientCapabilities", capabilities.clone()),
    ] {
        params["_meta"][format!("io.modelcontextprotocol/{key}")] = value;
    }
}

impl Peer {
    /// The same over something that its transport knows.
    pub(crate) fn over<T: Any + Send + Sync>(mut self, known: T) -> Self {
        self.transport = Some(Arc::new(known));
        self
    }

    /// The response to a request.
    pub(crate) async fn send(&self, method: &str, mut params: Value) -> Value {
        if let Era::Modern(_) = self.era {
            say_version(&mut params, &self.capabilities);
        }
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let bytes = Bytes::from(message.to_string());
        let Ok(Message::Request { id, method, params }) = Message::parse(&bytes) else {
            panic!("not a request: {message}")
        };
        let mut origin = Origin::from(self.identity.as_ref());
        if let Some(transport) = &self.transport {
            origin = origin.over(transport);
        }
        let delivery = Delivery::ResponseOnly;
        let sealed: Sealed = match &self.era {
            Era::Legacy(legacy, session) => {
                let session = legacy.sessions().open(session, self.identity.as_ref());
                let session = session.expect("a session that is alive");
                let call = legacy.call(&session, origin, &id, &method, params, &bytes, delivery);
                let mut call = call.expect("an id that is free");
                loop {
                    match poll_fn(|cx| call.poll_step(cx)).await {
                        legacy::Step::Done(sealed) => break sealed,
                        legacy::Step::Cancelled => panic!("nobody has cancelled: {message}"),
                        _ => {}
                    }
                }
            }
            Era::Modern(modern) => {
                let opened = Opened::parse(params).expect("what every request carries");
                let mut call = modern.call(origin, &id, &method, params, &opened, delivery);
                loop {
                    if let modern::Step::Done(sealed) = poll_fn(|cx| call.poll_step(cx)).await {
                        break sealed;
                    }
                }
            }
        };
        let response = sealed.into_response().to_vec();
        serde_json::from_slice(&response).expect("JSON")
    }

    /// The result of a request that goes well, without what only one era has.
    pub(crate) async fn ask(&self, method: &str, params: Value) -> Value {
        let mut response = self.send(method, params).await;
        let result = response.get_mut("result").map(Value::take);
        let mut result = result.unwrap_or_else(|| panic!("{method}: {response}"));
        let members = result.as_object_mut().expect("an object");
        for own in ["resultType", "ttlMs", "cacheScope"] {
            members.remove(own);
        }
        if let Some(Value::Object(meta)) = members.get_mut("_meta") {
            meta.remove("io.modelcontextprotocol/serverInfo");
            if meta.is_empty() {
                members.remove("_meta");
            }
        }
        result
    }

    /// Code and message of the error of a request that does not.
    pub(crate) async fn refused(&self, method: &str, params: Value) -> (i64, String) {
        let response = self.send(method, params).await;
        let error = &response["error"];
        match (error["code"].as_i64(), error["message"].as_str()) {
            (Some(code), Some(message)) => (code, message.to_owned()),
            _ => panic!("{method}: {response}"),
        }
    }

    /// The result of calling a tool.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        self.ask("tools/call", params).await
    }

    /// What a tool says, which is one piece of text and no error.
    pub(crate) async fn says(&self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments).await;
        assert_eq!(result.get("isError"), None, "{result}");
        let text = result["content"][0]["text"].as_str();
        text.unwrap_or_else(|| panic!("no text: {result}"))
            .to_owned()
    }

    /// Whether the client is told of a change, having subscribed to the resource at this URI.
    pub(crate) async fn hears_of(&self, uri: &str, change: impl FnOnce()) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        match &self.era {
            Era::Legacy(legacy, session) => {
                let params = json!({ "uri": uri });
                assert_eq!(self.ask("resources/subscribe", params).await, json!({}));
                let session = legacy.sessions().open(session, self.identity.as_ref());
                let mut reader = legacy.listen(&session.expect("a session that is alive"));
                change();
                reader.poll_next(&mut cx).is_ready()
            }
            Era::Modern(modern) => {
                let mut params = json!({ "notifications": { "resourceSubscriptions": [uri] } });
                say_version(&mut params, &self.capabilities);
                let params = serde_json::value::to_raw_value(&params).unwrap();
                let (id, opened) = (
                    RequestId::from(1_i64),
                    Opened::parse(Some((&*params).into())).unwrap(),
                );
                let origin = self.identity.as_ref();
                let listening = modern.listen(origin, &id, Some((&*params).into()), &opened);
                let mut listening = listening.expect("a subscription");
                let Poll::Ready(Some(first)) = listening.poll_next(&mut cx) else {
                    panic!("not acknowledged")
                };
                change();
                let is_told = listening.poll_next(&mut cx).is_ready();
                let first = String::from_utf8(first.to_vec()).unwrap();
                assert_eq!(
                    first.contains(uri),
                    is_told,
                    "honoured as promised: {first}"
                );
                is_told
            }
        }
    }

    /// What clients are told of a tool.
    pub(crate) async fn tool(&self, name: &str) -> Value {
        let list = self.ask("tools/list", json!({})).await;
        let mut tools = list["tools"].as_array().expect("a list").iter();
        let tool = tools.find(|tool| tool["name"] == name);
        tool.unwrap_or_else(|| panic!("no `{name}` in {list}"))
            .clone()
    }

    pub(crate) fn is_modern(&self) -> bool {
        matches!(self.era, Era::Modern(_))
    }
}
