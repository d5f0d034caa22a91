//! No transport at all: messages go from one side to the other as they are.

use std::{
    collections::HashMap,
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::task::AbortHandle;

use super::{Connection, Inbox, Transport};
use crate::{
    BuildError, Identity, IntoHandler, SealKeyError,
    era::{
        Cancelled, Delivery, Era, fork,
        legacy::{self, Legacy, Session, SessionOptions},
        modern::{self, Modern, ModernOptions, Opened, Refused, check_version},
        stream::Item,
    },
    handler::Handler,
    jsonrpc::{ErrorCode, ErrorObject, Message, Raw, RequestId, Response},
};

/// In memory, with nothing between client and server but the messages themselves.
pub struct Memory(Result<Arc<dyn Handler>, BuildError>);

impl Memory {
    /// To this server.
    pub fn new(server: impl IntoHandler) -> Self {
        Self(server.into_handler())
    }
}

impl Transport for Memory {
    fn connect(
        self: Box<Self>,
        caller: Option<Identity>,
        inbox: Inbox,
    ) -> Result<Box<dyn Connection>, String> {
        let handler = self.0.map_err(|error| error.to_string())?;
        let no_random = |error: SealKeyError| error.to_string();
        let legacy = Legacy::new(Arc::clone(&handler), SessionOptions::default());
        let modern = Modern::new(handler, ModernOptions::default());
        Ok(Box::new(Connected {
            legacy: legacy.map_err(no_random)?,
            modern: modern.map_err(no_random)?,
            caller,
            inbox,
            session: Mutex::default(),
            running: Mutex::default(),
        }))
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

struct Connected {
    legacy: Legacy,
    modern: Modern,
    caller: Option<Identity>,
    inbox: Inbox,
    session: Mutex<Option<Session>>,
    running: Mutex<HashMap<Option<RequestId>, AbortHandle>>,
}

impl Connection for Connected {
    fn send(&self, message: String) {
        let bytes = Bytes::from(message);
        match Message::parse(&bytes) {
            Ok(message) if fork(None, message.params()) == Era::Modern => self.modern(message),
            Ok(message) => self.legacy(message, &bytes),
            Err(malformed) => self.answer(malformed.into_response()),
        }
    }
}

impl Connected {
    fn legacy(&self, message: Message<'_>, bytes: &Bytes) {
        let caller = self.caller.as_ref();
        if let Message::Request { id, method, params } = &message
            && method == "initialize"
        {
            let (sealed, session) = self.legacy.initialize(caller, id, *params);
            let session = session.and_then(|id| self.legacy.sessions().open(&id, caller));
            *self.session() = session;
            return self.answer(sealed.into_response());
        }
        let session = self.session().clone();
        let (Some(session), legacy) = (session, &self.legacy) else {
            // A client of the other era gives up a request so.
            return self.cancelled(&message);
        };
        match message {
            Message::Request { id, method, params } => {
                let delivery = Delivery::Stream;
                match legacy.call(&session, caller, &id, &method, params, bytes, delivery) {
                    Ok(call) => self.run(Some(id), run_legacy(call, self.inbox.clone())),
                    Err(_) => self.refuse(&id, "a request with this `id` still runs"),
                }
            }
            Message::Notification { method, params } => {
                if method == "notifications/initialized" {
                    let mut reader = legacy.listen(&session);
                    let inbox = self.inbox.clone();
                    self.run(None, async move {
                        while let Some(item) = poll_fn(|cx| reader.poll_next(cx)).await {
                            if let Item::Message { data, .. } = item {
                                inbox.bring(data);
                            }
                        }
                    });
                }
                legacy.notified(&session, &method, params);
            }
            Message::Response { id, outcome } => {
                legacy.responded(&session, id.as_ref(), outcome);
            }
        }
    }

    fn modern(&self, message: Message<'_>) {
        let Message::Request { id, method, params } = message else {
            return self.cancelled(&message);
        };
        match self.start(&id, &method, params) {
            Ok(()) => {}
            Err(refused) => self.answer(Response::error(Some(&id), &refused.into_error())),
        }
    }

    fn start(&self, id: &RequestId, method: &str, params: Option<Raw<'_>>) -> Result<(), Refused> {
        let (modern, inbox) = (&self.modern, self.inbox.clone());
        let opened = Opened::parse(params)?;
        check_version(&opened.version)?;
        if method == "subscriptions/listen" {
            let caller = self.caller.as_ref();
            let mut listening = modern.listen(caller, id, params, &opened)?;
            self.run(Some(id.clone()), async move {
                while let Some(message) = poll_fn(|cx| listening.poll_next(cx)).await {
                    inbox.bring(message);
                }
            });
        } else {
            let delivery = Delivery::Stream;
            let caller = self.caller.as_ref();
            let call = modern.call(caller, id, method, params, &opened, delivery);
            self.run(Some(id.clone()), run_modern(call, inbox));
        }
        Ok(())
    }

    /// A request that nobody waits for any more is dropped.
    fn cancelled(&self, message: &Message<'_>) {
        if let Message::Notification { method, params } = message
            && let Some(Cancelled { request_id, .. }) = Cancelled::of(method, *params)
            && let Some(call) = self.running().remove(&Some(request_id))
        {
            call.abort();
        }
    }

    fn run(&self, id: Option<RequestId>, call: impl Future<Output = ()> + Send + 'static) {
        let handle = tokio::spawn(call).abort_handle();
        let mut running = self.running();
        running.retain(|_, call| !call.is_finished());
        running.insert(id, handle);
    }

    fn refuse(&self, id: &RequestId, reason: &str) {
        let error = ErrorObject::new(ErrorCode::INVALID_REQUEST, reason);
        self.answer(Response::error(Some(id), &error));
    }

    fn answer(&self, response: Response) {
        self.inbox.bring(response.to_vec());
    }

    fn session(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, HashMap<Option<RequestId>, AbortHandle>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.running().values().for_each(AbortHandle::abort);
    }
}

async fn run_legacy(mut call: Box<legacy::Call>, inbox: Inbox) {
    loop {
        match poll_fn(|cx| call.poll_step(cx)).await {
            legacy::Step::Send(message) => inbox.bring(message.as_bytes()),
            legacy::Step::HangUp(_) => {}
            legacy::Step::Done(sealed) => return inbox.bring(sealed.into_response().to_vec()),
            legacy::Step::Cancelled => return,
        }
    }
}

async fn run_modern(mut call: Box<modern::Call>, inbox: Inbox) {
    loop {
        match poll_fn(|cx| call.poll_step(cx)).await {
            modern::Step::Send(message) => inbox.bring(message.as_bytes()),
            modern::Step::Done(sealed) => return inbox.bring(sealed.into_response().to_vec()),
        }
    }
}
