//! What is served under which name.

use mcp_http::{HttpServer, auth::ApiKeys};
use tokio::sync::oneshot;

use super::rig::{
    bare::{self, Answer},
    ours,
};

pub(crate) const TOOLS: usize = 10;
/// A key as people make them.
pub(crate) const KEY: &str = "4f1c9a7be2d80356b1c2d3e4f5061728";
/// More than anybody asks.
const LIMIT: &str = "1000000/s";

/// Serves until it is told to stop.
pub(crate) async fn serve(name: String, stop: oneshot::Receiver<()>) {
    let plain = || HttpServer::new(ours::server(TOOLS));
    let with_key = || plain().auth(ApiKeys::new([(KEY, "ada")])).require_auth();
    let server = match name.as_str() {
        "bare" => return bare::serve(Answer::Hello, stop).await,
        "ours" => plain(),
        "ours with a key" => with_key(),
        "ours with a key and a limit" => with_key().rate_limit(LIMIT),
        #[cfg(feature = "jwt")]
        "ours with a token" => plain().auth(super::tokens::taken()).require_auth(),
        unknown => panic!("no server is called `{unknown}`"),
    };
    ours::serve(server, stop).await;
}
