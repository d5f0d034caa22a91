//! Tokens that an issuer is asked about: what it is asked, how often, and what becomes of its answers.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_core::{Identity, Server, prelude::*};
use mcp_http::{
    HttpServer,
    auth::{ApiKeys, Introspection},
};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, time::advance};

use crate::{
    client::{Answer, Ask, Local, local},
    fixture::ALICE,
    log, modern as new,
};

const URL: &str = "https://login.example.com";
const AUDIENCE: &str = "https://mcp.example.com/mcp";
const TOKEN: &str = "2YotnFZFEjr1zCsicMWpAA";

/// Who asks, by whose word, and what they may
#[mcp_tool]
fn whoami(who: Identity) -> String {
    let issuer = who.issuer().unwrap_or("nobody");
    format!("{} by {issuer}: {}", who.subject(), who.scopes().join(","))
}

/// What an issuer says of every token, and which it was asked about.
#[derive(Clone)]
struct Issuer(Arc<Inner>);

struct Inner {
    says: Mutex<Result<String, String>>,
    asked: Mutex<Vec<String>>,
    at_once: AtomicUsize,
    /// One permit an answer.
    open: Semaphore,
}

impl Issuer {
    fn saying(answer: &Value) -> Self {
        Self(Arc::new(Inner {
            says: Mutex::new(Ok(answer.to_string())),
            asked: Mutex::default(),
            at_once: AtomicUsize::new(0),
            open: Semaphore::new(Semaphore::MAX_PERMITS),
        }))
    }

    fn says(&self, answer: Result<String, &str>) {
        *self.0.says.lock().unwrap() = answer.map_err(str::to_owned);
    }

    fn asked(&self) -> usize {
        self.0.asked.lock().unwrap().len()
    }

    fn close(&self) {
        self.0.open.forget_permits(Semaphore::MAX_PERMITS);
    }

    fn tokens(&self) -> Introspection {
        let this = self.clone();
        Introspection::new(URL, AUDIENCE, move |token| {
            let inner = Arc::clone(&this.0);
            inner.asked.lock().unwrap().push(token);
            async move {
                inner.at_once.fetch_add(1, SeqCst);
                inner.open.acquire().await.unwrap().forget();
                inner.at_once.fetch_sub(1, SeqCst);
                let says = inner.says.lock().unwrap().clone();
                assert!(says != Ok("panic".to_owned()), "the function panics");
                says
            }
        })
    }
}

fn serving(tokens: Introspection) -> Local {
    let server = Server::new("it", "1").tools(tools![whoami]);
    local(
        HttpServer::new(server)
            .auth(ApiKeys::new([(ALICE, "alice")]))
            .auth(tokens)
            .public_url("https://mcp.example.com")
            .authorization_servers([URL]),
    )
}

fn active() -> Value {
    json!({
        "active": true,
        "iss": URL,
        "sub": "carol",
        "aud": AUDIENCE,
        "exp": seconds(3600),
        "nbf": seconds(-3600),
        "token_type": "Bearer",
        "scope": "books:read books:lend",
        "client_id": "app",
        "username": "Carol",
        "something": { "else": [1] },
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut answer = active();
    answer[name] = value;
    answer
}

/// Seconds since 1970, so many from now.
fn seconds(from_now: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() + from_now
}

fn whoami_ask(token: &str) -> Ask {
    new::call(1, "whoami", &json!({})).key(token)
}

async fn whoami_by(server: &Local, token: &str) -> Answer {
    server.ask(&whoami_ask(token)).await
}

#[track_caller]
fn assert_taken(answer: &Answer) {
    let said = format!("carol by {URL}: books:read,books:lend");
    assert_eq!(answer.said().0, said);
}

#[track_caller]
fn assert_refused(answer: &Answer) {
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.contains(r#"error="invalid_token""#),
        "{challenge}"
    );
    answer.refuses(401, &["The credential is not valid"]);
}

/// Nobody can tell, and so it is not said that it is bad.
#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.header("retry-after"), Some("5"), "{answer:?}");
    assert_eq!(answer.header("www-authenticate"), None, "{answer:?}");
    answer.refuses(503, &["Credentials cannot be checked at the moment"]);
}

#[tokio::test(start_paused = true)]
async fn an_active_token_is_its_subjects_with_its_scopes() {
    for answer in [
        active(),
        // What an issuer may leave out.
        json!({
            "active": true, "sub": "carol", "aud": [AUDIENCE, "another"],
            "scope": "books:read books:lend",
        }),
        with("token_type", json!("bearer")),
        with("aud", json!("HTTPS://MCP.example.com/mcp/")),
        // Within the leeway.
        with("exp", json!(seconds(-30))),
        with("nbf", json!(seconds(30))),
    ] {
        let issuer = Issuer::saying(&answer);
        assert_taken(&whoami_by(&serving(issuer.tokens()), TOKEN).await);
        assert_eq!(*issuer.0.asked.lock().unwrap(), [TOKEN]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_issuer_does_not_vouch_for_is_refused() {
    let log = log::listen();
    for (answer, reason) in [
        (json!({ "active": false }), "not active"),
        // Whatever else is said of it.
        (with("active", json!(false)), "not active"),
        (with("iss", json!("https://other.example")), "`iss`"),
        (with("aud", json!("https://other.example/mcp")), "`aud`"),
        (with("aud", json!([])), "`aud`"),
        (with("aud", json!(null)), "`aud`"),
        (with("sub", json!(null)), "`sub`"),
        (with("sub", json!("")), "`sub`"),
        (with("exp", json!(seconds(-61))), "`exp`"),
        (with("nbf", json!(seconds(62))), "`nbf`"),
        (with("token_type", json!("DPoP")), "`token_type`"),
        (with("scope", json!(7)), "malformed"),
        (with("exp", json!("tomorrow")), "malformed"),
    ] {
        let server = serving(Issuer::saying(&answer).tokens());
        assert_refused(&whoami_by(&server, TOKEN).await);
        let log = log.text();
        let last = log.lines().rfind(|line| line.contains("token refused"));
        assert!(last.is_some_and(|line| line.contains(reason)), "{log}");
        assert!(!log.contains(TOKEN), "{log}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_says_nothing_of_it_makes_no_token_bad() {
    let log = log::listen();
    let issuer = Issuer::saying(&active());
    let server = serving(issuer.tokens());
    let mut asked = 0;
    for answer in [
        Err("no such host"),
        Ok("panic".to_owned()),
        Ok("<html>".to_owned()),
        Ok("[]".to_owned()),
        Ok("{}".to_owned()),
        Ok(with("active", json!("true")).to_string()),
        Ok(with("active", json!(1)).to_string()),
        Ok(with("pad", json!("x".repeat(64 * 1024))).to_string()),
    ] {
        issuer.says(answer);
        assert_unavailable(&whoami_by(&server, TOKEN).await);
        asked += 1;
        // That is not remembered.
        assert_eq!(issuer.asked(), asked);
    }
    issuer.says(Ok(active().to_string()));
    assert_taken(&whoami_by(&server, TOKEN).await);
    let log = log.text();
    assert!(log.contains("no such host"), "{log}");
    assert!(!log.contains(TOKEN), "{log}");
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_does_not_answer_is_given_up_after_ten_seconds() {
    let issuer = Issuer::saying(&active());
    issuer.close();
    let server = serving(issuer.tokens());
    let asked = tokio::time::Instant::now();
    assert_unavailable(&whoami_by(&server, TOKEN).await);
    assert_eq!(asked.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_another_knows_does_not_need_the_issuer() {
    let issuer = Issuer::saying(&active());
    issuer.says(Err("no such host"));
    let server = Server::new("it", "1").tools(tools![whoami]);
    let keys = ApiKeys::new([(ALICE, "alice")]);
    let server = local(HttpServer::new(server).auth(issuer.tokens()).auth(keys));
    assert_eq!(
        whoami_by(&server, ALICE).await.said().0,
        "alice by nobody: "
    );
    assert_unavailable(&whoami_by(&server, TOKEN).await);
}

#[tokio::test(start_paused = true)]
async fn every_answer_is_remembered_for_a_minute() {
    for (answer, taken) in [(active(), true), (json!({ "active": false }), false)] {
        let issuer = Issuer::saying(&answer);
        let server = serving(issuer.tokens());
        for asked in 1..=2 {
            for _ in 0..3 {
                let answer = whoami_by(&server, TOKEN).await;
                match taken {
                    true => assert_taken(&answer),
                    false => assert_refused(&answer),
                }
            }
            assert_eq!(issuer.asked(), asked);
            advance(Duration::from_secs(59)).await;
            whoami_by(&server, TOKEN).await;
            assert_eq!(issuer.asked(), asked);
            advance(Duration::from_secs(1)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_not_remembered_beyond_the_end_of_its_token() {
    let issuer = Issuer::saying(&with("exp", json!(seconds(20))));
    let server = serving(issuer.tokens());
    assert_taken(&whoami_by(&server, TOKEN).await);
    advance(Duration::from_secs(10)).await;
    assert_taken(&whoami_by(&server, TOKEN).await);
    assert_eq!(issuer.asked(), 1);
    issuer.says(Ok(r#"{"active":false}"#.to_owned()));
    advance(Duration::from_secs(10)).await;
    assert_refused(&whoami_by(&server, TOKEN).await);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_withdrawn_is_refused_at_once_where_nothing_is_remembered() {
    let issuer = Issuer::saying(&active());
    let server = serving(issuer.tokens().remembered(Duration::ZERO));
    assert_taken(&whoami_by(&server, TOKEN).await);
    issuer.says(Ok(r#"{"active":false}"#.to_owned()));
    assert_refused(&whoami_by(&server, TOKEN).await);
}

#[tokio::test(start_paused = true)]
async fn many_with_one_token_ask_once_and_those_with_another_wait_for_none_of_them() {
    let issuer = Issuer::saying(&active());
    issuer.close();
    let server = Arc::new(serving(issuer.tokens()));
    let ask = |token: &'static str| {
        let server = Arc::clone(&server);
        tokio::spawn(async move { whoami_by(&server, token).await })
    };
    let many: Vec<_> = (0..50).map(|_| ask(TOKEN)).collect();
    while issuer.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let other = ask("another");
    while issuer.asked() < 2 {
        tokio::task::yield_now().await;
    }
    issuer.0.open.add_permits(2);
    for one in many {
        assert_taken(&one.await.unwrap());
    }
    assert_taken(&other.await.unwrap());
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn hanging_up_costs_nobody_else_their_answer() {
    let issuer = Issuer::saying(&active());
    issuer.close();
    let server = Arc::new(serving(issuer.tokens()));
    let mut gone = server.connect();
    gone.write(whoami_ask(TOKEN).text()).await;
    while issuer.asked() == 0 {
        tokio::task::yield_now().await;
    }
    drop(gone);
    let waiting = {
        let server = Arc::clone(&server);
        tokio::spawn(async move { whoami_by(&server, TOKEN).await })
    };
    tokio::task::yield_now().await;
    issuer.0.open.add_permits(1);
    assert_taken(&waiting.await.unwrap());
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_is_asked_about_so_many_tokens_at_once() {
    let issuer = Issuer::saying(&active());
    issuer.close();
    let server = Arc::new(serving(issuer.tokens()));
    let many: Vec<_> = (0..100)
        .map(|number| {
            let (server, token) = (Arc::clone(&server), format!("token-{number}"));
            tokio::spawn(async move { whoami_by(&server, &token).await })
        })
        .collect();
    while issuer.asked() < 100 {
        tokio::task::yield_now().await;
    }
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(issuer.0.at_once.load(SeqCst), 64);
    issuer.0.open.add_permits(100);
    for one in many {
        assert_taken(&one.await.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_is_not_sent_what_is_not_its_own() {
    let issuer = Issuer::saying(&active());
    let server = serving(issuer.tokens());
    let jwt = |claims: Value| {
        let encode = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        format!(
            "{}.{}.c2ln",
            encode(&json!({ "alg": "RS256" })),
            encode(&claims)
        )
    };
    // A key of ours that came by its own header, known or not.
    let by_name = |key: &str| new::call(1, "whoami", &json!({})).with("X-API-Key", key);
    assert_eq!(
        server.ask(&by_name(ALICE)).await.said().0,
        "alice by nobody: "
    );
    assert_refused(&server.ask(&by_name("no-key-of-ours-at-all")).await);
    // A key that one before it knows.
    assert_eq!(
        whoami_by(&server, ALICE).await.said().0,
        "alice by nobody: "
    );
    // What is no token at all, or says itself that it is none of the issuer's, or none any more.
    for token in [
        String::new(),
        "two words".to_owned(),
        "{}".to_owned(),
        "a\"b".to_owned(),
        jwt(json!({ "iss": "https://other.example" })),
        jwt(json!({ "iss": URL, "exp": seconds(-3600) })),
        jwt(json!({ "iss": URL, "aud": "https://other.example/mcp" })),
    ] {
        assert_refused(&whoami_by(&server, &token).await);
    }
    assert_eq!(issuer.asked(), 0);
    // What says itself that it is the issuer's is asked about: it may have been withdrawn.
    let own = jwt(json!({ "iss": URL, "exp": seconds(3600) }));
    assert_taken(&whoami_by(&server, &own).await);
    assert_eq!(issuer.asked(), 1);
}

#[test]
fn nothing_of_a_token_is_in_the_debug_form() {
    let tokens = Issuer::saying(&active()).tokens();
    assert_eq!(
        format!("{tokens:?}"),
        r#"Introspection { issuer: "https://login.example.com", .. }"#
    );
}
