//! So many calls at the same time.

use std::{
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
pub(super) struct Slot(Arc<Slots>);

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
    pub(super) fn take(self: &Arc<Self>) -> Option<Slot> {
        let one_more = |taken: usize| (taken < self.most.get()).then_some(taken + 1);
        // Nothing but the count itself is shared.
        let taken = self.taken.fetch_update(Relaxed, Relaxed, one_more);
        taken.is_ok().then(|| Slot(Arc::clone(self)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Relaxed);
    }
}
