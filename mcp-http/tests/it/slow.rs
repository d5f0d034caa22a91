//! Clients that stop reading: what they cost, and whom they do not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcp_core::{
    Ctx, Server, Tool, changes::Change, era::legacy::Resumption, types::logging::LoggingLevel,
};
use mcp_http::HttpServer;
use serde_json::{Value, json};
use tokio::{net::TcpSocket, time::sleep};

use crate::{
    client::{Ask, Client, listen, local},
    events::{Told, call, get, new_session, request, resume, telling, text, tool},
};

/// Of 10 kB each, 10 MB.
const MESSAGES: usize = 1000;

/// Logs 10 MB, counting as it goes, and tells how it ends.
fn floods(told: &Told, count: &Arc<AtomicUsize>) -> Tool {
    let (told, count) = (told.clone(), Arc::clone(count));
    tool("floods", move |ctx: Ctx| {
        let (told, count) = (told.clone(), Arc::clone(&count));
        async move {
            let dropped = told.when_dropped("dropped");
            for n in 0..MESSAGES {
                ctx.log(LoggingLevel::Info, json!([n, "x".repeat(10_000)]));
                count.store(n + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
            std::mem::forget(dropped);
            told.tell("finished");
            Ok("done")
        }
    })
}

fn quick() -> Tool {
    tool("quick", |_| async { Ok("quick") })
}

fn number(message: &Value) -> usize {
    let number = message["params"]["data"][0].as_u64().unwrap();
    usize::try_from(number).unwrap()
}

#[tokio::test]
async fn who_stops_reading_is_cut_off_after_write_timeout_and_the_call_goes_on() {
    let (told, mut hears) = telling();
    let count = Arc::default();
    let server = Server::new("it", "1").tools([floods(&told, &count), quick()]);
    let server = HttpServer::new(server).write_timeout(Duration::from_millis(500));
    let server = listen(server).await;
    let mut other = server.connect().await;
    let id = other.initialize().await;
    // A window that is full soon.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let slow = socket.connect(server.address).await.unwrap();
    let mut stream = Client::new(slow)
        .stream(&call(1, "floods").session(&id))
        .await;
    assert_eq!(number(&stream.message().await), 0);
    // Others are answered meanwhile, until the call has ended without its client.
    while !hears.is("finished") {
        let answer = other.ask(&call(2, "quick").session(&id)).await;
        assert_eq!(answer.said().0, "quick");
    }
    assert_eq!(count.load(Ordering::SeqCst), MESSAGES);
    stream.cut().await;
    let ping = request(1, "ping", &json!({})).session(&id);
    other.ask(&ping).await.result();
}

#[tokio::test(start_paused = true)]
async fn what_is_held_for_who_does_not_read_is_bounded() {
    let (told, mut hears) = telling();
    let count = Arc::default();
    let server = Server::new("it", "1").tools([floods(&told, &count)]);
    let server = local(HttpServer::new(server));
    let id = new_session(&server, &json!({})).await;
    let mut stream = server.stream(&call(1, "floods").session(&id)).await;
    assert_eq!(number(&stream.message().await), 0);
    // The clock goes on once nothing else does.
    sleep(Duration::from_secs(1)).await;
    let told = count.load(Ordering::SeqCst);
    assert!(told * 10_000 < 600 * 1024, "{told} messages are held");
    hears.nothing();
    // Who reads on later has missed nothing, since the call has waited.
    let messages = stream.messages().await;
    let (response, before) = messages.split_last().unwrap();
    assert_eq!(text(response), "done");
    let numbers: Vec<usize> = before.iter().map(number).collect();
    assert_eq!(numbers, (1..MESSAGES).collect::<Vec<_>>());
    hears.hear("finished").await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_can_be_resumed_does_not_hold_up_its_call() {
    let (told, mut hears) = telling();
    let count = Arc::default();
    let server = Server::new("it", "1").tools([floods(&told, &count)]);
    let server = local(HttpServer::new(server).resumable(Resumption::default()));
    let id = new_session(&server, &json!({})).await;
    let mut stream = server.stream(&call(1, "floods").session(&id)).await;
    let origin = stream.block().await.unwrap().id.unwrap();
    hears.hear("finished").await;
    // What is kept is no more than the last megabyte, whoever asks for it.
    let seen = stream.messages().await;
    assert!(seen.len() < 120, "{}", seen.len());
    let mut again = server.stream(&resume(&id, &origin)).await;
    let kept = again.messages().await;
    assert!(kept.len() < 110, "{}", kept.len());
    for messages in [seen, kept] {
        let (response, before) = messages.split_last().unwrap();
        assert_eq!(text(response), "done");
        let numbers: Vec<usize> = before.iter().map(number).collect();
        assert!(numbers.is_sorted());
        assert_eq!(numbers.last(), Some(&(MESSAGES - 1)));
    }
}

#[tokio::test(start_paused = true)]
async fn what_changes_while_a_listener_does_not_read_is_bounded_and_others_are_told() {
    const CHANGES: usize = 20_000;
    let server = Server::new("it", "1").tools([quick()]).build().unwrap();
    let handle = server.handle();
    let server = local(HttpServer::new(server));
    let (one, two) = (
        new_session(&server, &json!({})).await,
        new_session(&server, &json!({})).await,
    );
    let mut slow = server.stream(&get(&one)).await;
    let mut fast = server.stream(&get(&two)).await;
    assert!(slow.block().await.unwrap().is_comment());
    for _ in 0..CHANGES {
        handle.tell(&Change::Tools);
        assert!(fast.message().await["method"].is_string());
    }
    server.ask(&Ask::delete(&one)).await;
    let told = slow.messages().await.len();
    // What the pipe and the connection hold, and 64 more.
    assert!((64..2500).contains(&told), "{told}");
}

#[tokio::test]
async fn who_reads_slowly_but_reads_is_not_cut_off() {
    let (told, mut hears) = telling();
    let count = Arc::default();
    let server = Server::new("it", "1").tools([floods(&told, &count)]);
    let server = HttpServer::new(server).write_timeout(Duration::from_millis(600));
    let server = listen(server).await;
    let mut client = server.connect().await;
    let id = client.initialize().await;
    let mut stream = client.stream(&call(1, "floods").session(&id)).await;
    // Longer than the timeout in all, never for as long at once.
    for n in 0..MESSAGES {
        assert_eq!(number(&stream.message().await), n);
        if n % 100 == 0 {
            sleep(Duration::from_millis(100)).await;
        }
    }
    assert_eq!(text(&stream.response().await.0), "done");
    hears.hear("finished").await;
}

#[tokio::test]
async fn many_who_stop_reading_hold_up_nobody_else() {
    let (told, mut hears) = telling();
    let count = Arc::default();
    let server = Server::new("it", "1").tools([floods(&told, &count), quick()]);
    let server = HttpServer::new(server).write_timeout(Duration::from_millis(500));
    let server = listen(server).await;
    let mut other = server.connect().await;
    let id = other.initialize().await;
    let mut slow = Vec::new();
    for n in 0..8 {
        let client = server.connect().await;
        let mut stream = client.stream(&call(n, "floods").session(&id)).await;
        stream.message().await;
        slow.push(stream);
    }
    for n in 0..200 {
        let answer = other.ask(&call(1000 + n, "quick").session(&id)).await;
        assert_eq!(answer.said().0, "quick");
    }
    for _ in 0..8 {
        hears.hear("finished").await;
    }
}
