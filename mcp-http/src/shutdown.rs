//! The end: who is still to finish, for how long, and what is dropped then.
//!
//! A connection is waited for, and so is a call that goes on without one. Each holds a receiver of one
//! channel, by which it is told how far the end is; the sender knows when all of them are gone.

use std::{
    future::{Future, pending},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::{runtime::Handle, sync::watch, time::timeout};

#[derive(Clone, Copy, Debug, Eq, PartialEq, PartialOrd)]
enum Stage {
    Serving,
    /// What runs may end by itself.
    Closing,
    CutOff,
}

/// How far a server is on its way down.
#[derive(Debug)]
pub(crate) struct Shutdown {
    stage: watch::Sender<Stage>,
    /// Whether it is on its way: the channel cannot be asked without a lock that all share.
    begun: AtomicBool,
}

/// Somebody who is waited for as long as it has this.
pub(crate) struct Awaited(watch::Receiver<Stage>);

impl Shutdown {
    pub(crate) fn new() -> Self {
        Self {
            stage: watch::Sender::new(Stage::Serving),
            begun: AtomicBool::new(false),
        }
    }

    pub(crate) fn awaited(&self) -> Awaited {
        Awaited(self.stage.subscribe())
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }

    /// Tells everybody to take nothing more.
    pub(crate) fn begin(&self) {
        self.go_on_to(Stage::Closing);
    }

    /// Tells everybody to drop what they do.
    pub(crate) fn cut_off(&self) {
        self.go_on_to(Stage::CutOff);
    }

    fn go_on_to(&self, next: Stage) {
        self.begun.store(true, Ordering::Release);
        self.stage.send_if_modified(|stage| {
            let is_next = *stage < next;
            if is_next {
                *stage = next;
            }
            is_next
        });
    }

    /// Waits for everybody, and for no longer than this.
    pub(crate) async fn finish(&self, grace: Duration) {
        if timeout(grace, self.stage.closed()).await.is_ok() {
            return;
        }
        let open = self.stage.receiver_count();
        tracing::warn!(open, ?grace, "calls were cut off (`shutdown_grace`)");
        self.cut_off();
        self.stage.closed().await;
    }

    /// Goes on with a call that has lost its connection, unless it is too late for any.
    pub(crate) fn detach(&self, call: impl Future<Output = ()> + Send + 'static) {
        let mut awaited = self.awaited();
        if awaited.is_cut_off() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            tokio::select! {
                () = call => {}
                () = awaited.cut_off() => {}
            }
        });
    }
}

impl Awaited {
    /// Ready once nothing more is to be taken.
    pub(crate) async fn closing(&mut self) {
        self.reaches(Stage::Closing).await;
    }

    /// Ready once all is to be dropped.
    pub(crate) async fn cut_off(&mut self) {
        self.reaches(Stage::CutOff).await;
    }

    fn is_cut_off(&self) -> bool {
        *self.0.borrow() == Stage::CutOff
    }

    async fn reaches(&mut self, wanted: Stage) {
        // A server that is dropped without a word has told nobody to stop.
        if self.0.wait_for(|stage| *stage >= wanted).await.is_err() {
            pending::<()>().await;
        }
    }
}
