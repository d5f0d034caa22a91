//! What a caller over HTTP gets to see, and what headers must not tell of the rest.

use http::request::Parts;
use mcp_core::{Server, ServerBuilder, prelude::*};
use mcp_http::HttpServer;
use serde_json::json;

use crate::{
    client::{Ask, local},
    fixture::{ALICE, keys},
    modern as new,
};

/// Moves a customer
#[mcp_tool]
fn relocate(#[arg(header = "Region")] region: String) -> String {
    region
}

fn server() -> ServerBuilder {
    Server::new("it", "1").tools(tools![relocate])
}

/// A call without the header that repeats its argument.
fn call(tool: &str) -> Ask {
    new::call(1, tool, &json!({ "region": "eu" }))
}

#[tokio::test]
async fn a_header_that_is_missing_tells_nothing_of_a_hidden_tool() {
    let known = server().filter(|caller, _| caller.identity().is_some());
    let server = local(HttpServer::new(known).auth(keys()));
    let hidden = server.ask(&call("relocate")).await;
    let absent = server.ask(&call("vanished")).await;
    assert_eq!(hidden.status, absent.status);
    assert_eq!(hidden.body, absent.body.replace("vanished", "relocate"));
    let seen = server.ask(&call("relocate").key(ALICE)).await;
    seen.refuses(400, &["`Mcp-Param-Region` is missing"]);
    let seen = call("relocate").key(ALICE).with("Mcp-Param-Region", "eu");
    assert_eq!(server.ask(&seen).await.said().0, "eu");
}

#[tokio::test]
async fn a_filter_sees_the_head_of_a_request_without_its_credential() {
    let internal = server().filter(|caller, _| {
        let head = caller.transport::<Parts>();
        head.is_some_and(|head| {
            head.headers.contains_key("x-internal") && !head.headers.contains_key("authorization")
        })
    });
    let server = local(HttpServer::new(internal).auth(keys()));
    let ask = call("relocate").key(ALICE).with("Mcp-Param-Region", "eu");
    server.ask(&ask).await.refuses(400, &["Unknown tool"]);
    let said = server.ask(&ask.with("X-Internal", "1")).await;
    assert_eq!(said.said().0, "eu");
}
