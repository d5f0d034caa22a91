//! Messages as lines: read one by one, written as they come.

use std::io;

use bytes::Bytes;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    sync::{mpsc, oneshot},
};

/// How many messages wait to be written; beyond, calls wait.
const WAITING: usize = 64;

/// How many bytes of messages are gathered before they are written: others come meanwhile.
const TOGETHER: usize = 64 * 1024;

/// Messages in, as they are read.
pub(super) struct Input<R> {
    stream: BufReader<R>,
    line: Vec<u8>,
    longest: usize,
}

/// What was read.
pub(super) enum Line {
    Message(Bytes),
    /// More than a message may have; it went by unread.
    TooLong,
}

impl<R: AsyncRead + Unpin> Input<R> {
    pub(super) fn new(stream: R, longest: usize) -> Self {
        Self {
            stream: BufReader::new(stream),
            line: Vec::new(),
            longest,
        }
    }

    /// The next line that is not empty; none at the end.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        while self.read_line().await? {
            if self.line.len() > self.longest {
                return Ok(Some(Line::TooLong));
            }
            let text = self.line.trim_ascii();
            if !text.is_empty() {
                return Ok(Some(Line::Message(Bytes::copy_from_slice(text))));
            }
        }
        Ok(None)
    }

    /// Reads a line, or what of it shows that it is too long. False at the end.
    async fn read_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        loop {
            let available = self.stream.fill_buf().await?;
            if available.is_empty() {
                return Ok(!self.line.is_empty());
            }
            let end = memchr::memchr(b'\n', available);
            let (taken, used) = match end {
                Some(end) => (end, end + 1),
                None => (available.len(), available.len()),
            };
            let room = self.longest.saturating_add(1) - self.line.len();
            let kept = available.get(..taken.min(room)).unwrap_or_default();
            self.line.extend_from_slice(kept);
            self.stream.consume(used);
            if end.is_some() {
                // An empty line is a line, too.
                return Ok(true);
            }
        }
    }
}

/// Messages out: where they wait to be written, and how writing them ends.
pub(super) struct Output {
    pub(super) messages: mpsc::Sender<Bytes>,
    pub(super) written: oneshot::Receiver<io::Result<()>>,
}

/// The other end of an [`Output`], for who writes.
pub(super) struct Writer {
    messages: mpsc::Receiver<Bytes>,
    pub(super) written: oneshot::Sender<io::Result<()>>,
}

/// Both ends.
pub(super) fn channel() -> (Output, Writer) {
    let (sender, messages) = mpsc::channel(WAITING);
    let (written, how) = oneshot::channel();
    let output = Output {
        messages: sender,
        written: how,
    };
    (output, Writer { messages, written })
}

/// Writes to a stream, in a task that ends when nobody waits for it any more.
pub(super) fn output(mut stream: impl AsyncWrite + Unpin + Send + 'static) -> Output {
    let (
        output,
        Writer {
            mut messages,
            mut written,
        },
    ) = channel();
    tokio::spawn(async move {
        let write = async {
            let mut lines = Vec::new();
            while let Some(first) = messages.recv().await {
                gather(&mut lines, first, &mut messages);
                stream.write_all(&lines).await?;
                stream.flush().await?;
            }
            Ok(())
        };
        tokio::select! {
            // Who has given up is not told.
            ended = write => drop(written.send(ended)),
            () = written.closed() => {}
        }
    });
    output
}

/// Writes to what a thread may wait for, to the end.
pub(super) fn write(mut stream: impl io::Write, writer: Writer) {
    let Writer {
        mut messages,
        written,
    } = writer;
    let mut write = || {
        let mut lines = Vec::new();
        while let Some(first) = messages.blocking_recv() {
            gather(&mut lines, first, &mut messages);
            stream.write_all(&lines)?;
            stream.flush()?;
        }
        Ok(())
    };
    // Who has given up is not told.
    drop(written.send(write()));
}

/// This message and what waits behind it, a line each, up to a fair piece.
fn gather(lines: &mut Vec<u8>, first: Bytes, messages: &mut mpsc::Receiver<Bytes>) {
    lines.clear();
    let mut next = Some(first);
    while let Some(message) = next {
        lines.extend_from_slice(&message);
        lines.push(b'\n');
        let more = || messages.try_recv().ok();
        next = (lines.len() < TOGETHER).then(more).flatten();
    }
}
