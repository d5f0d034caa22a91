//! Errors that are known for what they are, however deep they stand in others.
//!
//! Our own stay what they are. Those of a connection say that something a function needs cannot be
//! reached: their texts name hosts, ports and users of the network behind the server, so nobody outside
//! reads them; and all that a model can do about any of them is to try again later.

use std::{error::Error as StdError, io, iter::successors, time::Duration};

use tokio::time::error::Elapsed;

use super::Failure;
use crate::{ask::AskError, error::Error, limit::whole_seconds};

/// How many causes are looked at: an error can say that it is its own.
const DEEPEST: usize = 32;

/// What is told of something that nobody has named.
const SOMETHING: &str = "something that this needs";

/// What to tell instead of the text of an error, if it is known for what it is or came of one that is:
/// the outermost decides.
pub(crate) fn known(error: &(dyn StdError + 'static)) -> Option<Failure> {
    causes(error).find_map(|cause| match ours(cause) {
        None if is_of_connection(cause) => Some(unavailable(error)),
        ours => ours,
    })
}

/// Our own errors, but for those whose text is for the model.
fn ours(error: &(dyn StdError + 'static)) -> Option<Failure> {
    if let Some(error) = error.downcast_ref::<Error>() {
        return Some(Failure::Refused(error.clone()));
    }
    match error.downcast_ref::<AskError>()? {
        AskError::Unsupported(needed) => Some(Failure::Refused(Error::MissingCapability(*needed))),
        _ => None,
    }
}

/// What came of a connection, or of waiting too long; the error itself goes to the log.
fn unavailable(error: &(dyn StdError + 'static)) -> Failure {
    let mut causes: Vec<String> = causes(error).map(ToString::to_string).collect();
    // An I/O error says what it holds.
    causes.dedup();
    tracing::warn!(cause = causes.join(": "), "not available");
    Failure::Said(told(SOMETHING, None))
}

/// That something is not available, in words for a model.
pub(super) fn told(what: &str, retry_after: Option<Duration>) -> String {
    let when = match retry_after {
        Some(delay) => format!("in {} s", whole_seconds(delay)),
        None => "later".to_owned(),
    };
    format!("{what} is not available at the moment; try again {when}")
}

/// An error and what it came of, the outermost first.
fn causes<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    successors(Some(error), |&error| cause(error)).take(DEEPEST)
}

fn cause<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e (dyn StdError + 'static)> {
    // What an I/O error holds is no source of it: its own source stands in that place.
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(held) => Some(held),
        None => error.source(),
    }
}

fn is_of_connection(cause: &(dyn StdError + 'static)) -> bool {
    let io = cause.downcast_ref::<io::Error>();
    cause.is::<Elapsed>() || io.is_some_and(|io| is_kind_of_connection(io.kind()))
}

fn is_kind_of_connection(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable,
        NetworkDown, NetworkUnreachable, NotConnected, TimedOut,
    };
    matches!(
        kind,
        BrokenPipe
            | ConnectionAborted
            | ConnectionRefused
            | ConnectionReset
            | HostUnreachable
            | NetworkDown
            | NetworkUnreachable
            | NotConnected
            | TimedOut
    )
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;
    use crate::{ask::Capability, jsonrpc::ErrorCode};

    /// An error that came of another, as those of clients do.
    #[derive(Debug)]
    struct Wrapped(Box<dyn StdError + Send + Sync>);

    impl fmt::Display for Wrapped {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("for http://10.0.0.7/")
        }
    }

    impl StdError for Wrapped {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&*self.0)
        }
    }

    /// An error that came of itself.
    #[derive(Debug)]
    struct Endless;

    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("endless")
        }
    }

    impl StdError for Endless {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(self)
        }
    }

    #[test]
    fn what_came_of_a_connection_is_told_without_its_text_however_it_is_wrapped() {
        let refused = || io::Error::new(io::ErrorKind::ConnectionRefused, "10.0.0.7:5432");
        for error in [
            Box::<dyn StdError + Send + Sync>::from(refused()),
            Box::new(Wrapped(Box::new(refused()))),
            Box::new(Wrapped(Box::new(Wrapped(Box::new(refused()))))),
            Box::new(io::Error::other(refused())),
            Box::new(io::Error::other(Wrapped(Box::new(refused())))),
            Box::new(Wrapped(Box::new(io::Error::other(io::Error::other(
                refused(),
            ))))),
            Box::new(io::Error::from(io::ErrorKind::TimedOut)),
        ] {
            let Some(Failure::Said(text)) = known(&*error) else {
                panic!("{error}")
            };
            assert_eq!(
                text,
                "something that this needs is not available at the moment; try again later"
            );
        }
    }

    #[test]
    fn our_own_errors_keep_what_they_are_however_they_are_wrapped() {
        let custom = || Error::Custom {
            code: ErrorCode(-31_000),
            message: "no".to_owned(),
            data: None,
        };
        let missing = || AskError::Unsupported(Capability::Roots);
        for error in [
            Box::<dyn StdError + Send + Sync>::from(custom()),
            Box::new(Wrapped(Box::new(custom()))),
            Box::new(io::Error::other(custom())),
        ] {
            let told = known(&*error);
            let is_custom = matches!(told, Some(Failure::Refused(Error::Custom { .. })));
            assert!(is_custom, "{error}: {told:?}");
        }
        for error in [
            Box::<dyn StdError + Send + Sync>::from(missing()),
            Box::new(Wrapped(Box::new(missing()))),
        ] {
            let told = known(&*error);
            let is_missing = matches!(told, Some(Failure::Refused(Error::MissingCapability(_))));
            assert!(is_missing, "{error}: {told:?}");
        }
        assert!(known(&AskError::Declined).is_none());
    }

    #[test]
    fn an_error_that_came_of_many_is_looked_at_once() {
        let mut error = io::Error::other("the first");
        for _ in 0..40 {
            error = io::Error::other(Wrapped(Box::new(error)));
        }
        assert!(known(&error).is_none());
    }

    #[test]
    fn whatever_else_went_wrong_is_left_alone() {
        for error in [
            Box::<dyn StdError + Send + Sync>::from("text"),
            Box::new(io::Error::other("refused")),
            Box::new(io::Error::from(io::ErrorKind::NotFound)),
            Box::new(io::Error::from(io::ErrorKind::UnexpectedEof)),
            Box::new(io::Error::other(io::Error::other(Endless))),
            Box::new(Wrapped("x".into())),
            Box::new(Endless),
        ] {
            assert!(known(&*error).is_none(), "{error}");
        }
    }
}
