//! How often somebody may send requests, and where they come from.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper::service::Service;
use mcp_core::Rate;
use mcp_http::HttpServer;
use tokio::time::advance;

use crate::{
    client::{Answer, Ask, Local, connect, listen, local},
    fixture::{ALICE, BOB, http, http_with_keys},
};

const SECOND: Duration = Duration::from_secs(1);

/// A request that is answered, session or not.
fn ask() -> Ask {
    Ask::initialize("2025-11-25")
}

/// What a request of an address is answered.
async fn ask_from(server: &Local, address: &str, ask: &Ask) -> Answer {
    server.connect_from(address).ask(ask).await
}

/// How many of so many requests are answered, one after the other; the others are too many.
async fn let_through(server: &Local, requests: impl IntoIterator<Item = (&str, Ask)>) -> usize {
    let mut answered = 0;
    for (address, ask) in requests {
        let answer = ask_from(server, address, &ask).await;
        match answer.status {
            429 => too_many(&answer),
            _ => answered += 1,
        }
    }
    answered
}

/// It says that it is a limit, which setting it is, and when to try again.
#[track_caller]
fn too_many(answer: &Answer) {
    answer.refuses(429, &["Too many requests", "rate_limit`"]);
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    answer.refuses(429, &[&format!("try again in {seconds} s")]);
}

// ---- each caller

#[tokio::test(start_paused = true)]
async fn a_caller_may_send_so_many_requests_and_is_told_when_to_come_back() {
    let server = local(http().rate_limit("2/min"));
    let from = "192.0.2.1";
    for _ in 0..2 {
        ask_from(&server, from, &ask()).await.result();
    }
    advance(SECOND / 2).await;
    let answer = ask_from(&server, from, &ask()).await;
    answer.refuses(
        429,
        &["each caller may send 2/min; try again in 60 s (setting: `rate_limit`)"],
    );
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(answer.json()["id"], serde_json::Value::Null);
    advance(SECOND * 59).await;
    let answer = ask_from(&server, from, &ask()).await;
    assert_eq!(answer.header("retry-after"), Some("1"));
    // Who comes back when told to is served.
    advance(SECOND).await;
    ask_from(&server, from, &ask()).await.result();
}

#[tokio::test(start_paused = true)]
async fn who_is_known_is_counted_by_name_and_who_is_not_by_address() {
    let server = local(http_with_keys().rate_limit(Rate::new(1, SECOND * 60)));
    let (here, there) = ("192.0.2.1", "192.0.2.2");
    for (from, ask, status) in [
        (here, ask().key(ALICE), 200),
        (there, ask().key(ALICE), 429),
        (here, ask().key(BOB), 200),
        (here, ask(), 200),
        (here, ask(), 429),
        (there, ask(), 200),
        (there, ask(), 429),
    ] {
        assert_eq!(
            ask_from(&server, from, &ask).await.status,
            status,
            "{from} {ask:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_counts_that_somebody_sent_whatever_comes_of_it() {
    for first in [
        ask(),
        Ask::ping(),
        Ask::post("not json"),
        Ask::delete("no session"),
        Ask::new("GET", "/mcp").with("Accept", "text/event-stream"),
        Ask::new("PUT", "/mcp"),
    ] {
        let server = local(http().rate_limit("1/min"));
        let status = ask_from(&server, "192.0.2.1", &first).await.status;
        assert_ne!(status, 429, "{first:?}");
        too_many(&ask_from(&server, "192.0.2.1", &first).await);
    }
}

#[tokio::test(start_paused = true)]
async fn what_browsers_probes_and_logins_ask_for_is_never_too_many() {
    let server = http_with_keys()
        .public_url("https://mcp.example.com")
        .authorization_servers(["https://login.example.com"]);
    let server = local(server.rate_limit("1/min").ip_rate_limit("1/min"));
    let from = "192.0.2.1";
    let metadata = "/.well-known/oauth-protected-resource";
    for _ in 0..3 {
        for (ask, status) in [
            (Ask::new("OPTIONS", "/mcp"), 204),
            (Ask::new("GET", "/health"), 200),
            (Ask::new("GET", metadata), 200),
            (Ask::new("GET", "/elsewhere"), 404),
        ] {
            assert_eq!(
                ask_from(&server, from, &ask).await.status,
                status,
                "{ask:?}"
            );
        }
    }
    ask_from(&server, from, &ask()).await.result();
}

#[tokio::test(start_paused = true)]
async fn nobody_is_limited_who_is_not_limited() {
    let server = local(http());
    let many = (0..500).map(|_| ("192.0.2.1", ask()));
    assert_eq!(let_through(&server, many).await, 500);
}

// ---- each address

#[tokio::test(start_paused = true)]
async fn keys_can_not_be_tried_for_ever() {
    let server = local(http_with_keys().ip_rate_limit("3/min"));
    let from = "192.0.2.1";
    for guess in 0..3 {
        let guess = ask().key(&format!("guess-{guess}"));
        assert_eq!(ask_from(&server, from, &guess).await.status, 401);
    }
    // The right one is not told from the others any more.
    for guess in ["guess-4", ALICE] {
        let answer = ask_from(&server, from, &ask().key(guess)).await;
        answer.refuses(429, &["each address may send 3/min", "`ip_rate_limit`"]);
    }
    ask_from(&server, "192.0.2.2", &ask().key(ALICE))
        .await
        .result();
    advance(SECOND * 60).await;
    ask_from(&server, from, &ask().key(ALICE)).await.result();
}

#[tokio::test(start_paused = true)]
async fn an_address_is_counted_over_all_of_its_callers_and_connections() {
    let server = local(http_with_keys().ip_rate_limit("3/min").rate_limit("2/min"));
    for (ask, status) in [
        (ask().key(ALICE), 200),
        (ask().key(ALICE), 200),
        (ask().key(ALICE), 429),
        (ask().key(BOB), 429),
    ] {
        let answer = ask_from(&server, "192.0.2.1", &ask).await;
        assert_eq!(answer.status, status, "{ask:?}");
    }
    ask_from(&server, "192.0.2.2", &ask().key(BOB))
        .await
        .result();
}

#[tokio::test(start_paused = true)]
async fn an_ipv6_address_is_its_network_and_one_that_maps_ipv4_is_that() {
    let server = local(http().rate_limit("1/min"));
    for (from, status) in [
        ("2001:db8:1:1::1", 200),
        ("2001:db8:1:1:ffff:ffff:ffff:ffff", 429),
        ("2001:db8:1:2::1", 200),
        ("192.0.2.1", 200),
        ("::ffff:192.0.2.1", 429),
        ("::ffff:192.0.2.2", 200),
        ("192.0.2.2", 429),
    ] {
        assert_eq!(
            ask_from(&server, from, &ask()).await.status,
            status,
            "{from}"
        );
    }
}

// ---- behind proxies

fn forwarded(ask: Ask, list: impl std::fmt::Display) -> Ask {
    ask.with("X-Forwarded-For", list)
}

#[tokio::test(start_paused = true)]
async fn nobody_gets_an_extra_request_by_what_they_say_of_themselves() {
    let servers = |http: fn() -> HttpServer| {
        [
            local(http().rate_limit("3/min")),
            local(http().ip_rate_limit("3/min")),
        ]
    };
    // Straight to the server, which trusts nobody, or somebody else.
    let plain = servers(http);
    let trusting = servers(|| http().trusted_proxies(["10.0.0.0/8", "2001:db8::/32"]));
    for server in plain.iter().chain(&trusting) {
        let rotating = (0..20).map(|n| {
            (
                "192.0.2.1",
                forwarded(ask(), format_args!("198.51.100.{n}")),
            )
        });
        assert_eq!(let_through(server, rotating).await, 3);
    }
    // Through a proxy that is trusted, and adds who is connected to it.
    for server in &trusting {
        let rotating = (0..20).map(|n| {
            let list = format!("198.51.100.{n}, 10.0.0.{n}, 203.0.113.7");
            ("10.0.0.1", forwarded(ask(), list))
        });
        assert_eq!(let_through(server, rotating).await, 3);
        let rotating = (0..20).map(|n| {
            let own = forwarded(ask(), format_args!("unknown, 198.51.100.{n}"));
            ("10.0.0.1", forwarded(own, "203.0.113.8"))
        });
        assert_eq!(let_through(server, rotating).await, 3, "a line of its own");
        // A network of IPv6 is one client there, too.
        let rotating = (0..20).map(|n| {
            (
                "10.0.0.1",
                forwarded(ask(), format_args!("2001:db9::{n:x}")),
            )
        });
        assert_eq!(let_through(server, rotating).await, 3);
    }
}

#[tokio::test(start_paused = true)]
async fn behind_a_trusted_proxy_everybody_has_requests_of_their_own() {
    let server = local(http().rate_limit("1/min").trusted_proxies(["10.0.0.1"]));
    let clients = (0..20).map(|n| ("10.0.0.1", forwarded(ask(), format_args!("203.0.113.{n}"))));
    assert_eq!(let_through(&server, clients).await, 20);
    let again = (0..20).map(|n| ("10.0.0.1", forwarded(ask(), format_args!("203.0.113.{n}"))));
    assert_eq!(let_through(&server, again).await, 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_a_proxy_does_not_name_is_the_proxy() {
    let server = local(http().rate_limit("3/min").trusted_proxies(["10.0.0.1"]));
    let from = "10.0.0.1";
    let nobody = [
        (from, ask()),
        (from, forwarded(ask(), "unknown")),
        (from, forwarded(ask(), "198.51.100.1, ")),
        (from, forwarded(ask(), "198.51.100.2, _hidden")),
        (from, forwarded(ask(), "198.51.100.3, \u{fc}")),
    ];
    assert_eq!(let_through(&server, nobody).await, 3);
}

// ---- where the address comes from

#[tokio::test]
async fn over_a_socket_the_address_is_that_of_the_connection() {
    let server = listen(http().rate_limit("2/h")).await;
    for status in [200, 200, 429] {
        // As many connections as requests.
        let mut client = server.connect().await;
        let ask = forwarded(ask(), "198.51.100.1");
        assert_eq!(client.ask(&ask).await.status, status);
    }
    let server = listen(http().rate_limit("2/h").trusted_proxies(["127.0.0.1"])).await;
    let mut client = server.connect().await;
    for (address, status) in [("1", 200), ("1", 200), ("1", 429), ("2", 200)] {
        let ask = forwarded(ask(), format_args!("198.51.100.{address}"));
        assert_eq!(client.ask(&ask).await.status, status);
    }
}

#[tokio::test]
async fn where_there_is_no_address_all_unknown_callers_are_one_and_nobody_is_believed() {
    let server = http_with_keys().rate_limit("2/h");
    let server = local(server.trusted_proxies(["127.0.0.1", "::1"]));
    for (n, status) in [200, 200, 429, 429].into_iter().enumerate() {
        let ask = forwarded(ask(), format_args!("198.51.100.{n}"));
        assert_eq!(server.connect().ask(&ask).await.status, status);
    }
    // Who is known needs none.
    server.connect().ask(&ask().key(ALICE)).await.result();
}

#[tokio::test]
async fn a_layer_in_front_can_tell_the_address_of_each_request() {
    let service = http().rate_limit("1/h").into_service().unwrap();
    let text = ask().text();
    let body = Bytes::from(text.split_once("\r\n\r\n").unwrap().1.to_owned());
    for (address, status) in [
        ("192.0.2.1:1", 200),
        ("192.0.2.1:2", 429),
        ("192.0.2.2:1", 200),
    ] {
        let request = Request::post("/mcp")
            .extension(address.parse::<SocketAddr>().unwrap())
            .header("Host", "localhost")
            .header("Content-Type", "application/json")
            .body(Full::new(body.clone()))
            .unwrap();
        let response = service.call(request).await.unwrap();
        assert_eq!(response.status(), status, "{address}");
    }
}

// ---- beside the other checks

#[tokio::test(start_paused = true)]
async fn who_is_refused_for_their_host_origin_or_credential_has_used_up_nothing() {
    let server = local(http_with_keys().rate_limit("1/min"));
    let from = "192.0.2.1";
    for (ask, status) in [
        (ask().instead("Host", "evil.example"), 403),
        (ask().with("Origin", "https://evil.example"), 403),
        (ask().key("a guess"), 401),
        (ask(), 200),
        // Before the method, the media types and the body.
        (ask().by("PUT"), 429),
        (ask().instead("Content-Type", "text/plain"), 429),
        (ask().instead("Accept", "text/html"), 429),
        // And after who it is.
        (ask().key("a guess"), 401),
    ] {
        let answer = ask_from(&server, from, &ask).await;
        assert_eq!(answer.status, status, "{ask:?}: {answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_can_read_that_it_asked_too_often_and_when_to_come_back() {
    let mut client = connect(http().cors(["https://app.example.com"]).rate_limit("1/min"));
    let ask = ask().with("Origin", "https://app.example.com");
    client.ask(&ask).await.result();
    let answer = client.ask(&ask).await;
    too_many(&answer);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://app.example.com")
    );
    assert!(answer.lists("access-control-expose-headers", "Retry-After"));
}
