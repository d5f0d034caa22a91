//! What belongs to no call.

use mcp_core::ServerHandle;
use serde_json::{Value, json};

use crate::{
    peer::{ID_KEY, Peer, cancelled, initialize, legacy, modern, notification, start_built},
    tools::{quick, server},
};

fn changing() -> (Peer, ServerHandle) {
    let server = server().build().unwrap();
    let handle = server.handle();
    (start_built(server), handle)
}

#[tokio::test]
async fn a_client_is_told_of_changes_once_it_has_said_that_it_is_ready() {
    let (mut peer, handle) = changing();
    handle.add_tools([quick("one")]).unwrap();
    peer.nothing().await;
    peer.ask(&initialize(0)).await;
    handle.add_tools([quick("two")]).unwrap();
    peer.nothing().await;
    peer.send(&notification("notifications/initialized", json!({})))
        .await;
    let ping = legacy(&json!(1), "ping", json!({}));
    assert_eq!(peer.ask(&ping).await["id"], 1);
    handle.add_tools([quick("three")]).unwrap();
    assert_eq!(
        peer.read().await["method"],
        "notifications/tools/list_changed"
    );
    peer.nothing().await;
}

#[tokio::test]
async fn a_client_that_says_twice_that_it_is_ready_is_told_once() {
    let (mut peer, handle) = changing();
    peer.initialize().await;
    peer.send(&notification("notifications/initialized", json!({})))
        .await;
    peer.nothing().await;
    handle.add_tools([quick("more")]).unwrap();
    assert_eq!(
        peer.read().await["method"],
        "notifications/tools/list_changed"
    );
    peer.nothing().await;
    handle.add_tools([quick("most")]).unwrap();
    assert_eq!(
        peer.read().await["method"],
        "notifications/tools/list_changed"
    );
    peer.nothing().await;
}

/// Opens a subscription to changes of tools.
async fn listen(peer: &mut Peer, id: &Value) {
    let params = json!({ "notifications": { "toolsListChanged": true } });
    let message = peer.ask(&modern(id, "subscriptions/listen", params)).await;
    assert_eq!(
        message["method"],
        "notifications/subscriptions/acknowledged"
    );
    assert_eq!(message["params"]["_meta"][ID_KEY], *id);
    let honoured = json!({ "toolsListChanged": true });
    assert_eq!(message["params"]["notifications"], honoured);
}

#[tokio::test]
async fn who_listens_is_told_and_the_end_is_in_good_order() {
    let (mut peer, handle) = changing();
    for id in [json!(7), json!("7")] {
        listen(&mut peer, &id).await;
    }
    handle.add_tools([quick("more")]).unwrap();
    let mut told = Vec::new();
    for _ in 0..2 {
        let message = peer.read().await;
        assert_eq!(message["method"], "notifications/tools/list_changed");
        told.push(message["params"]["_meta"][ID_KEY].to_string());
    }
    told.sort();
    assert_eq!(told, ["\"7\"", "7"]);
    let rest = peer.end().await;
    assert_eq!(rest.len(), 4, "{rest:?}");
    for id in [json!(7), json!("7")] {
        let own: Vec<_> = rest
            .iter()
            .filter(|it| it["params"]["requestId"] == id || it["id"] == id)
            .collect();
        assert_eq!(own[0]["method"], "notifications/cancelled");
        assert_eq!(own[1]["result"]["resultType"], "complete");
        assert_eq!(own[1]["result"]["_meta"][ID_KEY], id);
    }
}

#[tokio::test]
async fn who_cancels_a_subscription_hears_no_more_of_it() {
    let (mut peer, handle) = changing();
    listen(&mut peer, &json!("s")).await;
    peer.send(&cancelled(&json!("s"))).await;
    peer.nothing().await;
    handle.add_tools([quick("more")]).unwrap();
    peer.nothing().await;
    // And may listen again by the same id.
    listen(&mut peer, &json!("s")).await;
    handle.add_tools([quick("most")]).unwrap();
    assert_eq!(peer.read().await["params"]["_meta"][ID_KEY], "s");
    assert_eq!(peer.end().await.len(), 2);
}
