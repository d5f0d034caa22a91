//! The bundled server, from its first start to the message that outlives it.

mod keys;
mod limits;
mod messages;
mod reading;
mod searching;
mod session;
mod starting;
mod tokens;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{client::Client, process::Example};

const ATLAS: &str = "the-key-of-atlas-0123";
const BEACON: &str = "the-key-of-beacon-4567";
const NOBODY: &str = "the-key-of-nobody-89ab";

/// The server with a data file and keys of its own.
struct Agents {
    example: Example,
    folder: TempDir,
}

impl Agents {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let example = Example::start(&mut with_keys(&data_in(&folder)));
        Self { example, folder }
    }

    /// Kills it, and starts another with the same data.
    fn restarted(self) -> Self {
        let Self { example, folder } = self;
        drop(example);
        let example = Example::start(&mut with_keys(&data_in(&folder)));
        Self { example, folder }
    }

    /// A client without a key, in a session of its own.
    fn anonymous(&self) -> Client {
        self.example.client().initialized()
    }

    /// A client with this key, in a session of its own.
    fn caller(&self, key: &str) -> Client {
        self.example.client().key(key).initialized()
    }
}

fn data_in(folder: &TempDir) -> PathBuf {
    folder.path().join("made/on/the/way/agents.redb")
}

/// The command that serves this data file, on any free port, to those who have a demo key.
fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_agents"));
    command
        .env("AGENTS_ADDR", "127.0.0.1:0")
        .env("AGENTS_DATA", data)
        .env_remove("AGENTS_KEYS")
        .env("RUST_LOG", "warn");
    command
}

/// The same, to those whose keys are above.
fn with_keys(data: &Path) -> Command {
    let mut command = command(data);
    command.env(
        "AGENTS_KEYS",
        format!("atlas:{ATLAS},beacon:{BEACON},nobody:{NOBODY}"),
    );
    command
}

/// The keys on the start page, by username.
fn demo_keys(example: &Example) -> Vec<(String, String)> {
    let rows = example
        .page()
        .lines()
        .filter_map(|line| line.trim().split_once("  "));
    let pairs = rows.map(|(name, key)| (name.trim().to_owned(), key.trim().to_owned()));
    pairs.filter(|(_, key)| key.starts_with("demo-")).collect()
}

/// Everything it says on stderr while it refuses to start.
fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(
        text.starts_with("agents: ") && !text.contains("panicked"),
        "{text}"
    );
    text
}
