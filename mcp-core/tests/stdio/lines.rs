//! What is one message: a line, and nothing else.

use mcp_core::{Tool, prelude::*, schema::Schema};
use serde_json::{Map, Value, json};

use crate::{
    peer::{legacy, legacy_call, modern, modern_call, refuses, start, text},
    tools::server,
};

#[tokio::test]
async fn a_line_that_is_no_message_is_answered_and_the_next_one_works() {
    let mut peer = start(server());
    for (line, code) in [
        (&b"{"[..], -32700),
        (b"nope", -32700),
        (b"\xff\xfe", -32700),
        (b"\"\xff\"", -32700),
        (b"null", -32600),
        (b"7", -32600),
        (b"{}", -32600),
        (b"[]", -32600),
        (b"[{}]", -32600),
        (br#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
    ] {
        peer.write([line, b"\n"].concat()).await;
        let response = peer.read().await;
        let shown = String::from_utf8_lossy(line);
        assert_eq!(response["error"]["code"], code, "{shown}: {response}");
        peer.nothing().await;
    }
}

#[tokio::test]
async fn a_line_that_is_too_long_is_answered_and_the_next_one_works() {
    const LONGEST: usize = 4 * 1024 * 1024;
    let mut peer = start(server());
    for extra in [1, LONGEST] {
        let message = modern(&json!(1), "server/discover", json!({ "x": "" })).to_string();
        let room = LONGEST - message.len();
        // As long as it may be,
        let fits = message.replace(r#""x":"""#, &format!(r#""x":"{}""#, "x".repeat(room)));
        assert_eq!(fits.len(), LONGEST);
        peer.write(fits).await;
        peer.write("\n").await;
        assert_eq!(peer.read().await["id"], 1);
        // and longer.
        peer.write("x".repeat(LONGEST + extra)).await;
        peer.write("\n").await;
        let response = peer.read().await;
        refuses(&response, &Value::Null, -32600);
        peer.nothing().await;
    }
}

#[tokio::test]
async fn empty_lines_are_ignored_and_line_ends_may_be_two_bytes() {
    let mut peer = start(server());
    peer.write("\n\n  \n\r\n\t\r\n").await;
    let message = modern(&json!(1), "server/discover", json!({}));
    peer.write(format!("  {message} \r\n\r\n")).await;
    assert_eq!(peer.read().await["id"], 1);
    peer.nothing().await;
}

#[tokio::test]
async fn a_message_may_come_in_pieces_and_many_in_one() {
    let mut peer = start(server());
    let message = modern(&json!("ä"), "server/discover", json!({})).to_string() + "\n";
    for byte in message.as_bytes() {
        peer.write([*byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(peer.read().await["id"], "ä");
    let many: String = (0..100)
        .map(|id| modern(&json!(id), "server/discover", json!({})).to_string() + "\n")
        .collect();
    peer.write(many).await;
    let mut ids = Vec::new();
    for _ in 0..100 {
        ids.push(peer.read().await["id"].as_i64().unwrap());
    }
    ids.sort_unstable();
    assert!(ids.into_iter().eq(0..100));
}

#[tokio::test]
async fn the_last_line_needs_no_end() {
    let mut peer = start(server());
    let message = modern_call(&json!(1), "quick").to_string();
    peer.write(message).await;
    let rest = peer.end().await;
    assert_eq!(rest.len(), 1);
    assert_eq!(text(&rest[0]), "quick");
}

#[tokio::test]
async fn no_message_has_a_line_break_in_it() {
    // Wherever JSON or text of somebody else's goes out as it is.
    let pretty = "{\n  \"type\": \"object\",\r\n  \"properties\": {\n  }\n}\n";
    let form = "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"name\": { \"type\":\n \"string\" }\n  }\n}";
    let formed = Tool::builder("formed")
        .description("Line\nbreaks\r\n")
        .input_schema(Schema::parse(pretty).unwrap())
        .handler(move |_: Map<String, Value>, ctx: Ctx| async move {
            let schema = Schema::parse(form)?;
            let filled = ctx.elicit_with("One\nor\r\ntwo?", schema).await?;
            Ok::<_, ToolError>(format!("a\nb\r\n{}", Value::Object(filled)))
        });
    let mut peer = start(
        Server::new("it", "1\n2")
            .instructions("a\nb")
            .tools([formed]),
    );
    peer.initialize().await;
    for request in [legacy, modern] {
        let listed = peer.ask(&request(&json!(1), "tools/list", json!({}))).await;
        assert_eq!(
            listed["result"]["tools"][0]["description"],
            "Line\nbreaks\r\n"
        );
    }
    let answer = json!({ "action": "accept", "content": { "name": "A\nB" } });
    peer.send(&legacy_call(&json!(2), "formed")).await;
    let question = peer.read().await;
    assert_eq!(question["params"]["message"], "One\nor\r\ntwo?");
    let response = json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer });
    assert!(text(&peer.ask(&response).await).starts_with("a\nb\r\n"));
    let asked = peer.ask(&modern_call(&json!(3), "formed")).await;
    let params = json!({
        "name": "formed",
        "requestState": asked["result"]["requestState"],
        "inputResponses": { "q0": answer },
    });
    let response = peer.ask(&modern(&json!(4), "tools/call", params)).await;
    assert!(text(&response).starts_with("a\nb\r\n"));
    peer.nothing().await;
}
