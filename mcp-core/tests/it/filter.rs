//! What a caller gets to see, and that the rest is not there for them.

use std::time::Duration;

use mcp_core::{
    Cache, CacheScope, Completion, Identity, Item, Resource, ResourceError, Server, ServerBuilder,
    handler::Handler, prelude::*,
};
use serde_json::{Value, json};

use crate::both::{Peer, both, both_as};

/// For everybody
#[mcp_tool]
fn open() -> &'static str {
    "open"
}

/// For administrators
#[mcp_tool(name = "admin.reset")]
fn reset(
    /// What to reset
    name: String,
) -> String {
    name
}

#[mcp_resource("docs://open", description = "For everybody")]
fn open_page() -> &'static str {
    "open"
}

#[mcp_resource("admin://log", description = "For administrators")]
fn log() -> &'static str {
    "log"
}

#[mcp_resource("docs://pages/{page}", description = "For everybody")]
fn page(page: String) -> String {
    page
}

#[mcp_resource("admin://logs/{day}", description = "For administrators")]
fn logs(day: String) -> String {
    day
}

#[mcp_prompt(name = "greet", description = "For everybody")]
fn greet(name: String) -> String {
    format!("Hello, {name}!")
}

#[mcp_prompt(name = "admin.audit", description = "For administrators")]
fn audit(name: String) -> String {
    name
}

fn server() -> ServerBuilder {
    Server::new("filter", "1")
        .tools(tools![reset, open])
        .resources(resources![log, open_page, logs, page])
        .prompts(prompts![audit, greet])
        .completions(
            ["greet", "admin.audit"].map(|prompt| {
                Completion::of_prompt(prompt, "name", |_, _| async { Ok(vec!["Ann"]) })
            }),
        )
        .completions([Completion::of_resource(
            "admin://logs/{day}",
            "day",
            |_, _| async { Ok(vec!["today"]) },
        )])
}

fn is_for_administrators(item: Item<'_>) -> bool {
    item.uri().unwrap_or(item.name()).starts_with("admin")
}

fn filtered() -> ServerBuilder {
    server().filter(|caller, item| !is_for_administrators(item) || caller.has_scope("admin"))
}

fn administrator() -> Identity {
    Identity::new("alice").with_scopes(["admin"])
}

#[test]
fn scopes_are_those_of_what_is_seen_each_once() {
    let server = Server::new("filter", "1")
        .tools(tools![reset])
        .resources(resources![scoped_page])
        .prompts(prompts![scoped])
        .filter(|caller, item| item.name() != "scoped" || caller.has_scope("admin"))
        .filter(|caller, item| item.uri().is_none() || caller.identity().is_some())
        .build()
        .unwrap();
    let peer = mcp_core::Peer::default();
    let seen_by = |who: Option<&Identity>| server.scopes(mcp_core::Caller::new(who, &peer));
    assert!(seen_by(None).is_empty());
    assert_eq!(seen_by(Some(&Identity::new("bob"))), ["books:read"]);
    assert_eq!(seen_by(Some(&administrator())), ["books:read"]);
}

#[tokio::test]
async fn what_may_be_typed_is_completed_for_those_who_may_use_it() {
    let server =
        Server::new("filter", "1")
            .prompts(prompts![scoped, named])
            .resources(resources![scoped_page])
            .completions(["scoped", "named"].map(|prompt| {
                Completion::of_prompt(prompt, "name", |_, _| async { Ok(vec!["Ann"]) })
            }))
            .completions([Completion::of_resource(
                "books://{name}",
                "name",
                |_, _| async { Ok(vec!["Ann"]) },
            )])
            .build()
            .unwrap();
    let argument = json!({ "name": "name", "value": "" });
    let of = |kind: &str, key: &str, name: &str| json!({ "ref": { "type": kind, key: name }, "argument": argument });
    let params = [
        of("ref/prompt", "name", "scoped"),
        of("ref/resource", "uri", "books://{name}"),
        of("ref/prompt", "name", "named"),
    ];
    let reader = Identity::new("alice").with_scopes(["books:read"]);
    for (identity, served) in [
        (None, [false, false, false]),
        (Some(Identity::new("bob")), [false, false, true]),
        (Some(reader), [true, true, true]),
    ] {
        for peer in both_as(identity.as_ref(), &server) {
            for (params, served) in params.iter().zip(served) {
                let response = peer.send("completion/complete", params.clone()).await;
                assert_eq!(response.get("result").is_some(), served, "{response}");
            }
        }
    }
}

#[mcp_prompt(description = "By those who may read", scopes("books:read"))]
fn scoped(name: String) -> String {
    name
}

#[mcp_prompt(description = "By those who are known")]
fn named(name: String, _who: Identity) -> String {
    name
}

#[mcp_resource(
    "books://{name}",
    description = "By those who may read",
    scopes("books:read")
)]
fn scoped_page(name: String) -> String {
    name
}

/// What the members of a list are called.
async fn listed(peer: &Peer, method: &str, list: &str, key: &str) -> Vec<String> {
    let result = peer.ask(method, json!({})).await;
    let entries = result[list].as_array().unwrap().iter();
    entries
        .map(|entry| entry[key].as_str().unwrap().to_owned())
        .collect()
}

async fn everything(peer: &Peer) -> Vec<String> {
    let mut all = listed(peer, "tools/list", "tools", "name").await;
    all.extend(listed(peer, "resources/list", "resources", "uri").await);
    let templates = (
        "resources/templates/list",
        "resourceTemplates",
        "uriTemplate",
    );
    all.extend(listed(peer, templates.0, templates.1, templates.2).await);
    all.extend(listed(peer, "prompts/list", "prompts", "name").await);
    all
}

#[tokio::test]
async fn what_is_hidden_is_on_no_list() {
    let server = filtered().build().unwrap();
    for identity in [None, Some(Identity::new("bob"))] {
        for peer in both_as(identity.as_ref(), &server) {
            let seen = ["open", "docs://open", "docs://pages/{page}", "greet"];
            assert_eq!(everything(&peer).await, seen);
        }
    }
    for peer in both_as(Some(&administrator()), &server) {
        let all = [
            ["admin.reset", "open"],
            ["admin://log", "docs://open"],
            ["admin://logs/{day}", "docs://pages/{page}"],
            ["admin.audit", "greet"],
        ];
        assert_eq!(everything(&peer).await, all.as_flattened());
    }
}

#[tokio::test]
async fn what_is_hidden_is_answered_as_if_it_did_not_exist() {
    let named = |name: &str| json!({ "name": name, "arguments": { "name": "x" } });
    let at = |uri: &str| json!({ "uri": uri });
    let prompt = |name: &str| {
        let of = json!({ "type": "ref/prompt", "name": name });
        json!({ "ref": of, "argument": { "name": "name", "value": "" } })
    };
    let template = |uri: &str| {
        let of = json!({ "type": "ref/resource", "uri": uri });
        json!({ "ref": of, "argument": { "name": "day", "value": "" } })
    };
    let server = filtered().build().unwrap();
    // The same request for what is hidden, and for what nobody has registered.
    for (method, hidden, absent, params) in [
        (
            "tools/call",
            "admin.reset",
            "admin.upset",
            &named as &dyn Fn(&str) -> Value,
        ),
        ("resources/read", "admin://log", "admin://fog", &at),
        ("resources/read", "admin://logs/1", "admin://fogs/1", &at),
        ("prompts/get", "admin.audit", "admin.audio", &named),
        ("completion/complete", "admin.audit", "admin.audio", &prompt),
        (
            "completion/complete",
            "admin://logs/{day}",
            "admin://fogs/{day}",
            &template,
        ),
    ] {
        for peer in both_as(None, &server) {
            let told = peer.send(method, params(hidden)).await;
            assert!(told.get("error").is_some(), "{told}");
            let expected = peer.send(method, params(absent)).await.to_string();
            assert_eq!(told.to_string(), expected.replace(absent, hidden));
        }
        for peer in both_as(Some(&administrator()), &server) {
            peer.ask(method, params(hidden)).await;
        }
    }
}

#[tokio::test]
async fn a_hidden_resource_does_not_stand_in_the_way_of_a_family() {
    let secret = Resource::builder("docs://pages/secret", "secret")
        .handler(|_, _| async { Ok::<_, ResourceError>("of the administrators") });
    let server = Server::new("filter", "1")
        .resources(resources![page])
        .resources([secret])
        .filter(|caller, item| item.name() != "secret" || caller.has_scope("admin"));
    for peer in both(server) {
        let read = json!({ "uri": "docs://pages/secret" });
        let read = peer.ask("resources/read", read).await;
        assert_eq!(read["contents"][0]["text"], "secret");
    }
}

#[tokio::test]
async fn pages_hold_what_is_shown_and_their_cursors_name_nothing_else() {
    let numbered = |number: usize| {
        let name = format!("tool{number}");
        let take = |_: serde_json::Map<_, _>, _| async { Ok("done") };
        mcp_core::Tool::builder(name)
            .description("A tool")
            .handler(take)
    };
    let server = Server::new("filter", "1")
        .tools((0..9).map(numbered))
        .page_size(2)
        .filter(|caller, item| {
            caller.has_scope("admin") || !["tool1", "tool2", "tool4"].contains(&item.name())
        })
        .build()
        .unwrap();
    let pages = async |peer: &Peer| {
        let (mut pages, mut cursors, mut params) = (Vec::new(), Vec::new(), json!({}));
        loop {
            let page = peer.ask("tools/list", params).await;
            let tools = page["tools"].as_array().unwrap().iter();
            let names: String = tools
                .map(|tool| &tool["name"].as_str().unwrap()[4..])
                .collect();
            pages.push(names);
            let Some(cursor) = page.get("nextCursor") else {
                return (pages, cursors);
            };
            cursors.push(cursor.clone());
            params = json!({ "cursor": cursor });
        }
    };
    let mut of_all = Vec::new();
    for peer in both_as(Some(&administrator()), &server) {
        let (all, cursors) = pages(&peer).await;
        assert_eq!(all, ["01", "23", "45", "67", "8"]);
        of_all = cursors;
    }
    for peer in both_as(None, &server) {
        let (shown, _) = pages(&peer).await;
        assert_eq!(shown, ["03", "56", "78"]);
        // Of what is hidden, a cursor says as little as one that nobody has made.
        let refused = peer
            .refused("tools/list", json!({ "cursor": of_all[1] }))
            .await;
        let unknown = peer.refused("tools/list", json!({ "cursor": "x" })).await;
        assert_eq!(refused, unknown);
    }
}

#[tokio::test]
async fn all_filters_must_agree() {
    let server = server()
        .filter(|_, item| matches!(item, Item::Tool(_)))
        .filter(|_, item| !is_for_administrators(item));
    for peer in both(server) {
        assert_eq!(everything(&peer).await, ["open"]);
    }
}

/// By those who may read
#[mcp_tool(scopes("books:read"), tags("catalogue", "stable"))]
fn read() -> &'static str {
    "read"
}

#[mcp_resource("docs://draft", description = "By nobody yet", tags("draft"))]
fn draft() -> &'static str {
    "draft"
}

#[mcp_prompt(description = "By those who are known", requires_auth, tags("stable"))]
fn known() -> &'static str {
    "known"
}

#[tokio::test]
async fn a_filter_knows_how_its_author_sorts_things_and_who_may_use_them() {
    let server = Server::new("filter", "1")
        .tools(tools![read])
        .resources(resources![draft])
        .prompts(prompts![known])
        .filter(|_, item| item.has_tag("stable") && !item.has_tag("draft"))
        .filter(|caller, item| item.scopes().iter().all(|scope| caller.has_scope(scope)))
        .filter(|caller, item| caller.identity().is_some() || !item.requires_auth())
        .build()
        .unwrap();
    let (reader, bob) = (
        Identity::new("alice").with_scopes(["books:read"]),
        Identity::new("bob"),
    );
    for (identity, seen) in [
        (None, &[][..]),
        (Some(&bob), &["known"]),
        (Some(&reader), &["read", "known"]),
    ] {
        for peer in both_as(identity, &server) {
            assert_eq!(everything(&peer).await, seen);
        }
    }
    for peer in both_as(Some(&bob), &server) {
        // A scope that is asked for would tell that there is something to ask for.
        let refused = peer.refused("tools/call", json!({ "name": "read" })).await;
        assert_eq!(refused, (-32602, "Unknown tool: read".to_owned()));
    }
}

#[tokio::test]
async fn a_filter_that_panics_hides_and_costs_nothing_else() {
    let server = server().filter(|_, item| {
        assert!(!is_for_administrators(item), "the password is hunter2");
        true
    });
    for peer in both(server) {
        let params = json!({ "name": "admin.reset", "arguments": { "name": "x" } });
        let (code, message) = peer.refused("tools/call", params).await;
        assert_eq!((code, &*message), (-32602, "Unknown tool: admin.reset"));
        assert_eq!(peer.says("open", json!({})).await, "open");
        assert!(everything(&peer).await.contains(&"greet".to_owned()));
    }
}

#[tokio::test]
async fn a_filter_knows_who_calls_through_what_and_how() {
    #[derive(Clone)]
    struct Internal;

    let server = server()
        .filter(|caller, item| {
            let is_it = caller.client().info.name == "it";
            let is_internal = caller.transport::<Internal>().is_some();
            is_it && (is_internal || caller.identity().is_some() || !is_for_administrators(item))
        })
        .build()
        .unwrap();
    let reset = json!({ "name": "admin.reset", "arguments": { "name": "all" } });
    for peer in both_as(None, &server) {
        peer.refused("tools/call", reset.clone()).await;
        peer.over(Internal).ask("tools/call", reset.clone()).await;
    }
    for peer in both_as(Some(&Identity::new("bob")), &server) {
        peer.ask("tools/call", reset.clone()).await;
    }
}

#[tokio::test]
async fn what_differs_from_caller_to_caller_is_kept_by_its_caller_alone() {
    let public = Cache {
        ttl: Duration::from_secs(60),
        scope: CacheScope::Public,
    };
    let page = || {
        Resource::builder("docs://public", "public")
            .cache(public)
            .handler(|_, _| async { Ok::<_, ResourceError>("text") })
    };
    for (server, scope) in [(server(), "public"), (filtered(), "private")] {
        for peer in both(server.resources([page()]).list_cache(public)) {
            for (method, params) in [
                ("tools/list", json!({})),
                ("resources/list", json!({})),
                ("resources/templates/list", json!({})),
                ("prompts/list", json!({})),
                ("resources/read", json!({ "uri": "docs://public" })),
            ] {
                let result = &peer.send(method, params).await["result"];
                if let Some(told) = result.get("cacheScope") {
                    assert_eq!(told, scope, "{method}");
                    assert_eq!(result["ttlMs"], 60_000, "{method}");
                }
            }
        }
    }
}

#[tokio::test]
async fn nobody_is_told_of_changes_to_what_is_hidden_from_them() {
    let server = filtered().build().unwrap();
    let handle = server.handle();
    for uri in ["admin://log", "admin://logs/today", "admin://nothing"] {
        for peer in both_as(None, &server) {
            assert!(
                !peer.hears_of(uri, || handle.resource_updated(uri)).await,
                "{uri}"
            );
        }
    }
    for peer in both_as(Some(&administrator()), &server) {
        let uri = "admin://logs/today";
        assert!(peer.hears_of(uri, || handle.resource_updated(uri)).await);
    }
    for peer in both_as(None, &server) {
        let uri = "docs://open";
        assert!(peer.hears_of(uri, || handle.resource_updated(uri)).await);
    }
}

#[tokio::test]
async fn without_a_filter_whatever_is_named_can_be_watched() {
    let server = server().build().unwrap();
    let handle = server.handle();
    for peer in both_as(None, &server) {
        let uri = "docs://not-yet";
        assert!(peer.hears_of(uri, || handle.resource_updated(uri)).await);
    }
}
