//! What a request carries: the required `_meta`, and what a transport mirrors of the rest.
//!
//! # Specification
//! [2026-07-28, `_meta`](https://modelcontextprotocol.io/specification/2026-07-28/basic#_meta)

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, LazyLock},
};

use memchr::memmem::Finder;
use serde_json::json;

use super::said::{Memo, Said};
use crate::{
    ProtocolVersion,
    caller::{Caller, Origin},
    context::Peer,
    era::Era,
    error::{Error, Seen},
    handler::Named,
    jsonrpc::{ErrorCode, ErrorObject, Raw},
    types::logging::LoggingLevel,
};

/// Where a request says its revision.
pub const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

const HEADER_MISMATCH: ErrorCode = ErrorCode(-32020);
const UNSUPPORTED_PROTOCOL_VERSION: ErrorCode = ErrorCode(-32022);

/// Whether parameters say which revision they are of, as only the modern era has it.
pub fn says_version(params: Raw<'_>) -> bool {
    // A glance first: nearly every legacy message is done with it. Not at the whole key, since there
    // are programs that write `\/` for `/`.
    static KEY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("protocolVersion"));
    if KEY.find(params.get().as_bytes()).is_none() {
        return false;
    }
    let Ok([Some(meta)]) = params.pick(&["_meta"]) else {
        return false;
    };
    matches!(meta.pick(&[VERSION_KEY]), Ok([Some(version)]) if !version.is_null())
}

/// A request that says who asks, and under which revision.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened<'a> {
    /// The revision, as it is written.
    pub version: Cow<'a, str>,
    /// What `tools/call` and `prompts/get` name.
    pub name: Option<Cow<'a, str>>,
    /// What `resources/read` names.
    pub uri: Option<Cow<'a, str>>,
    /// The arguments, as they came.
    pub arguments: Option<Raw<'a>>,
    pub(super) peer: Arc<Peer>,
    pub(super) log_level: Option<LoggingLevel>,
    pub(super) input_responses: Option<Raw<'a>>,
    pub(super) request_state: Option<Raw<'a>>,
}

/// Why a request is not served, for its sender to put right.
///
/// Its [`Display`](fmt::Display) is what the sender is told.
#[derive(Debug)]
pub struct Refused(ErrorObject);

impl Refused {
    /// What to answer.
    pub fn into_error(self) -> ErrorObject {
        self.0
    }

    /// What a transport mirrors of a request is not what the request says.
    pub fn mismatch(reason: impl fmt::Display) -> Self {
        Self(ErrorObject::new(
            HEADER_MISMATCH,
            format!("Header mismatch: {reason}"),
        ))
    }

    pub(super) fn invalid(reason: impl fmt::Display) -> Self {
        let error = Error::invalid_params(reason);
        Self(ErrorObject::new(
            ErrorCode::INVALID_PARAMS,
            error.to_string(),
        ))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Refused {}

/// What is carried that transports and eras look at.
const CARRIED: [&str; 6] = [
    "_meta",
    "name",
    "uri",
    "arguments",
    "inputResponses",
    "requestState",
];
impl<'a> Opened<'a> {
    /// Reads what every request must carry.
    ///
    /// # Errors
    /// [`Refused`] when something of it is missing or malformed.
    pub fn parse(params: Option<Raw<'a>>) -> Result<Self, Refused> {
        let carried = params.unwrap_or(Raw::EMPTY).pick(&CARRIED);
        Self::read(carried.map_err(Refused::invalid)?, Said::read)
    }

    /// The same for a request of a connection, whose client has most likely said the same before.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_again(params: Option<Raw<'a>>, memo: &Memo) -> Result<Self, Refused> {
        let carried = memo.pick(params.unwrap_or(Raw::EMPTY), &CARRIED)?;
        Self::read(carried, |meta| memo.read(meta))
    }

    fn read(
        carried: [Option<Raw<'a>>; CARRIED.len()],
        read_meta: impl FnOnce(Option<Raw<'a>>) -> Result<Said<'a>, Refused>,
    ) -> Result<Self, Refused> {
        let [meta, name, uri, arguments, input_responses, request_state] = carried;
        let said = read_meta(meta)?;
        let is_there = |raw: &Raw<'_>| !raw.is_null();
        Ok(Self {
            version: said.version,
            // Not yet judged: a wrong one is for the method to refuse.
            name: name.and_then(|raw| raw.text().ok()),
            uri: uri.and_then(|raw| raw.text().ok()),
            arguments: arguments.filter(is_there),
            peer: said.peer,
            log_level: said.log_level,
            input_responses: input_responses.filter(is_there),
            request_state: request_state.filter(is_there),
        })
    }

    /// What it names, if it does.
    pub(super) fn named(&self) -> Option<Named<'_>> {
        let name = Cow::Borrowed(self.name.as_deref()?);
        let arguments = self.arguments;
        Some(Named { name, arguments })
    }

    /// Who calls, by what the transport knows and the request says.
    pub fn caller<'c>(&'c self, origin: impl Into<Origin<'c>>) -> Caller<'c> {
        Caller::new(origin, &self.peer)
    }
}

/// Refuses revisions that are not served in this way.
///
/// # Errors
/// [`Refused`], with those that are.
pub fn check_version(version: &str) -> Result<(), Refused> {
    if ProtocolVersion::parse(version).is_some_and(|version| version.era() == Era::Modern) {
        return Ok(());
    }
    let served = ProtocolVersion::served();
    let message = format!(
        "Protocol version {} is not served; served are {served}",
        Seen(version)
    );
    let data = json!({ "supported": supported(), "requested": version });
    Err(Refused(
        ErrorObject::new(UNSUPPORTED_PROTOCOL_VERSION, message).with_data(data),
    ))
}

/// Every revision that is served, newest first.
pub(super) fn supported() -> Vec<ProtocolVersion> {
    ProtocolVersion::ALL.iter().rev().copied().collect()
}
