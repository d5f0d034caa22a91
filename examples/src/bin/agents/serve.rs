//! The network over HTTP: who may call it, as what, and from where.

use std::{
    env,
    error::Error,
    io::{self, Write as _},
    path::Path,
    time::Duration,
};

use mcp_core::SealKey;
use mcp_http::{HttpServer, auth::Jwt};

use super::{
    all_prompts, all_resources, all_tools,
    issuer::Issuer,
    keys::{self, Demo, Given, Kept},
    network::{Failed, Network},
    options::{RateLimit, Serving},
    page::{Callers, Page, Row},
    server,
};

/// How long a session lives without being used.
const IDLE: Duration = Duration::from_secs(30 * 60);

/// Serves until it is told to stop.
///
/// # Errors
/// In words for who started the server.
pub(crate) async fn serve(options: Serving, data: &Path) -> Result<(), Box<dyn Error>> {
    // Nobody is served yet who could be kept waiting by the disk.
    let network = Network::open(data)?;
    let counts = network.counts().map_err(|Failed(error)| error)?;
    let kept = network.keys().map_err(|Failed(error)| error)?;
    let given = Given::load(options.keys.as_deref())?;
    let keys = given.len() + kept.len();
    let strangers_only = keys == 0 && options.issuer.is_none();
    let demo = if strangers_only && options.public_url.is_none() {
        Some(Demo::keys(network.clone())?)
    } else {
        None
    };

    let mut http = HttpServer::new(server(network.clone()))
        .auth(given)
        .auth(Kept(network.clone()))
        .seal_key(seal_key(&network)?)
        .session_idle(IDLE)
        .session_id_in_result()
        .trusted_proxies(&options.trusted_proxies);
    if let Some(demo) = &demo {
        http = http.auth(demo.clone());
    }
    if let RateLimit::At(rate) = options.rate_limit {
        http = http.rate_limit(rate);
    }
    if let RateLimit::At(rate) = options.ip_rate_limit {
        http = http.ip_rate_limit(rate);
    }
    let outside = options.public_url.as_deref().map(mcp_at);
    if let Some(url) = &options.public_url {
        http = http.public_url(url);
    }
    if let (Some(issuer), Some(url)) = (&options.issuer, &outside) {
        let audience = options.audience.as_deref().unwrap_or(url);
        http = http.authorization_servers([issuer.url()]).auth(Jwt::new(
            issuer.url(),
            audience,
            issuer.keys(),
        ));
    }
    let bound = http.bind(&options.addr).await;
    let bound = bound.map_err(|error| unserved(&options.addr, &error))?;
    #[cfg(unix)]
    if let Err(error) = keys::control::listen(data, network) {
        tracing::warn!(%error, "no socket beside the data file: stop the server to change its keys");
    }
    if let Some(issuer) = options.issuer.clone() {
        tokio::spawn(ask(issuer));
    }

    let listening = bound.url();
    let page = Page {
        listening: &listening,
        url: outside.as_deref().unwrap_or(&listening),
        program: &env::args().next().unwrap_or_else(|| "agents".to_owned()),
        data: &data.display().to_string(),
        counts,
        offered: &offered(),
        callers: match &demo {
            Some(demo) => Callers::Demo(demo.shown()),
            None => Callers::Real {
                keys,
                issuer: options.issuer.as_ref().map(Issuer::url),
            },
        },
    };
    // Not `println!`, which panics when nobody reads: that is no reason not to serve.
    let _ = io::stdout().write_all(page.to_string().as_bytes());
    Ok(bound.serve().await?)
}

/// The key that sessions are sealed with: kept, so that they survive a restart.
fn seal_key(network: &Network) -> Result<SealKey, Box<dyn Error>> {
    let fresh = SealKey::random()?.to_base64();
    let kept = network.secret("seal key", fresh);
    Ok(SealKey::from_base64(&kept.map_err(|Failed(error)| error)?)?)
}

/// Where MCP is behind this URL, which may be that already.
fn mcp_at(public_url: &str) -> String {
    let url = public_url.trim_end_matches('/');
    format!("{}/mcp", url.strip_suffix("/mcp").unwrap_or(url))
}

/// Tells in the log what is wrong with an issuer before somebody's token is refused for it. No reason
/// not to serve: it may start later than this does.
async fn ask(issuer: Issuer) {
    let url = issuer.url().to_owned();
    if let Err(reason) = issuer.fetch().await {
        tracing::warn!(
            issuer = url,
            reason,
            "no keys: its tokens are refused until there are"
        );
    }
}

/// All of it, for the start page.
fn offered() -> Vec<Row> {
    let tools = all_tools().iter().map(Row::from).collect::<Vec<_>>();
    let resources = all_resources().iter().map(Row::from).collect();
    let prompts = all_prompts().iter().map(Row::from).collect();
    [tools, resources, prompts].concat()
}

/// Why this address is not served.
fn unserved(address: &str, error: &mcp_http::Error) -> String {
    let remedy = if error.is_config() {
        "; settings are options here, such as `--public-url`: see `agents --help`"
    } else {
        ""
    };
    format!("{address}: {error}{remedy}")
}
