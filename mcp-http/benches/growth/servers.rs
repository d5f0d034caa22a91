//! What is served under which name.

use std::fs;

use bytes::Bytes;
use mcp_core::prelude::*;
use mcp_http::HttpServer;
use tokio::sync::oneshot;

use super::rig::{
    bare::{self, Answer},
    message::prose,
    ours,
};

/// How long a text is
#[mcp_tool]
fn take(text: String) -> String {
    text.len().to_string()
}

/// So much text
#[mcp_tool]
fn give(bytes: usize) -> String {
    prose(bytes)
}

/// Serves until it is told to stop: `tools N`, `ready FILE`, or one that takes and gives texts.
pub(crate) async fn serve(name: String, stop: oneshot::Receiver<()>) {
    let (kind, rest) = name.split_once(' ').unwrap_or((&name, ""));
    let server = match kind {
        "tools" => ours::server(rest.parse().expect("a number")),
        "texts" => ours::server(2).tools(tools![take, give]),
        "take" => return bare::serve(Answer::Taken, stop).await,
        "give" => return bare::serve(Answer::Given, stop).await,
        "ready" => {
            let bytes = fs::read(rest).expect("what was answered before");
            let bytes = Box::leak(Box::new(Bytes::from(bytes)));
            return bare::serve(Answer::Ready(bytes), stop).await;
        }
        unknown => panic!("no server is called `{unknown}`"),
    };
    ours::serve(HttpServer::new(server), stop).await;
}
