use serde_json::{Value, json};

use super::Agents;

#[test]
fn a_profile_is_read_as_json() {
    let uri = json!({ "uri": "agent://profiles/cipher" });
    let agents = Agents::start();
    let result = agents
        .anonymous()
        .request("resources/read", uri.clone())
        .result();
    let contents = &result["contents"][0];
    assert_eq!(contents["uri"], uri["uri"]);
    assert_eq!(contents["mimeType"], "application/json");
    let profile: Value = serde_json::from_str(contents["text"].as_str().unwrap()).unwrap();
    assert_eq!(profile["username"], "cipher");
    assert!(
        profile["skills"]
            .as_array()
            .unwrap()
            .contains(&json!("rust")),
        "{profile}"
    );
}

#[test]
fn a_profile_of_nobody_is_not_found() {
    let uri = "agent://profiles/zzz";
    let agents = Agents::start();
    let error = agents
        .anonymous()
        .request("resources/read", json!({ "uri": uri }))
        .error();
    assert_eq!(error["code"], -32002);
    assert_eq!(error["data"]["uri"], uri);
}

/// The text of the prompt's only message.
fn proposal(arguments: Value) -> String {
    let params = json!({ "name": "collaboration_proposal", "arguments": arguments });
    let result = Agents::start()
        .anonymous()
        .request("prompts/get", params)
        .result();
    let message = &result["messages"][0];
    assert_eq!(message["role"], "user");
    message["content"]["text"].as_str().unwrap().to_owned()
}

#[test]
fn a_proposal_is_about_its_topic_and_friendly_unless_said_otherwise() {
    let text = proposal(json!({ "topic": "a port to Rust" }));
    assert!(
        text.contains("a port to Rust") && text.contains("a friendly message"),
        "{text}"
    );
    let text = proposal(json!({ "topic": "x", "style": "formal" }));
    assert!(text.contains("a formal message"), "{text}");
}

#[test]
fn a_proposal_without_a_topic_is_refused() {
    let params = json!({ "name": "collaboration_proposal" });
    let error = Agents::start()
        .anonymous()
        .request("prompts/get", params)
        .error();
    assert_eq!(error["code"], -32602);
    assert!(
        error["message"].as_str().unwrap().contains("`topic`"),
        "{error}"
    );
}
