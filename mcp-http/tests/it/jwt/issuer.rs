//! An issuer of tokens, honest or not.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    crypto::sign,
    jwk::{AlgorithmParameters, Jwk},
};
use serde_json::{Value, json};

pub(super) const URL: &str = "https://login.example.com";
pub(super) const AUDIENCE: &str = "https://mcp.example.com/mcp";

/// Somebody who has a key.
#[derive(Clone)]
pub(super) struct Issuer {
    header: Header,
    key: EncodingKey,
}

impl Issuer {
    fn new(kid: &str, algorithm: Algorithm, key: EncodingKey) -> Self {
        let mut header = Header::new(algorithm);
        header.kid = Some(kid.to_owned());
        Self { header, key }
    }

    pub(super) fn rsa() -> Self {
        let key = EncodingKey::from_rsa_der(include_bytes!("test_keys/rsa.der"));
        Self::new("rsa", Algorithm::RS256, key)
    }

    pub(super) fn pss() -> Self {
        let key = EncodingKey::from_rsa_der(include_bytes!("test_keys/rsa.der"));
        Self::new("pss", Algorithm::PS256, key)
    }

    pub(super) fn ec() -> Self {
        let key = EncodingKey::from_ec_der(include_bytes!("test_keys/ec.der"));
        Self::new("ec", Algorithm::ES256, key)
    }

    /// Another key of the same name.
    pub(super) fn another_ec() -> Self {
        let key = EncodingKey::from_ec_der(include_bytes!("test_keys/another_ec.der"));
        Self::new("ec", Algorithm::ES256, key)
    }

    pub(super) fn ed25519() -> Self {
        let key = EncodingKey::from_ed_der(include_bytes!("test_keys/ed25519.der"));
        Self::new("ed25519", Algorithm::EdDSA, key)
    }

    /// The same, writing another header.
    pub(super) fn header(&self, change: impl FnOnce(&mut Header)) -> Self {
        let mut this = self.clone();
        change(&mut this.header);
        this
    }

    pub(super) fn kid(&self) -> &str {
        self.header.kid.as_deref().unwrap()
    }

    /// The public key.
    pub(super) fn jwk(&self) -> Jwk {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.header.alg).unwrap();
        jwk.common.key_id.clone_from(&self.header.kid);
        jwk
    }

    /// What of the public key could be taken for a secret.
    pub(super) fn public_bytes(&self) -> Vec<Vec<u8>> {
        let jwk = self.jwk();
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
        let raw = match &jwk.algorithm {
            AlgorithmParameters::RSA(key) => part(&key.n),
            AlgorithmParameters::EllipticCurve(key) => {
                [vec![4], part(&key.x), part(&key.y)].concat()
            }
            AlgorithmParameters::OctetKeyPair(key) => part(&key.x),
            other => panic!("{other:?}"),
        };
        vec![raw, serde_json::to_vec(&jwk).unwrap(), Vec::new()]
    }

    /// A token that says this.
    pub(super) fn issue(&self, claims: &Value) -> String {
        self.issue_text(&claims.to_string())
    }

    /// The same, in these very words.
    pub(super) fn issue_text(&self, claims: &str) -> String {
        signed(&self.header, claims, &self.key)
    }

    /// The same, signed with something that is no secret.
    pub(super) fn issue_by_secret(&self, secret: &[u8], claims: &Value) -> String {
        let mut header = self.header.clone();
        header.alg = Algorithm::HS256;
        signed(
            &header,
            &claims.to_string(),
            &EncodingKey::from_secret(secret),
        )
    }
}

fn signed(header: &Header, claims: &str, key: &EncodingKey) -> String {
    let header = encoded(&serde_json::to_value(header).unwrap());
    let claims = BASE64_URL_SAFE_NO_PAD.encode(claims);
    let message = format!("{header}.{claims}");
    let algorithm =
        serde_json::from_slice::<Header>(&BASE64_URL_SAFE_NO_PAD.decode(&header).unwrap());
    let signature = sign(message.as_bytes(), key, algorithm.unwrap().alg).unwrap();
    format!("{message}.{signature}")
}

/// A part of a token.
pub(super) fn encoded(json: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(json.to_string())
}

/// Header, claims and signature.
pub(super) fn pieces(token: &str) -> [&str; 3] {
    let pieces: Vec<_> = token.split('.').collect();
    pieces.try_into().unwrap()
}

/// The public keys of all of them.
pub(super) fn set(issuers: &[&Issuer]) -> String {
    let keys: Vec<_> = issuers.iter().map(|issuer| issuer.jwk()).collect();
    json!({ "keys": keys }).to_string()
}

/// So many hours from now, as tokens tell the time.
pub(super) fn hours(hours: i64) -> i64 {
    i64::try_from(jsonwebtoken::get_current_timestamp()).unwrap() + hours * 3600
}

/// What a good token says.
pub(super) fn claims() -> Value {
    json!({
        "iss": URL,
        "aud": AUDIENCE,
        "sub": "carol",
        "exp": hours(1),
        "nbf": hours(-1),
        "iat": hours(-1),
        "scope": "books:read",
        "client_id": "it",
    })
}
