//! `subscriptions/listen`: a stream of the changes that a client asked for.
//!
//! # Specification
//! [2026-07-28, Subscriptions](https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions)

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use super::{Modern, Opened, Refused, seal::Seal};
use crate::{
    caller::{Caller, Origin},
    changes::{Change, Watch},
    era::stream::{Item, Reader, Stream},
    error::Error,
    handler::Handler,
    jsonrpc::{ErrorCode, ErrorObject, Raw, RequestId, message::without_position, notification},
    types::Meta,
};

/// How many resources one subscription may watch, and how long their URIs may be, in bytes.
const MOST_RESOURCES: usize = 1_000;
const LONGEST_URI: usize = 8 * 1024;

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
pub(super) struct Listeners {
    next: AtomicU64,
    all: Mutex<HashMap<u64, Listener>>,
    /// The server goes down: no subscription is to stay open.
    closing: AtomicBool,
}

struct Listener {
    id: RequestId,
    filter: Filter,
    stream: Arc<Stream>,
}

/// One subscription, read by its transport. Dropped, it is over.
pub struct Listening {
    listeners: Arc<Listeners>,
    number: u64,
    reader: Reader,
}

impl Modern {
    /// Opens a subscription; its first message acknowledges what of it is honoured.
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

        let refused = |reason: String| {
            let error = Error::invalid_params(reason);
            Refused(ErrorObject::new(
                ErrorCode::INVALID_PARAMS,
                error.to_string(),
            ))
        };
        let json = params.map_or("{}", Raw::get);
        let malformed = |error: serde_json::Error| refused(without_position(&error));
        let Params { notifications } = serde_json::from_str(json).map_err(malformed)?;
        if !notifications.get().starts_with('{') {
            return Err(refused("`notifications` must be an object".to_owned()));
        }
        let notifications: Filter = serde_json::from_str(notifications.get()).map_err(malformed)?;
        let watched = &notifications.resource_subscriptions;
        if watched.len() > MOST_RESOURCES || watched.iter().any(|uri| uri.len() > LONGEST_URI) {
            return Err(refused(format!(
                "`resourceSubscriptions` takes {MOST_RESOURCES} URIs of {LONGEST_URI} bytes at most"
            )));
        }
        let filter = notifications.honoured(&*self.0.handler, opened.caller(origin.into()));
        let stream = Arc::new(Stream::new(0, None));
        let acknowledged = json!({ "_meta": meta(id), "notifications": filter });
        stream.push(text(notification(
            "notifications/subscriptions/acknowledged",
            &acknowledged,
        )));
        let reader = stream.read();
        let listeners = Arc::clone(&self.0.listeners);
        let number = listeners.next.fetch_add(1, Ordering::Relaxed);
        listeners.all().insert(
            number,
            Listener {
                id: id.clone(),
                filter,
                stream,
            },
        );
        if self.0.listeners.closing.load(Ordering::Acquire) {
            self.0.listeners.close(&self.0.seal);
        }
        Ok(Listening {
            listeners,
            number,
            reader,
        })
    }
}

impl Listening {
    /// What comes next: one line of JSON; none when the subscription is over.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.reader.poll_next(cx).map(|item| match item {
            Some(Item::Message { data, .. }) => Some(data),
            Some(Item::Retry(_)) | None => None,
        })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.listeners.all().remove(&self.number);
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Listeners {
    /// Ends all subscriptions: told, answered, and over.
    pub(super) fn close(&self, seal: &Seal) {
        self.closing.store(true, Ordering::Release);
        for (_, Listener { id, stream, .. }) in self.all().drain() {
            let params = json!({ "_meta": meta(&id), "requestId": id, "reason": "shutting down" });
            stream.push(text(notification("notifications/cancelled", &params)));
            stream.push(seal.with_meta(&id, meta(&id)).to_vec().into());
            stream.end();
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<u64, Listener>> {
        // Nothing panics while holding it.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Listeners {
    fn changed(&self, change: &Change) {
        for Listener { id, filter, stream } in self.all().values() {
            if filter.wants(change) {
                stream.push(text(message(id, change)));
            }
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
