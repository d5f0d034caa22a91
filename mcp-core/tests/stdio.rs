//! Newline-delimited messages: both eras over one pair of streams, read off the lines.
//!
//! Nothing sleeps: a test waits for the line or the event that it is about.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::{future::Future, sync::Arc, time::Duration};

use mcp_core::{AskError, ServerBuilder, ServerHandle, Tool, prelude::*, schema::Schema, stdio};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines},
    sync::{Semaphore, mpsc},
    task::JoinHandle,
    time::{Instant, timeout},
};

const VERSION: &str = "2026-07-28";
const ID_KEY: &str = "io.modelcontextprotocol/subscriptionId";
/// When a test gives up waiting.
const PATIENCE: Duration = Duration::from_secs(60);

/// The client's end.
struct Peer {
    input: DuplexStream,
    output: Lines<BufReader<DuplexStream>>,
    served: JoinHandle<Result<(), stdio::Error>>,
}

fn start(server: ServerBuilder) -> Peer {
    start_built(server.build().unwrap())
}

fn start_built(server: Server) -> Peer {
    let (input, theirs) = tokio::io::duplex(64 * 1024);
    let (output, ours) = tokio::io::duplex(64 * 1024);
    Peer {
        input,
        output: BufReader::new(ours).lines(),
        served: tokio::spawn(stdio::serve_on(server, theirs, output)),
    }
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("nothing happens")
}

impl Peer {
    async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        soon(self.input.write_all(bytes.as_ref())).await.unwrap();
    }

    async fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n")).await;
    }

    /// The next line, which must be a message.
    async fn read(&mut self) -> Value {
        let line = soon(self.output.next_line()).await.unwrap();
        let line = line.expect("a message, not the end");
        let message: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        message
    }

    async fn ask(&mut self, message: &Value) -> Value {
        self.send(message).await;
        self.read().await
    }

    /// Begins a session of a client that can be asked for forms.
    async fn initialize(&mut self) {
        let response = self.ask(&initialize(0)).await;
        assert_eq!(response["result"]["protocolVersion"], "2025-11-25");
        self.send(&notification("notifications/initialized", json!({})))
            .await;
    }

    /// Nothing has been said that was not read: what is asked now is answered next.
    async fn nothing(&mut self) {
        let id = json!("nothing");
        let response = self.ask(&modern(&id, "server/discover", json!({}))).await;
        assert_eq!(response["id"], id, "{response}");
    }

    /// Ends the input; what is still said, to the end.
    async fn end(self) -> Vec<Value> {
        let Self {
            input,
            mut output,
            served,
        } = self;
        drop(input);
        let mut rest = Vec::new();
        while let Some(line) = soon(output.next_line()).await.unwrap() {
            rest.push(serde_json::from_str(&line).unwrap());
        }
        soon(served).await.unwrap().unwrap();
        rest
    }
}

// ---- messages

fn legacy(id: &Value, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

fn modern(id: &Value, method: &str, mut params: Value) -> Value {
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(VERSION);
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({ "elicitation": {} });
    legacy(id, method, params)
}

fn initialize(id: i64) -> Value {
    let params = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": { "elicitation": {} },
        "clientInfo": { "name": "it", "version": "1" },
    });
    legacy(&json!(id), "initialize", params)
}

fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

fn cancelled(id: &Value) -> Value {
    notification("notifications/cancelled", json!({ "requestId": id }))
}

/// A call, in either era.
type Call = fn(&Value, &str) -> Value;

fn legacy_call(id: &Value, tool: &str) -> Value {
    legacy(id, "tools/call", json!({ "name": tool }))
}

fn modern_call(id: &Value, tool: &str) -> Value {
    modern(id, "tools/call", json!({ "name": tool }))
}

const BOTH: [Call; 2] = [legacy_call, modern_call];

#[track_caller]
fn text(response: &Value) -> &str {
    let text = response["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("{response}"))
}

#[track_caller]
fn refuses(response: &Value, id: &Value, code: i64) {
    assert_eq!(response["id"], *id, "{response}");
    assert_eq!(response["error"]["code"], code, "{response}");
}

// ---- tools

/// What happened, told to the test.
type Told = mpsc::UnboundedSender<&'static str>;
type Hears = mpsc::UnboundedReceiver<&'static str>;

struct WhenDropped(Told);

impl Drop for WhenDropped {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

async fn hear(hears: &mut Hears, what: &str) {
    assert_eq!(soon(hears.recv()).await, Some(what));
}

fn tool<Fut>(name: &str, run: impl Fn(Ctx) -> Fut + Send + Sync + 'static) -> Tool
where
    Fut: Future<Output = Result<String, ToolError>> + Send + 'static,
{
    Tool::builder(name)
        .description("A tool of this test")
        .handler(move |_: Map<String, Value>, ctx| run(ctx))
}

fn quick(name: &str) -> Tool {
    tool(name, |_| async { Ok("quick".to_owned()) })
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

/// Asks for a name.
fn asks() -> Tool {
    tool("asks", |ctx| async move {
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok(format!("Hello, {name}!"))
    })
}

/// A tool that waits for the gate.
fn waits(told: &Told, gate: &Arc<Semaphore>) -> Tool {
    let (told, gate) = (told.clone(), Arc::clone(gate));
    tool("waits", move |_| {
        let (told, gate) = (told.clone(), Arc::clone(&gate));
        async move {
            let dropped = WhenDropped(told.clone());
            let _ = told.send("started");
            gate.acquire().await?.forget();
            std::mem::forget(dropped);
            Ok("through".to_owned())
        }
    })
}

struct Scene {
    peer: Peer,
    hears: Hears,
    gate: Arc<Semaphore>,
}

/// A client with a session, of a server whose `waits` waits.
async fn scene() -> Scene {
    let (told, hears) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    let tools = [quick("quick"), waits(&told, &gate), asks()];
    let mut peer = start(Server::new("it", "1").tools(tools));
    peer.initialize().await;
    Scene { peer, hears, gate }
}

fn server() -> ServerBuilder {
    Server::new("it", "1").tools([quick("quick"), asks()])
}

// ---- eras and the handshake

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

// ---- calls

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
async fn a_legacy_question_is_a_request_and_its_answer_a_response() {
    let mut peer = start(server());
    peer.initialize().await;
    peer.send(&legacy_call(&json!(1), "asks")).await;
    let question = peer.read().await;
    assert_eq!(question["method"], "elicitation/create");
    let result = json!({ "action": "accept", "content": { "name": "Ann" } });
    let answer = json!({ "jsonrpc": "2.0", "id": question["id"], "result": result });
    assert_eq!(text(&peer.ask(&answer).await), "Hello, Ann!");
}

#[tokio::test]
async fn a_modern_question_is_a_result() {
    let mut peer = start(server());
    let response = peer.ask(&modern_call(&json!(1), "asks")).await;
    let result = &response["result"];
    assert_eq!(result["resultType"], "input_required");
    assert_eq!(
        result["inputRequests"]["q0"]["method"],
        "elicitation/create"
    );
    let answer = json!({ "action": "accept", "content": { "name": "Ann" } });
    let params = json!({
        "name": "asks",
        "requestState": result["requestState"],
        "inputResponses": { "q0": answer },
    });
    let response = peer.ask(&modern(&json!(2), "tools/call", params)).await;
    assert_eq!(text(&response), "Hello, Ann!");
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

// ---- lines

#[tokio::test]
async fn a_line_that_is_no_message_is_answered_and_the_next_one_works() {
    let mut peer = start(server());
    for (line, code) in [
        (&b"{"[..], -32700),
        (b"nope", -32700),
        (b"\xff\xfe", -32700),
        (b"\"\xff\"", -32700),
        (b"null", -32600),
        (b"7", -32600),
        (b"{}", -32600),
        (b"[]", -32600),
        (b"[{}]", -32600),
        (br#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
    ] {
        peer.write([line, b"\n"].concat()).await;
        let response = peer.read().await;
        let shown = String::from_utf8_lossy(line);
        assert_eq!(response["error"]["code"], code, "{shown}: {response}");
        peer.nothing().await;
    }
}

#[tokio::test]
async fn a_line_that_is_too_long_is_answered_and_the_next_one_works() {
    const LONGEST: usize = 4 * 1024 * 1024;
    let mut peer = start(server());
    for extra in [1, LONGEST] {
        let message = modern(&json!(1), "server/discover", json!({ "x": "" })).to_string();
        let room = LONGEST - message.len();
        // As long as it may be,
        let fits = message.replace(r#""x":"""#, &format!(r#""x":"{}""#, "x".repeat(room)));
        assert_eq!(fits.len(), LONGEST);
        peer.write(fits).await;
        peer.write("\n").await;
        assert_eq!(peer.read().await["id"], 1);
        // and longer.
        peer.write("x".repeat(LONGEST + extra)).await;
        peer.write("\n").await;
        let response = peer.read().await;
        refuses(&response, &Value::Null, -32600);
        peer.nothing().await;
    }
}

#[tokio::test]
async fn empty_lines_are_ignored_and_line_ends_may_be_two_bytes() {
    let mut peer = start(server());
    peer.write("\n\n  \n\r\n\t\r\n").await;
    let message = modern(&json!(1), "server/discover", json!({}));
    peer.write(format!("  {message} \r\n\r\n")).await;
    assert_eq!(peer.read().await["id"], 1);
    peer.nothing().await;
}

#[tokio::test]
async fn a_message_may_come_in_pieces_and_many_in_one() {
    let mut peer = start(server());
    let message = modern(&json!("ä"), "server/discover", json!({})).to_string() + "\n";
    for byte in message.as_bytes() {
        peer.write([*byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(peer.read().await["id"], "ä");
    let many: String = (0..100)
        .map(|id| modern(&json!(id), "server/discover", json!({})).to_string() + "\n")
        .collect();
    peer.write(many).await;
    let mut ids = Vec::new();
    for _ in 0..100 {
        ids.push(peer.read().await["id"].as_i64().unwrap());
    }
    ids.sort_unstable();
    assert!(ids.into_iter().eq(0..100));
}

#[tokio::test]
async fn the_last_line_needs_no_end() {
    let mut peer = start(server());
    let message = modern_call(&json!(1), "quick").to_string();
    peer.write(message).await;
    let rest = peer.end().await;
    assert_eq!(rest.len(), 1);
    assert_eq!(text(&rest[0]), "quick");
}

#[tokio::test]
async fn no_message_has_a_line_break_in_it() {
    // Wherever JSON or text of somebody else's goes out as it is.
    let pretty = "{\n  \"type\": \"object\",\r\n  \"properties\": {\n  }\n}\n";
    let form = "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"name\": { \"type\":\n \"string\" }\n  }\n}";
    let formed = Tool::builder("formed")
        .description("Line\nbreaks\r\n")
        .input_schema(Schema::parse(pretty).unwrap())
        .handler(move |_: Map<String, Value>, ctx: Ctx| async move {
            let schema = Schema::parse(form)?;
            let filled = ctx.elicit_with("One\nor\r\ntwo?", schema).await?;
            Ok::<_, ToolError>(format!("a\nb\r\n{}", Value::Object(filled)))
        });
    let mut peer = start(
        Server::new("it", "1\n2")
            .instructions("a\nb")
            .tools([formed]),
    );
    peer.initialize().await;
    for request in [legacy, modern] {
        let listed = peer.ask(&request(&json!(1), "tools/list", json!({}))).await;
        assert_eq!(
            listed["result"]["tools"][0]["description"],
            "Line\nbreaks\r\n"
        );
    }
    let answer = json!({ "action": "accept", "content": { "name": "A\nB" } });
    peer.send(&legacy_call(&json!(2), "formed")).await;
    let question = peer.read().await;
    assert_eq!(question["params"]["message"], "One\nor\r\ntwo?");
    let response = json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer });
    assert!(text(&peer.ask(&response).await).starts_with("a\nb\r\n"));
    let asked = peer.ask(&modern_call(&json!(3), "formed")).await;
    let params = json!({
        "name": "formed",
        "requestState": asked["result"]["requestState"],
        "inputResponses": { "q0": answer },
    });
    let response = peer.ask(&modern(&json!(4), "tools/call", params)).await;
    assert!(text(&response).starts_with("a\nb\r\n"));
    peer.nothing().await;
}

// ---- what belongs to no call

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

// ---- the end

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
    for id in 0..2_000 {
        let message = format!("{}\n", modern_call(&json!(id), "quick"));
        if timeout(Duration::from_secs(1), input.write_all(message.as_bytes()))
            .await
            .is_err()
        {
            break;
        }
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
}

#[tokio::test]
async fn input_that_ends_at_once_is_no_error() {
    assert_eq!(start(server()).end().await, Vec::<Value>::new());
}
