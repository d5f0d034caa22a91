//! Hears what is logged on this thread.

use std::{
    cell::RefCell,
    fmt::{self, Write as _},
    sync::Once,
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

thread_local! {
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Everything that was logged on this thread, of every level. A test has its thread to itself.
pub(crate) struct Log(());

/// Listens until it is dropped.
pub(crate) fn listen() -> Log {
    // For the whole process: what one thread alone wants to hear, others may have silenced for good.
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(Listener).expect("the only one that listens");
        tracing::callsite::rebuild_interest_cache();
    });
    HEARD.set(Some(String::new()));
    Log(())
}

impl Log {
    pub(crate) fn text(&self) -> String {
        HEARD.with_borrow(|heard| heard.clone().unwrap_or_default())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        HEARD.set(None);
    }
}

struct Listener;

impl Listener {
    fn line(name: &str, record: impl FnOnce(&mut dyn Visit)) {
        HEARD.with_borrow_mut(|heard| {
            let Some(heard) = heard else { return };
            let mut line = Line(format!("{name}:"));
            record(&mut line);
            heard.push_str(&line.0);
            heard.push('\n');
        });
    }
}

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        Self::line(span.metadata().name(), |line| span.record(line));
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        Self::line("record", |line| values.record(line));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        Self::line(event.metadata().target(), |line| event.record(line));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").expect("a string takes any text");
    }
}
