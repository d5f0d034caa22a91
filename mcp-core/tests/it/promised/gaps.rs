//! What nobody enforces.

use super::*;

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
pub(super) struct Page {
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    #[schemars(length(min = 2), regex(pattern = "^[a-z]+$"))]
    name: String,
    #[schemars(length(max = 3))]
    tags: Option<Vec<Tag>>,
    #[schemars(extend("multipleOf" = 0.5))]
    price: Option<f64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
pub(super) struct Tag {
    #[schemars(length(max = 8))]
    text: String,
}

/// Everything that `Page` promises in vain: where, and by which keyword.
pub(super) const GAPS: [(&str, &str); 7] = [
    ("limit", "minimum"),
    ("limit", "maximum"),
    ("name", "minLength"),
    ("name", "pattern"),
    ("tags", "maxItems"),
    ("tags[].text", "maxLength"),
    ("price", "multipleOf"),
];

#[cfg(not(feature = "validate"))]
#[test]
fn what_nobody_enforces_is_a_problem_that_names_both_ways_out() {
    for (tool, within) in [(shows_all::<Page>(), ""), (shows::<Vec<Page>>(), "x[].")] {
        let (problems, _) = told(tool);
        assert_eq!(problems.len(), GAPS.len(), "{problems:#?}");
        for (path, keyword) in GAPS {
            let part = format!("`{within}{path}` promises `{keyword}`");
            assert!(
                problems.iter().any(|it| it.contains(&part)),
                "{part}: {problems:#?}"
            );
        }
        for problem in &problems {
            for part in ["tool `show`", "feature `validate`", "`#[arg(..)]`"] {
                assert!(problem.contains(part), "{problem}");
            }
        }
    }
}

#[cfg(not(feature = "validate"))]
#[test]
fn a_schema_by_hand_promises_no_more_than_its_type_enforces() {
    let object = |properties: Value| serde_json::json!({ "type": "object", "properties": { "x": properties } });
    for (schema, keyword) in [
        (object(serde_json::json!({})), None),
        (
            object(serde_json::json!({ "type": "integer" })),
            Some("type"),
        ),
        (object(serde_json::json!({ "enum": [1] })), Some("enum")),
        (
            serde_json::json!({ "type": "object", "required": ["x"] }),
            Some("required"),
        ),
        (
            serde_json::json!({ "type": "object", "additionalProperties": false }),
            Some("additionalProperties"),
        ),
    ] {
        let (problems, _) = told(by_hand(&schema));
        assert_eq!(
            problems.is_empty(),
            keyword.is_none(),
            "{schema}: {problems:?}"
        );
        if let Some(keyword) = keyword {
            assert!(
                problems[0].contains(&format!("`{keyword}`")),
                "{problems:?}"
            );
        }
    }
    // A type that enforces it all.
    let schema = serde_json::json!({
        "type": "object",
        "properties": { "x": { "type": "integer", "minimum": 0 } },
        "required": ["x"],
        "additionalProperties": false,
    });
    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code)]
    struct Exact {
        x: u32,
    }
    let tool = Tool::builder("own")
        .description("Takes what its schema says")
        .input_schema(Schema::parse(&schema.to_string()).unwrap())
        .handler(|_: Exact, _: Ctx| async { Ok("") });
    assert_eq!(told(tool), (vec![], vec![]));
}

/// Whatever a keyword promises of arguments that are taken as they come, it is known.
#[cfg(not(feature = "validate"))]
#[test]
fn every_promise_of_a_schema_by_hand_is_known() {
    use serde_json::json;

    for x in [
        json!({ "minimum": 1 }),
        json!({ "maximum": 18_446_744_073_709_551_615_u64, "minimum": 0 }),
        json!({ "exclusiveMinimum": 0.5 }),
        json!({ "exclusiveMaximum": 3 }),
        json!({ "multipleOf": 3 }),
        json!({ "minLength": 1 }),
        json!({ "maxLength": 50_000 }),
        json!({ "pattern": "^[0-9]{4}$" }),
        json!({ "minItems": 1 }),
        json!({ "maxItems": 9 }),
        json!({ "contains": { "const": 1 } }),
        json!({ "not": { "const": 0 } }),
        json!({ "minProperties": 1 }),
        json!({ "maxProperties": 9 }),
        json!({ "propertyNames": { "pattern": "^[a-z]+$" } }),
        json!({ "dependentRequired": { "a": ["b"] } }),
        json!({ "if": { "required": ["a"] }, "then": { "required": ["b"] } }),
        json!({ "required": ["a"] }),
        json!({ "enum": [1, 2] }),
        json!({ "const": "x" }),
        json!({ "type": ["integer", "null"] }),
        json!({ "additionalProperties": false }),
    ] {
        let schema = json!({ "type": "object", "properties": { "x": x } });
        let (problems, _) = told(by_hand(&schema));
        let keyword = x.as_object().unwrap().keys().next().unwrap();
        let part = format!("its argument `x` promises `{keyword}`");
        assert!(
            problems.iter().any(|it| it.contains(&part)),
            "{x}: {problems:?}"
        );
    }
}

/// An even number, as its `Deserialize` knows.
#[derive(Debug)]
struct Even(#[expect(dead_code, reason = "shown by `Debug`")] u32);

impl<'de> Deserialize<'de> for Even {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            even if even % 2 == 0 => Ok(Self(even)),
            _ => Err(serde::de::Error::custom("it is odd")),
        }
    }
}

impl JsonSchema for Even {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Even".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 0, "multipleOf": 2 })
    }
}

/// A code that its `Deserialize` knows, and whose pattern no made-up text matches.
#[derive(Debug, JsonSchema)]
#[schemars(transparent)]
pub(super) struct Code(
    #[schemars(regex(pattern = "^X-[0-9]{7}-Q$"))]
    #[expect(dead_code, reason = "shown by `Debug`")]
    String,
);

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.starts_with("X-") && text.len() == 11 {
            true => Ok(Self(text)),
            false => Err(serde::de::Error::custom("no code")),
        }
    }
}

#[test]
fn a_type_with_its_own_judgement_is_asked() {
    assert_eq!(told(shows::<Even>()), (vec![], vec![]));
    assert_eq!(told(shows_all::<HashMap<String, Even>>()), (vec![], vec![]));
}

#[cfg(not(feature = "validate"))]
#[test]
fn a_promise_that_cannot_be_tried_is_a_warning() {
    let (problems, warnings) = told(shows::<Code>());
    assert_eq!(problems, Vec::<String>::new());
    assert!(
        warnings[0].contains("`x` promises `pattern`"),
        "{warnings:?}"
    );
}
