//! Streams that belong to no call: changes of lists and resources, and who is told.

use std::time::Duration;

use mcp_core::{
    AskError, Ctx, Prompt, Resource, Server, ServerHandle, Tool, changes::Change, prelude::*,
    types::logging::LoggingLevel,
};
use mcp_http::HttpServer;
use serde_json::{Value, json};
use tokio::io::DuplexStream;

use crate::{
    client::{Ask, Local, listen, local},
    events::{Stream, call, code, get, new_session, request, tool, watched},
    fixture::{ALICE, BOB, http_with_keys},
};

fn quick(name: &str) -> Tool {
    tool(name, |_| async { Ok("quick") })
}

fn page(uri: &str) -> Resource {
    Resource::builder(uri, "page").handler(|_, _| async { Ok::<_, AskError>("text") })
}

fn prompt(name: &str) -> Prompt {
    Prompt::builder(name).handler(|_, _| async { Ok("text") })
}

/// A server that offers one of each, and what changes it.
struct Scene {
    server: Local,
    handle: ServerHandle,
    session: String,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::new("it", "1")
            .tools([
                quick("quick"),
                tool("speaks", |ctx: Ctx| async move {
                    ctx.log(LoggingLevel::Info, "hello");
                    ctx.progress(1.0, None);
                    tokio::task::yield_now().await;
                    Ok("done")
                }),
            ])
            .tools(tools![grows])
            .resources([page("docs://a"), page("docs://b"), page("docs://c/{d}")])
            .prompts([prompt("review")])
            .build()
            .unwrap();
        let handle = server.handle();
        let server = local(HttpServer::new(server));
        let session = new_session(&server, &json!({})).await;
        Self {
            server,
            handle,
            session,
        }
    }

    /// Opens a stream.
    async fn listen(&self) -> Stream<DuplexStream> {
        let mut stream = self.server.stream(&get(&self.session)).await;
        assert!(stream.block().await.unwrap().is_comment());
        stream
    }

    async fn subscribe(&self, method: &str, uri: &str) -> Value {
        let ask = request(1, method, &json!({ "uri": uri })).session(&self.session);
        self.server.ask(&ask).await.json()
    }

    /// Ends the session, and with it its streams; what is left of each.
    async fn rest<const N: usize>(&self, streams: [&mut Stream<DuplexStream>; N]) -> Vec<Value> {
        let ended = self.server.ask(&Ask::delete(&self.session)).await;
        assert_eq!(ended.status, 204);
        let mut all = Vec::new();
        for stream in streams {
            all.append(&mut stream.messages().await);
        }
        all
    }

    /// The names of what is listed.
    async fn listed(&self, method: &str) -> Vec<String> {
        let ask = request(1, method, &json!({})).session(&self.session);
        let result = self.server.ask(&ask).await.result();
        let items = result.as_object().unwrap().values().next().unwrap();
        let name = |item: &Value| {
            let key = item.get("uri").or(item.get("uriTemplate"));
            key.unwrap_or(&item["name"]).as_str().unwrap().to_owned()
        };
        items.as_array().unwrap().iter().map(name).collect()
    }
}

/// Adds a tool
#[mcp_tool]
fn grows(server: ServerHandle) -> Result<&'static str, ToolError> {
    server.add_tools([quick("grown")])?;
    server.resource_updated("docs://a");
    Ok("grown")
}

fn changed(what: &str) -> Value {
    let method = format!("notifications/{what}/list_changed");
    json!({ "jsonrpc": "2.0", "method": method, "params": {} })
}

fn updated(uri: &str) -> Value {
    let params = json!({ "uri": uri });
    json!({ "jsonrpc": "2.0", "method": "notifications/resources/updated", "params": params })
}

// ---- lists that change

#[tokio::test]
async fn a_list_of_tools_that_changes_is_told_and_is_another() {
    let scene = Scene::new().await;
    let mut stream = scene.listen().await;
    let handle = &scene.handle;
    handle.add_tools([quick("new"), quick("newer")]).unwrap();
    assert_eq!(stream.message().await, changed("tools"));
    let ask = call(1, "newer").session(&scene.session);
    scene.server.ask(&ask).await.result();
    assert_eq!(
        scene.listed("tools/list").await,
        ["quick", "speaks", "grows", "new", "newer"]
    );
    assert!(handle.remove_tool("quick"));
    assert_eq!(stream.message().await, changed("tools"));
    let ask = call(1, "quick").session(&scene.session);
    assert_eq!(code(&scene.server.ask(&ask).await.json()), -32602);
    handle.replace_tools([quick("only")]).unwrap();
    assert_eq!(stream.message().await, changed("tools"));
    assert_eq!(scene.listed("tools/list").await, ["only"]);
    handle.replace_tools([]).unwrap();
    assert_eq!(stream.message().await, changed("tools"));
    assert!(scene.listed("tools/list").await.is_empty());
    assert_eq!(scene.rest([&mut stream]).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_list_of_resources_that_changes_is_told_and_is_another() {
    let scene = Scene::new().await;
    let mut stream = scene.listen().await;
    let handle = &scene.handle;
    handle.add_resources([page("docs://new")]).unwrap();
    assert_eq!(stream.message().await, changed("resources"));
    assert_eq!(
        scene.listed("resources/list").await,
        ["docs://a", "docs://b", "docs://new"]
    );
    let read = request(1, "resources/read", &json!({ "uri": "docs://new" }));
    scene
        .server
        .ask(&read.session(&scene.session))
        .await
        .result();
    assert!(handle.remove_resource("docs://c/{d}"));
    assert_eq!(stream.message().await, changed("resources"));
    assert!(scene.listed("resources/templates/list").await.is_empty());
    handle.replace_resources([page("docs://x/{y}")]).unwrap();
    assert_eq!(stream.message().await, changed("resources"));
    assert!(scene.listed("resources/list").await.is_empty());
    assert_eq!(
        scene.listed("resources/templates/list").await,
        ["docs://x/{y}"]
    );
    assert_eq!(scene.rest([&mut stream]).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_list_of_prompts_that_changes_is_told_and_is_another() {
    let scene = Scene::new().await;
    let mut stream = scene.listen().await;
    let handle = &scene.handle;
    handle.add_prompts([prompt("new")]).unwrap();
    assert_eq!(stream.message().await, changed("prompts"));
    assert_eq!(scene.listed("prompts/list").await, ["review", "new"]);
    assert!(handle.remove_prompt("review"));
    assert_eq!(stream.message().await, changed("prompts"));
    handle.replace_prompts([prompt("only")]).unwrap();
    assert_eq!(stream.message().await, changed("prompts"));
    assert_eq!(scene.listed("prompts/list").await, ["only"]);
    assert_eq!(scene.rest([&mut stream]).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_change_that_fails_changes_nothing_and_is_told_to_nobody() {
    let scene = Scene::new().await;
    let mut stream = scene.listen().await;
    let handle = &scene.handle;
    assert!(handle.add_tools([quick("fine"), quick("quick")]).is_err());
    assert!(handle.replace_tools([quick("two"), quick("two")]).is_err());
    assert!(handle.add_resources([page("docs://a")]).is_err());
    assert!(handle.add_prompts([prompt("review")]).is_err());
    assert!(!handle.remove_tool("none"));
    assert!(!handle.remove_resource("none"));
    assert!(!handle.remove_prompt("none"));
    assert_eq!(
        scene.listed("tools/list").await,
        ["quick", "speaks", "grows"]
    );
    assert_eq!(scene.listed("prompts/list").await, ["review"]);
    assert_eq!(scene.rest([&mut stream]).await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_not_offered_cannot_be_added_and_nobody_is_told_of_it() {
    let server = Server::new("it", "1").offers_prompts().build().unwrap();
    let handle = server.handle();
    let server = local(HttpServer::new(server));
    let session = new_session(&server, &json!({})).await;
    let mut stream = server.stream(&get(&session)).await;
    let error = handle.add_tools([quick("new")]).unwrap_err();
    assert!(error.to_string().contains("`.offers_tools()`"), "{error}");
    let error = handle.replace_resources([page("docs://a")]).unwrap_err();
    assert!(
        error.to_string().contains("`.offers_resources()`"),
        "{error}"
    );
    handle.tell(&Change::Tools);
    handle.tell(&Change::Resources);
    handle.resource_updated("docs://a");
    let ask = request(1, "tools/list", &json!({})).session(&session);
    assert_eq!(code(&server.ask(&ask).await.json()), -32601);
    // What is offered can, even if there was none yet.
    handle.add_prompts([prompt("new")]).unwrap();
    assert_eq!(stream.message().await, changed("prompts"));
    server.ask(&Ask::delete(&session)).await;
    stream.ended().await;
}

#[tokio::test]
async fn a_tool_may_change_the_server_and_that_is_not_told_on_its_own_stream() {
    let scene = Scene::new().await;
    scene.subscribe("resources/subscribe", "docs://a").await;
    let mut stream = scene.listen().await;
    let ask = call(1, "grows").session(&scene.session);
    // In one piece: nothing was sent on the way.
    assert_eq!(scene.server.ask(&ask).await.said().0, "grown");
    assert_eq!(stream.message().await, changed("tools"));
    assert_eq!(stream.message().await, updated("docs://a"));
    assert!(
        scene
            .listed("tools/list")
            .await
            .contains(&"grown".to_owned())
    );
    assert_eq!(scene.rest([&mut stream]).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_change_elsewhere_can_be_told() {
    let scene = Scene::new().await;
    let mut stream = scene.listen().await;
    for (change, what) in [
        (Change::Tools, "tools"),
        (Change::Resources, "resources"),
        (Change::Prompts, "prompts"),
    ] {
        scene.handle.tell(&change);
        assert_eq!(stream.message().await, changed(what));
    }
}

#[tokio::test]
async fn every_session_that_listens_is_told_once() {
    let scene = Scene::new().await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let session = new_session(&scene.server, &json!({})).await;
        let stream = scene.server.stream(&get(&session)).await;
        streams.push((session, stream));
    }
    scene.handle.tell(&Change::Tools);
    for (session, mut stream) in streams {
        assert_eq!(stream.message().await, changed("tools"));
        scene.server.ask(&Ask::delete(&session)).await;
        stream.ended().await;
    }
}

#[tokio::test]
async fn who_listens_later_is_not_told_of_what_was() {
    let scene = Scene::new().await;
    scene.handle.tell(&Change::Tools);
    drop(scene.listen().await);
    let mut stream = scene.listen().await;
    scene.handle.tell(&Change::Prompts);
    assert_eq!(stream.message().await, changed("prompts"));
    assert_eq!(scene.rest([&mut stream]).await, Vec::<Value>::new());
}

// ---- resources that change

#[tokio::test]
async fn whoever_watches_a_resource_is_told_and_nobody_else() {
    let scene = Scene::new().await;
    let other = new_session(&scene.server, &json!({})).await;
    let mut others = scene.server.stream(&get(&other)).await;
    assert_eq!(
        scene.subscribe("resources/subscribe", "docs://a").await["result"],
        json!({})
    );
    let mut stream = scene.listen().await;
    scene.handle.resource_updated("docs://b");
    scene.handle.resource_updated("docs://a");
    assert_eq!(stream.message().await, updated("docs://a"));
    // Twice is once; no more is no more.
    scene.subscribe("resources/subscribe", "docs://a").await;
    scene.subscribe("resources/subscribe", "docs://b").await;
    scene.handle.resource_updated("docs://a");
    scene.handle.resource_updated("docs://b");
    assert_eq!(stream.message().await, updated("docs://a"));
    assert_eq!(stream.message().await, updated("docs://b"));
    let done = scene.subscribe("resources/unsubscribe", "docs://a").await;
    assert_eq!(done["result"], json!({}));
    let done = scene.subscribe("resources/unsubscribe", "docs://z").await;
    assert_eq!(done["result"], json!({}), "what is not watched need not be");
    scene.handle.resource_updated("docs://a");
    scene.handle.resource_updated("docs://b");
    assert_eq!(stream.message().await, updated("docs://b"));
    assert_eq!(scene.rest([&mut stream]).await, Vec::<Value>::new());
    scene.server.ask(&Ask::delete(&other)).await;
    assert_eq!(others.messages().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_resource_of_a_template_can_be_watched() {
    let scene = Scene::new().await;
    scene.subscribe("resources/subscribe", "docs://c/7").await;
    let mut stream = scene.listen().await;
    scene.handle.resource_updated("docs://c/8");
    scene.handle.resource_updated("docs://c/7");
    assert_eq!(stream.message().await, updated("docs://c/7"));
}

#[tokio::test]
async fn a_subscription_to_nothing_is_refused() {
    let scene = Scene::new().await;
    for method in ["resources/subscribe", "resources/unsubscribe"] {
        for params in [
            json!({}),
            json!({ "uri": null }),
            json!({ "uri": 7 }),
            json!({ "uri": "x".repeat(10_000) }),
        ] {
            let ask = request(1, method, &params).session(&scene.session);
            let answer = scene.server.ask(&ask).await;
            assert_eq!(code(&answer.json()), -32602, "{method}");
        }
    }
}

#[tokio::test]
async fn what_one_session_can_watch_is_bounded() {
    let scene = Scene::new().await;
    let mut client = scene.server.connect();
    let mut watch = async |n: usize| {
        let params = json!({ "uri": format!("docs://c/{n}") });
        let ask = request(1, "resources/subscribe", &params).session(&scene.session);
        client.ask(&ask).await.json()
    };
    for n in 0..1000 {
        assert_eq!(watch(n).await["result"], json!({}));
    }
    // What it watches already it may go on watching.
    assert_eq!(watch(5).await["result"], json!({}));
    let refused = watch(1000).await;
    assert_eq!(code(&refused), -32602, "{refused}");
    // In bytes, too.
    let scene = Scene::new().await;
    for n in 0..1000 {
        let uri = format!("docs://c/{n}{}", "x".repeat(4096));
        let answer = scene.subscribe("resources/subscribe", &uri).await;
        if answer.get("error").is_some() {
            assert!((16..64).contains(&n), "{n}");
            return;
        }
    }
    panic!("as much as one likes");
}

// ---- several streams

#[tokio::test]
async fn each_message_is_on_exactly_one_stream() {
    let scene = Scene::new().await;
    scene.subscribe("resources/subscribe", "docs://a").await;
    let mut streams = [
        scene.listen().await,
        scene.listen().await,
        scene.listen().await,
    ];
    // At once, and with time to read in between.
    for _ in 0..10 {
        scene.handle.tell(&Change::Tools);
        scene.handle.resource_updated("docs://a");
    }
    for _ in 0..10 {
        scene.handle.tell(&Change::Prompts);
        scene
            .server
            .ask(&call(1, "quick").session(&scene.session))
            .await;
    }
    let [one, two, three] = &mut streams;
    let all = scene.rest([one, two, three]).await;
    let count = |message: &Value| all.iter().filter(|m| *m == message).count();
    assert_eq!(count(&changed("tools")), 10);
    assert_eq!(count(&updated("docs://a")), 10);
    assert_eq!(count(&changed("prompts")), 10);
    assert_eq!(all.len(), 30);
}

#[tokio::test]
async fn when_one_stream_closes_another_is_told() {
    let scene = Scene::new().await;
    let mut older = scene.listen().await;
    let mut newer = scene.listen().await;
    scene.handle.tell(&Change::Tools);
    assert_eq!(newer.message().await, changed("tools"));
    drop(newer);
    // The server has seen it go once it has served somebody else.
    scene
        .server
        .ask(&call(1, "quick").session(&scene.session))
        .await;
    for _ in 0..3 {
        // Several at once, while the reader has not come back for more.
        scene.handle.tell(&Change::Prompts);
        scene.handle.tell(&Change::Resources);
        assert_eq!(older.message().await, changed("prompts"));
        assert_eq!(older.message().await, changed("resources"));
    }
    // And a new one takes over.
    let mut newest = scene.listen().await;
    scene.handle.tell(&Change::Tools);
    assert_eq!(newest.message().await, changed("tools"));
    assert_eq!(
        scene.rest([&mut older, &mut newest]).await,
        Vec::<Value>::new()
    );
}

#[tokio::test]
async fn nothing_of_calls_is_told_on_a_stream_of_its_own() {
    let scene = Scene::new().await;
    let mut stream = scene.listen().await;
    for id in 0..5 {
        let ask = watched(id, "speaks", id).session(&scene.session);
        let mut call = scene.server.stream(&ask).await;
        assert_eq!(call.messages().await.len(), 3);
    }
    assert_eq!(scene.rest([&mut stream]).await, Vec::<Value>::new());
}

#[tokio::test]
async fn how_many_streams_a_session_has_is_bounded_and_the_oldest_goes() {
    let scene = Scene::new().await;
    let mut oldest = scene.listen().await;
    let mut others = Vec::new();
    for _ in 0..64 {
        others.push(scene.listen().await);
    }
    assert_eq!(oldest.messages().await, Vec::<Value>::new());
    scene.handle.tell(&Change::Tools);
    let newest = others.last_mut().unwrap();
    assert_eq!(newest.message().await, changed("tools"));
}

// ---- how streams begin and end

#[tokio::test]
async fn a_stream_is_opened_by_whoever_takes_one_in_a_session_of_its_own() {
    let scene = Scene::new().await;
    for accept in ["text/event-stream", "*/*", "application/json, text/*"] {
        let ask = get(&scene.session).instead("Accept", accept);
        scene.server.stream(&ask).await;
    }
    for (ask, status) in [
        (
            get(&scene.session).instead("Accept", "application/json"),
            406,
        ),
        (
            get(&scene.session).instead("Accept", "text/event-stream;q=0"),
            406,
        ),
        (get(&scene.session).without("Mcp-Session-Id"), 400),
        (get("no session"), 404),
        (get(&scene.session).session(&scene.session), 400),
        (
            get(&scene.session).with("MCP-Protocol-Version", "1999-01-01"),
            400,
        ),
    ] {
        assert_eq!(scene.server.ask(&ask).await.status, status, "{ask:?}");
    }
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_streams_and_no_others() {
    let scene = Scene::new().await;
    let other = new_session(&scene.server, &json!({})).await;
    let mut others = scene.server.stream(&get(&other)).await;
    let streams = [scene.listen().await, scene.listen().await];
    scene.server.ask(&Ask::delete(&scene.session)).await;
    for stream in streams {
        let mut client = stream.ended().await;
        assert_eq!(client.ask(&get(&scene.session)).await.status, 404);
    }
    scene.handle.tell(&Change::Tools);
    assert_eq!(others.message().await, changed("tools"));
}

#[tokio::test]
async fn nobody_opens_the_stream_of_another() {
    let server = local(http_with_keys());
    let hello = Ask::initialize("2025-11-25").key(ALICE);
    let session = crate::client::session(&server.ask(&hello).await);
    for ask in [get(&session).key(BOB), get(&session)] {
        let answer = server.ask(&ask).await;
        let unknown = server.ask(&get("no session").key(BOB)).await;
        assert_eq!(answer.error(404), unknown.error(404), "no hint either");
    }
    server.stream(&get(&session).key(ALICE)).await;
}

#[tokio::test]
async fn a_server_that_stops_ends_streams_at_once() {
    let server = Server::new("it", "1").tools([quick("quick")]);
    let server = HttpServer::new(server).shutdown_grace(Duration::from_secs(3600));
    let server = listen(server).await;
    let mut client = server.connect().await;
    let session = client.initialize().await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        let client = server.connect().await;
        let mut stream = client.stream(&get(&session)).await;
        stream.block().await;
        streams.push(stream);
    }
    server.stop().await;
    for stream in streams {
        // In order: the body ends before the connection does.
        stream.ended().await.closed().await;
    }
}
