//! What a value says, whatever white space it is written with, in whichever order its members stand,
//! and however its strings are escaped.

use std::borrow::Cow;

use super::{Raw, scan};

/// How deep a value may nest: no message does any deeper.
const MAX_DEPTH: usize = 128;

/// Appends what a value says: the same for two that say the same, and for no others.
///
/// Numbers count as they are written. To read them would be to round them, and members that are
/// given twice would be one: whoever runs with the arguments may look closer than that.
pub(crate) fn write(raw: Raw<'_>, out: &mut Vec<u8>) {
    match read(raw.get(), MAX_DEPTH) {
        Some((node, "")) => node.write(out),
        // No text of such a string, say: then only the same bytes are the same.
        _ => write_part(out, b'?', raw.get()),
    }
}

/// A value, taken apart.
enum Node<'a> {
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    Array(Vec<Node<'a>>),
    Text(Cow<'a, str>),
    /// A number, `true`, `false` or `null`.
    Word(&'a str),
}

impl Node<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Object(members) => {
                write_length(out, b'{', members.len());
                for (name, value) in members {
                    write_part(out, b':', name);
                    value.write(out);
                }
            }
            Self::Array(items) => {
                write_length(out, b'[', items.len());
                items.iter().for_each(|item| item.write(out));
            }
            Self::Text(text) => write_part(out, b'"', text),
            Self::Word(word) => write_part(out, b'#', word),
        }
    }
}

fn write_length(out: &mut Vec<u8>, kind: u8, length: usize) {
    out.push(kind);
    out.extend_from_slice(&(length as u64).to_le_bytes());
}

fn write_part(out: &mut Vec<u8>, kind: u8, text: &str) {
    write_length(out, kind, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// The value that a text begins with, and what stands behind it.
fn read(text: &str, depth: usize) -> Option<(Node<'_>, &str)> {
    match text.as_bytes().first()? {
        b'{' => object(text, depth.checked_sub(1)?),
        b'[' => array(text, depth.checked_sub(1)?),
        b'"' => string(text).map(|(text, behind)| (Node::Text(text), behind)),
        _ => cut(text).map(|(word, behind)| (Node::Word(word), behind)),
    }
}

fn object(text: &str, depth: usize) -> Option<(Node<'_>, &str)> {
    let mut members = Vec::new();
    let mut rest = space(text.strip_prefix('{')?);
    while !rest.starts_with('}') {
        let (name, behind) = string(rest)?;
        let (value, behind) = read(space(space(behind).strip_prefix(':')?), depth)?;
        members.push((name, value));
        rest = next(behind)?;
    }
    // Twins stay in their order.
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    Some((Node::Object(members), rest.strip_prefix('}')?))
}

fn array(text: &str, depth: usize) -> Option<(Node<'_>, &str)> {
    let mut items = Vec::new();
    let mut rest = space(text.strip_prefix('[')?);
    while !rest.starts_with(']') {
        let (item, behind) = read(rest, depth)?;
        items.push(item);
        rest = next(behind)?;
    }
    Some((Node::Array(items), rest.strip_prefix(']')?))
}

/// Where what follows a member or an item begins, or the bracket that closes them.
fn next(behind: &str) -> Option<&str> {
    let behind = space(behind);
    match behind.as_bytes().first()? {
        b',' => Some(space(behind.strip_prefix(',')?)),
        b'}' | b']' => Some(behind),
        _ => None,
    }
}

fn string(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let (written, behind) = cut(text)?;
    Some((Raw::known(written).text().ok()?, behind))
}

/// The value that a text begins with, as it is written, and what stands behind it.
fn cut(text: &str) -> Option<(&str, &str)> {
    let behind = scan::known_value(text.as_bytes())?;
    text.split_at_checked(text.len() - behind.len())
}

fn space(text: &str) -> &str {
    text.trim_start_matches([' ', '\n', '\r', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> Vec<u8> {
        let mut out = Vec::new();
        write(Raw::new(json).expect(json), &mut out);
        out
    }

    #[test]
    fn what_says_the_same_is_the_same() {
        for (one, other) in [
            (
                r#"{"a":1,"b":[true,null]}"#,
                r#"{ "b" : [ true , null ] , "a" : 1 }"#,
            ),
            (r#"{"ä":"\n\/"}"#, r#"{"\u00e4":"\u000a/"}"#),
            (
                r#"{"a":{"c":1e999,"b":{}}}"#,
                "{\"a\":\n\t{\"b\":{ },\r\"c\":1e999}}",
            ),
            ("[ ]", "[]"),
        ] {
            assert_eq!(said(one), said(other), "{one} {other}");
        }
    }

    #[test]
    fn what_says_something_else_is_not() {
        let all = [
            "0",
            "-0",
            "0.0",
            "1",
            "1.0",
            "1e0",
            "1e999",
            "1e998",
            "true",
            "false",
            "null",
            "18446744073709551616",
            "18446744073709551617",
            r#""""#,
            r#""0""#,
            r#""null""#,
            r#""a""#,
            r#""\\a""#,
            r#""\ud800""#,
            r#""\ud801""#,
            "[]",
            "[[]]",
            "[[],[]]",
            "[0]",
            "[0,0]",
            "[[0],0]",
            "[0,[0]]",
            r#"["0"]"#,
            r#"["a","b"]"#,
            r#"["b","a"]"#,
            r#"["a,b"]"#,
            r#"["a\",\"b"]"#,
            "{}",
            "[{}]",
            "[{},{}]",
            r#"{"a":{}}"#,
            r#"{"a":[]}"#,
            r#"{"a":"b"}"#,
            r#"{"b":"a"}"#,
            r#"{"a":1,"b":2}"#,
            r#"{"a":2,"b":1}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":2,"a":1}"#,
            r#"{"a":{"b":1},"c":2}"#,
            r#"{"a":{"b":1,"c":2}}"#,
            r#"{"":{"a":1}}"#,
        ];
        for (at, one) in all.iter().enumerate() {
            for other in all.iter().skip(at + 1) {
                assert_ne!(said(one), said(other), "{one} {other}");
            }
        }
    }

    #[test]
    fn what_nests_too_deep_is_the_same_only_as_it_is_written() {
        let nest = |depth: usize, space: &str| {
            format!("{}{space}{}", "[".repeat(depth), "]".repeat(depth))
        };
        assert_eq!(said(&nest(128, " ")), said(&nest(128, "")));
        assert_ne!(said(&nest(129, " ")), said(&nest(129, "")));
        said(&nest(1_000_000, ""));
    }
}
