use serde_json::{Value, json};

use super::{ATLAS, Agents, BEACON, NOBODY};

fn to_beacon(content: &str) -> Value {
    json!({ "to": "beacon", "content": content })
}

#[test]
fn sending_without_a_key_is_refused_and_told_what_to_send() {
    let answer = Agents::start()
        .anonymous()
        .call("dm_send", to_beacon("Hello"));
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.header("www-authenticate"),
        Some("Bearer realm=\"mcp\"")
    );
    let error = answer.error();
    assert_eq!(error["code"], -32000);
    assert_eq!(
        error["message"],
        "Authentication required for tool: dm_send"
    );
    let send = error["data"]["send"].to_string();
    assert!(
        send.contains("Authorization: Bearer") && send.contains("X-API-Key"),
        "{send}"
    );
}

#[test]
fn reading_without_a_key_is_refused_too() {
    assert_eq!(
        Agents::start()
            .anonymous()
            .call("dm_inbox", json!({}))
            .status,
        401
    );
}

#[test]
fn a_key_that_nobody_knows_is_refused() {
    let agents = Agents::start();
    let mut client = agents.example.client().key("a-key-that-nobody-knows");
    let answer = client.initialize();
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains("invalid_token"), "{challenge}");
    assert!(!answer.body.contains("a-key-that"), "{answer:?}");
}

#[test]
fn a_message_is_in_the_others_inbox_after_a_restart_in_the_same_sessions() {
    let agents = Agents::start();
    let mut atlas = agents.caller(ATLAS);
    let session = agents.caller(BEACON).session().to_owned();
    let receipt = atlas
        .call("dm_send", to_beacon("Does this last?"))
        .structured();
    assert_eq!(receipt["to"], "beacon");

    let agents = agents.restarted();
    let mut beacon = agents.example.client().key(BEACON).resume(session);
    let inbox = beacon.call("dm_inbox", json!({ "limit": 1 })).structured();
    let newest = &inbox["messages"][0];
    assert_eq!(newest["content"], "Does this last?");
    assert_eq!(newest["from"], "atlas");
    assert_eq!(newest["id"], receipt["id"]);
    let mut atlas = agents.example.client().key(ATLAS).resume(atlas.session());
    assert_eq!(atlas.call("dm_send", to_beacon("So it seems.")).status, 200);
}

#[test]
fn an_inbox_begins_with_the_newest_and_holds_nobody_elses() {
    let agents = Agents::start();
    let mut atlas = agents.caller(ATLAS);
    for content in ["one", "two", "three"] {
        atlas.call("dm_send", to_beacon(content)).structured();
    }
    atlas
        .call("dm_send", json!({ "to": "cipher", "content": "not yours" }))
        .structured();
    let inbox = agents
        .caller(BEACON)
        .call("dm_inbox", json!({}))
        .structured();
    let contents: Vec<_> = inbox["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["content"])
        .collect();
    assert_eq!(contents[..3], ["three", "two", "one"]);
    assert!(!contents.iter().any(|content| *content == "not yours"));
}

#[test]
fn an_unknown_recipient_is_answered_with_names_that_are_close() {
    let agents = Agents::start();
    let mut atlas = agents.caller(ATLAS);
    let complaint = atlas
        .call("dm_send", json!({ "to": "becon", "content": "Hi" }))
        .complaint();
    assert_eq!(
        complaint,
        "there is no agent `becon`; did you mean `beacon`? `agent_search` tells who there is"
    );
    let complaint = atlas
        .call("dm_send", json!({ "to": "zzz", "content": "Hi" }))
        .complaint();
    assert_eq!(
        complaint,
        "there is no agent `zzz`; `agent_search` tells who there is"
    );
}

#[test]
fn a_message_has_up_to_2000_characters() {
    let agents = Agents::start();
    let mut atlas = agents.caller(ATLAS);
    // Two bytes each: characters are counted, not bytes.
    atlas
        .call("dm_send", to_beacon(&"é".repeat(2000)))
        .structured();
    let complaint = atlas
        .call("dm_send", to_beacon(&"é".repeat(2001)))
        .complaint();
    assert!(
        complaint.contains("`content`") && complaint.contains("2000"),
        "{complaint}"
    );
    let complaint = atlas.call("dm_send", to_beacon("")).complaint();
    assert!(
        complaint.contains("`content`") && complaint.contains('1'),
        "{complaint}"
    );
}

#[test]
fn a_key_of_somebody_who_is_no_agent_is_told_so() {
    let agents = Agents::start();
    let complaint = agents
        .caller(NOBODY)
        .call("dm_send", to_beacon("Hi"))
        .complaint();
    assert!(
        complaint.contains("`nobody`") && complaint.contains("no agent"),
        "{complaint}"
    );
}
