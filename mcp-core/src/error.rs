//! Why a request was refused, by who can put it right.

use std::fmt;

use serde_json::Value;

use crate::{ask::Capability, jsonrpc::ErrorCode};

/// Why a request was refused, one variant per party who can put it right.
///
/// [`Display`](fmt::Display) is what the peer is told. Which code goes with it is for the era to
/// say, and an internal failure tells its reference number only.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The client asked for a method that is not served.
    MethodNotFound {
        /// The method.
        method: String,
    },
    /// The client sent parameters that do not fit the method.
    InvalidParams {
        /// Which, and why.
        reason: String,
    },
    /// The client named something that is not there.
    NotFound(Missing),
    /// The client must say who it is before this is done for it.
    AuthenticationRequired {
        /// What for, such as `tool: dm_send`.
        target: String,
    },
    /// The client must be allowed more before this is done for it.
    InsufficientScope {
        /// What for, such as `tool: dm_send`.
        target: String,
        /// What it needs to be allowed, all of it.
        scopes: Vec<String>,
    },
    /// The client cannot do what this needs of it.
    MissingCapability(Capability),
    /// A handler chose the code and the words itself.
    Custom {
        /// What kind of error it is.
        code: ErrorCode,
        /// What to tell the peer.
        message: String,
        /// What a program may want to know.
        data: Option<Value>,
    },
    /// The server failed. What happened is in the log under this reference, and nowhere else.
    Internal(Reference),
}

/// Why a caller was turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied {
    /// It has to say who it is.
    Unauthenticated,
    /// It has to be allowed more: these scopes, all of them.
    InsufficientScope(Vec<String>),
}

impl Denied {
    /// Whether this is how a caller is turned away, and how.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::AuthenticationRequired { .. } => Some(Self::Unauthenticated),
            Error::InsufficientScope { scopes, .. } => {
                Some(Self::InsufficientScope(scopes.clone()))
            }
            _ => None,
        }
    }
}

/// What the client named that is not there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Missing {
    /// A tool, by name.
    Tool(String),
    /// A resource, by URI.
    Resource(String),
    /// A prompt, by name.
    Prompt(String),
}

impl Error {
    /// The client sent parameters that do not fit the method.
    pub fn invalid_params(reason: impl fmt::Display) -> Self {
        Self::InvalidParams {
            reason: reason.to_string(),
        }
    }

    /// The server failed: logs `cause` under a fresh reference, and keeps the reference only.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let reference = Reference::new();
        tracing::error!(%reference, cause = %cause, "request failed");
        Self::Internal(reference)
    }

    /// What a handler that chose the words wants a program to know.
    pub(crate) fn data(&self) -> Option<&Value> {
        match self {
            Self::Custom { data, .. } => data.as_ref(),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MethodNotFound { method } => {
                write!(f, "Method not found: {}", Seen(method))
            }
            Self::InvalidParams { reason } => write!(f, "Invalid params: {reason}"),
            Self::NotFound(Missing::Tool(name)) => write!(f, "Unknown tool: {}", Seen(name)),
            Self::NotFound(Missing::Resource(uri)) => {
                write!(f, "Resource not found: {}", Seen(uri))
            }
            Self::NotFound(Missing::Prompt(name)) => write!(f, "Unknown prompt: {}", Seen(name)),
            Self::AuthenticationRequired { target } => {
                write!(f, "Authentication required for {target}")
            }
            Self::InsufficientScope { target, scopes } => {
                write!(
                    f,
                    "Insufficient scope for {target}: it needs `{}`",
                    scopes.join(" ")
                )
            }
            Self::MissingCapability(needed) => {
                write!(f, "This needs a client with the capability `{needed}`")
            }
            Self::Custom { message, .. } => f.write_str(message),
            Self::Internal(reference) => write!(f, "Internal error (ref {reference})"),
        }
    }
}

impl std::error::Error for Error {}

/// Ties what a peer is told to what the log says, without telling the peer what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference(u32);

impl Reference {
    fn new() -> Self {
        let mut bytes = [0; 4];
        // Without randomness the reference is merely not unique.
        let _ = getrandom::fill(&mut bytes);
        Self(u32::from_ne_bytes(bytes))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// A peer's text on its way into a message of ours: escaped, and cut at 128 characters.
pub(crate) struct Seen<'a>(pub(crate) &'a str);

impl fmt::Display for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 128;
        let cut = self.0.char_indices().nth(LONGEST).map(|(at, _)| at);
        let shown = cut.and_then(|at| self.0.get(..at)).unwrap_or(self.0);
        write!(f, "{}", shown.escape_debug())?;
        if cut.is_some() {
            f.write_str("…")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peers_text_is_escaped_and_cut() {
        let error = Error::MethodNotFound {
            method: format!("a\n\u{1b}{}", "x".repeat(1000)),
        };
        let text = error.to_string();
        assert!(text.starts_with("Method not found: a\\n\\u{1b}x"), "{text}");
        assert!(text.len() < 200, "{}", text.len());
    }

    #[test]
    fn an_internal_error_tells_its_reference_only() {
        let error = Error::internal("database password is hunter2");
        let text = error.to_string();
        assert!(
            text.starts_with("Internal error (ref ") && !text.contains("hunter2"),
            "{text}"
        );
    }
}
