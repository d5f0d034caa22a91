//! The line from a running call to its client: messages out, questions out, answers in.
//!
//! It is there only once somebody needs it; a call that answers at once never has one. Whoever
//! drives the call takes from the line what is to be sent, and puts answers in.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::Waker,
    time::Duration,
};

use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};
use sha2::{Digest as _, Sha256};

use crate::{
    jsonrpc::{RequestId, notification},
    types::logging::LoggingLevel,
};

/// How many messages wait at most to be sent, and how many bytes they have.
const MOST_MESSAGES: usize = 64;
const MOST_BYTES: usize = 256 * 1024;

/// How often a question is asked again because its answer does not fit.
const MOST_AGAIN: usize = 3;

/// What a call may do with its line, said by the era before the call starts.
#[derive(Clone, Default)]
pub(crate) struct Terms {
    /// Whether anything can be sent before the response.
    pub(crate) open: bool,
    /// Whether anything can be asked.
    pub(crate) asking: bool,
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
}

#[derive(Default)]
struct State {
    queue: VecDeque<Box<str>>,
    queued_bytes: usize,
    /// The largest progress that was told.
    progress: Option<f64>,
    /// Nothing is sent any more: the call has answered, or nobody listens.
    closed: bool,
    cancelled: bool,
    /// The stream is to be closed although the call goes on; the client may ask again after this.
    hang_up: Option<Duration>,
    waker: Option<Waker>,
    script: Script,
}

/// What was asked and answered, over all runs of one call.
#[derive(Default)]
struct Script {
    /// In the order of asking; a place may be taken before it is asked at.
    questions: Vec<Option<Asked>>,
    /// How many questions this run has asked.
    asked: usize,
    /// What was answered before this process saw the call, by the key of the question.
    answers: HashMap<String, Earlier>,
    /// What steps returned, by name and how often the name had come before.
    steps: HashMap<(String, usize), Box<RawValue>>,
    /// How often each name has come in this run.
    stepped: HashMap<String, usize>,
}

struct Asked {
    question: Question,
    answer: Option<Answered>,
    /// Why it is asked again, and how often it was.
    complaint: Option<String>,
    again: usize,
}

/// An answer from an earlier round of the same call.
#[derive(Clone, Debug)]
pub(crate) struct Earlier {
    /// Of the question, where it is known.
    pub(crate) digest: Option<Digest>,
    pub(crate) result: Arc<str>,
}

/// Tells one question from another.
pub(crate) type Digest = [u8; 16];

/// Something to ask the client: a request of ours.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// Names it among the questions of one call.
    pub(crate) key: String,
    pub(crate) method: &'static str,
    pub(crate) params: Arc<str>,
}

/// What came of a question.
#[derive(Clone, Debug)]
pub(crate) enum Answered {
    Result(Arc<str>),
    Error(String),
    TimedOut,
    /// Nobody is there to answer.
    Gone,
}

/// Where a question stands.
pub(crate) enum Standing {
    Answered(Answered),
    Open,
    /// It was not asked before, and nobody is there to ask.
    Gone,
    /// This run asks something else than the last one did at the same place.
    Changed {
        before: Question,
    },
}

impl Line {
    fn new(terms: Terms) -> Self {
        Self {
            terms,
            progress_token: OnceLock::new(),
            state: Mutex::default(),
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
            let mut state = self.state();
            state.push(notification(method, params));
            state.wake();
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

        let Some(Some(progress_token)) = self.progress_token.get() else {
            return;
        };
        {
            let mut state = self.state();
            if !progress.is_finite() || state.progress.is_some_and(|before| progress <= before) {
                return;
            }
            state.progress = Some(progress);
        }
        let total = total.filter(|total| total.is_finite());
        let params = Params {
            progress_token,
            progress,
            total,
            message,
        };
        self.notify("notifications/progress", &params);
    }

    /// Whether the client wants log messages of this level.
    pub(crate) fn logs(&self, level: LoggingLevel) -> bool {
        self.terms
            .levels
            .as_ref()
            .is_some_and(|(levels, key)| level >= levels.level(*key))
    }

    /// Takes a place in the order of questions.
    pub(crate) fn next_question(&self) -> usize {
        let script = &mut self.state().script;
        script.asked += 1;
        script.asked - 1
    }

    /// Asks at that place, or finds out what was answered there.
    pub(crate) fn ask(&self, place: usize, question: &Question) -> Standing {
        let mut state = self.state();
        let gone = !self.terms.asking || state.closed;
        let questions = &mut state.script.questions;
        if questions.len() <= place {
            questions.resize_with(place + 1, || None);
        }
        let Some(slot) = questions.get_mut(place) else {
            return Standing::Gone;
        };
        let Some(asked) = slot else {
            let earlier = state.script.answers.remove(&question.key);
            let same = |earlier: &Earlier| earlier.digest.is_none_or(|it| it == question.digest());
            let answer = match earlier {
                Some(earlier) if same(&earlier) => Some(Answered::Result(earlier.result)),
                Some(_) => {
                    let before = Question {
                        params: "(another)".into(),
                        ..question.clone()
                    };
                    return Standing::Changed { before };
                }
                None if gone => return Standing::Gone,
                None => None,
            };
            let standing = answer.clone().map_or(Standing::Open, Standing::Answered);
            let questions = &mut state.script.questions;
            if let Some(slot) = questions.get_mut(place) {
                *slot = Some(Asked {
                    question: question.clone(),
                    answer,
                    complaint: None,
                    again: 0,
                });
            }
            return standing;
        };
        if asked.question.method != question.method || asked.question.params != question.params {
            return Standing::Changed {
                before: asked.question.clone(),
            };
        }
        match &asked.answer {
            Some(answer) => Standing::Answered(answer.clone()),
            None if gone => Standing::Gone,
            None => Standing::Open,
        }
    }

    /// The answer at that place does not fit: it is asked for again.
    pub(crate) fn ask_again(&self, place: usize, complaint: String) -> bool {
        let mut state = self.state();
        if !self.terms.asking || state.closed {
            return false;
        }
        match state.script.questions.get_mut(place) {
            Some(Some(asked)) if asked.again < MOST_AGAIN => {
                asked.again += 1;
                asked.answer = None;
                asked.complaint = Some(complaint);
                true
            }
            _ => false,
        }
    }

    /// What the step of this name, here, returned in an earlier run; and its place.
    pub(crate) fn step(&self, name: &str) -> (usize, Option<Box<RawValue>>) {
        let script = &mut self.state().script;
        let count = script.stepped.entry(name.to_owned()).or_default();
        let place = *count;
        *count += 1;
        (place, script.steps.get(&(name.to_owned(), place)).cloned())
    }

    /// Remembers what a step returned.
    pub(crate) fn stepped(&self, name: &str, place: usize, result: Box<RawValue>) {
        self.state()
            .script
            .steps
            .insert((name.to_owned(), place), result);
    }

    /// Closes the stream while the call goes on.
    pub(crate) fn hang_up(&self, retry: Duration) {
        let mut state = self.state();
        state.hang_up = Some(retry);
        state.wake();
    }

    /// Whether nobody waits for the result any more.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.state().cancelled
    }

    // ---- the driver's end

    /// The next message to send; otherwise `waker` is told when there is one.
    pub(crate) fn take(&self, waker: &Waker) -> Option<Box<str>> {
        let mut state = self.state();
        let message = state.queue.pop_front();
        match &message {
            Some(message) => state.queued_bytes -= message.len(),
            None => state.waker = Some(waker.clone()),
        }
        message
    }

    pub(crate) fn take_hang_up(&self) -> Option<Duration> {
        self.state().hang_up.take()
    }

    /// Puts a message before the client that is no notification of the handler's.
    pub(crate) fn send(&self, message: String) {
        self.state().push(message.into());
    }

    /// The questions that wait for an answer, by place.
    pub(crate) fn open_questions(&self) -> Vec<(usize, Question)> {
        let state = self.state();
        let all = state.script.questions.iter().enumerate();
        all.filter_map(|(place, asked)| Some((place, asked.as_ref()?)))
            .filter(|(_, asked)| asked.answer.is_none())
            .map(|(place, asked)| (place, asked.in_words()))
            .collect()
    }

    /// An answer has come.
    pub(crate) fn answer(&self, place: usize, answer: Answered) {
        let mut state = self.state();
        if let Some(Some(asked)) = state.script.questions.get_mut(place) {
            asked.answer.get_or_insert(answer);
        }
        state.wake();
    }

    /// What the call has learnt and done, for whoever goes on with it.
    pub(crate) fn script(&self) -> Record {
        let state = self.state();
        let script = &state.script;
        let asked = script
            .questions
            .iter()
            .flatten()
            .filter_map(|asked| match &asked.answer {
                Some(Answered::Result(result)) => Some((
                    asked.question.key.clone(),
                    asked.question.digest(),
                    Arc::clone(result),
                )),
                _ => None,
            });
        // An answer that no question has come for yet may still be wanted.
        let unclaimed = script.answers.iter().filter_map(|(key, earlier)| {
            Some((key.clone(), earlier.digest?, Arc::clone(&earlier.result)))
        });
        let steps = script.steps.iter();
        Record {
            answers: asked.chain(unclaimed).collect(),
            steps: steps
                .map(|((name, place), result)| (name.clone(), *place, result.clone()))
                .collect(),
        }
    }

    /// Goes on with a call from what it had learnt and done.
    pub(crate) fn preload(
        &self,
        answers: impl IntoIterator<Item = (String, Earlier)>,
        steps: impl IntoIterator<Item = (String, usize, Box<RawValue>)>,
    ) {
        let script = &mut self.state().script;
        script.answers.extend(answers);
        let steps = steps
            .into_iter()
            .map(|(name, place, result)| ((name, place), result));
        script.steps.extend(steps);
    }

    /// The handler starts again from the top.
    pub(crate) fn rewind(&self) {
        let script = &mut self.state().script;
        script.asked = 0;
        script.stepped.clear();
    }

    /// Nobody waits for the result any more.
    pub(crate) fn cancel(&self) {
        let mut state = self.state();
        state.cancelled = true;
        state.close();
        state.wake();
    }

    /// Nothing is to be sent any more.
    pub(crate) fn close(&self) {
        self.state().close();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a call has learnt and done.
#[derive(Debug)]
pub(crate) struct Record {
    /// Key, question and answer.
    pub(crate) answers: Vec<(String, Digest, Arc<str>)>,
    /// Name, how often the name had come before, and result.
    pub(crate) steps: Vec<(String, usize, Box<RawValue>)>,
}

impl Question {
    pub(crate) fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        hash.update(self.method);
        hash.update([0]);
        hash.update(&*self.params);
        first_half(hash.finalize().into())
    }
}

/// Half of a SHA-256, which tells as much as is needed here.
pub(crate) fn first_half(digest: [u8; 32]) -> Digest {
    let (half, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
    *half
}

impl Asked {
    /// The question, with why it is asked again.
    fn in_words(&self) -> Question {
        let mut question = self.question.clone();
        if let Some(complaint) = &self.complaint
            && let Ok(mut params) = serde_json::from_str::<Map<String, Value>>(&question.params)
            && let Some(Value::String(message)) = params.get_mut("message")
        {
            message.push_str("\n\n");
            message.push_str(complaint);
            question.params = Value::Object(params).to_string().into();
        }
        question
    }
}

impl State {
    fn push(&mut self, message: Box<str>) {
        if self.closed {
            return;
        }
        self.queued_bytes += message.len();
        self.queue.push_back(message);
        // Whoever reads slowly misses the oldest of what is merely told on the way; questions are
        // few, and put here only when the queue is empty.
        while self.queue.len() > MOST_MESSAGES
            || self.queued_bytes > MOST_BYTES && self.queue.len() > 1
        {
            let dropped = self.queue.pop_front();
            self.queued_bytes -= dropped.map_or(0, |message| message.len());
        }
    }

    fn close(&mut self) {
        self.closed = true;
        self.queue.clear();
        self.queued_bytes = 0;
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("open", &self.terms.open)
            .finish_non_exhaustive()
    }
}
