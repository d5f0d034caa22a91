//! Who has called how often lately, in bounded memory.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::rate::{Rate, Window};

/// How many callers one table has: as many as a table of 32,768 places takes before it grows. There
/// are two of them, of 0.8 MB each when full.
const MOST: usize = 32_768 / 8 * 7;

/// Holds each of any number of callers to one rate, in bounded memory.
///
/// It is what stands behind `rate_limit` of a tool and of a server; of use by itself where something
/// else is to be limited, or for somebody else: a tenant, a document. A caller is whatever can be
/// hashed.
///
/// Two tables of 28,672 callers are kept, 1.6 MB at most. Nobody is forgotten before their window is
/// over, as long as no more callers than one table has begin a window within its time. Of many more,
/// those who began theirs longest ago begin anew; nobody is refused for that. Who could bring it
/// about has more identities than a limit for each of them can hold back.
///
/// Time is that of tokio, so tests can stop it.
///
/// ```
/// use std::time::Duration;
///
/// use mcp_core::{Rate, RateLimiter};
///
/// let limiter = RateLimiter::new(Rate::new(2, Duration::from_secs(60)));
/// assert!(limiter.take("alice").is_ok());
/// assert!(limiter.take("alice").is_ok());
/// let wait = limiter.take("alice").unwrap_err();
/// assert!(wait <= Duration::from_secs(60));
/// assert!(limiter.take("bob").is_ok());
/// ```
pub struct RateLimiter {
    rate: Rate,
    start: Instant,
    hasher: RandomState,
    tables: Mutex<Tables>,
}

/// By a hash whose key nobody knows: of 57,344 callers, two share a window once in ten billion servers.
type Table = HashMap<u64, Window>;

/// Windows are written into the young table. When it is as old as a window is long, it becomes the old
/// one, and what was old is dropped: every window in there is over by then.
#[derive(Default)]
struct Tables {
    young: Table,
    old: Table,
    /// When the young one was begun.
    begun: Duration,
}

impl RateLimiter {
    /// Nobody has called yet.
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            start: Instant::now(),
            hasher: RandomState::new(),
            tables: Mutex::default(),
        }
    }

    /// What everybody is held to.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Takes one of a caller's calls.
    ///
    /// # Errors
    /// How long they have to wait for the next one, if there is none left: the rest of their window.
    pub fn take(&self, caller: impl Hash) -> Result<(), Duration> {
        let caller = self.hasher.hash_one(caller);
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock, so that it never runs backwards for the tables.
        let now = Instant::now().saturating_duration_since(self.start);
        tables.take(self.rate, caller, now)
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RateLimiter").field(&self.rate).finish()
    }
}

impl Tables {
    fn take(&mut self, rate: Rate, caller: u64, now: Duration) -> Result<(), Duration> {
        if now.saturating_sub(self.begun) >= rate.per() {
            self.turn(now);
        }
        let known = match self.young.get_mut(&caller) {
            Some(window) => Some(window),
            None => self.old.get_mut(&caller),
        };
        if let Some(window) = known
            && let Some(left) = window.left(rate, now)
        {
            return window.take(rate).ok_or(left);
        }
        if self.young.len() >= MOST {
            self.turn(now);
        }
        self.young.insert(caller, Window::begin(now));
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
    use std::ops::Range;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    impl Tables {
        fn bytes(&self) -> usize {
            // A byte of control for each place, and its key and value.
            let place = 1 + size_of::<(u64, Window)>();
            let places = |table: &Table| (table.capacity() * 8 / 7).next_power_of_two();
            (places(&self.young) + places(&self.old)) * place
        }
    }

    /// Keeps every window there ever was, in whole nanoseconds.
    #[derive(Default)]
    struct Naive(HashMap<u64, (Range<u128>, u32)>);

    impl Naive {
        fn take(&mut self, rate: Rate, caller: u64, now: Duration) -> Result<(), Duration> {
            let now = now.as_nanos();
            let fresh = (now..now + rate.per().as_nanos(), 0);
            let (window, taken) = self.0.entry(caller).or_insert_with(|| fresh.clone());
            if now >= window.end {
                (*window, *taken) = fresh;
            }
            if *taken == rate.calls() {
                return Err(Duration::from_nanos_u128(window.end - now));
            }
            *taken += 1;
            Ok(())
        }
    }

    /// The same numbers in every run.
    fn numbers() -> impl FnMut(u64) -> u64 {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        move |below| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        }
    }

    #[test]
    fn a_rate_is_exact_to_the_nanosecond_whoever_calls_and_whenever() {
        let mut number = numbers();
        for _ in 0..300 {
            let per = Duration::from_nanos(1_000_000 + number(100_000_000_000));
            let rate = Rate::new(1 + number(40) as u32, per);
            let (mut tables, mut naive) = (Tables::default(), Naive::default());
            let mut now = Duration::ZERO;
            for _ in 0..1000 {
                let share = per.as_nanos() as u64 / u64::from(rate.calls());
                now += Duration::from_nanos(match number(8) {
                    0..4 => 0,
                    4 => 1,
                    5 => number(share),
                    6 => number(3 * share),
                    _ => number(per.as_nanos() as u64),
                });
                let caller = number(5);
                let wait = naive.take(rate, caller, now);
                assert_eq!(
                    tables.take(rate, caller, now),
                    wait,
                    "{caller}, {rate} at {now:?}"
                );
                // What was told is when, and not a nanosecond sooner.
                if let Err(wait) = wait {
                    let sooner = wait - Duration::from_nanos(1);
                    assert!(tables.take(rate, caller, now + sooner).is_err());
                    now += wait;
                    assert_eq!(naive.take(rate, caller, now), Ok(()));
                    assert_eq!(tables.take(rate, caller, now), Ok(()));
                }
            }
        }
    }

    #[test]
    fn who_tries_all_the_time_gets_the_rate_in_every_window() {
        let rate = Rate::new(60, MINUTE);
        let mut tables = Tables::default();
        // Of 5 minutes that begin amid one of the table.
        let start = Duration::from_secs(1000);
        for minute in 0..5 {
            let taken = (0..60_000).filter(|millis| {
                let now = start + minute * MINUTE + Duration::from_millis(*millis);
                tables.take(rate, 1, now).is_ok()
            });
            assert_eq!(taken.count(), 60);
        }
    }

    #[test]
    fn in_no_time_as_long_as_a_window_are_twice_as_many_calls() {
        let rate = Rate::new(7, MINUTE);
        let mut tables = Tables::default();
        let mut number = numbers();
        let (mut now, mut taken) = (Duration::ZERO, Vec::new());
        for _ in 0..100_000 {
            now += Duration::from_millis(number(4) * number(4) * number(2000));
            if tables.take(rate, 1, now).is_ok() {
                taken.push(now);
            }
        }
        let within = |from: Duration| move |at: &&Duration| **at >= from && **at < from + MINUTE;
        let most = taken.iter().map(|first| {
            let begins = taken.partition_point(|at| at < first);
            taken[begins..].iter().take_while(within(*first)).count()
        });
        assert_eq!(most.max(), Some(2 * 7 - 1));
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
        assert!(most <= 1_640_000, "{most} bytes");
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
        assert_eq!(wait, Err(MINUTE));
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
        assert_eq!(tables.take(rate, 2, 120 * second), Err(second));
        assert_eq!(tables.take(rate, 3, 121 * second), Ok(()));
        assert_eq!(tables.young.len() + tables.old.len(), 2);
        assert_eq!(tables.take(rate, 1, 121 * second), Ok(()));
    }
}
