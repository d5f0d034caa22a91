//! What a request carries: the required `_meta`, and what a transport mirrors of the rest.
//!
//! # Specification
//! [2026-07-28, `_meta`](https://modelcontextprotocol.io/specification/2026-07-28/basic#_meta)

use std::{
    borrow::Cow,
    fmt,
    marker::PhantomData,
    sync::{Arc, LazyLock},
};

use memchr::memmem::Finder;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{json, value::RawValue};

use crate::{
    ProtocolVersion,
    caller::{Caller, Origin},
    context::Peer,
    era::Era,
    error::{Error, Seen},
    handler::Named,
    jsonrpc::{
        ErrorCode, ErrorObject,
        message::{present, string, without_position},
    },
    types::{Implementation, capabilities::ClientCapabilities, logging::LoggingLevel},
};

/// Where a request says its revision.
pub const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

const HEADER_MISMATCH: ErrorCode = ErrorCode(-32020);
const UNSUPPORTED_PROTOCOL_VERSION: ErrorCode = ErrorCode(-32022);

/// Whether parameters say which revision they are of, as only the modern era has it.
pub fn says_version(params: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Params<'a> {
        #[serde(borrow, rename = "_meta")]
        meta: Option<Meta<'a>>,
    }
    #[derive(Deserialize)]
    struct Meta<'a> {
        #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
        version: Option<&'a RawValue>,
    }

    // A glance first: nearly every legacy message is done with it.
    static KEY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(VERSION_KEY));
    let text = params.get();
    KEY.find(text.as_bytes()).is_some()
        && serde_json::from_str::<Params<'_>>(text)
            .is_ok_and(|params| params.meta.is_some_and(|meta| meta.version.is_some()))
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
    pub arguments: Option<&'a RawValue>,
    pub(super) peer: Arc<Peer>,
    pub(super) log_level: Option<LoggingLevel>,
    pub(super) input_responses: Option<&'a RawValue>,
    pub(super) request_state: Option<&'a RawValue>,
}

/// Why a request is not served, for its sender to put right.
#[derive(Debug)]
pub struct Refused(pub ErrorObject);

impl Refused {
    /// What a transport mirrors of a request is not what the request says.
    pub fn mismatch(reason: impl std::fmt::Display) -> Self {
        Self(ErrorObject::new(
            HEADER_MISMATCH,
            format!("Header mismatch: {reason}"),
        ))
    }

    fn invalid(reason: impl std::fmt::Display) -> Self {
        let error = Error::invalid_params(reason);
        Self(ErrorObject::new(
            ErrorCode::INVALID_PARAMS,
            error.to_string(),
        ))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params<'a> {
    #[serde(borrow, default, deserialize_with = "meta", rename = "_meta")]
    meta: Option<Meta<'a>>,
    // Not yet judged: a wrong one is for the method to refuse.
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    uri: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    input_responses: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    request_state: Option<&'a RawValue>,
}

/// A member that must be an object, or null, which is as good as absent.
struct Object<T> {
    wanted: &'static str,
    of: PhantomData<T>,
}

impl<T> Object<T> {
    fn wanted(wanted: &'static str) -> Self {
        let of = PhantomData;
        Self { wanted, of }
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wanted)
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}

fn meta<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Meta<'de>>, D::Error> {
    deserializer.deserialize_any(Object::wanted("an object as `_meta`"))
}

fn capabilities<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ClientCapabilities>, D::Error> {
    deserializer.deserialize_any(Object::wanted(
        "an object as `io.modelcontextprotocol/clientCapabilities`",
    ))
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<&'a RawValue>,
    #[serde(
        default,
        deserialize_with = "capabilities",
        rename = "io.modelcontextprotocol/clientCapabilities"
    )]
    capabilities: Option<ClientCapabilities>,
    #[serde(default, rename = "io.modelcontextprotocol/clientInfo")]
    info: Option<Implementation>,
    #[serde(default, rename = "io.modelcontextprotocol/logLevel")]
    log_level: Option<LoggingLevel>,
}

impl<'a> Opened<'a> {
    /// Reads what every request must carry.
    ///
    /// # Errors
    /// [`Refused`] when something of it is missing or malformed.
    pub fn parse(params: Option<&'a RawValue>) -> Result<Self, Refused> {
        let invalid = |error: serde_json::Error| Refused::invalid(without_position(&error));
        let missing = |key| Refused::invalid(format_args!("`_meta` must have `{key}`"));
        let json = params.map_or("{}", RawValue::get);
        let params: Params<'a> = serde_json::from_str(json).map_err(invalid)?;
        let meta = params.meta.ok_or_else(|| missing(VERSION_KEY))?;
        let version = meta
            .version
            .and_then(string)
            .ok_or_else(|| missing(VERSION_KEY))?;
        let capabilities = meta
            .capabilities
            .ok_or_else(|| missing("io.modelcontextprotocol/clientCapabilities"))?;
        Ok(Self {
            version,
            name: params.name.and_then(string),
            uri: params.uri.and_then(string),
            arguments: params.arguments,
            peer: Arc::new(Peer::new(meta.info.unwrap_or_default(), capabilities)),
            log_level: meta.log_level,
            input_responses: params.input_responses,
            request_state: params.request_state,
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
    let served = ProtocolVersion::ALL.map(ProtocolVersion::as_str).join(", ");
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
    ProtocolVersion::ALL.into_iter().rev().collect()
}
