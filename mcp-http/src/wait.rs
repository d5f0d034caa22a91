//! How long a connection waits for a request.
//!
//! Hyper asks for a sleep when it begins to wait for a head, and drops it once the head is there. To
//! set a timer for each request and to take it back costs more than looking whether one is set in
//! time: a connection has one, which is set anew only when it has run out too early.
//!
//! A client that has nothing to ask may take its time; one that has begun to ask may not. What of a
//! head came with the request before it is not told apart from that request: such a client is idle
//! until it goes on, as any client may be.

use std::{
    future::Future,
    mem,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use hyper::rt;
use tokio::{
    task::unconstrained,
    time::{self, Sleep, sleep_until},
};

/// The clock of one connection. How long it may be idle, hyper knows.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    header_timeout: Duration,
    /// Whether anything was read since the wait began.
    heard: AtomicBool,
    wait: Mutex<Wait>,
}

#[derive(Debug)]
struct Wait {
    deadline: time::Instant,
    /// Whether the deadline is that of a head that has begun.
    begun: bool,
    /// Whether it is the first of the connection.
    first: bool,
    timer: Option<Pin<Box<Sleep>>>,
    /// Whom the timer wakes.
    wakes: Option<Waker>,
}

impl Clock {
    /// For a connection whose heads may take so long from their first byte on.
    pub(crate) fn new(header_timeout: Duration) -> Self {
        let wait = Wait {
            deadline: time::Instant::now(),
            begun: false,
            first: true,
            timer: None,
            wakes: None,
        };
        Self(Arc::new(Shared {
            header_timeout,
            heard: AtomicBool::new(false),
            wait: Mutex::new(wait),
        }))
    }

    /// Notes that something was read, be it of a head or not.
    pub(crate) fn hear(&self) {
        self.0.heard.store(true, Ordering::Relaxed);
    }

    fn wait(&self) -> MutexGuard<'_, Wait> {
        // Nothing panics while holding it.
        self.0.wait.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl rt::Timer for Clock {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn rt::Sleep>> {
        let mut wait = self.wait();
        wait.deadline = deadline.into();
        wait.begun = false;
        // Who connects has something to ask: the first head has begun.
        let begins = mem::take(&mut wait.first);
        self.0.heard.store(begins, Ordering::Relaxed);
        drop(wait);
        Box::pin(Waiting(self.clone()))
    }

    fn now(&self) -> Instant {
        time::Instant::now().into_std()
    }
}

/// What hyper polls for as long as a head is not there.
struct Waiting(Clock);

impl rt::Sleep for Waiting {}

impl Future for Waiting {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let clock = &self.0;
        let wait = &mut *clock.wait();
        if !wait.begun && clock.0.heard.load(Ordering::Relaxed) {
            wait.begun = true;
            wait.deadline = time::Instant::now() + clock.0.header_timeout;
        }
        let deadline = wait.deadline;
        let wakes = wait.wakes.as_ref();
        // Where a connection is a task, as nearly everywhere, it is one for all its life.
        let is_known = wakes.is_some_and(|known| known.will_wake(cx.waker()));
        if !is_known {
            wait.wakes = Some(cx.waker().clone());
        }
        let timer = match &mut wait.timer {
            Some(timer) if is_known && timer.deadline() <= deadline && !timer.is_elapsed() => {
                return Poll::Pending;
            }
            Some(timer) => {
                timer.as_mut().reset(deadline);
                timer
            }
            none => none.insert(Box::pin(sleep_until(deadline))),
        };
        // However much the task has done already: whoever is not polled now is not woken.
        pin!(unconstrained(timer.as_mut())).poll(cx)
    }
}
