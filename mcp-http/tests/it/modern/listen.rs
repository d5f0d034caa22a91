//! `subscriptions/listen`: what a client is told of, and how it ends.

use std::time::Duration;

use mcp_core::{AskError, Prompt, Resource, Server, ServerBuilder, ServerHandle, Tool};
use mcp_http::HttpServer;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream},
    net::TcpStream,
};

use super::{bare, refused, request};
use crate::{
    client::{Ask, Listening, Local, listen as listening, local},
    events::{Stream, tool},
    fixture::{BOB, keys},
};

const ID_KEY: &str = "io.modelcontextprotocol/subscriptionId";

fn quick(name: &str) -> Tool {
    tool(name, |_| async { Ok("quick") })
}

fn page(uri: &str) -> Resource {
    Resource::builder(uri, "page").handler(|_, _| async { Ok::<_, AskError>("text") })
}

fn prompt(name: &str) -> Prompt {
    Prompt::builder(name).handler(|_, _| async { Ok("text") })
}

fn everything() -> ServerBuilder {
    Server::new("it", "1")
        .tools([quick("quick")])
        .resources([page("docs://a"), page("docs://b")])
        .prompts([prompt("review")])
}

fn serve(server: ServerBuilder) -> (Local, ServerHandle) {
    let server = server.build().unwrap();
    let handle = server.handle();
    (local(HttpServer::new(server)), handle)
}

async fn serve_on_socket(server: ServerBuilder) -> (Listening, ServerHandle) {
    let server = server.build().unwrap();
    let handle = server.handle();
    (listening(HttpServer::new(server)).await, handle)
}

fn listen(id: impl Into<Value>, filter: &Value) -> Ask {
    request(
        id,
        "subscriptions/listen",
        &json!({ "notifications": filter }),
    )
}

fn everything_there_is() -> Value {
    json!({
        "toolsListChanged": true,
        "promptsListChanged": true,
        "resourcesListChanged": true,
        "resourceSubscriptions": ["docs://a"],
    })
}

/// The acknowledgement, which must come first; what it says is honoured.
async fn acknowledged<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<S>,
    id: &Value,
) -> Value {
    let message = stream.message().await;
    assert_eq!(
        message["method"],
        "notifications/subscriptions/acknowledged"
    );
    assert_eq!(message.get("id"), None, "{message}");
    assert_eq!(message["params"]["_meta"][ID_KEY], *id, "{message}");
    message["params"]["notifications"].clone()
}

/// The next message, which must be of this method and subscription.
async fn told<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<S>,
    method: &str,
    id: &Value,
) -> Value {
    let message = stream.message().await;
    assert_eq!(message["method"], method, "{message}");
    assert_eq!(message["params"]["_meta"][ID_KEY], *id, "{message}");
    message["params"].clone()
}

async fn open(server: &Local, id: &Value, filter: &Value) -> Stream<DuplexStream> {
    let mut stream = server.stream(&listen(id.clone(), filter)).await;
    acknowledged(&mut stream, id).await;
    stream
}

async fn open_on_socket(server: &Listening, id: &Value, filter: &Value) -> Stream<TcpStream> {
    let client = server.connect().await;
    let mut stream = client.stream(&listen(id.clone(), filter)).await;
    acknowledged(&mut stream, id).await;
    stream
}

#[tokio::test]
async fn the_acknowledgement_comes_first_and_says_what_is_honoured() {
    let (server, handle) = serve(everything());
    let filter = everything_there_is();
    let ask = listen(1, &filter);
    let mut client = server.connect();
    client.write(ask.text()).await;
    let mut stream = client.stream_begins().await;
    handle.add_tools([quick("more")]).unwrap();
    assert_eq!(acknowledged(&mut stream, &json!(1)).await, filter);
    told(&mut stream, "notifications/tools/list_changed", &json!(1)).await;
}

#[tokio::test]
async fn a_subscription_makes_no_session() {
    let (server, _) = serve(everything());
    let mut client = server.connect();
    client.write(listen(1, &json!({})).text()).await;
    assert_eq!(client.begin().await.header("mcp-session-id"), None);
}

#[tokio::test]
async fn what_a_server_does_not_offer_is_not_honoured() {
    let (server, _) = serve(Server::new("it", "1").tools([quick("quick")]));
    let mut stream = server.stream(&listen(1, &everything_there_is())).await;
    let honoured = acknowledged(&mut stream, &json!(1)).await;
    assert_eq!(honoured, json!({ "toolsListChanged": true }));
    // What was not asked for is not there either, nor is what nobody knows.
    for filter in [
        json!({}),
        json!({ "toolsListChanged": false, "resourceSubscriptions": [] }),
        json!({ "everything": true }),
    ] {
        let mut stream = server.stream(&listen(1, &filter)).await;
        assert_eq!(acknowledged(&mut stream, &json!(1)).await, json!({}));
    }
}

#[tokio::test]
async fn the_id_of_a_subscription_keeps_its_type() {
    let (server, handle) = serve(everything());
    let filter = json!({ "toolsListChanged": true });
    let ids = [json!(7), json!("7"), json!("sub/ä"), json!(-1), json!("")];
    for (at, id) in ids.into_iter().enumerate() {
        let mut stream = open(&server, &id, &filter).await;
        handle.add_tools([quick(&format!("more{at}"))]).unwrap();
        told(&mut stream, "notifications/tools/list_changed", &id).await;
    }
}

#[tokio::test]
async fn only_changes_that_were_asked_for_are_told() {
    let (server, handle) = serve(everything());
    let id = json!("s");
    for (filter, method) in [
        (
            json!({ "toolsListChanged": true }),
            "notifications/tools/list_changed",
        ),
        (
            json!({ "promptsListChanged": true }),
            "notifications/prompts/list_changed",
        ),
        (
            json!({ "resourcesListChanged": true }),
            "notifications/resources/list_changed",
        ),
        (
            json!({ "resourceSubscriptions": ["docs://b"] }),
            "notifications/resources/updated",
        ),
    ] {
        let mut stream = open(&server, &id, &filter).await;
        for _ in 0..2 {
            // All there is, in an order in which a stray message would come first or second.
            handle.resource_updated("docs://a");
            handle.add_tools([quick("more")]).unwrap();
            handle.add_prompts([prompt("more")]).unwrap();
            handle.add_resources([page("docs://more")]).unwrap();
            handle.resource_updated("docs://b");
            let params = told(&mut stream, method, &id).await;
            if method.ends_with("updated") {
                assert_eq!(params["uri"], "docs://b");
            } else {
                // Its being taken away is a change, too.
                told_twice(&handle);
                told(&mut stream, method, &id).await;
                continue;
            }
            told_twice(&handle);
        }
    }
}

/// Undoes what was added, so that it can be added again.
fn told_twice(handle: &ServerHandle) {
    assert!(handle.remove_tool("more"));
    assert!(handle.remove_prompt("more"));
    assert!(handle.remove_resource("docs://more"));
}

#[tokio::test]
async fn subscriptions_of_one_client_are_told_apart() {
    let (server, handle) = serve(everything());
    let watch = |uri: &str| json!({ "resourceSubscriptions": [uri] });
    let mut a = open(&server, &json!("a"), &watch("docs://a")).await;
    let mut b = open(&server, &json!("b"), &watch("docs://b")).await;
    let mut both = open(
        &server,
        &json!("both"),
        &json!({ "resourceSubscriptions": ["docs://a", "docs://b"] }),
    )
    .await;
    handle.resource_updated("docs://b");
    handle.resource_updated("docs://a");
    let method = "notifications/resources/updated";
    assert_eq!(told(&mut a, method, &json!("a")).await["uri"], "docs://a");
    assert_eq!(told(&mut b, method, &json!("b")).await["uri"], "docs://b");
    assert_eq!(
        told(&mut both, method, &json!("both")).await["uri"],
        "docs://b"
    );
    assert_eq!(
        told(&mut both, method, &json!("both")).await["uri"],
        "docs://a"
    );
}

#[tokio::test]
async fn a_filter_that_is_none_is_refused() {
    let (server, _) = serve(everything());
    for filter in [
        json!(null),
        json!([]),
        json!("all"),
        json!({ "toolsListChanged": "yes" }),
        json!({ "toolsListChanged": null }),
        json!({ "resourceSubscriptions": "docs://a" }),
        json!({ "resourceSubscriptions": [7] }),
        json!({ "resourceSubscriptions": ["x".repeat(8 * 1024 + 1)] }),
        json!({ "resourceSubscriptions": (0..1001).map(|at| format!("docs://{at}")).collect::<Vec<_>>() }),
    ] {
        let answer = server.ask(&listen(1, &filter)).await;
        assert_eq!(refused(&answer, 400).0, -32602, "{answer:?}");
    }
    let without = request(1, "subscriptions/listen", &json!({}));
    assert_eq!(refused(&server.ask(&without).await, 400).0, -32602);
}

#[tokio::test]
async fn the_uris_of_a_subscription_are_few_bytes_however_few_they_are() {
    let (server, _) = serve(everything());
    let uris = |count: usize| {
        let uri = |at| format!("docs://{at:02}/{}", "x".repeat(8 * 1024 - 10));
        json!({ "resourceSubscriptions": (0..count).map(uri).collect::<Vec<_>>() })
    };
    acknowledged(&mut server.stream(&listen(1, &uris(16))).await, &json!(1)).await;
    let answer = server.ask(&listen(1, &uris(17))).await;
    assert_eq!(refused(&answer, 400).0, -32602, "{answer:?}");
    answer.refuses(400, &["`resourceSubscriptions`", "131072 bytes"]);
}

#[tokio::test]
async fn a_subscription_is_a_stream_or_nothing() {
    let (server, _) = serve(everything());
    let ask = listen(1, &json!({})).instead("Accept", "application/json");
    let answer = server.ask(&ask).await;
    assert_eq!(answer.status, 406);
    let ask = listen(1, &json!({})).instead("Accept", "text/event-stream");
    acknowledged(&mut server.stream(&ask).await, &json!(1)).await;
}

#[tokio::test]
async fn headers_and_keys_matter_to_a_subscription_as_to_any_request() {
    let server = everything().build().unwrap();
    let server = local(HttpServer::new(server).auth(keys()).require_auth());
    let ask = listen(1, &json!({}));
    assert_eq!(server.ask(&ask).await.status, 401);
    let ask = ask.key(BOB);
    let wrong = ask.clone().instead("Mcp-Method", "tools/list");
    assert_eq!(refused(&server.ask(&wrong).await, 400).0, -32020);
    acknowledged(&mut server.stream(&ask).await, &json!(1)).await;
}

#[tokio::test]
async fn a_silent_subscription_shows_that_it_lives() {
    let server = HttpServer::new(everything()).keep_alive(Duration::from_millis(1));
    let mut stream = open(&local(server), &json!(1), &json!({})).await;
    for _ in 0..3 {
        assert!(stream.block().await.unwrap().is_comment());
    }
}

// ---- the end

#[tokio::test]
async fn a_server_that_goes_down_ends_every_subscription_in_good_order() {
    let (server, handle) = serve_on_socket(everything()).await;
    let mut streams = Vec::new();
    for id in [json!(7), json!("7")] {
        streams.push((
            open_on_socket(&server, &id, &everything_there_is()).await,
            id,
        ));
    }
    handle.add_tools([quick("more")]).unwrap();
    let stopped = server.stop();
    for (stream, id) in &mut streams {
        told(stream, "notifications/tools/list_changed", id).await;
        let params = told(stream, "notifications/cancelled", id).await;
        assert_eq!(params["requestId"], *id);
    }
    for (stream, id) in streams {
        let (response, _) = stream.response().await;
        assert_eq!(response["id"], id);
        assert_eq!(response["result"]["resultType"], "complete");
        assert_eq!(response["result"]["_meta"][ID_KEY], id);
        assert_eq!(response["result"]["_meta"][super::SERVER_KEY]["name"], "it");
    }
    stopped.await;
}

#[tokio::test]
async fn a_subscription_that_comes_while_the_server_goes_down_ends_at_once() {
    let hour = Duration::from_secs(3600);
    let http = HttpServer::new(everything()).shutdown_grace(hour);
    let server = listening(http).await;
    let mut before = open_on_socket(&server, &json!("before"), &json!({})).await;
    let mut client = server.connect().await;
    let ask = listen("late", &everything_there_is()).with("Expect", "100-continue");
    client.write(ask.head()).await;
    assert_eq!(client.begin().await.status, 100, "its body is waited for");
    let stopped = server.stop();
    told(&mut before, "notifications/cancelled", &json!("before")).await;
    drop(before);
    client.write(ask.body()).await;
    let mut stream = client.stream_begins().await;
    let id = json!("late");
    acknowledged(&mut stream, &id).await;
    told(&mut stream, "notifications/cancelled", &id).await;
    let (response, _) = stream.response().await;
    assert_eq!(response["id"], id);
    assert_eq!(response["result"]["resultType"], "complete");
    stopped.await;
}

#[tokio::test]
async fn a_server_that_hides_its_name_takes_leave_without_it() {
    let server = listening(HttpServer::new(everything()).hide_server_info()).await;
    let mut stream = open_on_socket(&server, &json!(1), &json!({})).await;
    let stopped = server.stop();
    let messages = stream.messages().await;
    stopped.await;
    let meta = json!({ ID_KEY: 1 });
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(
        messages[1]["result"],
        json!({ "resultType": "complete", "_meta": meta })
    );
}

#[tokio::test]
async fn a_client_that_leaves_is_told_no_more_and_others_are() {
    let (server, handle) = serve(everything());
    let filter = json!({ "toolsListChanged": true });
    let mut stays = open(&server, &json!("stays"), &filter).await;
    for round in 0..10 {
        let leaves = open(&server, &json!("leaves"), &filter).await;
        drop(leaves);
        let name = format!("more{round}");
        handle.add_tools([quick(&name)]).unwrap();
        told(
            &mut stays,
            "notifications/tools/list_changed",
            &json!("stays"),
        )
        .await;
    }
}

#[tokio::test]
async fn a_notification_ends_no_subscription_over_http() {
    let (server, handle) = serve(everything());
    let filter = json!({ "toolsListChanged": true });
    let mut stream = open(&server, &json!(1), &filter).await;
    let message = json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": { "requestId": 1, "_meta": super::meta(&json!({})) },
    });
    server.tell(&bare(&message)).await;
    handle.add_tools([quick("more")]).unwrap();
    told(&mut stream, "notifications/tools/list_changed", &json!(1)).await;
}

#[tokio::test]
async fn a_thousand_listeners_are_all_told() {
    let (server, handle) = serve(everything());
    let filter = json!({ "toolsListChanged": true });
    let mut streams = Vec::new();
    for id in 0..1000 {
        streams.push(open(&server, &json!(id), &filter).await);
    }
    handle.add_tools([quick("more")]).unwrap();
    for (id, stream) in streams.iter_mut().enumerate() {
        told(stream, "notifications/tools/list_changed", &json!(id)).await;
    }
}

#[tokio::test]
async fn who_does_not_read_holds_nobody_up_and_hears_the_latest() {
    let (server, handle) = serve(everything());
    let filter = json!({ "resourceSubscriptions": ["docs://a", "docs://last"] });
    let mut idle = open(&server, &json!("idle"), &filter).await;
    let mut reads = open(&server, &json!("reads"), &filter).await;
    let method = "notifications/resources/updated";
    for _ in 0..5000 {
        handle.resource_updated("docs://a");
        told(&mut reads, method, &json!("reads")).await;
    }
    handle.resource_updated("docs://last");
    let mut count = 0;
    while told(&mut idle, method, &json!("idle")).await["uri"] != "docs://last" {
        count += 1;
    }
    assert!(count <= 5000, "{count}");
}
