//! What a validator enforces.

#[cfg(feature = "validate")]
use super::gaps::{Code, GAPS, Page};
#[cfg(not(feature = "validate"))]
use super::types::Nested;
use super::*;

#[cfg(feature = "validate")]
fn client(tool: Tool) -> Client {
    connect(Server::new("it", "1").tools([tool]))
}

#[cfg(feature = "validate")]
#[tokio::test]
async fn a_validator_tells_all_that_the_type_took() {
    let client = client(shows_all::<Page>());
    let page = serde_json::json!({ "limit": 5, "name": "rust" });
    assert!(!client.says("show", page).await.is_error);
    // Null is absence, as everywhere.
    let page = serde_json::json!({ "limit": 5, "name": "rust", "tags": null, "price": 1.5 });
    assert!(!client.says("show", page).await.is_error);
    let page = serde_json::json!({
        "limit": 101, "name": "R", "price": 0.3, "tags": [{ "text": "much too long" }],
    });
    let said = client.says("show", page).await;
    assert!(said.is_error);
    let mut lines: Vec<&str> = said.text.lines().collect();
    lines.sort_unstable();
    let paths: Vec<_> = lines
        .iter()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(
        paths,
        ["`limit`", "`name`", "`name`", "`price`", "`tags[0].text`"],
        "{lines:#?}"
    );
    assert_eq!(
        lines[0],
        "`limit`: the value is greater than the maximum of 100"
    );
}

#[cfg(feature = "validate")]
#[tokio::test]
async fn a_validator_checks_each_argument_by_itself_and_what_a_string_spells() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[schemars(transparent)]
    struct Limit(
        #[schemars(range(max = 9))]
        #[expect(dead_code, reason = "shown")]
        u32,
    );

    let client = client(shows::<Limit>());
    let said = |x: Value| client.says("show", serde_json::json!({ "x": x }));
    assert_eq!(said("9".into()).await, fine("Some(Limit(9))"));
    let expected = wrong("`x`: the value is greater than the maximum of 9");
    assert_eq!(said(10.into()).await, expected);
    assert_eq!(said("10".into()).await, expected);
}

#[cfg(feature = "validate")]
#[tokio::test]
async fn a_schema_by_hand_is_enforced_before_the_function_runs() {
    let client = client(by_hand(&serde_json::json!({
        "type": "object",
        "properties": {
            "phone": { "type": "string", "pattern": "^[0-9]+$" },
            "email": { "type": "string" },
        },
        "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }],
        "additionalProperties": false,
    })));
    let fits = serde_json::json!({ "phone": "112" });
    assert_eq!(client.says("own", fits).await, fine(r#"{"phone":"112"}"#));
    for (arguments, path) in [
        (serde_json::json!({}), "`arguments`: "),
        (serde_json::json!({ "phone": "x" }), "`phone`: "),
        (serde_json::json!({ "email": 7 }), "`email`: "),
        (
            serde_json::json!({ "email": "a", "fax": 1 }),
            "`arguments`: ",
        ),
    ] {
        let said = client.says("own", arguments.clone()).await;
        assert!(
            said.is_error && said.text.starts_with(path),
            "{arguments}: {said:?}"
        );
    }
}

/// Enums that take what they do not know, and mean it.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Lenient {
    named: Word,
    inside: Vec<Tagged>,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Word {
    Known,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
#[expect(dead_code, reason = "shown by `Debug`")]
enum Tagged {
    Known {
        small: u8,
    },
    #[serde(other)]
    Other,
}

#[test]
fn an_enum_that_takes_what_it_does_not_know_may() {
    assert_eq!(told(shows_all::<Lenient>()), (vec![], vec![]));
    assert_eq!(told(shows_all::<Tagged>()), (vec![], vec![]));
}

/// Schemas that were written over those of the types.
#[cfg(not(feature = "validate"))]
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
#[expect(dead_code, reason = "shown by `Debug`")]
struct WrittenOver {
    #[schemars(with = "Nested")]
    nested: Map<String, Value>,
    #[schemars(with = "Word")]
    word: String,
    #[schemars(extend("const" = 0))]
    zero: u8,
    #[schemars(required)]
    there: Option<bool>,
}

#[cfg(not(feature = "validate"))]
#[test]
fn what_is_written_over_the_schema_of_a_type_is_promised_too() {
    let (problems, _) = told(shows_all::<WrittenOver>());
    for part in [
        "its arguments promise `additionalProperties`: false",
        "its arguments promise `required`: ",
        "its argument `nested` promises `required`: ",
        "its argument `word` promises `enum`: ",
        "its argument `zero` promises `const`: 0",
    ] {
        assert!(
            problems.iter().any(|it| it.contains(part)),
            "{part}: {problems:#?}"
        );
    }
}

#[cfg(not(feature = "validate"))]
#[test]
fn what_a_prompt_or_a_template_asks_of_text_is_enforced_too() {
    #[derive(Deserialize, JsonSchema)]
    #[schemars(transparent)]
    struct Word(#[schemars(length(min = 2, max = 4))] String);

    /// Say a word
    #[mcp_prompt]
    fn say(word: Word) -> String {
        word.0
    }

    /// A word
    #[mcp_resource("word://{word}")]
    fn look_up(word: Word) -> String {
        word.0
    }

    let server = Server::new("it", "1")
        .prompts(prompts![say])
        .resources(resources![look_up]);
    let error = server.build().unwrap_err();
    for entry in ["prompt `say`", "resource `word://{word}`"] {
        let named = |it: &&String| it.starts_with(entry) && it.contains("`word` promises");
        assert_eq!(error.problems().iter().filter(named).count(), 2, "{error}");
    }
}

/// What a type skips, it does not read: it may be no JSON that anybody else would take.
#[cfg(feature = "validate")]
#[tokio::test]
async fn what_a_validator_cannot_read_is_refused() {
    let by_hand = Tool::builder("show")
        .description("Takes what its schema says")
        .input_schema(
            Schema::parse(r#"{"type":"object","properties":{"limit":{"maximum":100}}}"#).unwrap(),
        )
        .handler(|_: Page, _: Ctx| async move { Ok("taken") });
    for tool in [shows_all::<Page>(), by_hand] {
        let client = client(tool);
        for (skipped, fits) in [("1", true), ("1e400", false), (r#""\ud800""#, false)] {
            let page = format!(r#"{{"limit":100,"name":"rust","skipped":{skipped}}}"#);
            let said = client.says_raw("show", &page).await;
            assert_eq!(!said.is_error, fits, "{said:?}");
            let page = page.replace("100", "101");
            let said = client.says_raw("show", &page).await;
            assert!(said.is_error, "{said:?}");
        }
    }
}

/// Nine levels took seconds: each alternative was explained in each of the others.
#[cfg(feature = "validate")]
#[tokio::test]
async fn what_is_wrong_deep_inside_of_alternatives_is_told_at_once() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(tag = "op")]
    #[expect(dead_code, reason = "shown by `Debug`")]
    enum Expression {
        Number {
            #[schemars(range(max = 9))]
            value: u32,
        },
        Not {
            inner: Box<Expression>,
        },
        Minus {
            inner: Box<Expression>,
        },
    }

    let client = client(shows::<Expression>());
    let nested = |innermost: Value| {
        let wrap = |inner, _| serde_json::json!({ "op": "Minus", "inner": inner });
        serde_json::json!({ "x": (0..60).fold(innermost, wrap) })
    };
    let fits = nested(serde_json::json!({ "op": "Number", "value": 9 }));
    assert!(!client.says("show", fits).await.is_error);
    let broken = nested(serde_json::json!({ "op": "Number", "value": 10 }));
    let expected = wrong("`x`: something in it does not fit its schema");
    assert_eq!(client.says("show", broken).await, expected);
    let said = client
        .says("show", nested(serde_json::json!({ "op": "Plus" })))
        .await;
    assert!(
        said.is_error && said.text.contains("unknown variant `Plus`"),
        "{said:?}"
    );
}

#[cfg(feature = "validate")]
#[tokio::test]
async fn a_validator_of_text_sees_the_text() {
    #[derive(Deserialize, JsonSchema)]
    #[schemars(transparent)]
    struct Word(#[schemars(length(min = 2, max = 4))] String);

    /// Say a word
    #[mcp_prompt]
    fn say(word: Word) -> String {
        word.0
    }

    let client = connect(Server::new("it", "1").prompts(prompts![say]));
    let params = |word: &str| serde_json::json!({ "name": "say", "arguments": { "word": word } });
    for word in ["12", "true", "null", "nan", "[1]", " 1 "] {
        let said = client.ask("prompts/get", params(word)).await;
        assert_eq!(said["messages"][0]["content"]["text"], word);
    }
    for word in ["1", "x", "12345", "infinity", "[1,2]"] {
        let (code, message) = client.refused("prompts/get", params(word)).await;
        assert!(code == -32602 && message.contains("`word`: "), "{message}");
    }
}

#[cfg(feature = "validate")]
#[test]
fn what_is_validated_needs_no_proof() {
    assert_eq!(told(shows::<Code>()), (vec![], vec![]));
    assert_eq!(GAPS.len(), 7);
    assert_eq!(told(shows_all::<Page>()), (vec![], vec![]));
}
