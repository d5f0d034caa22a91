//! Sessions, versions and the lifecycle of the era that has them.

use std::{collections::BTreeSet, time::Duration};

use mcp_core::SealKey;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Ask, connect, listen, local, session},
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

// ---- versions

#[tokio::test]
async fn a_version_header_that_is_not_served_is_refused_by_every_method() {
    let mut client = connect(http());
    let session = client.initialize().await;
    for version in [
        "1999-01-01",
        "2024-10-07",
        "2099-01-01",
        "abc",
        "",
        "2025-11-25x",
        "2025-11-25, 2025-06-18",
    ] {
        for ask in [
            Ask::ping(),
            Ask::post(INITIALIZED),
            Ask::delete(&session).without("Mcp-Session-Id"),
            Ask::new("GET", "/mcp").with("Accept", "text/event-stream"),
        ] {
            let ask = ask.session(&session).with("MCP-Protocol-Version", version);
            let answer = client.ask(&ask).await;
            answer.refuses(
                400,
                &[
                    "is not served",
                    "2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25",
                ],
            );
        }
    }
    // Nothing of it ended the session.
    client.ask(&Ask::ping().session(&session)).await.result();
}

#[tokio::test]
async fn two_version_headers_are_refused() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let ask = Ask::ping()
        .session(&session)
        .with("MCP-Protocol-Version", "2025-11-25")
        .with("MCP-Protocol-Version", "2025-11-25");
    client
        .ask(&ask)
        .await
        .refuses(400, &["MCP-Protocol-Version"]);
}

#[tokio::test]
async fn the_session_decides_which_revision_is_spoken() {
    let mut client = connect(http());
    for version in REVISIONS {
        let session = client.initialize_at(version).await;
        let list = Ask::rpc("tools/list", &json!({})).session(&session);
        let expected = client.ask(&list).await;
        for header in REVISIONS {
            let answer = client
                .ask(&list.clone().with("MCP-Protocol-Version", header))
                .await;
            assert_eq!(
                answer.body, expected.body,
                "{version} with a header of {header}"
            );
        }
    }
}

/// Everything the server can be asked, in a session of this revision.
async fn everything(version: &str) -> Vec<(&'static str, Value)> {
    let mut client = connect(http());
    let initialized = client.ask(&Ask::initialize(version)).await;
    let session = session(&initialized);
    let mut results = vec![("initialize", initialized.result())];
    let read = |uri: &str| json!({ "uri": uri });
    for (what, method, params) in [
        ("tools", "tools/list", json!({})),
        ("resources", "resources/list", json!({})),
        ("templates", "resources/templates/list", json!({})),
        ("prompts", "prompts/list", json!({})),
        (
            "structured",
            "tools/call",
            json!({ "name": "forecast", "arguments": { "city": "Ulm" } }),
        ),
        ("link", "tools/call", json!({ "name": "manual" })),
        ("read", "resources/read", read("docs://manual")),
        (
            "prompt",
            "prompts/get",
            json!({ "name": "review", "arguments": { "title": "x" } }),
        ),
    ] {
        let answer = client
            .ask(&Ask::rpc(method, &params).session(&session))
            .await;
        results.push((what, answer.result()));
    }
    results
}

fn find<'a>(results: &'a [(&str, Value)], what: &str) -> &'a Value {
    &results.iter().find(|(name, _)| *name == what).unwrap().1
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    let items = list.as_object().unwrap().values().next().unwrap();
    let mut items = items.as_array().unwrap().iter();
    items.find(|item| item["name"] == name).unwrap()
}

#[tokio::test]
async fn a_session_of_2025_03_26_is_told_nothing_newer() {
    let results = everything("2025-03-26").await;
    let newer = [
        "icons",
        "title",
        "outputSchema",
        "structuredContent",
        "websiteUrl",
        "_meta",
    ];
    for (what, result) in &results {
        // `title` is an argument's name there, and not a member.
        let newer = if *what == "prompts" {
            &["icons", "outputSchema"][..]
        } else {
            &newer
        };
        assert_without(result, newer);
    }
    assert_eq!(
        find(&results, "initialize")["serverInfo"],
        json!({ "name": "it", "version": "1.2.3" })
    );
    let content = &find(&results, "link")["content"];
    assert_eq!(
        *content,
        json!([{ "type": "text", "text": "manual: docs://manual" }])
    );
    let structured = &find(&results, "structured")["content"][0]["text"];
    assert_eq!(
        *structured, r#"{"city":"Ulm","degrees":21}"#,
        "the text says it all the same"
    );
    let annotations = &named(find(&results, "tools"), "forecast")["annotations"];
    assert_eq!(*annotations, json!({ "readOnlyHint": true }));
}

#[tokio::test]
async fn a_session_of_2025_06_18_is_told_nothing_newer_and_nothing_less() {
    let results = everything("2025-06-18").await;
    for (_, result) in &results {
        assert_without(result, &["icons", "websiteUrl"]);
    }
    assert_eq!(
        find(&results, "initialize")["serverInfo"],
        json!({ "name": "it", "title": "Integration", "version": "1.2.3" })
    );
    let forecast = named(find(&results, "tools"), "forecast");
    assert_eq!(forecast["title"], "Forecast");
    assert_eq!(forecast["outputSchema"]["type"], "object");
    assert_eq!(
        named(find(&results, "resources"), "manual_text")["title"],
        "Manual"
    );
    assert_eq!(named(find(&results, "templates"), "page")["title"], "Page");
    assert_eq!(
        named(find(&results, "prompts"), "review")["title"],
        "Review"
    );
    let structured = find(&results, "structured");
    assert_eq!(
        structured["structuredContent"],
        json!({ "city": "Ulm", "degrees": 21 })
    );
    assert_eq!(
        find(&results, "link")["content"][0]["type"],
        "resource_link"
    );
}

#[tokio::test]
async fn a_session_of_2025_11_25_is_told_everything() {
    let results = everything("2025-11-25").await;
    for (what, name) in [
        ("tools", "forecast"),
        ("resources", "manual_text"),
        ("templates", "page"),
        ("prompts", "review"),
    ] {
        let icon = &named(find(&results, what), name)["icons"][0]["src"];
        assert!(
            icon.as_str().is_some_and(|src| src.starts_with("https://")),
            "{what}"
        );
    }
}

// ---- sessions

#[tokio::test]
async fn a_request_without_a_session_is_told_to_initialize() {
    let mut client = connect(http());
    client.initialize().await;
    for ask in [
        Ask::ping(),
        Ask::rpc("tools/list", &json!({})),
        Ask::post(INITIALIZED),
        Ask::new("DELETE", "/mcp"),
    ] {
        let answer = client.ask(&ask).await;
        answer.refuses(400, &["`Mcp-Session-Id` is missing", "initialize"]);
    }
}

#[tokio::test]
async fn a_session_in_the_query_is_none() {
    let mut client = connect(http());
    let id = client.initialize().await;
    for name in ["sessionId", "session_id", "Mcp-Session-Id"] {
        let answer = client
            .ask(&Ask::ping().at(&format!("/mcp?{name}={id}")))
            .await;
        answer.refuses(400, &["`Mcp-Session-Id` is missing"]);
    }
}

#[tokio::test]
async fn two_session_headers_are_refused_even_if_they_agree() {
    let mut client = connect(http());
    let id = client.initialize().await;
    for ask in [Ask::ping().session(&id), Ask::delete(&id)] {
        client.ask(&ask.session(&id)).await.refuses(400, &["twice"]);
    }
    client.ask(&Ask::ping().session(&id)).await.result();
}

/// One answer to every id that opens nothing: why it does not is nobody's business.
#[tokio::test]
async fn unknown_foreign_ended_expired_and_tampered_sessions_are_answered_alike() {
    let server = local(http().seal_key(seal_key(1)));
    let mut client = server.connect();
    let ended = client.initialize().await;
    client.ask(&Ask::delete(&ended)).await;
    let foreign = connect(http().seal_key(seal_key(2))).initialize().await;
    let alive = client.initialize().await;
    let middle = alive.len() / 2;
    let other = if alive[middle..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    let tampered = format!("{}{other}{}", &alive[..middle], &alive[middle + 1..]);
    let unknown = [
        ended,
        foreign,
        tampered,
        alive[1..].to_owned(),
        alive[..alive.len() - 1].to_owned(),
        format!("{alive}A"),
        format!("{alive}="),
        alive.to_ascii_lowercase(),
        "1868a90c-6c3b-4f2e-9f0e-1d2c3b4a5968".to_owned(),
        "x".to_owned(),
        String::new(),
        "x".repeat(10_000),
    ];
    let mut answers: Vec<Answer> = Vec::new();
    for id in unknown {
        for ask in [Ask::ping(), Ask::call("echo", &json!({ "text": "x" }))] {
            let answer = client.ask(&ask.session(&id)).await;
            answer.refuses(404, &["Session not found", "initialize"]);
            answers.push(answer);
        }
    }
    let mut expired = connect(http().session_lifetime(Duration::ZERO));
    let id = expired.initialize().await;
    answers.push(expired.ask(&Ask::ping().session(&id)).await);
    // But for the clock, of which a header tells.
    let told = |answer: &Answer| (answer.status, answer.body.clone());
    assert!(
        answers
            .iter()
            .all(|answer| told(answer) == told(&answers[0])),
        "{answers:?}"
    );
    client.ask(&Ask::ping().session(&alive)).await.result();
}

#[tokio::test]
async fn a_session_without_a_life_is_gone_at_once() {
    let mut client = connect(http().session_lifetime(Duration::ZERO));
    let id = client.initialize().await;
    client
        .ask(&Ask::ping().session(&id))
        .await
        .refuses(404, &["Session not found"]);
    client
        .ask(&Ask::delete(&id))
        .await
        .refuses(404, &["Session not found"]);
}

#[tokio::test]
async fn a_session_that_may_idle_is_served_while_it_is_used() {
    for idle in [Duration::from_secs(3600), Duration::MAX] {
        let mut client = connect(http().session_idle(idle));
        let id = client.initialize().await;
        for _ in 0..3 {
            client.ask(&Ask::ping().session(&id)).await.result();
        }
        assert_eq!(client.ask(&Ask::delete(&id)).await.status, 204);
        client
            .ask(&Ask::ping().session(&id))
            .await
            .refuses(404, &["Session not found"]);
    }
}

#[tokio::test]
async fn a_session_may_live_as_long_as_can_be_said() {
    let mut client = connect(http().session_lifetime(Duration::MAX));
    let id = client.initialize().await;
    client.ask(&Ask::ping().session(&id)).await.result();
}

#[tokio::test]
async fn delete_ends_a_session_on_every_connection() {
    let listening = listen(http()).await;
    let (mut one, mut two) = (listening.connect().await, listening.connect().await);
    let [id, other] = [one.initialize().await, one.initialize().await];
    // Both connections have it open, and remember it.
    for client in [&mut one, &mut two] {
        client.ask(&Ask::ping().session(&id)).await.result();
    }
    let deleted = one.ask(&Ask::delete(&id)).await;
    assert_eq!((deleted.status, deleted.body.as_str()), (204, ""));
    let mut three = listening.connect().await;
    for client in [&mut one, &mut two, &mut three] {
        for ask in [
            Ask::ping().session(&id),
            Ask::post(INITIALIZED).session(&id),
            Ask::delete(&id),
        ] {
            client.ask(&ask).await.refuses(404, &["Session not found"]);
        }
        client.ask(&Ask::ping().session(&other)).await.result();
    }
}

#[tokio::test]
async fn a_connection_may_change_between_sessions() {
    let mut client = connect(http());
    let mut sessions = Vec::new();
    for version in REVISIONS {
        sessions.push((version, client.initialize_at(version).await));
    }
    for _ in 0..3 {
        for (version, id) in &sessions {
            let ask = Ask::rpc("tools/list", &json!({})).session(id);
            let tools = client.ask(&ask).await.result();
            let titled = named(&tools, "forecast").get("title").is_some();
            assert_eq!(titled, *version > "2025-03-26", "{version}");
        }
    }
}

#[tokio::test]
async fn whoever_has_the_seal_key_serves_the_session() {
    let id = connect(http().seal_key(seal_key(1)))
        .initialize_at("2025-06-18")
        .await;
    // After a restart, or on another machine.
    let mut again = connect(http().seal_key(seal_key(1)));
    let ask = Ask::rpc("tools/list", &json!({})).session(&id);
    let tools = again.ask(&ask).await.result();
    let forecast = named(&tools, "forecast");
    assert!(
        forecast.get("title").is_some() && forecast.get("icons").is_none(),
        "{forecast}"
    );
    connect(http())
        .ask(&ask)
        .await
        .refuses(404, &["Session not found"]);
}

#[tokio::test]
async fn seal_keys_rotate_without_ending_a_session() {
    let (old, new) = (seal_key(1), seal_key(2));
    let before = connect(http().seal_key(old.clone())).initialize().await;
    let mut rotated = connect(http().seal_key(new.clone()).seal_key(old.clone()));
    rotated.ask(&Ask::ping().session(&before)).await.result();
    let since = rotated.initialize().await;
    // The newest seals.
    let mut after = connect(http().seal_key(new));
    after.ask(&Ask::ping().session(&since)).await.result();
    after
        .ask(&Ask::ping().session(&before))
        .await
        .refuses(404, &["Session not found"]);
    connect(http().seal_key(old))
        .ask(&Ask::ping().session(&since))
        .await
        .refuses(404, &[]);
}
