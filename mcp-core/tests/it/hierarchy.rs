//! Broader scopes, and what they imply.

use mcp_core::{Caller, Identity, Server, ServerBuilder, handler::Handler, prelude::*};
use serde_json::json;

use crate::both::both_as;

/// By those who may read
#[mcp_tool(scopes("books:read"))]
fn read(who: Identity) -> String {
    let has = |scope| who.has_scope(scope);
    format!(
        "reads, lends {}, {:?}",
        has("books:lend"),
        who.scopes().join(" ")
    )
}

/// By those who may do both
#[mcp_tool(scopes("books:read", "books:lend"))]
fn lend() -> &'static str {
    "lent"
}

/// By those who may do neither
#[mcp_tool(scopes("stats:read"))]
fn stats() -> &'static str {
    "7"
}

#[mcp_resource(
    "books://{name}",
    description = "By those who may read",
    scopes("books:read")
)]
fn page(name: String) -> String {
    name
}

#[mcp_complete(page, name)]
fn names(typed: &str) -> Vec<String> {
    vec![format!("{typed}.")]
}

#[mcp_prompt(description = "By those who may read", scopes("books:read"))]
fn review() -> &'static str {
    "Review it."
}

fn server() -> ServerBuilder {
    Server::new("library", "1")
        .tools(tools![read, lend, stats])
        .resources(resources![page])
        .prompts(prompts![review])
        .completions(completions![names])
}

/// Administrators may lend, and whoever may lend may read.
fn with_hierarchy() -> ServerBuilder {
    server()
        .scope_implies("books:lend", ["books:read"])
        .scope_implies("books:admin", ["books:lend"])
}

fn with(scope: &str) -> Identity {
    Identity::new("ada").with_scopes([scope])
}

#[tokio::test]
async fn a_broader_scope_is_as_good_as_those_it_implies() {
    let server = with_hierarchy().build().unwrap();
    for (scope, lends) in [
        ("books:read", false),
        ("books:lend", true),
        ("books:admin", true),
    ] {
        for peer in both_as(Some(&with(scope)), &server) {
            // What the credential carries is told as it is.
            let said = format!("reads, lends {lends}, {scope:?}");
            assert_eq!(peer.says("read", json!({})).await, said);
            let book = peer.ask("resources/read", json!({ "uri": "books://emma" }));
            assert_eq!(book.await["contents"][0]["text"], "emma");
            peer.ask("prompts/get", json!({ "name": "review" })).await;
            let typed = json!({
                "ref": { "type": "ref/resource", "uri": "books://{name}" },
                "argument": { "name": "name", "value": "e" },
            });
            let completed = peer.ask("completion/complete", typed).await;
            assert_eq!(completed["completion"]["values"], json!(["e."]));
            if lends {
                assert_eq!(peer.says("lend", json!({})).await, "lent");
            }
        }
    }
}

#[tokio::test]
async fn a_narrower_scope_implies_nothing_and_a_name_alone_neither() {
    for (server, scope, needed) in [
        (with_hierarchy(), "books:read", "books:read books:lend"),
        (with_hierarchy(), "books", "books:read books:lend"),
        (with_hierarchy(), "books:adm", "books:read books:lend"),
        (server(), "books:admin", "books:read books:lend"),
    ] {
        let server = server.build().unwrap();
        for peer in both_as(Some(&with(scope)), &server) {
            let (_, message) = peer.refused("tools/call", json!({ "name": "lend" })).await;
            // What is needed is told, and never the broader scope.
            let expected = format!("Insufficient scope for tool: lend: it needs `{needed}`");
            assert_eq!(message, expected);
        }
    }
}

#[tokio::test]
async fn a_filter_reads_scopes_as_the_server_does() {
    let server = with_hierarchy()
        .filter(|caller, item| item.scopes().iter().all(|scope| caller.has_scope(scope)))
        .filter(|caller, item| {
            let may = |who: &Identity| item.scopes().iter().all(|scope| who.has_scope(scope));
            caller.identity().is_some_and(may)
        })
        .build()
        .unwrap();
    for peer in both_as(Some(&with("books:admin")), &server) {
        let listed = peer.ask("tools/list", json!({})).await["tools"].clone();
        let names = listed.as_array().unwrap().iter().map(|tool| &tool["name"]);
        assert_eq!(names.collect::<Vec<_>>(), ["read", "lend"]);
        assert_eq!(peer.says("lend", json!({})).await, "lent");
    }
    // And so does whoever asks what somebody may be told of.
    let (admin, peer) = (with("books:admin"), mcp_core::Peer::default());
    assert!(server.may_watch(Caller::new(Some(&admin), &peer), "books://emma"));
    assert!(!server.may_watch(Caller::new(None, &peer), "books://emma"));
}

#[test]
fn what_is_held_by_a_broader_scope_is_asked_for_as_that_one() {
    let server = with_hierarchy().build().unwrap();
    let peer = mcp_core::Peer::default();
    let scopes = |who: Option<&Identity>| server.scopes(Caller::new(who, &peer));
    assert_eq!(scopes(None), ["books:read", "books:lend", "stats:read"]);
    let admin = with("books:admin");
    assert_eq!(scopes(Some(&admin)), ["books:admin", "stats:read"]);
    let both = Identity::new("ada").with_scopes(["books:admin", "books:read"]);
    assert_eq!(
        scopes(Some(&both)),
        ["books:read", "books:admin", "stats:read"]
    );
}

#[test]
fn what_is_implied_is_checked_when_the_server_is_built() {
    let error = server()
        .scope_implies("a", ["b", "c"])
        .scope_implies("c", ["d"])
        .scope_implies("d", ["a"])
        .scope_implies("e", ["e"])
        .scope_implies("two words", ["\"quoted\""])
        .build()
        .unwrap_err();
    assert_eq!(
        error.problems(),
        [
            "`two words` is no scope: visible ASCII without spaces, quotes and backslashes",
            r#"`\"quoted\"` is no scope: visible ASCII without spaces, quotes and backslashes"#,
            "the scope `a` implies itself: a → c → d → a (setting: `scope_implies`)",
            "the scope `e` implies itself: e → e (setting: `scope_implies`)",
        ]
    );
}

#[test]
fn the_same_may_be_said_twice_and_by_two_ways() {
    let server = server()
        .scope_implies("admin", ["books:lend", "books:read"])
        .scope_implies("admin", ["stats:read", "books:read"])
        .scope_implies("books:lend", ["books:read"])
        .build()
        .unwrap();
    let peer = mcp_core::Peer::default();
    let admin = with("admin");
    assert_eq!(server.scopes(Caller::new(Some(&admin), &peer)), ["admin"]);
}
