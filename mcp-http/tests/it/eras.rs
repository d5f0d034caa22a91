//! What is the same in both eras, from one source.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use mcp_core::{AskError, Prompt, Resource, ServerBuilder, prelude::*};
use mcp_http::HttpServer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    client::{Local, local},
    events::{self, answer, new_session},
    log, modern as new,
};

/// A client of either era.
struct Peer {
    server: Local,
    /// Of the legacy era.
    session: Option<String>,
    done: Arc<AtomicUsize>,
}

/// Adds two numbers
#[mcp_tool]
fn add(a: i64, b: i64) -> String {
    (a + b).to_string()
}

#[derive(Debug, Serialize, JsonSchema)]
struct Forecast {
    city: String,
    degrees: i32,
}

/// Tells the weather
#[mcp_tool]
fn forecast(city: String) -> Forecast {
    Forecast { city, degrees: 21 }
}

/// Panics
#[mcp_tool]
fn panics() -> String {
    panic!("the password is hunter2")
}

/// Fails in words
#[mcp_tool]
fn fails() -> Result<String, ToolError> {
    Err(ToolError::user("the moon is in the way"))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Name {
    name: String,
}

/// Books a seat for somebody
#[mcp_tool]
async fn books(done: State<Done>, ctx: Ctx) -> Result<String, ToolError> {
    let reserve = || async { Ok::<_, ToolError>(done.0.0.fetch_add(1, Ordering::SeqCst) + 7) };
    let seat = ctx.step("reserve", reserve).await?;
    let one: Name = ctx.elicit(format!("Seat {seat} for whom?")).await?;
    let other: Name = ctx.elicit("And beside?").await?;
    Ok(format!("{seat}: {} and {}", one.name, other.name))
}

struct Done(Arc<AtomicUsize>);

fn server(done: &Arc<AtomicUsize>) -> ServerBuilder {
    Server::new("it", "1")
        .state(Done(Arc::clone(done)))
        .tools(tools![add, forecast, panics, fails, books])
        .resources([Resource::builder("docs://a", "a")
            .handler(|_, _| async { Ok::<_, AskError>("text of a") })])
        .prompts([Prompt::builder("greet").handler(|_, _| async { Ok("Say hello.") })])
}

impl Peer {
    async fn legacy() -> Self {
        let peer = Self::modern();
        let can = json!({ "elicitation": {} });
        Self {
            session: Some(new_session(&peer.server, &can).await),
            ..peer
        }
    }

    fn modern() -> Self {
        let done = Arc::default();
        Self {
            server: local(HttpServer::new(server(&done))),
            session: None,
            done,
        }
    }

    /// The response to a request, with nobody there to be asked.
    async fn ask(&self, method: &str, params: &Value) -> Value {
        let ask = match &self.session {
            Some(session) => events::request(1, method, params).session(session),
            None => new::request(1, method, params),
        };
        let response = self.server.ask(&ask).await.json();
        assert_eq!(response["id"], 1);
        response
    }

    async fn call(&self, tool: &str, arguments: &Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        self.ask("tools/call", &params).await
    }

    /// The result of a call whose questions are answered with these, one after the other.
    async fn converse(&self, tool: &str, answers: &[Value]) -> Value {
        let mut answers = answers.iter();
        let params = json!({ "name": tool, "arguments": {} });
        let Some(session) = &self.session else {
            let (can, mut params) = (json!({ "elicitation": {} }), params);
            for id in 1.. {
                let ask = new::request_by(&can, id, "tools/call", &params);
                let result = self.server.ask(&ask).await.result();
                if result["resultType"] == "complete" {
                    assert_eq!(answers.next(), None);
                    return result;
                }
                let asked = result["inputRequests"].as_object().unwrap();
                let mut responses = json!({});
                for key in asked.keys() {
                    responses[key] = answers.next().unwrap().clone();
                }
                params["requestState"] = result["requestState"].clone();
                params["inputResponses"] = responses;
            }
            unreachable!("a conversation ends")
        };
        let ask = events::request(1, "tools/call", &params).session(session);
        let mut stream = self.server.stream(&ask).await;
        loop {
            let message = stream.message().await;
            if message.get("method").is_none() {
                assert_eq!(answers.next(), None);
                return message["result"].clone();
            }
            let ask = answer(&message, answers.next().unwrap());
            self.server.tell(&ask.session(session)).await;
        }
    }

    fn is_modern(&self) -> bool {
        self.session.is_none()
    }
}

macro_rules! in_both_eras {
    ($($case:ident),+ $(,)?) => {
        mod legacy {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case(super::Peer::legacy().await).await;
                }
            )+
        }

        mod modern {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case(super::Peer::modern()).await;
                }
            )+
        }
    };
}

in_both_eras!(
    lists_tools_in_order,
    an_unknown_tool_is_refused,
    bad_arguments_are_a_result_that_names_all_problems,
    an_error_in_words_is_a_result,
    structured_output_comes_with_its_text,
    resources_are_read,
    a_missing_resource_is_refused_with_its_uri,
    prompts_are_filled_in,
    an_unknown_prompt_is_refused,
    a_cursor_of_nobodys_is_refused,
    elicits_and_then_finishes,
    a_step_runs_once,
    who_declines_ends_the_call_in_words,
    a_panic_is_an_internal_error_and_the_next_call_works,
    a_request_is_a_span_in_the_clients_trace,
    a_trace_that_is_malformed_is_left_out_of_the_span,
);

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// What was logged of an addition with this `_meta`.
async fn logged(peer: &Peer, meta: &Value) -> String {
    let log = log::listen();
    let params = json!({ "name": "add", "arguments": { "a": 1, "b": 2 }, "_meta": meta });
    let response = peer.ask("tools/call", &params).await;
    assert_eq!(response["result"]["content"][0]["text"], "3");
    log.text()
}

async fn a_request_is_a_span_in_the_clients_trace(peer: Peer) {
    let meta = json!({ "traceparent": PARENT, "tracestate": "a=1", "baggage": "who=it" });
    let text = logged(&peer, &meta).await;
    for field in [
        "otel.name=\"tools/call add\"",
        "otel.kind=\"server\"",
        "mcp.method.name=\"tools/call\"",
        "gen_ai.tool.name=\"add\"",
        "rpc.jsonrpc.request_id=1",
        &format!("traceparent=\"{PARENT}\""),
        "tracestate=\"a=1\"",
        "baggage=\"who=it\"",
    ] {
        assert!(text.contains(field), "no {field} in {text}");
    }
}

async fn a_trace_that_is_malformed_is_left_out_of_the_span(peer: Peer) {
    for parent in [json!("00-nothing"), json!(PARENT.to_uppercase()), json!("")] {
        let meta = json!({ "traceparent": parent, "tracestate": "a=1", "baggage": "who=it" });
        let text = logged(&peer, &meta).await;
        assert!(text.contains("otel.name=\"tools/call add\""), "{text}");
        for field in ["traceparent=", "tracestate=", "baggage="] {
            assert!(!text.contains(field), "{field} in {text}");
        }
    }
}

async fn lists_tools_in_order(peer: Peer) {
    let response = peer.ask("tools/list", &json!({})).await;
    let tools = response["result"]["tools"].as_array().unwrap();
    let names: Vec<_> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["add", "forecast", "panics", "fails", "books"]);
    assert_eq!(peer.ask("tools/list", &json!({})).await, response);
}

async fn an_unknown_tool_is_refused(peer: Peer) {
    let response = peer.call("nope", &json!({})).await;
    assert_eq!(response["error"]["code"], -32602);
    assert!(
        response["error"]["message"]
            .as_str()
            .unwrap()
            .contains("nope")
    );
}

async fn bad_arguments_are_a_result_that_names_all_problems(peer: Peer) {
    let result = &peer.call("add", &json!({ "a": "one" })).await["result"];
    assert_eq!(result["isError"], true);
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("`a`") && text.contains("`b`"), "{text}");
}

async fn an_error_in_words_is_a_result(peer: Peer) {
    let result = &peer.call("fails", &json!({})).await["result"];
    assert_eq!(result["isError"], true);
    assert_eq!(result["content"][0]["text"], "the moon is in the way");
}

async fn structured_output_comes_with_its_text(peer: Peer) {
    let result = &peer.call("forecast", &json!({ "city": "Bern" })).await["result"];
    let structured = json!({ "city": "Bern", "degrees": 21 });
    assert_eq!(result["structuredContent"], structured);
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), structured);
    assert_eq!(result.get("isError"), None);
}

async fn resources_are_read(peer: Peer) {
    let response = peer
        .ask("resources/read", &json!({ "uri": "docs://a" }))
        .await;
    let contents = &response["result"]["contents"];
    assert_eq!(contents[0]["uri"], "docs://a");
    assert_eq!(contents[0]["text"], "text of a");
}

async fn a_missing_resource_is_refused_with_its_uri(peer: Peer) {
    let response = peer
        .ask("resources/read", &json!({ "uri": "docs://b" }))
        .await;
    // The one thing here that the eras say differently.
    let code = if peer.is_modern() { -32602 } else { -32002 };
    assert_eq!(response["error"]["code"], code);
    assert_eq!(response["error"]["data"], json!({ "uri": "docs://b" }));
}

async fn prompts_are_filled_in(peer: Peer) {
    let response = peer.ask("prompts/get", &json!({ "name": "greet" })).await;
    let message = &response["result"]["messages"][0];
    assert_eq!(message["role"], "user");
    assert_eq!(message["content"]["text"], "Say hello.");
}

async fn an_unknown_prompt_is_refused(peer: Peer) {
    let response = peer.ask("prompts/get", &json!({ "name": "nope" })).await;
    assert_eq!(response["error"]["code"], -32602);
}

async fn a_cursor_of_nobodys_is_refused(peer: Peer) {
    let response = peer.ask("tools/list", &json!({ "cursor": "nope" })).await;
    assert_eq!(response["error"]["code"], -32602);
}

fn named(name: &str) -> Value {
    json!({ "action": "accept", "content": { "name": name } })
}

async fn elicits_and_then_finishes(peer: Peer) {
    let result = peer.converse("books", &[named("Ann"), named("Bea")]).await;
    assert_eq!(result["content"][0]["text"], "7: Ann and Bea");
}

async fn a_step_runs_once(peer: Peer) {
    peer.converse("books", &[named("Ann"), named("Bea")]).await;
    assert_eq!(peer.done.load(Ordering::SeqCst), 1);
    let wrong = json!({ "action": "accept", "content": {} });
    let result = peer
        .converse("books", &[wrong, named("Ann"), named("Bea")])
        .await;
    assert_eq!(result["content"][0]["text"], "8: Ann and Bea");
    assert_eq!(peer.done.load(Ordering::SeqCst), 2);
}

async fn who_declines_ends_the_call_in_words(peer: Peer) {
    let result = peer
        .converse("books", &[json!({ "action": "decline" })])
        .await;
    assert_eq!(result["isError"], true);
    assert_eq!(result["content"][0]["text"], "the user declined to answer");
}

async fn a_panic_is_an_internal_error_and_the_next_call_works(peer: Peer) {
    let mut messages = Vec::new();
    for _ in 0..2 {
        let response = peer.call("panics", &json!({})).await;
        assert_eq!(response["error"]["code"], -32603);
        let message = response["error"]["message"].as_str().unwrap().to_owned();
        assert!(!response.to_string().contains("hunter2"), "{response}");
        messages.push(message);
        let sum = peer.call("add", &json!({ "a": 1, "b": 2 })).await;
        assert_eq!(sum["result"]["content"][0]["text"], "3");
    }
    assert_ne!(messages[0], messages[1], "each has a reference of its own");
}
