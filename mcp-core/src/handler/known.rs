//! Errors that say that something a function needs cannot be reached.
//!
//! Their texts name hosts, ports and users of the network behind the server, so nobody outside reads
//! them; and all that a model can do about any of them is to try again later.

use std::{error::Error, io, iter::successors, time::Duration};

use tokio::time::error::Elapsed;

use super::Failure;
use crate::limit::whole_seconds;

/// How many causes are looked at: an error can say that it is its own.
const DEEPEST: usize = 32;

/// What is told of something that nobody has named.
const SOMETHING: &str = "something that this needs";

/// What to tell instead of an error that came of a connection, or of waiting too long; the error itself
/// goes to the log.
pub(crate) fn unavailable(error: &(dyn Error + 'static)) -> Option<Failure> {
    if !causes(error).any(is_of_connection) {
        return None;
    }
    let mut causes: Vec<String> = causes(error).map(ToString::to_string).collect();
    // An I/O error says what it holds.
    causes.dedup();
    tracing::warn!(cause = causes.join(": "), "not available");
    Some(Failure::Said(told(SOMETHING, None)))
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
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    successors(Some(error), |&error| cause(error)).take(DEEPEST)
}

fn cause<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    // What an I/O error holds is no source of it: its own source stands in that place.
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(held) => Some(held),
        None => error.source(),
    }
}

fn is_of_connection(cause: &(dyn Error + 'static)) -> bool {
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

    /// An error that came of another, as those of clients do.
    #[derive(Debug)]
    struct Wrapped(Box<dyn Error + Send + Sync>);

    impl fmt::Display for Wrapped {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("for http://10.0.0.7/")
        }
    }

    impl Error for Wrapped {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
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

    impl Error for Endless {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(self)
        }
    }

    #[test]
    fn what_came_of_a_connection_is_told_without_its_text_however_it_is_wrapped() {
        let refused = || io::Error::new(io::ErrorKind::ConnectionRefused, "10.0.0.7:5432");
        for error in [
            Box::<dyn Error + Send + Sync>::from(refused()),
            Box::new(Wrapped(Box::new(refused()))),
            Box::new(Wrapped(Box::new(Wrapped(Box::new(refused()))))),
            Box::new(io::Error::other(refused())),
            Box::new(io::Error::other(Wrapped(Box::new(refused())))),
            Box::new(Wrapped(Box::new(io::Error::other(io::Error::other(
                refused(),
            ))))),
            Box::new(io::Error::from(io::ErrorKind::TimedOut)),
        ] {
            let Some(Failure::Said(text)) = unavailable(&*error) else {
                panic!("{error}")
            };
            assert_eq!(
                text,
                "something that this needs is not available at the moment; try again later"
            );
        }
    }

    #[test]
    fn an_error_that_came_of_many_is_looked_at_once() {
        let mut error = io::Error::other("the first");
        for _ in 0..40 {
            error = io::Error::other(Wrapped(Box::new(error)));
        }
        assert!(unavailable(&error).is_none());
    }

    #[test]
    fn whatever_else_went_wrong_is_left_alone() {
        for error in [
            Box::<dyn Error + Send + Sync>::from("text"),
            Box::new(io::Error::other("refused")),
            Box::new(io::Error::from(io::ErrorKind::NotFound)),
            Box::new(io::Error::from(io::ErrorKind::UnexpectedEof)),
            Box::new(io::Error::other(io::Error::other(Endless))),
            Box::new(Wrapped("x".into())),
            Box::new(Endless),
        ] {
            assert!(unavailable(&*error).is_none(), "{error}");
        }
    }
}
