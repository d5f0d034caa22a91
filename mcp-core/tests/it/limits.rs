//! How much of a tool its callers may use, in both eras.

use std::{
    future::{Future, pending},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc::{Receiver, Sender, channel},
    },
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use mcp_core::{Rate, ServerBuilder, Tool, prelude::*};
use serde_json::{Value, json};
use tokio::time::{Instant, advance, sleep};

use crate::both::{Peer, both, both_as};

const SECOND: Duration = Duration::from_secs(1);

fn builder() -> ServerBuilder {
    Server::new("limits", "1")
}

/// Count
#[mcp_tool(rate_limit = "2/min")]
fn count(by: u32) -> String {
    by.to_string()
}

/// A call of `count`: what the model reads if it is refused.
async fn counted(peer: &Peer) -> Result<(), String> {
    met(&peer.call("count", json!({ "by": 1 })).await)
}

/// What the model reads, if it is of an error.
fn met(result: &Value) -> Result<(), String> {
    match result.get("isError") {
        None => Ok(()),
        Some(_) => Err(result["content"][0]["text"].as_str().unwrap().to_owned()),
    }
}

fn again_in(seconds: u32) -> Result<(), String> {
    let limit = "`count` may be called 2 times a minute";
    Err(format!("{limit}; try again in {seconds} s"))
}

#[tokio::test(start_paused = true)]
async fn a_rate_is_kept_for_each_caller_and_says_when_to_try_again() {
    let server = builder().tools(tools![count]).build().unwrap();
    let alice = both_as(Some(&Identity::new("alice")), &server);
    let bob = both_as(Some(&Identity::new("bob")), &server);
    let other = Identity::new("alice").with_issuer("https://id.example.com");
    let other = both_as(Some(&other), &server);
    // One caller, whichever era they come in.
    assert_eq!(counted(&alice[0]).await, Ok(()));
    assert_eq!(counted(&alice[1]).await, Ok(()));
    for alice in &alice {
        assert_eq!(counted(alice).await, again_in(60));
    }
    advance(SECOND * 20).await;
    assert_eq!(counted(&bob[0]).await, Ok(()));
    assert_eq!(counted(&other[1]).await, Ok(()));
    advance(SECOND * 79 / 2).await;
    assert_eq!(counted(&alice[0]).await, again_in(1));
    advance(SECOND / 2).await;
    assert_eq!(counted(&alice[1]).await, Ok(()));
    assert_eq!(counted(&alice[0]).await, Ok(()));
    assert_eq!(counted(&alice[0]).await, again_in(60));
    // A minute begins with a caller's own first call.
    assert_eq!(counted(&bob[1]).await, Ok(()));
    assert_eq!(counted(&bob[1]).await, again_in(20));
}

#[tokio::test(start_paused = true)]
async fn callers_whom_nobody_knows_are_one_caller() {
    let server = builder().tools(tools![count]).build().unwrap();
    let nobody = [both_as(None, &server), both_as(None, &server)];
    assert_eq!(counted(&nobody[0][0]).await, Ok(()));
    assert_eq!(counted(&nobody[1][1]).await, Ok(()));
    assert_eq!(counted(&nobody[0][1]).await, again_in(60));
    let known = both_as(Some(&Identity::new("alice")), &server);
    assert_eq!(counted(&known[0]).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_call_counts_if_its_arguments_do_not_fit_and_not_if_it_was_refused() {
    for peer in both(builder().tools(tools![count])) {
        for _ in 0..2 {
            let unfit = met(&peer.call("count", json!({ "by": "?" })).await).unwrap_err();
            assert!(unfit.starts_with("`by`"), "{unfit}");
        }
        for _ in 0..5 {
            assert_eq!(counted(&peer).await, again_in(60));
        }
        advance(SECOND * 60).await;
        assert_eq!(counted(&peer).await, Ok(()));
        advance(SECOND * 60).await;
    }
}

/// For some
#[mcp_tool(scopes("some"), rate_limit = "1/min", concurrency = 1)]
fn for_some() -> &'static str {
    "some"
}

#[tokio::test(start_paused = true)]
async fn who_may_not_use_a_tool_uses_up_no_call_of_it() {
    let server = builder().tools(tools![for_some]).build().unwrap();
    for scopes in [&[][..], &["some"]] {
        let alice = Identity::new("alice").with_scopes(scopes.iter().copied());
        let [alice, _] = both_as(Some(&alice), &server);
        let params = json!({ "name": "for_some" });
        if scopes.is_empty() {
            alice.refused("tools/call", params).await;
        } else {
            assert_eq!(met(&alice.ask("tools/call", params).await), Ok(()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_stays_keeps_its_counts_when_the_list_changes() {
    /// Another
    #[mcp_tool]
    fn another() {}

    let server = builder().tools(tools![count]).build().unwrap();
    let handle = server.handle();
    for peer in both_as(None, &server) {
        assert_eq!(counted(&peer).await, Ok(()));
        assert_eq!(counted(&peer).await, Ok(()));
        handle.add_tools(tools![another]).unwrap();
        assert_eq!(counted(&peer).await, again_in(60));
        assert!(handle.remove_tool("another"));
        assert_eq!(counted(&peer).await, again_in(60));
        // The same tool, made again.
        handle.replace_tools(tools![count]).unwrap();
        assert_eq!(counted(&peer).await, again_in(60));
        // Other limits are counted from their beginning.
        let more = Tool::builder("count")
            .rate_limit(Rate::new(1, SECOND))
            .handler(|_: serde_json::Map<String, Value>, _| async { Ok("more") });
        handle.replace_tools([more]).unwrap();
        assert_eq!(counted(&peer).await, Ok(()));
        let limit = "`count` may be called once a second; try again in 1 s";
        assert_eq!(counted(&peer).await, Err(limit.to_owned()));
        handle.replace_tools(tools![count]).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn every_server_counts_for_itself() {
    let once = Tool::builder("count")
        .rate_limit(Rate::new(1, SECOND))
        .handler(|_: serde_json::Map<String, Value>, _| async { Ok("once") });
    let one = builder().tools([once.clone()]).build().unwrap();
    let two = builder().tools([once]).build().unwrap();
    for server in [&one, &two] {
        let [peer, _] = both_as(None, server);
        assert_eq!(counted(&peer).await, Ok(()));
        assert!(counted(&peer).await.is_err());
    }
}

/// Work
#[mcp_tool(concurrency = 2, timeout = "10s")]
async fn work(how: String) -> Result<&'static str, ToolError> {
    match how.as_str() {
        "fail" => return Err(ToolError::user("failed")),
        "hang" => pending().await,
        "panic" => {
            tokio::task::yield_now().await;
            panic!("on purpose")
        }
        _ => {}
    }
    Ok("done")
}

fn working(how: &str) -> Value {
    json!({ "name": "work", "arguments": { "how": how } })
}

/// Polls once.
fn start<T>(future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_run_at_a_time_than_may_whoever_calls() {
    let server = builder().tools(tools![work]).build().unwrap();
    let alice = both_as(Some(&Identity::new("alice")), &server);
    let bob = both_as(Some(&Identity::new("bob")), &server);
    let full = "`work` runs 2 calls at a time, and no more now; try again in a moment";
    for (alice, bob) in alice.iter().zip(&bob) {
        let mut first = pin!(alice.ask("tools/call", working("hang")));
        assert!(start(first.as_mut()).is_pending());
        let [third, _] = both_as(None, &server);
        {
            let mut second = pin!(bob.ask("tools/call", working("hang")));
            assert!(start(second.as_mut()).is_pending());
            for _ in 0..3 {
                let third = met(&third.ask("tools/call", working("")).await);
                assert_eq!(third, Err(full.to_owned()));
            }
        }
        let third = met(&third.ask("tools/call", working("")).await);
        assert_eq!(third, Ok(()), "the second was dropped");
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_ends_a_call_another_may_run_then() {
    let server = builder().tools(tools![work]).build().unwrap();
    let unfit = json!({ "name": "work", "arguments": { "what": 1 } });
    for peer in both_as(None, &server) {
        // More than may run at a time of each: none leaves anything behind.
        for params in [
            working(""),
            working("fail"),
            working("panic"),
            working("hang"),
            unfit.clone(),
        ] {
            for _ in 0..3 {
                let response = peer.send("tools/call", params.clone()).await.to_string();
                assert!(!response.contains("at a time"), "{params}: {response}");
            }
        }
        for _ in 0..3 {
            let [other, _] = both_as(None, &server);
            let mut dropped = pin!(other.send("tools/call", working("hang")));
            assert!(start(dropped.as_mut()).is_pending());
        }
    }
}

/// Work on and on, and tell how far it is
#[mcp_tool(timeout = "10s")]
async fn work_on(ctx: Ctx, ended: State<Arc<AtomicBool>>) {
    struct Ended(State<Arc<AtomicBool>>);

    impl Drop for Ended {
        fn drop(&mut self) {
            self.0.store(true, SeqCst);
        }
    }

    let _ended = Ended(ended);
    for n in 0_u32.. {
        ctx.progress(n.into(), None);
        sleep(SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_dropped_when_its_time_is_over_whatever_progress_it_tells() {
    let ended = Arc::new(AtomicBool::new(false));
    let server = builder().state(Arc::clone(&ended)).tools(tools![work_on]);
    let server = server.build().unwrap();
    for peer in both_as(None, &server) {
        let began = Instant::now();
        let params = json!({ "name": "work_on", "_meta": { "progressToken": 1 } });
        let told = met(&peer.ask("tools/call", params).await).unwrap_err();
        assert!(
            told.starts_with("`work_on` was given up: it may take 10s"),
            "{told}"
        );
        let took = began.elapsed();
        assert!(took >= 10 * SECOND && took < 11 * SECOND, "{took:?}");
        assert!(ended.swap(false, SeqCst));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_in_time_says_what_it_has_to_say() {
    /// Work
    #[mcp_tool(timeout = "10s")]
    async fn in_time(seconds: u64) -> &'static str {
        sleep(SECOND * seconds as u32).await;
        "done"
    }

    /// Add
    #[mcp_tool(timeout = "1ms", concurrency = 1, rate_limit = "9/s")]
    fn at_once(a: i64, b: i64) -> i64 {
        a + b
    }

    for peer in both(builder().tools(tools![in_time, at_once])) {
        assert_eq!(peer.says("in_time", json!({ "seconds": 9 })).await, "done");
        let late = peer.call("in_time", json!({ "seconds": 11 })).await;
        assert!(met(&late).is_err());
        assert_eq!(peer.says("at_once", json!({ "a": 1, "b": 2 })).await, "3");
    }
}

#[test]
fn a_function_that_is_not_async_has_a_place_while_it_runs() {
    /// Wait where it is called
    #[mcp_tool(concurrency = 1)]
    fn here(threads: State<Threads>) {
        let threads = threads.lock().unwrap();
        threads.1.send(()).unwrap();
        threads.0.recv().unwrap();
    }

    let ((go, may_go), (began, has_begun)) = (channel(), channel());
    let server = builder().state::<Threads>(Mutex::new((may_go, began)));
    let server = server.tools(tools![here]).build().unwrap();
    let call = || {
        let [peer, _] = both_as(None, &server);
        match start(pin!(peer.call("here", json!({})))) {
            Poll::Ready(result) => met(&result),
            Poll::Pending => panic!("nothing to wait for"),
        }
    };
    thread::scope(|scope| {
        let first = scope.spawn(call);
        has_begun.recv().unwrap();
        let full = "`here` runs 1 call at a time, and no more now; try again in a moment";
        assert_eq!(call(), Err(full.to_owned()));
        go.send(()).unwrap();
        assert_eq!(first.join().unwrap(), Ok(()));
    });
}

type Threads = Mutex<(Receiver<()>, Sender<()>)>;

/// Wait on a thread
#[mcp_tool(blocking, timeout = "10s", concurrency = 1)]
fn on_a_thread(threads: State<Threads>) {
    let threads = threads.lock().unwrap();
    threads.0.recv().unwrap();
    threads.1.send(()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_function_on_a_thread_is_answered_in_time_and_has_its_place_until_its_end() {
    let ((go, may_go), (ended, has_ended)) = (channel(), channel());
    let server = builder().state::<Threads>(Mutex::new((may_go, ended)));
    let server = server.tools(tools![on_a_thread]).build().unwrap();
    for peer in both_as(None, &server) {
        let mut call = pin!(peer.call("on_a_thread", json!({})));
        assert!(start(call.as_mut()).is_pending());
        // While a thread is busy, a clock that stands does not go on by itself.
        advance(SECOND * 10).await;
        let told = met(&call.await).unwrap_err();
        assert!(told.contains("it may take 10s"), "{told}");
        let other = met(&peer.call("on_a_thread", json!({})).await).unwrap_err();
        assert!(other.contains("runs 1 call at a time"), "{other}");
        go.send(()).unwrap();
        has_ended.recv().unwrap();
        // The function has ended, and its thread is about to.
        loop {
            let mut next = pin!(peer.call("on_a_thread", json!({})));
            if start(next.as_mut()).is_pending() {
                go.send(()).unwrap();
                has_ended.recv().unwrap();
                assert_eq!(met(&next.await), Ok(()));
                break;
            }
            thread::yield_now();
        }
    }
}

/// Wait on a thread for somebody to give up
#[mcp_tool(blocking, timeout = "10s")]
fn on_a_thread_that_looks(ctx: Ctx, threads: State<Threads>) {
    let threads = threads.lock().unwrap();
    while !ctx.is_cancelled() {
        thread::yield_now();
    }
    threads.1.send(()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_runs_on_can_see_that_its_time_is_over() {
    let ((_, never), (ended, has_ended)) = (channel(), channel());
    let server = builder().state::<Threads>(Mutex::new((never, ended)));
    let server = server.tools(tools![on_a_thread_that_looks]).build();
    for peer in both_as(None, &server.unwrap()) {
        let mut call = pin!(peer.call("on_a_thread_that_looks", json!({})));
        assert!(start(call.as_mut()).is_pending());
        advance(SECOND * 10).await;
        assert!(met(&call.await).is_err());
        has_ended.recv().unwrap();
    }
}

#[test]
fn a_timeout_of_nothing_is_found_when_the_server_is_built() {
    let never = Tool::builder("never")
        .timeout(Duration::ZERO)
        .handler(|_: serde_json::Map<String, Value>, _| async { Ok("never") });
    let error = builder().tools([never]).build().unwrap_err().to_string();
    assert!(
        error.ends_with("tool `never`: its timeout is zero, and no call ends in no time"),
        "{error}"
    );
}
