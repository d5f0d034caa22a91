//! The network in one redb file: agents, and the messages between them. Who has keys is in the same file, by
//! `keys/rows.rs`.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use mcp_core::{Error, ToolError};
use mcp_http::auth::Unavailable;
use redb::{
    Database, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    StorageError, TableDefinition, WriteTransaction,
    backends::{FileBackend, InMemoryBackend},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    keys,
    model::{Agent, Message},
    sample,
};

/// Username → [`Agent`] as JSON.
const AGENTS: TableDefinition<'_, &str, &str> = TableDefinition::new("agents");
/// Recipient and number → [`Message`] as JSON: an inbox is one range, in the order of arrival.
const MESSAGES: TableDefinition<'_, (&str, u64), &str> = TableDefinition::new("messages");

/// Plenty for a demonstration; redb would take up to 1 GiB.
const CACHE: usize = 16 * 1024 * 1024;

/// The network, open; clones are the same one. Reading never waits for a writer; writers wait for
/// each other and for the disk.
#[derive(Clone)]
pub(crate) struct Network {
    database: Arc<Database>,
    opened: Instant,
}

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    pub(crate) agents: u64,
    pub(crate) messages: u64,
}

impl Network {
    /// Opens the network in this file, and populates it if it is new.
    ///
    /// # Errors
    /// [`Unopened`], in words for who started the program.
    pub(crate) fn open(path: &Path) -> Result<Self, Unopened> {
        let because = |reason| Unopened::Because(format!("{}: {reason}", path.display()));
        match open(path) {
            Ok(database) => Self::of(database).map_err(because),
            Err(redb::Error::DatabaseAlreadyOpen) => Err(Unopened::Served(path.to_owned())),
            Err(other) => Err(because(other.to_string())),
        }
    }

    /// A sample network that is kept nowhere.
    ///
    /// # Errors
    /// In words for who started the server.
    pub(crate) fn in_memory() -> Result<Self, String> {
        let database = Database::builder().create_with_backend(InMemoryBackend::new());
        Self::of(database.map_err(|error| error.to_string())?)
    }

    fn of(database: Database) -> Result<Self, String> {
        let network = Self {
            database: Arc::new(database),
            opened: Instant::now(),
        };
        match network.populate() {
            Ok(()) => Ok(network),
            Err(Failed(error)) => Err(error.to_string()),
        }
    }

    /// How long it has been open.
    pub(crate) fn uptime(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Everybody, by username.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn agents(&self) -> Result<Vec<Agent>, Failed> {
        self.read(|transaction| {
            let table = transaction.open_table(AGENTS)?;
            table.iter()?.map(|row| parse(row?.1.value())).collect()
        })
    }

    /// The agent of this name, if there is one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn agent(&self, username: &str) -> Result<Option<Agent>, Failed> {
        self.read(|transaction| {
            let row = transaction.open_table(AGENTS)?.get(username)?;
            row.map(|row| parse(row.value())).transpose()
        })
    }

    /// The newest messages to an agent, the newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn inbox(&self, username: &str, limit: usize) -> Result<Vec<Message>, Failed> {
        self.read(|transaction| {
            let table = transaction.open_table(MESSAGES)?;
            let inbox = table.range((username, u64::MIN)..=(username, u64::MAX))?;
            let newest = inbox.rev().take(limit);
            newest.map(|row| parse(row?.1.value())).collect()
        })
    }

    /// Keeps a message. It is on the disk when this returns.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn send(&self, from: &str, to: &str, content: String) -> Result<Message, Failed> {
        self.write(|transaction| deliver(transaction, from, to, content))
    }

    /// How much there is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn counts(&self) -> Result<Counts, Failed> {
        self.read(|transaction| {
            Ok(Counts {
                agents: transaction.open_table(AGENTS)?.len()?,
                messages: transaction.open_table(MESSAGES)?.len()?,
            })
        })
    }

    fn populate(&self) -> Result<(), Failed> {
        self.write(|transaction| {
            // Readers find no table that no writer has opened.
            transaction.open_table(MESSAGES)?;
            keys::make_tables(transaction)?;
            let mut agents = transaction.open_table(AGENTS)?;
            if !agents.is_empty()? {
                return Ok(());
            }
            for agent in sample::agents() {
                agents.insert(agent.username.as_str(), json(&agent)?.as_str())?;
            }
            for [from, to, content] in sample::messages() {
                deliver(transaction, from, to, content.to_owned())?;
            }
            Ok(())
        })
    }

    /// Looks at the file as it is now.
    pub(crate) fn read<T>(
        &self,
        look: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, Failed> {
        let transaction = self.database.begin_read();
        let found = transaction
            .map_err(redb::Error::from)
            .and_then(|transaction| look(&transaction));
        found.map_err(Failed)
    }

    /// Changes all of it, or nothing. It is on the disk when this returns.
    pub(crate) fn write<T>(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, Failed> {
        let changed = || {
            let transaction = self.database.begin_write()?;
            let value = change(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        changed().map_err(Failed)
    }
}

fn open(path: &Path) -> Result<Database, redb::Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let backend = FileBackend::new(open_file(path)?)?;
    let database = Database::builder()
        .set_cache_size(CACHE)
        .create_with_backend(backend)?;
    Ok(database)
}

/// Opens the file for its owner only: there are secrets in it.
fn open_file(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn deliver(
    transaction: &WriteTransaction,
    from: &str,
    to: &str,
    content: String,
) -> Result<Message, redb::Error> {
    let mut table = transaction.open_table(MESSAGES)?;
    // No message is ever deleted and there is one writer at a time: counting is numbering.
    let id = table.len()? + 1;
    let message = Message {
        id,
        from: from.to_owned(),
        to: to.to_owned(),
        content,
        sent_at: now(),
    };
    table.insert((to, id), json(&message)?.as_str())?;
    Ok(message)
}

/// In seconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

pub(crate) fn json(row: &impl Serialize) -> Result<String, redb::Error> {
    serde_json::to_string(row).map_err(|error| unreadable(&error))
}

pub(crate) fn parse<T: DeserializeOwned>(row: &str) -> Result<T, redb::Error> {
    serde_json::from_str(row).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> redb::Error {
    StorageError::Corrupted(format!("a row: {error}")).into()
}

/// Why a network was not opened.
#[derive(Debug)]
pub(crate) enum Unopened {
    /// A server has this file open, and nobody else can.
    Served(PathBuf),
    /// In words for who started the program.
    Because(String),
}

impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Served(path) => write!(
                f,
                "{}: another server has this file open; stop it, or choose another with `--data`",
                path.display()
            ),
            Self::Because(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Unopened {}

/// The file failed.
///
/// It has no `Display`, so that `?` cannot tell a caller what happened: the log learns it, the
/// caller gets a reference to it.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) redb::Error);

impl From<Failed> for ToolError {
    fn from(Failed(error): Failed) -> Self {
        Error::internal(error).into()
    }
}

impl From<Failed> for Unavailable {
    fn from(Failed(error): Failed) -> Self {
        Self::new(error)
    }
}
