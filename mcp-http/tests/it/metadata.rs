//! What the server says of itself as a protected resource, and where clients are sent for tokens.

use mcp_core::{Identity, Server, ServerBuilder, prelude::*};
use mcp_http::{
    HttpServer,
    auth::{ApiKeys, Authenticator, Credential, Unavailable},
};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Ask, connect, local},
    fixture::{ALICE, BOB, keys},
    modern as new,
};

const ROOT: &str = "/.well-known/oauth-protected-resource";
const INSERTED: &str = "/.well-known/oauth-protected-resource/mcp";
const URL: &str = "https://mcp.example.com";
const ISSUER: &str = "https://login.example.com";
const APP: &str = "https://app.example.com";
const ELSEWHERE: &str =
    r#"resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp""#;

/// Reads
#[mcp_tool(scopes("books:read"))]
fn read() -> &'static str {
    "read"
}

/// Lends
#[mcp_tool(scopes("books:lend", "books:read"))]
fn lend() -> &'static str {
    "lent"
}

/// Starts anew
#[mcp_tool(scopes("admin"), tags("hidden"))]
fn reset() -> &'static str {
    "reset"
}

/// For whoever is known
#[mcp_tool(requires_auth)]
fn whoami(who: Identity) -> String {
    who.subject().to_owned()
}

/// All books
#[mcp_resource("books://all", scopes("books:list"))]
fn all() -> &'static str {
    "all"
}

/// Ask for a review
#[mcp_prompt(scopes("books:review"))]
fn review() -> &'static str {
    "Review it."
}

fn server() -> ServerBuilder {
    Server::new("it", "1")
        .title("Library")
        .tools(tools![read, lend, reset, whoami])
        .resources(resources![all])
        .prompts(prompts![review])
}

/// For Alice, who may do nothing, and whoever [`Scoped`] knows.
fn protected(server: ServerBuilder) -> HttpServer {
    HttpServer::new(server)
        .auth(keys())
        .auth(Scoped)
        .public_url(URL)
        .authorization_servers([ISSUER])
}

/// A token that is what it allows: `may:books:read,openid`.
struct Scoped;

#[async_trait::async_trait]
impl Authenticator for Scoped {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable> {
        let scopes = credential.secret().strip_prefix("may:");
        Ok(scopes.map(|scopes| Identity::new("carol").with_scopes(scopes.split(','))))
    }
}

fn get(target: &str) -> Ask {
    Ask::new("GET", target)
}

#[track_caller]
fn metadata(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    serde_json::from_str(&answer.body).expect("JSON")
}

#[track_caller]
fn challenge(answer: &Answer, status: u16) -> &str {
    assert_eq!(answer.status, status, "{answer:?}");
    answer.header("www-authenticate").expect("a challenge")
}

#[tokio::test]
async fn metadata_names_the_resource_its_issuers_and_all_scopes() {
    // Whoever has no token yet has to find out where to get one.
    let mut client = connect(protected(server()).require_auth());
    for target in [ROOT, INSERTED] {
        let answer = client.ask(&get(target)).await;
        assert_eq!(
            metadata(&answer),
            json!({
                "resource": "https://mcp.example.com/mcp",
                "authorization_servers": [ISSUER],
                "bearer_methods_supported": ["header"],
                "resource_name": "Library",
                "scopes_supported": ["books:read", "books:lend", "admin", "books:list", "books:review"],
            })
        );
    }
}

#[tokio::test]
async fn without_authorization_servers_there_is_no_metadata_and_no_word_of_it() {
    let http = HttpServer::new(server()).auth(keys()).public_url(URL);
    let mut client = connect(http.require_auth());
    for target in [ROOT, INSERTED] {
        let answer = client.ask(&get(target)).await;
        answer.refuses(404, &["Nothing is here"]);
    }
    let answer = client.ask(&Ask::ping()).await;
    assert_eq!(challenge(&answer, 401), r#"Bearer realm="mcp""#);
    let answer = client
        .ask(&new::call(1, "lend", &json!({})).key(ALICE))
        .await;
    assert_eq!(
        challenge(&answer, 403),
        r#"Bearer realm="mcp", error="insufficient_scope", scope="books:lend books:read""#
    );
}

#[tokio::test]
async fn the_resource_is_where_clients_connect_whichever_url_was_given() {
    for (url, path, resource, at) in [
        (URL, "/mcp", "https://mcp.example.com/mcp", "/mcp"),
        (
            "https://mcp.example.com/",
            "/mcp",
            "https://mcp.example.com/mcp",
            "/mcp",
        ),
        (
            "https://mcp.example.com/mcp",
            "/mcp",
            "https://mcp.example.com/mcp",
            "/mcp",
        ),
        ("https://mcp", "/mcp", "https://mcp/mcp", "/mcp"),
        (URL, "/", "https://mcp.example.com", ""),
        (
            "https://example.com/books",
            "/mcp",
            "https://example.com/books/mcp",
            "/books/mcp",
        ),
    ] {
        let server = protected(server()).public_url(url).path(path);
        let server = local(server.require_auth());
        let answer = server.ask(&get(&format!("{ROOT}{at}"))).await;
        assert_eq!(metadata(&answer)["resource"], resource, "{url} {path}");
        // Behind a proxy that takes the prefix away.
        let answer = server.ask(&get(&format!("{ROOT}{path}"))).await;
        assert_eq!(metadata(&answer)["resource"], resource, "{url} {path}");
        let answer = server.ask(&Ask::ping().at(path)).await;
        let origin = resource.strip_suffix(at).unwrap();
        let expected = format!(r#"resource_metadata="{origin}{ROOT}{at}""#);
        assert!(challenge(&answer, 401).ends_with(&expected), "{answer:?}");
    }
}

#[tokio::test]
async fn every_401_says_what_the_metadata_says() {
    let scope = r#"scope="books:read books:lend admin books:list books:review""#;
    let closed = local(protected(server()).require_auth());
    let open = local(protected(server()));
    let missing = format!(r#"Bearer realm="mcp", {scope}, {ELSEWHERE}"#);
    let invalid = format!(r#"Bearer realm="mcp", error="invalid_token", {scope}, {ELSEWHERE}"#);
    for ask in [
        Ask::initialize("2025-11-25"),
        Ask::post("this is not JSON"),
        Ask::new("GET", "/mcp"),
    ] {
        assert_eq!(challenge(&closed.ask(&ask).await, 401), missing);
        let answer = closed.ask(&ask.key("of nobody")).await;
        assert_eq!(challenge(&answer, 401), invalid);
    }
    for tool in ["lend", "whoami"] {
        let answer = open.ask(&new::call(1, tool, &json!({}))).await;
        assert_eq!(challenge(&answer, 401), missing);
    }
    let session = open.connect().initialize().await;
    let answer = open
        .ask(&Ask::call("lend", &json!({})).session(&session))
        .await;
    assert_eq!(challenge(&answer, 401), missing);
}

#[tokio::test]
async fn a_403_names_all_that_is_needed_at_once_and_what_would_be_lost() {
    let server = local(protected(server()));
    let told = |needed: &str| {
        format!(r#"Bearer realm="mcp", error="insufficient_scope", scope="{needed}", {ELSEWHERE}"#)
    };
    for (key, needed) in [
        (ALICE, "books:lend books:read"),
        ("may:books:read", "books:lend books:read"),
        // What this server has no use for is nothing that it asks for.
        (
            "may:books:review,openid,offline_access",
            "books:lend books:read books:review",
        ),
    ] {
        let answer = server.ask(&new::call(1, "lend", &json!({})).key(key)).await;
        assert_eq!(challenge(&answer, 403), told(needed));
        let session = Ask::initialize("2025-11-25").key(key);
        let session = crate::client::session(&server.ask(&session).await);
        let ask = Ask::call("lend", &json!({})).session(&session).key(key);
        assert_eq!(challenge(&server.ask(&ask).await, 403), told(needed));
    }
    let ask = new::request(1, "resources/read", &json!({ "uri": "books://all" }));
    assert_eq!(
        challenge(&server.ask(&ask.key(ALICE)).await, 403),
        told("books:list")
    );
    let ask = new::request(1, "prompts/get", &json!({ "name": "review" }));
    assert_eq!(
        challenge(&server.ask(&ask.key(ALICE)).await, 403),
        told("books:review")
    );
    let ask = new::call(1, "lend", &json!({})).key("may:books:lend,books:read");
    assert_eq!(server.ask(&ask).await.said().0, "lent");
}

#[tokio::test]
async fn a_403_names_the_narrow_scope_that_is_needed_and_the_broad_one_that_would_be_lost() {
    let server = server()
        .scope_implies("books:admin", ["books:lend", "books:list"])
        .scope_implies("books:lend", ["books:read"]);
    let server = local(protected(server));
    for (key, tool) in [("may:books:admin", "lend"), ("may:books:lend", "read")] {
        let answer = server.ask(&new::call(1, tool, &json!({})).key(key)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for (key, tool, needed) in [
        ("may:books:read", "lend", "books:lend books:read"),
        ("may:books:admin", "reset", "admin books:admin"),
        ("may:books:lend", "reset", "admin books:lend"),
    ] {
        let answer = server.ask(&new::call(1, tool, &json!({})).key(key)).await;
        let told = format!(r#"error="insufficient_scope", scope="{needed}", "#);
        assert!(challenge(&answer, 403).contains(&told), "{answer:?}");
    }
    // What strangers are told to ask for first is no more than is needed.
    let told = metadata(&server.ask(&get(ROOT)).await);
    let told = told["scopes_supported"].to_string();
    assert!(!told.contains("books:admin"), "{told}");
}

#[tokio::test]
async fn scopes_of_what_is_hidden_from_strangers_are_hidden_from_strangers() {
    let hiding = server().filter(|caller, item| {
        !item.has_tag("hidden") || caller.identity().is_some_and(|who| who.subject() == "bob")
    });
    let bob = ApiKeys::new([(BOB, "bob")]);
    let server = local(protected(hiding).auth(bob).require_auth());
    let told = metadata(&server.ask(&get(ROOT)).await);
    assert_eq!(
        told["scopes_supported"],
        json!(["books:read", "books:lend", "books:list", "books:review"])
    );
    let answer = server.ask(&Ask::ping()).await;
    assert!(!challenge(&answer, 401).contains("admin"), "{answer:?}");
    // Whoever sees it is told what it takes.
    let answer = server
        .ask(&new::call(1, "reset", &json!({})).key(BOB))
        .await;
    assert!(
        challenge(&answer, 403).contains(r#"scope="admin""#),
        "{answer:?}"
    );
}

#[tokio::test]
async fn scopes_supported_are_told_in_place_of_what_was_found() {
    let server = protected(server()).scopes_supported(["books:read"]);
    let server = local(server.require_auth());
    let told = metadata(&server.ask(&get(ROOT)).await);
    assert_eq!(told["scopes_supported"], json!(["books:read"]));
    let answer = server.ask(&Ask::ping()).await;
    assert!(
        challenge(&answer, 401).contains(r#"scope="books:read""#),
        "{answer:?}"
    );
    // And more, once it is needed.
    let ask = new::call(1, "reset", &json!({})).key("may:books:read");
    let answer = server.ask(&ask).await;
    assert!(
        challenge(&answer, 403).contains(r#"scope="admin books:read""#),
        "{answer:?}"
    );
}

#[tokio::test]
async fn without_scopes_none_are_told() {
    let server = Server::new("it", "1").tools(tools![whoami]);
    let server = local(protected(server).require_auth());
    let told = metadata(&server.ask(&get(ROOT)).await);
    assert_eq!(told.get("scopes_supported"), None);
    let answer = server.ask(&Ask::ping()).await;
    assert_eq!(
        challenge(&answer, 401),
        format!(r#"Bearer realm="mcp", {ELSEWHERE}"#)
    );
}

#[tokio::test]
async fn tools_that_come_later_bring_their_scopes() {
    let server = Server::new("it", "1")
        .tools(tools![whoami])
        .build()
        .unwrap();
    let handle = server.handle();
    let http = HttpServer::new(server).auth(keys()).public_url(URL);
    let http = local(http.authorization_servers([ISSUER]));
    handle.add_tools(tools![read]).unwrap();
    let told = metadata(&http.ask(&get(ROOT)).await);
    assert_eq!(told["scopes_supported"], json!(["books:read"]));
}

#[tokio::test]
async fn pages_that_may_talk_to_the_server_read_its_metadata() {
    let mut client = connect(protected(server()).cors([APP]));
    let answer = client.ask(&get(INSERTED).with("Origin", APP)).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some(APP));
    metadata(&answer);
    let preflight = Ask::new("OPTIONS", INSERTED)
        .with("Origin", APP)
        .with("Access-Control-Request-Method", "GET")
        .with("Access-Control-Request-Headers", "mcp-protocol-version");
    let answer = client.ask(&preflight).await;
    assert_eq!(answer.status, 204);
    assert!(answer.lists("access-control-allow-headers", "mcp-protocol-version"));
    let answer = client
        .ask(&get(INSERTED).with("Origin", "https://evil.example"))
        .await;
    answer.refuses(403, &["`cors`"]);
}

#[tokio::test]
async fn metadata_is_read_and_nothing_else() {
    let mut client = connect(protected(server()));
    let head = client.ask(&Ask::new("HEAD", ROOT)).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    for method in ["PUT", "DELETE"] {
        let answer = client.ask(&Ask::new(method, ROOT)).await;
        assert_eq!(answer.status, 405);
        assert!(answer.lists("allow", "GET"), "{answer:?}");
    }
    let answer = client.ask(&Ask::post("{}").at(ROOT)).await;
    assert_eq!(answer.status, 405);
    let answer = client.ask(&get(&format!("{ROOT}/mcp/more"))).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn authorization_servers_without_anybody_who_takes_their_tokens_are_refused() {
    let http = || {
        HttpServer::new(server())
            .public_url(URL)
            .authorization_servers([ISSUER])
    };
    let error = http().bind("127.0.0.1:0").await.unwrap_err();
    let text = error.to_string();
    for word in ["`authorization_servers`", "`auth`"] {
        assert!(error.is_config() && text.contains(word), "{word}: {text}");
    }
    // Somebody in front of a service may take them.
    assert!(http().into_service().is_ok());
}

#[test]
fn settings_that_nobody_could_use_are_refused() {
    let refused = |http: HttpServer, words: &[&str]| {
        let error = http.into_service().expect_err("settings that are refused");
        let text = error.to_string();
        for word in words {
            assert!(error.is_config() && text.contains(word), "{word}: {text}");
        }
    };
    let http = || HttpServer::new(server());
    let issued = |http: HttpServer| http.authorization_servers([ISSUER]);
    refused(
        issued(http().auth(keys())),
        &["`authorization_servers`", "`public_url`"],
    );
    let query = http().auth(keys()).public_url("https://mcp.example.com/?x");
    refused(issued(query), &["`public_url`", "query"]);
    let told = http().auth(keys()).public_url(URL).scopes_supported(["a"]);
    refused(told, &["`scopes_supported`", "`authorization_servers`"]);
    for scope in [
        "",
        "two words",
        "quo\"te",
        "back\\slash",
        "ümlaut",
        "offline_access",
    ] {
        refused(
            protected(server()).scopes_supported([scope]),
            &["`scopes_supported`"],
        );
    }
    for issuer in [
        "",
        "login.example.com",
        "http://login.example.com",
        "https://login.example.com/?x",
        "https://login.example.com#x",
        "https://login.example.com/a b",
        "https://user@login.example.com",
    ] {
        let http = protected(server()).authorization_servers([issuer]);
        refused(http, &["`authorization_servers`", &format!("{issuer:?}")]);
    }
    for issuer in [
        "http://localhost:9000",
        "http://127.0.0.1:9000/realm",
        "https://a.example/t",
    ] {
        let http = protected(server()).authorization_servers([issuer]);
        assert!(http.into_service().is_ok(), "{issuer}");
    }
}
