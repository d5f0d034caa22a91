//! What the server said on the way.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{changes::Change, types::logging::LoggingLevel};

/// A notification of the server's, as it came.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Notification {
    /// Such as `notifications/progress`.
    pub method: String,
    /// What it says.
    pub params: Value,
}

/// How far a call said it was.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProgressMessage {
    /// This far.
    pub progress: f64,
    /// Of so much.
    #[serde(default)]
    pub total: Option<f64>,
    /// In words.
    #[serde(default)]
    pub message: Option<String>,
}

/// A log message.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct LogMessage {
    /// How much it matters.
    pub level: LoggingLevel,
    /// Which part of the server speaks.
    #[serde(default)]
    pub logger: Option<String>,
    /// What it says.
    pub data: Value,
}

impl Notification {
    /// Its parameters, if it is of this method.
    ///
    /// # Panics
    /// When they do not fit: the server broke the protocol.
    pub(super) fn of<T: DeserializeOwned>(&self, method: &str) -> Option<T> {
        let fits = |error| panic!("{method} {}: {error}", self.params);
        (self.method == method)
            .then(|| serde_json::from_value(self.params.clone()).unwrap_or_else(fits))
    }

    /// The change that it tells of, if it does.
    pub(super) fn change(&self) -> Option<Change> {
        #[derive(Deserialize)]
        struct Updated {
            uri: String,
        }

        match self.method.as_str() {
            "notifications/tools/list_changed" => Some(Change::Tools),
            "notifications/resources/list_changed" => Some(Change::Resources),
            "notifications/prompts/list_changed" => Some(Change::Prompts),
            updated => {
                let uri = (updated == "notifications/resources/updated").then_some(updated)?;
                self.of(uri).map(|Updated { uri }| Change::Resource(uri))
            }
        }
    }
}
