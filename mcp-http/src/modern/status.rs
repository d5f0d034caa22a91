//! Which HTTP status goes with which error code.
//!
//! # Specification
//! [2026-07-28, Streamable HTTP](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http)
//! says so of -32601 and -32020 to -32022; of the others our reading is that what the client got
//! wrong is 400, and what failed in the server is an answer like any other.

use http::StatusCode;
use mcp_core::{era::modern::Refused, jsonrpc::ErrorCode};

use crate::refusal::Refusal;

pub(super) fn of(code: ErrorCode) -> StatusCode {
    match code.0 {
        -32601 => StatusCode::NOT_FOUND,
        -32700 | -32600 | -32602 | -32022..=-32020 => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

pub(super) fn refuse(refused: Refused) -> Refusal {
    let error = refused.into_error();
    Refusal::from_error(of(error.code), error)
}
