//! One call while it runs. Dropping it cancels it: in this era a connection that is lost says so.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use tracing::Span;

use super::{
    Modern, Opened,
    state::{self, Bond},
};
use crate::{
    ProtocolVersion,
    cache::Cache,
    era::{Delivery, Origin, Sealed, trace},
    error::Error,
    handler::{Outcome, Reply, Request, guard},
    jsonrpc::{Raw, RequestId},
    line::{LazyLine, Levels, Terms, Word},
    types::logging::LoggingLevel,
};

/// The revision of this era.
const VERSION: ProtocolVersion = ProtocolVersion::V2026_07_28;
/// The methods that may ask the client for input.
const ASKING: [&str; 3] = ["tools/call", "resources/read", "prompts/get"];
/// The methods that only revisions with a session have, where no handler sees them.
const GONE: [&str; 5] = [
    "initialize",
    "ping",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
];

/// One request while it runs.
pub struct Call {
    modern: Modern,
    id: RequestId,
    line: LazyLine,
    span: Span,
    reply: Option<Reply>,
    end: Option<Sealed>,
    /// What a state would be bound to, if it can come to that.
    bond: Option<Bond<'static>>,
}

/// What a [`Call`] does next. A transport has to do each of it: this is all there is.
#[derive(Debug)]
pub enum Step {
    /// It has a message for the client, to be sent now: one line of JSON.
    Send(Box<str>),
    /// It has ended so.
    Done(Sealed),
}

/// The one level that a request wants log messages of.
struct Fixed(LoggingLevel);

impl Levels for Fixed {
    fn level(&self, _: u64) -> LoggingLevel {
        self.0
    }
}

impl Modern {
    /// Starts to answer a request. Whether there is such a method is for the handler to say.
    pub fn call<'a>(
        &self,
        origin: impl Into<Origin<'a>>,
        id: &RequestId,
        method: &str,
        params: Option<Raw<'_>>,
        opened: &Opened<'_>,
        delivery: Delivery,
    ) -> Box<Call> {
        let origin = origin.into();
        // Only a request that names a level wants log messages.
        let levels = opened
            .log_level
            .map(|level| (Arc::new(Fixed(level)) as _, 0));
        let open = delivery == Delivery::Stream;
        let asking = ASKING.into_iter().find(|asking| *asking == method);
        let line = LazyLine::new(Terms {
            open,
            asking: asking.is_some(),
            progress_in_words: true,
            levels,
        });
        // It goes through several hands, and is too large to be copied into each.
        let mut call = Box::new(Call {
            modern: self.clone(),
            id: id.clone(),
            line,
            span: trace::span(VERSION.as_str(), id, method, params),
            reply: None,
            end: None,
            bond: None,
        });
        if method == "server/discover" {
            call.end = Some(Sealed::Response(self.discover(id)));
            return call;
        }
        if GONE.contains(&method) {
            let method = method.to_owned();
            call.seal(Err(Error::MethodNotFound { method }), Cache::default());
            return call;
        }
        let bond = asking.map(|method| Bond::new(method, opened, origin.identity));
        let brings = opened.request_state.is_some() || opened.input_responses.is_some();
        if let Some(bond) = bond.as_ref().filter(|_| brings) {
            let line = call.line.connect();
            if let Err(error) = state::restore(&self.0.sealer, bond, opened, &line) {
                call.seal(Err(error), Cache::default());
                return call;
            }
        }
        let named = opened.named();
        let request = Request::new(id, method, &opened.peer)
            .params(params)
            .naming(named.as_ref())
            .origin(origin);
        let make = || {
            guard::make(&call.line, || {
                self.0.handler.handle(request.line(&call.line))
            })
        };
        let reply = call.span.in_scope(make);
        // Only a handler that has taken the line can ask, and none that has answered already.
        if call.line.get().is_some() && !reply.is_ready() {
            call.bond = bond.map(Bond::into_owned);
        }
        call.reply = Some(reply);
        call
    }
}

impl Call {
    /// What it does next.
    pub fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        loop {
            if let Some(message) = self.heard(cx) {
                return Poll::Ready(Step::Send(message));
            }
            if let Some(end) = self.end.take() {
                self.finish();
                return Poll::Ready(Step::Done(end));
            }
            let Some(reply) = &mut self.reply else {
                return Poll::Pending;
            };
            let polled = self.span.in_scope(|| guard::poll(&self.line, reply, cx));
            match polled {
                Poll::Ready(outcome) => {
                    let cache = reply.cache();
                    self.seal(outcome, cache);
                }
                Poll::Pending => {
                    self.ask();
                    if self.end.is_none() {
                        return match self.heard(cx) {
                            Some(message) => Poll::Ready(Step::Send(message)),
                            None => Poll::Pending,
                        };
                    }
                }
            }
        }
    }

    /// The next message of the handler's.
    fn heard(&self, cx: &Context<'_>) -> Option<Box<str>> {
        loop {
            match self.line.get()?.take(cx.waker())? {
                Word::Send(message) => return Some(message),
                // Streams of this era cannot be left, and nobody else cancels.
                Word::HangUp(_) => {}
                Word::Cancelled => return None,
            }
        }
    }

    /// A handler that waits for answers is put away: the client calls again with them.
    fn ask(&mut self) {
        let Some(line) = self.line.get() else { return };
        let questions: Vec<_> = line
            .take_questions()
            .into_iter()
            .map(|(_, asked)| asked)
            .collect();
        let Some(bond) = self.bond.as_ref().filter(|_| !questions.is_empty()) else {
            return;
        };
        let inner = &self.modern.0;
        let state = state::seal(&inner.sealer, inner.state_lifetime, bond, line.script());
        match state {
            Ok(state) => {
                let response = inner.seal.input_required(&self.id, &questions, &state);
                self.end_with(Sealed::Response(response));
            }
            Err(error) => self.seal(Err(error), Cache::default()),
        }
    }

    fn seal(&mut self, outcome: Outcome, cache: Cache) {
        self.end_with(self.modern.0.seal.seal(&self.id, outcome, cache));
    }

    fn end_with(&mut self, end: Sealed) {
        self.put_away();
        if let Some(line) = self.line.get() {
            line.hear_no_more();
        }
        self.end = Some(end);
    }

    fn put_away(&mut self) {
        if let Some(reply) = self.reply.take() {
            guard::discard(reply);
        }
    }

    /// Nothing is sent any more.
    fn finish(&mut self) {
        self.put_away();
        if let Some(line) = self.line.get() {
            line.close();
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(line) = self.line.get() {
            // Whoever still holds the context learns of it.
            line.cancel();
        }
        self.put_away();
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, task::Waker};

    use serde_json::{Map, Value, json};

    use super::*;
    use crate::{Ctx, Server, Tool, era::modern::ModernOptions};

    #[test]
    fn what_is_told_after_the_handler_has_ended_is_not_sent_before_its_response() {
        let shelf = Arc::new(Mutex::new(None));
        let shelved = Arc::clone(&shelf);
        let leaves = Tool::builder("leaves").handler(move |_: Map<String, Value>, ctx: Ctx| {
            let shelved = Arc::clone(&shelved);
            async move {
                ctx.log(LoggingLevel::Error, "one");
                ctx.log(LoggingLevel::Error, "two");
                *shelved.lock().unwrap() = Some(ctx);
                Ok("done")
            }
        });
        let server = Server::new("it", "1").tools([leaves]).build().unwrap();
        let modern = Modern::new(Arc::new(server), ModernOptions::default()).unwrap();
        let params = json!({
            "name": "leaves",
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/logLevel": "info",
            },
        });
        let params = serde_json::value::to_raw_value(&params).unwrap();
        let params = Some((&*params).into());
        let opened = Opened::parse(params).unwrap();
        let (id, delivery) = (RequestId::from(1_i64), Delivery::Stream);
        let mut call = modern.call(None, &id, "tools/call", params, &opened, delivery);
        let mut step = || call.poll_step(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(step(), Poll::Ready(Step::Send(_))));
        let ctx: Ctx = shelf.lock().unwrap().take().unwrap();
        ctx.log(LoggingLevel::Error, "three");
        assert!(matches!(step(), Poll::Ready(Step::Send(_))));
        ctx.log(LoggingLevel::Error, "four");
        assert!(matches!(step(), Poll::Ready(Step::Done(_))));
    }
}
