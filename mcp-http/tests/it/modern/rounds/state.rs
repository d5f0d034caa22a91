//! `requestState`: what is none of ours, and what one can hold.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use mcp_core::{Ctx, SealKey, ToolError};
use mcp_http::HttpServer;
use serde_json::json;

use super::{Conversation, Name, accept, ann, asks, refused, serve, server, works};
use crate::{
    client::{Ask, local},
    events::{new_session, tool},
    log,
};

#[tokio::test]
async fn answers_and_states_of_the_wrong_shape_are_refused() {
    let server = serve([asks("asks")]);
    for wrong in [json!([]), json!([ann()]), json!("x"), json!(7), json!(true)] {
        let call = Conversation::call("asks").answered(wrong.clone());
        let answer = call.send(&server).await;
        assert_eq!(refused(&answer, 400).0, -32602, "{wrong}");
        answer.refuses(400, &["inputResponses"]);
    }
    for wrong in [
        json!([]),
        json!({}),
        json!(7),
        json!(""),
        json!("garbage"),
        json!("A".repeat(100_000)),
        json!("größe"),
    ] {
        let call = Conversation::call("asks").with("requestState", wrong);
        Conversation::is_refused(&call.send(&server).await);
    }
}

#[tokio::test]
async fn a_state_with_any_byte_changed_is_refused() {
    let done = Arc::default();
    let server = serve([works(&done)]);
    let (next, _) = Conversation::call("works").is_asked(&server, &["q0"]).await;
    let state = next.state().to_owned();
    let next = next.answered(json!({ "q0": ann() }));
    let mut client = server.connect();
    for at in 0..state.len() {
        let mut others = Vec::new();
        for other in [b'A', b'B', b'_', b'=', b' ', state.as_bytes()[at] ^ 1] {
            let mut forged = state.clone().into_bytes();
            forged[at] = other;
            others.extend(String::from_utf8(forged).ok().filter(|it| *it != state));
        }
        others.push(state[..at].to_owned());
        others.push(format!("{}{}", &state[..at], &state[at + 1..]));
        others.push(format!("{}A{}", &state[..at], &state[at..]));
        for forged in others {
            let forged = next.clone().with("requestState", json!(forged));
            Conversation::is_refused(&client.ask(&forged.ask()).await);
        }
    }
    for forged in [
        format!("{state}A"),
        format!("{state}="),
        format!(" {state}"),
    ] {
        let forged = next.clone().with("requestState", json!(forged));
        Conversation::is_refused(&client.ask(&forged.ask()).await);
    }
    assert_eq!(done.load(Ordering::SeqCst), 1, "nothing was run for them");
    next.is_asked(&server, &["q1"]).await;
}

#[tokio::test]
async fn a_session_id_is_no_state_and_a_state_no_session() {
    let server = serve([asks("asks")]);
    let session = new_session(&server, &json!({})).await;
    let call = Conversation::call("asks").with("requestState", json!(session));
    Conversation::is_refused(&call.send(&server).await);
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    assert_eq!(
        server.ask(&Ask::ping().session(next.state())).await.status,
        404
    );
}

#[tokio::test]
async fn a_state_that_is_too_old_is_refused() {
    let http = |time| HttpServer::new(server([asks("asks")])).state_lifetime(time);
    let server = local(http(Duration::ZERO));
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    let next = next.answered(json!({ "q0": ann() }));
    Conversation::is_refused(&next.send(&server).await);
    // And one that never is, is not.
    let server = local(http(Duration::MAX));
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    next.answered(json!({ "q0": ann() }))
        .says(&server, "Hello, Ann!")
        .await;
}

#[tokio::test]
async fn servers_that_share_a_key_share_conversations() {
    let keys = [1, 2, 3].map(|byte| SealKey::from([byte; 32]));
    let done = Arc::default();
    let serve = |some: &[usize]| {
        let http = HttpServer::new(server([works(&done)]));
        let keyed = some
            .iter()
            .fold(http, |http, at| http.seal_key(keys[*at].clone()));
        local(keyed)
    };
    let (old, new, same, strange) = (serve(&[0]), serve(&[1, 0]), serve(&[1]), serve(&[2]));
    let (next, _) = Conversation::call("works").is_asked(&old, &["q0"]).await;
    let next = next.answered(json!({ "q0": ann() }));
    Conversation::is_refused(&next.send(&same).await);
    Conversation::is_refused(&next.send(&strange).await);
    // The new key opens what the old one sealed, and seals what comes of it.
    let (next, _) = next.is_asked(&new, &["q1"]).await;
    let next = next.answered(json!({ "q1": accept(&json!({ "age": 7 })) }));
    Conversation::is_refused(&next.send(&old).await);
    next.says(&same, "Ann is 7: 0 1 2").await;
}

#[tokio::test]
async fn a_state_shows_nothing_of_what_it_holds() {
    let secret = tool("secret", |ctx: Ctx| async move {
        let secret = || async { Ok::<_, ToolError>("hunter2-hunter2-hunter2".to_owned()) };
        let _: String = ctx.step("look", secret).await?;
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok(name)
    });
    let (next, _) = Conversation::call("secret")
        .is_asked(&serve([secret]), &["q0"])
        .await;
    let bytes = URL_SAFE_NO_PAD.decode(next.state()).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"));
}

#[tokio::test]
async fn a_server_that_hides_its_name_asks_without_it() {
    let server = local(HttpServer::new(server([asks("asks")])).hide_server_info());
    let answer = Conversation::call("asks").send(&server).await;
    assert_eq!(answer.result()["resultType"], "input_required");
    assert!(!answer.body.contains("serverInfo"), "{answer:?}");
}

#[tokio::test]
async fn answers_too_large_to_be_carried_are_refused_and_the_limit_is_told() {
    let server = serve([works(&Arc::default())]);
    let (next, _) = Conversation::call("works").is_asked(&server, &["q0"]).await;
    let name = "x".repeat(100_000);
    let next = next.answered(json!({ "q0": accept(&json!({ "name": name })) }));
    let (code, message) = next.send(&server).await.error(400);
    assert_eq!(code, -32602);
    for words in ["100041 bytes", "65536 bytes", "`requestState`"] {
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn a_state_and_answers_of_null_are_none() {
    let server = serve([asks("asks")]);
    let call = Conversation::call("asks").with("requestState", json!(null));
    let call = call.answered(json!(null));
    let (next, _) = call.is_asked(&server, &["q0"]).await;
    next.answered(json!({ "q0": ann() }))
        .says(&server, "Hello, Ann!")
        .await;
}

#[tokio::test]
async fn steps_too_large_to_be_carried_are_the_servers_fault_and_are_logged() {
    let hoards = tool("hoards", |ctx: Ctx| async move {
        let hoard = || async { Ok::<_, ToolError>("x".repeat(100_000)) };
        let _: String = ctx.step("hoard", hoard).await?;
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok(name)
    });
    let server = serve([hoards]);
    let log = log::listen();
    let (code, message) = Conversation::call("hoards").send(&server).await.error(200);
    assert_eq!(code, -32603, "{message}");
    assert!(message.starts_with("Internal error (ref "), "{message}");
    let logged = log.text();
    for words in ["`hoard`", "100002", "65536"] {
        assert!(logged.contains(words), "{logged}");
    }
}
