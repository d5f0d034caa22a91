//! What can be said on the command line.

use std::{path::PathBuf, str::FromStr};

use clap::{Parser, Subcommand};
use mcp_core::Rate;

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

    /// Proxies whose `X-Forwarded-For` is believed, as addresses or networks such as `10.0.0.0/8`
    #[arg(
        long = "trusted-proxy",
        value_name = "NETWORK",
        env = "AGENTS_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    pub(crate) trusted_proxies: Vec<String>,

    /// How often each caller may send requests, such as `60/min`; `off` for as often as they like
    #[arg(
        long,
        value_name = "RATE",
        default_value = "60/min",
        env = "AGENTS_RATE_LIMIT"
    )]
    pub(crate) rate_limit: RateLimit,

    /// How often requests may come from one address, whoever sends them, such as `300/min`: nobody tries
    /// keys for ever then. Behind a proxy that is not trusted, all have its address
    #[arg(
        long,
        value_name = "RATE",
        default_value = "off",
        env = "AGENTS_IP_RATE_LIMIT"
    )]
    pub(crate) ip_rate_limit: RateLimit,

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

/// How often somebody may do something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RateLimit {
    At(Rate),
    Off,
}

impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let rate = text.parse().map_err(|error| format!("{error}, or `off`"))?;
        Ok(Self::At(rate))
    }
}
