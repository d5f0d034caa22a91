//! How serving ends: with the input, with the output, or not at all.

use std::{sync::Arc, time::Duration};

use mcp_core::{AskError, Tool, prelude::*, stdio, types::logging::LoggingLevel};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    sync::{Semaphore, mpsc},
    time::Instant,
};

use crate::{
    peer::{
        BOTH, Peer, initialize, legacy, legacy_call, modern, modern_call, notification, soon,
        start, text,
    },
    tools::{Name, Scene, Told, hear, quick, scene, server, tool},
};

#[tokio::test]
async fn the_end_of_input_lets_running_calls_finish() {
    for call in BOTH {
        let Scene {
            mut peer,
            mut hears,
            gate,
        } = scene().await;
        peer.send(&call(&json!(1), "waits")).await;
        hear(&mut hears, "started").await;
        let end = tokio::spawn(peer.end());
        tokio::task::yield_now().await;
        gate.add_permits(1);
        let rest = soon(end).await.unwrap();
        assert_eq!(rest.len(), 1, "{rest:?}");
        assert_eq!(text(&rest[0]), "through");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_ends_does_not_keep_the_process() {
    for call in BOTH {
        let Scene {
            mut peer,
            mut hears,
            gate: _never,
        } = scene().await;
        peer.send(&call(&json!(1), "waits")).await;
        hear(&mut hears, "started").await;
        let ends = Instant::now();
        assert_eq!(peer.end().await, Vec::<Value>::new());
        assert_eq!(ends.elapsed().as_secs(), 10);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_stays_and_reads_nothing_does_not_keep_the_process() {
    let Peer {
        mut input,
        output: _unread,
        served,
    } = start(server());
    // More than output takes, and fewer than may run.
    for id in 0..900 {
        let message = format!("{}\n", modern_call(&json!(id), "quick"));
        soon(input.write_all(message.as_bytes())).await.unwrap();
    }
    drop(input);
    let error = soon(served).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("does not read"), "{error}");
}

#[tokio::test]
async fn the_end_of_input_ends_questions() {
    let Scene { mut peer, .. } = scene().await;
    peer.send(&legacy_call(&json!(1), "asks")).await;
    assert_eq!(peer.read().await["method"], "elicitation/create");
    let rest = peer.end().await;
    let response = rest.last().unwrap();
    assert_eq!(response["id"], 1, "{rest:?}");
    assert_eq!(response["result"]["isError"], true, "{rest:?}");
}

#[tokio::test]
async fn a_question_after_the_end_of_input_is_not_waited_for() {
    let gate = Arc::new(Semaphore::new(0));
    let (told, mut hears) = mpsc::unbounded_channel();
    let late = {
        let gate = Arc::clone(&gate);
        tool("late", move |ctx| {
            let (told, gate) = (told.clone(), Arc::clone(&gate));
            async move {
                let _ = told.send("started");
                gate.acquire().await?.forget();
                Ok(match ctx.elicit::<Name>("Your name?").await {
                    Ok(Name { name }) => name,
                    Err(AskError::Gone) => "nobody".to_owned(),
                    Err(error) => error.to_string(),
                })
            }
        })
    };
    let mut peer = start(Server::new("it", "1").tools([late]));
    peer.initialize().await;
    peer.send(&legacy_call(&json!(1), "late")).await;
    hear(&mut hears, "started").await;
    let end = tokio::spawn(peer.end());
    tokio::task::yield_now().await;
    gate.add_permits(1);
    let rest = soon(end).await.unwrap();
    assert_eq!(text(rest.last().unwrap()), "nobody", "{rest:?}");
}

#[tokio::test]
async fn a_client_that_reads_no_more_is_an_error_and_no_standstill() {
    let mut peer = start(server());
    peer.nothing().await;
    let Peer {
        mut input,
        output,
        served,
    } = peer;
    drop(output);
    for id in 0..200 {
        let message = format!("{}\n", modern_call(&json!(id), "quick"));
        if soon(input.write_all(message.as_bytes())).await.is_err() {
            break;
        }
    }
    drop(input);
    let error = soon(served).await.unwrap().unwrap_err();
    assert!(matches!(error, stdio::Error::Io(_)), "{error:?}");
}

#[tokio::test]
async fn a_server_that_cannot_be_built_is_an_error() {
    let twins = Server::new("it", "1").tools([quick("same"), quick("same")]);
    let served = stdio::serve_on(twins, tokio::io::empty(), tokio::io::sink());
    let error = soon(served).await.unwrap_err();
    assert!(matches!(error, stdio::Error::Build(_)), "{error:?}");
    // What `main` prints that returns it.
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[tokio::test]
async fn input_that_ends_at_once_is_no_error() {
    assert_eq!(start(server()).end().await, Vec::<Value>::new());
}

/// Tells how far it is, and in the log, before and after the gate.
fn counts(told: &Told, gate: &Arc<Semaphore>) -> Tool {
    let (told, gate) = (told.clone(), Arc::clone(gate));
    tool("counts", move |ctx| {
        let (told, gate) = (told.clone(), Arc::clone(&gate));
        async move {
            ctx.progress(1.0, None);
            ctx.log(LoggingLevel::Info, 1);
            let _ = told.send("started");
            gate.acquire().await?.forget();
            ctx.progress(2.0, None);
            ctx.log(LoggingLevel::Info, 2);
            Ok("done".to_owned())
        }
    })
}

#[tokio::test]
async fn what_a_call_tells_after_the_end_of_input_is_still_sent() {
    for request in [legacy, modern] {
        let (told, mut hears) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let mut peer = start(Server::new("it", "1").tools([counts(&told, &gate)]));
        peer.initialize().await;
        let meta = json!({ "progressToken": 1, "io.modelcontextprotocol/logLevel": "info" });
        let params = json!({ "name": "counts", "_meta": meta });
        peer.send(&request(&json!(1), "tools/call", params)).await;
        hear(&mut hears, "started").await;
        let end = tokio::spawn(peer.end());
        // The server gets to see the end of its input.
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        gate.add_permits(1);
        let rest = soon(end).await.unwrap();
        let told = |method: &str| rest.iter().filter(|it| it["method"] == method).count();
        assert_eq!(told("notifications/progress"), 2, "{rest:?}");
        assert_eq!(told("notifications/message"), 2, "{rest:?}");
        assert_eq!(text(rest.last().unwrap()), "done");
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_when_the_input_has_ended_already_is_told_so_at_once() {
    let lines = [
        initialize(0),
        notification("notifications/initialized", json!({})),
        legacy_call(&json!(1), "asks"),
    ];
    let input = lines.map(|line| format!("{line}\n")).concat();
    let (output, ours) = tokio::io::duplex(64 * 1024);
    let begun = Instant::now();
    // Its end is there along with its last line.
    soon(stdio::serve_on(server(), input.as_bytes(), output))
        .await
        .unwrap();
    assert_eq!(begun.elapsed(), Duration::ZERO);
    let mut said = String::new();
    soon(BufReader::new(ours).read_to_string(&mut said))
        .await
        .unwrap();
    let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["id"], &last["result"]["isError"]),
        (&json!(1), &json!(true)),
        "{said}"
    );
}

#[tokio::test]
async fn a_client_that_takes_nothing_any_more_ends_the_process_and_its_calls() {
    for call in BOTH {
        let Scene {
            mut peer,
            mut hears,
            gate: _never,
        } = scene().await;
        peer.send(&call(&json!(1), "waits")).await;
        hear(&mut hears, "started").await;
        let Peer {
            mut input,
            output,
            served,
        } = peer;
        drop(output);
        let quick = format!("{}\n", call(&json!(2), "quick"));
        soon(input.write_all(quick.as_bytes())).await.unwrap();
        // The input is still open.
        let error = soon(served).await.unwrap().unwrap_err();
        assert!(matches!(error, stdio::Error::Io(_)), "{error:?}");
        hear(&mut hears, "dropped").await;
    }
}
