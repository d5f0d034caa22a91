//! So many calls in so much time.

use std::{error::Error, fmt, num::NonZeroU32, str::FromStr, time::Duration};

/// So many calls in so much time, written `30/min`: per `s`, `min`, `h` or `d`.
///
/// A caller's time begins with their first call. All calls may come at once; when they are used up,
/// the next one is there when that time is over, and begins the next. So there are never more than
/// 30 calls in the minute that a first call begins; and since the last calls of one minute may come
/// right before the first of the next, up to 59 in a minute that somebody else measures.
///
/// ```
/// use std::time::Duration;
///
/// use mcp_core::Rate;
///
/// let rate = Rate::new(30, Duration::from_secs(60));
/// assert_eq!(rate.to_string(), "30/min");
/// assert_eq!("30/min".parse(), Ok(rate));
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

/// The time that a caller's calls are counted in, and how many of them were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// In nanoseconds since the limit is there, which are enough for 584 years.
    began: u64,
    taken: u32,
}

impl Window {
    /// Begins with a first call.
    pub(super) fn begin(now: Duration) -> Self {
        Self {
            began: now.as_nanos().try_into().unwrap_or(u64::MAX),
            taken: 1,
        }
    }

    /// How much of it is left; nothing once it is over.
    pub(super) fn left(&self, rate: Rate, now: Duration) -> Option<Duration> {
        let passed = now.saturating_sub(Duration::from_nanos(self.began));
        rate.per()
            .checked_sub(passed)
            .filter(|left| !left.is_zero())
    }

    /// Takes one call more, if there is one.
    pub(super) fn take(&mut self, rate: Rate) -> Option<()> {
        self.taken = Some(self.taken).filter(|taken| *taken < rate.calls())? + 1;
        Some(())
    }
}

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

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let rate = text.split_once('/').and_then(|(calls, unit)| {
            let calls = Some(calls).filter(|calls| !calls.starts_with('+'))?;
            let (per, ..) = UNITS.into_iter().find(|(_, name, _)| *name == unit)?;
            let calls = calls.parse().ok()?;
            Some(Self { calls, per })
        });
        rate.ok_or_else(|| RateError(text.to_owned()))
    }
}

impl TryFrom<&str> for Rate {
    type Error = RateError;

    fn try_from(text: &str) -> Result<Self, RateError> {
        text.parse()
    }
}

/// A text that is no [`Rate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateError(String);

impl fmt::Display for RateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no rate; expected one call at least per time, as in `5/s`, `30/min`, `1000/h`, \
             `10000/d`",
            self.0
        )
    }
}

impl Error for RateError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rate_and_no_time_is_too_large() {
        let rate = Rate::new(u32::MAX, Duration::MAX);
        let mut window = Window::begin(Duration::MAX);
        assert!(window.left(rate, Duration::MAX).is_some());
        assert!(window.take(rate).is_some());
        let rate = Rate::new(1, Duration::MAX);
        let mut window = Window::begin(Duration::ZERO);
        assert_eq!(window.left(rate, Duration::ZERO), Some(Duration::MAX));
        assert_eq!(window.take(rate), None);
    }

    #[test]
    fn a_rate_is_said_as_people_say_it() {
        let said = |calls, per| Rate::new(calls, Duration::from_secs(per)).in_words();
        assert_eq!(said(30, 60), "30 times a minute");
        assert_eq!(said(1, 86_400), "once a day");
        assert_eq!(said(5, 90), "5 times in 90s");
    }

    #[test]
    fn a_rate_is_written_as_it_is_in_attributes() {
        for (text, calls, secs) in [("5/s", 5, 1), ("30/min", 30, 60), ("1000/h", 1000, 3600)] {
            let rate = Rate::new(calls, Duration::from_secs(secs));
            assert_eq!(text.parse(), Ok(rate));
            assert_eq!(Rate::try_from(text).unwrap().to_string(), text);
        }
        for wrong in [
            "",
            "30",
            "30/",
            "/min",
            "30/minute",
            "3.5/s",
            "+3/s",
            "0/s",
            " 3/s",
        ] {
            let problem = wrong.parse::<Rate>().unwrap_err().to_string();
            assert!(problem.contains(&format!("{wrong:?}")), "{problem}");
            assert!(problem.contains("`30/min`"), "{problem}");
        }
    }
}
