//! What every answer has.

use std::time::Duration;

use mcp_core::{Cache, CacheScope, Resource, Server};
use mcp_http::HttpServer;
use serde_json::{Value, json};

use super::{SERVER_KEY, VERSION, all_methods, call, everything, request, text};
use crate::{
    client::{Local, listen as listening, local},
    fixture::http,
};

/// All pages of a list.
async fn pages(server: &Local, method: &str) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut params = json!({});
    loop {
        let page = server.ask(&request(1, method, &params)).await.result();
        let cursor = page.get("nextCursor").cloned();
        pages.push(page);
        match cursor {
            Some(cursor) => params = json!({ "cursor": cursor }),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn discovery_says_all_there_is_to_know() {
    let server = local(HttpServer::new(everything()));
    let answer = server.ask(&request(1, "server/discover", &json!({}))).await;
    let result = answer.result();
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["instructions"], "Ask away.");
    let versions = result["supportedVersions"].as_array().unwrap();
    assert_eq!(versions[0], VERSION, "newest first");
    for part in ["tools", "resources", "prompts", "completions"] {
        assert!(result["capabilities"][part].is_object(), "{part}: {result}");
    }
    assert_eq!(result["_meta"][SERVER_KEY]["name"], "it");
    assert_eq!(result["_meta"][SERVER_KEY]["version"], "1.2.3");
}

#[tokio::test]
async fn every_result_says_its_type_and_its_server() {
    let server = local(HttpServer::new(everything()));
    for (method, params, _) in all_methods() {
        let result = server.ask(&request(1, method, &params)).await.result();
        assert_eq!(result["resultType"], "complete", "{method}");
        assert_eq!(result["_meta"][SERVER_KEY]["name"], "it", "{method}");
    }
}

#[tokio::test]
async fn a_server_can_keep_its_name_to_itself() {
    let server = local(HttpServer::new(everything()).hide_server_info());
    for (method, params, _) in all_methods() {
        let answer = server.ask(&request(1, method, &params)).await;
        assert_eq!(answer.result()["resultType"], "complete", "{method}");
        assert!(!answer.body.contains(SERVER_KEY), "{method}: {answer:?}");
        assert!(!answer.body.contains("1.2.3"), "{method}: {answer:?}");
    }
}

#[tokio::test]
async fn only_what_may_be_kept_says_for_how_long() {
    let server = local(HttpServer::new(everything()));
    for (method, params, kept) in all_methods() {
        let result = server.ask(&request(1, method, &params)).await.result();
        let hints = (result.get("ttlMs"), result.get("cacheScope"));
        if !kept {
            assert_eq!(hints, (None, None), "{method}");
            continue;
        }
        let (Some(ttl), Some(scope)) = hints else {
            panic!("{method}: {result}")
        };
        assert!(ttl.as_u64().is_some(), "{method}: {ttl}");
        assert!(scope == "public" || scope == "private", "{method}: {scope}");
    }
}

#[tokio::test]
async fn every_page_of_a_list_has_the_same_scope() {
    let minute = Cache {
        ttl: Duration::from_millis(61_500),
        scope: CacheScope::Private,
    };
    for (http, ttl, scope) in [
        (HttpServer::new(everything()), 60_000, "public"),
        (
            HttpServer::new(everything().list_cache(minute)),
            61_500,
            "private",
        ),
    ] {
        let server = local(http);
        for (method, count) in [
            ("tools/list", 3),
            ("resources/list", 2),
            ("resources/templates/list", 2),
            ("prompts/list", 2),
        ] {
            let pages = pages(&server, method).await;
            assert_eq!(pages.len(), count, "{method}");
            for page in pages {
                assert_eq!(page["resultType"], "complete", "{method}");
                assert_eq!(page["ttlMs"], ttl, "{method}");
                assert_eq!(page["cacheScope"], scope, "{method}");
                assert_eq!(page["_meta"][SERVER_KEY]["name"], "it", "{method}");
            }
        }
    }
}

#[tokio::test]
async fn a_resource_says_how_long_it_may_be_kept() {
    let hour = Cache {
        ttl: Duration::from_secs(3600),
        scope: CacheScope::Public,
    };
    let page = |uri: &str| Resource::builder(uri, "page");
    let server = local(HttpServer::new(Server::new("it", "1").resources([
        page("kept://a").cache(hour).handler(|_, _| text()),
        page("kept://a/{b}").cache(hour).handler(|_, _| text()),
        page("fresh://a").handler(|_, _| text()),
        page("fresh://a/{b}").handler(|_, _| text()),
    ])));
    for (uri, ttl, scope) in [
        ("kept://a", 3_600_000, "public"),
        ("kept://a/1", 3_600_000, "public"),
        ("fresh://a", 0, "private"),
        ("fresh://a/1", 0, "private"),
    ] {
        let ask = request(1, "resources/read", &json!({ "uri": uri }));
        let result = server.ask(&ask).await.result();
        assert_eq!(result["ttlMs"], ttl, "{uri}");
        assert_eq!(result["cacheScope"], scope, "{uri}");
    }
}

#[tokio::test]
async fn what_was_asked_before_changes_no_list() {
    let server = listening(http()).await;
    let ask = request(1, "tools/list", &json!({}));
    let first = server.connect().await.ask(&ask).await;
    let mut other = server.connect().await;
    other
        .ask(&call(1, "echo", &json!({ "text": "hi" })))
        .await
        .result();
    other.initialize().await;
    assert_eq!(other.ask(&ask).await.body, first.body);
    assert_eq!(server.connect().await.ask(&ask).await.body, first.body);
    drop(other);
    server.stop().await;
}

#[tokio::test]
async fn the_id_keeps_its_type() {
    let server = local(http());
    for id in [json!(7), json!("7"), json!(""), json!(-1), json!(i64::MAX)] {
        let ask = call(id.clone(), "echo", &json!({ "text": "hi" }));
        assert_eq!(server.ask(&ask).await.json()["id"], id);
        let ask = request(id.clone(), "nope", &json!({}));
        assert_eq!(server.ask(&ask).await.json()["id"], id);
    }
}
