//! Which changes break clients.

use serde_json::{Value, json};

use super::drift::Drift;

/// What breaks clients, and what does not, when a tool's schemas change so.
fn drift(key: &str, before: &Value, now: &Value) -> (Vec<String>, Vec<String>) {
    let with = |schema: &Value| {
        let schema = super::schema::without_words(schema.clone());
        json!({ "tools": { "t": { key: schema } } })
    };
    let drift = Drift::between(&with(before), &with(now));
    (drift.breaks, drift.harmless)
}

/// An object with one member `x`.
fn object(x: &Value, required: bool) -> Value {
    let required = if required { vec!["x"] } else { vec![] };
    json!({ "type": "object", "properties": { "x": x }, "required": required })
}

#[track_caller]
fn breaks(key: &str, before: &Value, now: &Value, what: &str) {
    let seen = drift(key, before, now);
    assert_eq!(seen, (vec![what.to_owned()], vec![]), "{before} to {now}");
}

#[track_caller]
fn harmless(key: &str, before: &Value, now: &Value, what: &str) {
    let seen = drift(key, before, now);
    assert_eq!(seen, (vec![], vec![what.to_owned()]), "{before} to {now}");
}

#[test]
fn what_narrows_an_argument_breaks_and_what_widens_it_does_not() {
    for (narrow, wide, narrowed, widened) in [
        (
            json!({ "type": "integer" }),
            json!({ "type": "number" }),
            "is only integer, and was number",
            "may be number, and was integer",
        ),
        (
            json!({ "type": "string" }),
            json!({ "type": ["string", "null"] }),
            "is only string, and was null or string",
            "may be null or string, and was string",
        ),
        (
            json!({ "type": "string" }),
            json!({}),
            "is only string, and was anything",
            "may be anything, and was string",
        ),
        (
            json!({ "enum": ["a"] }),
            json!({ "enum": ["a", "b"] }),
            "can no longer be \"b\"",
            "can be \"b\"",
        ),
        (
            json!({ "minimum": 2 }),
            json!({ "minimum": 1 }),
            "has a `minimum` of 2, and had 1",
            "has a `minimum` of 1, and had 2",
        ),
        (
            json!({ "maxLength": 1 }),
            json!({ "maxLength": 2 }),
            "has a `maxLength` of 1, and had 2",
            "has a `maxLength` of 2, and had 1",
        ),
        (
            json!({ "pattern": "a" }),
            json!({}),
            "has a `pattern` of \"a\"",
            "no longer has a `pattern` of \"a\"",
        ),
        (
            json!({ "anyOf": [{ "type": "string" }] }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
            "can no longer be {\"type\":\"null\"}",
            "can be {\"type\":\"null\"}",
        ),
    ] {
        let (narrow, wide) = (object(&narrow, true), object(&wide, true));
        let argument = |what| format!("tool `t`: argument `x` {what}");
        breaks("inputSchema", &wide, &narrow, &argument(narrowed));
        harmless("inputSchema", &narrow, &wide, &argument(widened));
        // What a client reads is the other way round.
        let output = |what| format!("tool `t`: output `x` {what}");
        harmless("outputSchema", &wide, &narrow, &output(narrowed));
        breaks("outputSchema", &narrow, &wide, &output(widened));
    }
}

#[test]
fn arguments_may_come_if_they_are_optional_and_may_not_go() {
    let none = json!({ "type": "object" });
    let (optional, required) = (object(&json!({}), false), object(&json!({}), true));
    let input = "inputSchema";
    breaks(
        input,
        &none,
        &required,
        "tool `t`: argument `x` is new and required",
    );
    harmless(
        input,
        &none,
        &optional,
        "tool `t`: argument `x` is new and optional",
    );
    breaks(input, &optional, &none, "tool `t`: argument `x` is gone");
    breaks(
        input,
        &optional,
        &required,
        "tool `t`: argument `x` is required now",
    );
    harmless(
        input,
        &required,
        &optional,
        "tool `t`: argument `x` is optional now",
    );
}

#[test]
fn members_of_output_may_come_and_may_not_go() {
    let none = json!({ "type": "object" });
    let (optional, required) = (object(&json!({}), false), object(&json!({}), true));
    let output = "outputSchema";
    harmless(output, &none, &required, "tool `t`: output `x` is new");
    breaks(output, &required, &none, "tool `t`: output `x` is gone");
    breaks(
        output,
        &required,
        &optional,
        "tool `t`: output `x` may be absent now",
    );
    harmless(
        output,
        &optional,
        &required,
        "tool `t`: output `x` is always there now",
    );
}

#[test]
fn what_is_nested_is_named_by_its_path() {
    let nested = |kind: &str| {
        let point = json!({ "type": "object", "properties": { "y": { "type": kind } } });
        object(&json!({ "type": "array", "items": point }), true)
    };
    breaks(
        "inputSchema",
        &nested("string"),
        &nested("integer"),
        "tool `t`: argument `x[].y` is integer, and was string",
    );
}

#[test]
fn an_object_that_closes_breaks() {
    let open = json!({ "type": "object" });
    let closed = json!({ "type": "object", "additionalProperties": false });
    breaks(
        "inputSchema",
        &open,
        &closed,
        "tool `t`: argument `*` may not be there any more",
    );
}

#[test]
fn another_default_breaks() {
    let with = |default: i64| object(&json!({ "type": "integer", "default": default }), false);
    breaks(
        "inputSchema",
        &with(1),
        &with(2),
        "tool `t`: argument `x` is 2 unless given, and was 1",
    );
}

#[test]
fn words_and_order_are_no_part_of_the_contract() {
    let before = json!({
        "type": "object",
        "title": "T",
        "properties": { "title": { "description": "a", "type": "string" }, "b": {} },
        "required": ["title", "b"],
    });
    let now = json!({
        "required": ["b", "title"],
        "properties": { "b": {}, "title": { "type": "string", "examples": ["x"] } },
        "type": "object",
    });
    assert_eq!(drift("inputSchema", &before, &now), (vec![], vec![]));
    // A member by the name of a keyword is a member.
    let gone = json!({ "type": "object", "properties": { "b": {} }, "required": ["b"] });
    breaks(
        "inputSchema",
        &now,
        &gone,
        "tool `t`: argument `title` is gone",
    );
}

/// The same for anything else in a lock.
#[track_caller]
fn entries(before: &Value, now: &Value, breaks: &[&str], harmless: &[&str]) {
    let drift = Drift::between(before, now);
    assert_eq!(
        (drift.breaks, drift.harmless),
        (texts(breaks), texts(harmless))
    );
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn what_has_another_name_and_nothing_else_is_told_so() {
    let named = |name: &str| json!({ "resources": { name: { "mimeType": "text/plain" } } });
    entries(
        &named("docs://a"),
        &named("docs://b"),
        &["resource `docs://a` is called `docs://b` now"],
        &[],
    );
}

#[test]
fn what_is_gone_breaks_and_what_is_new_does_not() {
    let one = json!({ "prompts": { "a": { "arguments": {} } } });
    let none = json!({ "prompts": {} });
    entries(&one, &none, &["prompt `a` is gone"], &[]);
    entries(&none, &one, &[], &["prompt `a` is new"]);
}

#[test]
fn a_promise_that_is_taken_back_breaks() {
    let hinted = |hints: Value| json!({ "tools": { "t": { "annotations": hints } } });
    let (much, little) = (
        json!({ "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false }),
        json!({ "readOnlyHint": false, "destructiveHint": true }),
    );
    let hints = [
        "readOnlyHint: true",
        "destructiveHint: false",
        "idempotentHint: true",
        "openWorldHint: false",
    ];
    let lost = hints.map(|hint| format!("tool `t`: it no longer promises `{hint}`"));
    let won = hints.map(|hint| format!("tool `t`: it promises `{hint}`"));
    entries(
        &hinted(much.clone()),
        &hinted(little.clone()),
        &lost.each_ref().map(String::as_str),
        &[],
    );
    entries(
        &hinted(little),
        &hinted(much),
        &[],
        &won.each_ref().map(String::as_str),
    );
}

#[test]
fn whoever_could_call_without_a_name_must_be_able_to_go_on() {
    let open = json!({ "tools": { "t": {} } });
    let closed = json!({ "tools": { "t": { "requiresAuth": true } } });
    entries(
        &open,
        &closed,
        &["tool `t`: callers must say who they are"],
        &[],
    );
    entries(&closed, &open, &[], &["tool `t`: anybody may use it"]);
}

#[test]
fn whoever_may_must_be_able_to_go_on() {
    let open = json!({ "prompts": { "p": { "arguments": {} } } });
    let closed = json!({ "prompts": { "p": { "arguments": {}, "scopes": ["a"] } } });
    let needs = "prompt `p`: callers need the scope \"a\"";
    entries(&open, &closed, &[needs], &[]);
    let less = "prompt `p`: callers need no scope \"a\"";
    entries(&closed, &open, &[], &[less]);
}

#[test]
fn what_was_changed_by_hand_is_noticed() {
    let lock = json!({ "tools": {} });
    let more = json!({ "tools": {}, "reviewed": true });
    entries(
        &more,
        &lock,
        &[],
        &["the lock has what no lock has: it was changed by hand"],
    );
}
