//! `ForwardLayer`: a test binary of its own, since a layer is for the whole process.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use mcp_core::{
    ForwardLayer,
    era::{
        Delivery,
        legacy::{Call, Legacy, SessionOptions, Step},
    },
    jsonrpc::{Message, RequestId},
    prelude::*,
};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

/// Log before and after a wait
#[mcp_tool]
async fn busy() -> &'static str {
    tracing::info!(step = 1, "started");
    let mut waited = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    tracing::debug!("details");
    tracing::warn!(ok = true, "went on");
    "done"
}

/// Everything a call sends before its response.
fn sent(legacy: &Legacy, level: Option<&str>) -> Vec<Value> {
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    let params = serde_json::value::to_raw_value(&params).unwrap();
    let (_, session) = legacy.initialize(None, &RequestId::from(1_i64), Some((&*params).into()));
    let session = legacy.sessions().open(&session.unwrap(), None).unwrap();
    let start = |text: String| -> Box<Call> {
        let body = Bytes::from(text);
        let Ok(Message::Request { id, method, params }) = Message::parse(&body) else {
            panic!()
        };
        legacy
            .call(
                &session,
                None,
                &id,
                &method,
                params,
                &body,
                Delivery::Stream,
            )
            .unwrap()
    };
    if let Some(level) = level {
        let set =
            json!({"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":level}});
        run(start(set.to_string()));
    }
    let call = json!({"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"busy"}});
    run(start(call.to_string()))
}

fn run(mut call: Box<Call>) -> Vec<Value> {
    let mut cx = Context::from_waker(Waker::noop());
    let mut sent = Vec::new();
    loop {
        match call.poll_step(&mut cx) {
            Poll::Ready(Step::Send(message)) => sent.push(serde_json::from_str(&message).unwrap()),
            Poll::Ready(Step::Done(_)) => return sent,
            Poll::Ready(other) => panic!("{other:?}"),
            Poll::Pending => {}
        }
    }
}

#[test]
fn what_a_handler_logs_reaches_its_client_as_far_as_it_wants() {
    let subscriber = tracing_subscriber::registry().with(ForwardLayer::new());
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = Server::new("test", "1.0.0")
        .tools(tools![busy])
        .build()
        .unwrap();
    let legacy = Legacy::new(Arc::new(server), SessionOptions::default()).unwrap();

    tracing::error!("of nobody's call");
    let messages = |level| -> Vec<Value> {
        let sent = sent(&legacy, level);
        assert!(
            sent.iter()
                .all(|message| message["method"] == "notifications/message")
        );
        sent.into_iter()
            .map(|message| message["params"].clone())
            .collect()
    };
    assert_eq!(
        messages(None),
        [
            json!({ "level": "info", "logger": "forward", "data": { "step": 1, "message": "started" } }),
            json!({ "level": "warning", "logger": "forward", "data": { "ok": true, "message": "went on" } }),
        ]
    );
    assert_eq!(messages(Some("debug")).len(), 3);
    assert_eq!(messages(Some("error")), Vec::<Value>::new());
}
