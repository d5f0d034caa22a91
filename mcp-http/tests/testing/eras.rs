//! What is the same in both eras and over every transport, from one source.

use std::sync::atomic::{AtomicUsize, Ordering};

use mcp_core::{
    AskError, Prompt, Resource, ServerBuilder,
    era::Era,
    jsonrpc::ErrorCode,
    prelude::*,
    testing::{Answer, Client, RpcError, mcp_test},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::log;

/// Adds two numbers
#[mcp_tool]
fn add(a: i64, b: i64) -> String {
    (a + b).to_string()
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
fn fails() -> std::result::Result<String, ToolError> {
    Err(ToolError::user("the moon is in the way"))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Name {
    name: String,
}

/// How many seats were reserved.
#[derive(Default)]
struct Reserved(AtomicUsize);

/// Books a seat for somebody
#[mcp_tool]
async fn books(reserved: State<Reserved>, ctx: Ctx) -> std::result::Result<String, ToolError> {
    let reserve = || async { Ok::<_, ToolError>(reserved.0.0.fetch_add(1, Ordering::SeqCst) + 7) };
    let seat = ctx.step("reserve", reserve).await?;
    let one: Name = ctx.elicit(format!("Seat {seat} for whom?")).await?;
    let other: Name = ctx.elicit("And beside?").await?;
    Ok(format!("{seat}: {} and {}", one.name, other.name))
}

/// Counts reserved seats
#[mcp_tool]
fn reserved(reserved: State<Reserved>) -> String {
    reserved.0.0.load(Ordering::SeqCst).to_string()
}

fn server() -> ServerBuilder {
    Server::new("it", "1")
        .state(Reserved::default())
        .tools(tools![add, forecast, panics, fails, books, reserved])
        .resources([Resource::builder("docs://a", "a")
            .handler(|_, _| async { Ok::<_, AskError>("text of a") })])
        .prompts([Prompt::builder("greet").handler(|_, _| async { Ok("Say hello.") })])
}

type Result = std::result::Result<(), RpcError>;

#[mcp_test(server(), over(memory, stdio, http))]
async fn tools_are_listed_in_order(client: Client) -> Result {
    let tools = client.list_tools().await?;
    let names: Vec<_> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(
        names,
        ["add", "forecast", "panics", "fails", "books", "reserved"]
    );
    let list = client.request("tools/list", json!({})).await?;
    assert_eq!(client.request("tools/list", json!({})).await?, list);
    Ok(())
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn an_unknown_tool_is_refused(client: Client) {
    let error = client.call_tool("nope", json!({})).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
    assert!(error.message.contains("nope"), "{error}");
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn bad_arguments_are_a_result_that_names_all_problems(client: Client) -> Result {
    let result = client.call_tool("add", json!({ "a": "one" })).await?;
    let text = result.text();
    assert!(
        result.is_error && text.contains("`a`") && text.contains("`b`"),
        "{text}"
    );
    Ok(())
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn an_error_in_words_is_a_result(client: Client) -> Result {
    let result = client.call_tool("fails", json!({})).await?;
    assert!(result.is_error);
    assert_eq!(result.text(), "the moon is in the way");
    Ok(())
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn structured_output_comes_with_its_text(client: Client) -> Result {
    let result = client
        .call_tool("forecast", json!({ "city": "Bern" }))
        .await?;
    let forecast = forecast("Bern".to_owned());
    assert_eq!(result.structured::<Forecast>(), forecast);
    assert_eq!(
        serde_json::from_str::<Forecast>(&result.text()).unwrap(),
        forecast
    );
    assert!(!result.is_error);
    Ok(())
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn resources_are_read(client: Client) -> Result {
    let contents = client.read_resource("docs://a").await?;
    let text = ResourceContents::text("docs://a", "text of a").mime_type("text/plain");
    assert_eq!(contents, [text]);
    Ok(())
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn a_missing_resource_is_refused_with_its_uri(client: Client) {
    let error = client.read_resource("docs://b").await.unwrap_err();
    // The one thing here that the eras say differently.
    let code = match client.era() {
        Era::Legacy => ErrorCode(-32002),
        Era::Modern => ErrorCode::INVALID_PARAMS,
    };
    assert_eq!(
        (error.code, error.data),
        (code, Some(json!({ "uri": "docs://b" })))
    );
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn prompts_are_filled_in(client: Client) -> Result {
    let prompt = client.get_prompt("greet", json!({})).await?;
    assert_eq!(prompt.messages, [PromptMessage::user("Say hello.")]);
    Ok(())
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn an_unknown_prompt_is_refused(client: Client) {
    let error = client.get_prompt("nope", json!({})).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn a_cursor_of_nobodys_is_refused(client: Client) {
    let params = json!({ "cursor": "nope" });
    let error = client.request("tools/list", params).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
}

fn named(name: &str) -> Answer {
    Answer::accept(json!({ "name": name }))
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn it_elicits_and_then_finishes(client: Client) -> Result {
    let client = client.answers([named("Ann"), named("Bea")]);
    let booked = client.call_tool("books", json!({})).await?;
    assert_eq!(booked.text(), "7: Ann and Bea");
    Ok(())
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn a_step_runs_once(client: Client) -> Result {
    let wrong = Answer::accept(json!({}));
    let client = client.answers([
        named("Ann"),
        named("Bea"),
        wrong,
        named("Ann"),
        named("Bea"),
    ]);
    client.call_tool("books", json!({})).await?;
    assert_eq!(client.call_tool("reserved", json!({})).await?.text(), "1");
    let booked = client.call_tool("books", json!({})).await?;
    assert_eq!(booked.text(), "8: Ann and Bea");
    assert_eq!(client.call_tool("reserved", json!({})).await?.text(), "2");
    Ok(())
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn who_declines_ends_the_call_in_words(client: Client) -> Result {
    let client = client.answers([Answer::decline()]);
    let declined = client.call_tool("books", json!({})).await?;
    assert!(declined.is_error);
    assert_eq!(declined.text(), "the user declined to answer");
    Ok(())
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn a_panic_is_an_internal_error_and_the_next_call_works(client: Client) -> Result {
    let mut messages = Vec::new();
    for _ in 0..2 {
        let error = client.call_tool("panics", json!({})).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::INTERNAL_ERROR);
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        messages.push(error.message);
        let sum = client.call_tool("add", json!({ "a": 1, "b": 2 })).await?;
        assert_eq!(sum.text(), "3");
    }
    assert_ne!(messages[0], messages[1], "each has a reference of its own");
    Ok(())
}

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// What was logged of an addition with this `_meta`.
async fn logged(client: &Client, meta: &Value) -> String {
    // Whatever comes first was logged before.
    client.server_info().await.expect("a server");
    let log = log::listen();
    let params = json!({ "name": "add", "arguments": { "a": 1, "b": 2 }, "_meta": meta });
    let result = client.request("tools/call", params).await.expect("a sum");
    assert_eq!(result.pointer("/content/0/text"), Some(&json!("3")));
    log.text()
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn a_request_is_a_span_in_the_clients_trace(client: Client) {
    let meta = json!({ "traceparent": PARENT, "tracestate": "a=1", "baggage": "who=it" });
    let text = logged(&client, &meta).await;
    for field in [
        "otel.name=\"tools/call add\"",
        "otel.kind=\"server\"",
        "mcp.method.name=\"tools/call\"",
        "gen_ai.tool.name=\"add\"",
        "rpc.jsonrpc.request_id=",
        &format!("traceparent=\"{PARENT}\""),
        "tracestate=\"a=1\"",
        "baggage=\"who=it\"",
    ] {
        assert!(text.contains(field), "no {field} in {text}");
    }
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn a_trace_that_is_malformed_is_left_out_of_the_span(client: Client) {
    for parent in [json!("00-nothing"), json!(PARENT.to_uppercase()), json!("")] {
        let meta = json!({ "traceparent": parent, "tracestate": "a=1", "baggage": "who=it" });
        let text = logged(&client, &meta).await;
        assert!(text.contains("otel.name=\"tools/call add\""), "{text}");
        for field in ["traceparent=", "tracestate=", "baggage="] {
            assert!(!text.contains(field), "{field} in {text}");
        }
    }
}
