//! From a listener to connections, and to an end without loss.

use std::{io::ErrorKind, time::Duration};

use mcp_core::{Server, Tool, era::legacy::Resumption};
use mcp_http::HttpServer;
use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::oneshot,
    time::interval,
};

use crate::{
    client::{Ask, Client, Listening, listen},
    events::{Hears, Signal, Told, call, get, telling, tool},
    fixture::{Gate, Runs, http, server_with},
};

/// A time that a test waits out, long enough for a busy machine to do what it does within it.
const SOON: Duration = Duration::from_millis(300);

fn waits(session: &str) -> Ask {
    Ask::call("waits", &json!({})).session(session)
}

/// Waits until nobody listens any more.
async fn refused(address: std::net::SocketAddr) {
    loop {
        match TcpStream::connect(address).await {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
            // Between the last accept and the end of the listener.
            _ => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn a_bound_server_knows_its_address_and_its_url() {
    let bound = http().path("/books").bind("127.0.0.1:0").await.unwrap();
    let address = bound.local_addr();
    assert_ne!(address.port(), 0);
    assert_eq!(bound.url(), format!("http://{address}/books"));
}

#[tokio::test]
async fn a_server_serves_over_a_socket() {
    let server = listen(http()).await;
    let mut client = server.connect().await;
    let session = client.initialize().await;
    let echo = Ask::call("echo", &json!({ "text": "over a socket" })).session(&session);
    assert_eq!(client.ask(&echo).await.said().0, "over a socket");
}

#[tokio::test]
async fn a_listener_that_is_there_already_is_served_on() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let bound = http().on(TcpListener::from_std(listener).unwrap()).unwrap();
    assert_eq!(bound.local_addr(), address);
    let mut client = Client::connect(address).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(bound.serve_until(async {
        let _ = stopped.await;
    }));
    client.initialize().await;
    drop(stop);
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_listener_that_the_network_reaches_needs_a_name_or_known_callers() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let error = http().on(listener).unwrap_err();
    assert!(error.is_config(), "{error}");
}

#[tokio::test]
async fn http_1_0_is_served_one_request_a_connection() {
    let server = listen(http()).await;
    let mut client = server.connect().await;
    let old = |ask: &Ask| ask.text().replace("HTTP/1.1", "HTTP/1.0");
    client.write(old(&Ask::initialize("2025-11-25"))).await;
    let answer = client.rest().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 200 "), "{head}");
    assert!(head.contains("mcp-session-id: "), "{head}");
    assert!(body.starts_with(r#"{"jsonrpc":"2.0","id":0,"result":"#));
    // It has no chunks: a stream is what comes until the end.
    let mut client = server.connect().await;
    let ask = Ask::initialize("2025-11-25").instead("Accept", "text/event-stream");
    client.write(old(&ask)).await;
    let answer = client.rest().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("transfer-encoding"), "{head}");
    assert!(
        body.contains(r#"{"jsonrpc":"2.0","id":0,"result":"#),
        "{body}"
    );
    // Who does not say whom they mean is not served, as ever.
    let mut client = server.connect().await;
    client.write(old(&Ask::ping().without("Host"))).await;
    assert!(client.rest().await.starts_with("HTTP/1.0 400 "));
}

#[tokio::test]
async fn many_connections_are_served_side_by_side() {
    let gate = Gate::default();
    let server = listen(HttpServer::new(server_with(&Runs::default(), &gate))).await;
    let mut waiting = Vec::new();
    for _ in 0..10 {
        let mut client = server.connect().await;
        let session = client.initialize().await;
        client.write(waits(&session).text()).await;
        gate.entered().await;
        waiting.push(client);
    }
    for mut client in waiting {
        gate.open();
        assert_eq!(client.read().await.said().0, "through");
    }
}

// ---- time

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let server = listen(http().header_timeout(SOON)).await;
    server.connect().await.closed().await;
}

#[tokio::test]
async fn a_head_that_does_not_end_is_given_up() {
    let server = listen(http().header_timeout(SOON)).await;
    let mut client = server.connect().await;
    let head = Ask::ping().head();
    client.write(&head[..head.len() - 2]).await;
    client.closed().await;
}

#[tokio::test]
async fn a_head_that_trickles_has_no_more_time_than_one_that_does_not() {
    let server = listen(http().header_timeout(SOON)).await;
    for before in [String::new(), Ask::initialize("2025-11-25").text()] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(before.as_bytes()).await.unwrap();
        if !before.is_empty() {
            stream.readable().await.unwrap();
        }
        let head = Ask::ping().with("X-Long", "x".repeat(1000)).head();
        let (mut sent, mut often) = (0, interval(SOON / 10));
        while stream
            .write_all(&head.as_bytes()[sent..=sent])
            .await
            .is_ok()
        {
            sent += 1;
            often.tick().await;
        }
        assert!(sent < head.len() / 10, "{sent} bytes were waited for");
    }
}

#[tokio::test]
async fn a_connection_without_a_request_may_outlast_the_time_for_heads() {
    let server = listen(http().header_timeout(SOON)).await;
    let mut client = server.connect().await;
    let ping = Ask::ping().session(&client.initialize().await);
    for _ in 0..2 {
        // Another connection, opened later, has been given up: so could this one have been.
        server.connect().await.closed().await;
        client.ask(&ping).await.result();
    }
}

#[tokio::test]
async fn a_connection_is_closed_once_it_was_idle_for_too_long() {
    let server = listen(http().idle_timeout(SOON)).await;
    let mut client = server.connect().await;
    client.initialize().await;
    client.closed().await;
    // Who has not asked yet has the time for heads.
    let mut late = server.connect().await;
    let mut client = server.connect().await;
    client.initialize().await;
    client.closed().await;
    late.initialize().await;
}

#[tokio::test]
async fn requests_that_come_together_are_answered_and_then_the_connection_is_idle() {
    let server = listen(http().header_timeout(SOON)).await;
    let mut client = server.connect().await;
    let ping = Ask::ping().session(&client.initialize().await).text();
    let (begin, rest) = ping.split_at(40);
    client.write(format!("{ping}{ping}{begin}")).await;
    client.read().await.result();
    client.read().await.result();
    server.connect().await.closed().await;
    client.write(rest).await;
    client.read().await.result();
    // Once it goes on, it has the time for heads.
    client.write(format!("{ping}{begin}")).await;
    client.read().await.result();
    client.write(&rest[..20]).await;
    client.closed().await;
    let server = listen(http().idle_timeout(SOON)).await;
    let mut client = server.connect().await;
    let ping = Ask::ping().session(&client.initialize().await).text();
    client.write(format!("{ping}{begin}")).await;
    client.read().await.result();
    client.closed().await;
}

#[tokio::test]
async fn a_call_may_outlast_the_time_for_heads() {
    let gate = Gate::default();
    let server = HttpServer::new(server_with(&Runs::default(), &gate))
        .header_timeout(SOON)
        .idle_timeout(SOON);
    let server = listen(server).await;
    let mut client = server.connect().await;
    let session = client.initialize().await;
    client.write(waits(&session).text()).await;
    gate.entered().await;
    // Another connection, opened later, has been given up: so could this one have been.
    server.connect().await.closed().await;
    gate.open();
    assert_eq!(client.read().await.said().0, "through");
}

#[tokio::test]
async fn a_time_may_be_as_long_as_can_be_said() {
    let forever = Duration::MAX;
    let server = http()
        .header_timeout(forever)
        .idle_timeout(forever)
        .body_timeout(forever)
        .write_timeout(forever)
        .stream_after(forever)
        .keep_alive(forever)
        .answer_timeout(forever)
        .session_lifetime(forever)
        .session_idle(forever)
        .shutdown_grace(forever);
    let server = listen(server.max_connections(usize::MAX)).await;
    let mut client = server.connect().await;
    let session = client.initialize().await;
    let mut stream = server.connect().await.stream(&get(&session)).await;
    assert!(stream.block().await.is_some(), "it begins at once");
    // The connection behind it had nothing more to say, and waits.
    client.ask(&Ask::ping().session(&session)).await.result();
    let stopped = server.stop();
    stream.ended().await.closed().await;
    client.closed().await;
    stopped.await;
}

// ---- size

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = listen(http()).await;
    let mut client = server.connect().await;
    let ask = Ask::ping().with("X-Large", "x".repeat(100 * 1024));
    client.write(ask.head()).await;
    let answer = client.read().await;
    assert_eq!(answer.status, 431, "{answer:?}");
    client.closed().await;
}

#[tokio::test]
async fn a_head_of_too_many_headers_is_refused() {
    let server = listen(http()).await;
    let mut client = server.connect().await;
    let ask = (0..1000).fold(Ask::ping(), |ask, n| ask.with(&format!("X-{n}"), n));
    client.write(ask.head()).await;
    let answer = client.read().await;
    assert_eq!(answer.status, 431, "{answer:?}");
    client.closed().await;
}

#[tokio::test]
async fn what_is_not_http_is_refused_and_closed() {
    let server = listen(http()).await;
    for nonsense in [
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}",
        "hello\r\n\r\n",
        "GET /mcp HTTP/9.9\r\n\r\n",
    ] {
        let mut client = server.connect().await;
        client.write(nonsense).await;
        client.closed_or(400).await;
    }
}

#[tokio::test]
async fn two_lengths_of_one_body_are_refused() {
    let server = listen(http()).await;
    let ping = Ask::ping();
    for smuggling in [
        ping.clone().with("Content-Length", 5),
        ping.clone().instead("Content-Length", "+5"),
        ping.clone().instead("Content-Length", "5, 6"),
        ping.clone().with("Transfer-Encoding", "gzip"),
    ] {
        let mut client = server.connect().await;
        client.write(smuggling.text()).await;
        let answer = client.read().await;
        assert_eq!(answer.status, 400, "{smuggling:?}: {answer:?}");
        client.closed().await;
    }
}

// ---- the cap

#[tokio::test]
async fn a_connection_beyond_the_cap_waits_and_is_served_once_there_is_a_place() {
    let server = listen(http().max_connections(2)).await;
    let (mut one, mut two) = (server.connect().await, server.connect().await);
    let session = one.initialize().await;
    let ping = Ask::ping().session(&session);
    two.ask(&ping).await.result();
    let mut three = server.connect().await;
    three.write(ping.text()).await;
    // The others are served meanwhile, often enough that a third would have been.
    for _ in 0..50 {
        one.ask(&ping).await.result();
        two.ask(&ping).await.result();
    }
    assert!(!three.is_answered());
    drop(two);
    three.read().await.result();
    one.ask(&ping).await.result();
}

#[tokio::test]
async fn a_place_is_given_back_however_a_connection_ends() {
    let server = listen(http().max_connections(1).header_timeout(SOON)).await;
    for round in 0..3 {
        // Never said a word; said nonsense; was dropped amid a request; ended in order.
        server.connect().await.closed().await;
        let mut client = server.connect().await;
        client.write("nonsense\r\n\r\n").await;
        client.closed_or(400).await;
        let mut client = server.connect().await;
        client.write(Ask::post("x".repeat(100)).head()).await;
        drop(client);
        let mut client = server.connect().await;
        let last = Ask::initialize("2025-11-25").with("Connection", "close");
        client.ask(&last).await.result();
        client.closed().await;
        assert!(round < 3);
    }
}

// ---- the end

#[tokio::test]
async fn a_server_that_stops_lets_calls_finish_and_takes_no_more() {
    let gate = Gate::default();
    let server = listen(HttpServer::new(server_with(&Runs::default(), &gate))).await;
    let address = server.address;
    let (mut busy, mut idle) = (server.connect().await, server.connect().await);
    let session = busy.initialize().await;
    idle.ask(&Ask::ping().session(&session)).await.result();
    busy.write(waits(&session).text()).await;
    gate.entered().await;
    let stopped = server.stop();
    refused(address).await;
    idle.closed().await;
    gate.open();
    let answer = busy.read().await;
    assert_eq!(answer.said().0, "through");
    busy.closed().await;
    stopped.await;
}

#[tokio::test]
async fn a_server_that_nobody_talks_to_stops_at_once() {
    let server = listen(http().shutdown_grace(Duration::from_secs(3600))).await;
    let mut idle = server.connect().await;
    idle.initialize().await;
    server.stop().await;
    idle.closed().await;
}

#[tokio::test]
async fn a_call_that_outlasts_the_grace_is_cut_off() {
    let gate = Gate::default();
    let server = HttpServer::new(server_with(&Runs::default(), &gate)).shutdown_grace(SOON);
    let server = listen(server).await;
    let mut client = server.connect().await;
    let session = client.initialize().await;
    client.write(waits(&session).text()).await;
    gate.entered().await;
    server.stop().await;
    client.closed().await;
}

#[tokio::test]
async fn a_call_that_outlasts_the_grace_is_dropped() {
    let (told, mut hears) = telling();
    let server = Server::new("it", "1").tools([stands(&told)]);
    let server = listen(HttpServer::new(server).shutdown_grace(SOON)).await;
    let mut client = server.connect().await;
    let session = client.initialize().await;
    client
        .write(call(1, "stands").session(&session).text())
        .await;
    hears.hear("entered").await;
    server.stop().await;
    // Not later: when the server has stopped, so have its calls.
    assert!(hears.is("dropped"));
}

#[tokio::test]
async fn a_call_that_has_lost_its_connection_is_waited_for() {
    for kept in [None, Some(Resumption::default())] {
        let (told, mut hears) = telling();
        let signal = Signal::default();
        let server = Server::new("it", "1").tools([stands_until(&signal, &told)]);
        let mut server = HttpServer::new(server).stream_after(Duration::ZERO);
        if let Some(kept) = kept {
            server = server.resumable(kept);
        }
        let server = listen(server).await;
        let address = server.address;
        lose(&server, &mut hears).await;
        let stopped = server.stop();
        refused(address).await;
        hears.nothing();
        signal.give();
        stopped.await;
        assert!(hears.is("finished"));
    }
}

#[tokio::test]
async fn a_call_that_has_lost_its_connection_is_dropped_after_the_grace() {
    for kept in [None, Some(Resumption::default())] {
        let (told, mut hears) = telling();
        let server = Server::new("it", "1").tools([stands(&told)]);
        let mut server = HttpServer::new(server)
            .stream_after(Duration::ZERO)
            .shutdown_grace(SOON);
        if let Some(kept) = kept {
            server = server.resumable(kept);
        }
        let server = listen(server).await;
        lose(&server, &mut hears).await;
        server.stop().await;
        assert!(hears.is("dropped"));
    }
}

/// Calls `stands` over a connection that is lost then.
async fn lose(server: &Listening, hears: &mut Hears) {
    let mut client = server.connect().await;
    let session = client.initialize().await;
    let stream = client.stream(&call(1, "stands").session(&session)).await;
    hears.hear("entered").await;
    drop(stream);
}

/// A call that never ends by itself.
fn stands(told: &Told) -> Tool {
    stands_until(&Signal::default(), told)
}

fn stands_until(signal: &Signal, told: &Told) -> Tool {
    let (signal, told) = (signal.clone(), told.clone());
    tool("stands", move |_| {
        let (signal, told) = (signal.clone(), told.clone());
        async move {
            let dropped = told.when_dropped("dropped");
            told.tell("entered");
            signal.wait().await;
            std::mem::forget(dropped);
            told.tell("finished");
            Ok("done")
        }
    })
}

#[tokio::test]
async fn a_server_stops_even_if_it_is_full() {
    let server = listen(http().max_connections(1)).await;
    let mut one: Client<TcpStream> = server.connect().await;
    one.initialize().await;
    let _waiting = server.connect().await;
    server.stop().await;
    one.closed().await;
}
