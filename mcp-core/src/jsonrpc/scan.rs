//! Where JSON values end.
//!
//! A message is gone over once, to know that all of it is JSON; whatever is cut out of it later needs
//! no second check. This may know too little and never too much: what [`value`] does not vouch for,
//! `serde_json` judges.

/// What stands behind a value, if there is one, well formed and nested no deeper than that.
pub(super) fn value(bytes: &[u8], depth: usize) -> Option<&[u8]> {
    match bytes {
        [b'"', rest @ ..] => string(rest),
        [b'{', rest @ ..] => object(space(rest), depth.checked_sub(1)?),
        [b'[', rest @ ..] => array(space(rest), depth.checked_sub(1)?),
        [b't', b'r', b'u', b'e', rest @ ..]
        | [b'f', b'a', b'l', b's', b'e', rest @ ..]
        | [b'n', b'u', b'l', b'l', rest @ ..] => Some(rest),
        _ => number(bytes),
    }
}

/// What stands behind a value that is known to be well formed.
pub(super) fn known_value(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [b'"', rest @ ..] => string(rest),
        [b'{' | b'[', ..] => known_nest(bytes),
        _ => Some(skip(bytes, |byte| {
            !matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')
        })),
    }
}

fn known_nest(mut bytes: &[u8]) -> Option<&[u8]> {
    let mut depth = 0_usize;
    loop {
        bytes = match bytes {
            [b'"', rest @ ..] => string(rest)?,
            [b'{' | b'[', rest @ ..] => {
                depth += 1;
                rest
            }
            [b'}' | b']', rest @ ..] if depth <= 1 => return Some(rest),
            [b'}' | b']', rest @ ..] => {
                depth -= 1;
                rest
            }
            [_, rest @ ..] => rest,
            [] => return None,
        }
    }
}

fn object(mut bytes: &[u8], depth: usize) -> Option<&[u8]> {
    if let [b'}', rest @ ..] = bytes {
        return Some(rest);
    }
    loop {
        let value_at = name(bytes)?;
        bytes = match space(value(value_at, depth)?) {
            [b',', rest @ ..] => space(rest),
            [b'}', rest @ ..] => return Some(rest),
            _ => return None,
        };
    }
}

fn array(mut bytes: &[u8], depth: usize) -> Option<&[u8]> {
    if let [b']', rest @ ..] = bytes {
        return Some(rest);
    }
    loop {
        bytes = match space(value(bytes, depth)?) {
            [b',', rest @ ..] => space(rest),
            [b']', rest @ ..] => return Some(rest),
            _ => return None,
        };
    }
}

/// What stands behind the name of a member and its colon.
pub(super) fn name(bytes: &[u8]) -> Option<&[u8]> {
    let rest = space(string(bytes.strip_prefix(b"\"")?)?);
    Some(space(rest.strip_prefix(b":")?))
}

/// What stands behind the rest of a string and its closing quote.
pub(super) fn string(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        bytes = match plain(bytes) {
            [b'"', rest @ ..] => return Some(rest),
            [
                b'\\',
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                rest @ ..,
            ] => rest,
            [b'\\', b'u', a, b, c, d, rest @ ..]
                if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) =>
            {
                rest
            }
            _ => return None,
        };
    }
}

/// Skips what stands for itself in a string, eight bytes at a time.
fn plain(mut bytes: &[u8]) -> &[u8] {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    /// A message that is shorter has no string for which it would pay to begin otherwise.
    const LONG: usize = 1024;
    let all = |byte: u8| ONES * u64::from(byte);
    if bytes.len() > LONG {
        bytes = long_plain(bytes);
    }
    while let Some((eight, rest)) = bytes.split_first_chunk() {
        let word = u64::from_le_bytes(*eight);
        // The high bit of a byte is set where it is zero, or below 32. A borrow may set those above
        // the first that is right, and only the first is asked for.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let below = word.wrapping_sub(all(b' ')) & !word;
        let stop = (zero(word ^ all(b'"')) | zero(word ^ all(b'\\')) | below) & HIGH;
        if stop != 0 {
            let plain = stop.trailing_zeros() / 8;
            return bytes.get(plain as usize..).unwrap_or_default();
        }
        bytes = rest;
    }
    skip(bytes, |byte| !ends_plain(byte))
}

/// Skips as much of it as the processor can compare at once, again and again.
fn long_plain(mut bytes: &[u8]) -> &[u8] {
    while let Some((many, rest)) = bytes.split_first_chunk::<32>()
        && !many.iter().fold(false, |any, byte| any | ends_plain(*byte))
    {
        bytes = rest;
    }
    bytes
}

fn ends_plain(byte: u8) -> bool {
    // Without a branch.
    (byte == b'"') | (byte == b'\\') | (byte < b' ')
}

fn number(bytes: &[u8]) -> Option<&[u8]> {
    let rest = match bytes.strip_prefix(b"-").unwrap_or(bytes) {
        [b'0', rest @ ..] => rest,
        [b'1'..=b'9', rest @ ..] => digits(rest),
        _ => return None,
    };
    let rest = match rest {
        [b'.', b'0'..=b'9', rest @ ..] => digits(rest),
        [b'.', ..] => return None,
        rest => rest,
    };
    match rest {
        [b'e' | b'E', b'+' | b'-', b'0'..=b'9', rest @ ..]
        | [b'e' | b'E', b'0'..=b'9', rest @ ..] => Some(digits(rest)),
        [b'e' | b'E', ..] => None,
        rest => Some(rest),
    }
}

fn digits(bytes: &[u8]) -> &[u8] {
    skip(bytes, |byte| byte.is_ascii_digit())
}

pub(super) fn space(bytes: &[u8]) -> &[u8] {
    skip(bytes, |byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
}

fn skip(mut bytes: &[u8], goes: impl Fn(u8) -> bool) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && goes(*first)
    {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn vouches(text: &str) -> bool {
        value(text.as_bytes(), 128) == Some(&[])
    }

    fn is_json(text: &str) -> bool {
        // Without white space around it, which is no part of a value.
        serde_json::from_str::<&RawValue>(text).is_ok_and(|raw| raw.get() == text)
    }

    const SEEDS: [&str; 8] = [
        r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{}}}"#,
        r#"[ 1 , -0.5e+10,{"a" :[ ]} ,true,false,null,"\u00e9\n\\\"", "ä😀\/" ]"#,
        r#"{"a":{"b":[[],[{}],{"c":"0123456789abcdef\"0123456789"}]},"d":0,"e":1E9,"f":-1.25}"#,
        "\"\u{7f}\u{80}\u{ff}0123456\u{7ff}\"",
        "{\n\t\"a\": 1,\r\n \"b\": [ ]\n}",
        "-0",
        "10",
        "\"1234567\\\"\"",
    ];

    #[test]
    fn what_is_json_is_vouched_for() {
        for seed in SEEDS {
            assert!(is_json(seed) && vouches(seed), "{seed}");
            assert_eq!(known_value(seed.as_bytes()), Some(&[][..]), "{seed}");
        }
    }

    #[test]
    fn whatever_is_changed_in_a_text_serde_json_says_the_same() {
        let bytes: Vec<char> = (0_u8..0x80).map(char::from).chain(['é', '😀']).collect();
        for seed in SEEDS {
            let chars: Vec<char> = seed.chars().collect();
            for at in 0..=chars.len() {
                let (before, after) = chars.split_at(at);
                let whole = |middle: Option<char>, after: &[char]| -> String {
                    before
                        .iter()
                        .copied()
                        .chain(middle)
                        .chain(after.iter().copied())
                        .collect()
                };
                let cut = whole(None, &[]);
                let dropped = whole(None, after.get(1..).unwrap_or_default());
                let mut texts = vec![cut, dropped];
                for byte in &bytes {
                    texts.push(whole(Some(*byte), after));
                    texts.push(whole(Some(*byte), after.get(1..).unwrap_or_default()));
                }
                for text in texts {
                    assert_eq!(vouches(&text), is_json(&text), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn a_long_string_is_judged_as_a_short_one() {
        let long = "a".repeat(1200);
        for at in (0..100).chain(1100..1200) {
            let (before, after) = long.split_at(at);
            for middle in ["\"", "\\", "\\n", "\n", "\u{1f}", " ", "\u{7f}", "é", "😀"] {
                let text = format!("\"{before}{middle}{after}\"");
                assert_eq!(vouches(&text), is_json(&text), "{middle:?} at {at}");
            }
        }
    }

    #[test]
    fn nothing_is_vouched_for_that_nests_too_deep() {
        let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(vouches(&nest(128)));
        assert!(!vouches(&nest(129)));
    }
}
