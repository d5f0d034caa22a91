//! Which revision is spoken, and what a session of each is told.

use serde_json::{Value, json};

use super::{INITIALIZED, REVISIONS, assert_without};
use crate::{
    client::{Ask, connect, session},
    fixture::http,
};

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

pub(super) fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
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
