//! `subscriptions/listen`: a stream of the changes that a client asked for.
//!
//! # Specification
//! [2026-07-28, Subscriptions](https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions)

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use super::{Modern, Opened, Refused, seal::Seal};
use crate::{
    caller::{Caller, Origin},
    changes::{Change, MOST_WATCHED, MOST_WATCHED_BYTES, Watch},
    dispatch::check_uri,
    era::stream::{Item, Reader, Stream},
    handler::Handler,
    jsonrpc::{Raw, RequestId, message::without_position, notification},
    types::Meta,
};

/// Which changes a client wants to be told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Filter {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tools_list_changed: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    prompts_list_changed: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    resources_list_changed: bool,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    resource_subscriptions: BTreeSet<String>,
}

impl Filter {
    /// Refuses what would be kept of too much, for as long as the subscription lasts.
    fn check(&self, id: &RequestId) -> Result<(), Refused> {
        let watched = &self.resource_subscriptions;
        for uri in watched {
            check_uri(uri).map_err(Refused::invalid)?;
        }
        let bytes: usize = watched.iter().map(String::len).sum();
        let bytes = bytes + id.as_str().map_or(0, str::len);
        if watched.len() > MOST_WATCHED || bytes > MOST_WATCHED_BYTES {
            return Err(Refused::invalid(format_args!(
                "`resourceSubscriptions` takes {MOST_WATCHED} URIs at most, and {MOST_WATCHED_BYTES} \
                 bytes of them and the request's `id`"
            )));
        }
        Ok(())
    }

    /// What of it the server can honour.
    fn honoured(mut self, handler: &dyn Handler, caller: Caller<'_>) -> Self {
        let offered = &handler.info().capabilities;
        self.tools_list_changed &= offered.tools.is_some_and(|tools| tools.list_changed);
        self.prompts_list_changed &= offered.prompts.is_some_and(|prompts| prompts.list_changed);
        let resources = offered.resources.unwrap_or_default();
        self.resources_list_changed &= resources.list_changed;
        if !resources.subscribe {
            self.resource_subscriptions.clear();
        }
        self.resource_subscriptions
            .retain(|uri| handler.may_watch(caller, uri));
        self
    }

    fn wants(&self, change: &Change) -> bool {
        match change {
            Change::Tools => self.tools_list_changed,
            Change::Prompts => self.prompts_list_changed,
            Change::Resources => self.resources_list_changed,
            Change::Resource(uri) => self.resource_subscriptions.contains(uri),
        }
    }
}

/// Everybody who listens.
#[derive(Default)]
pub(super) struct Listeners(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    all: HashMap<u64, Listener>,
    next: u64,
    /// The server goes down: nobody listens any more.
    is_closing: bool,
}

struct Listener {
    id: RequestId,
    filter: Filter,
    stream: Arc<Stream>,
}

/// One subscription, read by its transport. Dropped, it is over.
pub struct Listening {
    listeners: Arc<Listeners>,
    /// Which one it is; none if it was over when it began.
    number: Option<u64>,
    /// What has to be sent first, whatever has changed by then.
    acknowledged: Option<Bytes>,
    reader: Reader,
}

impl Modern {
    /// Opens a subscription; its first message acknowledges what of it is honoured. After
    /// [`close_streams`](Self::close_streams), it is over with that.
    ///
    /// # Errors
    /// [`Refused`] when the filter is malformed or too large.
    pub fn listen<'a>(
        &self,
        origin: impl Into<Origin<'a>>,
        id: &RequestId,
        params: Option<Raw<'_>>,
        opened: &Opened<'_>,
    ) -> Result<Listening, Refused> {
        #[derive(Deserialize)]
        struct Params<'a> {
            #[serde(borrow)]
            notifications: &'a RawValue,
        }

        let json = params.map_or("{}", Raw::get);
        let malformed = |error: serde_json::Error| Refused::invalid(without_position(&error));
        let Params { notifications } = serde_json::from_str(json).map_err(malformed)?;
        if !notifications.get().starts_with('{') {
            return Err(Refused::invalid("`notifications` must be an object"));
        }
        let notifications: Filter = serde_json::from_str(notifications.get()).map_err(malformed)?;
        notifications.check(id)?;
        let filter = notifications.honoured(&*self.0.handler, opened.caller(origin.into()));
        let stream = Arc::new(Stream::new(0));
        let acknowledged = json!({ "_meta": meta(id), "notifications": filter });
        let acknowledged = notification("notifications/subscriptions/acknowledged", &acknowledged);
        let reader = stream.read();
        let listeners = Arc::clone(&self.0.listeners);
        let listener = Listener {
            id: id.clone(),
            filter,
            stream,
        };
        let number = listeners.add(listener, &self.0.seal);
        Ok(Listening {
            listeners,
            number,
            acknowledged: Some(text(acknowledged)),
            reader,
        })
    }
}

impl Listening {
    /// What comes next: one line of JSON; none when the subscription is over.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.acknowledged.take() {
            return Poll::Ready(Some(first));
        }
        self.reader.poll_next(cx).map(|item| match item {
            Some(Item::Message { data, .. }) => Some(data),
            Some(Item::Retry(_)) | None => None,
        })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.listeners.inner().all.remove(&number);
        }
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Listener {
    /// Ends it: told, answered, and over.
    fn end(self, seal: &Seal) {
        let Self { id, stream, .. } = self;
        let params = json!({ "_meta": meta(&id), "requestId": id, "reason": "shutting down" });
        stream.push(text(notification("notifications/cancelled", &params)));
        stream.push(seal.with_meta(&id, meta(&id)).to_vec().into());
        stream.end();
    }
}

impl Listeners {
    /// Has it told of changes from now on; ends it if the server goes down already.
    fn add(&self, listener: Listener, seal: &Seal) -> Option<u64> {
        let mut inner = self.inner();
        if inner.is_closing {
            drop(inner);
            listener.end(seal);
            return None;
        }
        let number = inner.next;
        inner.next += 1;
        inner.all.insert(number, listener);
        Some(number)
    }

    /// Ends all subscriptions, those too that are still to come.
    pub(super) fn close(&self, seal: &Seal) {
        let mut inner = self.inner();
        inner.is_closing = true;
        let all = std::mem::take(&mut inner.all);
        // Nothing is written and nobody woken while others wait for the lock.
        drop(inner);
        all.into_values().for_each(|listener| listener.end(seal));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while holding it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Listeners {
    fn changed(&self, change: &Change) {
        let inner = self.inner();
        let wants = |listener: &&Listener| listener.filter.wants(change);
        let told = inner.all.values().filter(wants);
        let told: Vec<_> = told
            .map(|listener| (listener.id.clone(), Arc::clone(&listener.stream)))
            .collect();
        drop(inner);
        for (id, stream) in told {
            stream.push(text(message(&id, change)));
        }
    }
}

fn message(id: &RequestId, change: &Change) -> Box<str> {
    let meta = meta(id);
    match change {
        Change::Resource(uri) => {
            let params = json!({ "_meta": meta, "uri": uri });
            notification("notifications/resources/updated", &params)
        }
        Change::Tools => list_changed("tools", meta),
        Change::Resources => list_changed("resources", meta),
        Change::Prompts => list_changed("prompts", meta),
    }
}

fn list_changed(what: &str, meta: Meta) -> Box<str> {
    notification(
        &format!("notifications/{what}/list_changed"),
        &json!({ "_meta": meta }),
    )
}

fn meta(id: &RequestId) -> Meta {
    let key = "io.modelcontextprotocol/subscriptionId".to_owned();
    Meta::from_iter([(key, json!(id))])
}

fn text(message: Box<str>) -> Bytes {
    String::from(message).into()
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::{Server, era::modern::ModernOptions};

    #[test]
    fn the_acknowledgement_comes_first_whatever_changes_meanwhile() {
        let server = Server::new("it", "1").offers_resources().build().unwrap();
        let handle = server.handle();
        let modern = Modern::new(Arc::new(server), ModernOptions::default()).unwrap();
        let params = json!({
            "notifications": { "resourcesListChanged": true },
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        });
        let params = serde_json::value::to_raw_value(&params).unwrap();
        let params = Some((&*params).into());
        let opened = Opened::parse(params).unwrap();
        let id = RequestId::from(1_i64);
        let mut listening = modern.listen(None, &id, params, &opened).unwrap();
        for _ in 0..100 {
            handle.tell(&Change::Resources);
        }
        let mut cx = Context::from_waker(Waker::noop());
        let Poll::Ready(Some(first)) = listening.poll_next(&mut cx) else {
            panic!("nothing comes");
        };
        let first: serde_json::Value = serde_json::from_slice(&first).unwrap();
        let method = "notifications/subscriptions/acknowledged";
        assert_eq!(first["method"], method);
    }
}
