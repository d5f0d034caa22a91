//! What is asked for, and how it is read.

use mcp_core::{
    Identity,
    era::Era,
    jsonrpc::ErrorCode,
    prelude::*,
    testing::{Client, Memory, RpcError, mcp_test},
    types::tool::ToolAnnotations,
};
use serde_json::json;

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
