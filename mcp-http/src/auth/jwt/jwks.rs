//! Where the keys of an issuer come from, and when they are looked for anew.

use std::{
    fmt, fs,
    future::Future,
    path::Path,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use jsonwebtoken::Algorithm;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    task::JoinHandle,
    time::{Instant, timeout},
};

use super::{super::Unavailable, key::KeySet};

/// How long an unknown key is not looked for again, whatever came of looking.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// How old keys may be before they are looked for anew, which nobody waits for.
const FRESH: Duration = Duration::from_secs(10 * 60);
/// How old they may be before tokens wait for newer ones: what an issuer withdraws is good for so long.
const STALE: Duration = Duration::from_secs(20 * 60);
/// How old they may be where newer ones cannot be had. Whoever keeps a server from its issuer would
/// have a withdrawn key taken for ever otherwise.
const LAST: Duration = Duration::from_secs(60 * 60);
/// How long fetching may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The public keys of an issuer: a JSON Web Key Set, given or fetched.
///
/// ```
/// use mcp_http::auth::Jwks;
///
/// let keys = Jwks::new(r#"{"keys": [{
///     "kty": "OKP", "crv": "Ed25519", "kid": "2026-01",
///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
/// }]}"#)?;
/// # let _ = keys;
/// # Ok::<(), mcp_http::auth::JwksError>(())
/// ```
///
/// # Specification
/// [RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)
pub struct Jwks(Source);

enum Source {
    Given(Arc<KeySet>),
    Fetched(Arc<Fetched>),
}

type Fetch = dyn Fn() -> Pin<Box<dyn Future<Output = Result<KeySet, String>> + Send>> + Send + Sync;

struct Fetched {
    fetch: Box<Fetch>,
    known: RwLock<Known>,
    /// Held by whoever fetches.
    turn: Arc<Mutex<()>>,
}

#[derive(Clone, Default)]
struct Known {
    keys: Arc<KeySet>,
    /// When they were fetched.
    fetched: Option<Instant>,
    /// When they were looked for last, whatever came of it.
    sought: Option<Instant>,
    /// Why nothing came of it.
    failed: Option<Arc<str>>,
}

impl Jwks {
    /// The key set in this text. Keys of other kinds, and for other uses, are left out.
    ///
    /// # Errors
    /// [`JwksError`] when it is none, or no key in it is of use.
    pub fn new(json: impl AsRef<[u8]>) -> Result<Self, JwksError> {
        let keys = KeySet::parse(json.as_ref()).map_err(JwksError)?;
        Ok(Self(Source::Given(Arc::new(keys))))
    }

    /// The key set in this file, as it is now.
    ///
    /// # Errors
    /// [`JwksError`] when it cannot be read, or as for [`new`](Self::new).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, JwksError> {
        let path = path.as_ref();
        let at = |problem: String| JwksError(format!("{}: {problem}", path.display()));
        let json = fs::read(path).map_err(|error| at(error.to_string()))?;
        let keys = KeySet::parse(&json).map_err(at)?;
        Ok(Self(Source::Given(Arc::new(keys))))
    }

    /// The key set that this fetches, with an HTTP client of your choice, from the `jwks_uri` of the
    /// issuer.
    ///
    /// It is called for the first token, for a token with an unknown key, and when the keys are 10
    /// minutes old; never twice at once, and every 30 s at most, however many tokens there are. Tokens
    /// whose key is known do not wait for it until the keys are 20 minutes old, as they are after a
    /// time without tokens: so a key that the issuer withdraws is good for 20 minutes at most.
    ///
    /// When it fails, panics, or takes more than 10 s, the log has the reason, and the keys that are
    /// there stay until they are an hour old. Tokens with other keys, and all of them after that hour,
    /// are answered [503](super::Unavailable), since nobody can tell.
    ///
    /// ```
    /// use mcp_http::auth::{Jwks, Jwt};
    ///
    /// async fn get(url: &str) -> std::io::Result<Vec<u8>> {
    ///     // With reqwest: `reqwest::get(url).await?.error_for_status()?.bytes().await`
    ///     # let _ = url;
    ///     # Ok(Vec::new())
    /// }
    ///
    /// let issuer = "https://login.example.com";
    /// let keys = Jwks::fetched(|| get("https://login.example.com/jwks"));
    /// let tokens = Jwt::new(issuer, "https://mcp.example.com/mcp", keys);
    /// # let _ = tokens;
    /// ```
    pub fn fetched<F, T, B, E>(fetch: F) -> Self
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = Result<B, E>> + Send + 'static,
        B: AsRef<[u8]>,
        E: fmt::Display,
    {
        let fetch = move || {
            let fetched = fetch();
            let keys = async move {
                let json = fetched.await.map_err(|error| error.to_string())?;
                KeySet::parse(json.as_ref())
            };
            Box::pin(keys) as Pin<Box<dyn Future<Output = _> + Send>>
        };
        Self(Source::Fetched(Arc::new(Fetched {
            fetch: Box::new(fetch),
            known: RwLock::default(),
            turn: Arc::default(),
        })))
    }

    /// The keys, and newer ones if none of them may have signed such a token.
    ///
    /// # Errors
    /// None may have, and whether newer ones may cannot be told.
    pub(super) async fn that_may_have_signed(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Arc<KeySet>, Unavailable> {
        let fetched = match &self.0 {
            Source::Given(keys) => return Ok(Arc::clone(keys)),
            Source::Fetched(fetched) => fetched,
        };
        let found = |known: &Known, age| {
            let mut keys = known.keys.that_may_have_signed(kid, algorithm);
            !known.is_older_than(age) && keys.next().is_some()
        };
        let known = fetched.known();
        if found(&known, STALE) {
            if known.is_older_than(FRESH)
                && known.may_be_sought()
                && let Ok(turn) = Arc::clone(&fetched.turn).try_lock_owned()
            {
                fetched.refresh(turn);
            }
            return Ok(known.keys);
        }
        let turn = Arc::clone(&fetched.turn).lock_owned().await;
        // Whoever had the turn before may have found it.
        let mut known = fetched.known();
        if !found(&known, STALE) && known.may_be_sought() {
            let _ = fetched.refresh(turn).await;
            known = fetched.known();
        }
        match &known.failed {
            Some(reason) if !found(&known, LAST) => {
                Err(Unavailable::new(reason).retry_after(COOL_DOWN))
            }
            _ => Ok(known.keys),
        }
    }
}

impl Fetched {
    fn known(&self) -> Known {
        let known = self.known.read();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        let known = self.known.write();
        change(&mut known.unwrap_or_else(PoisonError::into_inner));
    }

    /// Fetches the keys. It goes on without whoever wanted them: nobody shall use up the cool-down by
    /// hanging up.
    fn refresh(self: &Arc<Self>, turn: OwnedMutexGuard<()>) -> JoinHandle<()> {
        self.change(|known| {
            known.sought = Some(Instant::now());
            // For as long as it has said nothing else.
            known.failed = Some("the function that fetches an issuer's keys panicked".into());
        });
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let fetched = timeout(PATIENCE, (this.fetch)()).await;
            match fetched.unwrap_or_else(|_| Err(format!("no answer for {PATIENCE:?}"))) {
                Ok(keys) => this.change(|known| {
                    known.keys = Arc::new(keys);
                    known.fetched = Some(Instant::now());
                    known.failed = None;
                }),
                Err(reason) => {
                    tracing::warn!(reason, "the keys of an issuer were not fetched");
                    let failed = format!("the keys of an issuer were not fetched: {reason}");
                    this.change(|known| known.failed = Some(failed.into()));
                }
            }
            drop(turn);
        })
    }
}

impl Known {
    fn is_older_than(&self, age: Duration) -> bool {
        self.fetched.is_none_or(|fetched| fetched.elapsed() >= age)
    }

    /// Whether they were not looked for just now.
    fn may_be_sought(&self) -> bool {
        self.sought
            .is_none_or(|sought| sought.elapsed() >= COOL_DOWN)
    }
}

impl fmt::Debug for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = match &self.0 {
            Source::Given(keys) => keys.len(),
            Source::Fetched(fetched) => fetched.known().keys.len(),
        };
        write!(f, "Jwks({keys} keys)")
    }
}

/// Why keys could not be read.
#[derive(Clone, Debug)]
pub struct JwksError(String);

impl fmt::Display for JwksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JSON Web Key Set: {}", self.0)
    }
}

impl std::error::Error for JwksError {}
