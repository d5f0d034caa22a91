//! How large schemas may be, and what they may refer to.

use super::*;

#[test]
fn a_schema_that_refers_elsewhere_is_never_fetched() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let elsewhere = format!("http://{}/x", listener.local_addr().unwrap());
    for (reference, part) in [
        (&*elsewhere, "begin with `#`"),
        ("other.json", "begin with `#`"),
        ("#/$defs/absent", "no such thing"),
        ("#absent", "no such thing"),
    ] {
        let x = serde_json::json!({ "$ref": reference });
        let schema = serde_json::json!({ "type": "object", "properties": { "x": x } });
        let (problems, _) = told(by_hand(&schema));
        let named = |it: &String| it.contains(reference) && it.contains(part);
        assert!(problems.iter().any(named), "{reference}: {problems:?}");
    }
    let error = listener.accept().unwrap_err();
    assert_eq!(
        error.kind(),
        std::io::ErrorKind::WouldBlock,
        "somebody connected"
    );
}

#[test]
fn a_reference_may_lead_to_the_root_a_definition_or_an_anchor() {
    for reference in ["#", "#/$defs/a", "#here", "#/$defs/b%20c"] {
        let schema = serde_json::json!({
            "type": "object",
            "properties": { "x": { "$ref": reference } },
            "$defs": { "a": { "$anchor": "here" }, "b c": {} },
        });
        let (problems, _) = told(by_hand(&schema));
        let wrong = problems.iter().find(|it| it.contains("refers to"));
        assert_eq!(wrong, None, "{reference}");
    }
}

#[test]
fn a_schema_has_one_dialect() {
    for (dialect, fits) in [
        ("https://json-schema.org/draft/2020-12/schema", true),
        ("https://json-schema.org/draft/2020-12/schema#", true),
        ("http://json-schema.org/draft-07/schema#", false),
    ] {
        let schema = serde_json::json!({ "$schema": dialect, "type": "object", "properties": {} });
        let (problems, _) = told(by_hand(&schema));
        assert_eq!(problems.is_empty(), fits, "{dialect}: {problems:?}");
        assert!(
            problems.iter().all(|it| it.contains("2020-12")),
            "{problems:?}"
        );
    }
}

#[test]
fn a_schema_is_neither_too_deep_nor_too_large() {
    // Many alternatives take their time, and no more than that.
    let large = serde_json::json!({ "anyOf": vec![serde_json::json!({}); 9_000] });
    let schema = serde_json::json!({ "type": "object", "properties": { "x": large } });
    assert_eq!(told(by_hand(&schema)), (vec![], vec![]));
    let deep = (0..40).fold(
        serde_json::json!({}),
        |inner, _| serde_json::json!({ "items": { "items": inner } }),
    );
    let many = serde_json::json!({ "anyOf": vec![serde_json::json!({}); 10_001] });
    for (x, part) in [(deep, "levels deep"), (many, "10000")] {
        let schema = serde_json::json!({ "type": "object", "properties": { "x": x } });
        let (problems, _) = told(by_hand(&schema));
        assert!(
            problems.iter().any(|it| it.contains(part)),
            "{part}: {problems:?}"
        );
    }
}

#[test]
fn a_schema_is_no_larger_for_its_references() {
    let chain = |keyword: &str, length: usize, times: usize| {
        let refer = |to: usize| serde_json::json!({ "$ref": format!("#/$defs/{to}") });
        let link = |at: usize| serde_json::json!({ keyword: vec![refer(at + 1); times] });
        let mut links: Map<_, _> = (0..length).map(|at| (at.to_string(), link(at))).collect();
        links.insert(length.to_string(), serde_json::json!({ "type": "string" }));
        let properties = serde_json::json!({ "x": refer(0) });
        serde_json::json!({ "type": "object", "properties": properties, "$defs": links })
    };
    for keyword in ["allOf", "anyOf", "oneOf"] {
        for (length, times, fits) in [(10, 2, true), (40, 2, false), (4_000, 1, false)] {
            let (problems, _) = told(by_hand(&chain(keyword, length, times)));
            let is_told = problems
                .iter()
                .any(|it| it.contains("more than 10000 schemas"));
            assert_eq!(!is_told, fits, "{keyword} {length} {times}: {problems:?}");
        }
    }
    // One that comes back to itself ends there.
    let itself = serde_json::json!({ "allOf": [{ "$ref": "#/$defs/a" }, { "$ref": "#/$defs/a" }] });
    let properties = serde_json::json!({ "x": { "$ref": "#/$defs/a" } });
    let schema = serde_json::json!({
        "type": "object", "properties": properties, "$defs": { "a": itself },
    });
    assert_eq!(told(by_hand(&schema)).0, Vec::<String>::new());
}
