//! Who has called how often lately, in bounded memory.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::rate::{Paid, Rate};

/// How many callers one table has: as many as a table of 32,768 places takes before it grows. A tool
/// has two of them, of 1 MiB each when full.
const MOST: usize = 32_768 / 8 * 7;

/// The calls of each caller against one rate.
///
/// Whoever has not called for the time that the rate is about has all of their calls again, and need
/// not be kept. So there are two tables: calls are written into the young one, and when that time is
/// over, it becomes the old one, and what was old is dropped. A young table that is full becomes old
/// before its time; nobody is refused for that, but those who called longest ago begin anew. Who
/// could bring that about has more identities than a limit for each of them can hold back.
pub(super) struct Buckets {
    rate: Rate,
    start: Instant,
    hasher: RandomState,
    tables: Mutex<Tables>,
}

/// By a hash whose key nobody knows: of 57,344 callers, two share a bucket once in ten billion servers.
type Table = HashMap<u64, Paid>;

#[derive(Default)]
struct Tables {
    young: Table,
    old: Table,
    /// When the young one was begun.
    begun: Duration,
}

impl Buckets {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            start: Instant::now(),
            hasher: RandomState::new(),
            tables: Mutex::default(),
        }
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// Takes one of a caller's calls, or tells how long they have to wait for it.
    pub(super) fn take(&self, caller: impl Hash) -> Result<(), Duration> {
        let caller = self.hasher.hash_one(caller);
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock, so that it never runs backwards for the tables.
        let now = Instant::now().saturating_duration_since(self.start);
        tables.take(self.rate, caller, now)
    }
}

impl Tables {
    fn take(&mut self, rate: Rate, caller: u64, now: Duration) -> Result<(), Duration> {
        if now.saturating_sub(self.begun) >= rate.per() {
            self.turn(now);
        }
        let paid = self.young.get(&caller).or_else(|| self.old.get(&caller));
        let paid = rate.take(paid.copied().unwrap_or_default(), now)?;
        if self.young.len() >= MOST && !self.young.contains_key(&caller) {
            self.turn(now);
        }
        self.young.insert(caller, paid);
        Ok(())
    }

    /// The young table becomes the old one.
    fn turn(&mut self, now: Duration) {
        self.old = mem::take(&mut self.young);
        self.begun = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    impl Tables {
        fn bytes(&self) -> usize {
            // A byte of control for each place, and its key and value.
            let place = 1 + size_of::<(u64, Paid)>();
            let places = |table: &Table| (table.capacity() * 8 / 7).next_power_of_two();
            (places(&self.young) + places(&self.old)) * place
        }
    }

    #[test]
    fn a_million_callers_at_once_fit_under_the_cap_and_none_is_refused() {
        let rate = Rate::new(30, MINUTE);
        let mut tables = Tables::default();
        let mut most = 0;
        for caller in 0..1_000_000 {
            let now = Duration::from_nanos(caller);
            assert_eq!(tables.take(rate, caller, now), Ok(()));
            if caller.is_multiple_of(1000) {
                most = most.max(tables.bytes());
            }
        }
        assert!(tables.young.len() + tables.old.len() <= 2 * MOST);
        assert!(most <= 2_400_000, "{most} bytes");
    }

    #[test]
    fn who_is_at_the_limit_stays_there_while_few_others_call() {
        let rate = Rate::new(2, MINUTE);
        let mut tables = Tables::default();
        let greedy = u64::MAX;
        assert_eq!(tables.take(rate, greedy, Duration::ZERO), Ok(()));
        assert_eq!(tables.take(rate, greedy, Duration::ZERO), Ok(()));
        // One full table of others, and some.
        for other in 0..MOST as u64 + 100 {
            assert_eq!(tables.take(rate, other, Duration::ZERO), Ok(()));
        }
        let wait = tables.take(rate, greedy, Duration::ZERO);
        assert_eq!(wait, Err(MINUTE / 2));
    }

    #[test]
    fn who_has_all_calls_again_is_forgotten_and_nobody_else() {
        let rate = Rate::new(1, MINUTE);
        let mut tables = Tables::default();
        let second = Duration::from_secs(1);
        assert_eq!(tables.take(rate, 1, 59 * second), Ok(()));
        // A new table, and the old one still counts.
        assert_eq!(tables.take(rate, 2, 61 * second), Ok(()));
        assert_eq!(tables.take(rate, 1, 100 * second), Err(19 * second));
        assert_eq!(tables.take(rate, 3, 121 * second), Ok(()));
        assert_eq!(tables.young.len() + tables.old.len(), 2);
        assert_eq!(tables.take(rate, 2, 120 * second), Err(second));
        assert_eq!(tables.take(rate, 1, 121 * second), Ok(()));
    }
}
