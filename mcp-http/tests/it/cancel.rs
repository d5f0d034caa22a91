//! How a call ends before its time, and how it does not: lost connections, cancellation, ids.

use std::time::Duration;

use mcp_core::{Ctx, Server, Tool, era::legacy::Resumption, types::logging::LoggingLevel};
use mcp_http::HttpServer;
use serde_json::{Value, json};
use tokio::{io::DuplexStream, net::TcpStream, runtime::Handle};

use crate::{
    client::{Ask, Client, Local, listen, local},
    events::{
        Hears, Shelf, Signal, Told, answer, call, cancelled, code, get, initialize, new_session,
        notification, request, telling, text, tool,
    },
};

/// A server with one tool that tells what becomes of it: `runs` tells "started", then "dropped" or
/// "finished"; it logs first if `logs` is called.
struct Scene {
    server: Local,
    session: String,
    hears: Hears,
    go_on: Signal,
    late: Shelf<Ctx>,
}

fn runs(name: &'static str, told: &Told, go_on: &Signal, late: &Shelf<Ctx>) -> Tool {
    let (told, go_on, late) = (told.clone(), go_on.clone(), late.clone());
    tool(name, move |ctx: Ctx| {
        let (told, go_on, late) = (told.clone(), go_on.clone(), late.clone());
        async move {
            if name == "logs" {
                ctx.log(LoggingLevel::Info, "hello");
            }
            let dropped = told.when_dropped("dropped");
            late.put(ctx);
            told.tell("started");
            go_on.wait().await;
            std::mem::forget(dropped);
            told.tell("finished");
            Ok("done")
        }
    })
}

impl Scene {
    async fn new() -> Self {
        Self::with(|http| http).await
    }

    async fn with(change: impl FnOnce(HttpServer) -> HttpServer) -> Self {
        let (told, hears) = telling();
        let (go_on, late) = (Signal::default(), Shelf::default());
        let quick = tool("quick", |_| async { Ok("quick") });
        let panics = tool("panics", |ctx: Ctx| async move {
            tokio::task::yield_now().await;
            assert!(ctx.is_cancelled(), "so it is");
            Ok(())
        });
        let server = Server::new("it", "1").tools([
            runs("runs", &told, &go_on, &late),
            runs("logs", &told, &go_on, &late),
            quick,
            panics,
        ]);
        let server = local(change(HttpServer::new(server)));
        let session = new_session(&server, &json!({})).await;
        Self {
            server,
            session,
            hears,
            go_on,
            late,
        }
    }

    fn call(&self, id: impl Into<Value>, tool: &str) -> Ask {
        call(id, tool).session(&self.session)
    }

    /// Starts the tool that is silent, on a connection of its own.
    async fn start(&mut self, id: impl Into<Value>) -> Client<DuplexStream> {
        let mut client = self.server.connect();
        client.write(self.call(id, "runs").text()).await;
        self.hears.hear("started").await;
        client
    }

    async fn cancel(&self, id: impl Into<Value>) {
        let ask = cancelled(id).session(&self.session);
        self.server.tell(&ask).await;
    }
}

fn resumable(http: HttpServer) -> HttpServer {
    http.resumable(Resumption::default())
}

// ---- a lost connection

#[tokio::test]
async fn a_connection_that_is_lost_before_there_is_a_stream_is_no_cancel() {
    let mut scene = Scene::new().await;
    let client = scene.start(1).await;
    drop(client);
    // The server has seen it go once it serves others again.
    scene.server.ask(&scene.call(2, "quick")).await.result();
    scene.hears.nothing();
    assert!(!scene.late.take().is_cancelled());
    scene.go_on.give();
    scene.hears.hear("finished").await;
}

#[tokio::test]
async fn a_client_that_takes_json_only_and_is_lost_is_no_cancel() {
    let mut scene = Scene::new().await;
    let mut client = scene.server.connect();
    let ask = scene.call(1, "logs").instead("Accept", "application/json");
    client.write(ask.text()).await;
    scene.hears.hear("started").await;
    drop(client);
    scene.server.ask(&scene.call(2, "quick")).await.result();
    scene.hears.nothing();
    scene.go_on.give();
    scene.hears.hear("finished").await;
}

#[tokio::test]
async fn lost_connections_leave_nothing_behind() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    for change in [|http| http, resumable] {
        let mut scene = Scene::with(change).await;
        scene.server.ask(&scene.call(0, "quick")).await.result();
        let before = tasks();
        for id in 1..200 {
            let mut stream = scene.server.stream(&scene.call(id, "logs")).await;
            stream.message().await;
            scene.hears.hear("started").await;
            drop(stream);
            scene.go_on.give();
            scene.hears.hear("finished").await;
        }
        // What has ended has yet to be seen to.
        while tasks() > before {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_lost_is_no_cancel() {
    let mut scene = Scene::new().await;
    let mut stream = scene.server.stream(&scene.call(1, "logs")).await;
    stream.message().await;
    scene.hears.hear("started").await;
    drop(stream);
    scene.server.ask(&scene.call(2, "quick")).await.result();
    scene.hears.nothing();
    scene.go_on.give();
    scene.hears.hear("finished").await;
}

#[tokio::test]
async fn a_reset_is_no_cancel() {
    let (told, mut hears) = telling();
    let (go_on, late) = (Signal::default(), Shelf::default());
    let server = Server::new("it", "1").tools([runs("logs", &told, &go_on, &late)]);
    let server = listen(HttpServer::new(server)).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    stream.set_zero_linger().unwrap();
    let mut client = Client::new(stream);
    let id = client.initialize().await;
    let mut stream = client.stream(&call(1, "logs").session(&id)).await;
    stream.message().await;
    hears.hear("started").await;
    drop(stream);
    let mut other = server.connect().await;
    for n in 2..10 {
        let ping = request(n, "ping", &json!({})).session(&id);
        other.ask(&ping).await.result();
    }
    hears.nothing();
    go_on.give();
    hears.hear("finished").await;
}

#[tokio::test]
async fn a_call_whose_client_is_gone_still_has_its_id_and_can_be_cancelled() {
    for logs in [false, true] {
        let mut scene = Scene::new().await;
        if logs {
            let mut stream = scene.server.stream(&scene.call(1, "logs")).await;
            stream.message().await;
            scene.hears.hear("started").await;
        } else {
            scene.start(1).await;
        }
        scene.server.ask(&scene.call(2, "quick")).await.result();
        let again = scene.server.ask(&scene.call(1, "quick")).await;
        assert_eq!(again.error(400).0, -32600);
        scene.hears.nothing();
        scene.cancel(1).await;
        scene.hears.hear_soon("dropped").await;
        scene.server.ask(&scene.call(1, "quick")).await.result();
    }
}

#[tokio::test]
async fn a_call_that_outlives_its_client_frees_its_id_when_it_ends() {
    let mut scene = Scene::new().await;
    drop(scene.start(1).await);
    scene.server.ask(&scene.call(2, "quick")).await.result();
    scene.go_on.give();
    scene.hears.hear("finished").await;
    scene.server.ask(&scene.call(1, "quick")).await.result();
}

// ---- cancellation

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_is_dropped_within_100_ms_and_not_answered() {
    let mut scene = Scene::new().await;
    let client = scene.start(1).await;
    let ctx = scene.late.take();
    scene.cancel(1).await;
    scene.hears.hear_soon("dropped").await;
    assert!(ctx.is_cancelled());
    // The response must be one, since HTTP wants it; there is nothing in it.
    client.stream_begins().await.ended().await;
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_stream_ends_without_a_response() {
    for change in [|http| http, resumable] {
        let mut scene = Scene::with(change).await;
        let mut stream = scene.server.stream(&scene.call("a", "logs")).await;
        stream.message().await;
        scene.hears.hear("started").await;
        let ctx = scene.late.take();
        scene.cancel("a").await;
        scene.hears.hear_soon("dropped").await;
        ctx.log(LoggingLevel::Emergency, "too late");
        let mut client = stream.ended().await;
        client
            .ask(&Ask::ping().session(&scene.session))
            .await
            .result();
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_whose_client_takes_json_only_is_accepted_and_no_more() {
    let mut scene = Scene::new().await;
    let mut client = scene.server.connect();
    let ask = scene.call(1, "runs").instead("Accept", "application/json");
    client.write(ask.text()).await;
    scene.hears.hear("started").await;
    scene.cancel(1).await;
    scene.hears.hear_soon("dropped").await;
    let answer = client.read().await;
    assert_eq!((answer.status, answer.body.as_str()), (202, ""));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_is_dropped_while_its_stream_waits_for_a_slow_reader() {
    let (told, mut hears) = telling();
    let floods = tool("floods", move |ctx: Ctx| {
        let told = told.clone();
        async move {
            let _dropped = told.when_dropped("dropped");
            told.tell("started");
            loop {
                ctx.log(LoggingLevel::Info, "x".repeat(10_000));
                tokio::task::yield_now().await;
            }
            #[expect(unreachable_code, reason = "says what the tool would answer with")]
            Ok("never")
        }
    });
    let server = local(HttpServer::new(Server::new("it", "1").tools([floods])));
    let id = new_session(&server, &json!({})).await;
    let stream = server.stream(&call(1, "floods").session(&id)).await;
    hears.hear("started").await;
    // Nobody reads on: once the pipe and everything before it is full, the clock goes on.
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.tell(&cancelled(1).session(&id)).await;
    hears.hear_soon("dropped").await;
    // Its id is free, though nobody has seen the end of the stream.
    let ping = request(1, "ping", &json!({})).session(&id);
    server.ask(&ping).await.result();
    drop(stream);
}

#[tokio::test]
async fn a_tool_that_finishes_as_it_is_cancelled_is_not_answered_twice() {
    // In either order, a hundred times: one answer or none, and the id is free.
    let mut scene = Scene::new().await;
    for round in 0..100 {
        let client = scene.start(1).await;
        let cancel = cancelled(1).session(&scene.session);
        let mut other = scene.server.connect();
        if round % 2 == 0 {
            scene.go_on.give();
            other.write(cancel.text()).await;
        } else {
            other.write(cancel.text()).await;
            scene.go_on.give();
        }
        assert_eq!(other.read().await.status, 202);
        let mut client = client;
        let head = client.begin().await;
        if head.header("content-type") == Some("application/json") {
            let length = head.header("content-length").unwrap().parse().unwrap();
            let body = client.take(length).await;
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(text(&body), "done");
            scene.hears.hear("finished").await;
        } else {
            assert_eq!(client.take(5).await, b"0\r\n\r\n");
            scene.hears.hear("dropped").await;
            // What was given to nobody is taken back.
            scene.go_on = Signal::default();
            scene = Scene::new().await;
        }
        scene.server.ask(&scene.call(1, "quick")).await.result();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_answered_cancelled_and_lost_at_once_ends_and_frees_its_id() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Name {
        name: String,
    }
    let (told, mut hears) = telling();
    let asks = tool("asks", move |ctx: Ctx| {
        let told = told.clone();
        async move {
            ctx.progress(1.0, None);
            let answer = ctx.elicit::<Name>("?").await;
            told.tell("over");
            Ok(answer.map_or("none", |_| "answered"))
        }
    });
    let server = listen(HttpServer::new(Server::new("it", "1").tools([asks]))).await;
    let mut one = server.connect().await;
    let mut two = server.connect().await;
    let hello = initialize("2025-11-25", &json!({ "elicitation": {} }));
    let id = crate::client::session(&one.ask(&hello).await);
    for round in 0..300 {
        let client = server.connect().await;
        let mut stream = client.stream(&call(1, "asks").session(&id)).await;
        let question = stream.message().await;
        let result = json!({ "action": "accept", "content": { "name": "Ada" } });
        one.write(answer(&question, &result).session(&id).text())
            .await;
        if round % 3 == 0 {
            two.write(cancelled(1).session(&id).text()).await;
            assert_eq!(two.read().await.status, 202);
        }
        if round % 2 == 0 {
            drop(stream);
        } else {
            // Answered or cancelled: it ends.
            assert!(stream.messages().await.len() <= 1);
        }
        assert_eq!(one.read().await.status, 202);
        // Whatever came first, its id is free in the end.
        let ping = request(1, "ping", &json!({})).session(&id);
        while two.ask(&ping).await.status != 200 {}
        while hears.is("over") {}
    }
}

#[tokio::test]
async fn what_cannot_be_cancelled_is_accepted_and_changes_nothing() {
    let mut scene = Scene::new().await;
    let mut client = scene.start(7).await;
    scene.server.ask(&scene.call(8, "quick")).await.result();
    let other = new_session(&scene.server, &json!({})).await;
    let mine = &scene.session;
    let with = |params: Value| notification("notifications/cancelled", &params).session(mine);
    for ask in [
        // Unknown; done already; of another type; of another session.
        cancelled(99).session(mine),
        cancelled(8).session(mine),
        cancelled("7").session(mine),
        cancelled(7).session(&other),
        // Malformed.
        with(json!({})),
        with(json!({ "requestId": null })),
        with(json!({ "requestId": 7.5 })),
        with(json!({ "requestId": [7] })),
        with(json!({ "requestId": { "id": 7 } })),
        with(json!({ "request_id": 7 })),
        Ask::post(r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#).session(mine),
        // Not the method.
        notification("notifications/Cancelled", &json!({ "requestId": 7 })).session(mine),
        notification("cancelled", &json!({ "requestId": 7 })).session(mine),
    ] {
        scene.server.tell(&ask).await;
    }
    scene.hears.nothing();
    scene.go_on.give();
    assert_eq!(client.read().await.said().0, "done");
    scene.hears.hear("finished").await;
}

#[tokio::test(start_paused = true)]
async fn a_reason_may_be_anything() {
    let mut scene = Scene::new().await;
    for reason in [
        json!(null),
        json!(7),
        json!({ "a": [] }),
        json!("\u{1b}[31m\r\n\u{85}forged log line"),
        json!("x".repeat(100_000)),
    ] {
        let client = scene.start(7).await;
        let params = json!({ "requestId": 7, "reason": reason });
        let ask = notification("notifications/cancelled", &params);
        scene.server.tell(&ask.session(&scene.session)).await;
        scene.hears.hear_soon("dropped").await;
        drop(client);
    }
}

#[tokio::test]
async fn cancelling_twice_is_cancelling_once() {
    let mut scene = Scene::new().await;
    let client = scene.start(1).await;
    scene.cancel(1).await;
    scene.cancel(1).await;
    scene.hears.hear("dropped").await;
    client.stream_begins().await.ended().await;
    scene.cancel(1).await;
    // Not even the next one of this id.
    let mut client = scene.start(1).await;
    scene.go_on.give();
    assert_eq!(client.read().await.said().0, "done");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_session_is_the_end_of_its_calls() {
    let mut scene = Scene::new().await;
    let client = scene.start(1).await;
    let other = new_session(&scene.server, &json!({})).await;
    let answer = scene.server.ask(&Ask::delete(&scene.session)).await;
    assert_eq!(answer.status, 204);
    scene.hears.hear_soon("dropped").await;
    client.stream_begins().await.ended().await;
    // Not of others' calls.
    scene.session = other.clone();
    let mut client = scene.start(1).await;
    let third = new_session(&scene.server, &json!({})).await;
    scene.server.ask(&Ask::delete(&third)).await;
    scene.hears.nothing();
    scene.go_on.give();
    assert_eq!(client.read().await.said().0, "done");
}

#[tokio::test]
async fn a_destructor_that_panics_costs_nobody_else() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }
    let (told, mut hears) = telling();
    let bomb = tool("bomb", move |_| {
        let told = told.clone();
        async move {
            let _bomb = Bomb;
            told.tell("started");
            std::future::pending::<()>().await;
            Ok("never")
        }
    });
    let quick = tool("quick", |_| async { Ok("quick") });
    let server = local(HttpServer::new(Server::new("it", "1").tools([bomb, quick])));
    let id = new_session(&server, &json!({})).await;
    let mut client = server.connect();
    client.write(call(1, "bomb").session(&id).text()).await;
    hears.hear("started").await;
    server.tell(&cancelled(1).session(&id)).await;
    let mut client = client.stream_begins().await.ended().await;
    let answer = client.ask(&call(1, "quick").session(&id)).await;
    assert_eq!(answer.said().0, "quick");
}

// ---- ids

#[tokio::test]
async fn a_second_request_by_an_id_in_flight_is_refused_and_the_first_untouched() {
    let mut scene = Scene::new().await;
    let mut first = scene.start(7).await;
    for ask in [
        scene.call(7, "quick"),
        scene.call(7, "runs"),
        request(7, "ping", &json!({})).session(&scene.session),
        request(7, "tools/list", &json!({})).session(&scene.session),
        scene.call(7, "quick").instead("Accept", "application/json"),
        scene
            .call(7, "quick")
            .instead("Accept", "text/event-stream"),
    ] {
        let answer = scene.server.ask(&ask).await;
        let (code, text) = answer.error(400);
        assert_eq!(code, -32600);
        assert!(text.contains('7'), "{text}");
        assert_eq!(answer.json()["id"], 7);
    }
    scene.hears.nothing();
    // A string is another id.
    scene.server.ask(&scene.call("7", "quick")).await.result();
    scene.go_on.give();
    let answer = first.read().await;
    assert_eq!(
        (answer.said().0.as_str(), &answer.json()["id"]),
        ("done", &json!(7))
    );
    scene.hears.hear("finished").await;
}

#[tokio::test]
async fn the_same_id_in_another_session_is_another_request() {
    let mut scene = Scene::new().await;
    let mut first = scene.start(7).await;
    scene.session = new_session(&scene.server, &json!({})).await;
    let mut second = scene.start(7).await;
    for client in [&mut first, &mut second] {
        scene.go_on.give();
        assert_eq!(client.read().await.said().0, "done");
        scene.hears.hear("finished").await;
    }
}

#[tokio::test]
async fn an_id_is_free_again_after_whatever_ended_its_call() {
    let mut scene = Scene::new().await;
    // Completion.
    let mut client = scene.start(1).await;
    scene.go_on.give();
    client.read().await.result();
    scene.server.ask(&scene.call(1, "quick")).await.result();
    // A stream's completion.
    let mut stream = scene.server.stream(&scene.call(1, "logs")).await;
    stream.message().await;
    scene.go_on.give();
    stream.response().await;
    scene.server.ask(&scene.call(1, "quick")).await.result();
    // A panic.
    let answer = scene.server.ask(&scene.call(1, "panics")).await;
    assert!(code(&answer.json()) == -32603);
    scene.server.ask(&scene.call(1, "quick")).await.result();
    // An error.
    let answer = scene.server.ask(&scene.call(1, "no such tool")).await;
    assert_eq!(code(&answer.json()), -32602);
    scene.server.ask(&scene.call(1, "quick")).await.result();
    // Cancellation.
    let (told, hears) = telling();
    drop(told);
    scene.hears = std::mem::replace(&mut scene.hears, hears);
    let client = {
        let mut client = scene.server.connect();
        client.write(scene.call(1, "runs").text()).await;
        client
    };
    // It runs once its id is taken.
    while scene.server.ask(&scene.call(1, "quick")).await.status == 200 {}
    scene.cancel(1).await;
    client.stream_begins().await.ended().await;
    scene.server.ask(&scene.call(1, "quick")).await.result();
}

#[tokio::test]
async fn a_stream_for_nothing_in_particular_survives_the_end_of_calls() {
    let mut scene = Scene::new().await;
    let mut listening = scene.server.stream(&get(&scene.session)).await;
    let client = scene.start(1).await;
    scene.cancel(1).await;
    scene.hears.hear("dropped").await;
    client.stream_begins().await.ended().await;
    scene.server.ask(&Ask::delete(&scene.session)).await;
    // Only the end of the session ended it.
    assert_eq!(listening.messages().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancellation_is_never_missed_however_it_races_the_start() {
    let (told, mut hears) = telling();
    let (go_on, late) = (Signal::default(), Shelf::default());
    let server = Server::new("it", "1").tools([runs("runs", &told, &go_on, &late)]);
    let server = listen(HttpServer::new(server)).await;
    let mut calling = server.connect().await;
    let mut cancelling = server.connect().await;
    let id = calling.initialize().await;
    for number in 0..500 {
        calling
            .write(call(number, "runs").session(&id).text())
            .await;
        hears.hear("started").await;
        // It may have started and not have its id yet: then there is nothing to cancel.
        while !hears.is("dropped") {
            let ask = cancelled(number).session(&id);
            assert_eq!(cancelling.ask(&ask).await.status, 202);
        }
        calling = calling.stream_begins().await.ended().await;
    }
}
