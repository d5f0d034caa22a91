//! So much time for a call, and more while it tells progress.
//!
//! # Specification
//! Timeouts:
//! [2025-11-25](https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#timeouts),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/cancellation#timeouts)

use std::{fmt, future::Future, pin::pin, sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};

use crate::{
    error::{Error, Seen},
    handler::Reply,
    jsonrpc::ErrorCode,
    line::Line,
};

/// How long one call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeout {
    pub(super) time: Duration,
    /// How long it may take in all, where progress begins the time anew.
    pub(super) most: Option<Duration>,
}

/// Why a call was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimedOut {
    /// It was not done in the time that it may take in all.
    Late(Duration),
    /// It told no progress for so long.
    Stalled(Duration),
}

impl Timeout {
    /// What comes of the call, unless its time is over before.
    pub(super) async fn during<T>(
        self,
        line: Option<Arc<Line>>,
        call: impl Future<Output = T>,
    ) -> Result<T, TimedOut> {
        let mut call = pin!(call);
        let Some((line, most)) = line.zip(self.most) else {
            let ended = timeout(self.time, call).await;
            return ended.map_err(|_| TimedOut::Late(self.time));
        };
        let begun = Instant::now();
        let mut left = self.time.min(most);
        loop {
            if let Ok(ended) = timeout(left, &mut call).await {
                return Ok(ended);
            }
            let left_in_all = most.saturating_sub(begun.elapsed());
            if left_in_all.is_zero() {
                return Err(TimedOut::Late(most));
            }
            // Progress is looked for when the time is over, and costs nothing before.
            let since = line.last_progress().unwrap_or(self.time);
            left = self.time.saturating_sub(since).min(left_in_all);
            if left.is_zero() {
                return Err(TimedOut::Stalled(self.time));
            }
        }
    }
}

/// How far a call is, and since when.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Furthest(Option<(f64, Instant)>);

impl Furthest {
    /// Notes how far it is; false if that is no further than before.
    pub(crate) fn advance(&mut self, progress: f64) -> bool {
        let is_further = self.0.is_none_or(|(before, _)| progress > before);
        if is_further {
            self.0 = Some((progress, Instant::now()));
        }
        is_further
    }

    /// How long it has been there.
    pub(crate) fn since(&self) -> Option<Duration> {
        self.0.map(|(_, since)| since.elapsed())
    }
}

/// Holds a call to its time whose answer cannot tell of an error: then an error of the protocol does.
pub(crate) fn within(
    time: Option<Duration>,
    kind: &'static str,
    name: &str,
    reply: Reply,
) -> Reply {
    let Some(time) = time.filter(|_| !reply.is_ready()) else {
        return reply;
    };
    let (cache, name) = (reply.cache(), name.to_owned());
    Reply::pending(async move {
        let timeout = Timeout { time, most: None };
        let ended = timeout.during(None, reply).await;
        ended.unwrap_or_else(|timed_out| {
            Err(Error::Custom {
                code: ErrorCode::INTERNAL_ERROR,
                message: format!("{kind} `{}` {timed_out}; try again later", Seen(&name)),
                data: None,
            })
        })
    })
    .with_cache(cache)
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("was given up: ")?;
        match self {
            Self::Late(time) => write!(f, "it may take {time:?}, and was not done"),
            Self::Stalled(time) => write!(f, "it made no progress in {time:?}"),
        }
    }
}
