//! The revisions of the protocol, and the era each belongs to.

use std::fmt;

use serde::Serialize;

use crate::era::Era;

/// A revision of the Model Context Protocol.
///
/// # Specification
/// [Versioning](https://modelcontextprotocol.io/specification/versioning)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub enum ProtocolVersion {
    /// 2024-11-05: the first.
    #[serde(rename = "2024-11-05")]
    V2024_11_05,
    /// 2025-03-26: Streamable HTTP.
    #[serde(rename = "2025-03-26")]
    V2025_03_26,
    /// 2025-06-18: structured output, titles, resource links, no batches.
    #[serde(rename = "2025-06-18")]
    V2025_06_18,
    /// 2025-11-25: icons, elicitation by URL, tasks.
    #[serde(rename = "2025-11-25")]
    V2025_11_25,
    /// 2026-07-28: no sessions; every request carries what it needs.
    #[serde(rename = "2026-07-28")]
    V2026_07_28,
}

impl ProtocolVersion {
    /// Every revision that is served, oldest first.
    pub const ALL: &'static [Self] = &[
        Self::V2024_11_05,
        Self::V2025_03_26,
        Self::V2025_06_18,
        Self::V2025_11_25,
        Self::V2026_07_28,
    ];

    /// The newest revision that `initialize` negotiates.
    pub const LATEST_LEGACY: Self = Self::V2025_11_25;

    /// The era that the revision belongs to.
    pub const fn era(self) -> Era {
        match self {
            Self::V2024_11_05 | Self::V2025_03_26 | Self::V2025_06_18 | Self::V2025_11_25 => {
                Era::Legacy
            }
            Self::V2026_07_28 => Era::Modern,
        }
    }

    /// The revision as it is written on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// The revision that is written so, if it is one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|version| version.as_str() == text)
    }

    /// Every revision that is served, as a sentence names them.
    ///
    /// ```
    /// let served = mcp_core::ProtocolVersion::served();
    /// assert!(served.ends_with("2025-11-25, 2026-07-28"));
    /// ```
    pub fn served() -> String {
        let all: Vec<&str> = Self::ALL.iter().map(|version| version.as_str()).collect();
        all.join(", ")
    }
}

/// How many revisions there are.
pub(crate) const COUNT: usize = ProtocolVersion::ALL.len();

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
