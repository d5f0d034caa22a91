//! What the client of `mcp_core::testing` promises, in both eras.

#![expect(clippy::expect_used, reason = "helpers of tests are tests, too")]

mod contract;
mod failing;
mod hearing;
mod limits;
mod places;
mod questions;
mod requests;
mod server;
