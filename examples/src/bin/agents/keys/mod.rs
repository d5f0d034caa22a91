//! Who may write: whose API keys are whose.
//!
//! Keys come from a file or a variable (`given`), from the data file (`kept`), or are made for trying
//! things out (`demo`), and all of them say the same: which agent, and what for.

#[cfg(unix)]
pub(crate) mod control;
mod demo;
mod given;
mod kept;
mod order;
mod rows;

pub(crate) use self::{
    demo::Demo,
    given::Given,
    kept::{Digest, Kept, Key},
    order::{Order, Told},
    rows::make_tables,
};

/// All that a key can be for.
pub(crate) const SCOPES: [&str; 2] = ["messages:read", "messages:write"];
