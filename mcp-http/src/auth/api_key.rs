//! API keys: random secrets that a client sends as they are.

use std::{
    collections::HashMap,
    env::{self, VarError},
    fmt, fs,
    path::Path,
};

use async_trait::async_trait;
use mcp_core::Identity;
use subtle::ConstantTimeEq;

use super::{
    Authenticator, Credential, Unavailable,
    digest::{Digest, digest},
};

/// How few characters are too few for a key that is sent over a network.
const SHORTEST: usize = 16;
/// What to write where there is nothing.
const ENTRIES: &str = "an entry is `subject:key` or `subject:key:scope scope`";

/// Known API keys and whom each belongs to. Only digests are kept.
///
/// Both `Authorization: Bearer KEY` and `X-API-Key: KEY` are understood. A key is looked up by its
/// digest and compared in constant time, so that timing tells nothing of it.
///
/// ```
/// use mcp_http::auth::ApiKeys;
///
/// let keys = ApiKeys::new([("3b1f0c5e9a7d42864f", "alice")]);
/// assert_eq!(keys.len(), 1);
/// ```
#[derive(Clone, Default)]
pub struct ApiKeys {
    by_digest: HashMap<Digest, Identity>,
}

impl ApiKeys {
    /// Pairs of a key and the subject it belongs to.
    pub fn new<K: AsRef<str>, S: Into<String>>(keys: impl IntoIterator<Item = (K, S)>) -> Self {
        let mut this = Self::default();
        for (key, subject) in keys {
            this.insert(key.as_ref(), Identity::new(subject));
        }
        this
    }

    /// Keys from an environment variable: `subject:key` or `subject:key:scope scope …`, separated by
    /// commas or line breaks.
    ///
    /// Keys that need not be there are asked for when they are:
    ///
    /// ```
    /// use std::env;
    ///
    /// use mcp_http::auth::{ApiKeys, KeyFileError};
    ///
    /// fn keys() -> Result<ApiKeys, KeyFileError> {
    ///     match env::var_os("BOOKS_KEYS") {
    ///         Some(_) => ApiKeys::from_env("BOOKS_KEYS"),
    ///         None => Ok(ApiKeys::default()),
    ///     }
    /// }
    /// assert!(keys()?.is_empty());
    /// # Ok::<(), KeyFileError>(())
    /// ```
    ///
    /// # Errors
    /// [`KeyFileError`] when the variable is not set, no key is in it, or an entry is malformed. It
    /// names the variable; a key is never repeated in it.
    pub fn from_env(variable: &str) -> Result<Self, KeyFileError> {
        let keys = match env::var(variable) {
            Ok(text) => Self::parse(&text),
            Err(VarError::NotPresent) => Err(format!("not set; {ENTRIES}")),
            Err(VarError::NotUnicode(_)) => Err("not UTF-8".to_owned()),
        };
        keys.map_err(|problem| KeyFileError(format!("{variable}: {problem}")))
    }

    /// Keys from a file: one `subject:key` or `subject:key:scope scope …` a line; `#` starts a
    /// comment, at the beginning of a line or behind a blank.
    ///
    /// # Errors
    /// [`KeyFileError`] when the file cannot be read, no key is in it, or an entry is malformed. It
    /// names the file; a key is never repeated in it.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|error| error.to_string());
        let keys = text.and_then(|text| Self::parse(&text));
        keys.map_err(|problem| KeyFileError(format!("{}: {problem}", path.display())))
    }

    /// Adds a key; one that was known changes hands.
    pub fn insert(&mut self, key: &str, identity: Identity) {
        self.by_digest.insert(digest(key), identity);
    }

    /// All keys of both.
    #[must_use]
    pub fn merged(mut self, other: Self) -> Self {
        self.by_digest.extend(other.by_digest);
        self
    }

    /// Whom the keys belong to, one for each key, in no order.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.by_digest.values().map(Identity::subject)
    }

    /// How many keys are known.
    pub fn len(&self) -> usize {
        self.by_digest.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.by_digest.is_empty()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut this = Self::default();
        // Some editors begin a file with a mark that is no part of it.
        let text = text.trim_start_matches('\u{feff}');
        let entries = text
            .lines()
            .flat_map(|line| without_comment(line).split(','));
        let entries = entries.map(str::trim).filter(|entry| !entry.is_empty());
        for (index, entry) in entries.enumerate() {
            let wrong = |what: &str| format!("entry {}: {what}", index + 1);
            let mut parts = entry.splitn(3, ':').map(str::trim);
            let (Some(subject), Some(key)) = (parts.next(), parts.next()) else {
                return Err(wrong("not `subject:key`"));
            };
            let scopes = parts.next().unwrap_or_default().split_whitespace();
            if subject.is_empty() {
                return Err(wrong("no subject before the `:`"));
            }
            if key.len() < SHORTEST {
                return Err(wrong(
                    "a key has 16 characters at least; `openssl rand -hex 16` makes one",
                ));
            }
            if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(wrong(
                    "a key is visible ASCII without blanks; scopes stand behind another `:`",
                ));
            }
            let identity = Identity::new(subject).with_scopes(scopes);
            if this.by_digest.insert(digest(key), identity).is_some() {
                return Err(wrong("its key is that of an entry before it"));
            }
        }
        // With no key at all everybody would be refused, and nobody told why.
        if this.is_empty() {
            return Err(format!("no key in it; {ENTRIES}"));
        }
        Ok(this)
    }
}

/// A line up to its comment. A `#` inside of a key begins none: what is left would be another key.
fn without_comment(line: &str) -> &str {
    let mut before = line.match_indices('#').filter_map(|(at, _)| line.get(..at));
    let comment = before.find(|before| before.chars().next_back().is_none_or(char::is_whitespace));
    comment.unwrap_or(line)
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeys({} keys)", self.len())
    }
}

#[async_trait]
impl Authenticator for ApiKeys {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable> {
        let presented = digest(credential.secret());
        let found = self.by_digest.get_key_value(&presented);
        let same = found.filter(|(known, _)| bool::from(known.ct_eq(&presented)));
        Ok(same.map(|(_, identity)| identity.clone()))
    }
}

/// Why API keys could not be read.
#[derive(Clone, Debug)]
pub struct KeyFileError(String);

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "API keys: {}", self.0)
    }
}

impl std::error::Error for KeyFileError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_with_their_subjects_and_comments_are_not() {
        let keys = ApiKeys::parse("# ours\nalice: 0123456789abcdef # laptop\n\nbob:fedcba9876543210,carol:0011223344556677").unwrap();
        assert_eq!(keys.len(), 3);
        let subject = |key| {
            keys.by_digest
                .get(&digest(key))
                .map(|identity| identity.subject().to_owned())
        };
        assert_eq!(subject("0123456789abcdef").as_deref(), Some("alice"));
        assert_eq!(subject("0011223344556677").as_deref(), Some("carol"));
        assert_eq!(subject("0123456789abcde"), None);
    }

    #[test]
    fn a_key_is_never_another_than_is_written() {
        let text = "\u{feff}ada:0123456789abcdef#1\n# bob:fedcba9876543210\r\n\t#\neve:00112233#44556677 #";
        let keys = ApiKeys::parse(text).unwrap();
        let subject = |key| keys.by_digest.get(&digest(key)).map(Identity::subject);
        assert_eq!(subject("0123456789abcdef#1"), Some("ada"));
        assert_eq!(subject("00112233#44556677"), Some("eve"));
        assert_eq!(keys.len(), 2);
    }

    #[test]
    fn a_key_may_carry_scopes() {
        let keys =
            ApiKeys::parse("ada:0123456789abcdef: books:read  books:lend\nbob:fedcba9876543210");
        let keys = keys.unwrap();
        let scopes = |key| keys.by_digest.get(&digest(key)).unwrap().scopes().to_vec();
        assert_eq!(scopes("0123456789abcdef"), ["books:read", "books:lend"]);
        assert!(scopes("fedcba9876543210").is_empty());
    }

    #[test]
    fn a_malformed_entry_is_named_and_never_repeated() {
        for (text, reason) in [
            ("secretsecretsecret", "not `subject:key`"),
            (":secretsecretsecret", "no subject"),
            ("alice:secret", "16 characters"),
            ("alice:secretsecretsecret books:read", "another `:`"),
            ("alice:secretsecretsecre\u{fc}", "visible ASCII"),
            (
                "alice:secretsecretsecret,bob:secretsecretsecret",
                "entry 2: its key",
            ),
        ] {
            let error = ApiKeys::parse(text).unwrap_err();
            assert!(
                error.contains(reason) && !error.contains("secret"),
                "{error}"
            );
        }
    }

    #[test]
    fn nothing_is_no_keys() {
        for text in ["", " \n,", "# nobody yet\n"] {
            let error = ApiKeys::parse(text).unwrap_err();
            assert!(error.contains("no key in it; an entry is"), "{error}");
        }
    }

    #[test]
    fn nothing_of_a_key_is_shown() {
        let keys = ApiKeys::new([("a-very-secret-key", "alice")]);
        let shown = format!("{keys:?} {:?}", Credential::Bearer("a-very-secret-key"));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
