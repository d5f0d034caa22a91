//! A client of one server in the legacy era: messages go in as text and come out as text.

use std::{fmt, future::poll_fn};

use bytes::Bytes;
use mcp_core::{
    Identity, IntoHandler,
    era::{
        Delivery,
        legacy::{Legacy, SessionOptions, Step},
    },
    jsonrpc::{Message, RequestId},
};
use serde_json::{Value, json, value::RawValue};

/// One session, with a caller who may be known.
pub(crate) struct Client {
    legacy: Legacy,
    session: String,
    identity: Option<Identity>,
    /// What `initialize` was answered.
    pub(crate) greeting: Value,
}

/// How a call of a tool ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) is_error: bool,
}

/// A tool said this, and meant it well.
pub(crate) fn fine(text: impl fmt::Display) -> Said {
    Said {
        text: text.to_string(),
        is_error: false,
    }
}

/// A tool said this of a mistake.
pub(crate) fn wrong(text: impl fmt::Display) -> Said {
    Said {
        text: text.to_string(),
        is_error: true,
    }
}

/// A client that speaks the newest revision.
#[track_caller]
pub(crate) fn connect(server: impl IntoHandler) -> Client {
    connect_at("2025-11-25", server)
}

/// A client that speaks this revision.
#[track_caller]
pub(crate) fn connect_at(version: &str, server: impl IntoHandler) -> Client {
    connect_as(None, version, server)
}

/// A client of a caller who is known.
#[track_caller]
pub(crate) fn connect_as(
    identity: Option<Identity>,
    version: &str,
    server: impl IntoHandler,
) -> Client {
    let handler = server.into_handler().expect("a server that can be built");
    let legacy = Legacy::new(handler, SessionOptions::default()).expect("randomness");
    let params = json!({
        "protocolVersion": version,
        "capabilities": {},
        "clientInfo": { "name": "it", "version": "1" },
    });
    let params = serde_json::value::to_raw_value(&params).unwrap();
    let id = RequestId::from(0_i64);
    let (sealed, session) = legacy.initialize(identity.as_ref(), &id, Some((&*params).into()));
    let greeting = parse(&sealed.into_response().to_vec());
    let session = session.unwrap_or_else(|| panic!("no session: {greeting}"));
    Client {
        legacy,
        session,
        identity,
        greeting: greeting["result"].clone(),
    }
}

/// One message, strictly: JSON without a line break.
#[track_caller]
fn parse(bytes: &[u8]) -> Value {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    assert!(
        !text.contains(['\n', '\r']),
        "a message is one line: {text}"
    );
    let message: Value = serde_json::from_str(text).expect(text);
    assert_eq!(message["jsonrpc"], "2.0", "{text}");
    message
}

impl Client {
    /// Sends one request and gives the response as it is written.
    pub(crate) async fn send(&self, message: &str) -> Vec<u8> {
        let bytes = Bytes::from(message.to_owned());
        let Message::Request { id, method, params } = Message::parse(&bytes).expect("a message")
        else {
            panic!("not a request: {message}")
        };
        let identity = self.identity.as_ref();
        let session = self.legacy.sessions().open(&self.session, identity);
        let session = session.expect("a session that is alive");
        let delivery = Delivery::ResponseOnly;
        let call = self
            .legacy
            .call(&session, identity, &id, &method, params, &bytes, delivery);
        let mut call = call.expect("an id that is free");
        loop {
            match poll_fn(|cx| call.poll_step(cx)).await {
                Step::Done(sealed) => return sealed.into_response().to_vec(),
                Step::Cancelled => panic!("nobody has cancelled: {message}"),
                _ => {}
            }
        }
    }

    /// The response to another `initialize`.
    pub(crate) fn initialize_raw(&self, params: &RawValue) -> Value {
        let id = RequestId::from(0_i64);
        let identity = self.identity.as_ref();
        let (sealed, _) = self.legacy.initialize(identity, &id, Some(params.into()));
        parse(&sealed.into_response().to_vec())
    }

    /// The response to a request of these parameters, which may be any JSON text.
    pub(crate) async fn ask_raw(&self, method: &str, params: &str) -> Value {
        let message =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
        let response = parse(&self.send(&message).await);
        assert_eq!(response["id"], 1, "{response}");
        response
    }

    /// The result of a request that goes well.
    pub(crate) async fn ask(&self, method: &str, params: Value) -> Value {
        let mut response = self.ask_raw(method, &params.to_string()).await;
        let result = response.get_mut("result").map(Value::take);
        result.unwrap_or_else(|| panic!("{method} {params}: {response}"))
    }

    /// The error of a request that does not: code and message.
    pub(crate) async fn refused(&self, method: &str, params: Value) -> (i64, String) {
        let error = self.error(method, params).await;
        let message = error["message"].as_str().expect("a message");
        (error["code"].as_i64().expect("a code"), message.to_owned())
    }

    /// The whole error of a request that does not go well.
    pub(crate) async fn error(&self, method: &str, params: Value) -> Value {
        let mut response = self.ask_raw(method, &params.to_string()).await;
        let error = response.get_mut("error").map(Value::take);
        error.unwrap_or_else(|| panic!("{method} {params}: {response}"))
    }

    /// The result of calling a tool.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        self.ask("tools/call", params).await
    }

    /// What a tool says, which is one piece of text.
    pub(crate) async fn says(&self, tool: &str, arguments: Value) -> Said {
        said(&self.call(tool, arguments).await)
    }

    /// The same, where the arguments may be any JSON text.
    pub(crate) async fn says_raw(&self, tool: &str, arguments: &str) -> Said {
        let params = format!(r#"{{"name":"{tool}","arguments":{arguments}}}"#);
        let response = self.ask_raw("tools/call", &params).await;
        assert!(response.get("result").is_some(), "{response}");
        said(&response["result"])
    }

    /// A list, by the name of its member.
    pub(crate) async fn list(&self, method: &str, member: &str) -> Vec<Value> {
        let list = self.ask(method, json!({})).await;
        list[member].as_array().expect("a list").clone()
    }

    /// What clients are told of a tool.
    pub(crate) async fn tool(&self, name: &str) -> Value {
        let tools = self.list("tools/list", "tools").await;
        let tool = tools.iter().find(|tool| tool["name"] == name);
        tool.unwrap_or_else(|| panic!("no `{name}` in {tools:?}"))
            .clone()
    }
}

#[track_caller]
fn said(result: &Value) -> Said {
    let content = result["content"].as_array().expect("content");
    let [only] = content.as_slice() else {
        panic!("not one piece: {result}")
    };
    assert_eq!(only["type"], "text", "{result}");
    let text = only["text"].as_str().expect("text").to_owned();
    assert_ne!(result["isError"], false, "absent says the same: {result}");
    Said {
        text,
        is_error: result["isError"] == true,
    }
}

/// JSON text as it is.
pub(crate) fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).expect("JSON")
}
