//! One `tracing` span for each request, named as OpenTelemetry names them, with the trace that the
//! client says it is part of.
//!
//! An exporter that reads `traceparent`, `tracestate` and `baggage` of the span can join the two;
//! without a subscriber that wants the span, nothing of it is even looked at.
//!
//! # Specification
//! [2026-07-28, `_meta`](https://modelcontextprotocol.io/specification/2026-07-28/basic#_meta),
//! [W3C Trace Context](https://www.w3.org/TR/trace-context/#traceparent-header)

use std::borrow::Cow;

use serde::Deserialize;
use tracing::{Span, field::Empty};

use crate::jsonrpc::{Raw, RequestId};

/// How long `tracestate` and `baggage` may be, in bytes.
const LONGEST: usize = 8 * 1024;

#[derive(Default, Deserialize)]
struct Params<'a> {
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    uri: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "_meta")]
    meta: Meta<'a>,
}

#[derive(Default, Deserialize)]
struct Meta<'a> {
    #[serde(borrow, default)]
    traceparent: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    tracestate: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    baggage: Option<Cow<'a, str>>,
}

/// The span of one request.
pub(super) fn span(
    version: &'static str,
    id: &RequestId,
    method: &str,
    params: Option<Raw<'_>>,
) -> Span {
    let span = tracing::info_span!(
        "mcp",
        otel.name = Empty,
        otel.kind = "server",
        mcp.method.name = method,
        mcp.protocol.version = version,
        rpc.jsonrpc.request_id = %id,
        gen_ai.tool.name = Empty,
        gen_ai.prompt.name = Empty,
        mcp.resource.uri = Empty,
        traceparent = Empty,
        tracestate = Empty,
        baggage = Empty,
    );
    if span.is_disabled() {
        return span;
    }
    let params = params.and_then(|raw| serde_json::from_str::<Params<'_>>(raw.get()).ok());
    let Params { name, uri, meta } = params.unwrap_or_default();
    match &name {
        Some(name) => span.record("otel.name", format!("{method} {name}")),
        None => span.record("otel.name", method),
    };
    let named = match method {
        "tools/call" => Some(("gen_ai.tool.name", name)),
        "prompts/get" => Some(("gen_ai.prompt.name", name)),
        "resources/read" => Some(("mcp.resource.uri", uri)),
        _ => None,
    };
    if let Some((field, Some(name))) = named {
        span.record(field, &*name);
    }
    // Without a parent that is well formed, the rest means nothing.
    if let Some(parent) = meta.traceparent.filter(|parent| is_traceparent(parent)) {
        span.record("traceparent", &*parent);
        let printable = |text: &Cow<'_, str>| {
            text.len() <= LONGEST && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        };
        for (field, text) in [("tracestate", meta.tracestate), ("baggage", meta.baggage)] {
            if let Some(text) = text.filter(printable) {
                span.record(field, &*text);
            }
        }
    }
    span
}

/// `version-trace-parent-flags`, in lower-case hexadecimal, neither id all zeros.
fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let &[version, trace, parent, flags] = parts.as_slice() else {
        return false;
    };
    let hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let id = |part: &str, length| hex(part, length) && part.bytes().any(|byte| byte != b'0');
    hex(version, 2) && version != "ff" && id(trace, 32) && id(parent, 16) && hex(flags, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_taken_only_if_it_is_well_formed() {
        assert!(is_traceparent(
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        ));
        for no in [
            "",
            "\r\nx: y",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        ] {
            assert!(!is_traceparent(no), "{no}");
        }
    }
}
