//! Tools that wait, ask and tell the test what became of them.

use std::{future::Future, sync::Arc};

use mcp_core::{ServerBuilder, Tool, prelude::*, stdio::Stdio};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::{Semaphore, mpsc};

use crate::peer::{Peer, soon, start_with};

/// What happened, told to the test.
pub(crate) type Told = mpsc::UnboundedSender<&'static str>;
pub(crate) type Hears = mpsc::UnboundedReceiver<&'static str>;

struct WhenDropped(Told);

impl Drop for WhenDropped {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

pub(crate) async fn hear(hears: &mut Hears, what: &str) {
    assert_eq!(soon(hears.recv()).await, Some(what));
}

pub(crate) fn tool<Fut>(name: &str, run: impl Fn(Ctx) -> Fut + Send + Sync + 'static) -> Tool
where
    Fut: Future<Output = Result<String, ToolError>> + Send + 'static,
{
    Tool::builder(name)
        .description("A tool of this test")
        .handler(move |_: Map<String, Value>, ctx| run(ctx))
}

pub(crate) fn quick(name: &str) -> Tool {
    tool(name, |_| async { Ok("quick".to_owned()) })
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Name {
    pub(crate) name: String,
}

/// Asks for a name.
pub(crate) fn asks() -> Tool {
    tool("asks", |ctx| async move {
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok(format!("Hello, {name}!"))
    })
}

/// A tool that waits for the gate.
pub(crate) fn waits(told: &Told, gate: &Arc<Semaphore>) -> Tool {
    let (told, gate) = (told.clone(), Arc::clone(gate));
    tool("waits", move |_| {
        let (told, gate) = (told.clone(), Arc::clone(&gate));
        async move {
            let dropped = WhenDropped(told.clone());
            let _ = told.send("started");
            gate.acquire().await?.forget();
            std::mem::forget(dropped);
            Ok("through".to_owned())
        }
    })
}

pub(crate) struct Scene {
    pub(crate) peer: Peer,
    pub(crate) hears: Hears,
    pub(crate) gate: Arc<Semaphore>,
}

/// A client with a session, of a server whose `waits` waits.
pub(crate) async fn scene() -> Scene {
    scene_with(|stdio| stdio).await
}

/// The same with settings.
pub(crate) async fn scene_with(set: impl FnOnce(Stdio) -> Stdio) -> Scene {
    let (told, hears) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    let tools = [quick("quick"), waits(&told, &gate), asks()];
    let stdio = Stdio::new(Server::new("it", "1").tools(tools));
    let mut peer = start_with(set(stdio));
    peer.initialize().await;
    Scene { peer, hears, gate }
}

pub(crate) fn server() -> ServerBuilder {
    Server::new("it", "1").tools([quick("quick"), asks()])
}
