//! Headers that repeat what the body says must say the same.
//!
//! # Specification
//! [2026-07-28, Request metadata](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#request-metadata),
//! [Custom headers from tool parameters](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters)

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, StatusCode};
use mcp_core::{
    era::{
        Origin,
        modern::{Opened, Refused},
    },
    handler::Handler,
    jsonrpc::{ErrorCode, ErrorObject},
};
use serde_json::Value;

use super::status;
use crate::{head::Head, header::Single, refusal::Refusal};

/// The revision that clients of this era name.
pub(super) const VERSION: &str = "2026-07-28";

const PARAM: &str = "mcp-param-";
/// The largest integer that every reader of JSON reads as itself, 2^53 - 1: beyond it, what stands in
/// between and the tool might see two.
const MOST: i64 = 9_007_199_254_740_991;

/// The revision that the headers say, which must be there.
pub(super) fn version<'h>(head: &Head<'h>) -> Result<&'h str, Refusal> {
    let found = match head.protocol_version {
        Single::One(value) => value
            .to_str()
            .map_err(|_| "`MCP-Protocol-Version` is not readable"),
        Single::Absent => Err("`MCP-Protocol-Version` is missing"),
        Single::Several => Err("`MCP-Protocol-Version` is given twice"),
    };
    found.map_err(|reason| status::refuse(Refused::mismatch(reason)))
}

pub(super) fn same_version(version: &str, opened: &Opened<'_>) -> Result<(), Refused> {
    same("MCP-Protocol-Version", version, &opened.version)
}

/// Holds every header that repeats something of the body against it.
pub(super) fn check(
    head: &Head<'_>,
    origin: Origin<'_>,
    method: &str,
    opened: &Opened<'_>,
    handler: &dyn Handler,
) -> Result<(), Refused> {
    // A method holds nothing that would have to be encoded.
    same("Mcp-Method", plain(head.method, "Mcp-Method")?, method)?;
    let named = match method {
        "tools/call" | "prompts/get" => opened.name.as_deref(),
        "resources/read" => opened.uri.as_deref(),
        _ => return Ok(()),
    };
    let name = decoded(plain(head.name, "Mcp-Name")?, "Mcp-Name")?;
    // Without a name the method itself will say what is missing.
    if let Some(named) = named {
        same("Mcp-Name", &name, named)?;
    }
    match named.filter(|_| method == "tools/call") {
        Some(tool) => check_params(head, origin, tool, opened, handler),
        None => Ok(()),
    }
}

/// The arguments that a tool wants to be repeated.
fn check_params(
    head: &Head<'_>,
    origin: Origin<'_>,
    tool: &str,
    opened: &Opened<'_>,
    handler: &dyn Handler,
) -> Result<(), Refused> {
    let Some(mirrored) = handler
        .mirrored(opened.caller(origin), tool)
        .filter(|mirrored| !mirrored.is_empty())
    else {
        return Ok(());
    };
    let arguments = opened.arguments.map(|raw| serde_json::from_str(raw.get()));
    // Were they passed on, the tool might read what was not compared.
    let arguments: Value = arguments
        .transpose()
        .map_err(incomparable)?
        .unwrap_or_default();
    for one in mirrored.iter() {
        let label = format!("Mcp-Param-{}", one.name);
        let Ok(name) = HeaderName::try_from(format!("{PARAM}{}", one.name)) else {
            continue;
        };
        let header = match Single::of(head.all, &name) {
            Single::Absent => None,
            Single::One(value) => Some(readable(value, &label)?),
            Single::Several => {
                return Err(Refused::mismatch(format_args!("`{label}` is given twice")));
            }
        };
        match (one.value(&arguments), header) {
            (None, None) => {}
            (Some(value), Some(header)) => same_value(&label, &decoded(header, &label)?, value)?,
            (Some(_), None) => {
                return Err(Refused::mismatch(format_args!("`{label}` is missing")));
            }
            (None, Some(_)) => {
                let reason = format_args!("`{label}` is there, and its argument is not");
                return Err(Refused::mismatch(reason));
            }
        }
    }
    Ok(())
}

fn plain<'h>(header: Single<'h>, label: &str) -> Result<&'h str, Refused> {
    match header {
        Single::One(value) => readable(value, label),
        Single::Absent => Err(Refused::mismatch(format_args!("`{label}` is missing"))),
        Single::Several => Err(Refused::mismatch(format_args!("`{label}` is given twice"))),
    }
}

fn readable<'h>(value: &'h HeaderValue, label: &str) -> Result<&'h str, Refused> {
    let text = value.to_str().map(str::trim);
    text.map_err(|_| Refused::mismatch(format_args!("`{label}` has characters it must encode")))
}

/// The text that a header stands for: `=?base64?…?=` is decoded, anything else is itself.
fn decoded<'h>(header: &'h str, label: &str) -> Result<Cow<'h, str>, Refused> {
    let inner = header
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    let Some(inner) = inner else {
        return Ok(Cow::Borrowed(header));
    };
    let text = STANDARD
        .decode(inner)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let wrong = || Refused::mismatch(format_args!("`{label}` is not base64 of UTF-8"));
    text.map(Cow::Owned).ok_or_else(wrong)
}

fn same(label: &str, header: &str, body: &str) -> Result<(), Refused> {
    if header == body {
        return Ok(());
    }
    Err(differ(label, header, body))
}

fn incomparable(error: serde_json::Error) -> Refused {
    let reason = "`arguments` cannot be compared with the headers that repeat them";
    Refused::mismatch(format_args!("{reason}: {error}"))
}

/// Integers are compared as numbers, the rest as text.
fn same_value(label: &str, header: &str, body: &Value) -> Result<(), Refused> {
    let same = match body {
        Value::String(text) => header == text,
        Value::Bool(flag) => header == if *flag { "true" } else { "false" },
        Value::Number(number) => match integer(&number.to_string()) {
            Some(body) => integer(header) == Some(body),
            None => {
                return Err(Refused::mismatch(format_args!(
                    "`{label}` cannot repeat {number}: only integers from -{MOST} to {MOST}"
                )));
            }
        },
        // The tool itself will say what it expected.
        _ => true,
    };
    if same {
        Ok(())
    } else {
        Err(differ(label, header, &body.to_string()))
    }
}

/// The integer that is written so: in digits, with nothing but zeros behind a point.
fn integer(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_written_so = !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte == b'0');
    let integer: i64 = whole.parse().ok().filter(|_| is_written_so)?;
    (-MOST..=MOST).contains(&integer).then_some(integer)
}

fn differ(label: &str, header: &str, body: &str) -> Refused {
    let shown = |text: &str| {
        text.chars()
            .take(60)
            .flat_map(char::escape_debug)
            .collect::<String>()
    };
    Refused::mismatch(format_args!(
        "`{label}: {}`, and the body says {}",
        shown(header),
        shown(body)
    ))
}

/// A refusal of methods that this era does not have.
pub(crate) fn no_streams() -> Refusal {
    let reason = "This revision has no sessions and no GET streams: POST `subscriptions/listen`";
    let error = ErrorObject::new(ErrorCode::INVALID_REQUEST, reason);
    Refusal::from_error(StatusCode::METHOD_NOT_ALLOWED, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentinel_is_exact_and_its_content_is_checked() {
        for (header, text) in [
            ("plain", Some("plain")),
            ("=?base64?SGVsbG8=?=", Some("Hello")),
            ("=?base64?SGVsbG8?=", None),
            ("=?base64?SGVs!!!bG8=?=", None),
            ("=?base64?/w==?=", None),
            ("SGVsbG8=", Some("SGVsbG8=")),
            ("=?base64?SGVsbG8=", Some("=?base64?SGVsbG8=")),
            ("=?BASE64?SGVsbG8=?=", Some("=?BASE64?SGVsbG8=?=")),
        ] {
            assert_eq!(decoded(header, "x").ok().as_deref(), text, "{header}");
        }
    }

    #[test]
    fn integers_are_compared_as_numbers() {
        for (header, body, same) in [
            ("42", serde_json::json!(42), true),
            ("42.0", serde_json::json!(42), true),
            ("42", serde_json::json!(42.0), true),
            ("43", serde_json::json!(42), false),
            ("1000", serde_json::json!(1e3), true),
            ("9007199254740991", serde_json::json!(MOST), true),
            ("9007199254740992", serde_json::json!(MOST + 1), false),
            ("18446744073709551615", serde_json::json!(u64::MAX), false),
            ("4.2e1", serde_json::json!(42), false),
            ("inf", serde_json::json!(42), false),
            ("true", serde_json::json!(true), true),
            ("True", serde_json::json!(true), false),
            ("A", serde_json::json!("a"), false),
        ] {
            assert_eq!(
                same_value("x", header, &body).is_ok(),
                same,
                "{header} {body}"
            );
        }
    }
}
