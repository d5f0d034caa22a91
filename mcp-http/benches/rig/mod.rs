//! What benchmarks share: servers that are processes of their own, clients that check every answer,
//! and times that can be compared although the machine is not still.

#![allow(dead_code, reason = "no benchmark needs all of it")]

pub(crate) mod bare;
pub(crate) mod connection;
pub(crate) mod instructions;
pub(crate) mod load;
pub(crate) mod machine;
pub(crate) mod message;
pub(crate) mod ours;
pub(crate) mod process;
pub(crate) mod row;
pub(crate) mod table;
pub(crate) mod values;
