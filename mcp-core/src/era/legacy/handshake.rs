//! `initialize`: which revision, which capabilities, which session.
//!
//! # Specification
//! [2025-11-25, Lifecycle](https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle)

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Legacy, question, seal};
use crate::{
    Identity, ProtocolVersion,
    context::Peer,
    era::{Era, Sealed},
    error::Error,
    handler::Request,
    jsonrpc::{Raw, RequestId, Response, message::without_position, response::write_json},
    types::{
        Implementation,
        capabilities::{ClientCapabilities, ServerCapabilities},
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InitializeParams<'a> {
    protocol_version: String,
    #[serde(borrow, default)]
    capabilities: Option<&'a RawValue>,
    #[serde(default)]
    client_info: Implementation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InitializeResult<'a> {
    protocol_version: ProtocolVersion,
    capabilities: &'a ServerCapabilities,
    server_info: &'a Implementation,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a str>,
    /// Not the specification's: some tutorials' clients look for it here.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
}

impl Legacy {
    /// Answers `initialize`, and gives the id of the session that it made.
    ///
    /// A revision that is not served is answered with the newest that is; whether to go on is for
    /// the client to decide.
    pub fn initialize(
        &self,
        identity: Option<&Identity>,
        id: &RequestId,
        params: Option<Raw<'_>>,
    ) -> (Sealed, Option<String>) {
        let peer = Arc::default();
        let request = Request::new(id, "initialize", &peer).params(params);
        match self.agree(identity, request) {
            Ok((version, session)) => {
                let info = self.handler.info();
                let result = InitializeResult {
                    protocol_version: version,
                    capabilities: &seal::capabilities(version, &info.capabilities),
                    server_info: &seal::implementation(version, &info.implementation),
                    instructions: info.instructions.as_deref(),
                    session_id: Some(session.as_str()).filter(|_| self.sessions.tells_in_result()),
                };
                let response = Response::result(id, |out| write_json(out, &result));
                (Sealed::Response(response), Some(session))
            }
            Err(error) => (
                seal::seal(ProtocolVersion::LATEST_LEGACY, id, Err(error)),
                None,
            ),
        }
    }

    fn agree(
        &self,
        identity: Option<&Identity>,
        request: Request<'_>,
    ) -> Result<(ProtocolVersion, String), Error> {
        let params: InitializeParams<'_> = request.parse_params()?;
        let mut capabilities = match params.capabilities.map(RawValue::get) {
            None => ClientCapabilities::default(),
            Some(json) if json.starts_with('{') => serde_json::from_str(json).map_err(|error| {
                Error::invalid_params(format_args!("`capabilities`: {}", without_position(&error)))
            })?,
            Some(_) => return Err(Error::invalid_params("`capabilities` must be an object")),
        };
        let version = ProtocolVersion::parse(&params.protocol_version)
            .filter(|version| version.era() == Era::Legacy)
            .unwrap_or(ProtocolVersion::LATEST_LEGACY);
        question::askable(version, &mut capabilities);
        let peer = Peer::new(params.client_info, capabilities);
        let session = self.sessions.create(version, &peer, identity);
        let session = session.ok_or_else(|| Error::internal("a session could not be sealed"))?;
        Ok((version, session))
    }
}
