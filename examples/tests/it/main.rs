//! The examples, seen from outside: as processes that are spoken to over HTTP.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests are tests, too"
)]

mod agents;
mod client;
mod clients;
mod process;
mod short;
mod small;
mod stdio;
mod without_macros;
