//! Log messages, as calls tell them on the way.

use mcp_core::{Ctx, Tool, types::logging::LoggingLevel};
use serde_json::{Value, json, value::RawValue};
use tokio::time::{Instant, sleep};

use super::{MS, serving, session};
use crate::{
    client::{Ask, Local},
    events::{Signal, call, code, request, telling, text, tool},
};

/// Logs at every level.
fn logs() -> Tool {
    use LoggingLevel::{Alert, Critical, Debug, Emergency, Error, Info, Notice, Warning};

    tool("logs", |ctx: Ctx| async move {
        for level in [
            Debug, Info, Notice, Warning, Error, Critical, Alert, Emergency,
        ] {
            ctx.log(level, "x");
        }
        Ok("done")
    })
}

const LEVELS: [&str; 8] = [
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
];

fn set_level(session: &str, level: &str) -> Ask {
    request(9, "logging/setLevel", &json!({ "level": level })).session(session)
}

/// At which levels that session is told.
async fn levels(server: &Local, session: &str) -> Vec<String> {
    let mut stream = server.stream(&call(1, "logs").session(session)).await;
    let mut messages = stream.messages().await;
    messages.pop();
    let level = |message: &Value| message["params"]["level"].as_str().unwrap().to_owned();
    messages.iter().map(level).collect()
}

#[tokio::test]
async fn log_messages_are_told_from_the_level_that_was_set() {
    let server = serving([logs()]);
    let id = session(&server).await;
    for (at, level) in LEVELS.iter().enumerate() {
        let answer = server.ask(&set_level(&id, level)).await;
        assert_eq!(answer.result(), json!({}));
        assert_eq!(levels(&server, &id).await, LEVELS[at..], "{level}");
    }
}

#[tokio::test]
async fn who_has_set_no_level_is_not_told_of_details() {
    let server = serving([logs()]);
    let id = session(&server).await;
    assert_eq!(levels(&server, &id).await, LEVELS[1..]);
}

#[tokio::test]
async fn each_session_has_a_level_of_its_own() {
    let server = serving([logs()]);
    let [one, two] = [session(&server).await, session(&server).await];
    server.ask(&set_level(&one, "alert")).await.result();
    server.ask(&set_level(&two, "critical")).await.result();
    assert_eq!(levels(&server, &one).await, LEVELS[6..]);
    assert_eq!(levels(&server, &two).await, LEVELS[5..]);
    assert_eq!(levels(&server, &session(&server).await).await, LEVELS[1..]);
}

#[tokio::test]
async fn a_level_that_there_is_not_is_refused_and_changes_nothing() {
    let server = serving([logs()]);
    let id = session(&server).await;
    server.ask(&set_level(&id, "alert")).await.result();
    for params in [
        json!({ "level": "loud" }),
        json!({ "level": "Error" }),
        json!({ "level": 3 }),
        json!({ "level": null }),
        json!({}),
    ] {
        let ask = request(1, "logging/setLevel", &params).session(&id);
        let answer = server.ask(&ask).await;
        assert_eq!(code(&answer.json()), -32602, "{params}");
    }
    assert_eq!(levels(&server, &id).await, LEVELS[6..]);
}

#[tokio::test]
async fn a_level_counts_for_calls_that_run_already() {
    let (told, mut hears) = telling();
    let signal = Signal::default();
    let goes_on = signal.clone();
    let chats = tool("chats", move |ctx: Ctx| {
        let (signal, told) = (goes_on.clone(), told.clone());
        async move {
            for n in 0..3 {
                ctx.log(LoggingLevel::Debug, format!("detail {n}"));
                ctx.log(LoggingLevel::Error, format!("fault {n}"));
                told.tell("logged");
                if n < 2 {
                    signal.wait().await;
                }
            }
            Ok("done")
        }
    });
    let server = serving([chats]);
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "chats").session(&id)).await;
    let told = |message: Value| message["params"]["data"].as_str().unwrap().to_owned();
    assert_eq!(told(stream.message().await), "fault 0");
    hears.hear("logged").await;
    server.ask(&set_level(&id, "debug")).await.result();
    signal.give();
    assert_eq!(told(stream.message().await), "detail 1");
    assert_eq!(told(stream.message().await), "fault 1");
    hears.hear("logged").await;
    server.ask(&set_level(&id, "emergency")).await.result();
    signal.give();
    assert_eq!(text(&stream.response().await.0), "done");
}

#[tokio::test]
async fn a_log_message_may_be_anything_and_is_one_line() {
    let odd = tool("odd", |ctx: Ctx| async move {
        let lines = "{\n \"a\":\r\n [1,\n2] }".to_owned();
        ctx.log(LoggingLevel::Info, RawValue::from_string(lines)?);
        ctx.log(LoggingLevel::Info, "a\nb\r\nc\rd\u{2028}\n\ndata: x");
        ctx.log_as("db", LoggingLevel::Warning, json!({ "rows": 3 }));
        ctx.log(LoggingLevel::Info, Option::<u8>::None);
        // Not JSON: it is told as what it is not, and the message is one nevertheless.
        let unspeakable = std::collections::HashMap::from([((1, 2), 3)]);
        ctx.log(LoggingLevel::Info, unspeakable);
        Ok("done")
    });
    let server = serving([odd]);
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "odd").session(&id)).await;
    let messages = stream.messages().await;
    let params = |n: usize| messages[n]["params"].clone();
    assert_eq!(params(0)["data"], json!({ "a": [1, 2] }));
    assert_eq!(params(1)["data"], "a\nb\r\nc\rd\u{2028}\n\ndata: x");
    assert_eq!(
        params(2),
        json!({ "level": "warning", "logger": "db", "data": { "rows": 3 } })
    );
    assert_eq!(params(3)["data"], Value::Null);
    assert_eq!(params(4)["level"], "info");
    assert!(
        params(4)["data"].as_str().unwrap().contains("serialise"),
        "{messages:?}"
    );
    assert_eq!(messages.len(), 6);
}

#[tokio::test]
async fn what_is_logged_may_itself_log() {
    struct Chatty(Ctx);
    impl serde::Serialize for Chatty {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.log(LoggingLevel::Info, "inner");
            serializer.serialize_str("outer")
        }
    }
    let server = serving([tool("chatty", |ctx: Ctx| async move {
        ctx.log(LoggingLevel::Info, Chatty(ctx.clone()));
        Ok("done")
    })]);
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "chatty").session(&id)).await;
    assert_eq!(stream.message().await["params"]["data"], "inner");
    assert_eq!(stream.message().await["params"]["data"], "outer");
    stream.response().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_from_a_task_that_the_call_waits_for_is_sent_at_once() {
    let (told, mut hears) = telling();
    let signal = Signal::default();
    let goes_on = signal.clone();
    let spawns = tool("spawns", move |ctx: Ctx| {
        let (signal, told) = (goes_on.clone(), told.clone());
        async move {
            tokio::spawn(async move {
                for n in 0..3 {
                    signal.wait().await;
                    ctx.log(LoggingLevel::Info, n);
                }
                signal.wait().await;
            })
            .await?;
            told.tell("joined");
            Ok("done")
        }
    });
    let server = serving([spawns]);
    let id = session(&server).await;
    let mut client = server.connect();
    client.write(call(1, "spawns").session(&id).text()).await;
    // Once the call waits for its task and nothing else happens.
    sleep(100 * MS).await;
    let start = Instant::now();
    signal.give();
    let mut stream = client.stream_begins().await;
    assert_eq!(stream.message().await["params"]["data"], 0);
    for n in 1..3 {
        signal.give();
        assert_eq!(stream.message().await["params"]["data"], n);
    }
    assert!(start.elapsed() < 100 * MS);
    hears.nothing();
    signal.give();
    assert_eq!(text(&stream.response().await.0), "done");
}
