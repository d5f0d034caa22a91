//! What handlers learn of the HTTP request that their call came in.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::service::Service as _;
use mcp_core::{
    Context, Error, FromContext, Peer, ServerBuilder,
    handler::{Answer, Handler, Request},
    jsonrpc::RequestId,
    prelude::*,
};
use mcp_http::{Extension, Headers, HttpServer};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json, value::to_raw_value};

use crate::{
    client::{Ask, Local, local},
    events::{self, answer, new_session},
    fixture::{ALICE, keys},
    log, modern as new,
};

/// What a layer in front of the server knows.
#[derive(Clone)]
struct Tenant(&'static str);

/// Tells one header
#[mcp_tool]
fn tenant(headers: Headers) -> String {
    let tenant = headers.get("x-tenant").map(|value| value.as_bytes());
    String::from_utf8_lossy(tenant.unwrap_or(b"none")).into_owned()
}

/// Tells all headers
#[mcp_tool]
fn all(Headers(headers): Headers, who: Option<Identity>) -> String {
    let names: Vec<_> = headers.keys().map(|name| name.as_str()).collect();
    let who = who.map(|who| who.subject().to_owned());
    format!("{names:?} {headers:?} {who:?}")
}

/// Everything that an extractor can see of the head.
struct Seen(String);

impl FromContext for Seen {
    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        Ok(Self(format!(
            "{context:?} {:?}",
            context.transport::<http::request::Parts>()
        )))
    }
}

/// Tells everything
#[mcp_tool]
fn everything(Seen(seen): Seen) -> String {
    seen
}

/// Tells whether it was HTTP
#[mcp_tool]
fn perhaps(headers: Option<Headers>) -> bool {
    headers.is_some()
}

/// Tells what the layer knows
#[mcp_tool]
fn layered(Extension(Tenant(name)): Extension<Tenant>) -> &'static str {
    name
}

/// Tells what the layer knows, if there is one
#[mcp_tool]
fn perhaps_layered(tenant: Option<Extension<Tenant>>) -> Option<String> {
    tenant.map(|tenant| tenant.0.0.to_owned())
}

#[mcp_resource("docs://tenant", description = "Tells one header")]
fn tenant_page(headers: Headers) -> String {
    tenant(headers)
}

#[mcp_prompt(description = "Tells one header")]
fn tenant_prompt(headers: Headers) -> String {
    tenant(headers)
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

/// Asks, and knows its headers afterwards
#[mcp_tool]
async fn asks(ctx: Ctx, headers: Headers) -> Result<String, ToolError> {
    let Name { name } = ctx.elicit("Who?").await?;
    Ok(format!("{name} of {}", tenant(headers)))
}

fn server() -> ServerBuilder {
    Server::new("it", "1")
        .tools(tools![tenant, all, everything, perhaps, layered])
        .tools(tools![perhaps_layered, asks])
        .resources(resources![tenant_page])
        .prompts(prompts![tenant_prompt])
}

fn http() -> Local {
    local(HttpServer::new(server()).auth(keys()))
}

/// A request of either era for the same thing.
async fn both(server: &Local, method: &str, params: &Value) -> [Ask; 2] {
    let session = new_session(server, &json!({})).await;
    [
        events::request(1, method, params).session(&session),
        new::request(1, method, params),
    ]
}

async fn calls(server: &Local, tool: &str) -> [Ask; 2] {
    both(server, "tools/call", &json!({ "name": tool })).await
}

#[tokio::test]
async fn a_handler_takes_the_headers_of_its_request() {
    let server = http();
    for ask in calls(&server, "tenant").await {
        let said = server.ask(&ask.clone().with("X-Tenant", "books")).await;
        assert_eq!(said.said().0, "books");
        assert_eq!(server.ask(&ask).await.said().0, "none");
    }
    for ask in calls(&server, "perhaps").await {
        assert_eq!(server.ask(&ask).await.said().0, "true");
    }
    let read = json!({ "uri": "docs://tenant" });
    for ask in both(&server, "resources/read", &read).await {
        let result = server.ask(&ask.with("X-Tenant", "books")).await.result();
        assert_eq!(result["contents"][0]["text"], "books");
    }
    let get = json!({ "name": "tenant_prompt" });
    for ask in both(&server, "prompts/get", &get).await {
        let result = server.ask(&ask.with("X-Tenant", "books")).await.result();
        assert_eq!(result["messages"][0]["content"]["text"], "books");
    }
}

#[tokio::test]
async fn credentials_are_out_of_reach_of_handlers() {
    // With authenticators and without: what a proxy in front checks is a credential, too.
    for server in [http(), local(HttpServer::new(server()))] {
        for tool in ["all", "everything"] {
            let can = json!({});
            let params = json!({ "name": tool });
            let initialize = events::initialize("2025-11-25", &can).key(ALICE);
            let session = crate::client::session(&server.ask(&initialize).await);
            for ask in [
                events::request(1, "tools/call", &params).session(&session),
                new::request(1, "tools/call", &params),
            ] {
                for ask in [ask.clone().key(ALICE), ask.with("X-API-Key", ALICE)] {
                    let said = server.ask(&ask.with("X-Tenant", "books")).await.said().0;
                    assert!(said.contains("books"), "{said}");
                    for word in [ALICE, "authorization", "api-key"] {
                        assert!(!said.contains(word), "{word} in {said}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn the_caller_is_known_all_the_same() {
    let server = http();
    let ask = new::call(1, "all", &json!({})).key(ALICE);
    let said = server.ask(&ask).await.said().0;
    assert!(said.ends_with(r#"Some("alice")"#), "{said}");
}

#[tokio::test]
async fn headers_are_there_when_a_call_runs_again_after_a_question() {
    let server = http();
    let can = json!({ "elicitation": {} });
    let content = json!({ "action": "accept", "content": { "name": "Ann" } });
    let session = new_session(&server, &can).await;
    let ask = events::call(1, "asks").session(&session);
    let mut stream = server.stream(&ask.with("X-Tenant", "books")).await;
    let question = stream.message().await;
    let answer = answer(&question, &content).session(&session);
    server.tell(&answer.with("X-Tenant", "another")).await;
    let (response, _) = stream.response().await;
    assert_eq!(events::text(&response), "Ann of books");

    let mut params = json!({ "name": "asks", "arguments": {} });
    let ask = |params: &Value| new::request_by(&can, 1, "tools/call", params);
    let asked = server.ask(&ask(&params).with("X-Tenant", "books")).await;
    let asked = asked.result();
    let key = asked["inputRequests"].as_object().unwrap().keys().next();
    params["requestState"] = asked["requestState"].clone();
    params["inputResponses"] = json!({ key.unwrap(): content });
    let said = server.ask(&ask(&params).with("X-Tenant", "books")).await;
    assert_eq!(said.said().0, "Ann of books");
}

/// Asks a service directly, behind a layer that knows this.
async fn behind(server: &Local, ask: &Ask, known: Option<Tenant>) -> Value {
    let text = ask.text();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut request = http::Request::post("/mcp");
    for line in head.lines().skip(1) {
        let (name, value) = line.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let mut request = request.body(Full::<Bytes>::from(body.to_owned())).unwrap();
    if let Some(known) = known {
        request.extensions_mut().insert(known);
    }
    let response = server.service().call(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn a_handler_takes_what_a_layer_in_front_has_put_there() {
    let server = http();
    for tool in ["layered", "perhaps_layered"] {
        for ask in calls(&server, tool).await {
            let response = behind(&server, &ask, Some(Tenant("books"))).await;
            assert_eq!(events::text(&response), "books");
        }
    }
}

#[tokio::test]
async fn what_no_layer_has_put_there_is_told_to_the_log_alone() {
    let server = http();
    for ask in calls(&server, "layered").await {
        let log = log::listen();
        let response = behind(&server, &ask, None).await;
        assert_eq!(events::code(&response), -32603);
        assert!(!response.to_string().contains("Tenant"), "{response}");
        let text = log.text();
        assert!(
            text.contains("Tenant") && text.contains("extensions"),
            "{text}"
        );
    }
    for ask in calls(&server, "perhaps_layered").await {
        let response = behind(&server, &ask, None).await;
        assert_eq!(response["result"]["content"], json!([]));
    }
}

/// Asks the handler itself, which no transport stands before.
async fn without_http(tool: &str) -> Result<Answer, Error> {
    let params = to_raw_value(&json!({ "name": tool })).unwrap();
    let (id, peer) = (RequestId::from(1_i64), Arc::new(Peer::default()));
    let request = Request::new(&id, "tools/call", &peer).params(Some((&*params).into()));
    Handler::handle(&server().build().unwrap(), request).await
}

#[tokio::test]
async fn a_call_that_did_not_come_over_http_is_told_so() {
    for tool in ["tenant", "layered"] {
        let error = without_http(tool).await.unwrap_err();
        assert_eq!(error.to_string(), "This is served over HTTP only");
    }
    for (tool, said) in [("perhaps", Some("false")), ("perhaps_layered", None)] {
        let Ok(Answer::CallTool(output)) = without_http(tool).await else {
            panic!("{tool} is refused")
        };
        let said = said.map(|said| vec![mcp_core::types::content::Content::text(said)]);
        assert_eq!(output.content, said.unwrap_or_default());
    }
}
