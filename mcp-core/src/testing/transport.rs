//! What stands between a [`Client`](super::Client) and a server: messages out, messages in.

use std::{
    any::Any,
    collections::HashMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, value::RawValue};
use tokio::sync::{Notify, oneshot};

use super::{RpcError, heard::Notification, script::Script};
use crate::{
    Identity,
    jsonrpc::{Message, Raw, RequestId, Response, response::write_json},
};

/// A way from a client to a server that is not connected yet.
///
/// ```
/// use mcp_core::{
///     Identity,
///     testing::{Connection, Inbox, Transport},
/// };
///
/// /// Takes everything and says nothing.
/// struct Hole;
///
/// impl Transport for Hole {
///     fn connect(self: Box<Self>, _: Option<Identity>, _: Inbox) -> Result<Box<dyn Connection>, String> {
///         Ok(self)
///     }
/// }
///
/// impl Connection for Hole {
///     fn send(&self, message: String) {
///         assert!(!message.contains('\n'));
///     }
/// }
/// ```
pub trait Transport: Send + 'static {
    /// Connects a client, for a caller who may be known. What the server sends is
    /// [brought](Inbox::bring) to the inbox.
    ///
    /// # Errors
    /// Why this cannot be, in a sentence that the test fails with.
    fn connect(
        self: Box<Self>,
        caller: Option<Identity>,
        inbox: Inbox,
    ) -> Result<Box<dyn Connection>, String>;
}

/// A client's end of a connection. Dropped, it is closed.
pub trait Connection: Send + Sync + 'static {
    /// Takes one message of the client's, one line of JSON; it waits for nothing.
    ///
    /// A request that a test no longer waits for is followed by `notifications/cancelled`.
    fn send(&self, message: String);
}

/// Where a [`Transport`] brings what the server sends; cheap to clone.
#[derive(Clone)]
pub struct Inbox(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    script: Mutex<Script>,
    connection: Mutex<Option<Arc<dyn Connection>>>,
    news: Notify,
}

#[derive(Default)]
struct State {
    next_id: i64,
    waiting: HashMap<RequestId, oneshot::Sender<Answered>>,
    heard: Vec<Notification>,
    asked: Vec<(String, Value)>,
    broken: Option<Broken>,
}

type Answered = Result<Box<RawValue>, RpcError>;

/// Why nothing can be tested any more.
enum Broken {
    /// What to fail with.
    Because(String),
    /// What an answer of the test's own panicked with.
    Panicked(Box<dyn Any + Send>),
}

impl Inbox {
    pub(super) fn new(script: Script) -> Self {
        let shared = Shared {
            script: Mutex::new(script),
            ..Shared::default()
        };
        Self(Arc::new(shared))
    }

    /// Takes one message of the server's: one line of JSON.
    pub fn bring(&self, message: impl AsRef<[u8]>) {
        let message = message.as_ref();
        if message.contains(&b'\n') {
            let shown = message.escape_ascii();
            return self.fail(format_args!("a message is one line: {shown}"));
        }
        match Message::parse(message) {
            Ok(Message::Request { id, method, params }) => self.asked(&id, &method, params),
            Ok(Message::Notification { method, params }) => {
                let (method, params) = (method.into_owned(), value(params));
                self.state().heard.push(Notification { method, params });
                self.0.news.notify_waiters();
            }
            Ok(Message::Response {
                id: Some(id),
                outcome,
            }) => self.answered(&id, outcome),
            Ok(Message::Response { id: None, .. }) | Err(_) => {
                let shown = String::from_utf8_lossy(message);
                self.fail(format_args!(
                    "the server sent what no request was for: {shown}"
                ));
            }
        }
    }

    /// A request will have no response; if the test waits for one, it fails.
    pub fn lost(&self, request: &RequestId, why: impl fmt::Display) {
        if self.state().waiting.contains_key(request) {
            self.fail(why);
        }
    }

    /// Fails the test: what has come cannot be, or nothing more will come.
    pub fn fail(&self, why: impl fmt::Display) {
        self.break_with(Broken::Because(why.to_string()));
    }

    fn answered(&self, id: &RequestId, outcome: Result<Raw<'_>, Raw<'_>>) {
        // What nobody waits for any more was cancelled.
        let Some(waiting) = self.state().waiting.remove(id) else {
            return;
        };
        let parsed = match outcome {
            Ok(result) => result.parse().map(Ok),
            Err(error) => error.parse().map(Err),
        };
        let Ok(parsed) = parsed else {
            let (Ok(seen) | Err(seen)) = outcome;
            return self.fail(format_args!("not an error of JSON-RPC: {seen}"));
        };
        let _ = waiting.send(parsed);
    }

    /// Answers what the server asks in a request of its own.
    fn asked(&self, id: &RequestId, method: &str, params: Option<Raw<'_>>) {
        let answer = match self.answer(method, &value(params)) {
            Ok(Ok(result)) => Response::result(id, |out| write_json(out, &result)),
            Ok(Err(error)) => Response::error(Some(id), &error.into()),
            Err(broken) => return self.break_with(broken),
        };
        let connection = self.connection().clone();
        if let Some(connection) = connection {
            connection.send(String::from_utf8_lossy(&answer.to_vec()).into_owned());
        }
    }

    /// What the test's script answers to a question.
    fn answer(&self, method: &str, params: &Value) -> Result<Result<Value, RpcError>, Broken> {
        let question = (method.to_owned(), params.clone());
        self.state().asked.push(question);
        let mut script = self.0.script.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = || script.answer(method, params);
        match catch_unwind(AssertUnwindSafe(answer)) {
            Ok(answer) => answer.map_err(Broken::Because),
            Err(panic) => Err(Broken::Panicked(panic)),
        }
    }

    fn break_with(&self, broken: Broken) {
        let mut state = self.state();
        state.broken.get_or_insert(broken);
        // Whoever waits learns of it.
        state.waiting.clear();
        drop(state);
        self.0.news.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connection(&self) -> MutexGuard<'_, Option<Arc<dyn Connection>>> {
        let connection = self.0.connection.lock();
        connection.unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the client does with it.
impl Inbox {
    pub(super) fn connected(&self, connection: Box<dyn Connection>) {
        *self.connection() = Some(connection.into());
    }

    pub(super) fn close(&self) {
        let connection = self.connection().take();
        drop(connection);
    }

    pub(super) fn send(&self, message: String) {
        let connection = self.connection().clone();
        if let Some(connection) = connection {
            connection.send(message);
        }
    }

    /// The id of a new request, and what its response will come through.
    pub(super) fn expect(&self) -> (RequestId, oneshot::Receiver<Answered>) {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.state();
        state.next_id += 1;
        let id = RequestId::from(state.next_id);
        state.waiting.insert(id.clone(), sender);
        (id, receiver)
    }

    /// Waits for this no longer; false if it has come.
    pub(super) fn forget(&self, id: &RequestId) -> bool {
        self.state().waiting.remove(id).is_some()
    }

    /// Answers what the server asks in a result.
    pub(super) fn answer_input(&self, method: &str, params: &Value) -> Result<Value, RpcError> {
        match self.answer(method, params) {
            Ok(answer) => answer,
            Err(broken) => {
                self.break_with(broken);
                self.check();
                Ok(Value::Null)
            }
        }
    }

    pub(super) fn change_script(&self, change: impl FnOnce(&mut Script)) {
        let script = self.0.script.lock();
        change(&mut script.unwrap_or_else(PoisonError::into_inner));
    }

    /// What the client can be asked.
    pub(super) fn capabilities(&self) -> Value {
        let script = self.0.script.lock();
        script
            .unwrap_or_else(PoisonError::into_inner)
            .capabilities()
    }

    pub(super) fn heard(&self) -> Vec<Notification> {
        self.state().heard.clone()
    }

    pub(super) fn questions(&self) -> Vec<(String, Value)> {
        self.state().asked.clone()
    }

    /// Wakes with the next notification, or when the test has failed.
    pub(super) fn news(&self) -> impl Future<Output = ()> {
        self.0.news.notified()
    }

    /// # Panics
    /// If the test has failed.
    pub(super) fn check(&self) {
        let broken = self.state().broken.take();
        match broken {
            None => {}
            Some(Broken::Panicked(panic)) => resume_unwind(panic),
            Some(Broken::Because(why)) => {
                self.state().broken = Some(Broken::Because(why.clone()));
                panic!("{why}")
            }
        }
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inbox")
    }
}

fn value(params: Option<Raw<'_>>) -> Value {
    params
        .and_then(|params| serde_json::from_str(params.get()).ok())
        .unwrap_or_default()
}
