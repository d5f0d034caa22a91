//! Requests of either era, while they run.

use mcp_core::prelude::*;
use serde_json::json;

use crate::{
    peer::{BOTH, legacy, legacy_call, modern, modern_call, refuses, start, text},
    tools::{Scene, hear, scene, server, tool},
};

#[tokio::test]
async fn requests_run_side_by_side_and_are_answered_as_they_end() {
    for call in BOTH {
        let Scene {
            mut peer,
            mut hears,
            gate,
        } = scene().await;
        peer.send(&call(&json!("slow"), "waits")).await;
        hear(&mut hears, "started").await;
        for id in 0..3 {
            let response = peer.ask(&call(&json!(id), "quick")).await;
            assert_eq!(response["id"], id);
        }
        gate.add_permits(1);
        let response = peer.read().await;
        assert_eq!(response["id"], "slow");
        assert_eq!(text(&response), "through");
    }
}

#[tokio::test]
async fn an_id_is_used_by_one_running_request_at_a_time() {
    for call in BOTH {
        let Scene {
            mut peer,
            mut hears,
            gate,
        } = scene().await;
        peer.send(&call(&json!(1), "waits")).await;
        hear(&mut hears, "started").await;
        refuses(
            &peer.ask(&call(&json!(1), "quick")).await,
            &json!(1),
            -32600,
        );
        // Another type is another id.
        assert_eq!(text(&peer.ask(&call(&json!("1"), "quick")).await), "quick");
        gate.add_permits(1);
        assert_eq!(text(&peer.read().await), "through");
        assert_eq!(text(&peer.ask(&call(&json!(1), "quick")).await), "quick");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_is_free_once_its_response_is_there() {
    let mut peer = start(server());
    for _ in 0..2000 {
        let response = peer.ask(&modern_call(&json!(1), "quick")).await;
        assert_eq!(text(&response), "quick");
    }
}

#[tokio::test]
async fn progress_comes_before_the_response_in_both_eras() {
    let counts = tool("counts", |ctx| async move {
        ctx.progress(1.0, None);
        ctx.progress(2.0, None);
        Ok("done".to_owned())
    });
    let mut peer = start(Server::new("it", "1").tools([counts]));
    peer.initialize().await;
    for request in [legacy, modern] {
        let params = json!({ "name": "counts", "_meta": { "progressToken": "t" } });
        peer.send(&request(&json!(1), "tools/call", params)).await;
        for progress in [1.0, 2.0] {
            let message = peer.read().await;
            assert_eq!(message["params"]["progressToken"], "t", "{message}");
            assert_eq!(message["params"]["progress"], progress);
        }
        assert_eq!(text(&peer.read().await), "done");
    }
}

#[tokio::test]
async fn an_id_is_taken_before_anything_of_its_request_has_run() {
    for call in BOTH {
        let Scene { mut peer, gate, .. } = scene().await;
        let one = call(&json!(1), "waits");
        let other = call(&json!(1), "quick");
        peer.write(format!("{one}\n{other}\n")).await;
        refuses(&peer.read().await, &json!(1), -32600);
        gate.add_permits(1);
        assert_eq!(text(&peer.read().await), "through");
    }
}

#[tokio::test]
async fn both_eras_share_their_ids_as_they_share_the_stream() {
    let Scene {
        mut peer,
        mut hears,
        gate,
    } = scene().await;
    peer.send(&legacy_call(&json!(1), "waits")).await;
    hear(&mut hears, "started").await;
    refuses(
        &peer.ask(&modern_call(&json!(1), "quick")).await,
        &json!(1),
        -32600,
    );
    gate.add_permits(1);
    assert_eq!(text(&peer.read().await), "through");
}
