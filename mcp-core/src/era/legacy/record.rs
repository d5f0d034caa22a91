//! What a session is sealed as: its id is all that is kept of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::session::Session;
use crate::{
    ProtocolVersion,
    context::Peer,
    digest::Digest,
    types::{
        Implementation,
        capabilities::{ClientCapabilities, Elicitation, Listed, Sampling, Supported},
    },
};

/// How much of a client's name and version a session remembers, in bytes each.
pub(super) const LONGEST_NAME: usize = 64;
/// How much of what a client declares beyond the specification a session remembers, in bytes of
/// JSON: its id travels with every request.
const LONGEST_BEYOND: usize = 1024;

/// What is sealed. Its layout: format, version, capabilities (2), created (8), principal (0 or 1,
/// then 16), then name and version of the client, each with its length (1) before it; the rest is
/// what the client declares beyond the specification, as JSON, if it does.
pub(super) struct Record<'a> {
    pub(super) version: ProtocolVersion,
    pub(super) created: u64,
    pub(super) principal: Option<Digest>,
    pub(super) peer: &'a Peer,
}

const FORMAT: u8 = 2;

impl Record<'_> {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let version = ProtocolVersion::ALL
            .iter()
            .position(|version| *version == self.version);
        let mut out = vec![
            FORMAT,
            u8::try_from(version.unwrap_or_default()).unwrap_or_default(),
        ];
        out.extend(flags(&self.peer.capabilities).to_le_bytes());
        out.extend(self.created.to_le_bytes());
        out.push(self.principal.is_some().into());
        out.extend(self.principal.iter().flatten());
        for text in [&self.peer.info.name, &self.peer.info.version] {
            let text = text
                .get(..text.floor_char_boundary(LONGEST_NAME))
                .unwrap_or_default();
            out.push(u8::try_from(text.len()).unwrap_or_default());
            out.extend(text.bytes());
        }
        out.extend(Beyond::of(&self.peer.capabilities).to_json());
        out
    }
}

/// What a client declares beyond the specification.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Beyond {
    #[serde(skip_serializing_if = "Map::is_empty")]
    extensions: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    experimental: Map<String, Value>,
}

impl Beyond {
    /// As much as a session remembers: whole entries, extensions first.
    fn of(capabilities: &ClientCapabilities) -> Self {
        let mut left = LONGEST_BEYOND;
        let mut fitting = |all: &Map<String, Value>| -> Map<String, Value> {
            let fits = |(name, settings): &(&String, &Value)| {
                let length = json!(name).to_string().len() + settings.to_string().len();
                let fits = length <= left;
                left -= if fits { length } else { 0 };
                fits
            };
            let all = all.iter().filter(fits);
            all.map(|(name, it)| (name.clone(), it.clone())).collect()
        };
        let kept = Self {
            extensions: fitting(&capabilities.extensions),
            experimental: fitting(&capabilities.experimental),
        };
        let declared = capabilities.extensions.len() + capabilities.experimental.len();
        let lost = declared - kept.extensions.len() - kept.experimental.len();
        if lost > 0 {
            tracing::debug!(
                lost,
                most = LONGEST_BEYOND,
                "a client declares more than a session remembers"
            );
        }
        kept
    }

    fn to_json(&self) -> Vec<u8> {
        if self.extensions.is_empty() && self.experimental.is_empty() {
            return Vec::new();
        }
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// The session of these bytes, by its random ones; none if they are of another format.
pub(super) fn read(key: u64, mut bytes: &[u8]) -> Option<Session> {
    let [format, version] = *take(&mut bytes)?;
    if format != FORMAT {
        return None;
    }
    let version = *ProtocolVersion::ALL.get(usize::from(version))?;
    let mut capabilities = capabilities(u16::from_le_bytes(*take(&mut bytes)?));
    let created = u64::from_le_bytes(*take(&mut bytes)?);
    let principal = match *take(&mut bytes)? {
        [0] => None,
        _ => Some(*take(&mut bytes)?),
    };
    let mut text = || {
        let [length] = *take(&mut bytes)?;
        let (text, rest) = bytes.split_at_checked(length.into())?;
        bytes = rest;
        String::from_utf8(text.to_vec()).ok()
    };
    let info = Implementation::new(text()?, text()?);
    if !bytes.is_empty() {
        let beyond: Beyond = serde_json::from_slice(bytes).ok()?;
        capabilities.extensions = beyond.extensions;
        capabilities.experimental = beyond.experimental;
    }
    let peer = Arc::new(Peer::new(info, capabilities));
    Some(Session {
        key,
        version,
        created,
        principal,
        opener: None,
        peer,
    })
}

fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(taken)
}

/// What a client can be asked, one bit each.
fn flags(capabilities: &ClientCapabilities) -> u16 {
    let ClientCapabilities {
        roots,
        sampling,
        elicitation,
        extensions: _,
        experimental: _,
    } = capabilities;
    let sampling_of = |part: fn(&Sampling) -> Option<Supported>| sampling.as_ref().and_then(part);
    let elicitation_of =
        |part: fn(&Elicitation) -> Option<Supported>| elicitation.as_ref().and_then(part);
    [
        roots.is_some(),
        roots.is_some_and(|roots| roots.list_changed),
        sampling.is_some(),
        sampling_of(|sampling| sampling.context).is_some(),
        sampling_of(|sampling| sampling.tools).is_some(),
        elicitation.is_some(),
        elicitation_of(|elicitation| elicitation.form).is_some(),
        elicitation_of(|elicitation| elicitation.url).is_some(),
    ]
    .into_iter()
    .enumerate()
    .fold(0, |flags, (bit, set)| flags | u16::from(set) << bit)
}

fn capabilities(flags: u16) -> ClientCapabilities {
    let has = |bit: u16| flags >> bit & 1 == 1;
    let supported = |bit| has(bit).then_some(Supported {});
    ClientCapabilities {
        roots: has(0).then(|| Listed {
            list_changed: has(1),
        }),
        sampling: has(2).then(|| Sampling {
            context: supported(3),
            tools: supported(4),
        }),
        elicitation: has(5).then(|| Elicitation {
            form: supported(6),
            url: supported(7),
        }),
        ..ClientCapabilities::default()
    }
}
