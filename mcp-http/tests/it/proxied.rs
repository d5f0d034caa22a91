//! A server on loopback behind a proxy that everybody talks to, as nginx and Caddy forward.

use std::time::Duration;

use mcp_http::HttpServer;
use tokio::time::advance;

use crate::{
    client::{Answer, Ask, listen, local},
    fixture::http,
};

const PAGE: &str = "https://mcp.example.com";

/// What the names of a server behind a proxy may be: kept, with and without a port, and rewritten to
/// where the proxy connects to.
const HOSTS: [&str; 5] = [
    "mcp.example.com",
    "mcp.example.com:443",
    "127.0.0.1:8000",
    "localhost:8000",
    "[::1]:8000",
];

fn public() -> HttpServer {
    http()
        .public_url("https://mcp.example.com/mcp")
        .trusted_proxies(["127.0.0.1", "::1"])
}

/// A request as a proxy forwards it: its own words are added, those of the client are kept.
fn forwarded(ask: Ask, host: &str) -> Ask {
    ask.instead("Host", host)
        .with("X-Forwarded-For", "203.0.113.7")
        .with("X-Forwarded-Proto", "https")
        .with("X-Forwarded-Host", "mcp.example.com")
        .with("X-Real-IP", "203.0.113.7")
        .with("Via", "1.1 Caddy")
}

fn initialize() -> Ask {
    Ask::initialize("2025-11-25")
}

/// The page that sent the request can read all that clients need of the response.
#[track_caller]
fn readable(answer: &Answer, page: &str) {
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some(page),
        "{answer:?}"
    );
    for header in ["Mcp-Session-Id", "Retry-After", "WWW-Authenticate"] {
        assert!(
            answer.lists("access-control-expose-headers", header),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_server_behind_a_proxy_is_served_whether_its_name_is_kept_or_not() {
    let server = listen(public()).await;
    for host in HOSTS {
        let mut client = server.connect().await;
        client.ask(&forwarded(initialize(), host)).await.result();
    }
}

#[tokio::test]
async fn pages_of_the_public_url_may_talk_to_it_and_others_may_not() {
    let server = listen(public()).await;
    for host in HOSTS {
        let mut client = server.connect().await;
        let preflight = Ask::new("OPTIONS", "/mcp")
            .with("Origin", PAGE)
            .with("Access-Control-Request-Method", "POST");
        let answer = client.ask(&forwarded(preflight, host)).await;
        assert_eq!(answer.status, 204, "{answer:?}");
        readable(&answer, PAGE);
        assert!(answer.lists("access-control-allow-methods", "POST"));
        let of_page = initialize().with("Origin", PAGE);
        let answer = client.ask(&forwarded(of_page, host)).await;
        answer.result();
        readable(&answer, PAGE);
        for other in ["https://evil.example", "http://mcp.example.com", "null"] {
            let of_other = initialize().with("Origin", other);
            let answer = client.ask(&forwarded(of_other, host)).await;
            answer.refuses(403, &[other, "`cors`", "`public_url`"]);
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
    }
}

#[tokio::test]
async fn a_name_that_is_not_the_servers_is_refused_whatever_a_proxy_says_of_it() {
    let server = listen(public()).await;
    for host in ["evil.example", "app:8000", "10.0.0.5:8000"] {
        let mut client = server.connect().await;
        let answer = client.ask(&forwarded(initialize(), host)).await;
        answer.refuses(403, &[host, "`public_url`", "`allowed_hosts`"]);
    }
    // Where the proxy connects to by a name, that is a name, too.
    let server = listen(public().allowed_hosts(["app"])).await;
    let mut client = server.connect().await;
    let answer = client.ask(&forwarded(initialize(), "app:8000")).await;
    answer.result();
}

#[tokio::test(start_paused = true)]
async fn a_page_reads_that_it_was_too_much_and_comes_back_when_it_is_told_to() {
    let server = local(public().rate_limit("1/min"));
    let ask = forwarded(initialize().with("Origin", PAGE), "127.0.0.1:8000");
    let from_proxy = || server.connect_from("127.0.0.1");
    from_proxy().ask(&ask).await.result();
    let answer = from_proxy().ask(&ask).await;
    answer.refuses(429, &["`rate_limit`"]);
    readable(&answer, PAGE);
    let seconds = answer.header("retry-after").unwrap().parse().unwrap();
    advance(Duration::from_secs(seconds)).await;
    from_proxy().ask(&ask).await.result();
}
