//! Connections that somebody else has accepted: they are treated as those of our own listener.

use std::{
    future::{Future, poll_fn},
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use mcp_core::Server;
use mcp_http::{HttpServer, McpService};
use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex},
    task::JoinHandle,
    time::{Instant, timeout},
};

use crate::{
    client::{Ask, Client},
    events::{call, get, telling, tool},
    fixture::http,
    modern,
};

/// A connection to this service, and what is ready when that has ended.
fn connect(service: &McpService) -> (Client<DuplexStream>, JoinHandle<()>) {
    let (ours, theirs) = duplex(64 * 1024);
    let served = service.clone().serve_connection(theirs);
    (Client::new(ours), tokio::spawn(served))
}

fn service(http: HttpServer) -> McpService {
    http.into_service().unwrap()
}

#[tokio::test]
async fn a_connection_of_ones_own_is_served() {
    let service = service(http());
    let (mut client, served) = connect(&service);
    let session = client.initialize().await;
    let echo = Ask::call("echo", &json!({ "text": "here" })).session(&session);
    assert_eq!(client.ask(&echo).await.said().0, "here");
    drop(client);
    served.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn it_has_the_time_for_heads_that_was_set() {
    let service = service(http().header_timeout(Duration::from_secs(3)));
    let (mut client, _) = connect(&service);
    let begun = Instant::now();
    client.closed().await;
    assert_eq!(begun.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn it_may_be_idle_for_as_long_as_was_set() {
    let service = service(http().idle_timeout(Duration::from_secs(5)));
    let (mut client, _) = connect(&service);
    client.initialize().await;
    let begun = Instant::now();
    client.closed().await;
    assert_eq!(begun.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn it_waits_for_a_place_while_there_is_none() {
    let service = service(http().max_connections(1));
    let (mut one, first) = connect(&service);
    let session = one.initialize().await;
    let (mut two, _) = connect(&service);
    two.write(Ask::ping().session(&session).text()).await;
    for _ in 0..50 {
        one.ask(&Ask::ping().session(&session)).await.result();
    }
    drop(one);
    first.await.unwrap();
    two.read().await.result();
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_a_place_no_longer_than_for_a_head() {
    let service = service(
        http()
            .max_connections(1)
            .header_timeout(Duration::from_secs(3)),
    );
    let (mut one, _) = connect(&service);
    one.initialize().await;
    let (mut two, _) = connect(&service);
    let begun = Instant::now();
    two.closed().await;
    assert_eq!(begun.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn it_keeps_its_times_though_another_task_goes_on_with_it() {
    let service = service(http().header_timeout(Duration::from_secs(3)));
    let (_ours, theirs) = duplex(64 * 1024);
    let mut served = Box::pin(service.serve_connection(theirs));
    let waits = poll_fn(|cx| Poll::Ready(served.as_mut().poll(cx).is_pending())).await;
    assert!(waits);
    let begun = Instant::now();
    let ended = timeout(Duration::from_secs(60), tokio::spawn(served)).await;
    ended.unwrap().unwrap();
    assert_eq!(begun.elapsed().as_secs(), 3);
}

/// What takes bytes and cannot send them, as TLS does over a peer that reads nothing.
struct Stuck(DuplexStream);

impl AsyncRead for Stuck {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stuck {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_and_not_sent_is_waited_for_no_longer_than_was_set() {
    let service = service(http().write_timeout(Duration::from_secs(7)));
    let (ours, theirs) = duplex(64 * 1024);
    let served = tokio::spawn(service.serve_connection(Stuck(theirs)));
    let mut client = Client::new(ours);
    client.write(Ask::initialize("2025-11-25").text()).await;
    let begun = Instant::now();
    served.await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn signs_of_life_that_are_not_sent_either_make_nobody_wait_longer() {
    let http = http().keep_alive(Duration::from_secs(2));
    let service = service(http.write_timeout(Duration::from_secs(7)));
    let (ours, theirs) = duplex(64 * 1024);
    let served = tokio::spawn(service.serve_connection(Stuck(theirs)));
    let listen = modern::request(1, "subscriptions/listen", &json!({ "notifications": {} }));
    let mut client = Client::new(ours);
    client.write(listen.text()).await;
    let begun = Instant::now();
    timeout(Duration::from_secs(60), served)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(begun.elapsed().as_secs(), 7);
}

#[tokio::test]
async fn a_service_that_closes_ends_its_streams_and_lets_calls_finish() {
    let gate = crate::fixture::Gate::default();
    let server = crate::fixture::server_with(&crate::fixture::Runs::default(), &gate);
    let service = service(HttpServer::new(server));
    let (mut busy, _) = connect(&service);
    let session = busy.initialize().await;
    let (listens, _) = connect(&service);
    let mut listens = listens.stream(&get(&session)).await;
    assert!(listens.block().await.is_some());
    let (subscribed, _) = connect(&service);
    let listen = modern::request(1, "subscriptions/listen", &json!({ "notifications": {} }));
    let mut subscribed = subscribed.stream(&listen).await;
    subscribed.message().await;
    busy.write(Ask::call("waits", &json!({})).session(&session).text())
        .await;
    gate.entered().await;

    service.close();
    listens.ended().await.closed().await;
    assert_eq!(subscribed.messages().await.len(), 2, "cancelled, and over");
    let stopped = tokio::spawn({
        let service = service.clone();
        async move { service.shutdown().await }
    });
    // Who comes now is not served any more.
    let (mut late, _) = connect(&service);
    late.closed().await;
    gate.open();
    assert_eq!(busy.read().await.said().0, "through");
    busy.closed().await;
    stopped.await.unwrap();
}

#[tokio::test]
async fn a_stream_that_is_opened_as_the_end_has_begun_is_over_at_once() {
    let service = service(http());
    let (mut client, _) = connect(&service);
    let session = client.initialize().await;
    // Not by `serve_connection`, which takes no more: by a router that still does.
    let through_a_router = |ask: &Ask| {
        let (ours, theirs) = duplex(64 * 1024);
        let served = hyper::server::conn::http1::Builder::new()
            .serve_connection(hyper_util::rt::TokioIo::new(theirs), service.clone());
        tokio::spawn(served);
        let ask = ask.clone();
        async move { Client::new(ours).stream(&ask).await }
    };
    service.close();
    through_a_router(&get(&session)).await.ended().await;
    let listen = modern::request(1, "subscriptions/listen", &json!({ "notifications": {} }));
    let messages = through_a_router(&listen).await.messages().await;
    assert_eq!(messages.len(), 3, "{messages:?}");
}

#[tokio::test(start_paused = true)]
async fn what_outlasts_the_grace_of_a_service_is_dropped() {
    let (told, mut hears) = telling();
    let stands = tool("stands", move |_| {
        let told = told.clone();
        async move {
            let _dropped = told.when_dropped("dropped");
            told.tell("entered");
            std::future::pending::<()>().await;
            Ok("done")
        }
    });
    let server = Server::new("it", "1").tools([stands]);
    let service = service(HttpServer::new(server).shutdown_grace(Duration::from_secs(20)));
    let (mut client, _) = connect(&service);
    let session = client.initialize().await;
    client
        .write(call(1, "stands").session(&session).text())
        .await;
    hears.hear("entered").await;
    let begun = Instant::now();
    service.shutdown().await;
    assert_eq!(begun.elapsed().as_secs(), 20);
    assert!(hears.is("dropped"));
}

#[tokio::test]
async fn a_call_goes_on_without_its_connection_once_the_service_is_dropped() {
    let (told, mut hears) = telling();
    let signal = crate::events::Signal::default();
    let waiting = signal.clone();
    let waits = tool("waits", move |_| {
        let (told, signal) = (told.clone(), waiting.clone());
        async move {
            told.tell("entered");
            signal.wait().await;
            told.tell("finished");
            Ok("done")
        }
    });
    let server = HttpServer::new(Server::new("it", "1").tools([waits]));
    let service = service(server.stream_after(Duration::ZERO));
    let (mut client, served) = connect(&service);
    let session = client.initialize().await;
    let stream = client.stream(&call(1, "waits").session(&session)).await;
    hears.hear("entered").await;
    drop((stream, service));
    served.await.unwrap();
    signal.give();
    hears.hear("finished").await;
}
