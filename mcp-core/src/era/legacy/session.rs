//! Sessions that cost no memory: the id is the record, sealed.
//!
//! Whoever has the seal key can serve any request of the session: restarts and replicas need no
//! database. Kept are only the ids that ended before their time and, where an idle lifetime is
//! set, when each was last seen: a few bytes each, by the random bytes that the id starts with.
//!
//! # Specification
//! [2025-11-25, Session management](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management)

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasherDefault, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::record::{self, Record};
pub(super) use crate::era::now;
use crate::era::stream::Resumption;
use crate::{
    Identity, ProtocolVersion, SealKey, SealKeyError,
    context::Peer,
    digest::Digest,
    seal::{Purpose, Sealer},
};

/// How many ended sessions are remembered at most; beyond, those that end soonest are forgotten.
const MOST_ENDED: usize = 1_000_000;
/// How often idle sessions are looked for.
const SWEEP: u64 = 5 * 60;

/// How sessions live and end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionOptions {
    /// Keys, the newest first: it seals, all open. Without any, one is made at random, and sessions
    /// end with the process.
    pub keys: Vec<SealKey>,
    /// How long a session lives at most. 24 hours unless said.
    pub lifetime: Duration,
    /// How long a session lives without a request; a stream that is open is none, and ends with it.
    /// Unlimited unless said, since remembering it costs a few bytes a session. After a restart the
    /// clock starts anew.
    pub idle: Option<Duration>,
    /// Whether the result of `initialize` repeats the id as `sessionId`. Not unless said.
    pub id_in_result: bool,
    /// Whether streams can be resumed, and what is kept for that. Not unless said.
    pub resumption: Option<Resumption>,
    /// How many bytes of subscriptions and log levels all sessions together may keep. Where they
    /// are used up, more are refused. 64 MiB unless said.
    pub memory: usize,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            lifetime: Duration::from_secs(24 * 60 * 60),
            idle: None,
            id_in_result: false,
            resumption: None,
            memory: 64 * 1024 * 1024,
        }
    }
}

/// What `initialize` agreed upon, read back from the id of the session.
#[derive(Clone, Debug)]
pub struct Session {
    pub(super) key: u64,
    pub(super) version: ProtocolVersion,
    pub(super) created: u64,
    pub(super) principal: Option<Digest>,
    /// Who has opened it: they are known again without a digest.
    pub(super) opener: Option<Identity>,
    pub(super) peer: Arc<Peer>,
}

impl Session {
    /// The random bytes that tell it from every other session.
    pub(super) fn key(&self) -> u64 {
        self.key
    }

    /// When it was made, in seconds since 1970.
    pub(super) fn created(&self) -> u64 {
        self.created
    }

    /// The revision that was negotiated.
    pub fn version(&self) -> ProtocolVersion {
        self.version
    }

    /// The program on the other side.
    pub fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// Whether its client knows that a stream may end before the call does, and what an event
    /// without data is for.
    pub(super) fn polls(&self) -> bool {
        self.version >= ProtocolVersion::V2025_11_25
    }

    /// Whether progress may say in words what is done.
    pub(super) fn tells_progress_in_words(&self) -> bool {
        self.version >= ProtocolVersion::V2025_03_26
    }

    fn is_of(&self, caller: Option<&Identity>) -> bool {
        let same =
            |(a, b): (&Identity, &Identity)| (a.issuer(), a.subject()) == (b.issuer(), b.subject());
        self.opener.as_ref().zip(caller).is_some_and(same)
            || self.principal == caller.map(Identity::principal)
    }
}

/// The sessions of one server.
pub struct Sessions {
    sealer: Sealer,
    lifetime: u64,
    idle: Option<u64>,
    id_in_result: bool,
    marks: Mutex<Marks>,
    any_ended: AtomicBool,
}

/// What is remembered of sessions, by their random bytes. Times are seconds since 1970.
#[derive(Default)]
struct Marks {
    /// When each ended session would have ended by itself.
    ended: HashMap<u64, u64, BuildHasherDefault<AlreadyRandom>>,
    /// When each session was last used, and when it was created.
    used: HashMap<u64, Used, BuildHasherDefault<AlreadyRandom>>,
    swept: u64,
}

#[derive(Clone, Copy)]
struct Used {
    last: u64,
    created: u64,
}

impl Used {
    /// Whether that was too long ago.
    fn is_idle(&self, idle: u64, now: u64) -> bool {
        now >= self.last.saturating_add(idle)
    }
}

impl Sessions {
    /// Sessions that live and end so.
    ///
    /// # Errors
    /// When no key is given, and the operating system has no randomness for one.
    pub fn new(options: SessionOptions) -> Result<Self, SealKeyError> {
        let mut keys = options.keys;
        if keys.is_empty() {
            tracing::info!("no seal key was given: sessions end with this process");
            keys.push(SealKey::random()?);
        }
        Ok(Self {
            sealer: Sealer::new(&keys),
            lifetime: options.lifetime.as_secs(),
            idle: options.idle.map(|idle| idle.as_secs()),
            id_in_result: options.id_in_result,
            marks: Mutex::default(),
            any_ended: AtomicBool::new(false),
        })
    }

    /// The session that this id names, if it is one of ours, alive, and of this caller.
    ///
    /// Whatever stands against it, the answer is the same: there is no such session.
    pub fn open(&self, id: &str, caller: Option<&Identity>) -> Option<Session> {
        let mut session = self.read(id)?;
        if !self.check(&session, caller) {
            return None;
        }
        session.opener = caller.cloned();
        Some(session)
    }

    /// Whether a session that was opened before is still alive, and of this caller.
    pub fn check(&self, session: &Session, caller: Option<&Identity>) -> bool {
        session.is_of(caller) && self.is_alive(session, now())
    }

    /// Whether a session that was opened before has been ended since.
    pub(super) fn has_ended(&self, session: &Session) -> bool {
        self.any_ended.load(Ordering::Acquire) && self.marks().ended.contains_key(&session.key)
    }

    /// Whether the session of these random bytes has ended before its lifetime is over.
    pub(super) fn is_over(&self, key: u64, now: u64) -> bool {
        if self.idle.is_none() && !self.any_ended.load(Ordering::Acquire) {
            return false;
        }
        let marks = self.marks();
        let is_idle = |used: &Used| self.idle.is_some_and(|idle| used.is_idle(idle, now));
        marks.ended.contains_key(&key) || marks.used.get(&key).is_some_and(is_idle)
    }

    /// Ends a session: later requests with its id find none. It is given back if there was one.
    pub(super) fn end(&self, id: &str, caller: Option<&Identity>) -> Option<Session> {
        let session = self.open(id, caller)?;
        let mut marks = self.marks();
        marks.used.remove(&session.key);
        marks.end(
            session.key,
            session.created.saturating_add(self.lifetime),
            now(),
        );
        self.any_ended.store(true, Ordering::Release);
        drop(marks);
        Some(session)
    }

    pub(super) fn create(
        &self,
        version: ProtocolVersion,
        peer: &Peer,
        caller: Option<&Identity>,
    ) -> Option<String> {
        let record = Record {
            version,
            created: now(),
            principal: caller.map(Identity::principal),
            peer,
        };
        self.sealer.seal(Purpose::Session, &record.to_bytes())
    }

    pub(super) fn tells_in_result(&self) -> bool {
        self.id_in_result
    }

    fn read(&self, id: &str) -> Option<Session> {
        let opened = self.sealer.open(Purpose::Session, id)?;
        let key = u64::from_le_bytes(*opened.nonce.first_chunk()?);
        record::read(key, &opened.plain)
    }

    fn is_alive(&self, session: &Session, now: u64) -> bool {
        if now >= session.created.saturating_add(self.lifetime) {
            return false;
        }
        if let Some(idle) = self.idle {
            let mut marks = self.marks();
            marks.sweep(idle, self.lifetime, now);
            let alive = !marks.ended.contains_key(&session.key)
                && marks
                    .used
                    .get(&session.key)
                    .is_none_or(|used| !used.is_idle(idle, now));
            if alive {
                marks.used.insert(
                    session.key,
                    Used {
                        last: now,
                        created: session.created,
                    },
                );
            }
            return alive;
        }
        !self.has_ended(session)
    }

    fn marks(&self) -> MutexGuard<'_, Marks> {
        // Nothing panics while holding it, and each change is one call.
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("lifetime", &self.lifetime)
            .field("idle", &self.idle)
            .finish_non_exhaustive()
    }
}

impl Marks {
    fn end(&mut self, key: u64, until: u64, now: u64) {
        if self.ended.len() >= MOST_ENDED {
            self.ended.retain(|_, until| *until > now);
        }
        if self.ended.len() >= MOST_ENDED {
            let mut ends: Vec<u64> = self.ended.values().copied().collect();
            let (_, middle, _) = ends.select_nth_unstable(MOST_ENDED / 2);
            let middle = *middle;
            self.ended.retain(|_, until| *until > middle);
        }
        self.ended.insert(key, until);
    }

    /// Turns sessions that were idle for too long into ended ones, so that they stay so.
    fn sweep(&mut self, idle: u64, lifetime: u64, now: u64) {
        if now < self.swept + SWEEP {
            return;
        }
        self.swept = now;
        self.ended.retain(|_, until| *until > now);
        let gone: Vec<(u64, u64)> = self
            .used
            .extract_if(|_, used| used.is_idle(idle, now))
            .map(|(key, used)| (key, used.created.saturating_add(lifetime)))
            .collect();
        for (key, until) in gone.into_iter().filter(|(_, until)| *until > now) {
            self.end(key, until, now);
        }
    }
}

/// Keys are random already; hashing them again would buy nothing.
#[derive(Default)]
struct AlreadyRandom(u64);

impl Hasher for AlreadyRandom {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use super::{super::record::LONGEST_NAME, *};
    use crate::types::Implementation;

    fn sessions(change: impl FnOnce(&mut SessionOptions)) -> Sessions {
        let mut options = SessionOptions {
            keys: vec![[7; 32].into()],
            ..Default::default()
        };
        change(&mut options);
        Sessions::new(options).unwrap()
    }

    fn peer() -> Peer {
        let json =
            r#"{"roots":{"listChanged":true},"sampling":{"tools":{}},"elicitation":{"url":{}}}"#;
        let info = Implementation::new("klient".repeat(20), "1.2.3");
        Peer::new(info, serde_json::from_str(json).unwrap())
    }

    fn create(sessions: &Sessions, caller: Option<&Identity>) -> String {
        sessions
            .create(ProtocolVersion::V2025_06_18, &peer(), caller)
            .unwrap()
    }

    #[test]
    fn a_session_is_read_back_from_its_id_by_any_process_with_the_key() {
        let id = create(&sessions(|_| {}), None);
        assert!(
            id.bytes().all(|byte| byte.is_ascii_graphic()) && id.len() < 256,
            "{id}"
        );
        let session = sessions(|_| {}).open(&id, None).expect("another process");
        assert_eq!(session.version(), ProtocolVersion::V2025_06_18);
        assert_eq!(session.peer().capabilities, peer().capabilities);
        assert_eq!(session.peer().info.version, "1.2.3");
        assert_eq!(session.peer().info.name.len(), LONGEST_NAME);
    }

    #[test]
    fn a_session_belongs_to_who_made_it() {
        let (alice, bob) = (Identity::new("alice"), Identity::new("bob"));
        let sessions = sessions(|_| {});
        let id = create(&sessions, Some(&alice));
        assert!(sessions.open(&id, Some(&alice)).is_some());
        assert!(sessions.open(&id, Some(&bob)).is_none());
        assert!(
            sessions
                .open(&id, Some(&alice.clone().with_issuer("https://other")))
                .is_none()
        );
        assert!(sessions.open(&id, None).is_none());
        assert!(
            sessions.end(&id, Some(&bob)).is_none(),
            "nobody ends another's session"
        );
        assert!(sessions.open(&id, Some(&alice)).is_some());
    }

    #[test]
    fn an_ended_session_stays_ended_and_others_do_not_notice() {
        let sessions = sessions(|_| {});
        let [one, two] = [create(&sessions, None), create(&sessions, None)];
        assert!(sessions.end(&one, None).is_some());
        assert!(sessions.end(&one, None).is_none());
        assert!(sessions.open(&one, None).is_none());
        assert!(sessions.open(&two, None).is_some());
    }

    #[test]
    fn a_session_ends_with_its_lifetime() {
        let sessions = sessions(|options| options.lifetime = Duration::from_secs(100));
        let session = sessions.read(&create(&sessions, None)).unwrap();
        assert!(sessions.is_alive(&session, session.created + 99));
        assert!(!sessions.is_alive(&session, session.created + 100));
    }

    #[test]
    fn an_idle_session_ends_and_use_keeps_it_alive() {
        let sessions = sessions(|options| options.idle = Some(Duration::from_secs(60)));
        let session = sessions.read(&create(&sessions, None)).unwrap();
        let at = |seconds| sessions.is_alive(&session, session.created + seconds);
        assert!(at(0) && at(50) && at(100));
        assert!(!at(160));
        assert!(!at(600), "a sweep does not bring it back");
        assert!(!at(601));
        assert!(sessions.marks().used.is_empty());
    }

    #[test]
    fn ended_sessions_are_forgotten_once_they_would_have_ended_anyway() {
        let mut marks = Marks::default();
        for key in 0..MOST_ENDED as u64 {
            marks.end(key, key + 1, 0);
        }
        assert_eq!(marks.ended.len(), MOST_ENDED);
        marks.end(u64::MAX, u64::MAX, 10);
        assert!(marks.ended.len() <= MOST_ENDED && marks.ended.contains_key(&u64::MAX));
        marks.sweep(1, 1, u64::MAX - 1);
        assert_eq!(marks.ended.len(), 1);
    }
}
