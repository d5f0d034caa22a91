//! How much of a tool its callers may use.

use std::{
    fmt,
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

/// So many calls in so much time.
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
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [(1, "s"), (60, "min"), (3600, "h"), (86_400, "d")];
        let unit = named
            .into_iter()
            .find(|(seconds, _)| self.per == Duration::from_secs(*seconds));
        match unit {
            Some((_, unit)) => write!(f, "{}/{unit}", self.calls),
            None => write!(f, "{}/{:?}", self.calls, self.per),
        }
    }
}

/// How much of a tool its callers may use. Default: all they want.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How often.
    pub rate: Option<Rate>,
    /// How long one call may take.
    pub timeout: Option<Duration>,
    /// How many calls may run at the same time.
    pub concurrency: Option<NonZeroUsize>,
}
