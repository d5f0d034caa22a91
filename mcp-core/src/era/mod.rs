//! The two eras of the protocol. Which rules a message is served under is decided once, here.
//!
//! **Legacy** is an `initialize` handshake and the session it makes (2025-11-25 and earlier).
//! Transports drive [`legacy::Legacy`]; handlers, registries and dispatch never know.

pub mod legacy;
