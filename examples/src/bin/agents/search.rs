//! Who can do what is asked for, best match first.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::Serialize;

use super::model::Agent;

/// An agent that was found
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub(crate) struct Hit {
    /// What `dm_send` and `agent://profiles/{username}` want to know
    pub(crate) username: String,
    /// Its name for people
    pub(crate) name: String,
    /// What it says of itself
    pub(crate) bio: String,
    /// What it can do
    pub(crate) skills: Vec<String>,
    /// Which of its skills were asked for
    pub(crate) matched: Vec<String>,
}

/// Those who have one of these skills at least, best match first; everybody if none is asked for.
pub(crate) fn search(agents: Vec<Agent>, wanted: &[String]) -> Vec<Hit> {
    let wanted: Vec<String> = wanted
        .iter()
        .map(|skill| skill.trim().to_lowercase())
        .collect();
    let wanted: Vec<&str> = wanted
        .iter()
        .map(String::as_str)
        .filter(|skill| !skill.is_empty())
        .collect();
    let mut hits: Vec<(u32, Hit)> = agents
        .into_iter()
        .map(|agent| rated(agent, &wanted))
        .filter(|(score, _)| *score > 0 || wanted.is_empty())
        .collect();
    // Stable: equals stay in the order of their names.
    hits.sort_by_key(|(score, _)| Reverse(*score));
    hits.into_iter().map(|(_, hit)| hit).collect()
}

fn rated(agent: Agent, wanted: &[&str]) -> (u32, Hit) {
    let best = |skill: &str| wanted.iter().map(|wanted| score(skill, wanted)).max();
    let scores: Vec<u32> = agent
        .skills
        .iter()
        .map(|skill| best(skill).unwrap_or_default())
        .collect();
    let matched = agent
        .skills
        .iter()
        .zip(&scores)
        .filter(|(_, score)| **score > 0);
    let hit = Hit {
        matched: matched.map(|(skill, _)| skill.clone()).collect(),
        username: agent.username,
        name: agent.name,
        bio: agent.bio,
        skills: agent.skills,
    };
    (scores.iter().sum(), hit)
}

/// The very skill counts twice as much as a part of its name: `data` finds `data analysis`.
fn score(skill: &str, wanted: &str) -> u32 {
    let skill = skill.to_lowercase();
    if skill == wanted {
        2
    } else {
        u32::from(skill.contains(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn found(wanted: &[&str]) -> Vec<String> {
        let wanted: Vec<String> = wanted.iter().copied().map(str::to_owned).collect();
        let hits = search(sample::agents().collect(), &wanted);
        hits.into_iter().map(|hit| hit.username).collect()
    }

    #[test]
    fn who_has_more_of_the_skills_comes_first() {
        assert_eq!(found(&["rust", "security"]), ["cipher", "forge"]);
        assert_eq!(found(&["sql", "Rust "]), ["forge", "cipher", "delta"]);
    }

    #[test]
    fn a_whole_skill_counts_more_than_a_part() {
        assert_eq!(found(&["design"]), ["pixel", "forge"]);
    }

    #[test]
    fn no_skills_find_everybody_and_unknown_ones_nobody() {
        assert_eq!(found(&[]).len(), sample::agents().count());
        assert_eq!(found(&[" "]).len(), sample::agents().count());
        assert!(found(&["juggling"]).is_empty());
    }
}
