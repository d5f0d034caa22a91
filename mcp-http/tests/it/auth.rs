//! Who asks, and what those are told who do not say.

use std::time::Duration;

use mcp_core::Identity;
use mcp_http::auth::{ApiKeys, Authenticator, Credential, Introspection, Unavailable};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Ask, connect, listen, session},
    fixture::{ALICE, BOB, Gate, INTERNAL, Runs, http, http_with_keys, keys, server_with},
    log,
};

const CHALLENGE: &str = r#"Bearer realm="mcp""#;

fn whoami(session: &str) -> Ask {
    Ask::call("whoami", &json!({})).session(session)
}

/// The members of a 401 that are the same for everybody.
#[track_caller]
fn assert_challenged(answer: &Answer) -> Value {
    assert_eq!(answer.status, 401, "{answer:?}");
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.is_some_and(|challenge| challenge.starts_with(CHALLENGE)),
        "{answer:?}"
    );
    let message = answer.json();
    assert_eq!(message["error"]["code"], -32000, "{answer:?}");
    let how = &message["error"]["data"]["send"];
    let both = json!(["Authorization: Bearer <key>", "X-API-Key: <key>"]);
    assert_eq!(*how, both, "{answer:?}");
    message
}

#[tokio::test]
async fn a_key_is_known_by_either_header() {
    let mut client = connect(http_with_keys());
    let by_bearer = |ask: Ask, key: &str| ask.with("Authorization", format!("Bearer {key}"));
    let by_name = |ask: Ask, key: &str| ask.with("X-API-Key", key);
    for (key, subject) in [(ALICE, "alice"), (BOB, "bob")] {
        for send in [by_bearer, by_name] {
            let session = session(&client.ask(&send(Ask::initialize("2025-11-25"), key)).await);
            let answer = client.ask(&send(whoami(&session), key)).await;
            assert_eq!(answer.said(), (subject.to_owned(), false));
        }
    }
}

#[tokio::test]
async fn the_two_headers_may_take_turns_within_a_session() {
    let mut client = connect(http_with_keys());
    let session = session(&client.ask(&Ask::initialize("2025-11-25").key(ALICE)).await);
    let answer = client.ask(&whoami(&session).with("X-API-Key", ALICE)).await;
    assert_eq!(answer.said().0, "alice");
}

#[tokio::test]
async fn the_scheme_may_be_written_in_any_case() {
    let mut client = connect(http_with_keys());
    for scheme in ["bearer", "BEARER", "Bearer  "] {
        let ask = Ask::initialize("2025-11-25").with("Authorization", format!("{scheme} {ALICE}"));
        assert_eq!(client.ask(&ask).await.status, 200, "{scheme}");
    }
}

#[tokio::test]
async fn two_credentials_are_refused_even_if_they_agree() {
    let mut client = connect(http_with_keys());
    let initialize = Ask::initialize("2025-11-25");
    for ask in [
        initialize.clone().key(ALICE).with("X-API-Key", ALICE),
        initialize.clone().key(ALICE).with("X-API-Key", BOB),
        initialize.clone().key(ALICE).key(ALICE),
        initialize
            .clone()
            .with("X-API-Key", ALICE)
            .with("X-API-Key", ALICE),
    ] {
        let answer = client.ask(&ask).await;
        answer.refuses(400, &["Two credentials"]);
    }
}

#[tokio::test]
async fn a_credential_that_nobody_knows_is_told_nothing() {
    let mut client = connect(http_with_keys());
    let mut answers = Vec::new();
    let almost = &ALICE[..ALICE.len() - 1];
    let longer = format!("{ALICE}0");
    for ask in [
        Ask::ping().key("no key of ours"),
        Ask::ping().key(almost),
        Ask::ping().key(&longer),
        Ask::ping().key(""),
        Ask::ping().with("X-API-Key", almost),
        Ask::ping().with("X-API-Key", ""),
    ] {
        let answer = client.ask(&ask).await;
        assert_challenged(&answer);
        answer.refuses(401, &["not valid"]);
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(
            challenge.contains(r#"error="invalid_token""#),
            "{challenge}"
        );
        answers.push(answer.body);
    }
    answers.dedup();
    assert_eq!(
        answers.len(),
        1,
        "one answer, whatever is wrong: {answers:?}"
    );
}

#[tokio::test]
async fn a_scheme_that_is_not_served_is_no_credential() {
    let mut client = connect(http_with_keys());
    for authorization in [&format!("Basic {ALICE}"), "Negotiate", ALICE, ""] {
        let answer = client
            .ask(&Ask::ping().with("Authorization", authorization))
            .await;
        assert_challenged(&answer);
        answer.refuses(401, &["Authentication required"]);
        // RFC 6750, section 3.1: no error code.
        assert_eq!(answer.header("www-authenticate"), Some(CHALLENGE));
    }
}

#[tokio::test]
async fn who_is_refused_is_told_of_those_headers_only_that_somebody_reads() {
    struct Tokens;

    #[async_trait::async_trait]
    impl Authenticator for Tokens {
        async fn authenticate(&self, _: Credential<'_>) -> Result<Option<Identity>, Unavailable> {
            Ok(None)
        }

        fn takes_api_keys(&self) -> bool {
            false
        }
    }

    let introspection = || {
        Introspection::new("https://login.example.com", "it", |_| async {
            Ok::<_, String>(r#"{"active":false}"#)
        })
    };
    for http in [http().auth(Tokens), http().auth(introspection())] {
        let mut client = connect(http.require_auth());
        for ask in [
            Ask::ping(),
            Ask::ping().key("bad"),
            Ask::ping().with("X-API-Key", ALICE),
        ] {
            let answer = client.ask(&ask).await;
            assert_eq!(answer.status, 401, "{answer:?}");
            let how = &answer.json()["error"]["data"]["send"];
            assert_eq!(*how, json!(["Authorization: Bearer <token>"]));
        }
    }
    let mut client = connect(http().auth(Tokens).auth(keys()).require_auth());
    assert_challenged(&client.ask(&Ask::ping()).await);
}

#[test]
fn a_variable_without_keys_is_named() {
    let unset = ApiKeys::from_env("A_VARIABLE_THAT_NOBODY_SETS").unwrap_err();
    let unset = unset.to_string();
    for part in ["A_VARIABLE_THAT_NOBODY_SETS: not set", "`subject:key`"] {
        assert!(unset.contains(part), "{unset}");
    }
    // One that is set, and not to keys.
    let malformed = ApiKeys::from_env("CARGO_PKG_NAME").unwrap_err().to_string();
    assert_eq!(
        malformed,
        "API keys: CARGO_PKG_NAME: entry 1: not `subject:key`"
    );
}

#[tokio::test]
async fn a_credential_that_is_empty_is_nobodys_whatever_keys_there_are() {
    let unset = String::new();
    let mut client = connect(http().auth(ApiKeys::new([(unset, "alice")])));
    for ask in [
        Ask::ping().key(""),
        Ask::ping().with("Authorization", "Bearer"),
        Ask::ping().with("X-API-Key", ""),
        Ask::ping().with("X-API-Key", " "),
        // No text at all.
        Ask::ping().with("X-API-Key", "\u{fc}"),
        Ask::ping().key("\u{fc}"),
    ] {
        client.ask(&ask).await.refuses(401, &["not valid"]);
    }
}

#[tokio::test]
async fn a_bad_credential_is_refused_even_where_none_is_needed() {
    let mut client = connect(http_with_keys());
    let session = client.initialize().await;
    let answer = client.ask(&whoami(&session)).await;
    assert_eq!(answer.said().0, "nobody");
    let answer = client.ask(&whoami(&session).key("no key of ours")).await;
    assert_challenged(&answer);
}

#[tokio::test]
async fn a_credential_in_the_query_is_none() {
    let mut client = connect(http_with_keys().require_auth());
    for query in ["api_key", "access_token", "X-API-Key", "token"] {
        let target = format!("/mcp?{query}={ALICE}");
        let answer = client.ask(&Ask::initialize("2025-11-25").at(&target)).await;
        assert_challenged(&answer);
    }
}

#[tokio::test]
async fn require_auth_serves_nobody_unknown_whatever_they_ask() {
    let mut client = connect(http_with_keys().require_auth());
    for ask in [
        Ask::initialize("2025-11-25"),
        Ask::ping(),
        Ask::ping().session("no session"),
        Ask::post(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#),
        Ask::post("this is not JSON"),
        Ask::delete("no session"),
        Ask::new("GET", "/mcp"),
        Ask::new("PUT", "/mcp"),
    ] {
        let message = assert_challenged(&client.ask(&ask).await);
        assert_eq!(message["error"]["message"], "Authentication required");
    }
    let session = session(&client.ask(&Ask::initialize("2025-11-25").key(ALICE)).await);
    assert_eq!(
        client.ask(&whoami(&session).key(ALICE)).await.said().0,
        "alice"
    );
}

#[tokio::test(start_paused = true)]
async fn an_unknown_caller_is_not_given_the_time_that_a_body_may_take() {
    let mut client = connect(http_with_keys().require_auth());
    let asked = tokio::time::Instant::now();
    client.write(Ask::post("x".repeat(1000)).head()).await;
    assert_challenged(&client.read().await);
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "{:?}",
        asked.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn an_unknown_caller_is_refused_in_place_of_100_continue() {
    let mut client = connect(http_with_keys().require_auth());
    let ask = Ask::post("x".repeat(1000)).with("Expect", "100-continue");
    client.write(ask.head()).await;
    assert_challenged(&client.read().await);
}

#[tokio::test]
async fn a_tool_that_requires_auth_is_not_run_for_nobody() {
    let runs = Runs::default();
    let server = server_with(&runs, &Gate::default());
    let mut client = connect(mcp_http::HttpServer::new(server).auth(keys()));
    let session = client.initialize().await;
    for (tool, id) in [("vault", json!(41)), ("mine", json!("forty-one"))] {
        let ask = Ask::post(json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": { "name": tool, "arguments": {} },
        }));
        let answer = client.ask(&ask.session(&session)).await;
        let message = assert_challenged(&answer);
        assert_eq!(message["id"], id);
        let expected = format!("Authentication required for tool: {tool}");
        assert_eq!(message["error"]["message"], expected.as_str());
    }
    assert_eq!(runs.count(), 0);
    // The connection serves on, and whoever says who they are is served.
    let initialize = Ask::initialize("2025-11-25").key(ALICE);
    let session = crate::client::session(&client.ask(&initialize).await);
    let ask = Ask::call("vault", &json!({})).session(&session).key(ALICE);
    assert_eq!(client.ask(&ask).await.said(), ("gold".to_owned(), false));
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn a_tool_that_requires_auth_is_never_run_where_nobody_can_authenticate() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let ask = Ask::call("vault", &json!({})).session(&session).key(ALICE);
    let answer = client.ask(&ask).await;
    answer.refuses(401, &["Authentication required for tool: vault"]);
    assert_eq!(answer.header("www-authenticate"), Some(CHALLENGE));
    // There is nothing to send.
    assert_eq!(answer.json()["error"].get("data"), None, "{answer:?}");
}

#[tokio::test]
async fn another_principal_finds_no_session() {
    let listening = listen(http_with_keys()).await;
    let mut alice = listening.connect().await;
    let session = session(&alice.ask(&Ask::initialize("2025-11-25").key(ALICE)).await);
    assert_eq!(
        alice.ask(&whoami(&session).key(ALICE)).await.said().0,
        "alice"
    );
    let notification = Ask::post(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    let unknown = Ask::ping().session("no session").key(BOB);
    let unknown = alice.ask(&unknown).await;
    let mut bob = listening.connect().await;
    // On a connection of his own, and on hers, which remembers the session.
    for client in [&mut bob, &mut alice] {
        for ask in [
            Ask::delete(&session).key(BOB),
            Ask::ping().session(&session).key(BOB),
            whoami(&session).key(BOB),
            Ask::delete(&session),
            whoami(&session),
            notification.clone().session(&session).key(BOB),
        ] {
            let answer = client.ask(&ask).await;
            let (status, text) = (answer.status, answer.json()["error"].clone());
            assert_eq!((status, text), (404, unknown.json()["error"].clone()));
        }
    }
    assert_eq!(
        alice.ask(&whoami(&session).key(ALICE)).await.said().0,
        "alice"
    );
}

#[tokio::test]
async fn a_session_of_nobody_is_nobodys_who_is_known() {
    let mut client = connect(http_with_keys());
    let session = client.initialize().await;
    client.ask(&whoami(&session)).await.result();
    let answer = client.ask(&whoami(&session).key(ALICE)).await;
    answer.refuses(404, &["Session not found"]);
}

#[tokio::test]
async fn authenticators_are_asked_in_order_and_told_which_header_it_was() {
    struct Only(&'static str);

    #[async_trait::async_trait]
    impl Authenticator for Only {
        async fn authenticate(
            &self,
            credential: Credential<'_>,
        ) -> Result<Option<Identity>, Unavailable> {
            let header = match credential {
                Credential::Bearer(_) => "bearer",
                Credential::ApiKey(_) => "key",
                _ => "another",
            };
            let subject = format!("{} by {header}", credential.secret());
            let known = credential.secret().starts_with(self.0);
            Ok(known.then(|| Identity::new(subject)))
        }
    }

    let mut client = connect(http().auth(Only("a")).auth(Only("ab")).auth(Only("b")));
    for (ask, subject) in [
        (Ask::initialize("2025-11-25").key("abc"), "abc by bearer"),
        (
            Ask::initialize("2025-11-25").with("X-API-Key", "bcd"),
            "bcd by key",
        ),
    ] {
        let session = session(&client.ask(&ask).await);
        let ask = match subject.strip_suffix(" by key") {
            Some(key) => whoami(&session).with("X-API-Key", key),
            None => whoami(&session).key("abc"),
        };
        assert_eq!(client.ask(&ask).await.said().0, subject);
    }
    assert_challenged(&client.ask(&Ask::ping().key("cde")).await);
}

#[tokio::test]
async fn no_credential_and_no_session_is_ever_in_a_response_or_in_the_log() {
    let log = log::listen();
    let mut client = connect(http_with_keys().cors(["https://app.example.com"]));
    let wrong = "wrong-key-c0ffee-decaf-0000";
    let initialized = client.ask(&Ask::initialize("2025-11-25").key(ALICE)).await;
    let session = session(&initialized);
    let mut bodies = vec![initialized.body];
    for ask in [
        whoami(&session).key(ALICE),
        whoami(&session).key(wrong),
        whoami(&session).key(BOB),
        whoami(&session),
        whoami(&session).key(ALICE).with("X-API-Key", wrong),
        Ask::call("vault", &json!({})).session(&session).key(ALICE),
        Ask::call("panics", &json!({})).session(&session).key(ALICE),
        Ask::ping()
            .session(&session)
            .key(ALICE)
            .with("Origin", "https://evil.example"),
        Ask::ping().with("Authorization", format!("Basic {wrong}")),
        Ask::new("PUT", "/mcp").session(&session).key(ALICE),
        Ask::delete(&session).key(ALICE),
        Ask::delete(&session).key(ALICE),
    ] {
        let answer = client.ask(&ask).await;
        bodies.push(format!("{answer:?}"));
    }
    let log = log.text();
    assert!(log.contains("refused"), "the log was heard: {log}");
    let told = bodies.join("\n");
    for secret in [ALICE, BOB, wrong, &session] {
        assert!(!log.contains(secret), "{secret} in the log: {log}");
        assert!(!told.contains(secret), "{secret} in a response: {told}");
    }
}

/// Knows everybody by what they are called, but for two.
struct Moody;

#[async_trait::async_trait]
impl Authenticator for Moody {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable> {
        tokio::task::yield_now().await;
        match credential.secret() {
            "panic" => panic!("the password is {INTERNAL}"),
            "error" => Err(std::io::Error::other(format!("the password is {INTERNAL}")))?,
            "later" => Err(Unavailable::new("moving").retry_after(Duration::from_millis(1500))),
            name => Ok(name.starts_with("a").then(|| Identity::new(name))),
        }
    }
}

#[tokio::test]
async fn an_authenticator_that_panics_costs_its_request_a_500_and_no_connection() {
    let log = log::listen();
    let mut client = connect(http().auth(Moody).auth(keys()));
    for _ in 0..3 {
        let answer = client
            .ask(&Ask::initialize("2025-11-25").key("panic"))
            .await;
        assert_eq!(answer.status, 500, "{answer:?}");
        let said = answer.json()["error"]["message"].clone();
        let said = said.as_str().unwrap();
        let reference = said.strip_prefix("Internal error (ref ").unwrap();
        let reference = reference.strip_suffix(')').unwrap();
        assert!(log.text().contains(reference), "{said}");
        assert!(!answer.body.contains(INTERNAL), "{answer:?}");
    }
    // On the same connection.
    let answer = client.ask(&Ask::initialize("2025-11-25").key("ada")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn an_authenticator_that_cannot_tell_says_nothing_against_a_credential() {
    let log = log::listen();
    let mut client = connect(http().auth(Moody).auth(keys()));
    for (key, after) in [("error", "5"), ("later", "2")] {
        let answer = client.ask(&Ask::initialize("2025-11-25").key(key)).await;
        assert_eq!(answer.header("retry-after"), Some(after), "{answer:?}");
        assert_eq!(answer.header("www-authenticate"), None, "{answer:?}");
        answer.refuses(503, &["Credentials cannot be checked at the moment"]);
        assert!(!answer.body.contains(INTERNAL), "{answer:?}");
    }
    assert!(log.text().contains(INTERNAL), "the reason is in the log");
    assert_challenged(&client.ask(&Ask::initialize("2025-11-25").key("bob")).await);
}
