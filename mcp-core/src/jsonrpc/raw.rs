use std::{borrow::Cow, fmt};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::scan;

/// One JSON value as it was written, borrowed from the message that it came in.
///
/// ```
/// use mcp_core::jsonrpc::Raw;
///
/// let raw = Raw::new(r#" {"a":[1, 2]} "#)?;
/// assert_eq!(raw.get(), r#"{"a":[1, 2]}"#);
///
/// #[derive(serde::Deserialize)]
/// struct Numbers {
///     a: Vec<u32>,
/// }
/// assert_eq!(raw.parse::<Numbers>()?.a, [1, 2]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

/// A member that an object has twice: two readers of it could see two different values.
#[derive(Debug)]
pub(crate) struct Twice(pub(crate) &'static str);

impl fmt::Display for Twice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "duplicate field `{}`", self.0)
    }
}

impl<'a> Raw<'a> {
    /// What no parameters at all are as good as.
    pub(crate) const EMPTY: Self = Self("{}");

    /// A text that is one JSON value.
    ///
    /// # Errors
    /// What `serde_json` says of any other.
    pub fn new(text: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str::<&RawValue>(text).map(Self::from)
    }

    /// A text that is known to be one JSON value.
    pub(crate) const fn known(text: &'a str) -> Self {
        Self(text)
    }

    /// The text.
    pub fn get(self) -> &'a str {
        self.0
    }

    /// The value as a `T`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse<T: Deserialize<'a>>(self) -> serde_json::Result<T> {
        serde_json::from_str(self.0)
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    pub(crate) fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The content of a string, borrowed unless it holds escapes.
    ///
    /// # Errors
    /// When it is no string.
    pub(crate) fn text(self) -> serde_json::Result<Cow<'a, str>> {
        #[derive(Deserialize)]
        struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

        let inner = self.0.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        match inner {
            Some(inner) if memchr::memchr(b'\\', inner.as_bytes()).is_none() => {
                Ok(Cow::Borrowed(inner))
            }
            _ => self.parse::<Text<'a>>().map(|text| text.0),
        }
    }

    /// The members of an object, in order; of anything else there are none.
    pub(crate) fn members(self) -> Members<'a> {
        Members::new(self.0, scan::known_value)
    }

    /// The values of these members of an object.
    pub(crate) fn pick<const N: usize>(
        self,
        names: &[&'static str; N],
    ) -> Result<[Option<Self>; N], Twice> {
        let (picked, twice) = self.members().pick(names);
        match twice {
            None => Ok(picked),
            Some(name) => Err(Twice(name)),
        }
    }

    /// The same where one of the values most likely is `object`, and then is not gone over.
    pub(crate) fn pick_beside<const N: usize>(
        self,
        names: &[&'static str; N],
        object: &str,
    ) -> Result<[Option<Self>; N], Twice> {
        let known = object.starts_with('{').then_some(object.as_bytes());
        let mut members = Members::new(self.0, |value| {
            // No other value begins with all of an object.
            let behind = known.and_then(|known| value.strip_prefix(known));
            behind.or_else(|| scan::known_value(value))
        });
        match members.pick(names) {
            (picked, None) => Ok(picked),
            (_, Some(name)) => Err(Twice(name)),
        }
    }
}

impl fmt::Display for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'a> From<&'a RawValue> for Raw<'a> {
    fn from(raw: &'a RawValue) -> Self {
        Self(raw.get())
    }
}

/// The members of an object, cut out one after the other.
pub(crate) struct Members<'a, B = fn(&[u8]) -> Option<&[u8]>> {
    /// From the name of the next member on.
    rest: &'a str,
    /// What stands behind a value.
    behind: B,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    NotYet,
    /// Behind the brace of the object.
    There,
    /// What stands here is no member.
    Unsure,
}

/// The name of a member between its quotes, as it was written.
#[derive(Clone, Copy)]
pub(crate) struct Name<'a>(&'a str);

impl<'a, B: Fn(&[u8]) -> Option<&[u8]>> Members<'a, B> {
    /// Of an object whose values end where `behind` says.
    pub(super) fn new(text: &'a str, behind: B) -> Self {
        let mut members = Self {
            rest: text,
            behind,
            end: End::NotYet,
        };
        members.end = match scan::space(text.as_bytes()).strip_prefix(b"{") {
            Some(rest) => match members.go_to(scan::space(rest)) {
                [b'}', rest @ ..] => {
                    members.go_to(rest);
                    End::There
                }
                _ => End::NotYet,
            },
            None => End::Unsure,
        };
        members
    }

    /// Whether all that was gone over is an object, and nothing stands behind it.
    pub(super) fn are_all(&self) -> bool {
        self.end == End::There && scan::space(self.rest.as_bytes()).is_empty()
    }

    /// The values of these members, and a name of them that is there twice.
    pub(super) fn pick<const N: usize>(
        &mut self,
        names: &[&'static str; N],
    ) -> ([Option<Raw<'a>>; N], Option<&'static str>) {
        let (mut picked, mut twice) = ([None; N], None);
        for (written, value) in self {
            let is = |text: &str| names.iter().position(|name| *name == text);
            let found = is(written.0).or_else(|| is(&written.escaped()?));
            if let Some((name, slot)) = found.and_then(|at| names.get(at).zip(picked.get_mut(at)))
                && slot.replace(value).is_some()
            {
                twice = Some(*name);
            }
        }
        (picked, twice)
    }

    fn go_to<'b>(&mut self, rest: &'b [u8]) -> &'b [u8] {
        self.rest = self
            .rest
            .get(self.rest.len().saturating_sub(rest.len())..)
            .unwrap_or_default();
        rest
    }

    fn member(&mut self) -> Option<(Name<'a>, Raw<'a>)> {
        let rest = self.rest;
        let behind_name = scan::string(rest.as_bytes().strip_prefix(b"\"")?)?;
        let name = rest.get(1..rest.len().checked_sub(behind_name.len() + 1)?)?;
        let value = scan::space(scan::space(behind_name).strip_prefix(b":")?);
        let behind = (self.behind)(value)?;
        let (from, to) = (rest.len() - value.len(), rest.len() - behind.len());
        let raw = Raw(rest.get(from..to)?);
        self.end = match scan::space(behind) {
            [b',', rest @ ..] => {
                self.go_to(scan::space(rest));
                End::NotYet
            }
            [b'}', rest @ ..] => {
                self.go_to(rest);
                End::There
            }
            _ => return None,
        };
        Some((Name(name), raw))
    }
}

impl<'a, B: Fn(&[u8]) -> Option<&[u8]>> Iterator for Members<'a, B> {
    type Item = (Name<'a>, Raw<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.end != End::NotYet {
            return None;
        }
        let member = self.member();
        if member.is_none() {
            self.end = End::Unsure;
        }
        member
    }
}

impl<'a> Name<'a> {
    /// The name itself.
    pub(crate) fn text(self) -> Cow<'a, str> {
        self.escaped().map_or(Cow::Borrowed(self.0), Cow::Owned)
    }

    /// What it stands for, if it holds escapes, and all of them stand for characters.
    fn escaped(self) -> Option<String> {
        memchr::memchr(b'\\', self.0.as_bytes())?;
        serde_json::from_str(&format!("\"{}\"", self.0)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_cut_out_as_they_stand() {
        let raw = Raw::new(r#"{ "a" : [1, {"b":"}"}] ,"\u0062":"x","c":null }"#).unwrap();
        let members: Vec<_> = raw
            .members()
            .map(|(name, value)| (name.text().into_owned(), value.get()))
            .collect();
        let expected = [("a", r#"[1, {"b":"}"}]"#), ("b", r#""x""#), ("c", "null")];
        assert_eq!(
            members,
            expected.map(|(name, value)| (name.to_owned(), value))
        );
        let [b, d] = raw.pick(&["b", "d"]).unwrap();
        assert_eq!((b.map(Raw::get), d), (Some(r#""x""#), None));
        assert_eq!(Raw::new("[1]").unwrap().members().count(), 0);
    }

    #[test]
    fn a_value_that_was_expected_is_cut_out_as_any_other() {
        let raw = Raw::new(r#"{"a":{"b":"}"} , "c":{"b":"}","d":[]},"e":1}"#).unwrap();
        let picked = raw.pick(&["a", "c", "e"]).unwrap();
        for expected in [r#"{"b":"}"}"#, r#"{"b":"}","d":[]}"#, "{}", "1"] {
            let beside = raw.pick_beside(&["a", "c", "e"], expected).unwrap();
            assert_eq!(beside, picked, "{expected}");
        }
    }

    #[test]
    fn a_member_that_is_given_twice_is_told() {
        let raw = Raw::new(r#"{"a":1,"b":2,"\u0061":3}"#).unwrap();
        assert_eq!(raw.pick(&["b", "a"]).unwrap_err().0, "a");
        assert!(raw.pick(&["b"]).is_ok(), "nobody asked for the other");
    }

    #[test]
    fn a_string_is_its_content() {
        let text = |json| Raw::new(json).unwrap().text().ok().map(Cow::into_owned);
        assert_eq!(text(r#""a\nb""#).as_deref(), Some("a\nb"));
        assert_eq!(text(r#""""#).as_deref(), Some(""));
        assert_eq!(text("7"), None);
    }
}
