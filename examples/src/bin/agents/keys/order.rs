//! `agents keys add`, `list` and `revoke`: what is done, and what is said about it.

use clap::{Subcommand, builder::NonEmptyStringValueParser};
use serde::{Deserialize, Serialize};

use super::{
    SCOPES, demo,
    kept::{self, Key},
};
use crate::{
    names,
    network::{Failed, Network, now},
};

/// What to do about keys.
#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
pub(crate) enum Order {
    /// Make a key for an agent, and print it: nobody can tell it again
    Add {
        /// Username of the agent
        username: String,
        /// What the key is for, which can be said more than once; without, for everything
        #[arg(long = "scope", value_name = "SCOPE", value_parser = SCOPES)]
        scopes: Vec<String>,
        /// What to call it, such as where it is used
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        label: Option<String>,
    },
    /// List keys; the keys themselves are not kept
    List,
    /// Void a key: whoever uses it is refused from now on
    Revoke {
        /// Which, as `list` tells it
        id: String,
    },
}

/// What is said to whoever gave an order.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Told {
    /// What was asked for, with nothing around it: it may be read by a program.
    pub(crate) answer: String,
    /// What a person wants to know besides.
    pub(crate) remark: String,
}

impl Order {
    /// Does it.
    ///
    /// # Errors
    /// In words for whoever gave the order.
    pub(crate) fn carry_out(self, network: &Network) -> Result<Told, String> {
        match self {
            Self::Add {
                username,
                scopes,
                label,
            } => add(network, username, scopes, label),
            Self::List => list(network),
            Self::Revoke { id } => revoke(network, &id),
        }
    }
}

fn add(
    network: &Network,
    username: String,
    mut scopes: Vec<String>,
    label: Option<String>,
) -> Result<Told, String> {
    if network.agent(&username).map_err(because)?.is_none() {
        return Err(names::unknown(network, &username).map_err(because)?);
    }
    if scopes.is_empty() {
        scopes = SCOPES.map(str::to_owned).to_vec();
    }
    scopes.sort_unstable();
    scopes.dedup();
    let secret = kept::random("agents_")?;
    let digest = kept::digest(&secret);
    let key = Key::new(&digest, username, scopes, label);
    let added = network.add_key(&digest, &key, &demo::secrets());
    added.map_err(because)?;
    tracing::info!(id = key.id, agent = key.username, "a key was made");
    let scopes = key.scopes.join(" and ");
    Ok(Told {
        answer: format!("{secret}\n"),
        remark: format!("{key} is for {scopes}. Copy it now: it is not kept."),
    })
}

fn list(network: &Network) -> Result<Told, String> {
    let keys = network.keys().map_err(because)?;
    if keys.is_empty() {
        return Ok(Told {
            answer: String::new(),
            remark: "no keys yet; `agents keys add USERNAME` makes one".to_owned(),
        });
    }
    let now = now();
    let rows = keys.into_iter().map(|key| {
        let made = age(now.saturating_sub(key.made_at));
        let label = key.label.unwrap_or_default();
        [key.id, key.username, key.scopes.join(" "), made, label]
    });
    let heads = ["ID", "AGENT", "SCOPES", "MADE", "LABEL"].map(str::to_owned);
    let rows: Vec<_> = [heads].into_iter().chain(rows).collect();
    Ok(Told {
        answer: table(&rows),
        remark: String::new(),
    })
}

fn revoke(network: &Network, id: &str) -> Result<Told, String> {
    let Some(key) = network.revoke_key(id).map_err(because)? else {
        let shown = id.escape_debug();
        return Err(format!(
            "there is no key `{shown}`; `agents keys list` tells which there are"
        ));
    };
    tracing::info!(id = key.id, agent = key.username, "a key was revoked");
    Ok(Told {
        answer: String::new(),
        remark: format!("{key} is void"),
    })
}

/// Whoever runs the server may know why the file failed.
fn because(Failed(error): Failed) -> String {
    error.to_string()
}

/// As people say it.
fn age(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match seconds {
        ..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => format!("{} min ago", seconds / MINUTE),
        HOUR..DAY => format!("{} h ago", seconds / HOUR),
        _ => format!("{} d ago", seconds / DAY),
    }
}

/// Rows with their cells one below the other.
fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(widths);
        let line: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text += line.join("  ").trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_one_unit() {
        assert_eq!(age(59), "just now");
        assert_eq!(age(60), "1 min ago");
        assert_eq!(age(7300), "2 h ago");
        assert_eq!(age(30 * 86_400), "30 d ago");
    }

    #[test]
    fn columns_stand_one_below_the_other() {
        let rows = [["a", "bcd", ""], ["ab", "c", "d"]].map(|row| row.map(str::to_owned));
        assert_eq!(table(&rows), "a   bcd\nab  c    d\n");
    }
}
