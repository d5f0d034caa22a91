//! `requestState`: what a call had learnt and done, sealed, for the client to bring back.
//!
//! It is bound to the caller, the method, what is named, the arguments, and a time.
//!
//! # Specification
//! [2026-07-28, Multi round-trip requests](https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr)

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use sha2::{Digest as _, Sha256};

use super::Opened;
use crate::{
    Identity,
    digest::{Digest, digest},
    error::Error,
    line::{Earlier, Line, Record},
    seal::{Purpose, Sealer},
};

/// How much of answers and steps one state may carry, in bytes.
const LARGEST: usize = 64 * 1024;

#[derive(Serialize, Deserialize)]
struct State {
    /// Seconds since 1970 at which it is no longer good.
    until: u64,
    bound: Digest,
    answers: Vec<(String, Digest, Box<RawValue>)>,
    again: Vec<(String, usize)>,
    steps: Vec<(String, usize, Box<RawValue>)>,
}

/// What a state is bound to.
pub(super) fn binding(method: &str, opened: &Opened<'_>, caller: Option<&Identity>) -> Digest {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    part(method);
    part(
        opened
            .name
            .as_deref()
            .or(opened.uri.as_deref())
            .unwrap_or_default(),
    );
    // As values, so that white space and the order of members do not matter.
    let arguments = opened
        .arguments
        .and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
    let mut arguments = arguments.unwrap_or_default();
    arguments.sort_all_objects();
    part(&arguments.to_string());
    // Last, and of one length: nobody is told from everybody, whatever they are called.
    if let Some(caller) = caller {
        hash.update(caller.principal());
    }
    digest(hash)
}

/// Seals what a call has learnt and done.
pub(super) fn seal(
    sealer: &Sealer,
    lifetime: Duration,
    bound: Digest,
    record: Record,
) -> Result<String, Error> {
    let answers = record.answers.into_iter().map(|(key, digest, result)| {
        let result = RawValue::from_string(String::from(&*result));
        result.map(|result| (key, digest, result))
    });
    let answers = answers.collect::<Result<_, _>>().map_err(Error::internal)?;
    let state = State {
        until: now().saturating_add(lifetime.as_secs()),
        bound,
        answers,
        again: record.again,
        steps: record.steps,
    };
    let plain = serde_json::to_vec(&state).map_err(Error::internal)?;
    if plain.len() > LARGEST {
        let answers: usize = state.answers.iter().map(|(_, _, it)| it.get().len()).sum();
        let steps: usize = state.steps.iter().map(|(_, _, it)| it.get().len()).sum();
        return Err(Error::invalid_params(format_args!(
            "this call cannot go on: its answers ({answers} bytes) and what it did so far ({steps} \
             bytes) are more than the {LARGEST} bytes that `requestState` carries; answer more briefly"
        )));
    }
    sealer
        .seal(Purpose::RequestState, &plain)
        .ok_or_else(|| Error::internal("a request state could not be sealed"))
}

/// Puts what a client has brought back onto the line of its call.
pub(super) fn restore(
    sealer: &Sealer,
    bound: Digest,
    opened: &Opened<'_>,
    line: &Line,
) -> Result<(), Error> {
    if let Some(raw) = opened.request_state {
        let sealed: String = serde_json::from_str(raw.get())
            .map_err(|_| Error::invalid_params("`requestState` must be a string"))?;
        let refused = || {
            Error::invalid_params(
                "`requestState` is not one of this server's for this request, or is too old; send \
                 the request without it",
            )
        };
        let opened = sealer
            .open(Purpose::RequestState, &sealed)
            .ok_or_else(refused)?;
        let state: State = serde_json::from_slice(&opened.plain).map_err(|_| refused())?;
        if state.bound != bound || now() >= state.until {
            return Err(refused());
        }
        let answers = state.answers.into_iter();
        line.restore(Record {
            answers: answers
                .map(|(key, digest, result)| (key, digest, result.get().into()))
                .collect(),
            again: state.again,
            steps: state.steps,
        });
    }
    if let Some(raw) = opened.input_responses {
        let responses: HashMap<String, Box<RawValue>> = serde_json::from_str(raw.get())
            .map_err(|_| Error::invalid_params("`inputResponses` must be an object"))?;
        let answers = responses.into_iter().map(|(key, result)| {
            let result: Arc<str> = result.get().into();
            (
                key,
                Earlier {
                    digest: None,
                    result,
                },
            )
        });
        line.preload(answers);
    }
    Ok(())
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
