//! When nobody can tell whom a credential belongs to.

use std::{error::Error, fmt, time::Duration};

use http::StatusCode;
use mcp_core::jsonrpc::{ErrorCode, ErrorObject};

use crate::refusal::Refusal;

/// Why it cannot be told at the moment whom a credential belongs to: a database is away, an issuer
/// does not answer.
///
/// Any error becomes one by `?`. The caller is answered 503 and when to come again, so that nobody
/// throws a good credential away; the reason is in the log, and has to hold nothing of the credential.
///
/// ```
/// use std::time::Duration;
///
/// use mcp_http::auth::Unavailable;
///
/// fn find(key: &str) -> Result<Option<u64>, Unavailable> {
///     match key {
///         "moving" => Err(Unavailable::new("the table is moving").retry_after(Duration::from_secs(60))),
///         key => Ok(Some(key.parse()?)),
///     }
/// }
/// assert!(find("moving").is_err() && find("no number").is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Unavailable {
    reason: String,
    retry_after: Duration,
}

impl Unavailable {
    /// For this reason, which is for the log.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self {
            reason: reason.to_string(),
            retry_after: Duration::from_secs(5),
        }
    }

    /// When it may be tried again. Default: in 5 s.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = time;
        self
    }

    /// What the caller is told.
    pub(super) fn refuse(self) -> Refusal {
        tracing::warn!(reason = self.reason, "a credential could not be checked");
        let error = ErrorObject::new(
            ErrorCode::INTERNAL_ERROR,
            "Credentials cannot be checked at the moment; try again later",
        );
        Refusal::from_error(StatusCode::SERVICE_UNAVAILABLE, error).retry_after(self.retry_after)
    }
}

impl<E: Error> From<E> for Unavailable {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}
