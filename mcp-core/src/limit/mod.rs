//! How much of a tool its callers may use, and what holds their calls to it.

pub(crate) mod rate;
pub(crate) mod rate_limiter;
pub(crate) mod slots;
pub(crate) mod timeout;

use std::{fmt, num::NonZeroUsize, sync::Arc, time::Duration};

use self::{
    rate::Rate,
    rate_limiter::RateLimiter,
    slots::{Slot, Slots},
    timeout::{TimedOut, Timeout},
};
use crate::{
    context::Context,
    handler::{Answer, Outcome, Reply, ToolOutput},
    line::Line,
};

/// How much of a tool its callers may use. Default: all they want.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How often each of them may call it.
    pub rate: Option<Rate>,
    /// How long one call may take.
    pub timeout: Option<Duration>,
    /// How long it may take in all, where progress begins its time anew.
    pub max_timeout: Option<Duration>,
    /// How many calls may run at the same time, whoever calls.
    pub concurrency: Option<NonZeroUsize>,
}

/// Holds the calls of one tool of one server to their limits.
pub(crate) struct Limiter {
    tool: String,
    limits: Limits,
    rate: Option<RateLimiter>,
    slots: Option<Slots>,
}

/// When a call may run.
enum Turn {
    Now(Option<Arc<Slot>>),
    /// Once one of these is free.
    Soon(Slots),
}

/// Which limit a call has met.
enum Met {
    Concurrency(NonZeroUsize),
    Rate(Rate, Duration),
    Timeout(TimedOut),
}

impl Limits {
    /// What contradicts itself, or leaves no time.
    pub(crate) fn problems(&self, problems: &mut Vec<String>) {
        no_time(self.timeout, problems);
        match (self.timeout, self.max_timeout) {
            (None, Some(_)) => problems.push(
                "it has a `max_timeout` and no `timeout`, which progress would begin anew"
                    .to_owned(),
            ),
            (Some(time), Some(most)) if most < time => problems.push(format!(
                "its `max_timeout` of {most:?} is less than its `timeout` of {time:?}"
            )),
            _ => {}
        }
    }
}

/// Rounded up: who comes back then is not sent away again.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    let begun = u64::from(wait.subsec_nanos() > 0);
    wait.as_secs().saturating_add(begun).max(1)
}

/// A timeout that nothing can keep is a mistake.
pub(crate) fn no_time(timeout: Option<Duration>, problems: &mut Vec<String>) {
    if timeout.is_some_and(|time| time.is_zero()) {
        problems.push("its timeout is zero, and no call ends in no time".to_owned());
    }
}

impl Limiter {
    /// What holds a tool to these limits; none if there are none.
    pub(crate) fn new(tool: &str, limits: Limits) -> Option<Self> {
        (limits != Limits::default()).then(|| Self {
            tool: tool.to_owned(),
            limits,
            rate: limits.rate.map(RateLimiter::new),
            slots: limits.concurrency.map(Slots::new),
        })
    }

    /// Runs one call as far as its limits let it.
    pub(crate) fn call<'a>(
        self: &Arc<Self>,
        context: Context<'a>,
        run: impl FnOnce(Context<'a>) -> Reply,
    ) -> Reply {
        match self.admit(&context) {
            Ok(turn) => {
                // Of a call that has to wait, nothing but its future is made: only those wait that ask,
                // and who asks awaits.
                let reply = run(context);
                // Whoever can tell progress has a line by now.
                let line = self.limits.max_timeout.and_then(|_| context.made_line());
                self.hold(reply, turn, line)
            }
            Err(met) => Reply::ready(self.told(&met)),
        }
    }

    /// Lets a call begin.
    fn admit(&self, context: &Context<'_>) -> Result<Turn, Met> {
        // Before the rate: who finds no slot has not used up a call.
        let turn = match &self.slots {
            None => Turn::Now(None),
            Some(slots) => match slots.take() {
                Some(slot) => Turn::Now(Some(slot)),
                // Somebody has answered a question for it: that must not be in vain.
                None if context.goes_on() => Turn::Soon(slots.clone()),
                None => return Err(Met::Concurrency(slots.most())),
            },
        };
        // A function that runs again with an answer is still the same call.
        if let Some(limiter) = &self.rate
            && !context.runs_again()
        {
            // Callers whom nobody knows cannot be told apart.
            let principal = context.identity().map(|who| (who.issuer(), who.subject()));
            let met = |wait| Met::Rate(limiter.rate(), wait);
            limiter.take(principal).map_err(met)?;
        }
        Ok(turn)
    }

    /// Keeps a call's slot until it ends, which is when its time is over at the latest.
    fn hold(self: &Arc<Self>, reply: Reply, turn: Turn, line: Option<Arc<Line>>) -> Reply {
        let most = self.limits.max_timeout;
        let timeout = self.limits.timeout.map(|time| Timeout { time, most });
        if reply.is_ready() || timeout.is_none() && matches!(turn, Turn::Now(None)) {
            return reply;
        }
        let cache = reply.cache();
        let limiter = Arc::clone(self);
        let held = async move {
            // Its time begins when it runs.
            let slot = match turn {
                Turn::Now(slot) => slot,
                Turn::Soon(slots) => slots.wait().await,
            };
            let call = async move {
                match slot {
                    Some(slot) => slot.during(reply).await,
                    None => reply.await,
                }
            };
            match timeout {
                Some(timeout) => {
                    let ended = timeout.during(line, call).await;
                    ended.unwrap_or_else(|timed_out| limiter.told(&Met::Timeout(timed_out)))
                }
                None => call.await,
            }
        };
        Reply::pending(held).with_cache(cache)
    }

    /// A result, so that the model learns what to do: it may try again, or do with less.
    fn told(&self, met: &Met) -> Outcome {
        let text = format!("`{}` {met}", self.tool);
        Ok(Answer::CallTool(ToolOutput::error(text)))
    }
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Concurrency(most) => {
                let calls = if most.get() == 1 { "call" } else { "calls" };
                write!(
                    f,
                    "runs {most} {calls} at a time, and no more now; try again in a moment"
                )
            }
            Self::Rate(rate, wait) => {
                let seconds = whole_seconds(*wait);
                let often = rate.in_words();
                write!(f, "may be called {often}; try again in {seconds} s")
            }
            Self::Timeout(timed_out) => {
                write!(f, "{timed_out}; ask it for less, or try again later")
            }
        }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter")
            .field("tool", &self.tool)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
