//! `requestState`: what a call had learnt and done, sealed, for the client to bring back.
//!
//! It is bound to the caller, the method, what is named, the arguments, and a time.
//!
//! # Specification
//! [2026-07-28, Multi round-trip requests](https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr)

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, OnceLock},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::Opened;
use crate::{
    Identity,
    digest::{Digest, digest},
    era::now,
    error::Error,
    jsonrpc::{Raw, canonical},
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

/// What a state is bound to: one request of one caller.
///
/// Its digest is taken only when there is a state to be bound or to be held against it: most calls
/// never ask, and it is as much work as their arguments are long.
pub(super) struct Bond<'a> {
    method: &'static str,
    /// By `name` and by `uri`: only one of them counts for the method, and both are of the request.
    named: [Option<Cow<'a, str>>; 2],
    arguments: Option<Cow<'a, str>>,
    caller: Option<Cow<'a, Identity>>,
    digest: OnceLock<Digest>,
}

impl<'a> Bond<'a> {
    pub(super) fn new(
        method: &'static str,
        opened: &'a Opened<'_>,
        caller: Option<&'a Identity>,
    ) -> Self {
        let named = [&opened.name, &opened.uri].map(|it| it.as_deref().map(Cow::Borrowed));
        Self {
            method,
            named,
            arguments: opened.arguments.map(|raw| Cow::Borrowed(raw.get())),
            caller: caller.map(Cow::Borrowed),
            digest: OnceLock::new(),
        }
    }

    /// The same, for as long as the call lives.
    pub(super) fn into_owned(self) -> Bond<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Bond {
            method: self.method,
            named: self.named.map(|it| it.map(owned)),
            arguments: self.arguments.map(owned),
            caller: self.caller.map(|it| Cow::Owned(it.into_owned())),
            digest: self.digest,
        }
    }

    pub(super) fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| {
            let mut hash = Sha256::new();
            let mut part = |bytes: Option<&[u8]>| {
                let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
                hash.update(length.to_le_bytes());
                hash.update(bytes.unwrap_or_default());
            };
            part(Some(self.method.as_bytes()));
            for name in &self.named {
                part(name.as_deref().map(str::as_bytes));
            }
            // By what they say: a client need not write them the same way twice.
            let arguments = self.arguments.as_deref().map(|text| {
                let mut said = Vec::with_capacity(text.len());
                canonical::write(Raw::known(text), &mut said);
                said
            });
            part(arguments.as_deref());
            // Last, and of one length: nobody is told from everybody, whatever they are called.
            if let Some(caller) = &self.caller {
                hash.update(caller.principal());
            }
            digest(hash)
        })
    }
}

/// Seals what a call has learnt and done.
pub(super) fn seal(
    sealer: &Sealer,
    lifetime: Duration,
    bond: &Bond<'_>,
    record: Record,
) -> Result<String, Error> {
    let answers = record.answers.into_iter().map(|(key, digest, result)| {
        let result = RawValue::from_string(String::from(&*result));
        result.map(|result| (key, digest, result))
    });
    let answers = answers.collect::<Result<_, _>>().map_err(Error::internal)?;
    let state = State {
        until: now().saturating_add(lifetime.as_secs()),
        bound: bond.digest(),
        answers,
        again: record.again,
        steps: record.steps,
    };
    let plain = serde_json::to_vec(&state).map_err(Error::internal)?;
    if plain.len() > LARGEST {
        return Err(too_large(&state, plain.len()));
    }
    sealer
        .seal(Purpose::RequestState, &plain)
        .ok_or_else(|| Error::internal("a request state could not be sealed"))
}

/// Puts what a client has brought back onto the line of its call.
pub(super) fn restore(
    sealer: &Sealer,
    bond: &Bond<'_>,
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
        if state.bound != bond.digest() || now() >= state.until {
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

/// Whose fault it is that a state cannot be carried: that of the function, if answers of no length
/// would not help.
fn too_large(state: &State, length: usize) -> Error {
    let answers: usize = state.answers.iter().map(|(_, _, it)| it.get().len()).sum();
    let steps: usize = state.steps.iter().map(|(_, _, it)| it.get().len()).sum();
    if length - answers <= LARGEST {
        return Error::invalid_params(format_args!(
            "this call cannot go on: its answers ({answers} bytes) and what it did so far ({steps} \
             bytes) are more than the {LARGEST} bytes that `requestState` carries; answer more briefly"
        ));
    }
    let mut named = String::new();
    for (name, _, result) in &state.steps {
        // Writing to a string cannot fail.
        let _ = write!(named, " `{name}` ({} bytes)", result.get().len());
    }
    Error::internal(format_args!(
        "what its steps returned is more than the {LARGEST} bytes that `requestState` carries; \
         return less from `Ctx::step`, such as an id:{named}"
    ))
}
