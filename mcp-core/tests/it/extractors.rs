//! What handlers take besides their arguments.

use mcp_core::{
    ClientInfo, Context, Error, FromContext, OptionalFromContext, RawArgs, Requirement, Server,
    prelude::*,
};
use serde_json::{Value, json};

use crate::both::{both, both_as};

/// Takes whatever comes
#[mcp_tool]
fn anything(event: RawArgs) -> String {
    event.get().to_owned()
}

/// Takes one argument, and whatever else comes
#[mcp_tool]
fn labelled(label: String, RawArgs(rest): RawArgs) -> String {
    format!("{label}: {rest}")
}

/// Takes nothing
#[mcp_tool]
fn nothing() -> &'static str {
    "nothing"
}

/// Knows the program
#[mcp_tool]
fn program(client: ClientInfo) -> String {
    let can = &client.capabilities;
    let (name, version) = (&client.info.name, &client.info.version);
    format!("{name} {version}, roots: {}", can.roots.is_some())
}

#[mcp_resource("docs://program", description = "Knows the program")]
fn program_page(client: ClientInfo) -> String {
    client.info.name.clone()
}

#[mcp_prompt(description = "Knows the program")]
fn program_prompt(client: ClientInfo) -> String {
    client.info.name.clone()
}

/// What the transport of these tests knows.
#[derive(Clone)]
struct Socket(u16);

impl FromContext for Socket {
    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        let socket = context.transport::<Self>().cloned();
        socket.ok_or_else(|| Error::invalid_params("this came over no socket"))
    }
}

impl OptionalFromContext for Socket {
    fn optional_from_context(context: &Context<'_>) -> Result<Option<Self>, Error> {
        Ok(context.transport::<Self>().cloned())
    }
}

/// Knows the port
#[mcp_tool]
fn port(Socket(port): Socket) -> String {
    port.to_string()
}

/// Knows the port, if there is one
#[mcp_tool]
async fn perhaps_port(socket: Option<Socket>) -> String {
    socket.map_or_else(|| "none".to_owned(), |Socket(port)| port.to_string())
}

/// How many bytes were sent.
struct Size(usize);

impl FromContext for Size {
    fn requirements(found: &mut Vec<Requirement>) {
        RawArgs::requirements(found);
    }

    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        RawArgs::from_context(context).map(|raw| Self(raw.get().len()))
    }
}

/// Weighs whatever comes
#[mcp_tool]
fn weigh(Size(bytes): Size) -> usize {
    bytes
}

/// Knows the caller
#[mcp_tool]
fn caller(who: Option<Identity>) -> String {
    who.map_or_else(|| "nobody".to_owned(), |who| who.subject().to_owned())
}

fn server() -> mcp_core::ServerBuilder {
    Server::new("extractors", "1")
        .tools(tools![anything, labelled, nothing, program, port])
        .tools(tools![perhaps_port, weigh, caller])
        .resources(resources![program_page])
        .prompts(prompts![program_prompt])
}

#[tokio::test]
async fn raw_arguments_are_the_object_as_it_came() {
    for peer in both(server()) {
        let sent = json!({ "a": [1, null], "b": { "c": "ß" } });
        assert_eq!(peer.says("anything", sent.clone()).await, sent.to_string());
        assert_eq!(peer.says("anything", json!({})).await, "{}");
        let absent = peer.ask("tools/call", json!({ "name": "anything" })).await;
        assert_eq!(absent["content"][0]["text"], "{}");
    }
}

#[tokio::test]
async fn a_tool_that_takes_raw_arguments_is_published_open() {
    for peer in both(server()) {
        let open = json!({ "type": "object", "properties": {} });
        assert_eq!(peer.tool("anything").await["inputSchema"], open);
        assert_eq!(peer.tool("weigh").await["inputSchema"], open);
        let schema = peer.tool("labelled").await["inputSchema"].clone();
        assert_eq!(schema["required"], json!(["label"]));
        assert_eq!(schema.get("additionalProperties"), None);
        let closed = &peer.tool("nothing").await["inputSchema"];
        assert_eq!(closed["additionalProperties"], false);
    }
}

#[tokio::test]
async fn raw_arguments_let_unnamed_ones_through_and_judge_named_ones() {
    for peer in both(server()) {
        let said = peer.says("labelled", json!({ "label": "x", "more": 1 }));
        assert_eq!(said.await, r#"x: {"label":"x","more":1}"#);
        let result = peer.call("labelled", json!({ "more": 1 })).await;
        let missing = "`label`: required argument is missing";
        assert_eq!(result["content"][0]["text"], missing);
        assert_eq!(peer.says("weigh", json!({ "a": 1 })).await, "7");
        let result = peer.call("nothing", json!({ "more": 1 })).await;
        assert_eq!(result["isError"], true);
    }
}

#[tokio::test]
async fn a_handler_learns_which_program_calls() {
    for peer in both(server()) {
        let said = peer.says("program", json!({})).await;
        assert_eq!(said, "it 1, roots: true");
        let read = json!({ "uri": "docs://program" });
        let read = peer.ask("resources/read", read).await;
        assert_eq!(read["contents"][0]["text"], "it");
        let prompt = json!({ "name": "program_prompt" });
        let prompt = peer.ask("prompts/get", prompt).await;
        assert_eq!(prompt["messages"][0]["content"]["text"], "it");
    }
}

#[tokio::test]
async fn an_extractor_learns_what_the_transport_knows() {
    for peer in both(server()) {
        let params = json!({ "name": "port", "arguments": {} });
        let (code, message) = peer.refused("tools/call", params).await;
        assert_eq!(code, -32602);
        assert!(message.contains("no socket"), "{message}");
        assert_eq!(peer.says("perhaps_port", json!({})).await, "none");

        let peer = peer.over(Socket(443));
        assert_eq!(peer.says("port", json!({})).await, "443");
        assert_eq!(peer.says("perhaps_port", json!({})).await, "443");

        let peer = peer.over("something else");
        assert_eq!(peer.says("perhaps_port", json!({})).await, "none");
    }
}

#[tokio::test]
async fn an_identity_may_be_absent() {
    let server = server().build().unwrap();
    let alice = Identity::new("alice");
    for peer in both_as(Some(&alice), &server) {
        assert_eq!(peer.says("caller", json!({})).await, "alice");
    }
    for peer in both_as(None, &server) {
        assert_eq!(
            peer.says("caller", Value::Object(Default::default())).await,
            "nobody"
        );
    }
}
