//! What `mcp_http::testing` promises, and with it what is the same in both eras and over every
//! transport.

#![expect(clippy::expect_used, reason = "helpers of tests are tests, too")]

mod eras;
mod http;
#[path = "../it/log.rs"]
mod log;
