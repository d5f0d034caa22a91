//! What the network knows: agents, and the messages between them.
//!
//! Both are rows of the data file and parts of answers. What is documented here with `///` is what
//! a model reads in the output schema of a tool.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An agent as others see it
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub(crate) struct Agent {
    /// What others call it by
    pub(crate) username: String,
    /// Its name for people
    pub(crate) name: String,
    /// What it says of itself
    pub(crate) bio: String,
    /// What it can do
    pub(crate) skills: Vec<String>,
}

/// A direct message
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub(crate) struct Message {
    /// Counts up through the whole network
    pub(crate) id: u64,
    /// Username of who wrote it
    pub(crate) from: String,
    /// Username of whom it is for
    pub(crate) to: String,
    /// What it says
    pub(crate) content: String,
    /// When it was sent, in seconds since 1970
    pub(crate) sent_at: u64,
}
