//! What results promise.

use super::*;
use crate::both::both;

#[derive(Serialize, JsonSchema)]
struct Broken {
    /// Its schema has it as a number.
    #[schemars(with = "u32")]
    pages: String,
}

/// Returns something else than it promises
#[mcp_tool]
fn broken() -> Broken {
    Broken {
        pages: "many".to_owned(),
    }
}

#[derive(Serialize, JsonSchema)]
struct Kept {
    pages: u32,
    next: Option<Box<Kept>>,
}

/// Returns what it promises
#[mcp_tool]
async fn kept() -> Vec<Kept> {
    let next = Some(Box::new(Kept {
        pages: 2,
        next: None,
    }));
    vec![Kept { pages: 1, next }]
}

#[cfg(all(debug_assertions, feature = "validate"))]
#[tokio::test]
async fn a_result_that_is_not_as_promised_is_an_internal_error_in_debug_builds() {
    let client = connect(Server::new("it", "1").tools(tools![broken, kept]));
    let params = serde_json::json!({ "name": "broken", "arguments": {} });
    let (code, message) = client.refused("tools/call", params).await;
    assert_eq!(code, -32603);
    assert!(
        message.starts_with("Internal error (ref ") && !message.contains("pages"),
        "{message}"
    );
    let result = client.call("kept", serde_json::json!({})).await;
    assert_eq!(
        result["structuredContent"]["result"][0]["next"]["pages"], 2,
        "{result}"
    );
}

#[cfg(not(feature = "validate"))]
#[test]
fn results_are_not_checked_without_a_validator() {
    let tools = tools![broken, kept];
    assert!(Server::new("it", "1").tools(tools).build().is_ok());
}

/// A tool whose results are what this schema says, and are this.
fn by_hand(schema: &str, result: Value) -> Tool {
    Tool::builder("by_hand")
        .description("Returns what it was told to")
        .output_schema(Schema::parse(schema).unwrap())
        .handler(move |_: Map<String, Value>, _: Ctx| {
            let result = result.clone();
            async move { Ok(result) }
        })
}

#[tokio::test]
async fn a_schema_by_hand_is_told_and_its_results_are_structured() {
    let schema = r#"{"type":"object","properties":{"celsius":{"type":"number"}}}"#;
    let value = serde_json::json!({ "celsius": 21.5 });
    for peer in both(Server::new("it", "1").tools([by_hand(schema, value.clone())])) {
        let told = peer.tool("by_hand").await["outputSchema"].to_string();
        assert_eq!(told, schema);
        let result = peer.call("by_hand", serde_json::json!({})).await;
        assert_eq!(result["structuredContent"], value, "{result}");
    }
}

#[tokio::test]
async fn results_that_may_be_no_objects_are_wrapped_as_their_schema_by_hand_is() {
    let schema = r#"{"type":["object","array"]}"#;
    let value = serde_json::json!({ "celsius": 21.5 });
    let tool = by_hand(schema, value.clone());
    let [legacy, modern] = both(Server::new("it", "1").tools([tool]));
    let result = modern.call("by_hand", serde_json::json!({})).await;
    assert_eq!(result["structuredContent"], value, "{result}");
    let result = legacy.call("by_hand", serde_json::json!({})).await;
    assert_eq!(
        result["structuredContent"],
        serde_json::json!({ "result": value }),
        "{result}"
    );
    let told = &legacy.tool("by_hand").await["outputSchema"];
    assert_eq!(told["required"], serde_json::json!(["result"]), "{told}");
}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind")]
enum Found {
    Book { title: String },
}

#[tokio::test]
async fn results_of_an_enum_are_objects_where_their_schema_by_hand_says_so() {
    let schema = r#"{"type":"object","required":["kind"]}"#;
    let tool = Tool::builder("find")
        .description("Find a book")
        .output_schema(Schema::parse(schema).unwrap())
        .handler(|_: Map<String, Value>, _: Ctx| async {
            let title = "Emma".to_owned();
            Ok(Found::Book { title })
        });
    for peer in both(Server::new("it", "1").tools([tool])) {
        let told = peer.tool("find").await["outputSchema"].to_string();
        assert_eq!(told, schema);
        let result = peer.call("find", serde_json::json!({})).await;
        let expected = serde_json::json!({ "kind": "Book", "title": "Emma" });
        assert_eq!(result["structuredContent"], expected, "{result}");
    }
}

#[test]
fn the_type_of_a_result_does_not_overwrite_a_schema_by_hand() {
    let tool = Tool::builder("kept")
        .output_schema(Schema::parse(r#"{"type":"object"}"#).unwrap())
        .handler(|_: Map<String, Value>, _: Ctx| async {
            Ok(Kept {
                pages: 1,
                next: None,
            })
        });
    let told = tool.definition().output_schema.as_ref().unwrap();
    assert_eq!(told.as_str(), r#"{"type":"object"}"#);
}

#[cfg(all(debug_assertions, feature = "validate"))]
#[tokio::test]
async fn a_result_that_breaks_a_schema_by_hand_is_an_internal_error_in_debug_builds() {
    let schema = r#"{"type":"object","required":["celsius"]}"#;
    let tool = by_hand(schema, serde_json::json!({}));
    let client = connect(Server::new("it", "1").tools([tool]));
    let params = serde_json::json!({ "name": "by_hand", "arguments": {} });
    let (code, message) = client.refused("tools/call", params).await;
    assert_eq!(code, -32603, "{message}");
}
