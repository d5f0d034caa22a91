//! Paths, methods and `/health`, and a service behind a listener of one's own.

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::service::Service;
use serde_json::json;

use crate::{
    client::{Ask, connect, local},
    fixture::{http, http_with_keys},
};

#[tokio::test]
async fn health_tells_that_the_server_is_up_and_which_version_it_is() {
    // Probes know no key.
    let mut client = connect(http_with_keys().require_auth());
    let answer = client.ask(&Ask::new("GET", "/health")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&answer.body).unwrap(),
        json!({ "status": "healthy", "protocol": "MCP", "version": "1.2.3" })
    );
}

#[tokio::test]
async fn health_is_told_to_head_without_a_body() {
    let mut client = connect(http());
    let length = client.ask(&Ask::new("GET", "/health")).await;
    let answer = client.ask(&Ask::new("HEAD", "/health")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    assert_eq!(
        answer.header("content-length"),
        length.header("content-length")
    );
}

#[tokio::test]
async fn health_is_only_read() {
    let mut client = connect(http());
    for method in ["POST", "PUT", "DELETE"] {
        let answer = client.ask(&Ask::ping().by(method).at("/health")).await;
        assert_eq!(answer.status, 405);
        assert!(
            answer.lists("allow", "GET") && answer.lists("allow", "HEAD"),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn mcp_is_served_where_it_was_put() {
    let mut client = connect(http().path("/books/mcp"));
    client
        .ask(&Ask::initialize("2025-11-25").at("/books/mcp"))
        .await
        .result();
    client
        .ask(&Ask::initialize("2025-11-25"))
        .await
        .refuses(404, &["`/books/mcp`"]);
    let mut client = connect(http().path("/health"));
    client
        .ask(&Ask::initialize("2025-11-25").at("/health"))
        .await
        .result();
    let mut client = connect(http().path("/"));
    client
        .ask(&Ask::initialize("2025-11-25").at("/"))
        .await
        .result();
}

#[tokio::test]
async fn elsewhere_nothing_is_and_the_path_is_told() {
    let mut client = connect(http());
    for path in [
        "/", "/mcp/", "/MCP", "/mcp/x", "//mcp", "/mcp%2f", "/nowhere",
    ] {
        for ask in [Ask::initialize("2025-11-25"), Ask::new("GET", "/")] {
            let answer = client.ask(&ask.at(path)).await;
            answer.refuses(404, &["`/mcp`", "`path`"]);
        }
    }
}

#[tokio::test]
async fn a_query_is_ignored() {
    let mut client = connect(http());
    client
        .ask(&Ask::initialize("2025-11-25").at("/mcp?x=1"))
        .await
        .result();
}

#[tokio::test]
async fn a_method_that_is_not_served_is_told_which_are() {
    let mut client = connect(http());
    for method in ["HEAD", "PUT", "PATCH", "TRACE", "BREW"] {
        let answer = client.ask(&Ask::new(method, "/mcp")).await;
        assert_eq!(answer.status, 405, "{method}");
        for served in ["POST", "DELETE", "OPTIONS"] {
            assert!(answer.lists("allow", served), "{answer:?}");
        }
        assert!(!answer.lists("allow", method), "{answer:?}");
    }
}

#[tokio::test]
async fn options_tells_which_methods_are_served() {
    let mut client = connect(http());
    let answer = client.ask(&Ask::new("OPTIONS", "/mcp")).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    for served in ["POST", "DELETE", "OPTIONS"] {
        assert!(answer.lists("allow", served), "{answer:?}");
    }
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_in_order() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let calls: Vec<Ask> = (0..20)
        .map(|number| {
            let body = json!({
                "jsonrpc": "2.0", "id": number, "method": "tools/call",
                "params": { "name": "echo", "arguments": { "text": format!("call {number}") } },
            });
            Ask::post(body).session(&session)
        })
        .collect();
    // All at once, then one after the other.
    client
        .write(calls.iter().map(Ask::text).collect::<String>())
        .await;
    for number in 0..20 {
        let answer = client.read().await;
        assert_eq!(answer.json()["id"], number);
        assert_eq!(answer.said().0, format!("call {number}"));
    }
    for (number, call) in calls.iter().enumerate() {
        assert_eq!(client.ask(call).await.json()["id"], number);
    }
}

#[tokio::test]
async fn a_pipeline_goes_on_behind_a_refusal() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let ping = Ask::ping().session(&session);
    let refused = Ask::ping().session("no session");
    let head = Ask::new("PUT", "/mcp");
    let all = [&ping, &refused, &ping, &head, &ping].map(Ask::text);
    client.write(all.concat()).await;
    for status in [200, 404, 200, 405, 200] {
        assert_eq!(client.read().await.status, status);
    }
}

#[tokio::test]
async fn a_connection_is_closed_when_the_client_wants_it() {
    let mut client = connect(http());
    let last = Ask::initialize("2025-11-25").with("Connection", "close");
    client.ask(&last).await.result();
    client.closed().await;
}

#[tokio::test]
async fn a_service_can_be_called_without_a_connection() {
    let service = http().into_service().unwrap();
    let text = Ask::initialize("2025-11-25").text();
    let body = text.split_once("\r\n\r\n").unwrap().1.to_owned();
    let request = Request::post("/mcp")
        .header("Host", "localhost")
        .header("Content-Type", "application/json")
        .body(Full::<bytes::Bytes>::from(body))
        .unwrap();
    let response = service.call(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers().contains_key("mcp-session-id"));
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(
        body.starts_with(br#"{"jsonrpc":"2.0","id":0,"result":"#),
        "{}",
        body.escape_ascii()
    );
}

#[tokio::test]
async fn clones_of_a_service_serve_side_by_side() {
    let server = local(http());
    let (mut one, mut two) = (server.connect(), server.connect());
    let [first, second] = [
        one.initialize_at("2025-03-26").await,
        two.initialize_at("2025-11-25").await,
    ];
    let list = Ask::rpc("tools/list", &json!({}));
    let [older, newer] = [
        one.ask(&list.clone().session(&first)).await,
        two.ask(&list.clone().session(&second)).await,
    ];
    assert_ne!(older.body, newer.body);
    // A connection may be of one session now and of another then.
    assert_eq!(
        two.ask(&list.clone().session(&first)).await.body,
        older.body
    );
    assert_eq!(one.ask(&list.session(&second)).await.body, newer.body);
}
