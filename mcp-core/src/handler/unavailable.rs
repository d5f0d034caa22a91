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
    if !is_of_connection(error, DEEPEST) {
        return None;
    }
    let causes: Vec<String> = causes(error).map(ToString::to_string).collect();
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

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    successors(Some(error), |&error| error.source()).take(DEEPEST)
}

fn is_of_connection(error: &(dyn Error + 'static), deepest: usize) -> bool {
    causes(error).take(deepest).any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        cause.is::<Elapsed>()
            || io.is_some_and(|io| {
                // What an I/O error holds is no source of it: its own source stands in that place.
                let inner = io.get_ref().filter(|_| deepest > 0);
                is_kind_of_connection(io.kind())
                    || inner.is_some_and(|inner| is_of_connection(inner, deepest - 1))
            })
    })
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
