//! So many calls in so much time.

use std::{fmt, num::NonZeroU32, time::Duration};

/// So many calls in so much time.
///
/// All of them may come at once; then one more is free whenever its share of the time is over: of 30
/// a minute, one every two seconds. Who has waited for the whole time has all of them again.
///
/// ```
/// use std::time::Duration;
///
/// use mcp_core::Rate;
///
/// let rate = Rate::new(30, Duration::from_secs(60));
/// assert_eq!(rate.to_string(), "30/min");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    calls: NonZeroU32,
    per: Duration,
}

impl Rate {
    /// So many calls in so much time. Neither can be zero: one is the least of each, a call and a
    /// millisecond.
    pub fn new(calls: u32, per: Duration) -> Self {
        Self {
            calls: NonZeroU32::new(calls).unwrap_or(NonZeroU32::MIN),
            per: per.max(Duration::from_millis(1)),
        }
    }

    /// How many calls.
    pub fn calls(&self) -> u32 {
        self.calls.get()
    }

    /// In how much time.
    pub fn per(&self) -> Duration {
        self.per
    }

    /// Takes one call of a caller whose earlier ones are paid like this, or tells how long they have
    /// to wait for it. This is the generic cell rate algorithm.
    pub(super) fn take(&self, earlier: Paid, now: Duration) -> Result<Paid, Duration> {
        // Time is counted in nanoseconds times calls: the share of one call is a whole number then,
        // and nothing is ever rounded. A Duration is less than 2^95 nanoseconds, so all of it fits.
        let calls = u128::from(self.calls());
        let share = self.per.as_nanos();
        let now = now.as_nanos().saturating_mul(calls);
        let paid = earlier.0.max(now).saturating_add(share);
        let ahead = paid.saturating_sub(now);
        match ahead.checked_sub(share.saturating_mul(calls)) {
            None | Some(0) => Ok(Paid(paid)),
            Some(too_far) => Err(Duration::from_nanos_u128(too_far.div_ceil(calls))),
        }
    }

    /// How often that is, for a model to read.
    pub(super) fn in_words(&self) -> String {
        let times = match self.calls() {
            1 => "once".to_owned(),
            calls => format!("{calls} times"),
        };
        match UNITS.into_iter().find(|unit| unit.0 == self.per) {
            Some((_, _, unit)) => format!("{times} {unit}"),
            None => format!("{times} in {:?}", self.per),
        }
    }
}

/// When all calls of one caller will be paid for, each with its share of the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Paid(u128);

/// The units of time that a rate is written in, and said.
const UNITS: [(Duration, &str, &str); 4] = [
    (Duration::from_secs(1), "s", "a second"),
    (Duration::from_secs(60), "min", "a minute"),
    (Duration::from_secs(3600), "h", "an hour"),
    (Duration::from_secs(86_400), "d", "a day"),
];

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.into_iter().find(|unit| unit.0 == self.per) {
            Some((_, unit, _)) => write!(f, "{}/{unit}", self.calls),
            None => write!(f, "{}/{:?}", self.calls, self.per),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same as a tank: so many calls at most, filled at the rate; in fractions that are exact.
    struct Tank {
        rate: Rate,
        /// In calls times nanoseconds of the whole time.
        level: u128,
        at: Duration,
    }

    impl Tank {
        fn full(rate: Rate) -> Self {
            let level = u128::from(rate.calls()) * rate.per().as_nanos();
            let at = Duration::ZERO;
            Self { rate, level, at }
        }

        /// Whether a call may be taken now.
        fn take(&mut self, now: Duration) -> bool {
            let calls = u128::from(self.rate.calls());
            let one = self.rate.per().as_nanos();
            self.level += (now - self.at).as_nanos() * calls;
            self.level = self.level.min(calls * one);
            self.at = now;
            let may = self.level >= one;
            self.level -= if may { one } else { 0 };
            may
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
    fn a_rate_is_exact_to_the_nanosecond_whatever_it_is() {
        let mut number = numbers();
        for _ in 0..200 {
            let per = Duration::from_nanos(1_000_000 + number(100_000_000_000));
            let rate = Rate::new(1 + number(40) as u32, per);
            let mut tank = Tank::full(rate);
            let (mut now, mut paid) = (Duration::ZERO, Paid::default());
            for _ in 0..500 {
                let share = per.as_nanos() as u64 / u64::from(rate.calls());
                now += Duration::from_nanos(match number(4) {
                    0 => 0,
                    1 => number(share),
                    2 => number(3 * share),
                    _ => 1,
                });
                let taken = rate.take(paid, now);
                assert_eq!(taken.is_ok(), tank.take(now), "{rate} at {now:?}");
                match taken {
                    Ok(next) => paid = next,
                    // What was told is when, and not a nanosecond sooner.
                    Err(wait) => {
                        let sooner = now + wait - Duration::from_nanos(1);
                        assert!(rate.take(paid, sooner).is_err(), "{rate} at {now:?}");
                        assert!(rate.take(paid, now + wait).is_ok(), "{rate} at {now:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn in_any_time_there_are_no_more_calls_than_at_once_and_those_it_brings() {
        let rate = Rate::new(7, Duration::from_secs(1));
        let (mut paid, mut taken) = (Paid::default(), Vec::new());
        // Somebody who tries all the time, for five seconds.
        for micros in (0..5_000_000).step_by(100) {
            let now = Duration::from_micros(micros);
            if let Ok(next) = rate.take(paid, now) {
                paid = next;
                taken.push(now);
            }
        }
        assert_eq!(taken.len(), 7 + 5 * 7 - 1);
        for (at, first) in taken.iter().enumerate() {
            for (count, last) in taken[at..].iter().enumerate() {
                let brought = (*last - *first).as_nanos() * 7 / 1_000_000_000;
                assert!(count as u128 <= 6 + brought, "{first:?} to {last:?}");
            }
        }
    }

    #[test]
    fn no_rate_and_no_time_is_too_large() {
        let rate = Rate::new(u32::MAX, Duration::MAX);
        let paid = rate.take(Paid::default(), Duration::MAX).unwrap();
        assert!(rate.take(paid, Duration::MAX).is_ok());
        let rate = Rate::new(1, Duration::MAX);
        let paid = rate.take(Paid::default(), Duration::ZERO).unwrap();
        assert_eq!(rate.take(paid, Duration::ZERO), Err(Duration::MAX));
    }

    #[test]
    fn a_rate_is_said_as_people_say_it() {
        let said = |calls, per| Rate::new(calls, Duration::from_secs(per)).in_words();
        assert_eq!(said(30, 60), "30 times a minute");
        assert_eq!(said(1, 86_400), "once a day");
        assert_eq!(said(5, 90), "5 times in 90s");
    }
}
