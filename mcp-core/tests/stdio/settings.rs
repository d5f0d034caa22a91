//! What `Stdio` can be told.

use std::{sync::Arc, time::Duration};

use mcp_core::{
    prelude::*,
    stdio::{self, Stdio},
};
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt,
    sync::{Semaphore, mpsc},
    time::{Instant, timeout},
};

use crate::{
    peer::{
        BOTH, Peer, cancelled, legacy_call, modern, modern_call, notification, refuses, soon,
        start_with, text,
    },
    tools::{Name, Scene, hear, quick, scene_with, server, tool},
};

/// Who asks?
#[mcp_tool(scopes("names:read"))]
fn whoami(who: Identity) -> String {
    who.subject().to_owned()
}

#[tokio::test]
async fn whoever_the_process_was_started_for_is_known_in_both_eras() {
    let stdio = || Stdio::new(Server::new("it", "1").tools(tools![whoami]));
    let ann = Identity::new("ann").with_scopes(["names:read"]);
    let mut known = start_with(stdio().identity(ann));
    let mut nobody = start_with(stdio());
    known.initialize().await;
    nobody.initialize().await;
    for call in BOTH {
        let call = call(&json!(1), "whoami");
        assert_eq!(text(&known.ask(&call).await), "ann");
        let refused = nobody.ask(&call).await;
        assert!(refused["error"]["code"].is_i64(), "{refused}");
    }
}

#[tokio::test]
async fn a_message_may_be_as_large_as_is_said() {
    let mut peer = start_with(Stdio::new(server()).max_message(300));
    peer.nothing().await;
    peer.write("x".repeat(301) + "\n").await;
    let refused = peer.read().await;
    refuses(&refused, &Value::Null, -32600);
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.contains("300 bytes"), "{message}");
    peer.nothing().await;
}

#[tokio::test]
async fn more_requests_than_may_run_wait_until_one_has_ended() {
    for call in BOTH {
        let Scene {
            mut peer,
            mut hears,
            gate,
        } = scene_with(|stdio| stdio.max_calls(2)).await;
        for id in ["one", "two"] {
            peer.send(&call(&json!(id), "waits")).await;
            hear(&mut hears, "started").await;
        }
        for id in 0..10 {
            peer.send(&call(&json!(id), "quick")).await;
        }
        gate.add_permits(1);
        assert_eq!(text(&peer.read().await), "through");
        for id in 0..10 {
            assert_eq!(peer.read().await["id"], id);
        }
        gate.add_permits(1);
        assert_eq!(text(&peer.read().await), "through");
    }
}

fn is_full(response: &Value, id: &Value) {
    refuses(response, id, -32600);
    let message = response["error"]["message"].as_str().unwrap();
    assert!(message.contains("`max_calls`"), "{message}");
}

#[tokio::test]
async fn a_client_that_all_requests_wait_for_is_listened_to() {
    let mut peer = start_with(Stdio::new(server()).max_calls(1));
    peer.initialize().await;
    // The second one waits for a place until the first one waits for the client.
    let (asks, quick) = (
        legacy_call(&json!(1), "asks"),
        legacy_call(&json!(2), "quick"),
    );
    peer.write(format!("{asks}\n{quick}\n")).await;
    let question = peer.read().await;
    is_full(&peer.read().await, &json!(2));
    for call in BOTH {
        is_full(&peer.ask(&call(&json!(2), "quick")).await, &json!(2));
    }
    assert_eq!(text(&peer.ask(&accepted(&question)).await), "Hello, Ann!");
    assert_eq!(
        text(&peer.ask(&legacy_call(&json!(2), "quick")).await),
        "quick"
    );
}

/// Accepts a question.
fn accepted(question: &Value) -> Value {
    let result = json!({ "action": "accept", "content": { "name": "Ann" } });
    json!({ "jsonrpc": "2.0", "id": question["id"], "result": result })
}

#[tokio::test]
async fn a_request_that_has_its_answer_is_one_that_ends_by_itself() {
    let (told, mut hears) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    let through = Arc::clone(&gate);
    let thinks = tool("thinks", move |ctx| {
        let (told, gate) = (told.clone(), Arc::clone(&through));
        async move {
            let Name { name } = ctx.elicit("Your name?").await?;
            let _ = told.send("answered");
            gate.acquire().await?.forget();
            Ok(name)
        }
    });
    let server = Server::new("it", "1").tools([thinks, quick("quick")]);
    let mut peer = start_with(Stdio::new(server).max_calls(1));
    peer.initialize().await;
    let question = peer.ask(&legacy_call(&json!(1), "thinks")).await;
    peer.send(&accepted(&question)).await;
    hear(&mut hears, "answered").await;
    peer.send(&legacy_call(&json!(2), "quick")).await;
    gate.add_permits(1);
    assert_eq!(text(&peer.read().await), "Ann");
    assert_eq!(text(&peer.read().await), "quick");
}

#[tokio::test(start_paused = true)]
async fn requests_whose_responses_nobody_reads_count_as_running() {
    for call in BOTH {
        let mut peer = start_with(Stdio::new(server()).max_calls(2));
        peer.initialize().await;
        let mut sent = 0;
        while sent < 10_000 {
            let message = format!("{}\n", call(&json!(sent), "quick"));
            let written = peer.input.write_all(message.as_bytes());
            if timeout(Duration::from_secs(1), written).await.is_err() {
                break;
            }
            sent += 1;
        }
        assert!(sent < 10_000, "all of them were read");
        // Nothing of it is lost to a client that reads after all.
        for _ in 0..sent {
            assert_eq!(text(&peer.read().await), "quick");
        }
    }
}

#[tokio::test]
async fn no_time_is_too_long() {
    let stdio = Stdio::new(server()).answer_timeout(Duration::MAX);
    let mut peer = start_with(stdio.shutdown_grace(Duration::MAX));
    peer.initialize().await;
    let question = peer.ask(&legacy_call(&json!(1), "asks")).await;
    assert_eq!(text(&peer.ask(&accepted(&question)).await), "Hello, Ann!");
    assert_eq!(peer.end().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_subscription_can_be_cancelled_however_many_requests_run() {
    let mut peer = start_with(Stdio::new(server()).max_calls(1));
    let params = json!({ "notifications": { "toolsListChanged": true } });
    peer.ask(&modern(&json!("s"), "subscriptions/listen", params))
        .await;
    is_full(&peer.ask(&modern_call(&json!(1), "quick")).await, &json!(1));
    peer.send(&cancelled(&json!("s"))).await;
    assert_eq!(
        text(&peer.ask(&modern_call(&json!(1), "quick")).await),
        "quick"
    );
}

#[tokio::test(start_paused = true)]
async fn a_question_is_open_as_long_as_is_said() {
    let mut peer = start_with(Stdio::new(server()).answer_timeout(Duration::from_secs(7)));
    peer.initialize().await;
    let begun = Instant::now();
    let question = peer.ask(&legacy_call(&json!(1), "asks")).await;
    let given_up = json!({ "requestId": question["id"], "reason": "no answer in time" });
    assert_eq!(
        peer.read().await,
        notification("notifications/cancelled", given_up)
    );
    let response = peer.read().await;
    assert_eq!(response["result"]["isError"], true, "{response}");
    assert!(text(&response).contains("in time"), "{response}");
    assert_eq!(begun.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn calls_may_go_on_after_the_end_of_input_as_long_as_is_said() {
    for call in BOTH {
        let grace = Duration::from_secs(3);
        let Scene {
            mut peer,
            mut hears,
            gate: _never,
        } = scene_with(|stdio| stdio.shutdown_grace(grace)).await;
        peer.send(&call(&json!(1), "waits")).await;
        hear(&mut hears, "started").await;
        let ends = Instant::now();
        assert_eq!(peer.end().await, Vec::<Value>::new());
        assert_eq!(ends.elapsed().as_secs(), 3);
    }
}

#[tokio::test]
async fn a_setting_that_nothing_could_be_served_with_is_an_error() {
    for (stdio, setting) in [
        (Stdio::new(server()).max_calls(0), "`max_calls`"),
        (Stdio::new(server()).max_message(0), "`max_message`"),
    ] {
        let Peer { served, .. } = start_with(stdio);
        let error = soon(served).await.unwrap().unwrap_err();
        assert!(matches!(error, stdio::Error::Config(_)), "{error:?}");
        assert!(error.to_string().starts_with(setting), "{error}");
    }
}
