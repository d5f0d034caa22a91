//! What the server said on the way.

use std::sync::PoisonError;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Client, PATIENCE};
use crate::{
    changes::Change,
    era::Era,
    jsonrpc::{RequestId, request},
    testing::{LogMessage, Notification, ProgressMessage, RpcError},
};

impl Client {
    /// Every notification so far.
    pub fn notifications(&self) -> Vec<Notification> {
        self.inbox.heard()
    }

    /// How far its calls said they were, so far.
    pub fn progress(&self) -> Vec<ProgressMessage> {
        let heard = self.inbox.heard();
        let progress = heard
            .iter()
            .filter_map(|it| it.of("notifications/progress"));
        progress.collect()
    }

    /// The log messages so far, of every level.
    pub fn log(&self) -> Vec<LogMessage> {
        let heard = self.inbox.heard();
        let log = heard.iter().filter_map(|it| it.of("notifications/message"));
        log.collect()
    }

    /// What it was asked so far: methods and parameters.
    pub fn questions(&self) -> Vec<(String, Value)> {
        self.inbox.questions()
    }

    /// Listens to changes from now on: of every list, and of the resources at these URIs.
    ///
    /// ```
    /// use mcp_core::{changes::Change, prelude::*, testing::Client};
    ///
    /// # mcp_core::testing::block_on(async {
    /// let server = Server::new("notes", "1.0.0").offers_tools().build().unwrap();
    /// let client = Client::modern(server.clone());
    /// client.listen([]).await?;
    /// server.handle().add_tools([]).unwrap();
    /// assert_eq!(client.changed().await, Change::Tools);
    /// # Ok::<(), mcp_core::testing::RpcError>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn listen<'u>(
        &self,
        uris: impl IntoIterator<Item = &'u str>,
    ) -> Result<(), RpcError> {
        self.begin().await?;
        let uris: Vec<&str> = uris.into_iter().collect();
        match self.era {
            Era::Legacy => {
                for uri in uris {
                    self.request("resources/subscribe", json!({ "uri": uri }))
                        .await?;
                }
                // Its stream is open once something behind it was answered.
                self.request("ping", json!({})).await.map(drop)
            }
            Era::Modern => {
                let notifications = json!({
                    "toolsListChanged": true,
                    "promptsListChanged": true,
                    "resourcesListChanged": true,
                    "resourceSubscriptions": uris,
                });
                let params = self.with_meta(json!({ "notifications": notifications }), None);
                let (id, answered) = self.inbox.expect();
                self.inbox
                    .send(request(&id, "subscriptions/listen", &params.to_string()));
                let acknowledged =
                    self.hear(|all| all.iter().find(|it| acknowledges(it, &id)).map(drop));
                tokio::select! {
                    () = acknowledged => Ok(()),
                    refused = answered => match refused {
                        Ok(Err(error)) => Err(error),
                        _ => {
                            self.inbox.check();
                            panic!("`subscriptions/listen` was over at once")
                        }
                    },
                }
            }
        }
    }

    /// The next change that the server tells of, after those that were returned before: see
    /// [`listen`](Self::listen).
    ///
    /// # Panics
    /// When there is none within 30 s.
    pub async fn changed(&self) -> Change {
        let told = {
            let told = self.changes_told.lock();
            let mut told = told.unwrap_or_else(PoisonError::into_inner);
            *told += 1;
            *told - 1
        };
        self.hear(|all| all.iter().filter_map(Notification::change).nth(told))
            .await
    }

    /// Waits until what was heard has this in it.
    async fn hear<T>(&self, find: impl Fn(&[Notification]) -> Option<T>) -> T {
        let found = async {
            loop {
                let news = self.inbox.news();
                self.inbox.check();
                if let Some(found) = find(&self.inbox.heard()) {
                    return found;
                }
                news.await;
            }
        };
        match timeout(PATIENCE, found).await {
            Ok(found) => found,
            Err(_) => panic!("the server told nothing of this kind within {PATIENCE:?}"),
        }
    }
}

/// Whether this is what begins the subscription that this request asked for.
fn acknowledges(notification: &Notification, id: &RequestId) -> bool {
    let Notification { method, params } = notification;
    let subscription = params.pointer("/_meta/io.modelcontextprotocol~1subscriptionId");
    method == "notifications/subscriptions/acknowledged" && subscription == Some(&json!(id))
}
