//! Which requests run, in either era: each id once, and no more of them than may.

use std::{
    collections::HashMap,
    future::Future,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::Notify,
    task::{AbortHandle, JoinSet},
};

use crate::jsonrpc::RequestId;

/// The requests that run.
pub(super) struct Running {
    most: usize,
    state: Mutex<State>,
    /// Told when there may be room again.
    room: Notify,
}

#[derive(Default)]
struct State {
    requests: HashMap<RequestId, Known>,
    /// How many of them wait for the client.
    waiting: usize,
}

#[derive(Default)]
struct Known {
    task: Option<AbortHandle>,
    waits: bool,
    /// It ends as soon as nobody polls it.
    cancelled: bool,
}

/// Why a request cannot run.
pub(super) enum Refusal {
    InUse,
    /// All that may run wait for the client: not to read on would be to wait for ever.
    Full,
}

/// One request that runs. Dropped, its id is free.
pub(super) struct Ticket {
    id: RequestId,
    waits: bool,
    running: Arc<Running>,
}

impl Running {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            state: Mutex::default(),
            room: Notify::new(),
        })
    }

    /// Takes an id for a request, once there is room for it.
    pub(super) async fn begin(self: &Arc<Self>, id: &RequestId) -> Result<Ticket, Refusal> {
        loop {
            if let Some(ticket) = self.try_begin(id)? {
                return Ok(ticket);
            }
            // Who ends meanwhile is not missed: it leaves a permit.
            self.room.notified().await;
        }
    }

    fn try_begin(self: &Arc<Self>, id: &RequestId) -> Result<Option<Ticket>, Refusal> {
        let mut state = self.state();
        let running = state.requests.len();
        match state.requests.get(id) {
            Some(known) if known.cancelled => return Ok(None),
            Some(_) => return Err(Refusal::InUse),
            None if running < self.most => {}
            None if state.waiting == running => return Err(Refusal::Full),
            None => return Ok(None),
        }
        state.requests.insert(id.clone(), Known::default());
        Ok(Some(Ticket {
            id: id.clone(),
            waits: false,
            running: Arc::clone(self),
        }))
    }

    /// Runs a request in a task of its own, which can be cancelled before anything of it has run.
    pub(super) fn spawn<F>(
        &self,
        ticket: Ticket,
        tasks: &mut JoinSet<()>,
        run: impl FnOnce(Ticket) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let id = ticket.id.clone();
        let task = tasks.spawn(run(ticket));
        // It may be done already, and is not known then.
        if let Some(known) = self.state().requests.get_mut(&id) {
            known.task = Some(task);
        }
    }

    /// Ends a request of which nobody wants the result. It counts until it is gone.
    pub(super) fn cancel(&self, id: &RequestId) {
        let mut state = self.state();
        let Some(known) = state.requests.get_mut(id) else {
            return;
        };
        known.cancelled = true;
        let (task, waited) = (known.task.take(), mem::take(&mut known.waits));
        state.waiting -= usize::from(waited);
        drop(state);
        if let Some(task) = task {
            task.abort();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Notes whether only the client can bring it further.
    pub(super) fn waits_for_client(&mut self, waits: bool) {
        if self.waits == waits {
            return;
        }
        self.waits = waits;
        let mut state = self.running.state();
        if let Some(known) = state.requests.get_mut(&self.id)
            && !known.cancelled
        {
            known.waits = waits;
            state.waiting = match waits {
                true => state.waiting + 1,
                false => state.waiting - 1,
            };
        }
        drop(state);
        self.running.room.notify_one();
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.running.state();
        let known = state.requests.remove(&self.id);
        state.waiting -= usize::from(known.is_some_and(|known| known.waits));
        drop(state);
        self.running.room.notify_one();
    }
}
