//! The line from a running call to its client: messages out, questions out, answers in.
//!
//! It is there only once somebody needs it; a call that answers at once never has one. Whoever
//! drives the call takes from the line what is to be sent, and puts answers in. What was asked and
//! answered is in the call's [`Script`].

mod script;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::Waker,
    time::Duration,
};

use serde::Serialize;
use serde_json::value::RawValue;

use self::script::Script;
pub(crate) use self::script::{Answered, Earlier, Place, Question, Record, Standing};
use crate::{
    handler::{Reply, guard},
    jsonrpc::{RequestId, notification},
    limit::timeout::Furthest,
    types::logging::LoggingLevel,
};

/// How many messages wait at most to be sent, and how many bytes they have.
const MOST_MESSAGES: usize = 64;
const MOST_BYTES: usize = 256 * 1024;

/// What a call may do with its line, said by the era before the call starts.
#[derive(Clone, Default)]
pub(crate) struct Terms {
    /// Whether anything can be sent before the response.
    pub(crate) open: bool,
    /// Whether anything can be asked.
    pub(crate) asking: bool,
    /// Whether progress may say in words what is done.
    pub(crate) progress_in_words: bool,
    /// Who knows which log messages the client wants, and by which key; none: it wants no log.
    pub(crate) levels: Option<(Arc<dyn Levels>, u64)>,
}

/// Knows which log messages a client wants.
pub(crate) trait Levels: Send + Sync {
    /// The least level that is wanted now.
    fn level(&self, key: u64) -> LoggingLevel;
}

/// A line that is made when it is first needed.
#[derive(Default)]
pub(crate) struct LazyLine {
    terms: Terms,
    line: OnceLock<Arc<Line>>,
    /// Many requests share it, so it keeps no line: each of them has one of its own.
    shared: bool,
}

impl LazyLine {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            terms,
            line: OnceLock::new(),
            shared: false,
        }
    }

    /// For requests that nothing can be sent for before their response.
    pub(crate) const fn nowhere() -> Self {
        Self {
            terms: Terms {
                open: false,
                asking: false,
                progress_in_words: false,
                levels: None,
            },
            line: OnceLock::new(),
            shared: true,
        }
    }

    /// The line, if anybody needed it.
    pub(crate) fn get(&self) -> Option<&Arc<Line>> {
        self.line.get()
    }

    /// The line.
    pub(crate) fn connect(&self) -> Arc<Line> {
        let make = || Arc::new(Line::new(self.terms.clone()));
        if self.shared {
            make()
        } else {
            Arc::clone(self.line.get_or_init(make))
        }
    }
}

impl fmt::Debug for LazyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyLine")
            .field("open", &self.terms.open)
            .finish_non_exhaustive()
    }
}

/// The line from a running call to its client.
pub(crate) struct Line {
    terms: Terms,
    /// What the client wants to be told progress by; the request says, once somebody asks it.
    progress_token: OnceLock<Option<RequestId>>,
    state: Mutex<State>,
    /// The handler while nobody polls it, for whoever cancels it: a driver whose client reads
    /// nothing may not be polled for long.
    parked: Mutex<Option<Reply>>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Queued>,
    queued_bytes: usize,
    /// The largest progress that was told, to whoever wants to know.
    progress: Furthest,
    /// Nothing is sent any more: the call has answered, or nobody listens.
    closed: bool,
    /// What is asked would not be answered.
    unanswered: bool,
    cancelled: bool,
    /// The stream is to be closed although the call goes on; the client may ask again after this.
    hang_up: Option<Duration>,
    /// Who drives the call.
    waker: Option<Waker>,
    /// Who asked elsewhere than in the handler's own future, and is not dropped along with it.
    askers: Vec<Waker>,
    script: Script,
}

struct Queued {
    message: Box<str>,
    /// It may go when there is too much.
    merely_tells: bool,
}

/// What a line has for who drives the call.
pub(crate) enum Word {
    /// This is to be sent.
    Send(Box<str>),
    /// The stream is to be closed; the client may ask again after this.
    HangUp(Duration),
    /// Nobody waits for the result any more.
    Cancelled,
}

impl Line {
    fn new(terms: Terms) -> Self {
        Self {
            terms,
            progress_token: OnceLock::new(),
            state: Mutex::default(),
            parked: Mutex::default(),
        }
    }

    /// The same, knowing by which token the client wants to be told progress.
    pub(crate) fn with_token(
        self: Arc<Self>,
        token: impl FnOnce() -> Option<RequestId>,
    ) -> Arc<Self> {
        self.progress_token.get_or_init(token);
        self
    }

    // ---- the handler's end

    /// Sends a notification, unless the call is over.
    pub(crate) fn notify(&self, method: &str, params: &impl Serialize) {
        if self.terms.open {
            // Written before anything is locked: how is the user's own code.
            let message = notification(method, params);
            self.change(|state| state.push(message, true));
        }
    }

    /// Tells how far the call is, if the client wants to know and it is further than before.
    pub(crate) fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Params<'a> {
            progress_token: &'a RequestId,
            progress: f64,
            #[serde(skip_serializing_if = "Option::is_none")]
            total: Option<f64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            message: Option<&'a str>,
        }

        if !progress.is_finite() {
            return;
        }
        let token = self.progress_token.get().filter(|_| self.terms.open);
        let message = token.and_then(Option::as_ref).map(|progress_token| {
            let params = Params {
                progress_token,
                progress,
                total: total.filter(|total| total.is_finite()),
                message: message.filter(|_| self.terms.progress_in_words),
            };
            notification("notifications/progress", &params)
        });
        // Compared and queued as one, since others may tell progress, too. It counts if nobody is told.
        self.change(|state| {
            let is_further = state.progress.advance(progress);
            if let Some(message) = message.filter(|_| is_further) {
                state.push(message, true);
            }
        });
    }

    /// How long ago the call told that it is further than before, if it did.
    pub(crate) fn last_progress(&self) -> Option<Duration> {
        self.state().progress.since()
    }

    /// Whether the client wants log messages of this level.
    pub(crate) fn logs(&self, level: LoggingLevel) -> bool {
        self.terms
            .levels
            .as_ref()
            .is_some_and(|(levels, key)| level >= levels.level(*key))
    }

    /// Which run of the function this is.
    pub(crate) fn run(&self) -> usize {
        self.state().script.run()
    }

    /// Whether the function ran before, and runs with answers to what it asked.
    pub(crate) fn goes_on(&self) -> bool {
        self.state().script.goes_on()
    }

    /// Takes a place in the order of questions.
    pub(crate) fn next_question(&self, run: usize) -> Place {
        self.state().script.next_place(run)
    }

    /// Asks at that place, or finds out what was answered there.
    pub(crate) fn ask(&self, place: Place, question: &Question, asker: &Waker) -> Standing {
        let mut state = self.state();
        let gone = !self.may_ask(&state);
        let standing = state.script.ask(place, question, gone);
        if !matches!(standing, Standing::Open) {
            return standing;
        }
        // Who drives the call looks for questions whenever it has polled the handler; who asks in
        // another task has to tell it, and to be told when the run is over.
        let mut driver = None;
        if !state.waker.as_ref().is_some_and(|d| d.will_wake(asker)) {
            driver = state.waker.take();
            if !state.askers.iter().any(|known| known.will_wake(asker)) {
                state.askers.push(asker.clone());
            }
        }
        drop(state);
        if let Some(driver) = driver {
            driver.wake();
        }
        Standing::Open
    }

    /// The answer at that place does not fit: it is asked for again, if that may help.
    pub(crate) fn ask_again(&self, place: Place, complaint: String) -> bool {
        let mut state = self.state();
        self.may_ask(&state) && state.script.ask_again(place, complaint)
    }

    fn may_ask(&self, state: &State) -> bool {
        self.terms.asking && !state.closed && !state.unanswered
    }

    /// What the step of this name, here, returned in an earlier run; and its place.
    pub(crate) fn step(&self, name: &str) -> (usize, Option<Box<RawValue>>) {
        self.state().script.step(name)
    }

    /// Remembers what a step returned.
    pub(crate) fn stepped(&self, name: &str, place: usize, result: Box<RawValue>) {
        self.state().script.stepped(name, place, result);
    }

    /// Closes the stream while the call goes on.
    pub(crate) fn hang_up(&self, retry: Duration) {
        self.change(|state| state.hang_up = Some(retry));
    }

    /// Whether nobody waits for the result any more.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.state().cancelled
    }

    // ---- the driver's end

    /// What there is to do for who drives the call; if nothing, `waker` is told when there is.
    pub(crate) fn take(&self, waker: &Waker) -> Option<Word> {
        let mut state = self.state();
        if state.cancelled {
            return Some(Word::Cancelled);
        }
        if let Some(Queued { message, .. }) = state.queue.pop_front() {
            state.queued_bytes -= message.len();
            return Some(Word::Send(message));
        }
        if let Some(retry) = state.hang_up.take() {
            return Some(Word::HangUp(retry));
        }
        match &mut state.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        None
    }

    /// Puts a message before the client that is no notification of the handler's.
    pub(crate) fn send(&self, message: String) {
        self.state().push(message.into(), false);
    }

    /// Takes what the function asks, by place; with that, this run of it is over.
    pub(crate) fn take_questions(&self) -> Vec<(usize, Question)> {
        let mut questions = Vec::new();
        self.dismiss(|state| {
            questions = state.script.take_open();
            if questions.is_empty() {
                return Vec::new();
            }
            std::mem::take(&mut state.askers)
        });
        questions
    }

    /// Whether a question waits for its answer.
    pub(crate) fn awaits_answer(&self) -> bool {
        self.state().script.awaits_answer()
    }

    /// An answer has come.
    pub(crate) fn answer(&self, place: usize, answer: Answered) {
        self.change(|state| state.script.answer(place, answer));
    }

    /// What the call has learnt and done, for whoever goes on with it.
    pub(crate) fn script(&self) -> Record {
        self.state().script.record()
    }

    /// Goes on with a call from what it had learnt and done.
    pub(crate) fn restore(&self, record: Record) {
        self.state().script.restore(record);
    }

    /// Takes answers that came along with the call. One that is there stays: what was done because of
    /// it cannot be undone.
    pub(crate) fn preload(&self, answers: impl IntoIterator<Item = (String, Earlier)>) {
        self.state().script.preload(answers);
    }

    /// The handler starts again from the top.
    pub(crate) fn rewind(&self) {
        self.state().script.rewind();
    }

    /// The handler has ended: nothing is taken any more, what waits is still sent.
    pub(crate) fn hear_no_more(&self) {
        self.dismiss(|state| {
            state.closed = true;
            std::mem::take(&mut state.askers)
        });
    }

    /// Nobody waits for the result any more.
    pub(crate) fn cancel(&self) {
        self.change(|state| state.cancelled = true);
        self.close();
        if let Some(reply) = self.unpark() {
            guard::discard(reply);
        }
    }

    /// Leaves the handler here until it is polled again.
    pub(crate) fn park(&self, reply: Reply) {
        *self.parked() = Some(reply);
    }

    /// Takes the handler back, unless it was cancelled meanwhile.
    pub(crate) fn unpark(&self) -> Option<Reply> {
        self.parked().take()
    }

    /// Nobody answers any more; what is told is still sent.
    pub(crate) fn no_answers(&self) {
        self.dismiss(|state| {
            state.unanswered = true;
            state.script.no_answers();
            std::mem::take(&mut state.askers)
        });
    }

    /// Nothing is to be sent any more.
    pub(crate) fn close(&self) {
        self.dismiss(|state| {
            state.close();
            std::mem::take(&mut state.askers)
        });
    }

    /// Changes the state, then wakes who drives the call: with nothing locked, since what a waker
    /// does is not ours.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        let driver = state.waker.take();
        drop(state);
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    /// The same for those who ask in tasks of their own, and have asked in vain.
    fn dismiss(&self, change: impl FnOnce(&mut State) -> Vec<Waker>) {
        let mut state = self.state();
        let askers = change(&mut state);
        drop(state);
        askers.into_iter().for_each(Waker::wake);
    }

    fn parked(&self) -> MutexGuard<'_, Option<Reply>> {
        // Nothing panics while holding it.
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, message: Box<str>, merely_tells: bool) {
        if self.closed {
            return;
        }
        self.queued_bytes += message.len();
        self.queue.push_back(Queued {
            message,
            merely_tells,
        });
        // Whoever reads slowly misses the oldest of what is merely told on the way.
        while self.queue.len() > MOST_MESSAGES || self.queued_bytes > MOST_BYTES {
            let rest = self.queue.len() - 1;
            let oldest = self.queue.iter().take(rest).position(|q| q.merely_tells);
            let Some(dropped) = oldest.and_then(|oldest| self.queue.remove(oldest)) else {
                break;
            };
            self.queued_bytes -= dropped.message.len();
        }
    }

    fn close(&mut self) {
        self.closed = true;
        self.queue.clear();
        self.queued_bytes = 0;
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("open", &self.terms.open)
            .finish_non_exhaustive()
    }
}
