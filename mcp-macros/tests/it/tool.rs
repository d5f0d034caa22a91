use mcp_core::{Error, Identity, Server, ServerBuilder, Tool, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{ask, call, text};

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Sort {
    Relevance,
    Date,
}

/// Search the catalogue.
///
/// Returns at most `limit` hits:
/// - best first
#[mcp_tool(
    name = "catalogue.search",
    title = "Search catalogue",
    icon = "https://example.com/s.png",
    read_only,
    idempotent = true,
    open_world = false
)]
async fn search(
    /// Text to look for
    #[arg(min_len = 2, max_len = 9)]
    query: String,
    /// Maximum number of hits
    #[arg(default = 10, min = 1, max = MOST)]
    limit: u32,
    sort: Option<Sort>,
    #[arg(default = "friendly", description = "How to say it")] tone: String,
    #[arg(default = Sort::Date)] other: Sort,
    #[arg(default = vec![1, 2], name = "page-numbers")] pages: Vec<u8>,
) -> String {
    format!("{query} {limit} {sort:?} {tone} {other:?} {pages:?}")
}

const MOST: u32 = 100;

fn server(tools: Vec<Tool>) -> Server {
    builder(tools).build().unwrap()
}

fn builder(tools: Vec<Tool>) -> ServerBuilder {
    Server::new("test", "1").tools(tools)
}

#[test]
fn the_definition_says_what_the_function_says() {
    let [tool] = &tools![search][..] else {
        panic!("not one tool")
    };
    let definition = serde_json::to_value(tool.definition()).unwrap();
    let expected = json!({
        "name": "catalogue.search",
        "title": "Search catalogue",
        "description": "Search the catalogue.\n\nReturns at most `limit` hits:\n- best first",
        "icons": [{ "src": "https://example.com/s.png" }],
        "annotations": { "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false },
        "inputSchema": {
            "type": "object",
            "properties": {
                "query": {
                    "type": "string",
                    "description": "Text to look for",
                    "minLength": 2,
                    "maxLength": 9,
                },
                "limit": {
                    "type": "integer",
                    "description": "Maximum number of hits",
                    "default": 10,
                    "minimum": 1,
                    "maximum": 100,
                },
                "sort": { "type": "string", "enum": ["relevance", "date"] },
                "tone": { "type": "string", "description": "How to say it", "default": "friendly" },
                "other": { "type": "string", "enum": ["relevance", "date"], "default": "date" },
                "page-numbers": {
                    "type": "array",
                    "items": { "type": "integer", "minimum": 0, "maximum": 255 },
                    "default": [1, 2],
                },
            },
            "required": ["query"],
            "additionalProperties": false,
        },
    });
    assert_eq!(definition, expected);
}

#[tokio::test]
async fn arguments_reach_the_function_and_defaults_stand_in() {
    let server = server(tools![search]);
    let output = call(&server, "catalogue.search", json!({ "query": "rust" })).await;
    assert_eq!(text(&output), "rust 10 None friendly Date [1, 2]");

    let all = json!({
        "query": "rust", "limit": 5, "sort": "date", "tone": "dry", "other": "relevance",
        "page-numbers": [],
    });
    let output = call(&server, "catalogue.search", all).await;
    assert_eq!(text(&output), "rust 5 Some(Date) dry Relevance []");
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let wrong =
        json!({ "query": "r", "limit": 101, "sort": "up", "foo": 1, "page-numbers": [300] });
    let output = call(&server(tools![search]), "catalogue.search", wrong).await;
    let text = text(&output);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    for name in ["`query`", "`limit`", "`sort`", "`foo`", "`page-numbers[0]`"] {
        assert!(
            lines.iter().any(|line| line.contains(name)),
            "{name} in {text}"
        );
    }
    assert!(output.is_error);
}

#[tokio::test]
async fn the_function_is_still_a_function() {
    let said = search("a".into(), 0, None, "b".into(), Sort::Date, vec![]).await;
    assert_eq!(said, "a 0 None b Date []");
    assert_eq!(add(1, 2), 3);
}

/// Add two numbers
#[mcp_tool(strict)]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Double a number
#[mcp_tool]
fn double(number: i64) -> i64 {
    number * 2
}

#[tokio::test]
async fn text_may_stand_for_a_number_unless_the_tool_is_strict() {
    let server = server(tools![add, double]);
    assert_eq!(
        text(&call(&server, "double", json!({ "number": "4" })).await),
        "8"
    );
    assert_eq!(
        text(&call(&server, "add", json!({ "a": 1, "b": 2 })).await),
        "3"
    );
    let output = call(&server, "add", json!({ "a": "1", "b": 2 })).await;
    assert!(output.is_error, "{output:?}");
}

mod taken {
    use super::*;

    #[derive(Deserialize, schemars::JsonSchema)]
    pub(super) struct Query {
        /// Text to look for
        pub(super) text: String,
        pub(super) limit: Option<u32>,
    }

    /// The whole argument object
    #[mcp_tool]
    pub(super) fn whole(Args(query): Args<Query>) -> String {
        format!("{} {:?}", query.text, query.limit)
    }

    /// What callers do not give
    #[mcp_tool]
    pub(super) async fn context(
        State(words): State<Vec<String>>,
        who: Option<Identity>,
        ctx: Ctx,
        index: usize,
    ) -> Option<String> {
        let who = who.as_ref().map_or("nobody", Identity::subject);
        let word = words.get(index)?;
        Some(format!("{word} for {who} in {}", ctx.request_id()))
    }

    /// For somebody
    #[mcp_tool]
    pub(super) fn identified(who: Identity) -> String {
        who.subject().to_owned()
    }

    /// For somebody, whoever it is
    #[mcp_tool(requires_auth)]
    pub(super) fn secret() -> &'static str {
        "the secret"
    }
}

#[tokio::test]
async fn args_take_the_whole_object() {
    let server = server(tools![taken::whole]);
    let output = call(&server, "whole", json!({ "text": "rust", "limit": 3 })).await;
    assert_eq!(text(&output), "rust Some(3)");
    let output = call(&server, "whole", json!({ "limit": 3 })).await;
    assert_eq!(text(&output), "error: `arguments`: missing field `text`");
}

#[tokio::test]
async fn extractors_are_no_arguments() {
    let tools = tools![taken::context];
    let schema = tools[0].definition().input_schema.to_value();
    assert_eq!(schema["required"], json!(["index"]));
    assert_eq!(
        schema["properties"].as_object().map(|all| all.len()),
        Some(1)
    );

    let words = vec!["zero".to_owned(), "one".to_owned()];
    let server = builder(tools).state(words).build().unwrap();
    assert_eq!(
        text(&call(&server, "context", json!({ "index": 1 })).await),
        "one for nobody in 1"
    );
}

#[test]
fn state_that_nobody_gave_is_missed_when_the_server_is_built() {
    let error = builder(tools![taken::context]).build().unwrap_err();
    assert!(
        error.to_string().contains("`context` takes `State<"),
        "{error}"
    );
}

#[tokio::test]
async fn who_must_be_known_is_asked_to_authenticate() {
    let server = server(tools![taken::identified, taken::secret]);
    let alice = Identity::new("alice");
    for (name, said) in [("identified", "alice"), ("secret", "the secret")] {
        let params = json!({ "name": name });
        let refused = ask(&server, None, "tools/call", &params).await;
        assert!(
            matches!(refused, Err(Error::AuthenticationRequired { .. })),
            "{refused:?}"
        );
        let answer = ask(&server, Some(&alice), "tools/call", &params)
            .await
            .unwrap();
        assert!(format!("{answer:?}").contains(said), "{answer:?}");
    }
}

mod returned {
    use super::*;

    type Found<T> = Result<T, std::num::ParseIntError>;

    #[derive(Serialize, schemars::JsonSchema)]
    pub(super) struct Point {
        x: u8,
        y: u8,
    }

    /// Through an alias of `Result`
    #[mcp_tool]
    pub(super) fn parsed(text: String) -> Found<u32> {
        text.parse()
    }

    /// An error of ours
    #[mcp_tool]
    pub(super) async fn failed(text: String) -> Result<(), ToolError> {
        Err(ToolError::user(text))
    }

    /// A structure
    #[mcp_tool]
    pub(super) fn point() -> Point {
        Point { x: 1, y: 2 }
    }

    /// Several
    #[mcp_tool]
    pub(super) async fn points() -> Result<Vec<Point>, String> {
        Ok(vec![point(), point()])
    }

    /// A number
    #[mcp_tool]
    pub(super) fn number() -> f64 {
        1.5
    }

    /// Nothing
    #[mcp_tool]
    pub(super) fn nothing() {}

    /// A picture
    #[mcp_tool]
    pub(super) fn image() -> Image {
        Image::new("x", "image/png")
    }

    /// A picture and what it shows
    #[mcp_tool]
    pub(super) fn tuple() -> Result<(Text, Image), ToolError> {
        Ok((Text::new("an x"), image()))
    }
}

#[tokio::test]
async fn results_are_split_through_any_alias() {
    let server = server(tools![returned::parsed, returned::failed]);
    assert_eq!(
        text(&call(&server, "parsed", json!({ "text": "5" })).await),
        "5"
    );
    let output = call(&server, "parsed", json!({ "text": "five" })).await;
    assert_eq!(text(&output), "error: invalid digit found in string");
    assert_eq!(
        text(&call(&server, "failed", json!({ "text": "no" })).await),
        "error: no"
    );
}

#[tokio::test]
async fn structures_are_structured_and_promised() {
    let tools = tools![returned::point, returned::points];
    let kind =
        |tool: &Tool| tool.definition().output_schema.clone().unwrap().to_value()["type"].clone();
    assert_eq!([kind(&tools[0]), kind(&tools[1])], ["object", "array"]);

    let server = server(tools);
    let structured = async |name| {
        let output = call(&server, name, json!({})).await;
        serde_json::from_str::<Value>(output.structured.unwrap().as_json()).unwrap()
    };
    let point = json!({ "x": 1, "y": 2 });
    assert_eq!(structured("point").await, point);
    assert_eq!(structured("points").await, json!([point, point]));
}

#[tokio::test]
async fn text_and_content_promise_no_schema() {
    let tools = tools![
        returned::number,
        returned::nothing,
        returned::image,
        returned::tuple
    ];
    assert!(
        tools
            .iter()
            .all(|tool| tool.definition().output_schema.is_none())
    );

    let server = server(tools);
    assert_eq!(text(&call(&server, "number", json!({})).await), "1.5");
    assert_eq!(text(&call(&server, "nothing", json!({})).await), "");
    assert!(matches!(
        call(&server, "image", json!({})).await.content[..],
        [Content::Image(_)]
    ));
    let pieces = call(&server, "tuple", json!({})).await.content;
    assert!(
        matches!(pieces[..], [Content::Text(_), Content::Image(_)]),
        "{pieces:?}"
    );
}

/// Constraints that fit nothing
#[mcp_tool]
fn misfits(
    #[arg(min = 1)] text: String,
    #[arg(max_len = 1)] number: u32,
    #[arg(min = 1, name = "who")] _who: Option<Identity>,
    (a, b): (u8, u8),
) -> String {
    format!("{text} {number} {a} {b}")
}

#[test]
fn what_tokens_cannot_tell_is_told_when_the_server_is_built() {
    let error = builder(tools![misfits]).build().unwrap_err();
    let problems = error.problems().join("\n");
    for part in [
        "`min` on `text`",
        "`max_len` on `number`",
        "`who`",
        "no name",
    ] {
        assert!(problems.contains(part), "{part} in:\n{problems}");
    }
}

/// Show a clock
#[mcp_tool(meta = json!({ "ui": { "resourceUri": "ui://clock" } }))]
fn clock() -> String {
    String::new()
}

/// Count, from where it is said
#[mcp_tool]
fn count(
    #[arg(default)] from: u64,
    #[arg(default, max_len = 3)] words: Vec<String>,
    /// Whether it is the other way round
    #[arg(default)]
    back: bool,
) -> String {
    format!("{from} {words:?} {back}")
}

#[test]
fn what_travels_along_is_an_object_of_any_kind() {
    let meta = |tool: &Tool| tool.definition().meta.clone().map(Value::Object);
    let expected = json!({ "ui": { "resourceUri": "ui://clock" } });
    assert_eq!(meta(&tools![clock][0]), Some(expected));
    assert_eq!(meta(&tools![count][0]), None);
}

#[tokio::test]
async fn a_default_without_a_value_is_that_of_the_type_and_told() {
    let definition = serde_json::to_value(tools![count][0].definition()).unwrap();
    let schema = &definition["inputSchema"];
    assert_eq!(schema.get("required"), None, "{schema}");
    assert_eq!(schema["properties"]["from"]["default"], 0);
    assert_eq!(schema["properties"]["words"]["default"], json!([]));
    assert_eq!(schema["properties"]["back"]["default"], false);

    let server = server(tools![count]);
    let said = call(&server, "count", json!({})).await;
    assert_eq!(text(&said), "0 [] false");
    let said = call(&server, "count", json!({ "words": ["a"], "back": true })).await;
    assert_eq!(text(&said), "0 [\"a\"] true");
}
