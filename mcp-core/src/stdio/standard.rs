//! Standard input and output, each on a thread of its own.
//!
//! Nothing ends a read that waits for the client, nor a write that does. A thread of the runtime's
//! would keep the runtime from its end, and the process with it; these end with the process.

use std::{
    io::{self, BufRead as _},
    pin::Pin,
    task::{Context, Poll, ready},
    thread,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::mpsc,
};

use super::lines::{Output, channel, write};

/// How many pieces of input are read ahead.
const AHEAD: usize = 4;

/// Standard input.
pub(super) struct Input {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    /// What is left of the last one.
    rest: Bytes,
}

/// Reads standard input from here on.
pub(super) fn input() -> io::Result<Input> {
    let (sender, pieces) = mpsc::channel(AHEAD);
    let read = move || {
        let mut input = io::stdin().lock();
        loop {
            let piece = match input.fill_buf() {
                Ok([]) => return,
                Ok(available) => Ok(Bytes::copy_from_slice(available)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            input.consume(piece.as_ref().map_or(0, Bytes::len));
            let failed = piece.is_err();
            if sender.blocking_send(piece).is_err() || failed {
                return;
            }
        }
    };
    thread::Builder::new()
        .name("stdin".to_owned())
        .spawn(read)?;
    Ok(Input {
        pieces,
        rest: Bytes::new(),
    })
}

impl AsyncRead for Input {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            match ready!(self.pieces.poll_recv(cx)) {
                Some(piece) => self.rest = piece?,
                None => return Poll::Ready(Ok(())),
            }
        }
        let most = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest.split_to(most));
        Poll::Ready(Ok(()))
    }
}

/// Takes standard output for messages.
pub(super) fn output() -> io::Result<Output> {
    let stream = take()?;
    let (output, writer) = channel();
    let write = move || write(stream, writer);
    thread::Builder::new()
        .name("stdout".to_owned())
        .spawn(write)?;
    Ok(output)
}

/// Takes standard output, and puts standard error in its place.
#[cfg(unix)]
fn take() -> io::Result<std::fs::File> {
    let output = rustix::io::dup(rustix::stdio::stdout())?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok(output.into())
}

/// Standard output as it is.
#[cfg(not(unix))]
fn take() -> io::Result<io::Stdout> {
    tracing::warn!("on this system, whatever prints to standard output breaks the messages on it");
    Ok(io::stdout())
}
