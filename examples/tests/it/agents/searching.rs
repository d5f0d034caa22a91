use serde_json::{Value, json};

use super::Agents;

/// The usernames that this search finds, in order.
fn found(arguments: Value) -> Vec<String> {
    let found = Agents::start()
        .anonymous()
        .call("agent_search", arguments)
        .structured();
    let agents = found["agents"].as_array().unwrap().iter();
    agents
        .map(|agent| agent["username"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_platform_is_told_in_numbers() {
    let stats = Agents::start()
        .anonymous()
        .call("platform_stats", json!({}))
        .structured();
    assert_eq!(stats["agents"], 10);
    assert_eq!(stats["messages"], 4);
    assert!(
        stats["skills"].as_u64() > Some(10) && stats["uptime_seconds"].is_u64(),
        "{stats}"
    );
}

#[test]
fn a_search_finds_the_best_match_first() {
    assert_eq!(
        found(json!({ "skills": ["rust", "security"] })),
        ["cipher", "forge"]
    );
}

#[test]
fn a_search_without_skills_finds_everybody() {
    assert_eq!(found(json!({})).len(), 10);
    assert_eq!(found(json!({ "skills": [] })).len(), 10);
}

#[test]
fn a_limit_cuts_the_list_and_not_the_total() {
    let arguments = json!({ "limit": 3 });
    let found = Agents::start()
        .anonymous()
        .call("agent_search", arguments)
        .structured();
    assert_eq!(found["agents"].as_array().unwrap().len(), 3);
    assert_eq!(found["total"], 10);
}

#[test]
fn a_limit_may_come_as_text() {
    assert_eq!(found(json!({ "limit": "3" })).len(), 3);
}

#[test]
fn five_mistakes_are_named_at_once() {
    let arguments = json!({
        "skills": "rust",
        "limit": 51,
        "skill": ["rust"],
        "limits": 10,
        "colour": "blue",
    });
    let complaint = Agents::start()
        .anonymous()
        .call("agent_search", arguments)
        .complaint();
    assert_eq!(complaint.lines().count(), 5, "{complaint}");
    for expected in [
        "`skills`: invalid type: string \"rust\", expected a sequence",
        "`limit`: 51 is greater than the maximum of 50",
        "`skill`: unknown argument (did you mean `skills`?)",
        "`limits`: unknown argument (did you mean `limit`?)",
        "`colour`: unknown argument",
    ] {
        assert!(
            complaint.lines().any(|line| line == expected),
            "{expected}\n---\n{complaint}"
        );
    }
}
