//! Which requests run, in either era: each id once, and no more of them than may.

use std::{
    collections::{HashMap, hash_map::Entry},
    future::Future,
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
    next: u64,
    requests: HashMap<RequestId, Known>,
    /// How many of them wait for the client.
    waiting: usize,
}

/// Each has a number of its own: an id may be used again before a cancelled request is gone.
struct Known {
    number: u64,
    task: Option<AbortHandle>,
    waits: bool,
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
    number: u64,
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
        let number = state.next;
        let (running, waiting) = (state.requests.len(), state.waiting);
        match state.requests.entry(id.clone()) {
            Entry::Occupied(_) => return Err(Refusal::InUse),
            Entry::Vacant(_) if running >= self.most && waiting == running => {
                return Err(Refusal::Full);
            }
            Entry::Vacant(_) if running >= self.most => return Ok(None),
            Entry::Vacant(free) => free.insert(Known {
                number,
                task: None,
                waits: false,
            }),
        };
        state.next += 1;
        Ok(Some(Ticket {
            id: id.clone(),
            number,
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
        let (id, number) = (ticket.id.clone(), ticket.number);
        let task = tasks.spawn(run(ticket));
        // It may be done already, and is not known then.
        if let Some(known) = self.state().requests.get_mut(&id)
            && known.number == number
        {
            known.task = Some(task);
        }
    }

    /// Ends a request of which nobody wants the result.
    pub(super) fn cancel(&self, id: &RequestId) {
        if let Some(task) = self.remove(id, None).and_then(|known| known.task) {
            task.abort();
        }
    }

    /// Forgets a request, if it is still the one of this number.
    fn remove(&self, id: &RequestId, number: Option<u64>) -> Option<Known> {
        let mut state = self.state();
        let known = state.requests.get(id)?;
        if number.is_some_and(|number| number != known.number) {
            return None;
        }
        let known = state.requests.remove(id)?;
        state.waiting -= usize::from(known.waits);
        drop(state);
        self.room.notify_one();
        Some(known)
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
            && known.number == self.number
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
        self.running.remove(&self.id, Some(self.number));
    }
}
