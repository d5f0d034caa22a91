//! Keys and secrets, as they stand in the data file.

use redb::{ReadableTable as _, TableDefinition, WriteTransaction};

use super::{Digest, Key};
use crate::network::{Failed, Network, json, parse};

/// Digest of an API key → [`Key`] as JSON, which is everything but the key.
const KEYS: TableDefinition<'_, &Digest, &str> = TableDefinition::new("keys");
/// Name → what nobody else may know, and must survive a restart.
const SECRETS: TableDefinition<'_, &str, &str> = TableDefinition::new("secrets");

/// Makes the tables, without which there is nothing to be read.
pub(crate) fn make_tables(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(KEYS)?;
    transaction.open_table(SECRETS)?;
    Ok(())
}

impl Network {
    /// The secret of this name, made when it is first asked for.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(crate) fn secret(&self, name: &str, fresh: String) -> Result<String, Failed> {
        self.write(|transaction| {
            let mut table = transaction.open_table(SECRETS)?;
            if let Some(known) = table.get(name)? {
                return Ok(known.value().to_owned());
            }
            table.insert(name, fresh.as_str())?;
            Ok(fresh)
        })
    }

    /// Whether there still is a secret of this name that is this.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn knows_secret(&self, name: &str, secret: &str) -> Result<bool, Failed> {
        self.read(|transaction| {
            let known = transaction.open_table(SECRETS)?.get(name)?;
            Ok(known.is_some_and(|known| known.value() == secret))
        })
    }

    /// Keeps what is known of a key, and forgets these secrets, as of now.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn add_key(
        &self,
        digest: &Digest,
        key: &Key,
        void: &[String],
    ) -> Result<(), Failed> {
        self.write(|transaction| {
            let mut secrets = transaction.open_table(SECRETS)?;
            for name in void {
                secrets.remove(name.as_str())?;
            }
            let mut keys = transaction.open_table(KEYS)?;
            keys.insert(digest, json(key)?.as_str())?;
            Ok(())
        })
    }

    /// What is known of the key with this digest.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn key(&self, digest: &Digest) -> Result<Option<Key>, Failed> {
        self.read(|transaction| {
            let row = transaction.open_table(KEYS)?.get(digest)?;
            row.map(|row| parse(row.value())).transpose()
        })
    }

    /// All keys, the oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn keys(&self) -> Result<Vec<Key>, Failed> {
        let keys = self.read(|transaction| {
            let table = transaction.open_table(KEYS)?;
            let rows = table.iter()?;
            rows.map(|row| parse(row?.1.value())).collect()
        });
        keys.map(|mut keys: Vec<Key>| {
            keys.sort_by_key(|key| key.made_at);
            keys
        })
    }

    /// Forgets the key with this id, as of now, and tells which that was.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn revoke_key(&self, id: &str) -> Result<Option<Key>, Failed> {
        self.write(|transaction| {
            let mut table = transaction.open_table(KEYS)?;
            let mut found = None;
            for row in table.iter()? {
                let (digest, row) = row?;
                let key: Key = parse(row.value())?;
                if key.id == id {
                    found = Some((*digest.value(), key));
                }
            }
            let Some((digest, key)) = found else {
                return Ok(None);
            };
            table.remove(&digest)?;
            Ok(Some(key))
        })
    }
}
