//! `tracing` events as log messages for the client whose call they are of.

use std::{
    cell::RefCell,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Map, Value};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use crate::{ctx::log, line::Line, types::logging::LoggingLevel};

thread_local! {
    /// The line of the call that is being polled.
    static CURRENT: RefCell<Option<Arc<Line>>> = const { RefCell::new(None) };
}

/// Whether there is a layer at all: without one, no call pays for it.
static INSTALLED: AtomicBool = AtomicBool::new(false);

/// A layer that sends what a handler logs with `tracing` to the client that called it, as far as
/// the client wants log messages. Events of other code go nowhere near it.
///
/// Add a filter of its own: what passes it leaves the server, so it must hold no secrets.
///
/// ```
/// use mcp_core::ForwardLayer;
/// use tracing_subscriber::{Layer, layer::SubscriberExt, filter::{LevelFilter, Targets}};
///
/// let mine_only = Targets::new().with_target("my_server", LevelFilter::INFO);
/// let subscriber = tracing_subscriber::registry().with(ForwardLayer::new().with_filter(mine_only));
/// # let _ = subscriber;
/// ```
///
/// # Specification
/// [2025-11-25, Logging](https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/logging),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/logging)
#[derive(Debug)]
#[non_exhaustive]
pub struct ForwardLayer {}

impl ForwardLayer {
    /// The layer.
    #[expect(clippy::new_without_default, reason = "making one has an effect")]
    pub fn new() -> Self {
        INSTALLED.store(true, Ordering::Release);
        Self {}
    }
}

impl<S: Subscriber> Layer<S> for ForwardLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let target = event.metadata().target();
        let ours = ["mcp_core", "mcp_http"];
        if ours
            .iter()
            .any(|name| target.split("::").next() == Some(*name))
        {
            return;
        }
        let Some(line) = CURRENT.with_borrow(Option::clone) else {
            return;
        };
        let level = level_of(event.metadata().level());
        if line.logs(level) {
            let mut fields = Fields::default();
            event.record(&mut fields);
            log(&line, level, Some(target), fields.0);
        }
    }
}

/// Whether lines are wanted for calls that would have none otherwise.
pub(crate) fn is_installed() -> bool {
    INSTALLED.load(Ordering::Acquire)
}

/// Runs a handler with events going to this line.
pub(crate) fn scope<T>(line: Arc<Line>, run: impl FnOnce() -> T) -> T {
    struct Restore(Option<Arc<Line>>);

    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }

    let _restore = Restore(CURRENT.replace(Some(line)));
    run()
}

fn level_of(level: &Level) -> LoggingLevel {
    match *level {
        Level::ERROR => LoggingLevel::Error,
        Level::WARN => LoggingLevel::Warning,
        Level::INFO => LoggingLevel::Info,
        _ => LoggingLevel::Debug,
    }
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
}
