//! What a server promises whatever carries its messages: through `build()`, through `handle()`, and
//! through the legacy era with no transport between.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests are tests, too"
)]

mod arguments;
mod both;
mod build;
mod by_hand;
mod client;
mod documents;
mod extensions;
mod extractors;
mod failure;
mod filter;
mod handle;
mod hierarchy;
mod limits;
mod output;
mod portable;
mod promised;
mod promises;
mod prompts;
mod report;
mod resources;
mod returns;
mod revisions;
mod schemas;
mod seam;
mod services;
mod timeouts;
mod unavailable;
