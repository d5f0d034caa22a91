//! As a program is spoken to that was started for one client: lines in, lines out.

use std::{fmt, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, duplex},
    sync::mpsc,
    task::JoinSet,
};

use super::{Connection, Inbox, Transport};
use crate::{BuildError, Identity, IntoHandler, handler::Handler, stdio};

/// How many bytes wait at most to be read on the other side.
const PIPE: usize = 64 * 1024;

/// Over a pair of pipes, by [`stdio::Stdio::serve_on`](crate::stdio::Stdio::serve_on).
pub struct Stdio(Result<Arc<dyn Handler>, BuildError>);

impl Stdio {
    /// To this server.
    pub fn new(server: impl IntoHandler) -> Self {
        Self(server.into_handler())
    }
}

impl Transport for Stdio {
    fn connect(
        self: Box<Self>,
        caller: Option<Identity>,
        inbox: Inbox,
    ) -> Result<Box<dyn Connection>, String> {
        let handler = self.0.map_err(|error| error.to_string())?;
        let mut served = stdio::Stdio::new(handler);
        if let Some(caller) = caller {
            served = served.identity(caller);
        }
        let (input, to_server) = duplex(PIPE);
        let (from_server, output) = duplex(PIPE);
        let (lines, waiting) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let ended = inbox.clone();
        tasks.spawn(async move {
            if let Err(error) = served.serve_on(input, output).await {
                ended.fail(error);
            }
        });
        tasks.spawn(write(to_server, waiting));
        tasks.spawn(read(from_server, inbox));
        Ok(Box::new(Connected {
            lines,
            _tasks: tasks,
        }))
    }
}

impl fmt::Debug for Stdio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stdio")
    }
}

struct Connected {
    lines: mpsc::UnboundedSender<String>,
    /// Aborted when dropped.
    _tasks: JoinSet<()>,
}

impl Connection for Connected {
    fn send(&self, message: String) {
        // Who no longer reads is missed when no answer comes.
        let _ = self.lines.send(message);
    }
}

async fn write(mut to_server: DuplexStream, mut waiting: mpsc::UnboundedReceiver<String>) {
    while let Some(mut line) = waiting.recv().await {
        line.push('\n');
        if to_server.write_all(line.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(from_server: DuplexStream, inbox: Inbox) {
    let mut lines = BufReader::new(from_server).lines();
    loop {
        match lines.next_line().await {
            Ok(Some(line)) => inbox.bring(line),
            Ok(None) => return inbox.fail("the server closed its output"),
            Err(error) => return inbox.fail(error),
        }
    }
}
