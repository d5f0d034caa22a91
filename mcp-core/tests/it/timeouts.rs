//! How long a call may take, of whatever it is, in both eras.

use std::{future::pending, time::Duration};

use mcp_core::{Progress, Prompt, Resource, Server, ServerBuilder, Tool, prelude::*};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use crate::both::{Peer, both};

const SECOND: Duration = Duration::from_secs(1);

/// Never be done
#[mcp_tool]
async fn hang() {
    pending().await
}

/// Be done after so many seconds
#[mcp_tool(timeout = "10s")]
async fn in_time(seconds: u64) -> &'static str {
    sleep(SECOND * seconds as u32).await;
    "done"
}

/// A page that is never written
#[mcp_resource("page://{number}")]
async fn page(number: u64) -> String {
    sleep(SECOND * number as u32).await;
    "written".to_owned()
}

/// Never know one
#[mcp_complete(page, number)]
async fn numbers(_typed: &str) -> Vec<String> {
    pending().await
}

/// A page that may take its time
#[mcp_resource("slow://page", timeout = "2min")]
async fn slow_page() -> String {
    sleep(SECOND * 100).await;
    "written".to_owned()
}

/// Never ask
#[mcp_prompt(title = "Hang")]
async fn hanging() -> String {
    pending().await
}

/// Never ask, for longer
#[mcp_prompt(timeout = "2min")]
async fn hanging_longer() -> String {
    pending().await
}

fn server() -> ServerBuilder {
    Server::new("timeouts", "1")
        .timeout(SECOND * 60)
        .tools(tools![hang, in_time])
        .resources(resources![page, slow_page])
        .prompts(prompts![hanging, hanging_longer])
        .completions(completions![numbers])
}

/// What the model reads of a call that is given up, and after how many seconds.
async fn given_up(peer: &Peer, tool: &str, arguments: Value) -> (String, u64) {
    let params = json!({ "name": tool, "arguments": arguments });
    given_up_as(peer, params).await
}

async fn given_up_as(peer: &Peer, params: Value) -> (String, u64) {
    let began = Instant::now();
    let result = peer.ask("tools/call", params).await;
    assert_eq!(result["isError"], true, "{result}");
    let text = result["content"][0]["text"].as_str().unwrap().to_owned();
    (text, began.elapsed().as_secs())
}

/// The same of what is no tool, for which it is an error.
async fn refused(peer: &Peer, method: &str, params: Value) -> (String, u64) {
    let began = Instant::now();
    let (code, text) = peer.refused(method, params).await;
    assert_eq!(code, -32603, "{text}");
    (text, began.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn what_has_no_timeout_of_its_own_has_that_of_the_server() {
    for peer in both(server()) {
        let (text, took) = given_up(&peer, "hang", json!({})).await;
        assert_eq!(
            text,
            "`hang` was given up: it may take 60s, and was not done; ask it for less, or try \
             again later"
        );
        assert_eq!(took, 60);
        let (text, took) = given_up(&peer, "in_time", json!({ "seconds": 50 })).await;
        assert!(text.contains("it may take 10s"), "{text}");
        assert_eq!(took, 10);
        let uri = json!({ "uri": "page://61" });
        assert_eq!(
            refused(&peer, "resources/read", uri).await,
            (
                "Resource `page://61` was given up: it may take 60s, and was not done; try again \
                 later"
                    .to_owned(),
                60
            )
        );
        let (text, took) = refused(&peer, "prompts/get", json!({ "name": "hanging" })).await;
        assert!(
            text.starts_with("Prompt `hanging` was given up: it may take 60s"),
            "{text}"
        );
        assert_eq!(took, 60);
        let (text, took) = refused(&peer, "prompts/get", json!({ "name": "hanging_longer" })).await;
        assert!(text.contains("it may take 120s"), "{text}");
        assert_eq!(took, 120);
        let typed = json!({
            "ref": { "type": "ref/resource", "uri": "page://{number}" },
            "argument": { "name": "number", "value": "1" },
        });
        let (text, took) = refused(&peer, "completion/complete", typed).await;
        assert!(
            text.starts_with("Completion of `number` was given up: it may take 60s"),
            "{text}"
        );
        assert_eq!(took, 60);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_done_in_time_is_answered() {
    for peer in both(server()) {
        assert_eq!(peer.says("in_time", json!({ "seconds": 9 })).await, "done");
        for uri in ["page://59", "slow://page"] {
            let read = peer.ask("resources/read", json!({ "uri": uri })).await;
            assert_eq!(read["contents"][0]["text"], "written", "{uri}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_added_while_the_server_serves_has_its_timeout_too() {
    let server = server().build().unwrap();
    let handle = server.handle();
    let late = Tool::builder("late").handler(|_: Map<String, Value>, _| async {
        pending::<()>().await;
        Ok(())
    });
    handle.add_tools([late]).unwrap();
    let late = Resource::builder("late://page", "late")
        .handler(|_, _| async { pending::<Result<String, ResourceError>>().await });
    handle.add_resources([late]).unwrap();
    let late = Prompt::builder("late")
        .timeout(SECOND * 5)
        .handler(|_, _| async { pending::<Result<String, ToolError>>().await });
    handle.add_prompts([late]).unwrap();
    for peer in crate::both::both_as(None, &server) {
        assert_eq!(given_up(&peer, "late", json!({})).await.1, 60);
        let uri = json!({ "uri": "late://page" });
        assert_eq!(refused(&peer, "resources/read", uri).await.1, 60);
        let name = json!({ "name": "late" });
        assert_eq!(refused(&peer, "prompts/get", name).await.1, 5);
    }
}

/// Tell progress every so many seconds, so many times; then be silent
#[mcp_tool(timeout = "10s", max_timeout = "1min")]
async fn work_on(every: u64, times: u32, then: u64, progress: Progress) -> &'static str {
    for n in 1..=times {
        sleep(SECOND * every as u32).await;
        progress.report(n.into(), None);
    }
    sleep(SECOND * then as u32).await;
    "done"
}

fn work(every: u64, times: u32, then: u64) -> Value {
    json!({ "every": every, "times": times, "then": then })
}

#[tokio::test(start_paused = true)]
async fn progress_begins_the_time_anew_until_it_is_over_in_all() {
    for peer in both(server().tools(tools![work_on])) {
        // 45 s, never silent for ten of them.
        assert_eq!(peer.says("work_on", work(9, 4, 9)).await, "done");
        let (text, took) = given_up(&peer, "work_on", work(9, 3, 11)).await;
        assert!(
            text.starts_with("`work_on` was given up: it made no progress in 10s;"),
            "{text}"
        );
        assert_eq!(took, 37);
        let (text, took) = given_up(&peer, "work_on", work(9, 1000, 0)).await;
        assert!(
            text.starts_with("`work_on` was given up: it may take 60s, and was not done;"),
            "{text}"
        );
        assert_eq!(took, 60);
        let (_, took) = given_up(&peer, "work_on", work(11, 1, 0)).await;
        assert_eq!(took, 10);
    }
}

#[tokio::test(start_paused = true)]
async fn progress_counts_whether_the_client_wants_to_be_told_or_not() {
    for peer in both(server().tools(tools![work_on])) {
        let params = json!({
            "name": "work_on", "arguments": work(9, 3, 11), "_meta": { "progressToken": "p" },
        });
        assert_eq!(given_up_as(&peer, params).await.1, 37);
    }
}

#[tokio::test(start_paused = true)]
async fn progress_that_is_no_further_gives_no_time() {
    /// Tell the same again and again
    #[mcp_tool(timeout = "10s", max_timeout = "1min")]
    async fn stand_still(ctx: Ctx) {
        loop {
            ctx.progress(1.0, None);
            ctx.progress(f64::NAN, None);
            sleep(SECOND).await;
        }
    }

    for peer in both(server().tools(tools![stand_still])) {
        assert_eq!(given_up(&peer, "stand_still", json!({})).await.1, 10);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_can_tell_no_progress_has_its_time_once() {
    /// Wait
    #[mcp_tool(timeout = "10s", max_timeout = "1min", concurrency = 1)]
    async fn silent() {
        pending().await
    }

    for peer in both(server().tools(tools![silent])) {
        assert_eq!(given_up(&peer, "silent", json!({})).await.1, 10);
        assert_eq!(given_up(&peer, "silent", json!({})).await.1, 10);
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_may_be_as_long_as_can_be_said() {
    let forever = Duration::MAX;
    let tool = Tool::builder("slow")
        .timeout(forever)
        .max_timeout(forever)
        .handler(|_: Map<String, Value>, ctx: Ctx| async move {
            ctx.progress(1.0, None);
            sleep(SECOND * 1000).await;
            Ok("done")
        });
    let server = Server::new("timeouts", "1").timeout(forever);
    for peer in both(server.tools([tool]).resources(resources![page])) {
        assert_eq!(peer.says("slow", json!({})).await, "done");
        let read = peer.ask("resources/read", json!({ "uri": "page://1000" }));
        assert_eq!(read.await["contents"][0]["text"], "written");
    }
}

#[test]
fn times_that_contradict_each_other_are_found_when_the_server_is_built() {
    let tool = |name: &str| Tool::builder(name);
    let done = |_: Map<String, Value>, _: Ctx| async { Ok("") };
    let page = Resource::builder("page://1", "page")
        .timeout(Duration::ZERO)
        .handler(|_, _| async { Ok::<_, ResourceError>("") });
    let error = Server::new("timeouts", "1")
        .timeout(Duration::ZERO)
        .tools([
            tool("alone").max_timeout(SECOND).handler(done),
            tool("less")
                .timeout(SECOND * 2)
                .max_timeout(SECOND)
                .handler(done),
        ])
        .resources([page])
        .build()
        .unwrap_err();
    assert_eq!(
        error.problems(),
        [
            "the server's timeout is zero, and no call ends in no time",
            "tool `alone`: it has a `max_timeout` and no `timeout`, which progress would begin anew",
            "tool `less`: its `max_timeout` of 1s is less than its `timeout` of 2s",
            "resource `page://1`: its timeout is zero, and no call ends in no time",
        ]
    );
}

#[test]
fn a_report_tells_how_long_calls_may_take() {
    let server = server().tools(tools![work_on]).build().unwrap();
    let report = server.report().to_string();
    for told in [
        "tool hang: Never be done\n  60s at most;",
        "tool in_time: Be done after so many seconds\n  10s at most;",
        "10s without progress and 60s at most;",
        "resource page://{number}: A page that is never written\n  text/plain; 60s at most\n",
        "prompt hanging_longer: Never ask, for longer\n  120s at most\n",
    ] {
        assert!(report.contains(told), "{told}: {report}");
    }
}
