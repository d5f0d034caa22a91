//! What is asked for, and how it is read.

use mcp_core::{
    Identity,
    era::Era,
    jsonrpc::ErrorCode,
    prelude::*,
    testing::{Client, Memory, RpcError, mcp_test},
    types::tool::ToolAnnotations,
};
use serde_json::{Value, json};

use crate::server::{Point, server, telling};

type Result = std::result::Result<(), RpcError>;

#[mcp_test(server())]
async fn a_tool_is_called(client: Client) -> Result {
    let sum = client.call_tool("add", json!({ "a": 1, "b": 2 })).await?;
    assert_eq!((sum.text().as_str(), sum.is_error), ("3", false));
    assert_eq!(sum.content, [Content::text("3")]);
    assert_eq!(sum.meta, None);
    Ok(())
}

#[mcp_test(server())]
async fn structured_content_is_read_as_what_it_is(client: Client) -> Result {
    let mirrored = client
        .call_tool("mirror", json!({ "x": 1, "y": -2 }))
        .await?;
    assert_eq!(mirrored.structured::<Point>(), Point { x: -1, y: 2 });
    let up = client.call_tool("up", json!({ "to": 3 })).await?;
    assert_eq!(up.structured::<Vec<u32>>(), [1, 2, 3]);
    Ok(())
}

/// Things that look alike once they are structured
#[derive(Debug, Default, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(default)]
struct Outcome {
    result: Vec<u32>,
}

/// A list
#[mcp_tool]
fn list() -> Vec<u32> {
    vec![1, 2]
}

/// A list of no type
#[mcp_tool]
fn untyped_list() -> Json<Value> {
    Json(json!([1, 2]))
}

/// An object whose only member is called as what is wrapped is
#[mcp_tool]
fn outcome() -> Outcome {
    Outcome { result: vec![1, 2] }
}

/// The same of no type
#[mcp_tool]
fn untyped_outcome() -> Value {
    json!({ "result": [1, 2] })
}

/// It in a list
#[mcp_tool]
fn outcomes() -> Vec<Outcome> {
    vec![Outcome::default()]
}

/// Perhaps it
#[mcp_tool]
fn maybe() -> Option<Outcome> {
    Some(Outcome { result: vec![1, 2] })
}

/// Not this time
#[mcp_tool]
fn maybe_not() -> Option<Outcome> {
    None
}

/// A list, and words of its own
#[mcp_tool]
fn in_words() -> (Text, Json<Vec<u32>>) {
    (Text::new("one and two"), Json(vec![1, 2]))
}

fn alike() -> mcp_core::ServerBuilder {
    Server::new("alike", "1").tools(tools![
        list,
        untyped_list,
        outcome,
        untyped_outcome,
        outcomes,
        maybe,
        maybe_not,
        in_words,
    ])
}

#[mcp_test(alike())]
async fn structured_content_is_what_the_tool_returned_in_either_era(client: Client) -> Result {
    for (tool, returned) in [
        ("list", json!([1, 2])),
        ("untyped_list", json!([1, 2])),
        ("outcome", json!({ "result": [1, 2] })),
        ("untyped_outcome", json!({ "result": [1, 2] })),
        ("outcomes", json!([{ "result": [] }])),
        ("maybe", json!({ "result": [1, 2] })),
        ("maybe_not", Value::Null),
        ("in_words", json!([1, 2])),
    ] {
        let result = client.call_tool(tool, json!({})).await?;
        assert_eq!(result.structured::<Value>(), returned, "{tool}");
        assert_eq!(result.structured_content, Some(returned), "{tool}");
    }
    let outcome = Outcome { result: vec![1, 2] };
    for tool in ["outcome", "maybe"] {
        let result = client.call_tool(tool, json!({})).await?;
        assert_eq!(result.structured::<Outcome>(), outcome, "{tool}");
    }
    Ok(())
}

#[mcp_test(server())]
async fn a_tool_that_fails_is_a_result(client: Client) -> Result {
    let failed = client.call_tool("fail", json!({})).await?;
    assert!(failed.is_error);
    assert_eq!(failed.text(), "no point");
    Ok(())
}

#[mcp_test(server())]
async fn a_tool_that_is_not_there_is_an_error(client: Client) {
    let error = client.call_tool("nope", json!({})).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
    assert!(error.to_string().contains("nope"), "{error}");
}

#[mcp_test(server())]
async fn lists_have_all_pages(client: Client) -> Result {
    let tools = client.list_tools().await?;
    let names: Vec<_> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names.len(), 11, "{names:?}");
    assert_eq!(names.first(), Some(&"add"));
    let add = tools.first().expect("add");
    let hints = add
        .annotations
        .map(|ToolAnnotations { read_only, .. }| read_only);
    assert_eq!(hints, Some(Some(true)));
    assert_eq!(add.input_schema.to_value()["required"], json!(["a", "b"]));
    let resources = client.list_resources().await?;
    assert_eq!(resources[0].uri, "docs://index");
    let templates = client.list_resource_templates().await?;
    assert_eq!(templates[0].uri_template, "docs://{page}");
    let prompts = client.list_prompts().await?;
    assert!(prompts[0].arguments[0].required);
    Ok(())
}

#[mcp_test(server())]
async fn resources_and_prompts_are_read(client: Client) -> Result {
    let contents = client.read_resource("docs://7").await?;
    assert_eq!(
        contents,
        [ResourceContents::text("docs://7", "page 7").mime_type("text/plain")]
    );
    let prompt = client
        .get_prompt("review", json!({ "title": "Emma" }))
        .await?;
    assert_eq!(prompt.messages, [PromptMessage::user("Review Emma.")]);
    assert_eq!(prompt.meta, None);
    Ok(())
}

#[mcp_test(server())]
async fn a_completion_is_asked_for(client: Client) -> Result {
    let titles = client.complete_prompt("review", "title", "E").await?;
    assert_eq!(titles.values, ["Emma"]);
    let pages = client
        .complete_resource("docs://{page}", "page", "1")
        .await?;
    assert_eq!(pages.values, ["1", "10"]);
    Ok(())
}

/// A city
#[mcp_resource("city://{country}/{name}")]
fn city(country: String, name: String) -> String {
    format!("{name} is in {country}.")
}

/// Ask for a journey
#[mcp_prompt]
fn journey(from: String, to: String) -> String {
    format!("From {from} to {to}.")
}

#[mcp_complete(city, name)]
fn names(_: &str, country: Option<String>) -> Vec<String> {
    vec![country.unwrap_or_else(|| "anywhere".to_owned())]
}

#[mcp_complete(journey, to)]
fn ends(_: &str, from: Option<String>) -> Vec<String> {
    vec![from.unwrap_or_else(|| "anywhere".to_owned())]
}

fn places() -> mcp_core::ServerBuilder {
    Server::new("places", "1")
        .resources(resources![city])
        .prompts(prompts![journey])
        .completions(completions![names, ends])
}

#[mcp_test(places())]
async fn a_completion_is_asked_for_with_what_is_filled_in_already(client: Client) -> Result {
    let uri = "city://{country}/{name}";
    let chile = json!({ "country": "chile" });
    let names = client
        .complete_resource_with(uri, "name", "a", chile)
        .await?;
    assert_eq!(names.values, ["chile"]);
    let names = client.complete_resource(uri, "name", "a").await?;
    assert_eq!(names.values, ["anywhere"]);
    let ends = client
        .complete_prompt_with("journey", "to", "a", json!({ "from": "arica" }))
        .await?;
    assert_eq!(ends.values, ["arica"]);
    let ends = client.complete_prompt("journey", "to", "a").await?;
    assert_eq!(ends.values, ["anywhere"]);
    Ok(())
}

#[mcp_test(server())]
async fn a_server_says_who_it_is(client: Client) -> Result {
    let info = client.server_info().await?;
    assert_eq!(info.implementation.name, "everything");
    assert_eq!(info.implementation.version, "1.2.3");
    assert_eq!(info.instructions.as_deref(), Some("It has everything."));
    assert!(info.capabilities.tools.is_some() && info.capabilities.logging.is_some());
    Ok(())
}

#[mcp_test(server())]
async fn any_request_can_be_sent(client: Client) -> Result {
    let list = client.request("prompts/list", json!({})).await?;
    assert_eq!(list["prompts"][0]["name"], "review");
    let error = client.request("nope/nope", json!({})).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::METHOD_NOT_FOUND);
    Ok(())
}

#[mcp_test(server())]
async fn a_caller_is_known_by_name(client: Client) -> Result {
    let client = client.identity(Identity::new("alice"));
    let said = client.call_tool("whoami", json!({})).await?;
    assert_eq!(said.text(), "alice");
    Ok(())
}

#[mcp_test(server())]
async fn a_caller_who_is_not_known_is_turned_away(client: Client) {
    let error = client.call_tool("whoami", json!({})).await.unwrap_err();
    assert!(error.message.contains("uthenticat"), "{error}");
}

#[mcp_test(server())]
async fn calls_run_side_by_side(client: Client) -> Result {
    let add = |a| client.call_tool("add", json!({ "a": a, "b": 1 }));
    let (one, two, three) = tokio::try_join!(add(1), add(2), add(3))?;
    assert_eq!([one.text(), two.text(), three.text()], ["2", "3", "4"]);
    Ok(())
}

#[tokio::test]
async fn a_call_that_a_test_gives_up_is_cancelled() -> Result {
    for era in [Era::Legacy, Era::Modern] {
        let (sender, mut ended) = tokio::sync::mpsc::unbounded_channel();
        let client = Client::over(era, Memory::new(telling(sender)));
        client.server_info().await?;
        let mut call = Box::pin(client.call_tool("forever", json!({})));
        // Until the server is at work on it.
        tokio::select! {
            biased;
            _ = &mut call => unreachable!("it never ends"),
            sum = client.call_tool("add", json!({ "a": 1, "b": 2 })) => assert_eq!(sum?.text(), "3"),
        }
        assert!(ended.try_recv().is_err());
        drop(call);
        assert_eq!(ended.recv().await, Some(()));
    }
    Ok(())
}
