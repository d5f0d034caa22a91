//! Streams that are lost and found: event ids, and what comes after them.

use std::{collections::HashSet, time::Duration};

use mcp_core::{
    Ctx, Server, ServerHandle, Tool, changes::Change, era::legacy::Resumption,
    types::logging::LoggingLevel,
};
use mcp_http::HttpServer;
use serde_json::{Value, json};
use tokio::{
    io::DuplexStream,
    time::{Instant, sleep},
};

use crate::{
    client::{Ask, Local, local},
    events::{Block, Signal, Stream, answer, call, get, new_session, resume, telling, text, tool},
    fixture::{ALICE, BOB, http_with_keys},
};

const MINUTE: Duration = Duration::from_secs(60);

/// Logs so many numbers, then answers.
fn counts(to: u32) -> Tool {
    tool("counts", move |ctx: Ctx| async move {
        for n in 0..to {
            ctx.log(LoggingLevel::Info, n);
            tokio::task::yield_now().await;
        }
        Ok("counted")
    })
}

fn quick() -> Tool {
    tool("quick", |_| async { Ok("quick") })
}

struct Scene {
    server: Local,
    handle: ServerHandle,
    session: String,
}

impl Scene {
    async fn new(tools: impl IntoIterator<Item = Tool>) -> Self {
        Self::keeping(Resumption::default(), tools).await
    }

    async fn keeping(kept: Resumption, tools: impl IntoIterator<Item = Tool>) -> Self {
        let server = Server::new("it", "1").tools(tools).build().unwrap();
        let handle = server.handle();
        let server = local(HttpServer::new(server).resumable(kept));
        let session = new_session(&server, &json!({})).await;
        Self {
            server,
            handle,
            session,
        }
    }

    async fn call(&self, id: impl Into<Value>, tool: &str) -> Lost {
        let ask = call(id, tool).session(&self.session);
        Lost::new(self.server.stream(&ask).await).await
    }

    async fn listen(&self) -> Lost {
        Lost::new(self.server.stream(&get(&self.session)).await).await
    }

    async fn resume(&self, after: &str) -> Stream<DuplexStream> {
        self.server.stream(&resume(&self.session, after)).await
    }

    /// Everything that comes after an event, to the end.
    async fn rest(&self, after: &str) -> Vec<Value> {
        self.resume(after).await.messages().await
    }

    /// Whether that event is refused.
    async fn refuses(&self, after: &str) -> bool {
        let ask = resume(&self.session, after);
        let mut client = self.server.connect();
        client.write(ask.text()).await;
        let head = client.begin().await;
        assert!([200, 400, 405].contains(&head.status), "{head:?}");
        head.status == 400
    }
}

/// A stream that may be lost: it remembers the last event.
struct Lost {
    stream: Stream<DuplexStream>,
    origin: String,
    last: String,
}

impl Lost {
    /// Reads the first event: an id, and no data.
    async fn new(mut stream: Stream<DuplexStream>) -> Self {
        let first = stream.block().await.unwrap();
        let id = first.id.clone().expect("an id");
        let expected = Block {
            id: Some(id.clone()),
            data: Some(String::new()),
            ..Block::default()
        };
        assert_eq!(first, expected);
        Self {
            stream,
            origin: id.clone(),
            last: id,
        }
    }

    async fn message(&mut self) -> Value {
        let event = self.stream.event().await.unwrap();
        self.last = event.id.clone().expect("an id");
        event.message()
    }

    /// Ids and messages up to the end.
    async fn all(mut self) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        while let Some(event) = self.stream.event().await {
            all.push((event.id.clone().expect("an id"), event.message()));
        }
        all
    }
}

fn data(message: &Value) -> &Value {
    &message["params"]["data"]
}

// ---- unless asked for

#[tokio::test]
async fn streams_are_not_resumed_unless_the_server_wants_to() {
    let server = Server::new("it", "1").tools([counts(3), quick()]);
    let server = local(HttpServer::new(server));
    let session = new_session(&server, &json!({})).await;
    let mut stream = server.stream(&call(1, "counts").session(&session)).await;
    while let Some(block) = stream.block().await {
        assert_eq!(block.id, None);
    }
    // The header is ignored: it is a stream like any other.
    for after in ["1-0", "garbage", ""] {
        let mut stream = server.stream(&resume(&session, after)).await;
        assert!(stream.block().await.unwrap().is_comment());
    }
}

#[tokio::test]
async fn close_stream_does_nothing_unless_streams_can_be_resumed() {
    let closes = tool("closes", |ctx: Ctx| async move {
        ctx.close_stream(MINUTE);
        tokio::task::yield_now().await;
        Ok("done")
    });
    let server = local(HttpServer::new(Server::new("it", "1").tools([closes])));
    let session = new_session(&server, &json!({})).await;
    let answer = server.ask(&call(1, "closes").session(&session)).await;
    assert_eq!(answer.said().0, "done");
}

#[tokio::test]
async fn a_call_that_answers_at_once_has_no_ids() {
    let scene = Scene::new([quick()]).await;
    let ask = call(1, "quick").session(&scene.session);
    assert_eq!(scene.server.ask(&ask).await.said().0, "quick");
}

// ---- ids

#[tokio::test]
async fn a_stream_begins_with_an_id_and_no_data() {
    let scene = Scene::new([counts(1)]).await;
    scene.call(1, "counts").await;
    scene.listen().await;
}

#[tokio::test(start_paused = true)]
async fn the_first_byte_of_a_silent_stream_is_its_id() {
    let slow = tool("slow", |_| async {
        sleep(MINUTE).await;
        Ok("done")
    });
    let scene = Scene::new([slow]).await;
    let start = Instant::now();
    let lost = scene.call(1, "slow").await;
    assert!(start.elapsed() <= Duration::from_millis(1002));
    assert_eq!(text(&lost.stream.response().await.0), "done");
}

#[tokio::test]
async fn ids_are_unique_in_the_session_and_name_their_stream() {
    let scene = Scene::new([counts(5)]).await;
    let mut listening = scene.listen().await;
    let mut ids = HashSet::new();
    let mut names = HashSet::new();
    let name = |id: &str| id.split_once('-').unwrap().0.to_owned();
    for number in 0..5 {
        let lost = scene.call(number, "counts").await;
        assert!(names.insert(name(&lost.origin)));
        assert!(ids.insert(lost.origin.clone()));
        for (id, _) in lost.all().await {
            assert!(names.contains(&name(&id)));
            assert!(ids.insert(id));
        }
        scene.handle.tell(&Change::Tools);
        listening.message().await;
        assert!(ids.insert(listening.last.clone()));
    }
    assert!(names.insert(name(&listening.origin)));
    assert_eq!(ids.len(), 5 * 8);
}

// ---- coming back

#[tokio::test]
async fn a_stream_that_is_cut_anywhere_goes_on_where_it_was_and_ends_with_the_response() {
    let scene = Scene::new([counts(5)]).await;
    for cut in 0..=5 {
        let mut lost = scene.call(1, "counts").await;
        for n in 0..cut {
            let message = lost.message().await;
            assert_eq!(*data(&message), n);
        }
        let last = lost.last.clone();
        drop(lost);
        let rest = scene.rest(&last).await;
        let (response, before) = rest.split_last().unwrap();
        assert_eq!((&response["id"], text(response)), (&json!(1), "counted"));
        let told: Vec<_> = before.iter().map(data).collect();
        assert_eq!(told, (cut..5).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_again_and_again_loses_and_repeats_nothing() {
    let scene = Scene::new([counts(200)]).await;
    let mut lost = scene.call(1, "counts").await;
    let mut seen = Vec::new();
    'whole: loop {
        for _ in 0..7 {
            let message = lost.message().await;
            if message.get("result").is_some() {
                break 'whole;
            }
            seen.push(data(&message).as_u64().unwrap());
        }
        let last = lost.last.clone();
        drop(lost.stream);
        lost = Lost {
            stream: scene.resume(&last).await,
            origin: last.clone(),
            last,
        };
    }
    assert_eq!(seen, (0..200).collect::<Vec<_>>());
    lost.stream.ended().await;
}

#[tokio::test]
async fn the_same_rest_can_be_had_again() {
    // The answer to the first attempt may have been lost as well.
    let scene = Scene::new([counts(3)]).await;
    let lost = scene.call(1, "counts").await;
    let origin = lost.origin.clone();
    let all: Vec<Value> = lost.all().await.into_iter().map(|(_, m)| m).collect();
    assert_eq!(all.len(), 4);
    for _ in 0..3 {
        assert_eq!(scene.rest(&origin).await, all);
    }
}

#[tokio::test]
async fn nothing_comes_after_the_last_event() {
    let scene = Scene::new([counts(3)]).await;
    let all = scene.call(1, "counts").await.all().await;
    let (last, response) = all.last().unwrap();
    assert_eq!(text(response), "counted");
    // An empty stream would only make the client come back.
    let answer = scene.server.ask(&resume(&scene.session, last)).await;
    answer.refuses(405, &["over"]);
}

#[tokio::test]
async fn only_what_was_on_that_stream_comes_again() {
    let scene = Scene::new([counts(3), quick()]).await;
    let mut listening = scene.listen().await;
    scene.handle.tell(&Change::Tools);
    listening.message().await;
    let one = scene.call("one", "counts").await;
    let two = scene.call("two", "counts").await;
    let origins = [one.origin.clone(), two.origin.clone()];
    drop((one, two));
    for (origin, id) in origins.iter().zip(["one", "two"]) {
        let rest = scene.rest(origin).await;
        assert_eq!(rest.len(), 4);
        assert_eq!(rest[3]["id"], id);
    }
    let origin = listening.origin.clone();
    drop(listening);
    let mut again = scene.resume(&origin).await;
    let message = again.message().await;
    assert_eq!(message["method"], "notifications/tools/list_changed");
    scene.server.ask(&Ask::delete(&scene.session)).await;
    assert_eq!(again.messages().await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_changed_while_nobody_listened_is_told_to_whoever_comes_back_once() {
    let scene = Scene::new([quick()]).await;
    let lost = scene.listen().await;
    let last = lost.last.clone();
    drop(lost);
    scene
        .server
        .ask(&call(1, "quick").session(&scene.session))
        .await;
    scene.handle.tell(&Change::Tools);
    scene.handle.tell(&Change::Prompts);
    scene.handle.tell(&Change::Tools);
    let mut back = Lost {
        stream: scene.resume(&last).await,
        origin: String::new(),
        last,
    };
    for _ in 0..2 {
        let message = back.message().await;
        assert_eq!(message["method"], "notifications/tools/list_changed");
    }
    let last = back.last.clone();
    drop(back);
    let mut again = scene.resume(&last).await;
    scene.server.ask(&Ask::delete(&scene.session)).await;
    assert_eq!(again.messages().await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_was_told_on_another_stream_does_not_come_again() {
    let scene = Scene::new([quick()]).await;
    let lost = scene.listen().await;
    let last = lost.last.clone();
    drop(lost);
    let mut other = scene.listen().await;
    scene.handle.tell(&Change::Tools);
    other.message().await;
    let mut back = scene.resume(&last).await;
    scene.server.ask(&Ask::delete(&scene.session)).await;
    assert_eq!(back.messages().await, Vec::<Value>::new());
}

#[tokio::test]
async fn whoever_comes_back_takes_over_from_a_connection_that_is_not_lost_yet() {
    let signal = Signal::default();
    let goes_on = signal.clone();
    let speaks = tool("speaks", move |ctx: Ctx| {
        let signal = goes_on.clone();
        async move {
            ctx.log(LoggingLevel::Info, 1);
            signal.wait().await;
            ctx.log(LoggingLevel::Info, 2);
            Ok("done")
        }
    });
    let scene = Scene::new([speaks]).await;
    let mut first = scene.call(1, "speaks").await;
    assert_eq!(*data(&first.message().await), 1);
    let mut second = scene.resume(&first.last).await;
    // The server may take time to see that the first is gone; it ends, at once.
    first.stream.ended().await;
    signal.give();
    assert_eq!(*data(&second.message().await), 2);
    assert_eq!(text(&second.response().await.0), "done");
}

// ---- polling

#[tokio::test(start_paused = true)]
async fn a_stream_that_the_server_closes_says_when_to_come_back_and_has_the_rest_then() {
    let (told, mut hears) = telling();
    let polls = tool("polls", move |ctx: Ctx| {
        let told = told.clone();
        async move {
            ctx.log(LoggingLevel::Info, "before");
            ctx.close_stream(Duration::from_millis(1500));
            sleep(MINUTE).await;
            ctx.log(LoggingLevel::Info, "meanwhile");
            ctx.close_stream(Duration::from_secs(3));
            sleep(MINUTE).await;
            told.tell("done");
            Ok("done")
        }
    });
    let scene = Scene::new([polls, quick()]).await;
    let mut lost = scene.call(1, "polls").await;
    assert_eq!(*data(&lost.message().await), "before");
    let retry = |milliseconds| Block {
        retry: Some(milliseconds),
        ..Block::default()
    };
    assert_eq!(lost.stream.block().await, Some(retry(1500)));
    // Only the stream has ended, and not the call: neither is its connection lost.
    let mut client = lost.stream.ended().await;
    let ask = call(2, "quick").session(&scene.session);
    client.ask(&ask).await.result();
    assert_eq!(
        client
            .ask(&call(1, "quick").session(&scene.session))
            .await
            .status,
        400
    );
    hears.nothing();
    let mut stream = scene.resume(&lost.last).await;
    let event = stream.event().await.unwrap();
    assert_eq!(*data(&event.message()), "meanwhile");
    assert_eq!(stream.event().await, Some(retry(3000)));
    stream.ended().await;
    hears.hear("done").await;
    let stream = scene.resume(event.id.as_deref().unwrap()).await;
    assert_eq!(text(&stream.response().await.0), "done");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_closed_first_thing_can_be_found_again() {
    let polls = tool("polls", |ctx: Ctx| async move {
        ctx.close_stream(Duration::ZERO);
        sleep(MINUTE).await;
        Ok("done")
    });
    let scene = Scene::new([polls]).await;
    let mut lost = scene.call(1, "polls").await;
    assert_eq!(lost.stream.block().await.unwrap().retry, Some(0));
    lost.stream.ended().await;
    let stream = scene.resume(&lost.last).await;
    assert_eq!(text(&stream.response().await.0), "done");
}

#[tokio::test(start_paused = true)]
async fn a_question_waits_for_whoever_comes_back() {
    let asks = tool("asks", |ctx: Ctx| async move {
        ctx.close_stream(Duration::from_millis(10));
        Ok(format!("{} roots", ctx.list_roots().await?.len()))
    });
    let server = Server::new("it", "1").tools([asks]);
    let server = local(HttpServer::new(server).resumable(Resumption::default()));
    let session = new_session(&server, &json!({ "roots": {} })).await;
    let stream = server.stream(&call(1, "asks").session(&session)).await;
    let mut lost = Lost::new(stream).await;
    // What is asked just then is still sent; the second time it is asked, nobody is there.
    let question = lost.message().await;
    assert_eq!(question["method"], "roots/list");
    assert_eq!(lost.stream.block().await.unwrap().retry, Some(10));
    lost.stream.ended().await;
    let roots = json!({ "roots": [{ "uri": "file:///a" }] });
    server
        .tell(&answer(&question, &roots).session(&session))
        .await;
    let stream = server.stream(&resume(&session, &lost.last)).await;
    assert_eq!(text(&stream.response().await.0), "1 roots");
}

// ---- what cannot be found

#[tokio::test]
async fn an_id_that_names_nothing_is_refused() {
    let scene = Scene::new([counts(3)]).await;
    let all = scene.call(1, "counts").await.all().await;
    let (last, _) = all.last().unwrap();
    let (stream, number) = last.split_once('-').unwrap();
    let other = new_session(&scene.server, &json!({})).await;
    let next = number.parse::<u64>().unwrap() + 1;
    for id in [
        "",
        "x",
        "-",
        "0-0",
        "1-1",
        "ffffffffffffffff-0",
        stream,
        number,
        // Never given to anybody.
        &format!("{stream}-{next}"),
        &format!("{stream}-{}", u64::MAX),
        &format!("{stream}-{}0", u64::MAX),
        // Given, but not written so.
        &format!("{stream}-0{number}"),
        &format!("{stream}-+{number}"),
        &format!("0{stream}-{number}"),
        &format!("+{stream}-{number}"),
        &format!("{}-{number}", stream.to_uppercase()),
        &format!("{stream}-{number}-{number}"),
        &format!("{stream}--{number}"),
        "\u{fc}-1",
    ] {
        // A name without letters is its own upper case.
        if id == last {
            continue;
        }
        let answer = scene.server.ask(&resume(&scene.session, id)).await;
        answer.refuses(400, &["`Last-Event-ID`"]);
    }
    let twice = resume(&scene.session, last).with("Last-Event-ID", last);
    scene
        .server
        .ask(&twice)
        .await
        .refuses(400, &["`Last-Event-ID`"]);
    // Of another session.
    let answer = scene.server.ask(&resume(&other, last)).await;
    answer.refuses(400, &["`Last-Event-ID`"]);
    let answer = scene.server.ask(&resume("no session", last)).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn nobody_resumes_the_stream_of_another() {
    let server = local(http_with_keys().resumable(Resumption::default()));
    let hello = Ask::initialize("2025-11-25").key(ALICE);
    let session = crate::client::session(&server.ask(&hello).await);
    let lost = Lost::new(server.stream(&get(&session).key(ALICE)).await).await;
    for ask in [
        resume(&session, &lost.last).key(BOB),
        resume(&session, &lost.last),
    ] {
        assert_eq!(server.ask(&ask).await.status, 404);
    }
    // The attempt did not even disturb it.
    server
        .stream(&resume(&session, &lost.last).key(ALICE))
        .await;
    lost.stream.ended().await;
}

#[tokio::test]
async fn the_end_of_a_session_is_the_end_of_what_is_kept() {
    let scene = Scene::new([counts(3)]).await;
    let lost = scene.call(1, "counts").await;
    let last = lost.last.clone();
    lost.all().await;
    scene.server.ask(&Ask::delete(&scene.session)).await;
    let answer = scene.server.ask(&resume(&scene.session, &last)).await;
    assert_eq!(answer.status, 404);
}

// ---- bounds

fn kept(messages: usize, bytes: usize, age: Duration) -> Resumption {
    let mut kept = Resumption::default();
    (kept.messages, kept.bytes, kept.age) = (messages, bytes, age);
    kept
}

#[tokio::test]
async fn what_is_kept_is_bounded_by_count() {
    let scene = Scene::keeping(kept(4, usize::MAX, MINUTE), [counts(10)]).await;
    let lost = scene.call(1, "counts").await;
    let origin = lost.origin.clone();
    lost.all().await;
    let rest = scene.rest(&origin).await;
    let told: Vec<_> = rest.iter().map(data).collect();
    assert_eq!(told, [&json!(7), &json!(8), &json!(9), &Value::Null]);
    assert_eq!(text(&rest[3]), "counted");
}

#[tokio::test]
async fn what_is_kept_is_bounded_in_bytes() {
    let large = tool("large", |ctx: Ctx| async move {
        for n in 0..10 {
            ctx.log(LoggingLevel::Info, json!([n, "x".repeat(1000)]));
            tokio::task::yield_now().await;
        }
        Ok("y".repeat(5000))
    });
    let scene = Scene::keeping(kept(1000, 2500, MINUTE), [large]).await;
    let lost = scene.call(1, "large").await;
    let origin = lost.origin.clone();
    lost.all().await;
    // One message is kept, however large it is.
    let rest = scene.rest(&origin).await;
    assert_eq!(rest.len(), 1);
    assert_eq!(text(&rest[0]).len(), 5000);
}

#[tokio::test]
async fn what_is_kept_is_bounded_by_age() {
    // The age is that of real time, which no test can stop: it is waited for by asking.
    let age = Duration::from_millis(200);
    let scene = Scene::keeping(kept(1000, usize::MAX, age), [counts(3), quick()]).await;
    let lost = scene.call(1, "counts").await;
    let origin = lost.origin.clone();
    assert_eq!(lost.all().await.len(), 4);
    let end = std::time::Instant::now() + 20 * age;
    while !scene.refuses(&origin).await {
        assert!(std::time::Instant::now() < end, "it is still there");
    }
}

#[tokio::test]
async fn a_stream_that_nobody_comes_back_to_is_let_go() {
    let age = Duration::from_millis(200);
    let scene = Scene::keeping(kept(1000, usize::MAX, age), [quick()]).await;
    let lost = scene.listen().await;
    let origin = lost.origin.clone();
    drop(lost);
    // The server has seen it go once it has served somebody else. Whoever asks for it reads it: so
    // others are asked until it is time.
    let ask = call(1, "quick").session(&scene.session);
    let mut client = scene.server.connect();
    client.ask(&ask).await.result();
    let end = std::time::Instant::now() + age;
    while std::time::Instant::now() < end {
        client.ask(&ask).await.result();
    }
    assert!(scene.refuses(&origin).await);
}

#[tokio::test]
async fn what_a_reader_has_not_read_yet_is_never_too_old_for_it() {
    let scene = Scene::keeping(kept(1000, usize::MAX, Duration::ZERO), [counts(50)]).await;
    let all = scene.call(1, "counts").await.all().await;
    assert_eq!(all.len(), 51);
    assert_eq!(text(&all[50].1), "counted");
}

#[tokio::test]
async fn how_many_streams_are_kept_is_bounded_and_the_oldest_goes() {
    let scene = Scene::new([counts(1)]).await;
    let mut origins = Vec::new();
    for id in 0..70 {
        let lost = scene.call(id, "counts").await;
        origins.push(lost.origin.clone());
        lost.all().await;
    }
    for (at, origin) in origins.iter().enumerate() {
        assert_eq!(scene.refuses(origin).await, at < 6, "{at}");
    }
}
