//! JSON-RPC 2.0: the only room that knows the words `"jsonrpc": "2.0"`.
//!
//! # Specification
//! [2025-11-25, Messages](https://modelcontextprotocol.io/specification/2025-11-25/basic#messages)

pub(crate) mod canonical;
mod error;
mod id;
pub(crate) mod message;
mod raw;
pub(crate) mod response;
mod scan;

pub(crate) use self::response::{notification, request};
pub use self::{
    error::{ErrorCode, ErrorObject},
    id::RequestId,
    message::{Incoming, Malformed, Message},
    raw::Raw,
    response::Response,
};
