//! The keys of an issuer, and what each may have signed.
//!
//! # Specification
//! [RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)

use jsonwebtoken::{Algorithm, DecodingKey, crypto::aws_lc};
use serde::Deserialize;
use serde_json::Value;

/// More than any issuer has; larger sets are not read.
const MAX_SET: usize = 1024 * 1024;

/// The public keys of an issuer that are of use here.
#[derive(Default)]
pub(super) struct KeySet(Vec<Key>);

/// One public key.
pub(super) struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// A key as it is written.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Keys that are not known, or not for signatures, are left out.
    ///
    /// # Errors
    /// What is wrong with the set as a whole.
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Written {
            keys: Vec<Value>,
        }

        if json.len() > MAX_SET {
            return Err(format!("a key set of more than {MAX_SET} bytes"));
        }
        let written: Written = serde_json::from_slice(json)
            .map_err(|error| format!("not a key set, `{{\"keys\": [..]}}`: {error}"))?;
        let keys: Vec<Key> = written.keys.into_iter().filter_map(Key::read).collect();
        if keys.is_empty() {
            return Err(
                "no public key for RS256, PS256, ES256 or EdDSA is in the key set".to_owned(),
            );
        }
        Ok(Self(keys))
    }

    /// The keys by this name, or all where none is given, that are for this algorithm.
    pub(super) fn that_may_have_signed(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &Key> {
        self.0.iter().filter(move |key| {
            let named = kid.is_none_or(|kid| key.id.as_deref() == Some(kid));
            named && key.algorithms.contains(&algorithm)
        })
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Key {
    fn read(written: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(written).ok()?;
        let signs = jwk
            .purpose
            .as_deref()
            .is_none_or(|purpose| purpose == "sig");
        let verifies = |operations: &Vec<String>| operations.iter().any(|it| it == "verify");
        if !signs || !jwk.key_ops.as_ref().is_none_or(verifies) {
            return None;
        }
        // What a key may have signed follows from the key, never from the token alone: a public key
        // is no secret for HS256, and a token without a signature is of nobody.
        let (mut algorithms, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => (
                vec![Algorithm::RS256, Algorithm::PS256],
                DecodingKey::from_rsa_components(jwk.n.as_deref()?, jwk.e.as_deref()?),
            ),
            ("EC", Some("P-256")) => (
                vec![Algorithm::ES256],
                DecodingKey::from_ec_components(jwk.x.as_deref()?, jwk.y.as_deref()?),
            ),
            ("OKP", Some("Ed25519")) => (
                vec![Algorithm::EdDSA],
                DecodingKey::from_ed_components(jwk.x.as_deref()?),
            ),
            _ => return None,
        };
        if let Some(only) = jwk.alg {
            // RFC 9864 names EdDSA by its curve.
            let only = if only == "Ed25519" { "EdDSA" } else { &only };
            let only: Algorithm = only.parse().ok()?;
            algorithms.retain(|algorithm| *algorithm == only);
        }
        (!algorithms.is_empty()).then_some(Self {
            id: jwk.kid,
            algorithms,
            key: key.ok()?,
        })
    }

    /// Whether this key made this signature of this.
    pub(super) fn verifies(
        &self,
        algorithm: Algorithm,
        signed: &[u8],
        signature: &Vec<u8>,
    ) -> bool {
        // By name: the default panics in a program that has two providers for whatever reason.
        let verifier = (aws_lc::DEFAULT_PROVIDER.verifier_factory)(&algorithm, &self.key);
        verifier.is_ok_and(|verifier| verifier.verify(signed, signature).is_ok())
    }
}
