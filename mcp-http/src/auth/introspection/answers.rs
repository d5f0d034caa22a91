//! What the issuer said of tokens. Clients send the same one with every request.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use mcp_core::Identity;
use sha2::{Digest, Sha256};
use tokio::{sync::watch, time::Instant};

use super::super::Unavailable;

/// Of how many tokens at once: a few megabytes.
const MANY: usize = 10_000;

/// What the issuer said of a token.
#[derive(Clone)]
pub(super) struct Answer {
    /// Whose it is, if it is any good.
    pub(super) identity: Option<Identity>,
    /// How long that holds.
    pub(super) good_for: Duration,
}

type Outcome = Result<Option<Identity>, Unavailable>;

/// Answers by the digest of their token, bounded.
#[derive(Default)]
pub(super) struct Answers(Mutex<HashMap<[u8; 32], Entry>>);

enum Entry {
    /// The issuer is being asked, and will have been when there is something.
    Awaited(watch::Receiver<Option<Outcome>>),
    Known {
        answer: Answer,
        since: Instant,
    },
}

impl Entry {
    fn is_awaited(&self) -> bool {
        // Nobody sends any more: whoever asked has panicked.
        matches!(self, Self::Awaited(awaited) if awaited.has_changed().is_ok())
    }

    fn known(&self) -> Option<&Answer> {
        match self {
            Self::Known { answer, since } if since.elapsed() < answer.good_for => Some(answer),
            Self::Known { .. } | Self::Awaited(_) => None,
        }
    }
}

impl Answers {
    /// Whose this token is, if that is known already.
    pub(super) fn known(&self, token: &str) -> Option<Option<Identity>> {
        let entries = self.entries();
        let answer = entries.get(&digest(token))?.known()?;
        Some(answer.identity.clone())
    }

    /// Whose this token is, as is known, as somebody is just asking, or as `ask` finds.
    pub(super) async fn of<T>(self: &Arc<Self>, token: &str, ask: impl FnOnce() -> T) -> Outcome
    where
        T: Future<Output = Result<Answer, Unavailable>> + Send + 'static,
    {
        let mut awaited = self.awaited(digest(token), ask)?;
        let outcome = awaited.wait_for(Option::is_some).await;
        let outcome = outcome.ok().and_then(|outcome| outcome.clone());
        outcome.unwrap_or_else(|| {
            Err(Unavailable::new(
                "the function that asks an issuer panicked",
            ))
        })
    }

    fn awaited<T>(
        self: &Arc<Self>,
        digest: [u8; 32],
        ask: impl FnOnce() -> T,
    ) -> Result<watch::Receiver<Option<Outcome>>, Unavailable>
    where
        T: Future<Output = Result<Answer, Unavailable>> + Send + 'static,
    {
        let mut entries = self.entries();
        match entries.get(&digest) {
            Some(Entry::Awaited(awaited)) if awaited.has_changed().is_ok() => {
                return Ok(awaited.clone());
            }
            Some(entry) => {
                if let Some(answer) = entry.known() {
                    return Ok(watch::channel(Some(Ok(answer.identity.clone()))).1);
                }
            }
            None => make_room(&mut entries)?,
        }
        let (told, awaited) = watch::channel(None);
        entries.insert(digest, Entry::Awaited(awaited.clone()));
        drop(entries);
        let (this, asked) = (Arc::clone(self), ask());
        tokio::spawn(async move {
            let outcome = this.keep(digest, asked.await);
            // Whoever wanted to know may have gone.
            let _ = told.send(Some(outcome));
        });
        Ok(awaited)
    }

    /// Remembers what the issuer said; that it said nothing is not remembered.
    fn keep(&self, digest: [u8; 32], answer: Result<Answer, Unavailable>) -> Outcome {
        let mut entries = self.entries();
        entries.remove(&digest);
        let answer = answer?;
        let identity = answer.identity.clone();
        if !answer.good_for.is_zero() {
            let since = Instant::now();
            entries.insert(digest, Entry::Known { answer, since });
        }
        Ok(identity)
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<[u8; 32], Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what is no longer good, and then what is, if nothing else helps.
fn make_room(entries: &mut HashMap<[u8; 32], Entry>) -> Result<(), Unavailable> {
    if entries.len() >= MANY {
        entries.retain(|_, entry| entry.is_awaited() || entry.known().is_some());
    }
    if entries.len() >= MANY {
        entries.retain(|_, entry| entry.is_awaited());
    }
    if entries.len() >= MANY {
        return Err(Unavailable::new(
            "an issuer is being asked about too many tokens",
        ));
    }
    Ok(())
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
