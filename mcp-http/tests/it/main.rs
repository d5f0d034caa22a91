//! What the server promises over HTTP, read off the bytes.
//!
//! One module a room of the crate. Requests are written as text and responses are read strictly,
//! over an in-memory pipe; where a listener's own behaviour is meant, over a socket on a port that
//! the system chose. Nothing sleeps: a test waits for the event it is about.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests are tests, too"
)]

mod auth;
mod batch;
mod body;
mod budgets;
mod cancel;
mod client;
mod config;
mod connection;
mod cors;
mod errors;
mod events;
mod extract;
mod filter;
mod fixture;
mod guard;
mod in_front;
mod introspection;
#[cfg(feature = "jwt")]
mod jwt;
mod legacy;
mod limits;
mod lists;
mod log;
mod metadata;
mod modern;
mod older;
mod principals;
mod proxied;
mod questions;
mod resume;
mod router;
mod serve;
mod service;
mod slow;
mod streams;
mod subscriptions;
