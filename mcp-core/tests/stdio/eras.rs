//! The handshake, and what each era refuses.

use serde_json::{Value, json};

use crate::{
    peer::{
        initialize, legacy, legacy_call, modern, modern_call, notification, refuses, start, text,
    },
    tools::server,
};

#[tokio::test]
async fn both_eras_are_served_in_one_process() {
    let mut peer = start(server());
    let response = peer.ask(&modern_call(&json!(1), "quick")).await;
    assert_eq!(text(&response), "quick");
    assert_eq!(response["result"]["resultType"], "complete");
    peer.initialize().await;
    for id in 2..5 {
        let response = peer.ask(&legacy_call(&json!(id), "quick")).await;
        assert_eq!(text(&response), "quick");
        assert_eq!(response["result"].get("resultType"), None);
        let response = peer.ask(&modern_call(&json!(id), "quick")).await;
        assert_eq!(response["result"]["resultType"], "complete");
    }
    assert_eq!(peer.end().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_request_before_initialize_is_refused_and_initialize_still_works() {
    let mut peer = start(server());
    for method in ["ping", "tools/list", "tools/call", "nope"] {
        let response = peer.ask(&legacy(&json!(1), method, json!({}))).await;
        refuses(&response, &json!(1), -32600);
        let message = response["error"]["message"].as_str().unwrap();
        assert!(message.contains("initialize"), "{message}");
    }
    peer.send(&notification("notifications/initialized", json!({})))
        .await;
    peer.send(&json!({ "jsonrpc": "2.0", "id": 7, "result": {} }))
        .await;
    peer.initialize().await;
    let response = peer.ask(&legacy(&json!(2), "ping", json!({}))).await;
    assert_eq!(response["result"], json!({}));
}

#[tokio::test]
async fn a_broken_initialize_is_refused_and_the_next_one_is_not() {
    let mut peer = start(server());
    let response = peer
        .ask(&legacy(&json!("i"), "initialize", json!({})))
        .await;
    refuses(&response, &json!("i"), -32602);
    peer.initialize().await;
}

#[tokio::test]
async fn a_second_initialize_is_refused_and_the_session_stays() {
    let mut peer = start(server());
    peer.initialize().await;
    refuses(&peer.ask(&initialize(1)).await, &json!(1), -32600);
    let response = peer.ask(&legacy_call(&json!(2), "quick")).await;
    assert_eq!(text(&response), "quick");
}

#[tokio::test]
async fn a_modern_request_is_refused_as_over_http() {
    let mut peer = start(server());
    let id = json!("x");
    for method in ["initialize", "ping", "logging/setLevel", "nope"] {
        refuses(
            &peer.ask(&modern(&id, method, json!({}))).await,
            &id,
            -32601,
        );
    }
    let mut unknown = modern(&id, "tools/list", json!({}));
    unknown["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2099-01-01");
    let response = peer.ask(&unknown).await;
    refuses(&response, &id, -32022);
    assert_eq!(response["error"]["data"]["requested"], "2099-01-01");
    let mut lacks = modern(&id, "tools/list", json!({}));
    let meta = lacks["params"]["_meta"].as_object_mut().unwrap();
    meta.remove("io.modelcontextprotocol/clientCapabilities");
    refuses(&peer.ask(&lacks).await, &id, -32602);
    let state = json!({ "name": "asks", "requestState": "garbage" });
    refuses(
        &peer.ask(&modern(&id, "tools/call", state)).await,
        &id,
        -32602,
    );
}
