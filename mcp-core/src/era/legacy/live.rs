//! What is remembered of a session only while it is of use: calls that run, questions that wait,
//! streams that are open, resources that are watched, the log level.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde_json::json;

use super::session::{self, Session, SessionOptions, Sessions};
use crate::era::{
    budget::{Budget, Share},
    stream::{EventId, Reader, Resumption, Stream},
};
use crate::{
    changes::{Change, MOST_WATCHED, MOST_WATCHED_BYTES, Watch},
    error::Error,
    jsonrpc::{ErrorCode, ErrorObject, Raw, RequestId, notification, request},
    line::{Answered, Levels, Line, Question},
    types::logging::LoggingLevel,
};

/// What a client that never said is told of the log.
const DEFAULT_LEVEL: LoggingLevel = LoggingLevel::Info;
/// How many streams of one session are kept.
const MOST_STREAMS: usize = 64;
/// What remembering a session takes by itself, and each URI of it, in bytes.
const ENTRY: usize = 512;
const URI: usize = 64;
/// How often what is of no use any more is looked for.
const SWEEP: Duration = Duration::from_secs(30);
/// Sessions are spread over so many locks.
const SHARDS: usize = 16;

/// What is live, by the random bytes of the session.
pub(super) struct Live {
    /// What is kept of each stream, and of all.
    resumption: Option<(Resumption, Budget)>,
    /// What subscriptions and log levels of all sessions may take.
    memory: Budget,
    /// How long sessions live, in seconds.
    lifetime: u64,
    /// Which of them have ended before that.
    sessions: Arc<Sessions>,
    /// When it was last looked everywhere for what is of no use, in seconds since 1970.
    tidied: AtomicU64,
    shards: [Mutex<Shard>; SHARDS],
    /// How many calls are registered: while there are none, nobody need look for one.
    calls: AtomicUsize,
    /// Numbers our requests and streams. It starts at random, so that no two processes agree.
    next: AtomicU64,
    /// The server goes down: no stream is to stay open.
    closing: AtomicBool,
}

struct Shard {
    entries: HashMap<u64, Entry>,
    swept: Instant,
}

#[derive(Default)]
struct Entry {
    /// When the session has ended by itself, in seconds since 1970.
    until: u64,
    calls: HashMap<RequestId, Arc<Line>>,
    questions: HashMap<u64, (Arc<Line>, usize)>,
    /// Streams that belong to no call, the newest last.
    standing: Vec<Arc<Stream>>,
    /// Streams of calls, kept for a client that comes back.
    kept: Vec<Arc<Stream>>,
    subscriptions: HashSet<Box<str>>,
    /// None: the default.
    level: Option<LoggingLevel>,
    /// What these two take of what those of all sessions may.
    share: Option<Share>,
}

impl Entry {
    fn is_idle(&self) -> bool {
        self.calls.is_empty()
            && self.questions.is_empty()
            && self.standing.is_empty()
            && self.kept.is_empty()
            && self.subscriptions.is_empty()
            && self.level.is_none()
    }

    /// Lets go of streams that are over.
    fn tidy(&mut self, now: Instant) {
        let is_of_use = |stream: &Arc<Stream>| !stream.is_over(now) && !stream.is_abandoned(now);
        self.standing.retain(is_of_use);
        // Those of calls are written to until the call has ended, read or not.
        self.kept.retain(|stream| !stream.is_over(now));
    }

    /// Lets go of everything but what still runs; what it gives is to be ended.
    fn expire(&mut self) -> Vec<Arc<Stream>> {
        self.kept.clear();
        self.subscriptions.clear();
        self.level = None;
        self.share = None;
        std::mem::take(&mut self.standing)
    }

    /// Takes what it needs to be remembered; false if that is not there.
    fn hold(&mut self, memory: &Budget) -> bool {
        if self.subscriptions.is_empty() && self.level.is_none() {
            self.share = None;
            return true;
        }
        let uris = self.subscriptions.iter().map(|uri| URI + uri.len());
        let bytes = ENTRY + uris.sum::<usize>();
        let share = self.share.get_or_insert_with(|| memory.share());
        share.hold(bytes)
    }
}

impl Shard {
    /// Most sessions are never ended by their clients: what is remembered of them must go, too. The
    /// streams it gives are to be ended, once nothing is locked.
    fn sweep(&mut self, now: Instant, seconds: u64, sessions: &Sessions) -> Vec<Arc<Stream>> {
        let mut over = Vec::new();
        self.swept = now;
        self.entries.retain(|key, entry| {
            if seconds >= entry.until || sessions.is_over(*key, seconds) {
                over.append(&mut entry.expire());
            }
            entry.tidy(now);
            !entry.is_idle()
        });
        over
    }
}

impl Live {
    pub(super) fn new(options: &SessionOptions, sessions: Arc<Sessions>) -> Self {
        let mut seed = [0; 8];
        // Without randomness our request ids merely start where another process' may.
        let _ = getrandom::fill(&mut seed);
        let shard = || {
            Mutex::new(Shard {
                entries: HashMap::new(),
                swept: Instant::now(),
            })
        };
        Self {
            resumption: options
                .resumption
                .map(|kept| (kept, Budget::new(kept.total_bytes))),
            memory: Budget::new(options.memory),
            lifetime: options.lifetime.as_secs(),
            sessions,
            tidied: AtomicU64::new(0),
            shards: std::array::from_fn(|_| shard()),
            calls: AtomicUsize::new(0),
            next: AtomicU64::new(u64::from_ne_bytes(seed) >> 16),
            closing: AtomicBool::new(false),
        }
    }

    pub(super) fn resumes(&self) -> bool {
        self.resumption.is_some()
    }

    // ---- calls

    pub(super) fn is_running(&self, session: &Session, id: &RequestId) -> bool {
        self.calls.load(Ordering::Acquire) > 0
            && self
                .shard(session)
                .entries
                .get(&session.key())
                .is_some_and(|e| e.calls.contains_key(id))
    }

    /// Registers a call that takes its time; false if one of its id runs already.
    pub(super) fn begin(&self, session: &Session, id: &RequestId, line: &Arc<Line>) -> bool {
        self.change(session, |entry| {
            if entry.calls.contains_key(id) {
                return false;
            }
            entry.calls.insert(id.clone(), Arc::clone(line));
            self.calls.fetch_add(1, Ordering::AcqRel);
            true
        })
    }

    pub(super) fn finish(&self, session: &Session, id: &RequestId, line: &Arc<Line>) {
        self.change(session, |entry| {
            let is_it = |known: &Arc<Line>| Arc::ptr_eq(known, line);
            if entry.calls.get(id).is_some_and(is_it) {
                entry.calls.remove(id);
                self.calls.fetch_sub(1, Ordering::AcqRel);
            }
            entry
                .questions
                .retain(|_, (asker, _)| !Arc::ptr_eq(asker, line));
        });
    }

    /// The client no longer wants the result of this call; false if there is none.
    pub(super) fn cancel(&self, session: &Session, id: &RequestId) -> bool {
        let line = self
            .shard(session)
            .entries
            .get(&session.key())
            .and_then(|e| e.calls.get(id).cloned());
        let Some(line) = line else {
            return false;
        };
        line.cancel();
        // Who drives the call may be waiting for its client to read.
        self.finish(session, id, &line);
        true
    }

    // ---- questions

    /// Puts questions on the line, and remembers who waits for their answers.
    pub(super) fn ask(
        &self,
        session: &Session,
        line: &Arc<Line>,
        questions: Vec<(usize, Question)>,
    ) -> Vec<u64> {
        let numbers = questions.into_iter().map(|(place, question)| {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            self.change(session, |entry| {
                entry.questions.insert(number, (Arc::clone(line), place));
            });
            line.send(request(&id_of(number), question.method, &question.params));
            number
        });
        numbers.collect()
    }

    /// A response of the client's has come; false if nobody asked.
    pub(super) fn answer(
        &self,
        session: &Session,
        id: &RequestId,
        outcome: Result<Raw<'_>, Raw<'_>>,
    ) -> bool {
        let Some(number) = number_of(id) else {
            return false;
        };
        let asked = self.change(session, |entry| entry.questions.remove(&number));
        let Some((line, place)) = asked else {
            return false;
        };
        line.answer(
            place,
            match outcome {
                Ok(result) => Answered::Result(result.get().into()),
                Err(error) => {
                    let error = serde_json::from_str::<ErrorObject>(error.get());
                    Answered::Error(error.map_or_else(|_| "(unreadable)".to_owned(), |e| e.message))
                }
            },
        );
        true
    }

    /// Gives up on questions, and tells the client so.
    pub(super) fn give_up(&self, session: &Session, numbers: &[u64], why: Answered) {
        let reason = match why {
            Answered::TimedOut => "no answer in time",
            _ => "no answer can come any more",
        };
        for number in numbers {
            let asked = self.change(session, |entry| entry.questions.remove(number));
            let Some((line, place)) = asked else { continue };
            line.answer(place, why.clone());
            let params = json!({ "requestId": id_of(*number), "reason": reason });
            line.send(notification("notifications/cancelled", &params).into());
        }
    }

    // ---- streams

    /// A stream for what belongs to no call.
    pub(super) fn open(&self, session: &Session) -> Reader {
        let stream = self.stream(session);
        let reader = stream.read();
        let too_many = self.change(session, |entry| {
            entry.tidy(Instant::now());
            let too_many = entry.standing.len() >= MOST_STREAMS;
            let oldest = too_many.then(|| entry.standing.remove(0));
            if self.closing.load(Ordering::Acquire) {
                stream.end();
            }
            entry.standing.push(stream);
            oldest
        });
        if let Some(oldest) = too_many {
            oldest.end();
        }
        reader
    }

    /// A stream for one call, kept for a client that comes back; none where none can be kept.
    pub(super) fn open_for_call(&self, session: &Session) -> Option<Arc<Stream>> {
        let stream = self.resumes().then(|| self.stream(session));
        let stream = stream.filter(|stream| stream.is_kept())?;
        self.change(session, |entry| {
            entry.tidy(Instant::now());
            if entry.kept.len() >= MOST_STREAMS {
                entry.kept.remove(0);
            }
            entry.kept.push(Arc::clone(&stream));
        });
        Some(stream)
    }

    /// The stream that this event is of, read on after it.
    pub(super) fn resume(&self, session: &Session, after: EventId) -> Option<Reader> {
        self.change(session, |entry| {
            entry.tidy(Instant::now());
            let mut all = entry.standing.iter().chain(&entry.kept);
            let stream = all.find(|stream| stream.name() == after.stream)?;
            stream.read_after(after.number)
        })
    }

    /// Ends all streams that belong to no call, as the server goes down.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let standing = shard.entries.values().flat_map(|entry| &entry.standing);
            let standing: Vec<_> = standing.cloned().collect();
            drop(shard);
            standing.iter().for_each(|stream| stream.end());
        }
    }

    // ---- subscriptions and the log level

    pub(super) fn subscribe(&self, session: &Session, uri: &str) -> Result<(), Error> {
        self.keep(session, |entry| {
            let known = &mut entry.subscriptions;
            if known.contains(uri) {
                return Ok(true);
            }
            let bytes: usize = known.iter().map(|uri| uri.len()).sum();
            if known.len() >= MOST_WATCHED || bytes + uri.len() > MOST_WATCHED_BYTES {
                return Err(Error::invalid_params(format_args!(
                    "one session can subscribe to {MOST_WATCHED} resources at most, and to \
                     {MOST_WATCHED_BYTES} bytes of their URIs"
                )));
            }
            known.insert(uri.into());
            let fits = entry.hold(&self.memory);
            if !fits {
                entry.subscriptions.remove(uri);
                entry.hold(&self.memory);
            }
            Ok(fits)
        })
    }

    pub(super) fn unsubscribe(&self, session: &Session, uri: &str) {
        self.change(session, |entry| {
            entry.subscriptions.remove(uri);
            entry.hold(&self.memory);
        });
    }

    pub(super) fn set_level(&self, session: &Session, level: LoggingLevel) -> Result<(), Error> {
        self.keep(session, |entry| {
            let before = entry.level;
            entry.level = Some(level).filter(|level| *level != DEFAULT_LEVEL);
            let fits = entry.hold(&self.memory);
            if !fits {
                entry.level = before;
                entry.hold(&self.memory);
            }
            Ok(fits)
        })
    }

    /// Changes what is kept of a session, unless there is no memory for it.
    fn keep(
        &self,
        session: &Session,
        change: impl Fn(&mut Entry) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        if self.change(session, &change)? || self.tidy() && self.change(session, &change)? {
            return Ok(());
        }
        Err(Error::Custom {
            code: ErrorCode::INTERNAL_ERROR,
            message: format!(
                "the sessions of this server may keep {} bytes of subscriptions and log levels, \
                 and these are used up: try again later (setting: `session_memory`)",
                self.memory.most()
            ),
            data: None,
        })
    }

    /// Lets go, everywhere, of what is of no use any more; false if it was done a moment ago, since
    /// who is refused may try again and again.
    fn tidy(&self) -> bool {
        let seconds = session::now();
        if self.tidied.swap(seconds, Ordering::Relaxed) == seconds {
            return false;
        }
        self.sweep(Instant::now(), seconds);
        true
    }

    /// The same, as if it were then.
    pub(super) fn sweep(&self, now: Instant, seconds: u64) {
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let over = shard.sweep(now, seconds, &self.sessions);
            drop(shard);
            over.iter().for_each(|stream| stream.end());
        }
    }

    /// The session has ended, and everything of it.
    pub(super) fn end(&self, session: &Session) {
        let Some(entry) = self.shard(session).entries.remove(&session.key()) else {
            return;
        };
        self.calls.fetch_sub(entry.calls.len(), Ordering::AcqRel);
        entry.calls.values().for_each(|line| line.cancel());
        entry
            .standing
            .iter()
            .chain(&entry.kept)
            .for_each(|stream| stream.end());
    }

    fn stream(&self, session: &Session) -> Arc<Stream> {
        let name = self.next.fetch_add(1, Ordering::Relaxed);
        let Some((kept, all)) = &self.resumption else {
            return Arc::new(Stream::new(name));
        };
        let stream = || Stream::kept(name, *kept, all.share(), session.polls());
        let first = stream();
        Arc::new(if first.is_kept() || !self.tidy() {
            first
        } else {
            stream()
        })
    }

    /// Changes what is remembered of a session; what is of no use any more is forgotten.
    fn change<T>(&self, session: &Session, change: impl FnOnce(&mut Entry) -> T) -> T {
        let mut shard = self.shard(session);
        let now = Instant::now();
        let mut over = Vec::new();
        if now.saturating_duration_since(shard.swept) >= SWEEP {
            over = shard.sweep(now, session::now(), &self.sessions);
        }
        let entry = shard.entries.entry(session.key()).or_default();
        entry.until = session.created().saturating_add(self.lifetime);
        let result = change(entry);
        if entry.is_idle() {
            shard.entries.remove(&session.key());
        }
        drop(shard);
        over.iter().for_each(|stream| stream.end());
        result
    }

    fn shard(&self, session: &Session) -> MutexGuard<'_, Shard> {
        self.shard_of(session.key())
    }

    fn shard_of(&self, key: u64) -> MutexGuard<'_, Shard> {
        let [first, rest @ ..] = &self.shards;
        let shard = rest.get(key as usize % SHARDS).unwrap_or(first);
        // Nothing panics while holding it.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl Live {
    /// Whether nothing is remembered of any session.
    pub(super) fn is_empty(&self) -> bool {
        let is_empty = |shard: &Mutex<Shard>| shard.lock().unwrap().entries.is_empty();
        self.shards.iter().all(is_empty) && self.calls.load(Ordering::Acquire) == 0
    }
}

impl Levels for Live {
    fn level(&self, key: u64) -> LoggingLevel {
        self.shard_of(key)
            .entries
            .get(&key)
            .and_then(|entry| entry.level)
            .unwrap_or(DEFAULT_LEVEL)
    }
}

impl Watch for Live {
    fn changed(&self, change: &Change) {
        let message = Bytes::from(String::from(message(change)));
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let wants = |entry: &&Entry| match change {
                Change::Resource(uri) => entry.subscriptions.contains(uri.as_str()),
                _ => true,
            };
            let standing = shard.entries.values().filter(wants).map(|e| &e.standing);
            let standing: Vec<_> = standing.filter(|all| !all.is_empty()).cloned().collect();
            drop(shard);
            for streams in standing {
                // Each message on one stream: the newest, since a client that lost its connection
                // has opened another; one that nobody reads only if there is no other.
                let (read, unread): (Vec<_>, Vec<_>) =
                    streams.iter().rev().partition(|stream| stream.is_read());
                read.into_iter()
                    .chain(unread)
                    .any(|stream| stream.push(message.clone()));
            }
        }
    }
}

fn message(change: &Change) -> Box<str> {
    let nothing = json!({});
    match change {
        Change::Tools => notification("notifications/tools/list_changed", &nothing),
        Change::Resources => notification("notifications/resources/list_changed", &nothing),
        Change::Prompts => notification("notifications/prompts/list_changed", &nothing),
        Change::Resource(uri) => {
            notification("notifications/resources/updated", &json!({ "uri": uri }))
        }
    }
}

/// Our request ids: strings, so that no client rounds them.
fn id_of(number: u64) -> RequestId {
    format!("q{number:x}").into()
}

fn number_of(id: &RequestId) -> Option<u64> {
    let number = u64::from_str_radix(id.as_str()?.strip_prefix('q')?, 16).ok()?;
    // There is one way to write it: no signs, no zeros in front.
    (id_of(number) == *id).then_some(number)
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}
