//! What a request says of itself and its client, in `_meta`.
//!
//! # Specification
//! [2026-07-28, `_meta`](https://modelcontextprotocol.io/specification/2026-07-28/basic#_meta)

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Refused, VERSION_KEY};
use crate::{
    ProtocolVersion,
    context::Peer,
    jsonrpc::{Raw, message::without_position},
    types::{Implementation, logging::LoggingLevel},
};

const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
const KEYS: [&str; 4] = [
    VERSION_KEY,
    CAPABILITIES_KEY,
    "io.modelcontextprotocol/clientInfo",
    "io.modelcontextprotocol/logLevel",
];
/// What is longer is read again each time, so that a connection keeps little.
const LONGEST: usize = 1024;

/// What a request says of itself and its client.
#[derive(Clone, Debug)]
pub(super) struct Said<'a> {
    /// The revision, as it is written.
    pub(super) version: Cow<'a, str>,
    pub(super) peer: Arc<Peer>,
    pub(super) log_level: Option<LoggingLevel>,
}

/// The members that it is said with, as they stand, by [`KEYS`].
type Members<T> = [Option<T>; KEYS.len()];

impl<'a> Said<'a> {
    pub(super) fn read(meta: Option<Raw<'a>>) -> Result<Self, Refused> {
        Self::of(members(meta)?)
    }

    fn of([version, capabilities, info, log_level]: Members<Raw<'a>>) -> Result<Self, Refused> {
        let invalid = |error: serde_json::Error| Refused::invalid(without_position(&error));
        let version = version.and_then(|raw| raw.text().ok());
        let version = version.ok_or_else(|| missing(VERSION_KEY))?;
        let capabilities = capabilities.filter(|raw| raw.is_object());
        let capabilities = capabilities.ok_or_else(|| missing(CAPABILITIES_KEY))?;
        let capabilities = capabilities.parse().map_err(invalid)?;
        let info = info.filter(is_there).map(Raw::parse::<Implementation>);
        let info = info.transpose().map_err(invalid)?.unwrap_or_default();
        let log_level = log_level.filter(is_there).map(Raw::parse);
        Ok(Self {
            version,
            peer: Arc::new(Peer::new(info, capabilities)),
            log_level: log_level.transpose().map_err(invalid)?,
        })
    }
}

fn members(meta: Option<Raw<'_>>) -> Result<Members<Raw<'_>>, Refused> {
    let meta = meta.filter(is_there).ok_or_else(|| missing(VERSION_KEY))?;
    if !meta.is_object() {
        return Err(Refused::invalid("`_meta` must be an object"));
    }
    meta.pick(&KEYS).map_err(Refused::invalid)
}

fn is_there(raw: &Raw<'_>) -> bool {
    !raw.is_null()
}

fn missing(key: &str) -> Refused {
    Refused::invalid(format_args!("`_meta` must have `{key}`"))
}

/// What the last request of a connection said of itself: clients say the same with each, and to
/// compare it costs a fraction of reading it.
#[derive(Debug, Default)]
pub struct Memo(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    /// All of `_meta`.
    text: Box<str>,
    /// What of it says the rest: a progress token or a trace beside it may be another each time.
    members: Members<Box<str>>,
    version: ProtocolVersion,
    peer: Arc<Peer>,
    log_level: Option<LoggingLevel>,
}

impl Kept {
    fn is(&self, members: &Members<Raw<'_>>) -> bool {
        let mut pairs = self.members.iter().zip(members);
        pairs.all(|(kept, now)| kept.as_deref() == now.map(Raw::get))
    }

    fn said(&self) -> Said<'static> {
        Said {
            version: Cow::Borrowed(self.version.as_str()),
            peer: Arc::clone(&self.peer),
            log_level: self.log_level,
        }
    }
}

impl Memo {
    /// The values of these members, of which one most likely is the `_meta` that came last.
    pub(super) fn pick<'a, const N: usize>(
        &self,
        params: Raw<'a>,
        names: &[&'static str; N],
    ) -> Result<[Option<Raw<'a>>; N], Refused> {
        let picked = match &*self.kept() {
            Some(kept) => params.pick_beside(names, &kept.text),
            None => params.pick(names),
        };
        picked.map_err(Refused::invalid)
    }

    /// What is said here; read only if it is not what was said last.
    pub(super) fn read<'a>(&self, meta: Option<Raw<'a>>) -> Result<Said<'a>, Refused> {
        let text = meta.map(Raw::get).filter(|text| text.len() <= LONGEST);
        let Some(text) = text else {
            return Said::read(meta);
        };
        if let Some(kept) = &*self.kept()
            && *kept.text == *text
        {
            return Ok(kept.said());
        }
        let members = members(meta)?;
        if let Some(kept) = &*self.kept()
            && kept.is(&members)
        {
            return Ok(kept.said());
        }
        let said = Said::of(members)?;
        if let Some(version) = ProtocolVersion::parse(&said.version) {
            *self.kept() = Some(Kept {
                text: text.into(),
                members: members.map(|raw| raw.map(|raw| raw.get().into())),
                version,
                peer: Arc::clone(&said.peer),
                log_level: said.log_level,
            });
        }
        Ok(said)
    }

    fn kept(&self) -> MutexGuard<'_, Option<Kept>> {
        // Nothing panics while holding it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(client: &str, more: &str) -> String {
        format!(
            r#"{{"{VERSION_KEY}":"2026-07-28","{CAPABILITIES_KEY}":{{}},"io.modelcontextprotocol/clientInfo":{{"name":"{client}","version":"1"}}{more}}}"#
        )
    }

    #[test]
    fn what_is_said_again_is_the_same_and_what_is_not_is_not() {
        let memo = Memo::default();
        let read = |text: &str| {
            let said = memo.read(Some(Raw::new(text).unwrap())).unwrap();
            (said.version.into_owned(), said.peer, said.log_level)
        };
        let (version, first, _) = read(&meta("one", ""));
        assert_eq!((&*version, &*first.info.name), ("2026-07-28", "one"));
        assert!(Arc::ptr_eq(&first, &read(&meta("one", "")).1));
        assert_eq!(read(&meta("two", "")).1.info.name, "two");
        let level = r#","io.modelcontextprotocol/logLevel":"error""#;
        assert_eq!(read(&meta("two", level)).2, Some(LoggingLevel::Error));
        assert_eq!(read(&meta("two", "")).2, None);
    }

    #[test]
    fn what_is_said_beside_it_may_be_another_each_time() {
        let memo = Memo::default();
        let read = |more: &str| {
            memo.read(Some(Raw::new(&meta("one", more)).unwrap()))
                .unwrap()
                .peer
        };
        let first = read(r#","progressToken":1"#);
        for more in [r#","progressToken":2"#, "", r#","traceparent":"00-1-2-01""#] {
            assert!(Arc::ptr_eq(&first, &read(more)), "{more}");
        }
    }

    #[test]
    fn what_is_refused_is_not_remembered() {
        let memo = Memo::default();
        let read = |text: &str| memo.read(Some(Raw::new(text).unwrap())).is_ok();
        assert!(!read("{}") && !read("{}") && !read("[]"));
        assert!(read(&meta("one", "")) && !read("{}") && read(&meta("one", "")));
    }
}
