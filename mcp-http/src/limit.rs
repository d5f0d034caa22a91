//! How often somebody may send requests, known or unknown.

use std::{net::IpAddr, time::Duration};

use http::{HeaderMap, StatusCode};
use mcp_core::{Identity, Rate, RateLimiter};

use crate::{
    error::{Error, Result},
    proxy::{TrustedProxies, masked},
    refusal::{Refusal, whole_seconds},
};

/// How much of an IPv6 address is one client: whoever has an address has a network of this size.
const IPV6_NETWORK: u8 = 64;

/// How often somebody may send requests, as it was set.
#[derive(Debug, Default)]
pub(crate) struct RateSettings {
    pub(crate) caller: Option<RateSetting>,
    pub(crate) address: Option<RateSetting>,
    pub(crate) proxies: Vec<String>,
}

/// A rate, or why it is none.
pub(crate) type RateSetting = std::result::Result<Rate, String>;

/// Holds requests to how often somebody may send them.
#[derive(Debug)]
pub(crate) struct RateLimits {
    caller: Option<RateLimiter>,
    address: Option<RateLimiter>,
    proxies: TrustedProxies,
}

/// Where a request came from.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Who is connected; nobody knows over a Unix socket.
    pub(crate) peer: Option<IpAddr>,
    pub(crate) headers: &'a HeaderMap,
}

/// Who is counted as one.
#[derive(Clone, Copy, Debug, Hash)]
enum Caller<'a> {
    Known(Option<&'a str>, &'a str),
    Unknown(Option<IpAddr>),
}

impl RateLimits {
    pub(crate) fn new(wanted: RateSettings) -> Result<Self> {
        let proxies = TrustedProxies::parse(&wanted.proxies)
            .map_err(|problem| Error::config(format!("`trusted_proxies`: {problem}")))?;
        Ok(Self {
            caller: limiter(wanted.caller, "rate_limit")?,
            address: limiter(wanted.address, "ip_rate_limit")?,
            proxies,
        })
    }

    /// Counts a request for the address it came from, whoever sent it.
    pub(crate) fn count_address(&self, source: Source<'_>) -> std::result::Result<(), Refusal> {
        let Some(limiter) = &self.address else {
            return Ok(());
        };
        let client = self.client(source);
        let taken = limiter.take(client);
        taken.map_err(|wait| {
            tracing::debug!(?client, "an address has used up its requests");
            too_many(limiter.rate(), "address", wait, "ip_rate_limit")
        })
    }

    /// Counts a request for whoever sent it.
    pub(crate) fn count_caller(
        &self,
        identity: Option<&Identity>,
        source: Source<'_>,
    ) -> std::result::Result<(), Refusal> {
        let Some(limiter) = &self.caller else {
            return Ok(());
        };
        let caller = match identity {
            Some(who) => Caller::Known(who.issuer(), who.subject()),
            None => Caller::Unknown(self.client(source)),
        };
        let taken = limiter.take(caller);
        taken.map_err(|wait| {
            tracing::debug!(?caller, "a caller has used up their requests");
            too_many(limiter.rate(), "caller", wait, "rate_limit")
        })
    }

    /// What of an address is one client, if there is an address.
    fn client(&self, source: Source<'_>) -> Option<IpAddr> {
        let client = self.proxies.client(source.peer?, source.headers);
        Some(match client {
            IpAddr::V4(_) => client,
            IpAddr::V6(_) => masked(client, IPV6_NETWORK),
        })
    }
}

fn limiter(rate: Option<RateSetting>, setting: &str) -> Result<Option<RateLimiter>> {
    let rate = rate.transpose();
    let rate = rate.map_err(|problem| Error::config(format!("`{setting}`: {problem}")))?;
    Ok(rate.map(RateLimiter::new))
}

fn too_many(rate: Rate, who: &str, wait: Duration, setting: &str) -> Refusal {
    let seconds = whole_seconds(wait);
    let reason = format!(
        "Too many requests: each {who} may send {rate}; try again in {seconds} s (setting: `{setting}`)"
    );
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, reason).retry_after(wait)
}
