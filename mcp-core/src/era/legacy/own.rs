//! What only this era has: pings, the log level, subscriptions, streams, and what clients tell us.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Legacy, Session};
use crate::era::{
    Cancelled,
    stream::{EventId, Reader},
};
use crate::{
    dispatch::check_uri,
    error::Error,
    handler::{Answer, Outcome, Request},
    jsonrpc::{Raw, RequestId},
    types::logging::LoggingLevel,
};

/// How much of a client's reason is logged, in characters.
const LONGEST_REASON: usize = 200;

impl Legacy {
    /// Answers the methods that are this era's own; none of the others.
    pub(super) fn own_method(&self, session: &Session, request: Request<'_>) -> Option<Outcome> {
        let offered = &self.handler.info().capabilities;
        let subscribe = offered
            .resources
            .is_some_and(|resources| resources.subscribe);
        let done = match request.method {
            "ping" => Ok(()),
            "logging/setLevel" if offered.logging.is_some() => self.set_level(session, request),
            "resources/subscribe" if subscribe => {
                uri(request).and_then(|uri| self.subscribe(session, request, &uri))
            }
            "resources/unsubscribe" if subscribe => {
                uri(request).map(|uri| self.live.unsubscribe(session, &uri))
            }
            _ => return None,
        };
        Some(done.map(|()| Answer::Empty))
    }

    fn subscribe(&self, session: &Session, request: Request<'_>, uri: &str) -> Result<(), Error> {
        // What this caller cannot see is not there, and what is not there never changes.
        if self.handler.may_watch(request.caller(), uri) {
            self.live.subscribe(session, uri)
        } else {
            Ok(())
        }
    }

    fn set_level(&self, session: &Session, request: Request<'_>) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Params {
            level: LoggingLevel,
        }

        let Params { level } = request.parse_params()?;
        self.live.set_level(session, level)
    }

    /// A notification of the client's has come. What it does not concern is ignored.
    pub fn notified(&self, session: &Session, method: &str, params: Option<Raw<'_>>) {
        if let Some(Cancelled { request_id, reason }) = Cancelled::of(method, params) {
            let found = self.live.cancel(session, &request_id);
            let reason = reason.as_str().unwrap_or_default();
            let reason: String = reason.chars().take(LONGEST_REASON).collect();
            tracing::debug!(id = %request_id, ?reason, found, "cancelled by the client");
        }
    }

    /// A response of the client's has come; false if nobody asked.
    pub fn responded(
        &self,
        session: &Session,
        id: Option<&RequestId>,
        outcome: Result<Raw<'_>, Raw<'_>>,
    ) -> bool {
        id.is_some_and(|id| self.live.answer(session, id, outcome))
    }

    /// Opens a stream for what belongs to no call.
    pub fn listen(&self, session: &Session) -> Reader {
        let reader = self.live.open(session);
        // Who ended the session meanwhile did not see this stream.
        if self.sessions.has_ended(session) {
            self.live.end(session);
        }
        reader
    }

    /// Whether streams can be resumed at all.
    pub fn resumes(&self) -> bool {
        self.live.resumes()
    }

    /// Goes on with the stream that an event is of, after it; none if it is no longer kept.
    pub fn resume(&self, session: &Session, after: EventId) -> Option<Reader> {
        self.live.resume(session, after)
    }
}

fn uri(request: Request<'_>) -> Result<Cow<'_, str>, Error> {
    #[derive(Deserialize)]
    struct Params<'a> {
        #[serde(borrow)]
        uri: Cow<'a, str>,
    }

    let Params { uri } = request.parse_params()?;
    check_uri(&uri).map_err(Error::invalid_params)?;
    Ok(uri)
}
