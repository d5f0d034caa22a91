//! What browsers ask before they send, and what pages may read after.

use crate::{
    client::{Answer, Ask, connect},
    fixture::{ALICE, http, http_with_keys},
};

const APP: &str = "https://app.example.com";

/// What pages send: headers of the protocol, of credentials, of tracing, and of whoever wrote the page.
const SENT: [&str; 11] = [
    "accept",
    "authorization",
    "content-type",
    "last-event-id",
    "mcp-protocol-version",
    "mcp-session-id",
    "mcp-method",
    "mcp-param-region",
    "traceparent",
    "x-api-key",
    "x-tenant",
];
/// Everything a page must be able to read.
const READ: [&str; 4] = [
    "mcp-session-id",
    "mcp-protocol-version",
    "www-authenticate",
    "retry-after",
];

#[track_caller]
fn assert_readable(answer: &Answer, origin: &str) {
    let allowed = answer.header("access-control-allow-origin");
    assert_eq!(allowed, Some(origin), "{answer:?}");
    for name in READ {
        assert!(
            answer.lists("access-control-expose-headers", name),
            "{name}: {answer:?}"
        );
    }
    assert!(answer.lists("vary", "origin"), "{answer:?}");
    let credentials = answer.header("access-control-allow-credentials");
    assert_eq!(
        credentials, None,
        "cookies are no credentials here: {answer:?}"
    );
}

fn preflight(method: &str, headers: &str) -> Ask {
    Ask::new("OPTIONS", "/mcp")
        .with("Origin", APP)
        .with("Access-Control-Request-Method", method)
        .with("Access-Control-Request-Headers", headers)
}

#[tokio::test]
async fn a_preflight_allows_every_method_and_whatever_the_page_wants_to_send() {
    // Browsers send no credentials with it.
    let mut client = connect(http_with_keys().require_auth().cors([APP]));
    let answer = client.ask(&preflight("POST", &SENT.join(","))).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_readable(&answer, APP);
    for method in ["GET", "POST", "DELETE"] {
        assert!(
            answer.lists("access-control-allow-methods", method),
            "{answer:?}"
        );
    }
    for name in SENT {
        assert!(
            answer.lists("access-control-allow-headers", name),
            "{name}: {answer:?}"
        );
    }
    assert!(
        answer.header("access-control-max-age").is_some(),
        "{answer:?}"
    );
    assert!(
        answer.lists("vary", "access-control-request-headers"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_preflight_allows_names_of_headers_and_nothing_else() {
    let mut client = connect(http().cors([APP]));
    let asked = " X-Tenant,,x y, x:y ,\"quoted\",x-region";
    let answer = client.ask(&preflight("POST", asked)).await;
    let allowed = answer.header("access-control-allow-headers");
    assert_eq!(allowed, Some("x-tenant, x-region"));
    // Nobody's page; it is given nothing, and no page will send what was not allowed.
    let answer = client
        .ask(&preflight("POST", &"x-tenant,".repeat(1000)))
        .await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-headers"), None);
    let nothing = preflight("GET", "").without("Access-Control-Request-Headers");
    let answer = client.ask(&nothing).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-headers"), None);
}

#[tokio::test]
async fn extensions_of_browsers_and_apps_talk_to_a_server_that_allows_them() {
    let origins = [
        "chrome-extension://gbmdgpbipfallnflgajpaliibnhdgobh",
        "moz-extension://7c4b9a3e-1d0f-4c7e-9a58-2f6d1b0e4c11",
        "vscode-webview://0jlh5qjv5dn1ksq2n7u8v0c1b2kq6vd3jqv9d2g0q1f3r5s7t9u1",
        "tauri://localhost",
        "app://obsidian.md",
        "app://obsidian.md:80",
    ];
    let mut client = connect(http().cors(origins));
    for origin in origins {
        let ask = Ask::initialize("2025-11-25").with("Origin", origin);
        assert_readable(&client.ask(&ask).await, origin);
    }
    // None of them is a page of this machine, whatever it calls its host.
    let mut client = connect(http());
    for origin in origins {
        let ask = Ask::initialize("2025-11-25").with("Origin", origin);
        client.ask(&ask).await.refuses(403, &[origin, "`cors`"]);
    }
}

#[tokio::test]
async fn a_preflight_of_a_foreign_page_is_refused() {
    let mut client = connect(http().cors([APP]));
    let ask = preflight("POST", "content-type").instead("Origin", "https://evil.example");
    let answer = client.ask(&ask).await;
    answer.refuses(403, &["`cors`"]);
    assert!(answer.cors().is_empty(), "{answer:?}");
}

#[tokio::test]
async fn what_is_no_page_gets_no_cors_headers() {
    let mut client = connect(http().cors([APP]));
    let options = client.ask(&Ask::new("OPTIONS", "/mcp")).await;
    assert_eq!(options.status, 204);
    let initialize = client.ask(&Ask::initialize("2025-11-25")).await;
    for answer in [options, initialize] {
        assert!(answer.cors().is_empty(), "{answer:?}");
        assert_eq!(answer.header("access-control-expose-headers"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_reads_every_answer_refusals_included() {
    let mut client = connect(http_with_keys().cors([APP]));
    let from_page = |ask: Ask| ask.with("Origin", APP);
    let initialized = client.ask(&from_page(Ask::initialize("2025-11-25"))).await;
    let session = crate::client::session(&initialized);
    assert_readable(&initialized, APP);
    let ended = Ask::delete(&session);
    let notification = Ask::post(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    let vault = Ask::call("vault", &serde_json::json!({}));
    for (status, ask) in [
        (200, Ask::ping().session(&session)),
        (202, notification.session(&session)),
        (401, vault.session(&session)),
        (401, Ask::ping().key("no key of ours")),
        (
            400,
            Ask::ping()
                .session(&session)
                .key(ALICE)
                .with("X-API-Key", ALICE),
        ),
        (400, Ask::post("{").session(&session)),
        (400, Ask::ping()),
        (404, Ask::ping().session("no session")),
        (404, Ask::ping().at("/nowhere")),
        (405, Ask::new("PUT", "/mcp")),
        (406, Ask::ping().instead("Accept", "text/html")),
        (415, Ask::ping().instead("Content-Type", "text/plain")),
        (204, ended.clone()),
        (404, ended),
    ] {
        let answer = client.ask(&from_page(ask)).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_readable(&answer, APP);
    }
    let large = Ask::ping()
        .with("Origin", APP)
        .instead("Content-Length", 1 << 30);
    client.write(large.head()).await;
    let answer = client.read().await;
    assert_eq!(answer.status, 413);
    assert_readable(&answer, APP);
}

#[tokio::test]
async fn the_origin_is_echoed_and_never_a_star() {
    let mut client = connect(http().cors([APP, "https://other.example"]));
    for origin in [APP, "https://other.example", "http://localhost:5173"] {
        let answer = client
            .ask(&Ask::initialize("2025-11-25").with("Origin", origin))
            .await;
        assert_readable(&answer, origin);
    }
}
