//! One call while it runs: what it sends on the way, what it asks, and how it ends.

use std::{
    any::Any,
    fmt,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use tracing::Span;

use super::{Legacy, Session, question, seal};
use crate::era::{
    Delivery, Origin, Sealed,
    stream::{Kept, Reader},
    trace,
};
use crate::{
    Identity,
    error::Error,
    handler::{Outcome, Reply, Request, guard},
    jsonrpc::{ErrorCode, Message, Raw, RequestId},
    line::{Answered, LazyLine, Line, Terms, Word},
};

/// One request of a session while it runs.
///
/// It needs no task and no channel: whoever waits for the response polls it. Dropping it cancels
/// the call.
pub struct Call {
    legacy: Legacy,
    session: Session,
    identity: Option<Identity>,
    transport: Option<Arc<dyn Any + Send + Sync>>,
    id: RequestId,
    /// The message, for when the handler has to run again.
    message: Bytes,
    line: LazyLine,
    span: Span,
    /// The handler, if it is to be polled; after that its line has it.
    reply: Option<Reply>,
    /// The outcome, while messages that came before it wait to be sent.
    outcome: Option<Outcome>,
    registered: Option<Arc<Line>>,
    /// The questions of this round, by the numbers of our requests.
    asked: Vec<u64>,
    /// How often the client was asked.
    round: usize,
    is_over: bool,
}

/// What a [`Call`] does next. A transport has to do each of it: this is all there is.
#[derive(Debug)]
pub enum Step {
    /// It has a message for the client, to be sent now: one line of JSON.
    Send(Box<str>),
    /// It goes on without its stream; the client may come back after this.
    HangUp(Duration),
    /// It has ended so.
    Done(Sealed),
    /// The client did not want it any more: nothing is sent.
    Cancelled,
}

/// Why a call cannot start: one of its id runs in the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdInUse;

impl fmt::Display for IdInUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request with this `id` still runs in this session")
    }
}

impl std::error::Error for IdInUse {}

impl Legacy {
    /// Starts to answer a request of a session.
    ///
    /// `message` is the whole request, for when the handler has to run again after a question.
    ///
    /// # Errors
    /// [`IdInUse`] when a request of this id runs in this session already; that one is untouched.
    #[expect(clippy::too_many_arguments, reason = "each is one fact of one request")]
    pub fn call<'a>(
        &self,
        session: &Session,
        origin: impl Into<Origin<'a>>,
        id: &RequestId,
        method: &str,
        params: Option<Raw<'_>>,
        message: &Bytes,
        delivery: Delivery,
    ) -> Result<Box<Call>, IdInUse> {
        if self.live.is_running(session, id) {
            return Err(IdInUse);
        }
        let levels = Some((Arc::clone(&self.live) as _, session.key()));
        let open = delivery == Delivery::Stream;
        let terms = Terms {
            open,
            asking: open,
            progress_in_words: session.tells_progress_in_words(),
            levels,
        };
        let (line, origin) = (LazyLine::new(terms), origin.into());
        let request = Request::new(id, method, session.peer())
            .params(params)
            .origin(origin);
        let span = trace::span(session.version().as_str(), id, method, params);
        let entered = span.enter();
        let reply = match self.own_method(session, request) {
            Some(outcome) => Reply::ready(outcome),
            None => guard::make(&line, || self.handler.handle(request.line(&line))),
        };
        drop(entered);
        // It goes through several hands, and is too large to be copied into each.
        Ok(Box::new(Call {
            legacy: self.clone(),
            session: session.clone(),
            identity: origin.identity.cloned(),
            transport: origin.transport.cloned(),
            id: id.clone(),
            message: message.clone(),
            line,
            span,
            reply: Some(reply),
            outcome: None,
            registered: None,
            asked: Vec::new(),
            round: 0,
            is_over: false,
        }))
    }
}

impl Call {
    /// Whether it has not ended yet.
    pub fn is_running(&self) -> bool {
        !self.is_over
    }

    /// A stream for this call that outlives its connection, and who reads it first; none where
    /// streams cannot be resumed, or where nothing more can be kept.
    pub fn keep(&self) -> Option<(Kept, Reader)> {
        let stream = self.legacy.live.open_for_call(&self.session)?;
        let reader = stream.read();
        Some((Kept::new(stream), reader))
    }

    /// Whether it waits for the client to answer a question.
    pub fn waits_for_answer(&self) -> bool {
        !self.asked.is_empty()
    }

    /// How often the client was asked.
    pub fn round(&self) -> usize {
        self.round
    }

    /// The client has not answered in time: whoever asked is told so.
    pub fn time_out(&mut self) {
        self.give_up(Answered::TimedOut);
    }

    /// The client cannot be asked any more, nor told anything.
    pub fn nobody_listens(&mut self) {
        if let Some(line) = self.line() {
            line.close();
        }
        self.give_up(Answered::Gone);
    }

    /// The client cannot be asked any more, and is still told.
    pub fn nobody_answers(&mut self) {
        // A line that is made later has to know it, too.
        self.line.connect().no_answers();
        self.give_up(Answered::Gone);
    }

    fn give_up(&mut self, why: Answered) {
        if self.waits_for_answer() {
            let asked = std::mem::take(&mut self.asked);
            self.legacy.live.give_up(&self.session, &asked, why);
            self.run_again();
        }
    }

    /// What it does next.
    pub fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        loop {
            if let Some(step) = self.heard(cx) {
                return Poll::Ready(step);
            }
            if let Some(outcome) = self.outcome.take() {
                self.finish();
                let version = self.session.version();
                return Poll::Ready(Step::Done(seal::seal(version, &self.id, outcome)));
            }
            if self.waits_for_answer() {
                if self.line().is_some_and(|line| line.awaits_answer()) {
                    return Poll::Pending;
                }
                self.asked.clear();
                self.run_again();
            }
            self.fetch_reply();
            let Some(reply) = &mut self.reply else {
                return Poll::Pending;
            };
            let polled = self.span.in_scope(|| guard::poll(&self.line, reply, cx));
            match polled {
                // What was sent before goes first.
                Poll::Ready(outcome) => self.end_with(outcome),
                Poll::Pending => {
                    self.register();
                    self.send_questions();
                    match self.heard(cx) {
                        Some(step) => return Poll::Ready(step),
                        // It has ended, or runs again at once.
                        None if self.outcome.is_some() || self.reply.is_some() => {}
                        None => return Poll::Pending,
                    }
                }
            }
        }
    }

    /// What the line has: a message, or an end.
    fn heard(&mut self, cx: &Context<'_>) -> Option<Step> {
        loop {
            return match self.line()?.take(cx.waker())? {
                Word::Send(message) => Some(Step::Send(message)),
                Word::HangUp(retry) if self.legacy.resumes() && self.session.polls() => {
                    Some(Step::HangUp(retry))
                }
                // Who left this stream could never come back, or would not know to.
                Word::HangUp(_) => continue,
                Word::Cancelled => {
                    self.finish();
                    Some(Step::Cancelled)
                }
            };
        }
    }

    /// A call that takes its time can be cancelled, and keeps its id to itself.
    fn register(&mut self) {
        let line = match &self.registered {
            Some(line) => Arc::clone(line),
            None => self.line.connect(),
        };
        if self.registered.is_some() || self.legacy.live.begin(&self.session, &self.id, &line) {
            if let Some(reply) = self.reply.take() {
                line.park(reply);
            }
            self.registered = Some(line);
        } else {
            // Two of them came at the very same time.
            self.end_with(Err(Error::Custom {
                code: ErrorCode::INVALID_REQUEST,
                message: format!(
                    "A request with the id {} still runs in this session",
                    self.id
                ),
                data: None,
            }));
        }
    }

    /// A handler that waits for answers is put away until they are there.
    fn send_questions(&mut self) {
        let Some(line) = self.registered.clone() else {
            return;
        };
        let mut questions = line.take_questions();
        if questions.is_empty() {
            return;
        }
        self.put_away();
        let version = self.session.version();
        questions.retain_mut(|(place, question)| {
            let sealed = question::seal(version, question);
            if let Err(why) = &sealed {
                line.answer(*place, Answered::Unasked(why.clone()));
            }
            sealed.is_ok()
        });
        if questions.is_empty() {
            return self.run_again();
        }
        self.asked = self.legacy.live.ask(&self.session, &line, questions);
        self.round += 1;
    }

    fn run_again(&mut self) {
        if let Some(line) = self.line() {
            line.rewind();
        }
        self.reply = Some(match Message::parse(&self.message) {
            Ok(Message::Request { id, method, params }) => {
                let origin = Origin {
                    identity: self.identity.as_ref(),
                    transport: self.transport.as_ref(),
                };
                let request = Request::new(&id, &method, self.session.peer())
                    .params(params)
                    .origin(origin)
                    .line(&self.line);
                let make = || guard::make(&self.line, || self.legacy.handler.handle(request));
                self.span.in_scope(make)
            }
            _ => Error::internal("a request was no request when it was run again").into(),
        });
    }

    fn end_with(&mut self, outcome: Outcome) {
        self.put_away();
        if let Some(line) = self.line() {
            line.hear_no_more();
        }
        self.outcome = Some(outcome);
    }

    fn put_away(&mut self) {
        self.fetch_reply();
        if let Some(reply) = self.reply.take() {
            guard::discard(reply);
        }
    }

    /// Takes the handler back, if its line has it.
    fn fetch_reply(&mut self) {
        if self.reply.is_none()
            && let Some(line) = &self.registered
        {
            self.reply = line.unpark();
        }
    }

    /// Nothing is sent any more, and the id is free.
    fn finish(&mut self) {
        self.is_over = true;
        self.put_away();
        self.asked.clear();
        if let Some(line) = self.line() {
            line.close();
        }
        if let Some(line) = self.registered.take() {
            self.legacy.live.finish(&self.session, &self.id, &line);
        }
    }

    fn line(&self) -> Option<&Arc<Line>> {
        self.line.get()
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.finish();
        if let Some(line) = self.line() {
            // Whoever still holds the context learns of it.
            line.cancel();
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
