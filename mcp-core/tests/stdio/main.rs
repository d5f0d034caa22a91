//! Newline-delimited messages: both eras over one pair of streams, read off the lines.
//!
//! Nothing sleeps: a test waits for the line or the event that it is about.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests are tests, too"
)]

mod calls;
mod cancel;
mod changes;
mod end;
mod eras;
mod lines;
mod peer;
mod questions;
mod settings;
mod tools;
