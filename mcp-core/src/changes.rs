//! The hub that changes go through: what a server offers has changed, and clients may want to know.

use std::{
    fmt,
    sync::{Mutex, PoisonError, Weak},
};

/// How many resources one client may watch, and how many bytes their URIs may have.
pub(crate) const MOST_WATCHED: usize = 1_000;
pub(crate) const MOST_WATCHED_BYTES: usize = 128 * 1024;

/// Something that clients may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The list of tools is another.
    Tools,
    /// The list of resources or of resource templates is another.
    Resources,
    /// The list of prompts is another.
    Prompts,
    /// The resource at this URI holds something else.
    Resource(String),
}

/// Wants to know of changes. It must not wait for anything.
pub trait Watch: Send + Sync {
    /// Something has changed.
    fn changed(&self, change: &Change);
}

/// Tells changes to everybody who watches.
#[derive(Default)]
pub struct Changes(Mutex<Vec<Weak<dyn Watch>>>);

impl Changes {
    /// Tells `watcher` from now on, for as long as it lives.
    pub fn watch(&self, watcher: Weak<dyn Watch>) {
        let mut watchers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|watcher| watcher.strong_count() > 0);
        watchers.push(watcher);
    }

    /// Tells everybody who watches.
    pub(crate) fn tell(&self, change: &Change) {
        let watchers = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        watchers
            .iter()
            .filter_map(Weak::upgrade)
            .for_each(|watcher| watcher.changed(change));
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Changes")
    }
}
