//! What a handler may fail with, and who gets to read it.

use std::{any::Any, fmt, io, time::Duration};

use serde_json::Value;

use super::unavailable::{told, unavailable};
use crate::{
    ask::AskError,
    error::{Error, Missing},
    jsonrpc::ErrorCode,
    limit::whole_seconds,
};

/// How a handler failed: in words for the model, or with a refusal of the protocol.
#[derive(Debug)]
pub enum Failure {
    /// The model should read this and may try again.
    Said(String),
    /// The request is refused.
    Refused(Error),
}

impl Failure {
    /// As a refusal, where there is no result that a model could read.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Said(message) => Error::Custom {
                code: ErrorCode::INTERNAL_ERROR,
                message,
                data: None,
            },
        }
    }
}

/// What a handler may fail with: anything that can be displayed.
///
/// Its `Display` is what the model reads: never its `Debug`, never its sources. An error that came of a
/// connection is told as one that is [not available](ToolError#what-is-not-available), since its text
/// may name what nobody outside should know.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error type of an MCP handler",
    label = "needs `std::fmt::Display`: its text is what the model reads",
    note = "implement `std::fmt::Display` for it, or return `ToolError`"
)]
pub trait IntoFailure {
    /// What to tell whom.
    fn into_failure(self) -> Failure;
}

impl<E: fmt::Display + 'static> IntoFailure for E {
    fn into_failure(self) -> Failure {
        let mut error = Some(self);
        let any: &mut dyn Any = &mut error;
        if let Some(error) = any
            .downcast_mut::<Option<ToolError>>()
            .and_then(Option::take)
        {
            return error.into();
        }
        if let Some(error) = any
            .downcast_mut::<Option<ResourceError>>()
            .and_then(Option::take)
        {
            return error.into();
        }
        if let Some(error) = any.downcast_mut::<Option<Error>>().and_then(Option::take) {
            return Failure::Refused(error);
        }
        if let Some(Some(AskError::Unsupported(needed))) = any.downcast_ref::<Option<AskError>>() {
            return Failure::Refused(Error::MissingCapability(*needed));
        }
        if let Some(boxed) = any.downcast_mut::<Option<Boxed>>().and_then(Option::take) {
            return unbox(boxed);
        }
        if let Some(Some(io)) = any.downcast_ref::<Option<io::Error>>()
            && let Some(unavailable) = unavailable(io)
        {
            return unavailable;
        }
        Failure::Said(error.map(|error| error.to_string()).unwrap_or_default())
    }
}

type Boxed = Box<dyn std::error::Error + Send + Sync>;

/// Our own errors keep what they are in a box, too.
fn unbox(boxed: Boxed) -> Failure {
    let core = boxed.downcast::<Error>();
    core.map(|error| (*error).into_failure())
        .or_else(|boxed| Ok((*boxed.downcast::<ResourceError>()?).into_failure()))
        .or_else(|boxed: Boxed| Ok((*boxed.downcast::<AskError>()?).into_failure()))
        .or_else(|boxed: Boxed| unavailable(&*boxed).ok_or(boxed))
        .unwrap_or_else(|boxed| Failure::Said(boxed.to_string()))
}

/// An error that a tool or a prompt answers with; `?` makes one of any [`std::error::Error`].
///
/// ```
/// use mcp_core::ToolError;
///
/// fn parse(text: &str) -> Result<u32, ToolError> {
///     if text.is_empty() {
///         return Err(ToolError::user("`text` is empty; give a number"));
///     }
///     Ok(text.parse::<u32>()?)
/// }
///
/// assert_eq!(parse("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
///
/// # What is not available
///
/// An error that came of a connection, itself or in its sources, is told as "something that this needs
/// is not available at the moment; try again later", and its text, which may name internal hosts, is in
/// the log only: an [`io::Error`] of a kind such as `ConnectionRefused`, `HostUnreachable` or `TimedOut`,
/// and what `tokio::time::timeout` fails with. That holds for what came by `?`, and for errors that
/// functions return under an attribute, `Box<dyn Error + Send + Sync>` and `anyhow::Error` included.
/// Where better words are known, [`unavailable`](Self::unavailable) says them:
///
/// ```
/// use std::{io::Read, net::TcpStream, time::Duration};
///
/// use mcp_core::prelude::*;
///
/// /// Tell the news
/// #[mcp_tool(blocking)]
/// fn news() -> Result<String, ToolError> {
///     let mut stream = TcpStream::connect("news.internal:80").map_err(|_| {
///         ToolError::unavailable("the news desk").retry_after(Duration::from_secs(60))
///     })?;
///     let mut news = String::new();
///     stream.read_to_string(&mut news)?;
///     Ok(news)
/// }
/// # let _ = tools![news];
/// ```
#[derive(Debug)]
pub struct ToolError(Kind);

#[derive(Debug)]
enum Kind {
    Failure(Failure),
    Unavailable {
        what: String,
        retry_after: Option<Duration>,
    },
}

impl ToolError {
    /// In words for the model, which may correct itself: a result with `isError`.
    pub fn user(message: impl Into<String>) -> Self {
        Self(Kind::Failure(Failure::Said(message.into())))
    }

    /// That something the function needs cannot be reached now: "the catalogue is not available at the
    /// moment; try again later". It is named for the model to read, so not by its address.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use mcp_core::ToolError;
    ///
    /// let error = ToolError::unavailable("the catalogue").retry_after(Duration::from_secs(30));
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the catalogue is not available at the moment; try again in 30 s"
    /// );
    /// ```
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self(Kind::Unavailable {
            what: what.into(),
            retry_after: None,
        })
    }

    pub(crate) fn from_failure(failure: Failure) -> Self {
        Self(Kind::Failure(failure))
    }

    /// The same, with when to try again, in whole seconds, rounded up. Says nothing in a JSON-RPC error.
    #[must_use]
    pub fn retry_after(self, delay: Duration) -> Self {
        match self.0 {
            Kind::Failure(Failure::Said(message)) => {
                let seconds = whole_seconds(delay);
                Self::user(format!("{message} (try again in {seconds} s)"))
            }
            Kind::Unavailable { what, .. } => Self(Kind::Unavailable {
                what,
                retry_after: Some(delay),
            }),
            refused @ Kind::Failure(Failure::Refused(_)) => Self(refused),
        }
    }

    /// A JSON-RPC error, which a client shows to its developer rather than to its model.
    pub fn protocol(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Kind::Failure(Failure::Refused(Error::Custom {
            code,
            message: message.into(),
            data: None,
        })))
    }

    /// The same error with `data` for programs, if it is a JSON-RPC error.
    #[must_use]
    pub fn with_data(mut self, value: Value) -> Self {
        if let Kind::Failure(Failure::Refused(Error::Custom { data, .. })) = &mut self.0 {
            *data = Some(value);
        }
        self
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Failure(Failure::Said(message)) => f.write_str(message),
            Kind::Failure(Failure::Refused(error)) => error.fmt(f),
            Kind::Unavailable { what, retry_after } => f.write_str(&told(what, *retry_after)),
        }
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Self {
        match error.0 {
            Kind::Failure(failure) => failure,
            Kind::Unavailable { .. } => Self::Said(error.to_string()),
        }
    }
}

// Not an `Error` itself, so that this does not overlap with `From<T> for T`.
impl<E: std::error::Error + 'static> From<E> for ToolError {
    fn from(error: E) -> Self {
        Self::from_failure(unavailable(&error).unwrap_or_else(|| error.into_failure()))
    }
}

/// Why a resource cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ResourceError {
    /// There is none at this URI. The era chooses the code.
    NotFound,
    /// There is one, but it cannot be read now; the client is told why.
    Unavailable(String),
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::Unavailable(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for ResourceError {}

impl From<ResourceError> for Failure {
    fn from(error: ResourceError) -> Self {
        match error {
            // The URI is filled in by who knows it.
            ResourceError::NotFound => {
                Self::Refused(Error::NotFound(Missing::Resource(String::new())))
            }
            ResourceError::Unavailable(reason) => Self::Said(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_by_its_display_only() {
        #[derive(Debug)]
        struct Secret;
        impl fmt::Display for Secret {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the public face")
            }
        }
        let Failure::Said(text) = Secret.into_failure() else {
            panic!("not said")
        };
        assert_eq!(text, "the public face");
    }

    #[test]
    fn our_own_errors_keep_what_they_are_through_any_type() {
        let protocol = ToolError::protocol(ErrorCode(-31000), "no");
        assert!(matches!(
            protocol.into_failure(),
            Failure::Refused(Error::Custom { .. })
        ));
        let converted: ToolError = ResourceError::NotFound.into();
        assert!(matches!(
            converted.into_failure(),
            Failure::Refused(Error::NotFound(_))
        ));
    }
}
