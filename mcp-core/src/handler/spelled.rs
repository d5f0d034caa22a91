//! Strings that stand for what they spell: models send `"5"` for 5, and an object as its text.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Error;

use super::argument::Text;

/// How many strings of one value are taken for what they spell; each has the value read once more.
const MOST: usize = 20;

/// A value that its type refused, read with the strings that it refused as what they spell; and the JSON
/// that was read in the end.
///
/// # Errors
/// What its type refuses all the same, and in which JSON.
pub(super) fn spelled<T: DeserializeOwned>(
    json: &str,
    error: Error,
) -> Result<(T, String), (String, Error)> {
    let mut refused = (json.to_owned(), error);
    for _ in 0..MOST {
        let Some((json, begun)) = spell_out(&refused.0, &refused.1) else {
            break;
        };
        match serde_json::from_str(&json) {
            Ok(value) => return Ok((value, json)),
            // Nor was that meant: what is told is what was sent.
            Err(error) if stop(&json, &error) <= Some(begun) => break,
            Err(error) => refused = (json, error),
        }
    }
    Err(refused)
}

/// The same JSON with one string less: that at which its type stopped, if what it spells is JSON and no
/// string again; and behind which byte a type has begun to take it.
fn spell_out(json: &str, error: &Error) -> Option<(String, usize)> {
    let end = stop(json, error)?;
    let start = string_that_ends(json, end)?;
    let Text(text) = serde_json::from_str(json.get(start..end)?).ok()?;
    let inner = text.trim_ascii();
    if inner.starts_with('"') || serde_json::from_str::<IgnoredAny>(inner).is_err() {
        return None;
    }
    let begun = match inner.starts_with(['{', '[']) {
        true => start + 1,
        false => start + inner.len(),
    };
    let spelled = [json.get(..start)?, inner, json.get(end..)?].concat();
    Some((spelled, begun))
}

/// Behind which byte a type stopped. A type that reads a whole value before it judges does not say.
fn stop(json: &str, error: &Error) -> Option<usize> {
    let Some(before) = error.line().checked_sub(1) else {
        return Some(json.len());
    };
    let before: usize = json.split_inclusive('\n').take(before).map(str::len).sum();
    before.checked_add(error.column())
}

/// Where the string begins that ends there.
fn string_that_ends(json: &str, end: usize) -> Option<usize> {
    let mut start = None;
    let mut is_escaped = false;
    for (at, byte) in json.bytes().enumerate().take(end) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' if start.is_none() => start = Some(at),
            b'"' if at + 1 == end => return start,
            b'"' => start = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Window {
        from: u32,
        to: Option<u32>,
        #[serde(default)]
        name: Value,
    }

    fn read(json: &str) -> Option<Window> {
        let error = serde_json::from_str::<Window>(json).unwrap_err();
        let (value, read) = spelled::<Window>(json, error).ok()?;
        assert_eq!(serde_json::from_str::<Window>(&read).unwrap(), value);
        Some(value)
    }

    fn window(from: u32, to: Option<u32>, name: impl Into<Value>) -> Option<Window> {
        let name = name.into();
        Some(Window { from, to, name })
    }

    #[test]
    fn a_string_is_what_it_spells_wherever_it_stands() {
        for json in [
            r#"{"from":"1","to":"2","name":"3"}"#,
            r#"{"name":"3","from":" 1 ","to":"2"}"#,
            r#"{"name":"3","to":2,"from":"\u0031"}"#,
            "{\n\"name\":\"3\",\r\n  \"to\" : 2,\n \"from\" : \"1\"\n}",
            r#""{\"from\":\"1\",\"to\":2,\"name\":\"3\"}""#,
        ] {
            assert_eq!(read(json), window(1, Some(2), "3"), "{json}");
        }
        let before = r#"{"name":"ü \" \\","from":"1","to":"null"}"#;
        assert_eq!(read(before), window(1, None, "ü \" \\"));
    }

    #[test]
    fn what_is_no_json_or_a_string_again_is_refused() {
        for json in [
            r#"{"from":"x"}"#,
            r#"{"from":""}"#,
            r#"{"from":"1,\"to\":2"}"#,
            r#"{"from":"1} {"}"#,
            r#"{"from":"\"1\""}"#,
            r#"{"from":"1","to":"x"}"#,
            r#"{"to":"1"}"#,
            r#"{"name":"1"}"#,
            r#"{"from":1,"from":"2"}"#,
            r#"{"from":"1","from":2}"#,
            r#"{"from":1.5}"#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn no_more_than_twenty_strings_are_taken_for_what_they_spell() {
        let read = |count: usize| {
            let json = serde_json::to_string(&vec!["7"; count]).unwrap();
            let error = serde_json::from_str::<Vec<u32>>(&json).unwrap_err();
            spelled::<Vec<u32>>(&json, error).map_or(0, |(numbers, _)| numbers.len())
        };
        assert_eq!(read(20), 20);
        assert_eq!(read(21), 0);
    }
}
