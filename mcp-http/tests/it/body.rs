//! Bodies: how large, how slow, how framed, and what must be in them.

use std::time::Duration;

use serde_json::json;

use crate::{
    client::{Ask, connect, local},
    fixture::http,
};

/// A body of exactly this many bytes that is a ping.
fn ping_of(length: usize) -> String {
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    format!("{ping}{}", " ".repeat(length - ping.len()))
}

/// The same request, with its body cut into chunks.
fn chunked(ask: &Ask, body: &[&str]) -> String {
    let chunks = body
        .iter()
        .map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len()));
    let head = ask
        .clone()
        .without("Content-Length")
        .with("Transfer-Encoding", "chunked")
        .head();
    format!("{head}{}0\r\n\r\n", chunks.collect::<String>())
}

#[tokio::test]
async fn a_body_of_the_largest_size_is_served_and_one_byte_more_is_not() {
    let mut client = connect(http().max_body(1000));
    let session = client.initialize().await;
    let most = Ask::post(ping_of(1000)).session(&session);
    client.ask(&most).await.result();
    client.write(chunked(&most, &[&ping_of(1000)])).await;
    client.read().await.result();
    let more = Ask::post(ping_of(1001)).session(&session);
    let answer = client.ask(&more).await;
    answer.refuses(413, &["1000 bytes", "`max_body`"]);
}

#[tokio::test(start_paused = true)]
async fn four_mebibytes_are_taken_unless_said() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let ask = Ask::post(ping_of(4 * 1024 * 1024)).session(&session);
    client.ask(&ask).await.result();
    let ask = Ask::post(ping_of(4 * 1024 * 1024 + 1)).session(&session);
    client.write(ask.head()).await;
    client.read().await.refuses(413, &["4194304"]);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_announces_too_much_is_not_read() {
    let mut client = connect(http());
    let ask = Ask::ping().instead("Content-Length", 10_u64 << 30);
    client.write(ask.head()).await;
    let answer = client.read().await;
    answer.refuses(413, &["max_body"]);
    assert_eq!(answer.header("connection"), Some("close"));
    client.closed().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_announces_nothing_is_counted_as_it_comes() {
    let mut client = connect(http().max_body(1000));
    let ask = Ask::ping()
        .without("Content-Length")
        .with("Transfer-Encoding", "chunked");
    client.write(ask.head()).await;
    let chunk = format!("190\r\n{}\r\n", " ".repeat(0x190));
    client.write(chunk.repeat(3)).await;
    let answer = client.read().await;
    answer.refuses(413, &["max_body"]);
    assert_eq!(answer.header("connection"), Some("close"));
    client.closed().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_given_up() {
    let mut client = connect(http());
    let ask = Ask::post(ping_of(100));
    client.write(ask.head() + r#"{"jsonrpc""#).await;
    let asked = tokio::time::Instant::now();
    let answer = client.read().await;
    assert!(asked.elapsed() >= Duration::from_secs(30));
    answer.refuses(408, &["30s", "`body_timeout`"]);
    assert_eq!(answer.header("connection"), Some("close"));
    client.closed().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_is_given_up_in_the_same_time() {
    let mut client = connect(http().body_timeout(Duration::from_secs(5)));
    client.write(Ask::post(ping_of(100)).head()).await;
    for byte in [b"{", b" ", b" ", b" "] {
        client.write(byte).await;
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    let answer = client.read().await;
    answer.refuses(408, &["5s"]);
}

#[tokio::test]
async fn a_body_may_come_in_any_pieces() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let ask = Ask::call("echo", &json!({ "text": "föö" })).session(&session);
    let text = ask.text();
    let body = text.strip_prefix(&ask.head()).unwrap();
    let expected = client.ask(&ask).await;
    // In chunks of one character, one of them of two bytes.
    let pieces: Vec<&str> = body.split_inclusive(|_: char| true).collect();
    client.write(chunked(&ask, &pieces)).await;
    assert_eq!(client.read().await.body, expected.body);
    for byte in text.as_bytes() {
        client.write([*byte]).await;
    }
    assert_eq!(client.read().await.body, expected.body);
}

#[tokio::test]
async fn a_body_may_be_asked_for() {
    let mut client = connect(http());
    let ask = Ask::initialize("2025-11-25").with("Expect", "100-continue");
    client.write(ask.head()).await;
    assert_eq!(client.read().await.status, 100);
    client
        .write(ask.text().strip_prefix(&ask.head()).unwrap())
        .await;
    client.read().await.result();
}

/// It was asked for, so it comes: whoever closed now would reset the connection.
#[tokio::test]
async fn a_body_that_was_asked_for_and_is_too_large_is_refused_once_it_has_gone_by() {
    let mut client = connect(http().max_body(100_000));
    let ask = Ask::ping()
        .without("Content-Length")
        .with("Transfer-Encoding", "chunked")
        .with("Expect", "100-continue");
    client.write(ask.head()).await;
    assert_eq!(client.read().await.status, 100);
    let chunk = format!("2710\r\n{}\r\n", " ".repeat(10_000));
    client.write(chunk.repeat(19) + "0\r\n\r\n").await;
    let answer = client.read().await;
    answer.refuses(413, &["100000 bytes"]);
    client.closed().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_nobody_asked_for_is_not_waited_for() {
    let mut client = connect(http().max_body(1000));
    let ask = Ask::post(ping_of(1001)).with("Expect", "100-continue");
    let asked = tokio::time::Instant::now();
    client.write(ask.head()).await;
    client.read().await.refuses(413, &["1000 bytes"]);
    assert!(asked.elapsed().is_zero());
    client.closed().await;
}

/// What a proxy in front might read as two requests: nothing may follow it.
#[tokio::test]
async fn a_length_beside_chunks_means_nothing_and_the_connection_ends() {
    let server = local(http());
    let session = server.connect().initialize().await;
    let ping = Ask::ping().session(&session).without("Content-Length");
    for length in [1, 1000, 10_u64 << 30] {
        let chunks = |ask: Ask| ask.with("Transfer-Encoding", "chunked");
        let counted = |ask: Ask| ask.with("Content-Length", length);
        for head in [
            chunks(counted(ping.clone())).head(),
            counted(chunks(ping.clone())).head(),
        ] {
            let mut client = server.connect();
            let body = ping_of(40);
            client
                .write(format!("{head}28\r\n{body}\r\n0\r\n\r\n"))
                .await;
            client.read().await.result();
            client.closed().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_badly_framed_body_is_refused() {
    let mut client = connect(http());
    let ask = Ask::ping()
        .without("Content-Length")
        .with("Transfer-Encoding", "chunked");
    client.write(ask.head() + "zz\r\n").await;
    let answer = client.read().await;
    answer.refuses(400, &["badly framed"]);
    assert_eq!(answer.header("connection"), Some("close"));
    client.closed().await;
}

#[tokio::test]
async fn a_body_that_is_cut_off_reaches_no_tool() {
    let mut client = connect(http());
    let ask = Ask::post(ping_of(100));
    client.write(ask.head() + r#"{"jsonrpc""#).await;
    client.finish().await;
    // There may be nobody left to tell.
    client.closed_or(400).await;
}

#[tokio::test]
async fn bytes_that_are_not_json_are_a_parse_error_without_an_id() {
    let mut client = connect(http());
    for body in ["", " ", "{", "{} {}", "{'a':1}", "nonsense"] {
        let answer = client.ask(&Ask::post(body)).await;
        let (code, text) = answer.error(400);
        assert_eq!(code, -32700, "{body}: {text}");
        assert_eq!(answer.json().get("id"), None);
    }
}

#[tokio::test]
async fn bytes_that_are_not_utf8_are_a_parse_error() {
    let mut client = connect(http());
    let body = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"p\xff\"}";
    let ask = Ask::post("").instead("Content-Length", body.len());
    client.write(ask.head()).await;
    client.write(body).await;
    let (code, text) = client.read().await.error(400);
    assert_eq!(code, -32700);
    assert!(text.contains("UTF-8"), "{text}");
}

#[tokio::test]
async fn json_that_is_no_message_is_refused_with_the_id_it_has() {
    let mut client = connect(http());
    let session = client.initialize().await;
    for (body, id, rule) in [
        (
            r#"{"jsonrpc":"2.0","id":7}"#,
            json!(7),
            "`method` is missing",
        ),
        (
            r#"{"jsonrpc":"1.0","id":"a","method":"ping"}"#,
            json!("a"),
            "`jsonrpc`",
        ),
        (r#"{"id":7,"method":"ping"}"#, json!(7), "`jsonrpc`"),
        (
            r#"{"jsonrpc":"2.0","id":7,"method":1}"#,
            json!(7),
            "`method`",
        ),
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}"#,
            json!(7),
            "`params`",
        ),
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","method":"ping"}"#,
            json!(7),
            "twice",
        ),
        (
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            json!(null),
            "`id`",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            json!(null),
            "`id`",
        ),
        (
            r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#,
            json!(null),
            "`id`",
        ),
        (
            r#"{"jsonrpc":"2.0","id":18446744073709551616,"method":"ping"}"#,
            json!(null),
            "`id`",
        ),
        (
            r#"[{"jsonrpc":"2.0","id":7,"method":"ping"}]"#,
            json!(null),
            "batch",
        ),
        ("[]", json!(null), "batch"),
        ("7", json!(null), "Invalid request"),
    ] {
        let answer = client.ask(&Ask::post(body).session(&session)).await;
        let (code, text) = answer.error(400);
        assert_eq!(code, -32600, "{body}");
        assert!(text.contains(rule), "{body}: {text}");
        assert_eq!(answer.json()["id"], id, "{body}");
    }
}

#[tokio::test]
async fn nesting_is_bounded() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let body =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":{open}{close}}}}}"#);
        Ask::post(body).session(&session)
    };
    client.ask(&nested(126)).await.result();
    let (_, text) = client.ask(&nested(127)).await.error(400);
    assert!(text.contains("128"), "{text}");
    client.ask(&nested(1_000_000)).await.error(400);
}

#[tokio::test]
async fn a_refused_body_leaves_the_connection_to_the_next_request() {
    let mut client = connect(http());
    let session = client.initialize().await;
    for refused in [
        Ask::post("{").session(&session),
        Ask::ping(),
        Ask::ping().instead("Content-Type", "text/plain"),
        Ask::ping().instead("Accept", "text/html"),
        Ask::ping().instead("Host", "evil.example"),
        Ask::ping().with("Origin", "https://evil.example"),
        Ask::ping().at("/nowhere"),
        Ask::ping().by("PUT"),
        Ask::ping().session("no session"),
    ] {
        let answer = client.ask(&refused).await;
        assert!(answer.status >= 400, "{answer:?}");
        client.ask(&Ask::ping().session(&session)).await.result();
    }
}
