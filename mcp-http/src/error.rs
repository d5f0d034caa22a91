use std::{fmt, io};

use mcp_core::BuildError;

use crate::auth::KeyFileError;

/// Why a server does not serve, or no longer.
///
/// ```
/// # async fn example(server: mcp_core::ServerBuilder) {
/// if let Err(error) = mcp_http::serve(server, "127.0.0.1:8000").await {
///     eprintln!("{error}");
/// }
/// # }
/// ```
pub struct Error(Kind);

/// What serving ends with: nothing, unless said otherwise.
pub type Result<T = ()> = std::result::Result<T, Error>;

enum Kind {
    Build(BuildError),
    Bind(io::Error),
    Config(String),
}

impl Error {
    /// Whether the server itself could not be built.
    pub fn is_build(&self) -> bool {
        matches!(self.0, Kind::Build(_))
    }

    /// Whether the address could not be had.
    pub fn is_bind(&self) -> bool {
        matches!(self.0, Kind::Bind(_))
    }

    /// Whether settings contradict each other or safety.
    pub fn is_config(&self) -> bool {
        matches!(self.0, Kind::Config(_))
    }

    pub(crate) fn bind(error: io::Error) -> Self {
        Self(Kind::Bind(error))
    }

    pub(crate) fn config(problem: impl Into<String>) -> Self {
        Self(Kind::Config(problem.into()))
    }
}

impl From<KeyFileError> for Error {
    fn from(error: KeyFileError) -> Self {
        Self::config(error.to_string())
    }
}

#[cfg(feature = "jwt")]
impl From<crate::auth::JwksError> for Error {
    fn from(error: crate::auth::JwksError) -> Self {
        Self::config(error.to_string())
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        Self(Kind::Build(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Build(error) => error.fmt(f),
            Kind::Bind(error) => write!(f, "the address cannot be bound: {error}"),
            Kind::Config(problem) => f.write_str(problem),
        }
    }
}

// `fn main() -> mcp_http::Result` prints the `Debug` form: let it be the readable one.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Build(error) => Some(error),
            Kind::Bind(error) => Some(error),
            Kind::Config(_) => None,
        }
    }
}
