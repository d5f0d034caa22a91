//! Logging: to stderr, so that stdout has the start page only.

use std::{
    env,
    io::{self, IsTerminal as _},
};

use tracing::Level;
use tracing_subscriber::{
    filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// Logs from level info, or as `RUST_LOG` says, such as `debug` or `warn,mcp_http=trace`.
pub(crate) fn start() {
    let wished = env::var("RUST_LOG").ok().filter(|wish| !wish.is_empty());
    let (filter, misunderstood) = match wished.map(|wish| wish.parse::<Targets>()) {
        Some(Ok(filter)) => (filter, None),
        Some(Err(error)) => (usual(), Some(error)),
        None => (usual(), None),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .init();
    if let Some(error) = misunderstood {
        tracing::warn!(%error, "RUST_LOG is not understood; logging from level info");
    }
}

fn usual() -> Targets {
    Targets::new().with_default(Level::INFO)
}
