//! Standard input and output, each on a thread of its own.
//!
//! Nothing ends a read that waits for the client, nor a write that does. A thread of the runtime's
//! would keep the runtime from its end, and the process with it; these end with the process.

use std::{
    io::{self, Read},
    pin::Pin,
    task::{Context, Poll, ready},
    thread,
};

#[cfg(unix)]
use std::{fs::File, os::fd::BorrowedFd};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::mpsc,
};

use super::lines::{Output, channel, write};

/// How many pieces of input are read ahead, and how large they are.
const AHEAD: usize = 4;
const PIECE: usize = 8 * 1024;

/// Standard input.
pub(super) struct Input {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    /// What is left of the last one.
    rest: Bytes,
}

/// Takes standard input for messages.
pub(super) fn input() -> io::Result<Input> {
    let mut stream = take_input()?;
    let (sender, pieces) = mpsc::channel(AHEAD);
    let read = move || {
        let mut buffer = [0; PIECE];
        loop {
            let piece = match stream.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => Ok(buffer
                    .get(..length)
                    .map_or_else(Bytes::new, Bytes::copy_from_slice)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
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
    let stream = take_output()?;
    let (output, writer) = channel();
    let write = move || write(stream, writer);
    thread::Builder::new()
        .name("stdout".to_owned())
        .spawn(write)?;
    Ok(output)
}

/// Takes standard input, and puts nothing in its place: a program that a tool starts would read the
/// client's messages.
#[cfg(unix)]
fn take_input() -> io::Result<File> {
    let input = own(rustix::stdio::stdin())?;
    if let Ok(nothing) = File::open("/dev/null") {
        rustix::stdio::dup2_stdin(nothing)?;
    }
    Ok(input)
}

/// Standard input as it is.
#[cfg(not(unix))]
fn take_input() -> io::Result<impl Read> {
    Ok(io::stdin())
}

/// Takes standard output, and puts standard error in its place.
#[cfg(unix)]
fn take_output() -> io::Result<File> {
    let output = own(rustix::stdio::stdout())?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok(output)
}

/// The same stream, for nobody but this process: a program that a tool starts and leaves behind would
/// keep it open.
#[cfg(unix)]
fn own(stream: BorrowedFd<'_>) -> io::Result<File> {
    const AFTER_THE_STANDARD_ONES: i32 = 3;
    let own = rustix::io::fcntl_dupfd_cloexec(stream, AFTER_THE_STANDARD_ONES)?;
    Ok(own.into())
}

/// Standard output as it is.
#[cfg(not(unix))]
fn take_output() -> io::Result<io::Stdout> {
    tracing::warn!("on this system, whatever prints to standard output breaks the messages on it");
    Ok(io::stdout())
}
