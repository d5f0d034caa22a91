use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Raw;

/// The id of a request: a string or an integer, never null.
///
/// Integers of 64 bits, signed or unsigned, are echoed exactly; larger ones and fractions are
/// refused rather than rounded.
///
/// ```
/// use mcp_core::jsonrpc::RequestId;
///
/// let id: RequestId = serde_json::from_str("9007199254740993")?;
/// assert_eq!(serde_json::to_string(&id)?, "9007199254740993");
/// assert!(serde_json::from_str::<RequestId>("1.5").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Specification
/// [2025-11-25, Requests](https://modelcontextprotocol.io/specification/2025-11-25/basic#requests)
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(Repr);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Signed(i64),
    /// Only what does not fit [`Repr::Signed`], so that equal ids are equal values.
    Unsigned(u64),
    Text(Box<str>),
}

impl RequestId {
    /// The id, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Repr::Text(text) => Some(text),
            Repr::Signed(_) | Repr::Unsigned(_) => None,
        }
    }

    /// Reads the id from JSON.
    pub(super) fn parse(json: Raw<'_>) -> serde_json::Result<Self> {
        // Nearly all ids are small numbers.
        match json.get().parse::<u64>() {
            Ok(id) => Ok(id.into()),
            Err(_) => json.parse(),
        }
    }

    /// Appends the id as JSON.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Repr::Signed(n) => out.extend_from_slice(itoa::Buffer::new().format(*n).as_bytes()),
            Repr::Unsigned(n) => out.extend_from_slice(itoa::Buffer::new().format(*n).as_bytes()),
            Repr::Text(text) => super::response::write_str(out, text),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Signed(n) => write!(f, "{n}"),
            Repr::Unsigned(n) => write!(f, "{n}"),
            Repr::Text(text) => write!(f, "{text:?}"),
        }
    }
}

impl From<i64> for RequestId {
    fn from(id: i64) -> Self {
        Self(Repr::Signed(id))
    }
}

impl From<u64> for RequestId {
    fn from(id: u64) -> Self {
        Self(i64::try_from(id).map_or(Repr::Unsigned(id), Repr::Signed))
    }
}

impl From<&str> for RequestId {
    fn from(id: &str) -> Self {
        Self(Repr::Text(id.into()))
    }
}

impl From<String> for RequestId {
    fn from(id: String) -> Self {
        Self(Repr::Text(id.into()))
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Signed(n) => serializer.serialize_i64(*n),
            Repr::Unsigned(n) => serializer.serialize_u64(*n),
            Repr::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = RequestId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an integer of at most 64 bits")
            }

            fn visit_i64<E>(self, id: i64) -> Result<RequestId, E> {
                Ok(id.into())
            }

            fn visit_u64<E>(self, id: u64) -> Result<RequestId, E> {
                Ok(id.into())
            }

            fn visit_str<E>(self, id: &str) -> Result<RequestId, E> {
                Ok(id.into())
            }

            fn visit_string<E>(self, id: String) -> Result<RequestId, E> {
                Ok(id.into())
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(json: &str) -> Option<String> {
        let id: RequestId = serde_json::from_str(json).ok()?;
        let mut out = Vec::new();
        id.write(&mut out);
        assert_eq!(
            out,
            serde_json::to_vec(&id).unwrap(),
            "two ways to write one id"
        );
        String::from_utf8(out).ok()
    }

    #[test]
    fn integers_of_64_bits_and_strings_are_echoed_exactly() {
        for id in [
            "0",
            "-1",
            "9007199254740993",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551615",
            r#""""#,
            r#""1""#,
            r#""a\"b\\c\n""#,
        ] {
            assert_eq!(echo(id).as_deref(), Some(id));
        }
    }

    #[test]
    fn null_fractions_and_wider_integers_are_refused() {
        for id in [
            "null",
            "true",
            "1.0",
            "1.5",
            "1e3",
            "[1]",
            "{}",
            "18446744073709551616",
        ] {
            assert_eq!(echo(id), None, "{id}");
        }
    }

    #[test]
    fn equal_ids_are_equal_however_they_were_made() {
        assert_eq!(RequestId::from(7_u64), RequestId::from(7_i64));
        assert_ne!(RequestId::from(7_i64), RequestId::from("7"));
    }
}
