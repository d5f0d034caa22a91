//! One stream of messages to a client: bounded, and kept for a while where streams can be resumed.
//!
//! # Specification
//! [2025-11-25, Resumability and redelivery](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery)

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::budget::Share;

/// The number of what comes before the first event of every stream.
const ORIGIN: u64 = 0;

/// How many messages wait at most for a slow reader, and how many bytes they have.
const MOST_WAITING: usize = 64;
const MOST_WAITING_BYTES: usize = 256 * 1024;

/// What a stream that is kept takes by itself, and each message of it, in bytes.
const STREAM: usize = 512;
const EVENT: usize = size_of::<Event>();

/// How much of each stream is kept for a client that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resumption {
    /// At most so many messages. Default: 256.
    pub messages: usize,
    /// At most so many bytes. Default: 1 MiB.
    pub bytes: usize,
    /// For so long. Default: five minutes.
    pub age: Duration,
    /// At most so many bytes of all streams together. Where they are used up, a stream that is read
    /// keeps what its client has yet to read and what came last, one that is not what there is room
    /// for, and a new one nothing: it works, and cannot be resumed. Default: 64 MiB.
    pub total_bytes: usize,
}

impl Default for Resumption {
    fn default() -> Self {
        Self {
            messages: 256,
            bytes: 1024 * 1024,
            age: Duration::from_secs(5 * 60),
            total_bytes: 64 * 1024 * 1024,
        }
    }
}

/// One stream; one reader at a time.
pub(crate) struct Stream {
    name: u64,
    kept: Option<Resumption>,
    /// Whether its client is told first where it begins.
    primed: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    bytes: usize,
    /// What it takes of what all that are kept may.
    share: Option<Share>,
    /// The number of the next event.
    next: u64,
    /// Which reader is the one; those before it have ended.
    reader: u64,
    /// The number of the event that it wants next.
    wanted: u64,
    /// Whether that one is still there; if not, since when.
    is_read: bool,
    left: Option<Instant>,
    /// What the reader is told before it ends although the stream goes on.
    hung_up: Option<Duration>,
    ended: Option<Instant>,
    waker: Option<Waker>,
}

struct Event {
    number: u64,
    at: Instant,
    data: Bytes,
}

/// Names an event: its stream, and its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventId {
    pub(crate) stream: u64,
    pub(crate) number: u64,
}

impl EventId {
    /// The id that is written so, if it is one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let (stream, number) = text.split_once('-')?;
        let id = Self {
            stream: u64::from_str_radix(stream, 16).ok()?,
            number: number.parse().ok()?,
        };
        // There is one way to write it: no signs, no zeros in front.
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.stream, self.number)
    }
}

/// What a reader finds. A transport has to pass each of it on: this is all there is.
#[derive(Debug)]
pub enum Item {
    /// A message, and its id where streams can be resumed.
    Message {
        /// Where to go on after it.
        id: Option<EventId>,
        /// The message: one line of JSON.
        data: Bytes,
    },
    /// The stream closes for now; the client may come back after this.
    Retry(Duration),
}

impl Stream {
    /// A stream that ends with its reader.
    pub(crate) fn new(name: u64) -> Self {
        let state = State {
            next: ORIGIN + 1,
            ..State::default()
        };
        Self {
            name,
            kept: None,
            primed: false,
            state: Mutex::new(state),
        }
    }

    /// A stream that is kept for a client that comes back, if the share has room for it; `primed`
    /// if that client knows to.
    pub(super) fn kept(name: u64, kept: Resumption, mut share: Share, primed: bool) -> Self {
        let mut stream = Self::new(name);
        if share.hold(STREAM) {
            stream.kept = Some(kept);
            stream.primed = primed;
            stream.state = Mutex::new(State {
                next: ORIGIN + 1,
                share: Some(share),
                ..State::default()
            });
        }
        stream
    }

    /// Whether a client can come back to it.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    pub(crate) fn name(&self) -> u64 {
        self.name
    }

    /// Adds a message; false if nothing comes any more. What is too much or too old goes, the
    /// oldest first.
    pub(crate) fn push(&self, data: Bytes) -> bool {
        let (most, most_bytes) = match self.kept {
            Some(kept) => (kept.messages, kept.bytes),
            None => (MOST_WAITING, MOST_WAITING_BYTES),
        };
        self.change(|state| {
            if state.ended.is_some() {
                return false;
            }
            let (number, at) = (state.next, Instant::now());
            state.next += 1;
            state.bytes += data.len();
            state.events.push_back(Event { number, at, data });
            while state.events.len() > most || state.bytes > most_bytes && state.events.len() > 1 {
                state.forget_first();
            }
            state.spare();
            true
        })
    }

    /// Nothing comes any more.
    pub(crate) fn end(&self) {
        self.change(|state| {
            state.ended.get_or_insert_with(Instant::now);
        });
    }

    /// Ends the reader but not the stream.
    pub(crate) fn hang_up(&self, retry: Duration) {
        self.change(|state| state.hung_up = Some(retry));
    }

    /// Whether there is no reason to keep it.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.is_past(self.state().ended, now)
    }

    /// Whether nobody has read it for so long that nobody will.
    pub(crate) fn is_abandoned(&self, now: Instant) -> bool {
        self.is_past(self.state().left, now)
    }

    fn is_past(&self, since: Option<Instant>, now: Instant) -> bool {
        let age = self.kept.map_or(Duration::ZERO, |kept| kept.age);
        since.is_some_and(|since| now.saturating_duration_since(since) >= age)
    }

    /// Whether somebody reads it.
    pub(crate) fn is_read(&self) -> bool {
        self.state().is_read
    }

    /// Reads it from the start.
    pub(crate) fn read(self: &Arc<Self>) -> Reader {
        self.read_from(0)
    }

    /// Reads on after an event, if there was one of this number; whoever read before has ended.
    pub(crate) fn read_after(self: &Arc<Self>, number: u64) -> Option<Reader> {
        let state = self.state();
        let was_given = number < state.next;
        // Who comes back for how it ended, and cannot learn it, is told so.
        let is_lost = state.ended.is_some() && state.events.is_empty() && number + 1 < state.next;
        drop(state);
        (was_given && !is_lost).then(|| self.read_from(number + 1))
    }

    fn read_from(self: &Arc<Self>, position: u64) -> Reader {
        let generation = self.change(|state| {
            state.reader += 1;
            state.wanted = position;
            state.is_read = true;
            state.left = None;
            state.hung_up = None;
            if let Some(kept) = self.kept {
                state.forget_old(kept.age, u64::MAX);
            }
            state.reader
        });
        Reader {
            stream: Arc::clone(self),
            generation,
            position,
            over: false,
        }
    }

    /// Changes the state, then wakes the reader: with nothing locked, since what a waker does is
    /// not ours.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        let result = change(&mut state);
        let reader = state.waker.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
        result
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl State {
    /// Lets go of events before this one that are older than that.
    fn forget_old(&mut self, age: Duration, before: u64) {
        let now = Instant::now();
        let is_old =
            |event: &Event| event.number < before && now.saturating_duration_since(event.at) >= age;
        while self.events.front().is_some_and(is_old) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        let first = self.events.pop_front();
        self.bytes -= first.map_or(0, |event| event.data.len());
        self.hold();
    }

    /// Lets go of what there is no room for, the oldest first; while somebody reads it, never of the
    /// last, nor of what is yet to be seen.
    fn spare(&mut self) {
        while !self.hold()
            && let Some(first) = self.events.front()
            && (!self.is_read || self.events.len() > 1 && first.number < self.wanted)
        {
            self.forget_first();
        }
    }

    /// Takes what it needs of what all may; false if that is not there.
    fn hold(&mut self) -> bool {
        let bytes = STREAM + self.bytes + self.events.len() * EVENT;
        self.share.as_mut().is_none_or(|share| share.hold(bytes))
    }
}

/// The writing end of a call's stream that outlives its connection; dropped, the stream is over.
#[derive(Debug)]
pub struct Kept(Arc<Stream>);

impl Kept {
    pub(crate) fn new(stream: Arc<Stream>) -> Self {
        Self(stream)
    }

    /// Adds a message: one line of JSON.
    pub fn send(&self, message: impl Into<Bytes>) {
        self.0.push(message.into());
    }

    /// Ends the connection, but not the stream.
    pub fn hang_up(&self, retry: Duration) {
        self.0.hang_up(retry);
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Reads a stream, from some place on.
pub struct Reader {
    stream: Arc<Stream>,
    generation: u64,
    position: u64,
    over: bool,
}

impl Reader {
    /// What the client of a new stream should be told first where streams can be resumed, so that
    /// it can come back even if nothing ever comes; none if its revision does not know of that.
    pub fn origin(&self) -> Option<EventId> {
        self.stream.primed.then_some(EventId {
            stream: self.stream.name,
            number: ORIGIN,
        })
    }

    /// Whether nothing more will come.
    pub fn is_over(&self) -> bool {
        let state = self.stream.state();
        let unread = state
            .events
            .back()
            .is_some_and(|event| event.number >= self.position);
        state.ended.is_some() && !unread
    }

    /// What comes next; none when the stream is over, or somebody else reads it now.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        let mut state = self.stream.state();
        if self.over || state.reader != self.generation {
            return Poll::Ready(None);
        }
        if let Some(kept) = self.stream.kept {
            // What this reader has not seen yet is never too old for it.
            state.forget_old(kept.age, self.position);
        }
        let found = match self.stream.kept {
            Some(_) => {
                let next = state
                    .events
                    .iter()
                    .find(|event| event.number >= self.position);
                next.map(|event| (event.number, event.data.clone()))
            }
            None => {
                let next = state.events.pop_front();
                state.bytes -= next.as_ref().map_or(0, |event| event.data.len());
                next.map(|event| (event.number, event.data))
            }
        };
        if let Some((number, data)) = found {
            self.position = number + 1;
            state.wanted = self.position;
            let id = EventId {
                stream: self.stream.name,
                number,
            };
            return Poll::Ready(Some(Item::Message {
                id: self.stream.kept.map(|_| id),
                data,
            }));
        }
        if let Some(retry) = state.hung_up.take() {
            self.over = true;
            return Poll::Ready(Some(Item::Retry(retry)));
        }
        if state.ended.is_some() {
            return Poll::Ready(None);
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.stream.state();
        if state.reader == self.generation {
            state.waker = None;
            state.is_read = false;
            state.left = Some(Instant::now());
            state.spare();
            // What nobody can come back for is over when nobody reads it.
            if self.stream.kept.is_none() {
                state.ended.get_or_insert_with(Instant::now);
            }
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("stream", &self.stream.name)
            .finish_non_exhaustive()
    }
}
