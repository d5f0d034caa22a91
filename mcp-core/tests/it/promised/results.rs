//! What results promise.

use super::*;

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
