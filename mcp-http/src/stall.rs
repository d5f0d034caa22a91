//! A connection whose peer reads nothing for too long is given up.
//!
//! Backpressure would otherwise hold a stream, and the call behind it, for as long as a client
//! likes; nothing else in the stack has a clock on writes.

use std::{
    future::Future,
    io::{self, IoSlice},
    mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use crate::wait::Clock;

/// A stream whose writes must get on.
#[derive(Debug)]
pub(crate) struct Impatient<S> {
    stream: S,
    /// Told of all that is read.
    clock: Clock,
    patience: Duration,
    /// Runs while something waits to be sent.
    deadline: Option<Pin<Box<Sleep>>>,
    /// Whether the last write had to wait.
    is_full: bool,
}

impl<S> Impatient<S> {
    pub(crate) fn new(stream: S, clock: Clock, patience: Duration) -> Self {
        Self {
            stream,
            clock,
            patience,
            deadline: None,
            is_full: false,
        }
    }

    /// After a write. What encrypts takes bytes that it cannot send: that it takes more says nothing of
    /// its peer, unless there was no room for them before.
    fn write_on<T>(
        &mut self,
        cx: &mut Context<'_>,
        wrote: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let was_full = mem::replace(&mut self.is_full, wrote.is_pending());
        if wrote.is_ready() && !was_full {
            return wrote;
        }
        self.get_on(cx, wrote)
    }

    fn get_on<T>(
        &mut self,
        cx: &mut Context<'_>,
        wrote: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.deadline = None;
            return wrote;
        }
        let patience = self.patience;
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        match deadline.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Impatient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if read.is_ready() {
            self.clock.hear();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Impatient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.write_on(cx, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.write_on(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What was taken and not sent waits here.
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.get_on(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.get_on(cx, shut)
    }
}
