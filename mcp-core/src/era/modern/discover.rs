//! `server/discover`: what a client may know before it asks for anything.
//!
//! # Specification
//! [2026-07-28, Discovery](https://modelcontextprotocol.io/specification/2026-07-28/server/discover)

use serde::Serialize;

use super::{Modern, meta::supported};
use crate::{
    ProtocolVersion,
    jsonrpc::{RequestId, Response},
    types::capabilities::ServerCapabilities,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiscoverResult<'a> {
    supported_versions: Vec<ProtocolVersion>,
    capabilities: &'a ServerCapabilities,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a str>,
}

impl Modern {
    pub(super) fn discover(&self, id: &RequestId) -> Response {
        let info = self.0.handler.info();
        let result = DiscoverResult {
            supported_versions: supported(),
            capabilities: &info.capabilities,
            instructions: info.instructions.as_deref(),
        };
        self.0.seal.cacheable(id, &result)
    }
}
