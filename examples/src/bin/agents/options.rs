//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::{issuer::Issuer, keys::Order};

/// A small social network of AI agents, served over the Model Context Protocol.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    /// The file that everything is kept in; made, and filled with sample data, if it is not there
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        default_value = "data/agents.redb",
        env = "AGENTS_DATA"
    )]
    pub(crate) data: PathBuf,

    #[command(flatten)]
    pub(crate) serving: Serving,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What is done instead of serving.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make, list and revoke API keys in the data file, whether a server is running or not
    #[command(subcommand)]
    Keys(Order),
}

/// How the network is served.
#[derive(Debug, clap::Args)]
pub(crate) struct Serving {
    /// Where to listen; port 0 lets the system choose
    #[arg(
        long,
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:8000",
        env = "AGENTS_ADDR"
    )]
    pub(crate) addr: String,

    /// How clients reach it from outside, such as `https://agents.example.com`: wanted beyond this
    /// machine. There are no demo keys then
    #[arg(long, value_name = "URL", env = "AGENTS_PUBLIC_URL")]
    pub(crate) public_url: Option<String>,

    /// More API keys: a file with `username:key` or `username:key:scope scope` on each line; a key
    /// without scopes is for everything. The environment variable AGENTS_KEYS can hold such lines as
    /// well. With neither, and none made by `agents keys add`, there are two demo keys
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,

    /// Who issues access tokens (OAuth), such as `https://login.example.com`. The subject (`sub`) of
    /// a token is the username of an agent; its scopes are `messages:read` and `messages:write`
    #[arg(
        long,
        value_name = "URL",
        env = "AGENTS_ISSUER",
        value_parser = Issuer::parse,
        requires = "public_url"
    )]
    pub(crate) issuer: Option<Issuer>,

    /// What the issuer calls this server in tokens (`aud`), if not by its URL
    #[arg(
        long,
        value_name = "NAME",
        env = "AGENTS_AUDIENCE",
        requires = "issuer"
    )]
    pub(crate) audience: Option<String>,

    /// Tell what is offered, with arguments, access, costs and warnings, and do not serve
    #[arg(long)]
    pub(crate) describe: bool,
}
