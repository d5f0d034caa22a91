//! Nothing is promised that is not enforced: by the type, by `#[arg(..)]`, or by a validator.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Debug,
    net::IpAddr,
    num::{NonZeroI32, NonZeroU8},
    time::Duration,
};

use mcp_core::{
    Server, Tool,
    handler::{Answer, Argument, Declaration, Param, Reply, ToolOutput},
    prelude::*,
    schema::{Rule, Schema},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

#[cfg(feature = "validate")]
use crate::client::{Client, connect, fine, wrong};

/// A tool that takes one `x` and shows it.
fn shows<T: DeserializeOwned + JsonSchema + Debug + Send + 'static>() -> Tool {
    declared::<T, _>(Argument::new("x"))
}

/// A tool that takes all arguments as one value and shows it.
fn shows_all<T: DeserializeOwned + JsonSchema + Debug + Send + 'static>() -> Tool {
    declared::<Args<T>, _>(Argument::default())
}

fn declared<P: Param<M> + Debug, M>(argument: Argument) -> Tool {
    let declaration = Declaration::default().param::<P, _>(argument);
    Tool::builder("show")
        .description("Shows it")
        .declared(declaration)
        .invoke(|mut arguments| {
            let taken = arguments.take::<P, _>(0);
            arguments.finish()?;
            let text = format!("{taken:?}");
            Ok(Reply::ready(Ok(Answer::CallTool(ToolOutput::text(text)))))
        })
}

fn by_hand(schema: &Value) -> Tool {
    Tool::builder("own")
        .description("Takes what its schema says")
        .input_schema(Schema::parse(&schema.to_string()).unwrap())
        .handler(
            |given: Map<String, Value>, _: Ctx| async move { Ok(Value::Object(given).to_string()) },
        )
}

/// What stands against a server with this tool, and what it warns about.
fn told(tool: Tool) -> (Vec<String>, Vec<String>) {
    match Server::new("it", "1").tools([tool]).build() {
        Err(error) => (error.problems().to_vec(), Vec::new()),
        Ok(server) => {
            let unproven = server.check().into_iter();
            let unproven = unproven.filter(|it| it.rule == Rule::Unproven);
            (Vec::new(), unproven.map(|it| it.seen).collect())
        }
    }
}

// ---- what types enforce by being what they are

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Everything {
    small: u8,
    signed: Option<i16>,
    letter: char,
    pair: [u32; 2],
    tuple: (String, u8),
    set: BTreeSet<u8>,
    numbered: BTreeMap<u32, String>,
    named: HashMap<String, NonZeroU8>,
    not_zero: NonZeroI32,
    wait: Option<Duration>,
    nested: Vec<Option<Nested>>,
    any: Option<Value>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
#[expect(dead_code, reason = "shown by `Debug`")]
enum Nested {
    One { small: u8 },
    Other { children: Vec<Nested> },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "shown by `Debug`")]
enum Sizes {
    Small(u8),
    Large(u32),
    Text(String),
}

#[test]
fn what_a_type_enforces_by_itself_is_no_gap() {
    for tool in [
        shows::<u8>(),
        shows::<Option<i8>>(),
        shows::<char>(),
        shows::<NonZeroU8>(),
        shows::<NonZeroI32>(),
        shows::<[u8; 3]>(),
        shows::<(u8, String)>(),
        shows::<Option<Option<u16>>>(),
        shows::<BTreeMap<u32, u8>>(),
        shows::<BTreeMap<i8, u8>>(),
        shows::<BTreeSet<String>>(),
        shows::<IpAddr>(),
        shows::<Duration>(),
        shows::<Vec<Nested>>(),
        shows::<Sizes>(),
        shows::<Everything>(),
        shows_all::<Everything>(),
        shows_all::<Nested>(),
        shows_all::<HashMap<String, u8>>(),
    ] {
        let schema = tool.definition().input_schema.clone();
        assert_eq!(told(tool), (vec![], vec![]), "{schema:?}");
    }
}

#[test]
fn what_arg_enforces_is_no_gap() {
    let argument = Argument::new("x").min(1).max(9).example(5);
    assert_eq!(told(declared::<Option<u32>, _>(argument)), (vec![], vec![]));
    let argument = Argument::new("x").min_len(1).max_len(9).pattern("^a");
    assert_eq!(told(declared::<String, _>(argument)), (vec![], vec![]));
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Flat {
    name: String,
    #[serde(flatten)]
    nested: Nested,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Open {
    name: String,
    #[serde(flatten)]
    rest: HashMap<String, u8>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
struct Defaulted {
    page_size: NonZeroU8,
    #[serde(alias = "from")]
    offset: u16,
    unit: (),
    one: (u8,),
}

impl Default for Defaulted {
    fn default() -> Self {
        Self {
            page_size: NonZeroU8::MIN,
            offset: 0,
            unit: (),
            one: (1,),
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
enum External {
    Unit,
    Newtype(u8),
    Tuple(u8, char),
    Struct { letters: [char; 2] },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "t", content = "c")]
#[expect(dead_code, reason = "shown by `Debug`")]
enum Adjacent {
    Small(u8),
    Many(BTreeMap<u8, External>),
    Nothing,
}

/// Its first alternative is the one that has no end.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
enum Term {
    Sum { left: Box<Term>, right: Box<Term> },
    Number(u8),
}

#[test]
fn types_of_many_shapes_have_no_gaps() {
    for tool in [
        shows::<Term>(),
        shows_all::<Term>(),
        shows::<std::ops::Range<u8>>(),
        shows::<Result<u8, char>>(),
        shows::<std::borrow::Cow<'static, str>>(),
        shows::<Box<[u8]>>(),
        shows::<i128>(),
        shows::<u128>(),
        shows::<f32>(),
        shows::<()>(),
        shows::<(u8,)>(),
        shows::<[u8; 0]>(),
        shows::<[char; 20]>(),
        shows::<HashMap<bool, u8>>(),
        shows::<HashMap<char, u8>>(),
        shows::<BTreeMap<NonZeroU8, u8>>(),
        shows::<BTreeMap<u64, [NonZeroU8; 2]>>(),
        shows::<std::time::SystemTime>(),
        shows::<std::ops::Bound<u8>>(),
        shows::<std::num::Wrapping<u8>>(),
        shows::<std::collections::VecDeque<u8>>(),
        shows::<BTreeSet<Option<char>>>(),
        shows::<Option<NonZeroI32>>(),
        shows::<Map<String, Value>>(),
        shows::<std::net::SocketAddr>(),
        shows::<std::sync::atomic::AtomicU8>(),
        shows::<External>(),
        shows::<Vec<Adjacent>>(),
        shows::<Flat>(),
        shows::<Option<Defaulted>>(),
        shows::<Option<Open>>(),
        shows_all::<Flat>(),
        shows_all::<Open>(),
        shows_all::<Defaulted>(),
        shows_all::<Adjacent>(),
    ] {
        let schema = tool.definition().input_schema.clone();
        assert_eq!(told(tool), (vec![], vec![]), "{schema:?}");
    }
}

/// It has no value at all, and eight places to look for one.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Endless {
    a: Box<Endless>,
    b: Box<Endless>,
    c: Box<Endless>,
    d: Box<Endless>,
    e: Box<Endless>,
    f: Box<Endless>,
    g: Box<Endless>,
    h: Box<Endless>,
    small: u8,
}

#[test]
fn what_would_take_forever_to_try_is_given_up() {
    told(shows::<Endless>());
    told(by_hand(&serde_json::json!({
        "type": "object",
        "properties": {
            "x": {
                "type": "array",
                "minItems": 100_000,
                "items": { "type": "array", "minItems": 100_000, "items": { "minLength": 1 } },
            },
            "y": {
                "type": "array",
                "minItems": 100_000,
                "uniqueItems": true,
                "items": { "type": "string" },
            },
            "z": { "type": "object", "minProperties": 100_000 },
        },
    })));
}

// ---- what nobody enforces

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Page {
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
struct Tag {
    #[schemars(length(max = 8))]
    text: String,
}

/// Everything that `Page` promises in vain: where, and by which keyword.
const GAPS: [(&str, &str); 7] = [
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
struct Code(
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

// ---- what a validator enforces

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

// ---- bounds

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

// ---- results

#[derive(Serialize, JsonSchema)]
struct Broken {
    /// Its schema has it as a number.
    #[schemars(with = "u32")]
    pages: String,
}

/// Returns something else than it promises
#[mcp_tool]
fn broken() -> Broken {
    Broken {
        pages: "many".to_owned(),
    }
}

#[derive(Serialize, JsonSchema)]
struct Kept {
    pages: u32,
    next: Option<Box<Kept>>,
}

/// Returns what it promises
#[mcp_tool]
async fn kept() -> Vec<Kept> {
    let next = Some(Box::new(Kept {
        pages: 2,
        next: None,
    }));
    vec![Kept { pages: 1, next }]
}

#[cfg(all(debug_assertions, feature = "validate"))]
#[tokio::test]
async fn a_result_that_is_not_as_promised_is_an_internal_error_in_debug_builds() {
    let client = connect(Server::new("it", "1").tools(tools![broken, kept]));
    let params = serde_json::json!({ "name": "broken", "arguments": {} });
    let (code, message) = client.refused("tools/call", params).await;
    assert_eq!(code, -32603);
    assert!(
        message.starts_with("Internal error (ref ") && !message.contains("pages"),
        "{message}"
    );
    let result = client.call("kept", serde_json::json!({})).await;
    assert_eq!(
        result["structuredContent"]["result"][0]["next"]["pages"], 2,
        "{result}"
    );
}

#[cfg(not(feature = "validate"))]
#[test]
fn results_are_not_checked_without_a_validator() {
    let tools = tools![broken, kept];
    assert!(Server::new("it", "1").tools(tools).build().is_ok());
}
