//! Sealed strings: records that a client carries for us and can neither read nor change.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};

/// How many bytes of randomness a sealed string starts with.
pub(crate) const NONCE: usize = 24;

/// A key that seals sessions. Whoever has it can read and make them: keep it as a secret.
///
/// ```
/// use mcp_core::SealKey;
///
/// let key = SealKey::random()?;
/// let kept = key.to_base64();
/// assert_eq!(SealKey::from_base64(&kept)?.to_base64(), kept);
/// # Ok::<(), mcp_core::SealKeyError>(())
/// ```
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    /// When the operating system has none to give.
    pub fn random() -> Result<Self, SealKeyError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| SealKeyError("the system gave no random bytes"))?;
        Ok(Self(key))
    }

    /// A key that was kept as text: 32 bytes in base64url, such as `openssl rand -base64 32 | tr
    /// '+/' '-_' | tr -d =` prints.
    ///
    /// # Errors
    /// When the text is not that.
    pub fn from_base64(text: &str) -> Result<Self, SealKeyError> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok();
        let key = bytes.and_then(|bytes| bytes.try_into().ok());
        key.map(Self).ok_or(SealKeyError(
            "a seal key is 32 bytes in base64url without padding",
        ))
    }

    /// The key as text, to be kept somewhere safe.
    pub fn to_base64(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl From<[u8; 32]> for SealKey {
    fn from(key: [u8; 32]) -> Self {
        Self(key)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(..)")
    }
}

/// Why there is no [`SealKey`].
#[derive(Clone, Copy, Debug)]
pub struct SealKeyError(&'static str);

impl fmt::Display for SealKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for SealKeyError {}

/// What a sealed string is for; one that was sealed for something else does not open.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Session,
    RequestState,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"mcp session v1",
            Self::RequestState => b"mcp request state v1",
        }
    }
}

/// Seals with the first key; opens with any, so that keys can be rotated.
#[derive(Clone)]
pub(crate) struct Sealer(Arc<[XChaCha20Poly1305]>);

/// What was sealed, and the random bytes that tell it from every other sealed string.
pub(crate) struct Opened {
    pub(crate) nonce: [u8; NONCE],
    pub(crate) plain: Vec<u8>,
}

impl Sealer {
    /// With these keys, the newest first.
    pub(crate) fn new(keys: &[SealKey]) -> Self {
        Self(
            keys.iter()
                .map(|key| XChaCha20Poly1305::new(&key.0.into()))
                .collect(),
        )
    }

    /// A string of `A-Z a-z 0-9 - _`; none when there is no key or no randomness.
    pub(crate) fn seal(&self, purpose: Purpose, plain: &[u8]) -> Option<String> {
        let mut sealed = [0; NONCE].to_vec();
        getrandom::fill(&mut sealed).ok()?;
        let nonce = XNonce::try_from(sealed.as_slice()).ok()?;
        let payload = Payload {
            msg: plain,
            aad: purpose.label(),
        };
        sealed.extend(self.0.first()?.encrypt(&nonce, payload).ok()?);
        Some(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What was sealed for this purpose by one of our keys, unchanged.
    pub(crate) fn open(&self, purpose: Purpose, sealed: &str) -> Option<Opened> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, cipher) = bytes.split_first_chunk::<NONCE>()?;
        let plain = self.0.iter().find_map(|key| {
            let payload = Payload {
                msg: cipher,
                aad: purpose.label(),
            };
            key.decrypt(&XNonce::from(*nonce), payload).ok()
        })?;
        Some(Opened {
            nonce: *nonce,
            plain,
        })
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({} keys)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(keys: &[u8]) -> Sealer {
        let keys: Vec<_> = keys.iter().map(|byte| SealKey::from([*byte; 32])).collect();
        Sealer::new(&keys)
    }

    #[test]
    fn a_sealed_string_opens_unchanged_and_never_looks_the_same() {
        let sealer = sealer(&[1]);
        let [a, b] = [(); 2].map(|()| sealer.seal(Purpose::Session, b"plain").unwrap());
        assert_ne!(a, b);
        assert_eq!(sealer.open(Purpose::Session, &a).unwrap().plain, b"plain");
    }

    #[test]
    fn any_changed_byte_keeps_it_shut() {
        let sealer = sealer(&[1]);
        let sealed = sealer.seal(Purpose::Session, b"plain").unwrap();
        for at in 0..sealed.len() {
            let mut forged = sealed.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert!(
                sealer.open(Purpose::Session, &forged).is_none(),
                "byte {at}"
            );
            assert!(
                sealer.open(Purpose::Session, &sealed[..at]).is_none(),
                "cut at {at}"
            );
        }
    }

    #[test]
    fn keys_rotate() {
        let old = sealer(&[1]).seal(Purpose::Session, b"plain").unwrap();
        assert!(sealer(&[2, 1]).open(Purpose::Session, &old).is_some());
        assert!(sealer(&[2]).open(Purpose::Session, &old).is_none());
    }
}
