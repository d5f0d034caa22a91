//! The one client of a process: each of its messages goes to the era that it is of.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{
    io::AsyncRead,
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};

use super::{
    Error,
    config::Settings,
    drive,
    lines::{Input, Line, Output},
    running::{Refusal, Running, Ticket},
};
use crate::{
    era::{
        Cancelled, Delivery, Era, fork,
        legacy::{Legacy, Session, SessionOptions},
        modern::{Memo, Modern, ModernOptions, Opened, Refused, check_version},
    },
    handler::Handler,
    jsonrpc::{ErrorCode, ErrorObject, Incoming, Malformed, Message, Raw, RequestId, Response},
};

/// Serves one client until its input ends, or its output.
pub(super) async fn serve(
    handler: Arc<dyn Handler>,
    settings: Settings,
    input: impl AsyncRead + Unpin,
    output: Output,
) -> Result<(), Error> {
    let Output {
        messages,
        mut written,
    } = output;
    let grace = settings.shutdown_grace;
    let input = Input::new(input, settings.max_message);
    let mut process = Process::new(handler, settings, messages)?;
    let lost = |_| Err(io::Error::other("whoever writes the output is gone"));
    let read = tokio::select! {
        read = process.run(input) => read,
        // What a client cannot be told shall not be done: what runs is dropped with the process.
        failed = &mut written => return failed.unwrap_or_else(lost).map_err(Error::Io),
    };
    drop(process);
    let written = match timeout(grace, written).await {
        Ok(written) => written.unwrap_or_else(lost),
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the client does not read what it is told",
        )),
    };
    read.and(written).map_err(Error::Io)
}

/// The one client of a process.
struct Process {
    settings: Settings,
    legacy: Legacy,
    modern: Modern,
    session: Option<Session>,
    /// What the last modern request said of its client.
    memo: Memo,
    tasks: JoinSet<()>,
    running: Arc<Running>,
    output: mpsc::Sender<Bytes>,
    ended: watch::Sender<bool>,
}

impl Process {
    fn new(
        handler: Arc<dyn Handler>,
        settings: Settings,
        output: mpsc::Sender<Bytes>,
    ) -> Result<Self, Error> {
        let no_random = |error| Error::Io(io::Error::other(error));
        let sessions = SessionOptions {
            // There is one, and it is over when the process is.
            lifetime: Duration::MAX,
            ..SessionOptions::default()
        };
        let legacy = Legacy::new(Arc::clone(&handler), sessions);
        let modern = Modern::new(handler, ModernOptions::default());
        Ok(Self {
            legacy: legacy.map_err(no_random)?,
            modern: modern.map_err(no_random)?,
            session: None,
            memo: Memo::default(),
            tasks: JoinSet::new(),
            running: Running::new(settings.max_calls),
            output,
            ended: watch::Sender::new(false),
            settings,
        })
    }

    /// Takes all messages, and lets what runs then finish.
    async fn run(&mut self, input: Input<impl AsyncRead + Unpin>) -> io::Result<()> {
        let read = self.read(input).await;
        // Nobody will answer any more; what needs no answer is finished and told.
        self.ended.send_replace(true);
        self.modern.close_streams();
        self.legacy.close_streams();
        let calls = async { while self.tasks.join_next().await.is_some() {} };
        let grace = self.settings.shutdown_grace;
        if timeout(grace, calls).await.is_err() {
            let open = self.tasks.len();
            tracing::warn!(open, ?grace, "input has ended: calls were cut off");
        }
        read
    }

    async fn read(&mut self, mut input: Input<impl AsyncRead + Unpin>) -> io::Result<()> {
        while let Some(line) = input.next().await? {
            while self.tasks.try_join_next().is_some() {}
            match line {
                Line::Message(line) => self.take(line).await,
                Line::TooLong => {
                    let most = self.settings.max_message;
                    let reason = format!("a message has {most} bytes at most");
                    self.invalid(None, &reason).await;
                }
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
        let caller = self.settings.identity.as_ref();
        if method == "initialize" && self.session.is_none() {
            let (sealed, session) = self.legacy.initialize(caller, &id, params);
            self.session = session.and_then(|id| self.legacy.sessions().open(&id, caller));
            return self.send(sealed.into_response()).await;
        }
        let Some(session) = &self.session else {
            let reason = "send `initialize` first, or say in `_meta` which revision this is of";
            return self.invalid(Some(&id), reason).await;
        };
        if method == "initialize" {
            let reason = "this process is initialized already";
            return self.invalid(Some(&id), reason).await;
        }
        let Some(ticket) = self.begin(&id).await else {
            return;
        };
        let delivery = Delivery::Stream;
        let call = self
            .legacy
            .call(session, caller, &id, &method, params, line, delivery);
        match call {
            Ok(call) => {
                let (output, ended) = (self.output.clone(), self.ended.subscribe());
                let patience = self.settings.answer_timeout;
                let run = |ticket| drive::legacy(ticket, call, output, ended, patience);
                self.running.spawn(ticket, &mut self.tasks, run);
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
            let opened = Opened::parse_again(params, &self.memo)?;
            check_version(&opened.version)?;
            Ok(opened)
        };
        let opened = match admitted() {
            Ok(opened) => opened,
            Err(refused) => return self.refuse_as(&id, refused).await,
        };
        let Some(ticket) = self.begin(&id).await else {
            return;
        };
        let (caller, output) = (self.settings.identity.as_ref(), self.output.clone());
        if method == "subscriptions/listen" {
            match self.modern.listen(caller, &id, params, &opened) {
                Ok(listening) => {
                    let run = |ticket| drive::listening(ticket, listening, output);
                    self.running.spawn(ticket, &mut self.tasks, run);
                }
                Err(refused) => self.refuse_as(&id, refused).await,
            }
            return;
        }
        let delivery = Delivery::Stream;
        let call = self
            .modern
            .call(caller, &id, &method, params, &opened, delivery);
        let run = |ticket| drive::modern(ticket, call, output);
        self.running.spawn(ticket, &mut self.tasks, run);
    }

    /// Several messages at once, which only the oldest revision has; answered one by one.
    async fn take_batch(&mut self, messages: &[Raw<'_>]) {
        let allowed = self
            .session
            .as_ref()
            .is_some_and(|it| self.legacy.takes_batches(it));
        if !allowed {
            return self.send(Malformed::batch().into_response()).await;
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
        if let Some(Cancelled { request_id, .. }) = Cancelled::of(method, params) {
            self.running.cancel(&request_id);
        }
        let Some(session) = &self.session else { return };
        if method == "notifications/initialized" {
            // What belongs to no call has this one channel, too.
            let (reader, output) = (self.legacy.listen(session), self.output.clone());
            self.tasks.spawn(drive::reader(reader, output));
        }
        self.legacy.notified(session, method, params);
    }

    /// Takes the id of a request, or refuses it.
    async fn begin(&self, id: &RequestId) -> Option<Ticket> {
        match self.running.begin(id).await {
            Ok(ticket) => return Some(ticket),
            Err(Refusal::InUse) => self.in_use(id).await,
            Err(Refusal::Full) => {
                let most = self.settings.max_calls;
                let text = format!(
                    "Too many requests: {most} run, which is as many as may, and all of them wait \
                     for the client; answer or cancel one first (setting: `max_calls`)"
                );
                self.refuse(Some(id), text).await;
            }
        }
        None
    }

    async fn in_use(&self, id: &RequestId) {
        self.invalid(Some(id), "a request with this `id` still runs")
            .await;
    }

    async fn invalid(&self, id: Option<&RequestId>, reason: &str) {
        self.refuse(id, format!("Invalid request: {reason}")).await;
    }

    async fn refuse_as(&self, id: &RequestId, refused: Refused) {
        let error = refused.into_error();
        self.send(Response::error(Some(id), &error)).await;
    }

    async fn refuse(&self, id: Option<&RequestId>, text: String) {
        let error = ErrorObject::new(ErrorCode::INVALID_REQUEST, text);
        self.send(Response::error(id, &error)).await;
    }

    async fn send(&self, response: Response) {
        // Who no longer reads is not told.
        let _ = self.output.send(response.to_vec().into()).await;
    }
}
