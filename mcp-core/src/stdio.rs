//! Newline-delimited messages over standard input and output, or any other pair of streams.
//!
//! Both eras in one process: `initialize` makes it the session of one client; a modern request is
//! served by itself, before or after.
//!
//! ```no_run
//! use mcp_core::prelude::*;
//!
//! /// Say hello
//! #[mcp_tool]
//! fn hello() -> &'static str {
//!     "Hello!"
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), mcp_core::stdio::Error> {
//!     mcp_core::stdio::serve(Server::new("hello", "1.0.0").tools(tools![hello])).await
//! }
//! ```
//!
//! # Specification
//! [2025-11-25, stdio](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio),
//! [2026-07-28, stdio](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio)

use std::{
    collections::HashMap,
    fmt,
    future::poll_fn,
    io,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    sync::{mpsc, watch},
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep_until, timeout},
};

use crate::{
    BuildError, IntoHandler,
    era::{
        Delivery, Era, fork,
        legacy::{self, Legacy, Session, SessionOptions},
        modern::{self, Modern, ModernOptions, Opened, Refused, check_version},
        stream::Item,
    },
    jsonrpc::{ErrorCode, ErrorObject, Incoming, Message, Raw, RequestId, Response},
};

/// How long one message may be, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;
/// How many messages wait to be written; beyond, calls wait.
const WAITING: usize = 64;
/// How long a client may take to answer a question.
const ANSWER: Duration = Duration::from_secs(5 * 60);
/// How long calls may go on once input has ended, and what they said may take to be read.
const GRACE: Duration = Duration::from_secs(10);

/// Serves over standard input and output until input ends; calls that run then have 10 s to finish.
///
/// Standard output is taken for messages: from here on, whatever prints to it, `println!` in any
/// library included, comes out on standard error.
///
/// # Errors
/// When the server cannot be built, or input or output fail.
pub async fn serve(server: impl IntoHandler) -> Result<(), Error> {
    let output = stdout::take().map_err(Error::Io)?;
    serve_on(server, tokio::io::stdin(), output).await
}

/// Serves over any two streams until input ends: the halves of a socket, or of a pipe in a test.
///
/// # Errors
/// When the server cannot be built, or input or output fail.
pub async fn serve_on<R, W>(server: impl IntoHandler, input: R, output: W) -> Result<(), Error>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let handler = server.into_handler().map_err(Error::Build)?;
    let no_random = |error| Error::Io(io::Error::other(error));
    let legacy = Legacy::new(Arc::clone(&handler), SessionOptions::default());
    let modern = Modern::new(handler, ModernOptions::default());
    let (sender, receiver) = mpsc::channel(WAITING);
    let writer = tokio::spawn(write(output, receiver));
    let (ended, end) = watch::channel(false);
    let mut process = Process {
        legacy: legacy.map_err(no_random)?,
        modern: modern.map_err(no_random)?,
        session: None,
        tasks: JoinSet::new(),
        running: Arc::default(),
        output: sender,
        end,
    };
    let read = process.read(input).await;
    // Nobody will answer any more; what needs no answer is finished and told.
    let _ = ended.send(true);
    process.modern.close_streams();
    process.legacy.close_streams();
    let calls = async { while process.tasks.join_next().await.is_some() {} };
    if timeout(GRACE, calls).await.is_err() {
        let open = process.tasks.len();
        tracing::warn!(open, grace = ?GRACE, "input has ended: calls were cut off");
    }
    drop(process);
    let written = match timeout(GRACE, writer).await {
        Ok(joined) => joined.unwrap_or(Ok(())),
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the client does not read what it is told",
        )),
    };
    read.and(written).map_err(Error::Io)
}

/// Why serving over streams ended before its input did.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The server cannot be built.
    Build(BuildError),
    /// Input or output failed.
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// Modern calls by their ids, so that they can be cancelled. Each has a number of its own, too: an
/// id may be used again before a cancelled call is gone.
#[derive(Default)]
struct Running {
    next: u64,
    calls: HashMap<RequestId, (u64, Option<AbortHandle>)>,
}

/// The one client of a process.
struct Process {
    legacy: Legacy,
    modern: Modern,
    session: Option<Session>,
    tasks: JoinSet<()>,
    running: Arc<Mutex<Running>>,
    output: mpsc::Sender<Bytes>,
    end: watch::Receiver<bool>,
}

impl Process {
    async fn read(&mut self, input: impl AsyncRead + Unpin) -> io::Result<()> {
        let mut input = BufReader::new(input);
        let mut line = Vec::new();
        while read_line(&mut input, &mut line).await? {
            while self.tasks.try_join_next().is_some() {}
            let text = line.trim_ascii();
            if line.len() > LONGEST {
                let reason = format!("a message has {LONGEST} bytes at most");
                self.refuse(None, ErrorCode::INVALID_REQUEST, reason).await;
            } else if !text.is_empty() {
                self.take(Bytes::copy_from_slice(text)).await;
            }
        }
        Ok(())
    }

    /// Takes one line.
    async fn take(&mut self, line: Bytes) {
        match Incoming::parse(&line) {
            Ok(Incoming::One(message)) if fork(None, message.params()) == Era::Modern => {
                self.take_modern(message).await;
            }
            Ok(Incoming::One(message)) => self.take_legacy(message, &line).await,
            Ok(Incoming::Batch(messages)) => self.take_batch(&messages).await,
            Err(malformed) => self.send(malformed.into_response()).await,
        }
    }

    async fn take_legacy(&mut self, message: Message<'_>, line: &Bytes) {
        let (id, method, params) = match message {
            Message::Request { id, method, params } => (id, method, params),
            Message::Notification { method, params } => return self.notified(&method, params),
            Message::Response { id, outcome } => {
                if let Some(session) = &self.session {
                    self.legacy.responded(session, id.as_ref(), outcome);
                }
                return;
            }
        };
        if method == "initialize" && self.session.is_none() {
            let (sealed, session) = self.legacy.initialize(None, &id, params);
            self.session = session.and_then(|id| self.legacy.sessions().open(&id, None));
            return self.send(sealed.into_response()).await;
        }
        let Some(session) = &self.session else {
            let reason = "send `initialize` first, or say in `_meta` which revision this is of";
            return self
                .refuse(Some(&id), ErrorCode::INVALID_REQUEST, reason)
                .await;
        };
        if method == "initialize" {
            let reason = "this process is initialized already";
            return self
                .refuse(Some(&id), ErrorCode::INVALID_REQUEST, reason)
                .await;
        }
        let delivery = Delivery::Stream;
        match self
            .legacy
            .call(session, None, &id, &method, params, line, delivery)
        {
            Ok(call) => {
                let run = run_legacy(call, self.output.clone(), self.end.clone());
                self.tasks.spawn(run);
            }
            Err(_) => self.in_use(&id).await,
        }
    }

    async fn take_modern(&mut self, message: Message<'_>) {
        let (id, method, params) = match message {
            Message::Request { id, method, params } => (id, method, params),
            Message::Notification { method, params } => return self.notified(&method, params),
            Message::Response { .. } => return,
        };
        let admitted = || -> Result<_, Refused> {
            let opened = Opened::parse(params)?;
            check_version(&opened.version)?;
            Ok(opened)
        };
        let opened = match admitted() {
            Ok(opened) => opened,
            Err(refused) => return self.refuse_as(&id, refused).await,
        };
        if self.running().calls.contains_key(&id) {
            return self.in_use(&id).await;
        }
        let output = self.output.clone();
        let done = self.begin(&id);
        let number = done.number;
        let task = if method == "subscriptions/listen" {
            match self.modern.listen(None, &id, params, &opened) {
                Ok(listening) => self.tasks.spawn(run_listening(listening, output, done)),
                Err(refused) => return self.refuse_as(&id, refused).await,
            }
        } else {
            let delivery = Delivery::Stream;
            let call = self
                .modern
                .call(None, &id, &method, params, &opened, delivery);
            self.tasks.spawn(run_modern(call, output, done))
        };
        // It may be done already, and is not registered then.
        if let Some((known, handle)) = self.running().calls.get_mut(&id)
            && *known == number
        {
            *handle = Some(task);
        }
    }

    /// Registers a modern call.
    fn begin(&self, id: &RequestId) -> Done {
        let mut running = self.running();
        let number = running.next;
        running.next += 1;
        running.calls.insert(id.clone(), (number, None));
        Done {
            id: id.clone(),
            number,
            running: Arc::clone(&self.running),
        }
    }

    /// Several messages at once, which only the oldest revision has; answered one by one.
    async fn take_batch(&mut self, messages: &[Raw<'_>]) {
        let allowed = self
            .session
            .as_ref()
            .is_some_and(|it| self.legacy.takes_batches(it));
        if !allowed {
            return self
                .send(crate::jsonrpc::Malformed::batch().into_response())
                .await;
        }
        for message in messages {
            let line = Bytes::copy_from_slice(message.get().as_bytes());
            match Message::parse(&line) {
                Ok(message) => self.take_legacy(message, &line).await,
                Err(malformed) => self.send(malformed.into_response()).await,
            }
        }
    }

    fn notified(&mut self, method: &str, params: Option<Raw<'_>>) {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Cancelled {
            request_id: RequestId,
        }

        if method == "notifications/cancelled"
            && let Some(params) = params
            && let Ok(Cancelled { request_id }) = serde_json::from_str(params.get())
            && let Some((_, Some(task))) = self.running().calls.remove(&request_id)
        {
            task.abort();
        }
        let Some(session) = &self.session else { return };
        if method == "notifications/initialized" {
            // What belongs to no call has this one channel, too.
            let (reader, output) = (self.legacy.listen(session), self.output.clone());
            self.tasks.spawn(run_reader(reader, output));
        }
        self.legacy.notified(session, method, params);
    }

    async fn in_use(&self, id: &RequestId) {
        let reason = "a request with this `id` still runs";
        self.refuse(Some(id), ErrorCode::INVALID_REQUEST, reason)
            .await;
    }

    async fn refuse_as(&self, id: &RequestId, refused: Refused) {
        let error = refused.into_error();
        self.send(Response::error(Some(id), &error)).await;
    }

    async fn refuse(&self, id: Option<&RequestId>, code: ErrorCode, reason: impl fmt::Display) {
        let error = ErrorObject::new(code, format!("Invalid request: {reason}"));
        self.send(Response::error(id, &error)).await;
    }

    async fn send(&self, response: Response) {
        // Who no longer reads is not told.
        let _ = self.output.send(response.to_vec().into()).await;
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Frees the id of a modern call, however it ends.
struct Done {
    id: RequestId,
    number: u64,
    running: Arc<Mutex<Running>>,
}

impl Drop for Done {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let known = running.calls.get(&self.id);
        if known.is_some_and(|(number, _)| *number == self.number) {
            running.calls.remove(&self.id);
        }
    }
}

async fn run_legacy(
    mut call: Box<legacy::Call>,
    output: mpsc::Sender<Bytes>,
    mut end: watch::Receiver<bool>,
) {
    loop {
        let patience = Instant::now() + ANSWER;
        let (asked, ended) = (call.waits_for_answer(), *end.borrow());
        let step = tokio::select! {
            step = poll_fn(|cx| call.poll_step(cx)) => step,
            () = sleep_until(patience), if asked => { call.time_out(); continue }
            _ = end.changed(), if !ended => { call.nobody_listens(); continue }
        };
        let message = match step {
            legacy::Step::Send(message) => String::from(message).into(),
            legacy::Step::Done(sealed) => sealed.into_response().to_vec().into(),
            // There is one channel, which is never left.
            legacy::Step::HangUp(_) => continue,
            legacy::Step::Cancelled => return,
        };
        if output.send(message).await.is_err() || !call.is_running() {
            return;
        }
    }
}

async fn run_modern(mut call: Box<modern::Call>, output: mpsc::Sender<Bytes>, done: Done) {
    loop {
        match poll_fn(|cx| call.poll_step(cx)).await {
            modern::Step::Send(message) => {
                let _ = output.send(String::from(message).into()).await;
            }
            modern::Step::Done(sealed) => {
                // Whoever has the response may use its id again.
                drop(done);
                let _ = output.send(sealed.into_response().to_vec().into()).await;
                return;
            }
        }
    }
}

async fn run_listening(mut listening: modern::Listening, output: mpsc::Sender<Bytes>, _done: Done) {
    while let Some(message) = poll_fn(|cx| listening.poll_next(cx)).await {
        let _ = output.send(message).await;
    }
}

async fn run_reader(mut reader: crate::era::stream::Reader, output: mpsc::Sender<Bytes>) {
    loop {
        let item = poll_fn(|cx| match reader.poll_next(cx) {
            Poll::Ready(item) => Poll::Ready(item),
            Poll::Pending => Poll::Pending,
        });
        match item.await {
            Some(Item::Message { data, .. }) => {
                let _ = output.send(data).await;
            }
            Some(Item::Retry(_)) => {}
            None => return,
        }
    }
}

/// Reads one line; what is beyond [`LONGEST`] goes by unread. False at the end of input.
async fn read_line(
    input: &mut (impl AsyncBufReadExt + Unpin),
    line: &mut Vec<u8>,
) -> io::Result<bool> {
    line.clear();
    loop {
        let available = input.fill_buf().await?;
        if available.is_empty() {
            return Ok(!line.is_empty());
        }
        let end = memchr::memchr(b'\n', available);
        let (taken, used) = match end {
            Some(end) => (end, end + 1),
            None => (available.len(), available.len()),
        };
        let room = (LONGEST + 1).saturating_sub(line.len());
        line.extend_from_slice(available.get(..taken.min(room)).unwrap_or_default());
        input.consume(used);
        if end.is_some() {
            // An empty line is a line, too.
            return Ok(true);
        }
    }
}

/// Writes every message as one line.
async fn write(
    mut output: impl AsyncWrite + Unpin,
    mut messages: mpsc::Receiver<Bytes>,
) -> io::Result<()> {
    let mut lines = Vec::new();
    while let Some(first) = messages.recv().await {
        lines.clear();
        let mut next = Some(first);
        while let Some(message) = next {
            lines.extend_from_slice(&message);
            lines.push(b'\n');
            next = messages.try_recv().ok();
        }
        output.write_all(&lines).await?;
        output.flush().await?;
    }
    Ok(())
}

/// Standard output, for messages only.
mod stdout {
    use std::{fs::File, io};

    /// Takes standard output, and puts standard error in its place.
    #[cfg(unix)]
    pub(super) fn take() -> io::Result<tokio::fs::File> {
        let output = rustix::io::dup(rustix::stdio::stdout())?;
        rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
        Ok(tokio::fs::File::from_std(File::from(output)))
    }

    /// Standard output as it is: here, nothing keeps others from printing to it.
    #[cfg(not(unix))]
    pub(super) fn take() -> io::Result<tokio::io::Stdout> {
        Ok(tokio::io::stdout())
    }
}
