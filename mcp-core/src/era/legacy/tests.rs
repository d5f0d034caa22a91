//! What no client can see: what is remembered, who is woken, and when.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use serde_json::{Map, Value, json, value::RawValue};

use super::{Call, Legacy, Session, SessionOptions, Step};
use crate::{
    Ctx, Server, ServerHandle, Tool,
    changes::Change,
    era::{
        Delivery,
        stream::{EventId, Item, Reader, Resumption},
    },
    handler::Handler,
    jsonrpc::{Incoming, Message, RequestId},
    types::{logging::LoggingLevel, roots::Root},
};

/// A server with tools for every end there is.
fn server() -> Server {
    fn tool<Fut>(name: &str, run: impl Fn(Ctx) -> Fut + Send + Sync + 'static) -> Tool
    where
        Fut: Future<Output = Result<&'static str, crate::ToolError>> + Send + 'static,
    {
        Tool::builder(name).handler(move |_: Map<String, Value>, ctx| run(ctx))
    }

    let answers = tool("answers", |_| async { Ok("done") });
    let waits = tool("waits", |_| pending());
    let asks = tool("asks", |ctx| async move {
        let roots: Result<Vec<Root>, _> = ctx.list_roots().await;
        Ok(if roots.is_ok() { "answered" } else { "not" })
    });
    let panics = tool("panics", |_| async {
        let mut first = true;
        std::future::poll_fn(|cx| {
            if std::mem::take(&mut first) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            panic!("so it does");
        })
        .await
    });
    Server::new("it", "1")
        .tools([answers, waits, asks, panics])
        .offers_resources()
        .build()
        .unwrap()
}

struct Scene {
    legacy: Legacy,
    session: Session,
    handle: ServerHandle,
}

impl Scene {
    fn new(change: impl FnOnce(&mut SessionOptions)) -> Self {
        Self::of(server(), change)
    }

    fn of(server: Server, change: impl FnOnce(&mut SessionOptions)) -> Self {
        let mut options = SessionOptions::default();
        change(&mut options);
        let handle = server.handle();
        let handler: Arc<dyn Handler> = Arc::new(server);
        let legacy = Legacy::new(handler, options).unwrap();
        let session = session(&legacy);
        Self {
            legacy,
            session,
            handle,
        }
    }

    fn call(&self, id: i64, tool: &str) -> Box<Call> {
        let call = json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": tool },
        });
        let message = Bytes::from(call.to_string());
        let Ok(Incoming::One(Message::Request { id, method, params })) = Incoming::parse(&message)
        else {
            panic!("no request");
        };
        let delivery = Delivery::Stream;
        let call = self.legacy.call(
            &self.session,
            None,
            &id,
            &method,
            params,
            &message,
            delivery,
        );
        call.unwrap()
    }

    fn cancel(&self, id: i64) {
        let params = RawValue::from_string(json!({ "requestId": id }).to_string()).unwrap();
        self.legacy.notified(
            &self.session,
            "notifications/cancelled",
            Some((&*params).into()),
        );
    }

    fn subscribe(&self) {
        self.legacy.live.subscribe(&self.session, "a://b").unwrap();
    }

    #[track_caller]
    fn remembers_nothing(&self) {
        assert!(self.legacy.live.is_empty());
    }
}

fn session(legacy: &Legacy) -> Session {
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": { "roots": {} } });
    let params = RawValue::from_string(params.to_string()).unwrap();
    let (_, id) = legacy.initialize(None, &RequestId::from(0_i64), Some((&*params).into()));
    legacy.sessions().open(&id.unwrap(), None).unwrap()
}

fn poll(call: &mut Call) -> Poll<Step> {
    call.poll_step(&mut Context::from_waker(Waker::noop()))
}

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn read(reader: &mut Reader) -> Poll<Option<Item>> {
    reader.poll_next(&mut Context::from_waker(Waker::noop()))
}

// ---- nothing is left

#[test]
fn nothing_is_left_of_a_call_however_it_ends() {
    let scene = Scene::new(|_| {});
    let mut call = scene.call(1, "answers");
    assert!(matches!(poll(&mut call), Poll::Ready(Step::Done(_))));
    drop(call);
    scene.remembers_nothing();

    let mut call = scene.call(1, "panics");
    assert!(poll(&mut call).is_pending());
    assert!(matches!(poll(&mut call), Poll::Ready(Step::Done(_))));
    scene.remembers_nothing();

    // Never polled; dropped while it runs.
    drop(scene.call(1, "waits"));
    scene.remembers_nothing();
    let mut call = scene.call(1, "waits");
    assert!(poll(&mut call).is_pending());
    assert!(!scene.legacy.live.is_empty());
    drop(call);
    scene.remembers_nothing();

    // Cancelled: at once, before anybody has polled it again.
    let mut call = scene.call(1, "waits");
    assert!(poll(&mut call).is_pending());
    scene.cancel(1);
    scene.remembers_nothing();
    assert!(matches!(poll(&mut call), Poll::Ready(Step::Cancelled)));
    scene.remembers_nothing();
}

#[test]
fn nothing_is_left_of_a_question_however_it_ends() {
    let ask = |scene: &Scene| {
        let mut call = scene.call(1, "asks");
        assert!(matches!(poll(&mut call), Poll::Ready(Step::Send(_))));
        assert!(poll(&mut call).is_pending());
        assert!(call.waits_for_answer() && !scene.legacy.live.is_empty());
        call
    };
    let ends = |call: &mut Call| {
        while let Poll::Ready(step) = poll(call) {
            if matches!(step, Step::Done(_) | Step::Cancelled) {
                return;
            }
        }
        panic!("it does not end");
    };
    let scene = Scene::new(|_| {});
    drop(ask(&scene));
    scene.remembers_nothing();
    let mut call = ask(&scene);
    call.time_out();
    ends(&mut call);
    scene.remembers_nothing();
    let mut call = ask(&scene);
    call.nobody_listens();
    ends(&mut call);
    scene.remembers_nothing();
    let mut call = ask(&scene);
    scene.cancel(1);
    scene.remembers_nothing();
    ends(&mut call);
    scene.remembers_nothing();
    let mut call = ask(&scene);
    scene.legacy.live.end(&scene.session);
    scene.remembers_nothing();
    ends(&mut call);
    scene.remembers_nothing();
}

#[test]
fn nothing_is_left_of_a_stream_that_nobody_can_come_back_to() {
    let scene = Scene::new(|_| {});
    drop(scene.legacy.listen(&scene.session));
    scene.legacy.live.sweep(Instant::now(), session_begins());
    scene.remembers_nothing();
}

#[test]
fn what_is_kept_is_let_go_when_it_is_too_old_whether_or_not_anybody_comes_back() {
    let age = Duration::from_secs(300);
    let scene = Scene::new(|options| options.resumption = Some(Resumption::default()));
    let listening = scene.legacy.listen(&scene.session);
    let mut call = scene.call(1, "waits");
    assert!(poll(&mut call).is_pending());
    let (kept, reader) = call.keep().unwrap();
    drop((listening, reader));
    let later = |seconds| Instant::now() + age + Duration::from_secs(seconds);
    // The call still runs: its stream is kept, read or not.
    scene.legacy.live.sweep(later(1), session_begins());
    scene.cancel(1);
    assert!(!scene.legacy.live.is_empty());
    drop(kept);
    scene.legacy.live.sweep(Instant::now(), session_begins());
    assert!(!scene.legacy.live.is_empty(), "not old yet");
    scene.legacy.live.sweep(later(1), session_begins());
    scene.remembers_nothing();
}

#[test]
fn what_nobody_reads_is_not_kept_beyond_what_there_is_room_for() {
    let kept = Resumption {
        total_bytes: 2000,
        ..Resumption::default()
    };
    let scene = Scene::new(|options| options.resumption = Some(kept));
    let mut call = scene.call(1, "waits");
    assert!(poll(&mut call).is_pending());
    let (kept, reader) = call.keep().unwrap();
    let origin = reader.origin().unwrap();
    drop(reader);
    kept.send("x".repeat(1000));
    kept.send("y".repeat(5000));
    assert!(scene.call(2, "waits").keep().is_some(), "there is room");
    // It goes on, and may be read on.
    kept.send("z".repeat(100));
    let mut reader = scene.legacy.resume(&scene.session, origin).unwrap();
    assert!(
        matches!(read(&mut reader), Poll::Ready(Some(Item::Message { data, .. })) if data.len() == 100)
    );
    drop(reader);
    // How it ended is lost, and who comes back for it learns that.
    kept.send("y".repeat(5000));
    drop(kept);
    assert!(scene.legacy.resume(&scene.session, origin).is_none());
}

#[test]
fn nothing_is_left_of_a_session_whose_time_is_over() {
    let scene = Scene::new(|options| options.resumption = Some(Resumption::default()));
    scene.subscribe();
    scene
        .legacy
        .live
        .set_level(&scene.session, LoggingLevel::Debug)
        .unwrap();
    let mut listening = scene.legacy.listen(&scene.session);
    let day = 24 * 60 * 60;
    scene
        .legacy
        .live
        .sweep(Instant::now(), session_begins() + day - 60);
    assert!(read(&mut listening).is_pending());
    scene
        .legacy
        .live
        .sweep(Instant::now(), session_begins() + day + 60);
    assert!(matches!(read(&mut listening), Poll::Ready(None)));
    scene.remembers_nothing();
}

fn session_begins() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_secs()
}

// ---- ids

#[test]
fn of_two_calls_by_one_id_that_start_together_the_first_is_untouched() {
    let scene = Scene::new(|_| {});
    let mut first = scene.call(1, "waits");
    let mut second = scene.call(1, "waits");
    assert!(poll(&mut first).is_pending());
    let Poll::Ready(Step::Done(sealed)) = poll(&mut second) else {
        panic!("it runs");
    };
    let response = sealed.into_response().to_vec();
    let response: Value = serde_json::from_slice(&response).unwrap();
    assert_eq!(response["error"]["code"], -32600);
    drop(second);
    // Its end was not the end of the first.
    scene.cancel(1);
    assert!(matches!(poll(&mut first), Poll::Ready(Step::Cancelled)));
}

#[test]
fn a_call_that_outlives_its_session_does_not_take_the_id_of_another() {
    let scene = Scene::new(|_| {});
    let mut first = scene.call(1, "waits");
    assert!(poll(&mut first).is_pending());
    scene.legacy.live.end(&scene.session);
    // One that was let in before the session ended, and starts after.
    let mut second = scene.call(1, "waits");
    assert!(poll(&mut second).is_pending());
    assert!(matches!(poll(&mut first), Poll::Ready(Step::Cancelled)));
    drop(first);
    scene.cancel(1);
    assert!(matches!(poll(&mut second), Poll::Ready(Step::Cancelled)));
    scene.remembers_nothing();
}

#[test]
fn a_stream_that_is_opened_as_its_session_ends_ends_too() {
    let scene = Scene::new(|_| {});
    let params = json!({ "protocolVersion": "2025-11-25" }).to_string();
    let params = RawValue::from_string(params).unwrap();
    let (_, id) = scene
        .legacy
        .initialize(None, &RequestId::from(0_i64), Some((&*params).into()));
    let id = id.unwrap();
    let session = scene.legacy.sessions().open(&id, None).unwrap();
    assert!(scene.legacy.end(&id, None));
    let mut reader = scene.legacy.listen(&session);
    assert!(matches!(read(&mut reader), Poll::Ready(None)));
    scene.remembers_nothing();
}

#[test]
fn a_stream_that_is_opened_as_the_server_goes_down_ends_at_once() {
    let scene = Scene::new(|_| {});
    scene.legacy.close_streams();
    let mut reader = scene.legacy.listen(&scene.session);
    assert!(matches!(read(&mut reader), Poll::Ready(None)));
}

// ---- who is woken

#[test]
fn who_cancels_wakes_the_driver_and_drops_the_handler_without_it() {
    struct Dropped(Arc<AtomicUsize>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&drops);
    let holds = Tool::builder("holds").handler(move |_: Map<String, Value>, _| {
        let dropped = Dropped(Arc::clone(&counted));
        async move {
            pending::<()>().await;
            drop(dropped);
            Ok("never")
        }
    });
    let server = Server::new("it", "1").tools([holds]).build().unwrap();
    let scene = Scene::of(server, |_| {});
    let woken = Arc::new(Count::default());
    let mut call = scene.call(1, "holds");
    let waker = Waker::from(Arc::clone(&woken));
    assert!(
        call.poll_step(&mut Context::from_waker(&waker))
            .is_pending()
    );
    scene.cancel(1);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
}

#[test]
fn what_a_waker_does_is_nobodys_concern() {
    /// Talks on the line that it was woken by, as an executor may that drops or logs.
    struct Talks(Mutex<Option<Ctx>>, AtomicUsize);
    impl Wake for Talks {
        fn wake(self: Arc<Self>) {
            self.1.fetch_add(1, Ordering::SeqCst);
            let ctx = self.0.lock().unwrap().take();
            if let Some(ctx) = ctx {
                ctx.progress(2.0, None);
                ctx.log(LoggingLevel::Error, "woken");
                assert!(!ctx.is_cancelled());
            }
        }
    }
    let shelf = Arc::new(Mutex::new(None));
    let shelved = Arc::clone(&shelf);
    let leaves = Tool::builder("leaves").handler(move |_: Map<String, Value>, ctx| {
        *shelved.lock().unwrap() = Some(ctx);
        pending::<Result<&str, _>>()
    });
    let server = Server::new("it", "1").tools([leaves]).build().unwrap();
    let scene = Scene::of(server, |_| {});
    let mut call = scene.call(1, "leaves");
    let talks = Arc::new(Talks(Mutex::default(), AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&talks));
    assert!(
        call.poll_step(&mut Context::from_waker(&waker))
            .is_pending()
    );
    let ctx: Ctx = shelf.lock().unwrap().take().unwrap();
    *talks.0.lock().unwrap() = Some(ctx.clone());
    ctx.log(LoggingLevel::Error, "first");
    assert_eq!(talks.1.load(Ordering::SeqCst), 1);
    for _ in 0..2 {
        assert!(matches!(poll(&mut call), Poll::Ready(Step::Send(_))));
    }
    // The same for streams that belong to no call: a change amid being told of one.
    struct Changes(ServerHandle, AtomicUsize);
    impl Wake for Changes {
        fn wake(self: Arc<Self>) {
            if self.1.fetch_add(1, Ordering::SeqCst) == 0 {
                self.0.tell(&Change::Tools);
            }
        }
    }
    let mut reader = scene.legacy.listen(&scene.session);
    let waker = Waker::from(Arc::new(Changes(scene.handle.clone(), AtomicUsize::new(0))));
    let mut cx = Context::from_waker(&waker);
    assert!(reader.poll_next(&mut cx).is_pending());
    scene.handle.tell(&Change::Tools);
    for _ in 0..2 {
        assert!(matches!(read(&mut reader), Poll::Ready(Some(_))));
    }
    assert!(read(&mut reader).is_pending());
}

#[test]
fn what_is_told_after_the_handler_has_ended_is_not_sent_before_its_response() {
    let shelf = Arc::new(Mutex::new(None));
    let shelved = Arc::clone(&shelf);
    let leaves = Tool::builder("leaves").handler(move |_: Map<String, Value>, ctx: Ctx| {
        let shelved = Arc::clone(&shelved);
        async move {
            ctx.log(LoggingLevel::Error, "one");
            ctx.log(LoggingLevel::Error, "two");
            *shelved.lock().unwrap() = Some(ctx);
            Ok("done")
        }
    });
    let server = Server::new("it", "1").tools([leaves]).build().unwrap();
    let scene = Scene::of(server, |_| {});
    let mut call = scene.call(1, "leaves");
    assert!(matches!(poll(&mut call), Poll::Ready(Step::Send(_))));
    let ctx: Ctx = shelf.lock().unwrap().take().unwrap();
    ctx.log(LoggingLevel::Error, "too late");
    assert!(matches!(poll(&mut call), Poll::Ready(Step::Send(_))));
    assert!(matches!(poll(&mut call), Poll::Ready(Step::Done(_))));
}

// ---- streams

#[test]
fn a_message_goes_to_a_stream_that_somebody_reads() {
    let scene = Scene::new(|_| {});
    let mut older = scene.legacy.listen(&scene.session);
    let newer = scene.legacy.listen(&scene.session);
    assert!(read(&mut older).is_pending());
    // Told before, so that nothing waits for it just now.
    scene.handle.tell(&Change::Tools);
    drop(newer);
    for _ in 0..3 {
        scene.handle.tell(&Change::Resources);
    }
    for _ in 0..3 {
        assert!(matches!(read(&mut older), Poll::Ready(Some(_))));
    }
    assert!(read(&mut older).is_pending());
}

#[test]
fn an_id_is_read_only_as_it_was_written() {
    let id = EventId::parse("1f-7").unwrap();
    assert_eq!(id.to_string(), "1f-7");
    for text in [
        "1F-7", "01f-7", "+1f-7", "1f-+7", "1f-07", "1f-7 ", "1f", "-7", "1f-",
    ] {
        assert!(EventId::parse(text).is_none(), "{text}");
    }
}
