//! Log messages for the client.
//!
//! # Specification
//! [2025-11-25, Logging](https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/logging),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/logging)

use serde::{Deserialize, Serialize};

/// How much a log message matters, as syslog has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoggingLevel {
    /// Details for whoever looks for a fault.
    Debug,
    /// What normally happens.
    Info,
    /// What normally happens, and matters.
    Notice,
    /// What may become a fault.
    Warning,
    /// A fault.
    Error,
    /// A part of the system is down.
    Critical,
    /// Somebody must act at once.
    Alert,
    /// Nothing works.
    Emergency,
}
