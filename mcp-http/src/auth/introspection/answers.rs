//! What the issuer said of tokens. Clients send the same one with every request.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use mcp_core::Identity;
use tokio::{sync::watch, time::Instant};

use super::super::{
    Unavailable,
    digest::{Digest, digest},
};

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
pub(super) struct Answers(Mutex<HashMap<Digest, Entry>>);

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
        digest: Digest,
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
    fn keep(&self, digest: Digest, answer: Result<Answer, Unavailable>) -> Outcome {
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

    fn entries(&self) -> MutexGuard<'_, HashMap<Digest, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what is no longer good; then the bad tokens, which anybody can make up; and the good ones, if
/// nothing else helps.
fn make_room(entries: &mut HashMap<Digest, Entry>) -> Result<(), Unavailable> {
    let spared: [fn(&Answer) -> bool; 3] =
        [|_| true, |answer| answer.identity.is_some(), |_| false];
    for spared in spared {
        if entries.len() < MANY {
            break;
        }
        entries.retain(|_, entry| entry.is_awaited() || entry.known().is_some_and(spared));
    }
    if entries.len() >= MANY {
        return Err(Unavailable::new(
            "an issuer is being asked about too many tokens",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    fn found(good_for: u64) -> Result<Answer, Unavailable> {
        Ok(Answer {
            identity: Some(Identity::new("alice")),
            good_for: Duration::from_secs(good_for),
        })
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_is_remembered_than_fits_and_what_is_over_goes_first() {
        let answers = Arc::new(Answers::default());
        answers.of("long", || ready(found(60))).await.unwrap();
        for token in 1..MANY {
            let token = token.to_string();
            answers.of(&token, || ready(found(1))).await.unwrap();
        }
        assert_eq!(answers.entries().len(), MANY);
        tokio::time::advance(Duration::from_secs(1)).await;
        answers.of("one more", || ready(found(60))).await.unwrap();
        assert_eq!(answers.entries().len(), 2);
        assert!(answers.known("long").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_bad_tokens_come_the_good_ones_are_remembered() {
        let answers = Arc::new(Answers::default());
        answers.of("good", || ready(found(60))).await.unwrap();
        for token in 0..2 * MANY {
            let bad = Answer {
                identity: None,
                good_for: Duration::from_secs(60),
            };
            let token = token.to_string();
            answers.of(&token, || ready(Ok(bad))).await.unwrap();
        }
        assert!(answers.entries().len() <= MANY);
        assert!(answers.known("good").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_asked_about_more_tokens_than_fit() {
        let answers = Arc::new(Answers::default());
        let mut asked = Vec::new();
        for token in 0..MANY {
            let token = digest(&token.to_string());
            asked.push(answers.awaited(token, pending).unwrap());
        }
        assert!(answers.of("one more", || ready(found(60))).await.is_err());
        // Who asks about one of those waits with the others.
        assert!(answers.awaited(digest("7"), pending).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_panics_as_they_ask_leaves_nothing_behind() {
        let answers = Arc::new(Answers::default());
        let panics = || async { panic!("as they ask") };
        assert!(answers.of("token", panics).await.is_err());
        let found = answers.of("token", || ready(found(60))).await.unwrap();
        assert_eq!(found.unwrap().subject(), "alice");
    }
}
