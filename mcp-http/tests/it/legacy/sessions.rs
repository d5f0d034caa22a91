//! Sessions: whose they are, how long they live, and who serves them.

use std::time::Duration;

use serde_json::json;

use super::{INITIALIZED, REVISIONS, seal_key, versions::named};
use crate::{
    client::{Answer, Ask, connect, listen, local},
    fixture::http,
};

#[tokio::test]
async fn a_request_without_a_session_is_told_to_initialize() {
    let mut client = connect(http());
    client.initialize().await;
    for ask in [
        Ask::ping(),
        Ask::rpc("tools/list", &json!({})),
        Ask::post(INITIALIZED),
        Ask::new("DELETE", "/mcp"),
    ] {
        let answer = client.ask(&ask).await;
        answer.refuses(400, &["`Mcp-Session-Id` is missing", "initialize"]);
    }
}

#[tokio::test]
async fn a_session_in_the_query_is_none() {
    let mut client = connect(http());
    let id = client.initialize().await;
    for name in ["sessionId", "session_id", "Mcp-Session-Id"] {
        let answer = client
            .ask(&Ask::ping().at(&format!("/mcp?{name}={id}")))
            .await;
        answer.refuses(400, &["`Mcp-Session-Id` is missing"]);
    }
}

#[tokio::test]
async fn two_session_headers_are_refused_even_if_they_agree() {
    let mut client = connect(http());
    let id = client.initialize().await;
    for ask in [Ask::ping().session(&id), Ask::delete(&id)] {
        client.ask(&ask.session(&id)).await.refuses(400, &["twice"]);
    }
    client.ask(&Ask::ping().session(&id)).await.result();
}

/// One answer to every id that opens nothing: why it does not is nobody's business.
#[tokio::test]
async fn unknown_foreign_ended_expired_and_tampered_sessions_are_answered_alike() {
    let server = local(http().seal_key(seal_key(1)));
    let mut client = server.connect();
    let ended = client.initialize().await;
    client.ask(&Ask::delete(&ended)).await;
    let foreign = connect(http().seal_key(seal_key(2))).initialize().await;
    let alive = client.initialize().await;
    let middle = alive.len() / 2;
    let other = if alive[middle..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    let tampered = format!("{}{other}{}", &alive[..middle], &alive[middle + 1..]);
    let unknown = [
        ended,
        foreign,
        tampered,
        alive[1..].to_owned(),
        alive[..alive.len() - 1].to_owned(),
        format!("{alive}A"),
        format!("{alive}="),
        alive.to_ascii_lowercase(),
        "1868a90c-6c3b-4f2e-9f0e-1d2c3b4a5968".to_owned(),
        "x".to_owned(),
        String::new(),
        "x".repeat(10_000),
    ];
    let mut answers: Vec<Answer> = Vec::new();
    for id in unknown {
        for ask in [Ask::ping(), Ask::call("echo", &json!({ "text": "x" }))] {
            let answer = client.ask(&ask.session(&id)).await;
            answer.refuses(404, &["Session not found", "initialize"]);
            answers.push(answer);
        }
    }
    let mut expired = connect(http().session_lifetime(Duration::ZERO));
    let id = expired.initialize().await;
    answers.push(expired.ask(&Ask::ping().session(&id)).await);
    // But for the clock, of which a header tells.
    let told = |answer: &Answer| (answer.status, answer.body.clone());
    assert!(
        answers
            .iter()
            .all(|answer| told(answer) == told(&answers[0])),
        "{answers:?}"
    );
    client.ask(&Ask::ping().session(&alive)).await.result();
}

#[tokio::test]
async fn a_session_without_a_life_is_gone_at_once() {
    let mut client = connect(http().session_lifetime(Duration::ZERO));
    let id = client.initialize().await;
    client
        .ask(&Ask::ping().session(&id))
        .await
        .refuses(404, &["Session not found"]);
    client
        .ask(&Ask::delete(&id))
        .await
        .refuses(404, &["Session not found"]);
}

#[tokio::test]
async fn a_session_that_may_idle_is_served_while_it_is_used() {
    for idle in [Duration::from_secs(3600), Duration::MAX] {
        let mut client = connect(http().session_idle(idle));
        let id = client.initialize().await;
        for _ in 0..3 {
            client.ask(&Ask::ping().session(&id)).await.result();
        }
        assert_eq!(client.ask(&Ask::delete(&id)).await.status, 204);
        client
            .ask(&Ask::ping().session(&id))
            .await
            .refuses(404, &["Session not found"]);
    }
}

#[tokio::test]
async fn a_session_may_live_as_long_as_can_be_said() {
    let mut client = connect(http().session_lifetime(Duration::MAX));
    let id = client.initialize().await;
    client.ask(&Ask::ping().session(&id)).await.result();
}

#[tokio::test]
async fn delete_ends_a_session_on_every_connection() {
    let listening = listen(http()).await;
    let (mut one, mut two) = (listening.connect().await, listening.connect().await);
    let [id, other] = [one.initialize().await, one.initialize().await];
    // Both connections have it open, and remember it.
    for client in [&mut one, &mut two] {
        client.ask(&Ask::ping().session(&id)).await.result();
    }
    let deleted = one.ask(&Ask::delete(&id)).await;
    assert_eq!((deleted.status, deleted.body.as_str()), (204, ""));
    let mut three = listening.connect().await;
    for client in [&mut one, &mut two, &mut three] {
        for ask in [
            Ask::ping().session(&id),
            Ask::post(INITIALIZED).session(&id),
            Ask::delete(&id),
        ] {
            client.ask(&ask).await.refuses(404, &["Session not found"]);
        }
        client.ask(&Ask::ping().session(&other)).await.result();
    }
}

#[tokio::test]
async fn a_connection_may_change_between_sessions() {
    let mut client = connect(http());
    let mut sessions = Vec::new();
    for version in REVISIONS {
        sessions.push((version, client.initialize_at(version).await));
    }
    for _ in 0..3 {
        for (version, id) in &sessions {
            let ask = Ask::rpc("tools/list", &json!({})).session(id);
            let tools = client.ask(&ask).await.result();
            let titled = named(&tools, "forecast").get("title").is_some();
            assert_eq!(titled, *version > "2025-03-26", "{version}");
        }
    }
}

#[tokio::test]
async fn whoever_has_the_seal_key_serves_the_session() {
    let id = connect(http().seal_key(seal_key(1)))
        .initialize_at("2025-06-18")
        .await;
    // After a restart, or on another machine.
    let mut again = connect(http().seal_key(seal_key(1)));
    let ask = Ask::rpc("tools/list", &json!({})).session(&id);
    let tools = again.ask(&ask).await.result();
    let forecast = named(&tools, "forecast");
    assert!(
        forecast.get("title").is_some() && forecast.get("icons").is_none(),
        "{forecast}"
    );
    connect(http())
        .ask(&ask)
        .await
        .refuses(404, &["Session not found"]);
}

#[tokio::test]
async fn a_session_is_named_briefly_whatever_its_client_declares() {
    let mut client = connect(http());
    for name in ["x".repeat(5000), "\u{1}".repeat(1000), "é".repeat(500)] {
        let capabilities = json!({ "experimental": { name: {} }, "extensions": {} });
        let ask = crate::events::initialize("2025-11-25", &capabilities);
        let id = crate::client::session(&client.ask(&ask).await);
        assert!(id.len() < 2048, "{}", id.len());
    }
}

#[tokio::test]
async fn seal_keys_rotate_without_ending_a_session() {
    let (old, new) = (seal_key(1), seal_key(2));
    let before = connect(http().seal_key(old.clone())).initialize().await;
    let mut rotated = connect(http().seal_key(new.clone()).seal_key(old.clone()));
    rotated.ask(&Ask::ping().session(&before)).await.result();
    let since = rotated.initialize().await;
    // The newest seals.
    let mut after = connect(http().seal_key(new));
    after.ask(&Ask::ping().session(&since)).await.result();
    after
        .ask(&Ask::ping().session(&before))
        .await
        .refuses(404, &["Session not found"]);
    connect(http().seal_key(old))
        .ask(&Ask::ping().session(&since))
        .await
        .refuses(404, &[]);
}
