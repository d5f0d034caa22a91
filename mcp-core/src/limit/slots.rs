//! So many calls at the same time.

use std::{future::Future, num::NonZeroUsize, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many calls may run at the same time, and which of these places are free.
#[derive(Clone)]
pub(super) struct Slots {
    most: NonZeroUsize,
    free: Arc<Semaphore>,
}

/// One call that runs, until it is dropped.
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
}

tokio::task_local! {
    /// The slot of the call that is polled.
    static HELD: Arc<Slot>;
}

impl Slots {
    pub(super) fn new(most: NonZeroUsize) -> Self {
        let free = Semaphore::new(most.get().min(Semaphore::MAX_PERMITS));
        Self {
            most,
            free: Arc::new(free),
        }
    }

    pub(super) fn most(&self) -> NonZeroUsize {
        self.most
    }

    /// A slot, if one is free.
    pub(super) fn take(&self) -> Option<Arc<Slot>> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        Some(Arc::new(Slot { _permit: permit }))
    }

    /// A slot once one is free, for each in the order of asking.
    pub(super) async fn wait(self) -> Option<Arc<Slot>> {
        // Never closed, so there is one.
        let permit = self.free.acquire_owned().await.ok()?;
        Some(Arc::new(Slot { _permit: permit }))
    }
}

impl Slot {
    /// What the call does, holding its slot.
    pub(super) async fn during<T>(self: Arc<Self>, call: impl Future<Output = T>) -> T {
        HELD.scope(self, call).await
    }

    /// That of the call that is polled, if it has one: for what may outlive the call.
    pub(crate) fn held() -> Option<Arc<Self>> {
        HELD.try_with(Arc::clone).ok()
    }
}
