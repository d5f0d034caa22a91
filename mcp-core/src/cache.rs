//! How long an answer may be kept, and by whom.
//!
//! # Specification
//! [2026-07-28, Caching](https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching)

use std::{fmt, time::Duration};

/// How long an answer may be kept, and by whom. Default: not at all, and by nobody but the caller.
///
/// ```
/// use std::time::Duration;
///
/// use mcp_core::{Cache, CacheScope, Server};
///
/// let a_minute = Cache { ttl: Duration::from_secs(60), scope: CacheScope::Private };
/// Server::new("library", "1.0.0").list_cache(a_minute).build()?;
/// # Ok::<(), mcp_core::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cache {
    /// For how long.
    pub ttl: Duration,
    /// By whom.
    pub scope: CacheScope,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            ttl: Duration::ZERO,
            scope: CacheScope::Private,
        }
    }
}

/// Who may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheScope {
    /// Anybody, proxies included: it is the same for every caller.
    Public,
    /// Its caller only.
    Private,
}

impl fmt::Display for CacheScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Private => "private",
        })
    }
}
