//! Changing a server while it serves.

use std::{sync::Barrier, thread};

use mcp_core::{ServerBuilder, Tool, prelude::*};
use serde_json::{Map, Value, json};

use crate::both::{Peer, both_as};

/// Ask for a review
#[mcp_prompt]
fn review(language: String) -> String {
    format!("Review this {language} code.")
}

/// Languages
#[mcp_complete(review, language)]
fn languages(typed: &str) -> Vec<&'static str> {
    let known = ["python", "rust"].into_iter();
    known.filter(|name| name.starts_with(typed)).collect()
}

/// Languages that are new
#[mcp_complete(review, language)]
fn new_languages(_typed: &str) -> Vec<&'static str> {
    vec!["gleam"]
}

fn server() -> ServerBuilder {
    Server::new("handle", "1")
}

/// What is suggested for the language of a review.
async fn suggested(peer: &Peer) -> Value {
    let params = json!({
        "ref": { "type": "ref/prompt", "name": "review" },
        "argument": { "name": "language", "value": "" },
    });
    let mut result = peer.ask("completion/complete", params).await;
    result["completion"]["values"].take()
}

#[tokio::test]
async fn a_prompt_that_is_added_later_is_completed() {
    let server = server().offers_prompts().offers_completions().build();
    let server = server.unwrap();
    let handle = server.handle();
    handle.add_prompts(prompts![review]).unwrap();
    handle.add_completions(completions![languages]).unwrap();
    for peer in both_as(None, &server) {
        assert_eq!(suggested(&peer).await, json!(["python", "rust"]));
    }
    let again = handle.add_completions(completions![languages]).unwrap_err();
    let problem = "two completions are for `language` of prompt `review`";
    assert_eq!(again.problems(), [problem]);
    handle
        .replace_completions(completions![new_languages])
        .unwrap();
    for peer in both_as(None, &server) {
        assert_eq!(suggested(&peer).await, json!(["gleam"]));
    }
}

#[tokio::test]
async fn a_completion_goes_with_its_prompt_and_comes_back_when_it_is_added() {
    let server = server()
        .prompts(prompts![review])
        .completions(completions![languages]);
    let server = server.build().unwrap();
    let handle = server.handle();
    // One that is replaced is there all the time.
    handle.replace_prompts(prompts![review]).unwrap();
    for peer in both_as(None, &server) {
        assert_eq!(suggested(&peer).await, json!(["python", "rust"]));
    }
    assert!(handle.remove_prompt("review"));
    handle.add_prompts(prompts![review]).unwrap();
    for peer in both_as(None, &server) {
        assert_eq!(suggested(&peer).await, json!([]));
    }
    handle.add_completions(completions![languages]).unwrap();
    for peer in both_as(None, &server) {
        assert_eq!(suggested(&peer).await, json!(["python", "rust"]));
    }
}

#[test]
fn a_completion_of_what_is_not_there_is_refused() {
    let server = server().offers_completions().build().unwrap();
    let error = server.handle().add_completions(completions![languages]);
    let problem = "a completion is for `language` of prompt `review`, which has none";
    assert_eq!(error.unwrap_err().problems(), [problem]);
}

#[test]
fn what_clients_were_not_told_of_cannot_be_added() {
    let server = server().prompts(prompts![review]).build().unwrap();
    let error = server.handle().add_completions(completions![languages]);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("`.offers_completions()`"), "{error}");
}

#[test]
fn of_many_who_remove_a_tool_one_has() {
    let server = server().offers_tools().build().unwrap();
    let handle = server.handle();
    for _ in 0..100 {
        let tool = Tool::builder("tool").handler(|_: Map<String, Value>, _| async { Ok("done") });
        handle.add_tools([tool]).unwrap();
        let together = Barrier::new(4);
        let remove = || {
            together.wait();
            handle.remove_tool("tool")
        };
        let removed = thread::scope(|scope| {
            let all = [(); 4].map(|()| scope.spawn(remove));
            all.map(|one| one.join().unwrap())
        });
        let removed = removed.into_iter().filter(|removed| *removed).count();
        assert_eq!(removed, 1);
    }
    assert!(!handle.remove_tool("tool"));
    assert!(!handle.remove_prompt("none are offered"));
}

#[tokio::test]
async fn what_is_added_may_be_made_with_the_same_handle() {
    let made = |name: &str| {
        let tool = Tool::builder(name).description("A tool of this test");
        tool.handler(|_: Map<String, Value>, _: Ctx| async { Ok("done") })
    };
    let server = server().tools([made("old")]).build().unwrap();
    let handle = server.handle();
    let instead = std::iter::once_with(|| {
        assert!(handle.remove_tool("old"));
        made("new")
    });
    handle.add_tools(instead).unwrap();
    assert!(handle.remove_tool("new"));
}
