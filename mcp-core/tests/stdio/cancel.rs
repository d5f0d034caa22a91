//! What a client does not want any more.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use mcp_core::prelude::*;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{
    peer::{BOTH, cancelled, legacy_call, notification, soon, start, text},
    tools::{Scene, hear, scene, scene_with, tool},
};

#[tokio::test]
async fn a_cancelled_call_is_dropped_and_never_answered() {
    for call in BOTH {
        let Scene {
            mut peer,
            mut hears,
            gate,
        } = scene().await;
        peer.send(&call(&json!(1), "waits")).await;
        hear(&mut hears, "started").await;
        peer.send(&cancelled(&json!(1))).await;
        hear(&mut hears, "dropped").await;
        gate.add_permits(1);
        peer.nothing().await;
        assert_eq!(peer.end().await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn what_cancels_nothing_is_ignored() {
    let Scene {
        mut peer,
        mut hears,
        gate,
    } = scene().await;
    for call in BOTH {
        peer.send(&call(&json!(1), "waits")).await;
        hear(&mut hears, "started").await;
        for params in [
            json!({}),
            json!({ "requestId": null }),
            json!({ "requestId": "1" }),
            json!({ "requestId": 7 }),
            json!({ "requestId": [1] }),
        ] {
            peer.send(&notification("notifications/cancelled", params))
                .await;
        }
        peer.send(&notification("notifications/nope", json!({})))
            .await;
        peer.nothing().await;
        gate.add_permits(1);
        assert_eq!(text(&peer.read().await), "through");
        // Too late.
        peer.send(&cancelled(&json!(1))).await;
        peer.nothing().await;
    }
}

#[tokio::test]
async fn an_id_that_is_used_again_after_a_cancellation_can_be_cancelled_again() {
    for call in BOTH {
        let Scene {
            mut peer,
            mut hears,
            ..
        } = scene().await;
        peer.send(&call(&json!(1), "waits")).await;
        hear(&mut hears, "started").await;
        for _ in 0..3 {
            // In one piece, so that nothing of the first call is cleaned up between.
            let again = format!("{}\n{}\n", cancelled(&json!(1)), call(&json!(1), "waits"));
            peer.write(again).await;
            let mut heard = [
                soon(hears.recv()).await.unwrap(),
                soon(hears.recv()).await.unwrap(),
            ];
            heard.sort_unstable();
            assert_eq!(heard, ["dropped", "started"]);
        }
        peer.send(&cancelled(&json!(1))).await;
        hear(&mut hears, "dropped").await;
        assert_eq!(peer.end().await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a_call_can_be_cancelled_before_anything_of_it_has_run() {
    for call in BOTH {
        let Scene {
            mut peer,
            mut hears,
            gate: _never,
        } = scene().await;
        let both = format!("{}\n{}\n", call(&json!(1), "waits"), cancelled(&json!(1)));
        peer.write(both).await;
        peer.nothing().await;
        // Its id is free.
        assert_eq!(text(&peer.ask(&call(&json!(1), "quick")).await), "quick");
        assert!(hears.try_recv().is_err(), "it ran");
        assert_eq!(peer.end().await, Vec::<Value>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_id_of_a_cancelled_call_is_free_when_nothing_of_it_runs_any_more() {
    // That something does not happen is told by time alone.
    const TIME_TO_BE_OVERTAKEN: Duration = Duration::from_millis(50);

    let (told, mut hears) = mpsc::unbounded_channel();
    let (begins, begun) = std::sync::mpsc::channel();
    let begun = Arc::new(Mutex::new(begun));
    let stuck = tool("stuck", move |_| {
        let (told, begins, begun) = (told.clone(), begins.clone(), Arc::clone(&begun));
        async move {
            // One at a time stays in here.
            if let Ok(begun) = begun.try_lock() {
                let _ = told.send("stuck");
                if begun.recv_timeout(TIME_TO_BE_OVERTAKEN).is_ok() {
                    let _ = told.send("overtaken");
                }
            } else {
                let _ = begins.send(());
            }
            std::future::pending().await
        }
    });
    let mut peer = start(Server::new("it", "1").tools([stuck]));
    peer.initialize().await;
    let call = legacy_call(&json!(1), "stuck");
    peer.send(&call).await;
    hear(&mut hears, "stuck").await;
    peer.write(format!("{}\n{call}\n", cancelled(&json!(1))))
        .await;
    hear(&mut hears, "stuck").await;
    peer.send(&cancelled(&json!(1))).await;
    peer.nothing().await;
    assert_eq!(peer.end().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_question_that_is_cancelled_makes_room_for_what_comes_behind_it() {
    let Scene { mut peer, .. } = scene_with(|stdio| stdio.max_calls(1)).await;
    let question = peer.ask(&legacy_call(&json!(1), "asks")).await;
    assert_eq!(question["method"], "elicitation/create");
    let next = legacy_call(&json!(2), "quick");
    peer.write(format!("{}\n{next}\n", cancelled(&json!(1))))
        .await;
    assert_eq!(text(&peer.read().await), "quick");
}
