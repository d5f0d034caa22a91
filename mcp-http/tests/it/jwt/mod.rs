//! Signed access tokens: which are taken, and what is said of those that are not.

mod fetched;
mod issuer;

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use mcp_core::{Identity, Server, prelude::*};
use mcp_http::{
    HttpServer,
    auth::{ApiKeys, Introspection, Jwks, Jwt},
};
use serde_json::{Value, json};

use self::issuer::{AUDIENCE, Issuer, URL, claims, hours, pieces};
use crate::{
    client::{Answer, Ask, Local, local},
    fixture::ALICE,
    log, modern as new,
};

/// Who asks, by whose word, and what they may
#[mcp_tool]
fn whoami(who: Identity) -> String {
    let issuer = who.issuer().unwrap_or("nobody");
    format!("{} by {issuer}: {}", who.subject(), who.scopes().join(","))
}

/// Lends
#[mcp_tool(scopes("books:lend"))]
fn lend() -> &'static str {
    "lent"
}

fn serving(tokens: Jwt) -> Local {
    let server = Server::new("it", "1").tools(tools![whoami, lend]);
    let http = HttpServer::new(server).auth(tokens);
    local(
        http.auth(ApiKeys::new([(ALICE, "alice")]))
            .public_url("https://mcp.example.com")
            .authorization_servers([URL]),
    )
}

/// A server that knows the keys of these issuers, all of which have one name.
fn knowing(issuers: &[&Issuer]) -> Local {
    let keys = Jwks::new(issuer::set(issuers)).unwrap();
    serving(Jwt::new(URL, AUDIENCE, keys))
}

async fn whoami_by(server: &Local, token: &str) -> Answer {
    server
        .ask(&new::call(1, "whoami", &json!({})).key(token))
        .await
}

#[track_caller]
fn assert_taken(answer: &Answer) {
    assert_eq!(answer.said().0, format!("carol by {URL}: books:read"));
}

/// It is not taken, and nothing is said of why.
#[track_caller]
fn assert_refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, 401, "{why}: {answer:?}");
    let challenge = answer.header("www-authenticate").unwrap();
    assert_eq!(
        challenge,
        "Bearer realm=\"mcp\", error=\"invalid_token\", scope=\"books:lend\", resource_metadata=\
         \"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\"",
        "{why}"
    );
    answer.refuses(401, &["The credential is not valid"]);
}

#[tokio::test]
async fn a_token_is_taken_with_every_kind_of_key() {
    let issuers = [
        Issuer::rsa(),
        Issuer::pss(),
        Issuer::ec(),
        Issuer::ed25519(),
    ];
    for issuer in &issuers {
        let server = knowing(&[issuer]);
        assert_taken(&whoami_by(&server, &issuer.issue(&claims())).await);
    }
    // And where all of them are known, with and without a `kid`.
    let server = knowing(&issuers.each_ref());
    for issuer in &issuers {
        assert_taken(&whoami_by(&server, &issuer.issue(&claims())).await);
        let unnamed = issuer.header(|header| header.kid = None);
        assert_taken(&whoami_by(&server, &unnamed.issue(&claims())).await);
    }
}

#[tokio::test]
async fn a_token_names_its_issuer_its_audience_its_subject_and_its_end() {
    let issuer = Issuer::ec();
    let server = knowing(&[&issuer]);
    for name in ["iss", "aud", "sub", "exp"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_refused(&whoami_by(&server, &issuer.issue(&claims)).await, name);
        claims[name] = Value::Null;
        assert_refused(&whoami_by(&server, &issuer.issue(&claims)).await, name);
    }
}

#[tokio::test]
async fn a_token_of_another_issuer_audience_or_time_is_refused() {
    let issuer = Issuer::ec();
    let server = knowing(&[&issuer]);
    for (name, wrong) in [
        ("iss", json!("https://login.example.com.evil.example")),
        ("iss", json!(format!("{URL}/"))),
        ("iss", json!([URL])),
        ("aud", json!("https://another.example.com/mcp")),
        ("aud", json!("https://mcp.example.com")),
        ("aud", json!([])),
        ("aud", json!(["https://another.example.com/mcp", "account"])),
        ("aud", json!({ "https://mcp.example.com/mcp": true })),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("exp", json!(hours(-1))),
        ("exp", json!(hours(1).to_string())),
        ("exp", json!(-1)),
        ("exp", json!(0)),
        ("nbf", json!(hours(1))),
        ("nbf", json!(hours(-1).to_string())),
        ("scope", json!(7)),
    ] {
        let mut claims = claims();
        claims[name] = wrong.clone();
        let answer = whoami_by(&server, &issuer.issue(&claims)).await;
        assert_refused(&answer, &format!("{name}: {wrong}"));
    }
}

#[tokio::test]
async fn an_audience_may_be_one_of_several_and_written_in_capitals() {
    let issuer = Issuer::ec();
    let server = knowing(&[&issuer]);
    for right in [
        json!(["account", AUDIENCE]),
        json!("HTTPS://MCP.EXAMPLE.COM/mcp"),
        json!(format!("{AUDIENCE}/")),
    ] {
        let mut claims = claims();
        claims["aud"] = right;
        assert_taken(&whoami_by(&server, &issuer.issue(&claims)).await);
    }
}

#[tokio::test]
async fn clocks_may_differ_by_the_leeway_and_no_more() {
    let issuer = Issuer::ec();
    let keys = || Jwks::new(issuer::set(&[&issuer])).unwrap();
    let usual = serving(Jwt::new(URL, AUDIENCE, keys()));
    let strict = serving(Jwt::new(URL, AUDIENCE, keys()).leeway(Duration::ZERO));
    for (name, seconds) in [("exp", -30), ("nbf", 30)] {
        let mut claims = claims();
        claims[name] = json!(hours(0) + seconds);
        let token = issuer.issue(&claims);
        assert_taken(&whoami_by(&usual, &token).await);
        assert_refused(&whoami_by(&strict, &token).await, name);
        claims[name] = json!(hours(0) + 4 * seconds);
        assert_refused(&whoami_by(&usual, &issuer.issue(&claims)).await, name);
    }
}

#[tokio::test]
async fn scopes_come_as_text_or_as_a_list_by_either_name() {
    let issuer = Issuer::ed25519();
    let server = knowing(&[&issuer]);
    for (name, scopes) in [
        ("scope", json!("books:read books:lend")),
        ("scp", json!("books:read books:lend")),
        ("scp", json!(["books:read", "books:lend"])),
    ] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove("scope");
        claims[name] = scopes;
        let token = issuer.issue(&claims);
        let said = whoami_by(&server, &token).await.said().0;
        assert_eq!(said, format!("carol by {URL}: books:read,books:lend"));
        let answer = server
            .ask(&new::call(1, "lend", &json!({})).key(&token))
            .await;
        assert_eq!(answer.said().0, "lent");
    }
    let weak = issuer.issue(&claims());
    let answer = server
        .ask(&new::call(1, "lend", &json!({})).key(&weak))
        .await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let (issuer, forger) = (Issuer::ec(), Issuer::another_ec());
    let server = knowing(&[&issuer]);
    let token = issuer.issue(&claims());
    let [header, payload, signature] = pieces(&token);
    let mut admin = claims();
    admin["sub"] = json!("admin");
    let other = issuer.issue(&admin);
    let [_, stolen, _] = pieces(&other);
    for (why, forged) in [
        ("another key under its name", forger.issue(&claims())),
        (
            "claims of another token",
            format!("{header}.{stolen}.{signature}"),
        ),
        ("no signature", format!("{header}.{payload}.")),
        (
            "half a signature",
            format!("{header}.{payload}.{}", &signature[..43]),
        ),
        (
            "a signature that is not base64",
            format!("{header}.{payload}.%%%"),
        ),
        ("padding", format!("{header}.{payload}.{signature}==")),
        (
            "a signature of nothing",
            format!("{header}.{payload}.{}", "A".repeat(86)),
        ),
        ("no claims", format!("{header}..{signature}")),
        ("no header", format!(".{payload}.{signature}")),
        ("four parts", format!("{token}.{signature}")),
        ("two parts", format!("{header}.{payload}")),
        ("dots", "..".to_owned()),
        (
            "a header that is not JSON",
            format!("e30x.{payload}.{signature}"),
        ),
    ] {
        assert_refused(&whoami_by(&server, &forged).await, why);
    }
    assert_taken(&whoami_by(&server, &token).await);
}

#[tokio::test]
async fn the_algorithm_is_the_keys_and_not_the_tokens() {
    let issuers = [Issuer::rsa(), Issuer::ec(), Issuer::ed25519()];
    for issuer in &issuers {
        let server = knowing(&[issuer]);
        // The oldest forgery: what is public is taken for a secret.
        for public in issuer.public_bytes() {
            let forged = issuer.issue_by_secret(&public, &claims());
            assert_refused(
                &whoami_by(&server, &forged).await,
                "HS256 with the public key",
            );
        }
        let token = issuer.issue(&claims());
        let [_, payload, signature] = pieces(&token);
        for algorithm in [
            "none", "None", "HS256", "HS512", "RS512", "ES384", "EdDSA ", "",
        ] {
            let header = issuer::encoded(&json!({ "alg": algorithm, "kid": issuer.kid() }));
            for signature in [signature, ""] {
                let forged = format!("{header}.{payload}.{signature}");
                assert_refused(&whoami_by(&server, &forged).await, algorithm);
            }
        }
        // A key of one kind under the name of another.
        for other in &issuers {
            if other.kid() != issuer.kid() {
                let confused = other.header(|header| header.kid = Some(issuer.kid().to_owned()));
                assert_refused(&whoami_by(&server, &confused.issue(&claims())).await, "kid");
            }
        }
    }
    // A key that says what it is for is for nothing else.
    let only = Issuer::rsa();
    let server = knowing(&[&only]);
    let other = only.header(|header| header.alg = jsonwebtoken::Algorithm::PS256);
    assert_refused(
        &whoami_by(&server, &other.issue(&claims())).await,
        "PS256 by an RS256 key",
    );
}

#[tokio::test]
async fn a_token_brings_no_key_and_no_rule_of_its_own() {
    let (issuer, forger) = (Issuer::ec(), Issuer::another_ec());
    let server = knowing(&[&issuer]);
    let own_key = forger.header(|header| {
        header.kid = None;
        header.jwk = Some(forger.jwk());
        header.jku = Some("https://evil.example/jwks".to_owned());
    });
    assert_refused(
        &whoami_by(&server, &own_key.issue(&claims())).await,
        "its own key",
    );
    let critical = issuer.header(|header| header.crit = Some(vec!["exp".to_owned()]));
    assert_refused(
        &whoami_by(&server, &critical.issue(&claims())).await,
        "crit",
    );
}

#[tokio::test]
async fn claims_that_are_there_twice_spoil_the_token() {
    let issuer = Issuer::ec();
    let server = knowing(&[&issuer]);
    let mut text = claims().to_string();
    assert_eq!(text.pop(), Some('}'));
    let token = issuer.issue_text(&format!("{text},\"sub\":\"admin\"}}"));
    assert_refused(&whoami_by(&server, &token).await, "two subjects");
}

#[tokio::test]
async fn a_token_is_a_bearer_token_and_other_credentials_stay_what_they_are() {
    let issuer = Issuer::ec();
    let server = knowing(&[&issuer]);
    let token = issuer.issue(&claims());
    let ask = new::call(1, "whoami", &json!({}));
    let answer = server.ask(&ask.clone().with("X-API-Key", &token)).await;
    assert_refused(&answer, "an API key");
    let answer = server.ask(&ask.key(ALICE)).await;
    assert_eq!(answer.said().0, "alice by nobody: ");
}

#[tokio::test]
async fn a_session_belongs_to_a_subject_of_an_issuer() {
    let issuer = Issuer::ec();
    let keys = || Jwks::new(issuer::set(&[&issuer])).unwrap();
    let elsewhere = "https://other.example.com";
    let server = Server::new("it", "1").tools(tools![whoami]);
    let http = HttpServer::new(server).auth(Jwt::new(URL, AUDIENCE, keys()));
    let server = local(http.auth(Jwt::new(elsewhere, AUDIENCE, keys())));
    let ours = issuer.issue(&claims());
    let mut claims = claims();
    claims["iss"] = json!(elsewhere);
    let theirs = issuer.issue(&claims);
    let session = server.ask(&Ask::initialize("2025-11-25").key(&ours)).await;
    let session = crate::client::session(&session);
    let ask = Ask::call("whoami", &json!({})).session(&session);
    assert_taken(&server.ask(&ask.clone().key(&ours)).await);
    server
        .ask(&ask.key(&theirs))
        .await
        .refuses(404, &["Session not found"]);
}

#[tokio::test]
async fn a_session_goes_on_with_a_fresher_or_stronger_token() {
    let issuer = Issuer::ec();
    let server = knowing(&[&issuer]);
    let ask = Ask::initialize("2025-11-25").key(&issuer.issue(&claims()));
    let session = crate::client::session(&server.ask(&ask).await);
    let mut stronger = claims();
    stronger["exp"] = json!(hours(2));
    stronger["scope"] = json!("books:read books:lend");
    let ask = Ask::call("lend", &json!({})).session(&session);
    let answer = server.ask(&ask.key(&issuer.issue(&stronger))).await;
    assert_eq!(answer.said().0, "lent");
}

#[tokio::test]
async fn the_log_says_why_and_never_what() {
    let log = log::listen();
    let issuer = Issuer::ec();
    let server = knowing(&[&issuer]);
    let mut told = claims();
    told["exp"] = json!(hours(-1));
    told["sub"] = json!("c0ffee-decaf");
    let token = issuer.issue(&told);
    assert_refused(&whoami_by(&server, &token).await, "expired");
    let log = log.text();
    assert!(log.contains("`exp` is over"), "{log}");
    for piece in pieces(&token).into_iter().chain(["c0ffee-decaf"]) {
        assert!(!log.contains(piece), "{piece} is in the log: {log}");
    }
}

#[test]
fn a_key_set_that_is_of_no_use_is_refused() {
    let good = serde_json::to_value(Issuer::ec().jwk()).unwrap();
    let with = |name: &str, value: Value| {
        let mut key = good.clone();
        key[name] = value;
        json!({ "keys": [key] }).to_string()
    };
    for (text, reason) in [
        ("", "not a key set"),
        ("[]", "not a key set"),
        (r#"{"keys": []}"#, "no public key"),
        (
            r#"{"keys": [{"kty": "oct", "k": "c2VjcmV0"}, 7, {}]}"#,
            "no public key",
        ),
        (&with("use", json!("enc")), "no public key"),
        (&with("key_ops", json!(["sign"])), "no public key"),
        (&with("alg", json!("ES384")), "no public key"),
        (&with("alg", json!("HS256")), "no public key"),
        (&with("crv", json!("P-521")), "no public key"),
        (&" ".repeat(2 << 20), "more than"),
    ] {
        let error = Jwks::new(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    for text in [
        json!({ "keys": [7, { "kty": "AKP" }, good] }).to_string(),
        with("use", json!("sig")),
        with("key_ops", json!(["verify"])),
    ] {
        assert!(Jwks::new(&text).is_ok(), "{text}");
    }
    let error = Jwks::from_file("no/such/file.json")
        .unwrap_err()
        .to_string();
    assert!(error.contains("no/such/file.json"), "{error}");
}

#[tokio::test]
async fn a_token_that_was_good_ends_when_it_says() {
    let issuer = Issuer::ed25519();
    let keys = Jwks::new(issuer::set(&[&issuer])).unwrap();
    let server = serving(Jwt::new(URL, AUDIENCE, keys).leeway(Duration::ZERO));
    let mut brief = claims();
    brief["exp"] = json!(hours(0) + 2);
    let token = issuer.issue(&brief);
    assert_taken(&whoami_by(&server, &token).await);
    let last = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            let answer = whoami_by(&server, &token).await;
            if answer.status != 200 {
                return answer;
            }
        }
    });
    assert_refused(&last.await.unwrap(), "over");
    assert!(hours(0) >= brief["exp"].as_i64().unwrap());
}

#[tokio::test]
async fn a_token_whose_signature_is_good_is_not_asked_about() {
    let asked = Arc::new(AtomicUsize::new(0));
    let introspection = {
        let asked = Arc::clone(&asked);
        Introspection::new(URL, AUDIENCE, move |_| {
            asked.fetch_add(1, SeqCst);
            ready(Ok::<_, String>(r#"{"active":false}"#))
        })
    };
    let issuer = Issuer::ec();
    let keys = Jwks::new(issuer::set(&[&issuer])).unwrap();
    let server = Server::new("it", "1").tools(tools![whoami, lend]);
    let server = local(
        HttpServer::new(server)
            .auth(Jwt::new(URL, AUDIENCE, keys))
            .auth(introspection)
            .public_url("https://mcp.example.com")
            .authorization_servers([URL]),
    );
    assert_taken(&whoami_by(&server, &issuer.issue(&claims())).await);
    let mut late = claims();
    late["exp"] = json!(hours(-1));
    assert_refused(&whoami_by(&server, &issuer.issue(&late)).await, "over");
    assert_eq!(asked.load(SeqCst), 0);
    // What only says that it is the issuer's may be, for all that its keys tell.
    let forged = Issuer::another_ec().issue(&claims());
    assert_refused(&whoami_by(&server, &forged).await, "forged");
    assert_eq!(asked.load(SeqCst), 1);
}
