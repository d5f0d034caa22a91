//! The seam between transports and servers: a handler written by hand, and ours asked by hand.

use std::sync::Arc;

use mcp_core::{
    Error, Identity, IntoHandler, Missing, Peer, Server,
    era::{Era, fork},
    handler::{Answer, Handler, List, Outcome, Reply, Request, ServerInfo, ToolOutput},
    jsonrpc::{Raw, RequestId},
    prelude::*,
    types::{
        capabilities::Listed, prompt::Prompt, resource::Resource, resource::ResourceTemplate,
        tool::Tool,
    },
};
use serde::Deserialize;
use serde_json::{Value, json, value::to_raw_value};

use crate::client::{connect, connect_as, connect_at, fine};

/// A server without a registry.
struct Parrot {
    info: ServerInfo,
    tools: Arc<List<Tool>>,
}

impl Parrot {
    fn new() -> Self {
        let mut info = ServerInfo::new("parrot", "0.1");
        info.instructions = Some("It repeats.".to_owned());
        info.capabilities.tools = Some(Listed::default());
        let mut squawk = Tool::new("squawk");
        squawk.title = Some("Squawk".to_owned());
        Self {
            info,
            tools: Arc::new(List::new(vec![squawk])),
        }
    }
}

#[derive(Deserialize)]
struct Params<'a> {
    name: &'a str,
}

impl Handler for Parrot {
    fn info(&self) -> &ServerInfo {
        &self.info
    }

    fn handle(&self, request: Request<'_>) -> Reply {
        match request.method {
            "tools/list" => Reply::ready(Ok(Answer::ListTools(Arc::clone(&self.tools)))),
            "tools/call" => {
                let name = match request.parse_params::<Params<'_>>() {
                    Ok(Params { name }) => name.to_owned(),
                    Err(error) => return error.into(),
                };
                let who = request.identity.map(|who| who.subject().to_owned());
                let (id, peer) = (request.id.clone(), Arc::clone(request.peer));
                Reply::pending(async move {
                    tokio::task::yield_now().await;
                    let text = format!("{name} {id} {who:?} {}", peer.info.name);
                    Ok(Answer::CallTool(ToolOutput::text(text)))
                })
            }
            "prompts/get" => panic!("the password is hunter2"),
            "resources/read" => Reply::pending(async {
                tokio::task::yield_now().await;
                panic!("the password is hunter2")
            }),
            method => Reply::ready(Err(Error::MethodNotFound {
                method: method.to_owned(),
            })),
        }
    }
}

#[tokio::test]
async fn a_handler_written_by_hand_is_served_like_any_other() {
    let client = connect(Parrot::new());
    assert_eq!(
        client.greeting["serverInfo"],
        json!({ "name": "parrot", "version": "0.1" })
    );
    assert_eq!(client.greeting["instructions"], "It repeats.");
    assert_eq!(client.greeting["capabilities"], json!({ "tools": {} }));
    assert_eq!(client.tool("squawk").await["title"], "Squawk");
    assert_eq!(
        client.says("squawk", json!({})).await,
        fine("squawk 1 None it")
    );
    let (code, _) = client.refused("tools/call", json!({})).await;
    assert_eq!(code, -32602);
    let (code, _) = client.refused("prompts/list", json!({})).await;
    assert_eq!(code, -32601);
    assert_eq!(client.ask("ping", json!({})).await, json!({}));
}

#[tokio::test]
async fn a_handler_written_by_hand_knows_no_revision() {
    let client = connect_at("2025-03-26", Parrot::new());
    assert_eq!(client.tool("squawk").await.get("title"), None);
}

#[tokio::test]
async fn a_handler_is_told_who_asks() {
    let client = connect_as(Some(Identity::new("alice")), "2025-11-25", Parrot::new());
    assert_eq!(
        client.says("squawk", json!({})).await,
        fine(r#"squawk 1 Some("alice") it"#)
    );
}

#[tokio::test]
async fn a_handler_that_panics_costs_its_own_call() {
    let client = connect(Parrot::new());
    for method in ["prompts/get", "resources/read"] {
        let (code, message) = client.refused(method, json!({})).await;
        assert_eq!(code, -32603);
        assert!(
            message.starts_with("Internal error (ref ") && !message.contains("hunter2"),
            "{message}"
        );
    }
    assert_eq!(
        client.says("squawk", json!({})).await,
        fine("squawk 1 None it")
    );
}

#[tokio::test]
async fn a_handler_may_be_shared() {
    let shared: Arc<dyn Handler> = Arc::new(Parrot::new());
    for _ in 0..2 {
        let client = connect(Arc::clone(&shared));
        assert_eq!(
            client.says("squawk", json!({})).await,
            fine("squawk 1 None it")
        );
    }
}

// ---- ours, asked by hand

/// Repeats a text
#[mcp_tool]
async fn echo(text: String) -> String {
    text
}

/// One page
#[mcp_resource("docs://{page}")]
fn page(page: u32) -> String {
    page.to_string()
}

/// Ask
#[mcp_prompt]
fn question(what: String) -> String {
    format!("What is {what}?")
}

fn server() -> Server {
    Server::new("seam", "1")
        .tools(tools![echo])
        .resources(resources![page])
        .prompts(prompts![question])
        .build()
        .unwrap()
}

async fn outcome(server: &dyn Handler, method: &str, params: &Value) -> Outcome {
    let (id, peer) = (RequestId::from("by hand"), Arc::new(Peer::default()));
    let params = to_raw_value(params).unwrap();
    let request = Request::new(&id, method, &peer).params(Some((&*params).into()));
    // What was borrowed is gone before the reply is awaited.
    let reply = server.handle(request);
    drop((id, peer, params));
    reply.await
}

#[tokio::test]
async fn a_server_answers_in_values_not_in_envelopes() {
    let server = server();
    let call = json!({ "name": "echo", "arguments": { "text": "x" } });
    let Ok(Answer::CallTool(output)) = outcome(&server, "tools/call", &call).await else {
        panic!("not the answer of a tool")
    };
    assert_eq!(output.content, [Content::text("x")]);
    assert!(!output.is_error && output.structured.is_none());
    let Ok(Answer::ReadResource(contents)) =
        outcome(&server, "resources/read", &json!({ "uri": "docs://7" })).await
    else {
        panic!("not the contents of a resource")
    };
    assert_eq!(
        contents,
        [ResourceContents::text("docs://7", "7").mime_type("text/plain")]
    );
    let get = json!({ "name": "question", "arguments": { "what": "it" } });
    let Ok(Answer::GetPrompt(prompt)) = outcome(&server, "prompts/get", &get).await else {
        panic!("not a prompt")
    };
    assert_eq!(prompt.messages, [PromptMessage::user("What is it?")]);
}

#[tokio::test]
async fn a_server_lists_what_was_registered() {
    let server = server();
    let none = json!({});
    let names = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>();
    let Ok(Answer::ListTools(tools)) = outcome(&server, "tools/list", &none).await else {
        panic!("not a list of tools")
    };
    assert_eq!(
        names(tools.items().iter().map(|tool: &Tool| &tool.name).collect()),
        ["echo"]
    );
    let Ok(Answer::ListResources(resources)) = outcome(&server, "resources/list", &none).await
    else {
        panic!("not a list of resources")
    };
    assert_eq!(
        names(
            resources
                .items()
                .iter()
                .map(|r: &Resource| &r.uri)
                .collect()
        ),
        [""; 0]
    );
    let Ok(Answer::ListResourceTemplates(templates)) =
        outcome(&server, "resources/templates/list", &none).await
    else {
        panic!("not a list of templates")
    };
    let uris = templates
        .items()
        .iter()
        .map(|t: &ResourceTemplate| &t.uri_template);
    assert_eq!(names(uris.collect()), ["docs://{page}"]);
    let Ok(Answer::ListPrompts(prompts)) = outcome(&server, "prompts/list", &none).await else {
        panic!("not a list of prompts")
    };
    assert_eq!(
        names(prompts.items().iter().map(|p: &Prompt| &p.name).collect()),
        ["question"]
    );
}

#[tokio::test]
async fn a_server_refuses_by_what_stands_against_it() {
    let server = server();
    let refused = async |method, params| outcome(&server, method, &params).await.unwrap_err();
    assert!(matches!(
        refused("tools/call", json!({ "name": "x" })).await,
        Error::NotFound(Missing::Tool(name)) if name == "x"
    ));
    assert!(matches!(
        refused("resources/read", json!({ "uri": "x" })).await,
        Error::NotFound(Missing::Resource(uri)) if uri == "x"
    ));
    assert!(matches!(
        refused("prompts/get", json!({ "name": "x" })).await,
        Error::NotFound(Missing::Prompt(name)) if name == "x"
    ));
    assert!(matches!(
        refused("no/such", json!({})).await,
        Error::MethodNotFound { method } if method == "no/such"
    ));
    // What belongs to an era is none of its business.
    for method in ["initialize", "ping"] {
        assert!(matches!(
            refused(method, json!({})).await,
            Error::MethodNotFound { .. }
        ));
    }
}

#[test]
fn a_server_and_its_builder_and_a_handler_can_all_be_served() {
    let builder = Server::new("x", "1").tools(tools![echo]);
    assert!(builder.into_handler().is_ok());
    assert!(server().into_handler().is_ok());
    assert!(Parrot::new().into_handler().is_ok());
    let clash = Server::new("x", "1")
        .tools(tools![echo])
        .tools(tools![echo]);
    assert!(clash.into_handler().is_err());
}

#[test]
fn a_request_says_its_revision_however_its_slashes_are_written() {
    for slash in ["/", r"\/", r"\u002f"] {
        let json = format!(
            r#"{{"_meta":{{"io.modelcontextprotocol{slash}protocolVersion":"2026-07-28"}}}}"#
        );
        let params = Raw::new(&json).unwrap();
        assert_eq!(fork(None, Some(params)), Era::Modern, "{json}");
    }
    let initialize = Raw::new(r#"{"protocolVersion":"2025-11-25","capabilities":{}}"#).unwrap();
    assert_eq!(fork(None, Some(initialize)), Era::Legacy);
}
