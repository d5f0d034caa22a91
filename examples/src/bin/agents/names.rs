//! Names of agents that somebody may have meant.

use super::network::{Failed, Network};

/// How many of the usernames closest to an unknown one are worth naming.
const CLOSE: usize = 3;
/// How alike, from 0 to 1, names must be for one to be a slip of the other.
const ALIKE: f64 = 0.8;

/// That there is no agent of this name, and which may have been meant.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn unknown(network: &Network, username: &str) -> Result<String, Failed> {
    let agents = network.agents()?;
    let names = agents.iter().map(|agent| agent.username.as_str());
    let meant = match closest(username, names).as_slice() {
        [] => String::new(),
        close => format!("did you mean {}? ", close.join(", ")),
    };
    let shown: String = username
        .chars()
        .take(64)
        .flat_map(char::escape_debug)
        .collect();
    Ok(format!(
        "there is no agent `{shown}`; {meant}`agent_search` tells who there is"
    ))
}

/// The names that may be meant, the closest first.
fn closest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let typed = typed.trim().trim_start_matches('@').to_lowercase();
    let mut alike: Vec<(f64, &str)> = names
        .map(|name| (strsim::jaro_winkler(&typed, name), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    alike
        .into_iter()
        .take(CLOSE)
        .map(|(_, name)| format!("`{name}`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let names = || ["atlas", "beacon", "forge"].into_iter();
        assert_eq!(closest("atlass", names()), ["`atlas`"]);
        assert_eq!(closest("@Beacon", names()), ["`beacon`"]);
        assert!(closest("zebra", names()).is_empty());
    }
}
