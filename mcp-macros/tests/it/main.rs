//! What the macros make of functions, asked as a transport would ask it.
#![allow(clippy::unwrap_used, reason = "helpers of tests may assume")]

mod prompt;
mod resource;
mod tool;

use std::sync::Arc;

use mcp_core::{
    Identity, Peer, Server,
    handler::{Answer, Handler, Request, ToolOutput},
    jsonrpc::RequestId,
    types::{content::Content, resource::ResourceContents},
};
use serde_json::{Value, value::to_raw_value};

/// What is answered to a request by somebody, or by nobody.
async fn ask(
    server: &Server,
    identity: Option<&Identity>,
    method: &str,
    params: &Value,
) -> Result<Answer, mcp_core::Error> {
    let (id, peer) = (RequestId::from(1_u64), Arc::new(Peer::default()));
    let params = to_raw_value(params).unwrap();
    let request = Request::new(&id, method, &peer)
        .params(Some((&*params).into()))
        .identity(identity);
    Handler::handle(server, request).await
}

/// The result of a tool call.
async fn call(server: &Server, name: &str, arguments: Value) -> ToolOutput {
    let params = serde_json::json!({ "name": name, "arguments": arguments });
    match ask(server, None, "tools/call", &params).await {
        Ok(Answer::CallTool(output)) => output,
        other => panic!("no result: {other:?}"),
    }
}

/// The text of a result, after `error: ` if it is one.
fn text(output: &ToolOutput) -> String {
    let pieces = output.content.iter().map(|piece| match piece {
        Content::Text(text) => text.text.clone(),
        other => format!("{other:?}"),
    });
    let text = pieces.collect::<Vec<_>>().join("|");
    if output.is_error {
        format!("error: {text}")
    } else {
        text
    }
}

/// The contents at a URI, or why there are none.
async fn read(server: &Server, uri: &str) -> Result<Vec<ResourceContents>, String> {
    let params = serde_json::json!({ "uri": uri });
    match ask(server, None, "resources/read", &params).await {
        Ok(Answer::ReadResource(contents)) => Ok(contents),
        Err(error) => Err(error.to_string()),
        other => panic!("no contents: {other:?}"),
    }
}

/// The messages of a prompt as JSON, or why there are none.
async fn get(server: &Server, name: &str, arguments: Value) -> Result<Value, String> {
    let params = serde_json::json!({ "name": name, "arguments": arguments });
    match ask(server, None, "prompts/get", &params).await {
        Ok(Answer::GetPrompt(result)) => Ok(serde_json::to_value(result.messages).unwrap()),
        Err(error) => Err(error.to_string()),
        other => panic!("no messages: {other:?}"),
    }
}
