//! The lifecycle of the era that has one, and its messages.

mod sessions;
mod versions;

use std::collections::BTreeSet;

use mcp_core::SealKey;
use serde_json::{Value, json};

use crate::{
    client::{Ask, connect, listen, session},
    fixture::http,
};

const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
const REVISIONS: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

fn seal_key(byte: u8) -> SealKey {
    SealKey::from([byte; 32])
}

/// The names of all members, at any depth.
fn names(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                found.push(name.clone());
                names(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}

#[track_caller]
fn assert_without(value: &Value, newer: &[&str]) {
    let mut found = Vec::new();
    names(value, &mut found);
    for name in newer {
        assert!(
            !found.iter().any(|found| found == name),
            "`{name}` in {value}"
        );
    }
}

// ---- lifecycle

#[tokio::test]
async fn initialize_answers_with_what_the_server_is_and_a_session() {
    let mut client = connect(http());
    let answer = client.ask(&Ask::initialize("2025-11-25")).await;
    let id = session(&answer);
    assert!(
        id.len() >= 32 && id.bytes().all(|byte| (0x21..=0x7e).contains(&byte)),
        "{id}"
    );
    assert_eq!(answer.json()["id"], 0);
    let mut result = answer.result();
    // What is offered of each is for others to test.
    let offered = result["capabilities"].take();
    let offered: BTreeSet<&str> = offered
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        offered,
        BTreeSet::from(["logging", "prompts", "resources", "tools"])
    );
    assert_eq!(
        result,
        json!({
            "protocolVersion": "2025-11-25",
            "capabilities": null,
            "serverInfo": {
                "name": "it",
                "title": "Integration",
                "version": "1.2.3",
                "description": "A server for tests",
                "websiteUrl": "https://example.com",
                "icons": [{ "src": "https://example.com/it.png" }],
            },
            "instructions": "Ask away.",
        })
    );
}

#[tokio::test]
async fn a_revision_that_is_served_is_agreed_to() {
    let mut client = connect(http());
    for version in REVISIONS {
        let result = client.ask(&Ask::initialize(version)).await.result();
        assert_eq!(result["protocolVersion"], version);
    }
}

#[tokio::test]
async fn any_other_revision_is_answered_with_the_newest() {
    let mut client = connect(http());
    for version in [
        "2024-10-07",
        "1999-01-01",
        "2099-12-31",
        "2026-07-28",
        "",
        "x",
        "2025-11-25 ",
    ] {
        let result = client.ask(&Ask::initialize(version)).await.result();
        assert_eq!(result["protocolVersion"], "2025-11-25", "{version:?}");
    }
}

#[tokio::test]
async fn parameters_of_initialize_that_do_not_fit_are_named_and_make_no_session() {
    let mut client = connect(http());
    for (params, named) in [
        (json!({}), "protocolVersion"),
        (json!({ "protocolVersion": 7 }), "string"),
        (
            json!({ "protocolVersion": "2025-11-25", "capabilities": [] }),
            "`capabilities`",
        ),
        (
            json!({ "protocolVersion": "2025-11-25", "clientInfo": "me" }),
            "Implementation",
        ),
    ] {
        let answer = client.ask(&Ask::rpc("initialize", &params)).await;
        let (code, text) = answer.error(200);
        assert_eq!(code, -32602, "{params}");
        assert!(text.contains(named), "{params}: {text}");
        assert_eq!(answer.header("mcp-session-id"), None);
    }
}

#[tokio::test]
async fn capabilities_that_nobody_knows_yet_are_let_in() {
    let mut client = connect(http());
    let params = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": { "tasks": { "list": {} }, "telepathy": { "range": 7 }, "experimental": { "x": {} } },
        "clientInfo": { "name": "it", "version": "1", "mood": "fine" },
        "_meta": { "example.com/x": 1 },
    });
    client.ask(&Ask::rpc("initialize", &params)).await.result();
}

#[tokio::test]
async fn a_session_is_not_initialized_twice() {
    let mut client = connect(http());
    let id = client.initialize().await;
    let again = client
        .ask(&Ask::initialize("2025-11-25").session(&id))
        .await;
    again.refuses(400, &["initialized already"]);
    assert_eq!(again.header("mcp-session-id"), None);
    client.ask(&Ask::ping().session(&id)).await.result();
}

#[tokio::test]
async fn initialize_with_a_session_that_is_gone_starts_a_new_one() {
    let mut client = connect(http());
    let gone = client.initialize().await;
    client.ask(&Ask::delete(&gone)).await;
    let answer = client
        .ask(&Ask::initialize("2025-11-25").session(&gone))
        .await;
    assert_ne!(session(&answer), gone);
}

#[tokio::test]
async fn every_session_has_an_id_of_its_own() {
    let mut client = connect(http());
    let mut ids = Vec::new();
    for _ in 0..100 {
        ids.push(client.initialize().await);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 100);
}

#[tokio::test]
async fn the_id_of_the_session_is_told_in_the_result_only_if_asked_for() {
    let mut client = connect(http());
    let answer = client.ask(&Ask::initialize("2025-11-25")).await;
    assert_eq!(answer.result().get("sessionId"), None);
    let mut client = connect(http().session_id_in_result());
    let answer = client.ask(&Ask::initialize("2025-11-25")).await;
    assert_eq!(answer.result()["sessionId"], session(&answer).as_str());
}

#[tokio::test]
async fn a_ping_is_answered_with_nothing() {
    let mut client = connect(http());
    let id = client.initialize().await;
    let answer = client.ask(&Ask::ping().session(&id)).await;
    assert_eq!(answer.body, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
}

// ---- messages

#[tokio::test]
async fn notifications_and_responses_are_accepted_without_a_body() {
    let mut client = connect(http());
    let id = client.initialize().await;
    for body in [
        INITIALIZED,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/of/no/kind"}"#,
        // Without an id it is a notification, and is not run.
        r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"panics"}}"#,
        r#"{"jsonrpc":"2.0","id":7,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":"x","error":{"code":-1,"message":"no"}}"#,
    ] {
        let answer = client.ask(&Ask::post(body).session(&id)).await;
        assert_eq!((answer.status, answer.body.as_str()), (202, ""), "{body}");
        assert_eq!(answer.header("content-type"), None);
    }
}

#[tokio::test]
async fn a_notification_that_cannot_be_accepted_is_refused_without_an_id() {
    let mut client = connect(http());
    let id = client.initialize().await;
    client.ask(&Ask::delete(&id)).await;
    let notification = Ask::post(INITIALIZED);
    for (status, ask) in [
        (400, notification.clone()),
        (404, notification.clone().session("no session")),
        (404, notification.clone().session(&id)),
        (
            400,
            notification.session(&id).with("MCP-Protocol-Version", "x"),
        ),
    ] {
        let answer = client.ask(&ask).await;
        answer.error(status);
        assert_eq!(answer.json().get("id"), None);
    }
}

#[tokio::test]
async fn ids_are_echoed_exactly() {
    let mut client = connect(http());
    let session = client.initialize().await;
    for id in [
        "0",
        "-1",
        "7",
        "9007199254740993",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        r#""""#,
        r#""7""#,
        r#""a\"b\\c\n\u0000""#,
        r#""id: 1\r\n\r\ndata: x""#,
        r#""ünïcödé 🦀""#,
    ] {
        let ask = |method: &str| {
            let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}"}}"#);
            Ask::post(body).session(&session)
        };
        for (method, status) in [("ping", 200), ("tools/list", 200), ("no/such", 200)] {
            let answer = client.ask(&ask(method)).await;
            assert_eq!(answer.status, status);
            let start = format!(r#"{{"jsonrpc":"2.0","id":{id},"#);
            assert!(answer.body.starts_with(&start), "{id}: {}", answer.body);
            answer.json();
        }
        // Refusals name the request, too.
        let refused = client
            .ask(&ask("ping").instead("Mcp-Session-Id", "no session"))
            .await;
        assert!(
            refused.body.contains(&format!(r#""id":{id},"#)),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_method_is_an_error_of_its_own() {
    let mut client = connect(http());
    let session = client.initialize().await;
    for method in ["no/such", "Tools/list", "tools/List", "", "rpc.discover"] {
        let (code, text) = client
            .ask(&Ask::rpc(method, &json!({})).session(&session))
            .await
            .error(200);
        assert_eq!(code, -32601, "{method}");
        assert!(text.contains(method), "{text}");
    }
}

#[tokio::test]
async fn lists_are_the_same_bytes_every_time() {
    let listening = listen(http()).await;
    let (mut one, mut two) = (listening.connect().await, listening.connect().await);
    let [first, second] = [one.initialize().await, two.initialize().await];
    for (method, member) in [
        ("tools/list", "tools"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
        ("prompts/list", "prompts"),
    ] {
        let ask = Ask::rpc(method, &json!({}));
        let answer = one.ask(&ask.clone().session(&first)).await;
        let items = answer.result()[member].as_array().unwrap().len();
        assert!(items > 0, "{method}");
        for _ in 0..5 {
            assert_eq!(
                one.ask(&ask.clone().session(&first)).await.body,
                answer.body
            );
            assert_eq!(
                two.ask(&ask.clone().session(&second)).await.body,
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn a_cursor_that_nobody_gave_is_refused() {
    let mut client = connect(http());
    let session = client.initialize().await;
    for method in [
        "tools/list",
        "resources/list",
        "resources/templates/list",
        "prompts/list",
    ] {
        let ask = Ask::rpc(method, &json!({ "cursor": "page 2" })).session(&session);
        let (code, text) = client.ask(&ask).await.error(200);
        assert_eq!(code, -32602, "{method}: {text}");
        assert!(text.contains("cursor"), "{text}");
    }
}
