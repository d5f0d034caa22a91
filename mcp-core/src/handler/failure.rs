//! What a handler may fail with, and who gets to read it.

use std::{any::Any, error::Error as StdError, fmt, time::Duration};

use serde_json::Value;

use super::known::{known, told};
use crate::{error::Error, jsonrpc::ErrorCode, limit::whole_seconds};

/// How a handler failed: in words for the model, or with a refusal of the protocol.
#[derive(Debug)]
pub enum Failure {
    /// The model should read this and may try again.
    Said(String),
    /// The request is refused.
    Refused(Error),
    /// There is no resource at the URI, which is filled in by who knows it.
    NotFound,
}

impl Failure {
    /// As a refusal, where there is no result that a model could read.
    pub(crate) fn into_error(self) -> Error {
        let message = match self {
            Self::Refused(error) => return error,
            Self::Said(message) => message,
            Self::NotFound => NOT_FOUND.to_owned(),
        };
        Error::Custom {
            code: ErrorCode::INTERNAL_ERROR,
            message,
            data: None,
        }
    }
}

/// What is told of a missing resource where nobody asked for one.
pub(super) const NOT_FOUND: &str = "not found";

/// What a handler may fail with: anything that can be displayed.
///
/// Its `Display` is what the model reads: never its `Debug`, never its sources. A box is looked into: our
/// own errors stay what they are, and one that came of a connection is told as something that is
/// [not available](ToolError#what-is-not-available), since its text may name what nobody outside should
/// know. Functions with an attribute have that done for errors without a box as well.
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
        if let Some(Some(error)) = any.downcast_mut::<Option<ToolError>>().map(Option::take) {
            return error.into();
        }
        if let Some(Some(error)) = any
            .downcast_mut::<Option<ResourceError>>()
            .map(Option::take)
        {
            return error.into();
        }
        if let Some(known) = boxed(any).and_then(known) {
            return known;
        }
        Failure::Said(error.map(|error| error.to_string()).unwrap_or_default())
    }
}

/// The error in a box, which shows no other way what it holds.
fn boxed(any: &dyn Any) -> Option<&(dyn StdError + 'static)> {
    type Boxed<E> = Option<Box<E>>;
    if let Some(error) = any.downcast_ref::<Boxed<dyn StdError>>() {
        return error.as_deref();
    }
    if let Some(Some(error)) = any.downcast_ref::<Boxed<dyn StdError + Send>>() {
        return Some(&**error);
    }
    match any.downcast_ref::<Boxed<dyn StdError + Send + Sync>>() {
        Some(Some(error)) => Some(&**error),
        _ => None,
    }
}

/// An error that a tool or a prompt answers with; `?` makes one of any [`std::error::Error`]. For resources
/// there is [`ResourceError`], which takes the same and can say that there is none.
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
/// the log only: a [`std::io::Error`] of a kind such as `ConnectionRefused`, `HostUnreachable` or
/// `TimedOut`, and what `tokio::time::timeout` fails with. That holds for what came by `?`, and for errors
/// that functions return under an attribute, `Box<dyn Error>` and `anyhow::Error` included. Where better
/// words are known, [`unavailable`](Self::unavailable) says them:
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
            other @ Kind::Failure(_) => Self(other),
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
            Kind::Failure(Failure::NotFound) => f.write_str(NOT_FOUND),
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
impl<E: StdError + 'static> From<E> for ToolError {
    fn from(error: E) -> Self {
        Self::from_failure(known(&error).unwrap_or_else(|| Failure::Said(error.to_string())))
    }
}

/// Why a resource cannot be read: there is none; or something went wrong, and `?` makes one of whatever
/// it makes a [`ToolError`] of.
///
/// ```
/// use mcp_core::prelude::*;
///
/// /// One page
/// #[mcp_resource("docs://pages/{page}", blocking)]
/// fn page(page: u32) -> Result<String, ResourceError> {
///     match page {
///         0..10 => Ok(std::fs::read_to_string(format!("pages/{page}.md"))?),
///         10 => Err(ToolError::unavailable("page 10"))?,
///         _ => Err(ResourceError::NotFound),
///     }
/// }
/// # let _ = resources![page];
/// ```
///
/// It is no [`std::error::Error`], as `ToolError` is none. Where a function fails with a type that takes
/// those only, such as `anyhow::Error`, it says by an `Option` that there is no such resource.
#[derive(Debug)]
#[non_exhaustive]
pub enum ResourceError {
    /// There is none at this URI. The era chooses the code.
    NotFound,
    /// It cannot be read. The client is told why as that of a tool is, in a JSON-RPC error.
    Failed(ToolError),
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str(NOT_FOUND),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl<E: Into<ToolError>> From<E> for ResourceError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ResourceError> for Failure {
    fn from(error: ResourceError) -> Self {
        match error {
            ResourceError::NotFound => Self::NotFound,
            ResourceError::Failed(error) => error.into(),
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
        assert!(matches!(
            ResourceError::NotFound.into_failure(),
            Failure::NotFound
        ));
        let failed: ResourceError = ToolError::protocol(ErrorCode(-31000), "no").into();
        assert!(matches!(
            failed.into_failure(),
            Failure::Refused(Error::Custom { .. })
        ));
    }

    #[test]
    fn what_an_error_is_shows_through_any_box() {
        fn is_custom(error: impl IntoFailure) -> bool {
            matches!(error.into_failure(), Failure::Refused(Error::Custom { .. }))
        }
        let error = || Failure::Said("no".to_owned()).into_error();
        assert!(is_custom(Box::<dyn StdError>::from(error())));
        let sent: Box<dyn StdError + Send> = Box::new(error());
        assert!(is_custom(sent));
        assert!(is_custom(Box::<dyn StdError + Send + Sync>::from(error())));
    }
}
