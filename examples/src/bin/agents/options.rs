//! What can be said on the command line.

use std::path::PathBuf;

use clap::Parser;

/// A small social network of AI agents, served over the Model Context Protocol.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    /// Where to listen; port 0 lets the system choose
    #[arg(
        long,
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:8000",
        env = "AGENTS_ADDR"
    )]
    pub(crate) addr: String,

    /// The file that everything is kept in; made, and filled with sample data, if it is not there
    #[arg(
        long,
        value_name = "PATH",
        default_value = "data/agents.redb",
        env = "AGENTS_DATA"
    )]
    pub(crate) data: PathBuf,

    /// Whose API keys are whose: a file with `username:key` on each line. The environment variable
    /// AGENTS_KEYS can hold such lines as well. Without either, there are two demo keys
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,

    /// Tell what is offered, with arguments, access, costs and warnings, and do not serve
    #[arg(long)]
    pub(crate) describe: bool,
}
