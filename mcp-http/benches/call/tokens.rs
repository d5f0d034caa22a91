//! An issuer whose tokens our server takes.

#[allow(
    dead_code,
    clippy::unwrap_used,
    reason = "it is of the tests, which need more of it"
)]
#[path = "../../tests/it/jwt/issuer.rs"]
mod issuer;

use issuer::{AUDIENCE, Issuer, URL, claims, set};
use mcp_http::auth::{Jwks, Jwt};

pub(crate) fn token() -> String {
    Issuer::ec().issue(&claims())
}

/// What takes these tokens.
pub(crate) fn taken() -> Jwt {
    let keys = Jwks::new(set(&[&Issuer::ec()])).expect("keys");
    Jwt::new(URL, AUDIENCE, keys)
}
