//! `%XX` and back.

use std::{borrow::Cow, fmt::Write as _};

/// The byte that a `%XX` stands for, if there is one at the front.
pub(super) fn triplet(bytes: &[u8]) -> Option<u8> {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16)?).ok();
    match bytes {
        [b'%', high, low, ..] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

/// The text that was escaped; none if it is no UTF-8, or holds control characters.
pub(super) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    let mut value = Cow::Borrowed(raw);
    if raw.contains('%') {
        let mut bytes = Vec::with_capacity(raw.len());
        let mut rest = raw.as_bytes();
        while let [byte, tail @ ..] = rest {
            let escaped = *byte == b'%';
            bytes.push(if escaped { triplet(rest)? } else { *byte });
            rest = if escaped { tail.get(2..)? } else { tail };
        }
        value = Cow::Owned(String::from_utf8(bytes).ok()?);
    }
    (!value.contains(char::is_control)).then_some(value)
}

/// Escapes what is not unreserved; for a reserved expansion, what is not part of URIs or stops it.
pub(super) fn encode(uri: &mut String, value: &str, stops: Option<&&[u8]>) {
    let mut rest = value.as_bytes();
    while let [byte, tail @ ..] = rest {
        let reserved = |stops: &&[u8]| {
            let is_reserved = b":/?#[]@!$&'()*+,;=".contains(byte);
            triplet(rest).is_some() || (is_reserved && !stops.contains(byte))
        };
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
        if unreserved || stops.is_some_and(reserved) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
        rest = tail;
    }
}
