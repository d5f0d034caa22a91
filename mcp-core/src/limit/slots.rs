//! So many calls at the same time.

use std::{
    future::Future,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// How many calls run, and how many may.
pub(super) struct Slots {
    most: NonZeroUsize,
    taken: AtomicUsize,
}

/// One call that runs, until it is dropped.
pub(crate) struct Slot(Arc<Slots>);

tokio::task_local! {
    /// The slot of the call that is polled.
    static HELD: Arc<Slot>;
}

impl Slots {
    pub(super) fn new(most: NonZeroUsize) -> Self {
        Self {
            most,
            taken: AtomicUsize::new(0),
        }
    }

    pub(super) fn most(&self) -> NonZeroUsize {
        self.most
    }

    /// A slot, if one is free.
    pub(super) fn take(self: &Arc<Self>) -> Option<Arc<Slot>> {
        let one_more = |taken: usize| (taken < self.most.get()).then_some(taken + 1);
        // Nothing but the count itself is shared.
        let taken = self.taken.fetch_update(Relaxed, Relaxed, one_more);
        taken.is_ok().then(|| Arc::new(Slot(Arc::clone(self))))
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

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Relaxed);
    }
}
