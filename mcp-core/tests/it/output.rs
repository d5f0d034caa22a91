//! What tools return, and what becomes of it.

use std::{borrow::Cow, collections::BTreeMap};

use mcp_core::{
    Server,
    handler::{Structured, ToolOutput},
    prelude::*,
    types::Role,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::client::{Client, connect, connect_at, raw};

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Book {
    title: String,
    pages: u32,
    subtitle: Option<String>,
}

fn emma() -> Book {
    Book {
        title: "Emma".to_owned(),
        pages: 474,
        subtitle: None,
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
}

#[derive(Serialize, JsonSchema)]
struct Tree {
    name: String,
    children: Vec<Tree>,
}

/// Declares a tool without arguments that returns what the block says.
macro_rules! tool {
    ($name:ident -> $output:ty $body:block) => {
        #[doc = "Returns something"]
        #[mcp_tool]
        fn $name() -> $output $body
    };
}

tool!(string -> String { "text".to_owned() });
tool!(literal -> &'static str { "text" });
tool!(cow -> Cow<'static, str> { Cow::Borrowed("text") });
tool!(integer -> i64 { -7 });
tool!(large -> u64 { u64::MAX });
tool!(float -> f64 { 1.5 });
tool!(boolean -> bool { true });
tool!(unit -> () {});
tool!(character -> char { 'ß' });
tool!(unit_enum -> Colour { Colour::Red });
tool!(some_text -> Option<String> { Some("text".to_owned()) });
tool!(no_text -> Option<String> { None });
tool!(fallible -> Result<String, ToolError> { Ok("text".to_owned()) });
tool!(fallible_unit -> Result<(), ToolError> { Ok(()) });

tool!(book -> Book { emma() });
tool!(json_book -> Json<Book> { Json(emma()) });
tool!(fallible_book -> Result<Book, ToolError> { Ok(emma()) });
tool!(books -> Vec<Book> { vec![emma()] });
tool!(no_books -> Vec<Book> { Vec::new() });
tool!(maybe_book -> Option<Book> { Some(emma()) });
tool!(no_book -> Option<Book> { None });
tool!(map -> BTreeMap<String, u32> { BTreeMap::from([("one".to_owned(), 1)]) });
tool!(pair -> (String, u32) { ("one".to_owned(), 1) });
tool!(json_number -> Json<u32> { Json(7) });
tool!(untyped -> Value { json!({ "any": [1, null] }) });
tool!(untyped_list -> Json<Value> { Json(json!([1, 2])) });
tool!(tree -> Vec<Tree> {
    vec![Tree { name: "root".to_owned(), children: vec![] }]
});

tool!(text_content -> Text { Text::new("text") });
tool!(image -> Image { Image::new(b"\x89PNG", "image/png") });
tool!(audio -> Audio { Audio::new([0, 1, 2], "audio/wav") });
tool!(link -> ResourceLink { ResourceLink::new("docs://x", "x") });
tool!(embedded -> Embedded {
    Embedded::new(ResourceContents::text("docs://x", "text").mime_type("text/plain"))
});
tool!(tuple -> (Text, Image) { (Text::new("text"), Image::new(b"\x89PNG", "image/png")) });
tool!(many -> Vec<Content> { vec![Content::text("one"), "two".into()] });
tool!(no_content -> Vec<Content> { Vec::new() });
tool!(annotated -> Text {
    let mut text = Text::new("text");
    let mut annotations = mcp_core::types::Annotations::default();
    annotations.audience = vec![Role::User];
    annotations.priority = Some(0.5);
    text.annotations = Some(annotations);
    text
});

/// Returns a whole output, made by hand
#[mcp_tool]
fn whole() -> ToolOutput {
    let mut output = ToolOutput::text("in words");
    output.structured = Some(Structured::new(&emma()).unwrap());
    output.meta = Some(serde_json::Map::from_iter([(
        "example.com/x".to_owned(),
        json!(1),
    )]));
    output
}

/// Returns structured output and an error at once
#[mcp_tool]
fn contradictory() -> ToolOutput {
    let mut output = ToolOutput::error("it went wrong");
    output.structured = Some(Structured::new(&emma()).unwrap());
    output
}

/// Returns raw JSON with line breaks between its tokens and within its strings
#[mcp_tool]
fn broken_lines() -> ToolOutput {
    let mut output = ToolOutput::default();
    let json = raw("{\r\n  \"a b\" : [ 1,\n\t2 ],\n  \"text\" : \"one\\ntwo \\\" { \"\n}");
    output.structured = Some(Structured::new(&json).unwrap());
    output
}

/// Says something in two lines
#[mcp_tool]
fn two_lines() -> String {
    "one\ntwo\r\nthree \u{2028} \u{0} \" \\".to_owned()
}

fn server() -> mcp_core::ServerBuilder {
    Server::new("output", "1")
        .tools(tools![
            string,
            literal,
            cow,
            integer,
            large,
            float,
            boolean,
            unit,
            character,
            unit_enum,
            some_text,
            no_text,
            fallible,
            fallible_unit,
        ])
        .tools(tools![
            book,
            json_book,
            fallible_book,
            books,
            no_books,
            maybe_book,
            no_book,
            map,
            pair,
            json_number,
            untyped,
            untyped_list,
            tree,
        ])
        .tools(tools![
            text_content,
            image,
            audio,
            link,
            embedded,
            tuple,
            many,
            no_content,
            annotated,
            whole,
            contradictory,
            broken_lines,
            two_lines,
        ])
}

fn client() -> Client {
    connect(server())
}

fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

#[tokio::test]
async fn text_and_scalars_are_one_piece_of_text_and_promise_nothing() {
    let client = client();
    for (tool, expected) in [
        ("string", text("text")),
        ("literal", text("text")),
        ("cow", text("text")),
        ("integer", text("-7")),
        ("large", text("18446744073709551615")),
        ("float", text("1.5")),
        ("boolean", text("true")),
        ("character", text("ß")),
        ("unit_enum", text("red")),
        ("some_text", text("text")),
        ("fallible", text("text")),
        ("unit", json!({ "content": [] })),
        ("no_text", json!({ "content": [] })),
        ("fallible_unit", json!({ "content": [] })),
    ] {
        assert_eq!(client.call(tool, json!({})).await, expected, "{tool}");
        assert_eq!(client.tool(tool).await.get("outputSchema"), None, "{tool}");
    }
}

#[tokio::test]
async fn an_object_is_structured_and_mirrored_as_text_and_its_schema_is_published() {
    let client = client();
    let structured = json!({ "title": "Emma", "pages": 474, "subtitle": null });
    for tool in ["book", "json_book", "fallible_book"] {
        let result = client.call(tool, json!({})).await;
        assert_eq!(result["structuredContent"], structured, "{tool}");
        assert_eq!(result["content"].as_array().unwrap().len(), 1, "{tool}");
        let mirror = result["content"][0]["text"].as_str().unwrap();
        assert_eq!(mirror, r#"{"title":"Emma","pages":474,"subtitle":null}"#);
        let schema = client.tool(tool).await["outputSchema"].clone();
        assert_eq!(schema["type"], "object", "{tool}");
        assert_eq!(
            schema["properties"]["pages"],
            json!({ "type": "integer", "minimum": 0 })
        );
        // What is sent as null is promised as null.
        assert_eq!(
            schema["properties"]["subtitle"]["type"],
            json!(["string", "null"])
        );
        assert_eq!(
            schema["required"],
            json!(["title", "pages", "subtitle"]),
            "{tool}"
        );
    }
    let result = client.call("map", json!({})).await;
    assert_eq!(result["structuredContent"], json!({ "one": 1 }));
    assert_eq!(client.tool("map").await["outputSchema"]["type"], "object");
}

#[tokio::test]
async fn what_is_no_object_is_wrapped_into_one_and_so_is_its_schema() {
    let client = client();
    let emma = json!({ "title": "Emma", "pages": 474, "subtitle": null });
    for (tool, result, mirror) in [
        (
            "books",
            json!([emma]),
            r#"[{"title":"Emma","pages":474,"subtitle":null}]"#,
        ),
        ("no_books", json!([]), "[]"),
        ("pair", json!(["one", 1]), r#"["one",1]"#),
        ("json_number", json!(7), "7"),
        (
            "maybe_book",
            emma.clone(),
            r#"{"title":"Emma","pages":474,"subtitle":null}"#,
        ),
        ("no_book", Value::Null, "null"),
    ] {
        let answer = client.call(tool, json!({})).await;
        assert_eq!(
            answer["structuredContent"],
            json!({ "result": result }),
            "{tool}"
        );
        assert_eq!(answer["content"][0]["text"], mirror, "{tool}");
        let schema = client.tool(tool).await["outputSchema"].clone();
        assert_eq!(schema["type"], "object", "{tool}: {schema}");
        assert_eq!(schema["required"], json!(["result"]), "{tool}");
        assert!(schema["properties"]["result"].is_object(), "{tool}");
    }
    let schema = client.tool("books").await["outputSchema"].clone();
    assert_eq!(schema["properties"]["result"]["type"], "array");
    assert_eq!(schema["properties"]["result"]["items"]["type"], "object");
}

#[tokio::test]
async fn a_wrapped_schema_keeps_its_definitions_at_the_root() {
    let schema = client().tool("tree").await["outputSchema"].clone();
    let text = schema.to_string();
    assert!(text.contains("\"#/$defs/Tree\""), "{text}");
    assert!(schema["$defs"]["Tree"].is_object(), "{text}");
}

#[tokio::test]
async fn what_has_no_type_is_structured_and_promises_nothing() {
    let client = client();
    let result = client.call("untyped_list", json!({})).await;
    assert_eq!(result["structuredContent"], json!({ "result": [1, 2] }));
    for tool in ["untyped", "untyped_list"] {
        assert_eq!(client.tool(tool).await.get("outputSchema"), None, "{tool}");
    }
    let result = client.call("untyped", json!({})).await;
    assert_eq!(result["content"][0]["text"], r#"{"any":[1,null]}"#);
    assert!(result["structuredContent"].is_object(), "{result}");
}

#[tokio::test]
async fn content_is_sent_as_it_is() {
    let client = client();
    let png = json!({ "type": "image", "data": "iVBORw==", "mimeType": "image/png" });
    let words = json!({ "type": "text", "text": "text" });
    for (tool, content) in [
        ("text_content", json!([words])),
        ("image", json!([png])),
        (
            "audio",
            json!([{ "type": "audio", "data": "AAEC", "mimeType": "audio/wav" }]),
        ),
        (
            "link",
            json!([{ "type": "resource_link", "uri": "docs://x", "name": "x" }]),
        ),
        (
            "embedded",
            json!([{
                "type": "resource",
                "resource": { "uri": "docs://x", "mimeType": "text/plain", "text": "text" },
            }]),
        ),
        ("tuple", json!([words, png])),
        (
            "many",
            json!([{ "type": "text", "text": "one" }, { "type": "text", "text": "two" }]),
        ),
        ("no_content", json!([])),
        (
            "annotated",
            json!([{
                "type": "text", "text": "text",
                "annotations": { "audience": ["user"], "priority": 0.5 },
            }]),
        ),
    ] {
        assert_eq!(
            client.call(tool, json!({})).await,
            json!({ "content": content }),
            "{tool}"
        );
        assert_eq!(client.tool(tool).await.get("outputSchema"), None, "{tool}");
    }
}

#[tokio::test]
async fn an_output_made_by_hand_is_sent_whole() {
    assert_eq!(
        client().call("whole", json!({})).await,
        json!({
            "content": [{ "type": "text", "text": "in words" }],
            "structuredContent": { "title": "Emma", "pages": 474, "subtitle": null },
            "_meta": { "example.com/x": 1 },
        })
    );
}

#[tokio::test]
async fn an_error_is_never_structured() {
    assert_eq!(
        client().call("contradictory", json!({})).await,
        json!({ "content": [{ "type": "text", "text": "it went wrong" }], "isError": true })
    );
}

/// The client helper refuses any line break in a message.
#[tokio::test]
async fn raw_json_with_line_breaks_stays_one_line() {
    let result = client().call("broken_lines", json!({})).await;
    let expected = json!({ "a b": [1, 2], "text": "one\ntwo \" { " });
    assert_eq!(result["structuredContent"], expected);
    let mirror = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(mirror).unwrap(), expected);
}

#[tokio::test]
async fn text_with_line_breaks_stays_one_line() {
    let said = client().says("two_lines", json!({})).await;
    assert_eq!(said.text, "one\ntwo\r\nthree \u{2028} \u{0} \" \\");
}

#[tokio::test]
async fn a_list_of_tools_is_the_same_bytes_every_time() {
    let ask = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#;
    let first = client();
    let expected = first.send(ask).await;
    for client in [&first, &client(), &connect_at("2025-11-25", server())] {
        for _ in 0..3 {
            assert_eq!(client.send(ask).await, expected);
        }
    }
    let other = ask.replace(r#""id":1"#, r#""id":"x""#);
    let answer = String::from_utf8(first.send(&other).await).unwrap();
    let expected = String::from_utf8(expected).unwrap();
    assert_eq!(answer.replace(r#""id":"x""#, r#""id":1"#), expected);
}
