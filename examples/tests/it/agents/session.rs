use serde_json::json;

use super::{ATLAS, Agents, BEACON};

#[test]
fn initialize_tells_the_session_in_the_header_and_in_the_result() {
    let agents = Agents::start();
    let mut client = agents.example.client();
    let answer = client.initialize();
    let result = answer.result();
    assert_eq!(result["protocolVersion"], "2025-11-25");
    assert_eq!(result["serverInfo"]["name"], "agents");
    assert_eq!(result["sessionId"], client.session());
    assert_eq!(answer.header("mcp-session-id"), Some(client.session()));
}

#[test]
fn everything_it_has_is_listed() {
    let agents = Agents::start();
    let mut client = agents.anonymous();
    let mut names = |method: &str, list: &str, name: &str| -> Vec<String> {
        let result = client.request(method, json!({})).result();
        let items = result[list].as_array().unwrap().iter();
        items
            .map(|item| item[name].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names("tools/list", "tools", "name"),
        ["agent_search", "platform_stats", "dm_send", "dm_inbox"]
    );
    assert_eq!(
        names(
            "resources/templates/list",
            "resourceTemplates",
            "uriTemplate"
        ),
        ["agent://profiles/{username}"]
    );
    assert_eq!(
        names("prompts/list", "prompts", "name"),
        ["collaboration_proposal"]
    );
}

#[test]
fn only_sending_is_not_read_only() {
    let agents = Agents::start();
    let result = agents.anonymous().request("tools/list", json!({})).result();
    for tool in result["tools"].as_array().unwrap() {
        let read_only = tool["annotations"]["readOnlyHint"] == true;
        assert_eq!(read_only, tool["name"] != "dm_send", "{tool}");
    }
}

#[test]
fn a_deleted_session_is_not_found() {
    let agents = Agents::start();
    let mut client = agents.anonymous();
    assert_eq!(client.delete().status, 204);
    assert_eq!(client.request("tools/list", json!({})).status, 404);
    assert_eq!(client.delete().status, 404);
}

#[test]
fn a_session_belongs_to_who_began_it() {
    let agents = Agents::start();
    let atlas = agents.caller(ATLAS);
    let mut beacon = agents.example.client().key(BEACON).resume(atlas.session());
    assert_eq!(beacon.request("tools/list", json!({})).status, 404);
    let mut unknown = agents.example.client().resume(atlas.session());
    assert_eq!(unknown.request("tools/list", json!({})).status, 404);
}

#[test]
fn a_session_survives_a_restart() {
    let agents = Agents::start();
    let session = agents.anonymous().session().to_owned();
    let agents = agents.restarted();
    let mut client = agents.example.client().resume(session);
    assert_eq!(client.request("tools/list", json!({})).status, 200);
}
