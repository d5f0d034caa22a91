//! How much of a tool its callers may use, and what holds their calls to it.

pub(crate) mod rate;
pub(crate) mod rate_limiter;
pub(crate) mod slots;

use std::{fmt, num::NonZeroUsize, sync::Arc, time::Duration};

use self::{
    rate::Rate,
    rate_limiter::RateLimiter,
    slots::{Slot, Slots},
};
use crate::{
    context::Context,
    handler::{Answer, Outcome, Reply, ToolOutput},
};

/// How much of a tool its callers may use. Default: all they want.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How often each of them may call it.
    pub rate: Option<Rate>,
    /// How long one call may take.
    pub timeout: Option<Duration>,
    /// How many calls may run at the same time, whoever calls.
    pub concurrency: Option<NonZeroUsize>,
}

/// Holds the calls of one tool of one server to their limits.
pub(crate) struct Limiter {
    tool: String,
    limits: Limits,
    rate: Option<RateLimiter>,
    slots: Option<Arc<Slots>>,
}

/// Which limit a call has met.
enum Met {
    Concurrency(NonZeroUsize),
    Rate(Rate, Duration),
    Timeout(Duration),
}

impl Limiter {
    /// What holds a tool to these limits; none if there are none.
    pub(crate) fn new(tool: &str, limits: Limits) -> Option<Self> {
        (limits != Limits::default()).then(|| Self {
            tool: tool.to_owned(),
            limits,
            rate: limits.rate.map(RateLimiter::new),
            slots: limits.concurrency.map(|most| Arc::new(Slots::new(most))),
        })
    }

    /// Runs one call as far as its limits let it.
    pub(crate) fn call<'a>(
        self: &Arc<Self>,
        context: Context<'a>,
        run: impl FnOnce(Context<'a>) -> Reply,
    ) -> Reply {
        match self.admit(&context) {
            Ok(slot) => self.hold(run(context), slot),
            Err(met) => Reply::ready(self.told(&met)),
        }
    }

    /// Lets a call begin.
    fn admit(&self, context: &Context<'_>) -> Result<Option<Arc<Slot>>, Met> {
        // Before the rate: who finds no slot has not used up a call.
        let slot = match &self.slots {
            Some(slots) => {
                let slot = slots.take();
                Some(slot.ok_or_else(|| Met::Concurrency(slots.most()))?)
            }
            None => None,
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
        Ok(slot)
    }

    /// Keeps a call's slot until it ends, which is when its time is over at the latest.
    fn hold(self: &Arc<Self>, reply: Reply, slot: Option<Arc<Slot>>) -> Reply {
        let timeout = self.limits.timeout;
        if reply.is_ready() || timeout.is_none() && slot.is_none() {
            return reply;
        }
        let cache = reply.cache();
        let limiter = Arc::clone(self);
        let call = async move {
            match slot {
                Some(slot) => slot.during(reply).await,
                None => reply.await,
            }
        };
        let held = async move {
            match timeout {
                Some(time) => tokio::time::timeout(time, call)
                    .await
                    .unwrap_or_else(|_| limiter.told(&Met::Timeout(time))),
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
                // Rounded up: who comes back then is not sent away again.
                let seconds = wait
                    .as_secs()
                    .saturating_add((wait.subsec_nanos() > 0).into());
                let often = rate.in_words();
                write!(f, "may be called {often}; try again in {seconds} s")
            }
            Self::Timeout(time) => write!(
                f,
                "was given up: it may take {time:?}, and was not done; ask it for less, or try again later"
            ),
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
