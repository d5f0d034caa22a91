//! So many bytes for all sessions together: what strangers can make a server keep is bounded.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How much may be kept, and how much is.
#[derive(Debug)]
pub(super) struct Budget(Arc<Account>);

#[derive(Debug)]
struct Account {
    most: usize,
    held: AtomicUsize,
}

impl Budget {
    pub(super) fn new(most: usize) -> Self {
        let held = AtomicUsize::new(0);
        Self(Arc::new(Account { most, held }))
    }

    /// How much may be kept.
    pub(super) fn most(&self) -> usize {
        self.0.most
    }

    /// A share that holds nothing yet.
    pub(super) fn share(&self) -> Share {
        Share {
            account: Arc::clone(&self.0),
            held: 0,
        }
    }

    /// How much is kept.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.0.held.load(Ordering::Relaxed)
    }
}

/// What one keeps of a budget; dropped, it is free again.
#[derive(Debug)]
pub(super) struct Share {
    account: Arc<Account>,
    held: usize,
}

impl Share {
    /// Holds so many bytes from now on. False if that is more than there is: whoever holds them all
    /// the same has to let go of some.
    pub(super) fn hold(&mut self, bytes: usize) -> bool {
        let held = &self.account.held;
        let before = if bytes >= self.held {
            held.fetch_add(bytes - self.held, Ordering::Relaxed)
        } else {
            held.fetch_sub(self.held - bytes, Ordering::Relaxed)
        };
        let all = before.wrapping_add(bytes).wrapping_sub(self.held);
        self.held = bytes;
        all <= self.account.most
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.hold(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_lets_go_of_another_may_hold() {
        let budget = Budget::new(10);
        let (mut one, mut two) = (budget.share(), budget.share());
        assert!(one.hold(7) && two.hold(3) && !two.hold(4));
        assert!(one.hold(2) && two.hold(8));
        drop(two);
        assert_eq!(budget.held(), 2);
        assert!(one.hold(10));
        drop(one);
        assert_eq!(budget.held(), 0);
    }
}
