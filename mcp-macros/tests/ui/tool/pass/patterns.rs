//! Parameters are taken by any pattern.
use mcp_core::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Query {
    text: String,
}

/// Search
#[mcp_tool]
fn search(Args(Query { text }): Args<Query>, State(db): State<Vec<String>>) -> bool {
    db.contains(&text)
}

/// Add two numbers
#[mcp_tool]
fn add(mut a: i64, #[arg(name = "b")] (b, _): (i64, i64), _: Ctx, c @ _: i64) -> i64 {
    a += b + c;
    a
}

/// A word that Rust keeps for itself
#[mcp_tool]
fn r#move(r#type: String) -> String {
    r#type
}

/// Unread
#[mcp_tool]
async fn unread(_text: String) {}

/// Borrowed from nobody
#[mcp_tool]
fn shout(text: std::borrow::Cow<'_, str>) -> String {
    text.to_uppercase()
}

fn main() {
    let tools = tools![search, add, r#move, unread, shout];
    let server = Server::new("patterns", "1")
        .state(Vec::<String>::new())
        .tools(tools.clone());
    assert!(server.build().is_ok());

    let names: Vec<_> = tools
        .iter()
        .map(|tool| tool.definition().name.as_str())
        .collect();
    assert_eq!(names, ["search", "add", "move", "unread", "shout"]);
    let add = tools[1].definition().input_schema.to_value();
    assert_eq!(add["required"], serde_json::json!(["a", "b", "c"]));
    let word = tools[2].definition().input_schema.to_value();
    assert_eq!(word["required"], serde_json::json!(["type"]));
}
