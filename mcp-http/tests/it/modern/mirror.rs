//! Headers that repeat what the body says.

use base64::{Engine, engine::general_purpose::STANDARD};
use mcp_core::{Server, Tool, prelude::*, schema::Schema};
use mcp_http::HttpServer;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{call, refused, request};
use crate::{
    client::{Ask, Local, local},
    fixture::http,
};

/// Says where
#[mcp_tool]
fn place(
    #[arg(header = "Region")] region: String,
    #[arg(header = "Zone")] zone: Option<i64>,
    #[arg(header = "Dry-Run")] dry_run: Option<bool>,
) -> String {
    format!("{region} {zone:?} {dry_run:?}")
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Place {
    #[schemars(extend("x-mcp-header" = "Shelf"))]
    shelf: Option<String>,
    #[schemars(extend("x-mcp-header" = "Row"))]
    row: Option<i64>,
}

/// The same, deep in an argument
#[mcp_tool]
fn deep(at: Option<Place>) -> String {
    format!("{at:?}")
}

fn server() -> Local {
    let server = Server::new("it", "1").tools(tools![place, deep]);
    local(HttpServer::new(server))
}

fn sentinel(text: &str) -> String {
    format!("=?base64?{}?=", STANDARD.encode(text))
}

/// Refused for its headers, naming one of them.
async fn mismatches(server: &Local, ask: &Ask, named: &str) {
    let answer = server.ask(ask).await;
    assert_eq!(refused(&answer, 400).0, -32020, "{ask:?}");
    answer.refuses(400, &[named]);
}

#[tokio::test]
async fn method_and_name_are_repeated_exactly_and_once() {
    let server = local(http());
    let right = call(1, "echo", &json!({ "text": "hi" }));
    for (header, wrong) in [
        (
            "Mcp-Method",
            vec!["tools/list", "TOOLS/CALL", "Tools/call", "tools/call/", ""],
        ),
        ("Mcp-Name", vec!["whoami", "Echo", "echo2", "ech", ""]),
        ("MCP-Protocol-Version", vec!["2099-01-01", "2025-11-25", ""]),
    ] {
        mismatches(&server, &right.clone().without(header), header).await;
        for value in wrong {
            mismatches(&server, &right.clone().instead(header, value), header).await;
        }
    }
    for (header, value) in [("Mcp-Method", "tools/call"), ("Mcp-Name", "echo")] {
        mismatches(&server, &right.clone().with(header, value), header).await;
    }
    // Names of headers have no case, and white space around a value is none of it.
    let other = right
        .without("Mcp-Method")
        .without("Mcp-Name")
        .with("mCP-mETHOD", " tools/call\t")
        .with("mcp-name", "  echo ");
    server.ask(&other).await.result();
}

#[tokio::test]
async fn each_method_that_names_something_repeats_its_name() {
    let server = local(http());
    for (method, params) in [
        (
            "tools/call",
            json!({ "name": "echo", "arguments": { "text": "hi" } }),
        ),
        (
            "prompts/get",
            json!({ "name": "review", "arguments": { "title": "x" } }),
        ),
        ("resources/read", json!({ "uri": "docs://manual" })),
    ] {
        let right = request(1, method, &params);
        server.ask(&right).await.result();
        mismatches(&server, &right.clone().without("Mcp-Name"), "Mcp-Name").await;
        mismatches(&server, &right.instead("Mcp-Name", "other"), "Mcp-Name").await;
    }
    // Others have none, and one that is there says nothing.
    let list = request(1, "tools/list", &json!({}));
    server
        .ask(&list.with("Mcp-Name", "whatever"))
        .await
        .result();
}

#[tokio::test]
async fn a_name_may_come_as_base64() {
    let named = ["echo", "=?base64?ZWNobw==?="];
    let server = local(http());
    for name in named {
        let ask = call(1, "echo", &json!({ "text": "hi" })).instead("Mcp-Name", name);
        assert_eq!(server.ask(&ask).await.said().0, "hi");
    }
    for wrong in [
        "=?BASE64?ZWNobw==?=".to_owned(),
        "=?Base64?ZWNobw==?=".to_owned(),
        "=?base64?ZWNobw==?".to_owned(),
        "?base64?ZWNobw==?=".to_owned(),
        "=?base64?ZWNobw?=".to_owned(),
        "=?base64?ZWN obw==?=".to_owned(),
        "=?base64?????=".to_owned(),
        "=?base64?/w==?=".to_owned(),
        "=?base64??=".to_owned(),
        "=?base64?=".to_owned(),
        "=?=".to_owned(),
        "ZWNobw==".to_owned(),
        sentinel("whoami"),
        sentinel(&sentinel("echo")),
        sentinel("echo\n"),
    ] {
        let ask = call(1, "echo", &json!({ "text": "hi" })).instead("Mcp-Name", &wrong);
        mismatches(&server, &ask, "Mcp-Name").await;
    }
    // Nobody's header, but a name: the tool is not there, which is another refusal.
    let name = "größe ☃";
    let ask = call(1, name, &json!({}));
    let encoded = ask.clone().instead("Mcp-Name", sentinel(name));
    assert_eq!(refused(&server.ask(&encoded).await, 400).0, -32602);
    mismatches(&server, &ask, "Mcp-Name").await;
}

#[tokio::test]
async fn a_uri_may_come_as_base64() {
    let ask = request(1, "resources/read", &json!({ "uri": "docs://manual" }));
    let ask = ask.instead("Mcp-Name", sentinel("docs://manual"));
    local(http()).ask(&ask).await.result();
}

#[tokio::test]
async fn a_tool_lists_which_arguments_are_repeated() {
    let result = server()
        .ask(&request(1, "tools/list", &json!({})))
        .await
        .result();
    let tool = |at: usize| &result["tools"][at]["inputSchema"]["properties"];
    assert_eq!(tool(0)["region"]["x-mcp-header"], "Region");
    assert_eq!(tool(0)["zone"]["x-mcp-header"], "Zone");
    assert_eq!(tool(0)["dry_run"]["x-mcp-header"], "Dry-Run");
    assert_eq!(tool(1)["at"]["properties"]["row"]["x-mcp-header"], "Row");
}

#[tokio::test]
async fn arguments_are_repeated_as_their_schema_says() {
    let server = server();
    let eu = json!({ "region": "eu" });
    let zone = |zone: Value| json!({ "region": "eu", "zone": zone });
    for (arguments, headers, said) in [
        (eu.clone(), vec![("Region", "eu")], "eu None None"),
        (eu.clone(), vec![("rEGION", " eu ")], "eu None None"),
        (
            eu.clone(),
            vec![("Region", "=?base64?ZXU=?=")],
            "eu None None",
        ),
        (zone(json!(null)), vec![("Region", "eu")], "eu None None"),
        (
            zone(json!(42)),
            vec![("Region", "eu"), ("Zone", "42")],
            "eu Some(42) None",
        ),
        (
            zone(json!(42)),
            vec![("Region", "eu"), ("Zone", "42.0")],
            "eu Some(42) None",
        ),
        (
            zone(json!(42)),
            vec![("Region", "eu"), ("Zone", "=?base64?NDI=?=")],
            "eu Some(42) None",
        ),
        (
            zone(json!(-1)),
            vec![("Region", "eu"), ("Zone", "-1")],
            "eu Some(-1) None",
        ),
        (
            json!({ "region": "eu", "dry_run": true }),
            vec![("Region", "eu"), ("Dry-Run", "true")],
            "eu None Some(true)",
        ),
        // Nobody wants these.
        (
            eu,
            vec![("Region", "eu"), ("Planet", "earth")],
            "eu None None",
        ),
    ] {
        let ask = headers
            .iter()
            .fold(call(1, "place", &arguments), |ask, (name, value)| {
                ask.with(&format!("Mcp-Param-{name}"), value)
            });
        assert_eq!(server.ask(&ask).await.said().0, said, "{headers:?}");
    }
}

#[tokio::test]
async fn an_argument_and_its_header_that_differ_are_refused() {
    let server = server();
    let eu = json!({ "region": "eu" });
    let us = json!({ "region": "eu", "zone": 42, "dry_run": true });
    let all = [("Region", "eu"), ("Zone", "42"), ("Dry-Run", "true")];
    let with = |arguments: &Value, headers: &[(&str, &str)]| {
        headers
            .iter()
            .fold(call(1, "place", arguments), |ask, (name, value)| {
                ask.with(&format!("Mcp-Param-{name}"), value)
            })
    };
    server.ask(&with(&us, &all)).await.result();
    for (name, wrong) in [
        (
            "Region",
            vec!["us", "EU", "", "=?base64?dXM=?=", "=?base64?!?="],
        ),
        ("Zone", vec!["43", "42.5", "0x2a", "42x", "", "NaN", "4 2"]),
        ("Dry-Run", vec!["True", "1", "false", ""]),
    ] {
        let label = format!("Mcp-Param-{name}");
        mismatches(&server, &with(&us, &all).without(&label), &label).await;
        for value in wrong {
            mismatches(&server, &with(&us, &all).instead(&label, value), &label).await;
        }
        // Twice, even if the same.
        let value = all.iter().find(|(known, _)| *known == name).unwrap().1;
        mismatches(&server, &with(&us, &all).with(&label, value), &label).await;
    }
    // A header without its argument.
    let ask = with(&eu, &[("Region", "eu"), ("Zone", "42")]);
    mismatches(&server, &ask, "Mcp-Param-Zone").await;
    // Characters that must be encoded.
    let ask = call(1, "place", &json!({ "region": "größe" }));
    mismatches(
        &server,
        &ask.clone().with("Mcp-Param-Region", "größe"),
        "Mcp-Param-Region",
    )
    .await;
    let ask = ask.with("Mcp-Param-Region", sentinel("größe"));
    assert_eq!(server.ask(&ask).await.said().0, "größe None None");
}

#[tokio::test]
async fn integers_are_compared_exactly_as_far_as_they_may_be_repeated() {
    let server = server();
    let ask = |zone: Value, header: &str| {
        call(1, "place", &json!({ "region": "eu", "zone": zone }))
            .with("Mcp-Param-Region", "eu")
            .with("Mcp-Param-Zone", header)
    };
    const MOST: i64 = 9_007_199_254_740_991;
    for (zone, header) in [
        (json!(MOST), "9007199254740991"),
        (json!(MOST), "9007199254740991.0"),
        (json!(-MOST), "-9007199254740991"),
        (json!(0), "-0"),
    ] {
        server.ask(&ask(zone, header)).await.result();
    }
    for (zone, header) in [
        // The nearest `f64` is the same.
        (json!(9_007_199_254_740_992_i64), "9007199254740993.0"),
        (json!(u64::MAX), "18446744073709551614"),
        (json!(MOST), "9007199254740991.00000000000000001"),
        // What some readers would round is not repeated at all.
        (json!(MOST + 1), "9007199254740992"),
        (json!(-MOST - 1), "-9007199254740992"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(42.5), "42.5"),
        (json!(42), "42."),
        (json!(42), ".42"),
        (json!(42), "+42"),
        (json!(42), "4.2e1"),
        (json!(0), "-"),
        (json!(0), ""),
    ] {
        mismatches(&server, &ask(zone, header), "Mcp-Param-Zone").await;
    }
}

#[tokio::test]
async fn arguments_that_cannot_be_compared_are_not_passed_on() {
    // No `f64` holds the number: whoever reads the rest must not find it unrepeated.
    let server = server();
    let shape = call(1, "place", &json!({ "region": "eu", "x": "@" }));
    let ask = Ask::post(shape.body().replace(r#""@""#, "1e999"))
        .with("MCP-Protocol-Version", super::VERSION)
        .with("Mcp-Method", "tools/call")
        .with("Mcp-Name", "place");
    mismatches(&server, &ask, "arguments").await;
}

#[tokio::test]
async fn arguments_deep_in_a_schema_are_repeated_too() {
    let server = server();
    let at = |at: Value| call(1, "deep", &json!({ "at": at }));
    let right = at(json!({ "shelf": "A", "row": 7 }))
        .with("Mcp-Param-Shelf", "A")
        .with("Mcp-Param-Row", "7.0");
    server.ask(&right).await.result();
    mismatches(
        &server,
        &right.clone().without("Mcp-Param-Row"),
        "Mcp-Param-Row",
    )
    .await;
    mismatches(
        &server,
        &right.instead("Mcp-Param-Shelf", "B"),
        "Mcp-Param-Shelf",
    )
    .await;
    server.ask(&at(json!({}))).await.result();
    server.ask(&at(json!({ "shelf": null }))).await.result();
    server.ask(&call(1, "deep", &json!({}))).await.result();
}

#[tokio::test]
async fn a_proxy_and_a_tool_never_see_two_different_arguments() {
    // The same member twice: whichever the tool takes must be the one that the header repeats.
    let server = server();
    let shape = call(1, "place", &json!({ "region": "@" })).text();
    let body = shape.split("\r\n\r\n").nth(1).unwrap();
    let twice = body.replace(r#""region":"@""#, r#""region":"eu","region":"us""#);
    assert!(twice.contains("us"), "{twice}");
    for region in ["eu", "us"] {
        let ask = Ask::post(&twice)
            .with("MCP-Protocol-Version", super::VERSION)
            .with("Mcp-Method", "tools/call")
            .with("Mcp-Name", "place")
            .with("Mcp-Param-Region", region);
        let answer = server.ask(&ask).await;
        if answer.status == 200 {
            let (said, is_error) = answer.said();
            assert!(is_error || said.starts_with(region), "{region}: {said}");
        }
    }
    // The same with what is named.
    let shape = call(1, "@", &json!({ "region": "eu" })).text();
    let body = shape.split("\r\n\r\n").nth(1).unwrap();
    let twice = body.replace(r#""name":"@""#, r#""name":"place","name":"deep""#);
    for name in ["place", "deep"] {
        let ask = Ask::post(&twice)
            .with("MCP-Protocol-Version", super::VERSION)
            .with("Mcp-Method", "tools/call")
            .with("Mcp-Name", name)
            .with("Mcp-Param-Region", "eu");
        assert_eq!(server.ask(&ask).await.status, 400);
    }
}

#[tokio::test]
async fn what_cannot_be_repeated_is_refused_when_the_tool_is_registered() {
    for (schema, problem) in [
        (
            json!({ "type": "number", "x-mcp-header": "A" }),
            "only strings",
        ),
        (
            json!({ "type": "string", "x-mcp-header": "A b" }),
            "header name",
        ),
        (
            json!({ "type": "string", "x-mcp-header": "" }),
            "header name",
        ),
        (
            json!({ "type": "string", "x-mcp-header": 7 }),
            "header name",
        ),
        (
            json!({ "type": "array", "items": { "type": "string", "x-mcp-header": "A" } }),
            "items",
        ),
        (
            json!({ "anyOf": [{ "type": "string", "x-mcp-header": "A" }] }),
            "anyOf",
        ),
    ] {
        let schema = json!({ "type": "object", "properties": { "a": schema } });
        let tool = Tool::builder("bad")
            .description("Says where")
            .input_schema(Schema::parse(&schema.to_string()).unwrap())
            .handler(|_: Map<String, Value>, _: Ctx| async { Ok::<_, ToolError>("text") });
        let error = Server::new("it", "1").tools([tool]).build().unwrap_err();
        let told = error.problems().join("\n");
        assert!(told.contains(problem), "{schema}: {told}");
    }
}

#[tokio::test]
async fn legacy_clients_repeat_nothing() {
    let server = server();
    let mut client = server.connect();
    let session = client.initialize().await;
    let ask = Ask::call("place", &json!({ "region": "eu" })).session(&session);
    assert_eq!(client.ask(&ask).await.said().0, "eu None None");
}
