//! Host and Origin, Content-Type and Accept, and which check comes first.

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::Full;
use hyper::service::Service;
use serde_json::json;

use crate::{
    client::{Ask, connect, local},
    fixture::{ALICE, http, http_with_keys},
};

/// Names that look like this machine and are not.
const EVIL_HOSTS: [&str; 9] = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "evil-localhost",
    "127.0.0.1.evil.example",
    "127.0.0.1.evil.example:8000",
    "0.0.0.0",
    "2130706433",
    "[::2]:8000",
];

#[tokio::test]
async fn loopback_names_are_ours_on_any_port() {
    let mut client = connect(http());
    let session = client.initialize().await;
    for host in [
        "localhost",
        "localhost:8000",
        "LocalHost:1",
        "127.0.0.1",
        "127.0.0.1:65535",
        "127.9.9.9",
        "[::1]",
        "[::1]:8000",
    ] {
        let ask = Ask::ping().session(&session).instead("Host", host);
        assert_eq!(client.ask(&ask).await.result(), json!({}), "{host}");
    }
}

#[tokio::test]
async fn a_host_that_is_not_ours_is_refused_and_the_settings_are_named() {
    let mut client = connect(http());
    for host in EVIL_HOSTS {
        let answer = client.ask(&Ask::ping().instead("Host", host)).await;
        answer.refuses(403, &["Host", "public_url", "allowed_hosts"]);
    }
}

#[tokio::test]
async fn a_host_that_is_no_host_and_port_is_refused() {
    let mut client = connect(http());
    for host in [
        "",
        "user@localhost",
        "localhost:8000:9000",
        "localhost:port",
        "localhost:99999",
        "localhost:8000.evil.example",
        "127.0.0.1:8000.evil.example.com",
        "localhost/",
        "http://localhost",
    ] {
        let answer = client.ask(&Ask::ping().instead("Host", host)).await;
        assert!([400, 403].contains(&answer.status), "{host}: {answer:?}");
        answer.refuses(answer.status, &["Host"]);
    }
}

#[tokio::test]
async fn exactly_one_host_is_needed() {
    let mut client = connect(http());
    let none = client.ask(&Ask::ping().without("Host")).await;
    none.refuses(400, &["`Host`"]);
    let two = client.ask(&Ask::ping().with("Host", "localhost")).await;
    two.refuses(400, &["`Host`"]);
}

/// HTTP/2 has no `Host`; hyper puts its `:authority` into the URI.
#[tokio::test]
async fn the_authority_of_http_2_is_checked_like_a_host() {
    let service = http().into_service().unwrap();
    let status = async |uri: &str, version: Version, host: Option<&str>| {
        let mut request = Request::options(uri).version(version);
        if let Some(host) = host {
            request = request.header("Host", host);
        }
        let request = request.body(Full::<Bytes>::default()).unwrap();
        service.call(request).await.unwrap().status().as_u16()
    };
    let (ours, evil) = ("http://localhost:8000/mcp", "http://evil.example/mcp");
    assert_eq!(status(ours, Version::HTTP_2, None).await, 204);
    assert_eq!(status(evil, Version::HTTP_2, None).await, 403);
    assert_eq!(status("/mcp", Version::HTTP_2, None).await, 400);
    assert_eq!(
        status(ours, Version::HTTP_2, Some("evil.example")).await,
        403
    );
    assert_eq!(status(evil, Version::HTTP_2, Some("localhost")).await, 403);
    // Whoever speaks HTTP/1 has to say both.
    assert_eq!(status(ours, Version::HTTP_11, None).await, 400);
}

#[tokio::test]
async fn the_host_of_a_whole_uri_is_checked_like_the_header() {
    let mut client = connect(http());
    let evil = Ask::ping().at("http://evil.example/mcp");
    client.ask(&evil).await.refuses(403, &["evil.example"]);
    let ours = Ask::initialize("2025-11-25").at("http://localhost:8000/mcp");
    client.ask(&ours).await.result();
}

#[tokio::test]
async fn the_public_url_is_a_name_of_the_server_and_an_origin() {
    let mut client = connect(http().public_url("https://mcp.example.com/some/path"));
    for host in ["mcp.example.com", "MCP.example.com", "mcp.example.com:8443"] {
        let ask = Ask::initialize("2025-11-25")
            .instead("Host", host)
            .with("Origin", "https://mcp.example.com");
        let answer = client.ask(&ask).await;
        answer.result();
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("https://mcp.example.com")
        );
    }
    for host in [
        "example.com",
        "mcp.example.com.evil.example",
        "xmcp.example.com",
    ] {
        let answer = client.ask(&Ask::ping().instead("Host", host)).await;
        answer.refuses(403, &["Host"]);
    }
    for origin in ["http://mcp.example.com", "https://mcp.example.com:8443"] {
        let ask = Ask::ping()
            .instead("Host", "mcp.example.com")
            .with("Origin", origin);
        client.ask(&ask).await.refuses(403, &["Origin"]);
    }
}

#[tokio::test]
async fn allowed_hosts_are_names_on_any_port_or_on_one() {
    let mut client = connect(http().allowed_hosts(["any.example", "one.example:8000"]));
    for host in [
        "any.example",
        "any.example:1",
        "ANY.example",
        "one.example:8000",
    ] {
        let ask = Ask::initialize("2025-11-25").instead("Host", host);
        assert_eq!(client.ask(&ask).await.status, 200, "{host}");
    }
    for host in [
        "one.example",
        "one.example:8001",
        "one.example:80000",
        "any.example.evil.example",
    ] {
        let answer = client.ask(&Ask::ping().instead("Host", host)).await;
        assert!([400, 403].contains(&answer.status), "{host}: {answer:?}");
    }
}

#[tokio::test]
async fn pages_of_this_machine_may_talk_to_a_server_on_it() {
    let mut client = connect(http());
    for origin in [
        "http://localhost",
        "http://localhost:5173",
        "https://127.0.0.1:8443",
        "http://[::1]:3000",
    ] {
        let answer = client
            .ask(&Ask::initialize("2025-11-25").with("Origin", origin))
            .await;
        answer.result();
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
    }
}

#[tokio::test]
async fn an_evil_origin_is_refused_by_every_method_on_every_path() {
    let mut client = connect(http());
    for method in ["POST", "GET", "DELETE", "OPTIONS", "PUT", "HEAD"] {
        for path in ["/mcp", "/nowhere"] {
            let ask = Ask::new(method, path).with("Origin", "https://evil.example");
            assert_eq!(client.ask(&ask).await.status, 403, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn an_origin_is_compared_as_a_whole_never_by_its_beginning() {
    let mut client = connect(http().cors(["https://app.example.com"]));
    let ours = Ask::initialize("2025-11-25").with("Origin", "https://app.example.com");
    client.ask(&ours).await.result();
    for origin in [
        "",
        "null",
        "*",
        "https://app.example.com.evil.example",
        "https://app.example.comevil",
        "https://app.example.com:8443",
        "https://app.example.com/",
        "https://app.example.com@evil.example",
        "https://evil.example/https://app.example.com",
        "http://app.example.com",
        "app.example.com",
        "https://example.com",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "http://127.0.0.1.evil.example:8000",
        "http://127.0.0.1:8910.evil.example.com",
        "http://localhost:80, https://evil.example",
        "file://localhost",
        "ws://localhost",
    ] {
        let answer = client.ask(&Ask::ping().with("Origin", origin)).await;
        answer.refuses(403, &["Origin", "`cors`"]);
        assert_eq!(
            answer.cors(),
            Vec::<&(String, String)>::new(),
            "{origin}: nothing for a page to read"
        );
    }
}

#[tokio::test]
async fn a_port_that_the_scheme_implies_may_be_written_out() {
    let mut client = connect(http().cors([
        "https://secure.example:443",
        "http://plain.example:80",
        "https://odd.example:80",
    ]));
    for (origin, status) in [
        ("https://secure.example", 200),
        ("http://plain.example", 200),
        ("https://odd.example:80", 200),
        ("https://odd.example", 403),
        ("http://secure.example", 403),
    ] {
        let ask = Ask::initialize("2025-11-25").with("Origin", origin);
        assert_eq!(client.ask(&ask).await.status, status, "{origin}");
    }
}

#[tokio::test]
async fn two_origins_are_refused_even_if_one_is_ours() {
    let mut client = connect(http());
    let both = Ask::ping()
        .with("Origin", "http://localhost")
        .with("Origin", "http://localhost");
    client.ask(&both).await.refuses(403, &["Origin"]);
}

#[tokio::test]
async fn a_refusal_shows_what_it_saw_escaped_and_cut() {
    let mut client = connect(http());
    let long = format!("http://{}.example", "a".repeat(3000));
    let answer = client.ask(&Ask::ping().with("Origin", long)).await;
    let (_, text) = answer.error(403);
    assert!(text.contains("http://aaaa") && text.len() < 300, "{text}");
}

#[tokio::test]
async fn a_body_that_does_not_claim_to_be_json_is_refused() {
    let mut client = connect(http());
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json; charset=utf-16",
    ] {
        let ask = Ask::initialize("2025-11-25").instead("Content-Type", content_type);
        let answer = client.ask(&ask).await;
        answer.refuses(415, &["Content-Type: application/json"]);
    }
    let none = Ask::initialize("2025-11-25").without("Content-Type");
    client.ask(&none).await.refuses(415, &["Content-Type"]);
    let two = Ask::initialize("2025-11-25").with("Content-Type", "application/json");
    client.ask(&two).await.refuses(415, &["Content-Type"]);
}

#[tokio::test]
async fn json_may_have_parameters_and_any_case() {
    let mut client = connect(http());
    for content_type in [
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "Application/JSON",
    ] {
        let ask = Ask::initialize("2025-11-25").instead("Content-Type", content_type);
        assert_eq!(client.ask(&ask).await.status, 200, "{content_type}");
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused() {
    let mut client = connect(http());
    for encoding in ["gzip", "br", "identity, gzip"] {
        let ask = Ask::initialize("2025-11-25").with("Content-Encoding", encoding);
        client
            .ask(&ask)
            .await
            .refuses(415, &["Content-Encoding", "compressed"]);
    }
    let plain = Ask::initialize("2025-11-25").with("Content-Encoding", "identity");
    client.ask(&plain).await.result();
}

#[tokio::test]
async fn a_client_that_takes_neither_form_of_answer_is_refused() {
    let mut client = connect(http());
    for accept in ["text/html", "application/json;q=0", "image/*", ""] {
        let ask = Ask::initialize("2025-11-25").instead("Accept", accept);
        let answer = client.ask(&ask).await;
        answer.refuses(406, &["Accept", "application/json", "text/event-stream"]);
    }
}

#[tokio::test]
async fn one_form_of_answer_is_enough() {
    let mut client = connect(http());
    for accept in [
        "application/json",
        "text/event-stream",
        "*/*",
        "text/html, application/*;q=0.1",
    ] {
        let ask = Ask::initialize("2025-11-25").instead("Accept", accept);
        assert_eq!(client.ask(&ask).await.status, 200, "{accept}");
    }
    let none = Ask::initialize("2025-11-25").without("Accept");
    client.ask(&none).await.result();
}

/// Every check of a POST, in order: each request passes the checks before it and fails all after.
#[tokio::test(start_paused = true)]
async fn the_first_check_that_fails_is_the_one_that_answers() {
    let server = local(http_with_keys().require_auth().max_body(10));
    let mut client = server.connect();
    // Fails everything at once; then one thing after the other is put right.
    let ask = Ask::new("PUT", "/nowhere")
        .instead("Host", "evil.example")
        .with("Origin", "https://evil.example")
        .with("Content-Type", "text/plain")
        .with("Accept", "text/html")
        .with("Content-Length", 0);
    client.ask(&ask).await.refuses(403, &["Host"]);
    let ask = ask.instead("Host", "localhost");
    client.ask(&ask).await.refuses(403, &["Origin"]);
    let ask = ask.without("Origin");
    client.ask(&ask).await.refuses(404, &["path"]);
    let ask = ask.at("/mcp");
    client
        .ask(&ask)
        .await
        .refuses(401, &["Authentication required"]);
    let ask = ask.key(ALICE);
    client.ask(&ask).await.refuses(405, &["PUT"]);
    let ask = ask.by("POST");
    client.ask(&ask).await.refuses(415, &["Content-Type"]);
    let ask = ask.instead("Content-Type", "application/json");
    client.ask(&ask).await.refuses(406, &["Accept"]);
    let ask = ask.instead("Accept", "*/*");
    client.ask(&ask).await.refuses(400, &["Parse error"]);

    // A body that is too large is refused before it is looked at, and after its head was.
    let large = ask.instead("Content-Length", 11).without("Accept");
    let unacceptable = large.clone().with("Accept", "text/html");
    let mut client = server.connect();
    client.write(unacceptable.head()).await;
    client.read().await.refuses(406, &["Accept"]);
    let mut client = server.connect();
    client.write(large.head()).await;
    client.read().await.refuses(413, &["max_body"]);
}

/// The checks behind the body, in order.
#[tokio::test]
async fn version_and_session_are_checked_once_the_body_is_a_message() {
    let mut client = connect(http());
    let wrong = |body: &str| {
        Ask::post(body)
            .with("MCP-Protocol-Version", "1999-01-01")
            .session("no session")
    };
    let not_json = client.ask(&wrong("{")).await;
    assert_eq!(not_json.error(400).0, -32700);
    let no_message = client.ask(&wrong(r#"{"jsonrpc":"2.0","id":1}"#)).await;
    assert_eq!(no_message.error(400).0, -32600);
    let message = r#"{"jsonrpc":"2.0","id":1,"method":"no/such"}"#;
    let version = client.ask(&wrong(message)).await;
    version.refuses(400, &["is not served"]);
    let session = client.ask(&Ask::post(message).session("no session")).await;
    session.refuses(404, &["Session not found"]);
    let session = client.initialize().await;
    let method = client.ask(&Ask::post(message).session(&session)).await;
    assert_eq!(method.error(200).0, -32601);
}
