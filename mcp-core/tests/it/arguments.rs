//! Arguments of tools: all mistakes at once, in words that a model can act upon.

use mcp_core::{
    Server, Tool,
    handler::{Answer, Argument, Bound, Declaration, Reply},
    prelude::*,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{Client, connect, fine, wrong};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Sort {
    Relevance,
    Date,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Window {
    from: u32,
    to: u32,
}

/// Search
#[mcp_tool]
fn search(
    #[arg(min_len = 2, max_len = 5)] query: String,
    #[arg(default = 10, min = 1, max = 50)] limit: u32,
    sort: Option<Sort>,
    #[arg(min_len = 1, max_len = 3)] tags: Option<Vec<String>>,
    #[arg(min = 0.5, max = 2)] weight: Option<f64>,
    exact: Option<bool>,
    window: Option<Window>,
) -> String {
    format!("{query} {limit} {sort:?} {tags:?} {weight:?} {exact:?} {window:?}")
}

/// Takes numbers as they are
#[mcp_tool(strict)]
fn strictly(number: u32, flag: Option<bool>, text: Option<String>) -> String {
    format!("{number} {flag:?} {text:?}")
}

/// Takes small and large numbers
#[mcp_tool]
fn numbers(
    small: Option<u8>,
    #[arg(min = -9223372036854775808, max = 9223372036854775807)] signed: Option<i64>,
    #[arg(max = 18446744073709551615)] unsigned: Option<u64>,
) -> String {
    format!("{small:?} {signed:?} {unsigned:?}")
}

/// Takes nothing
#[mcp_tool]
fn nothing() -> &'static str {
    "done"
}

/// Takes text and anything
#[mcp_tool]
fn anything(text: Option<String>, any: Option<Value>) -> String {
    format!("{text:?} {any:?}")
}

/// Knows its caller
#[mcp_tool]
fn caller(ctx: Ctx, who: Option<Identity>, text: String, all: State<u8>) -> String {
    format!("{} {:?} {text} {}", ctx.request_id(), who, *all)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Query {
    /// Text to look for
    text: String,
    #[serde(default = "ten")]
    limit: u32,
    sort: Option<Sort>,
}

fn ten() -> u32 {
    10
}

/// Takes all arguments as one
#[mcp_tool]
fn whole(Args(query): Args<Query>) -> String {
    format!("{query:?}")
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Exact {
    x: u32,
}

/// Takes these arguments and no others
#[mcp_tool]
fn exactly(Args(Exact { x }): Args<Exact>) -> u32 {
    x
}

fn client() -> Client {
    connect(Server::new("arguments", "1").state(7_u8).tools(tools![
        search, strictly, numbers, nothing, anything, caller, whole, exactly
    ]))
}

// ---- what fits

#[tokio::test]
async fn arguments_that_fit_reach_the_function() {
    let all = json!({
        "query": "rust", "limit": 5, "sort": "date", "tags": ["a", "b"], "weight": 1.5,
        "exact": true, "window": { "from": 1, "to": 2 },
    });
    assert_eq!(
        client().says("search", all).await,
        fine(
            r#"rust 5 Some(Date) Some(["a", "b"]) Some(1.5) Some(true) Some(Window { from: 1, to: 2 })"#
        )
    );
}

#[tokio::test]
async fn what_is_absent_or_null_is_its_default_or_none() {
    let client = client();
    let expected = fine("rust 10 None None None None None");
    let absent = json!({ "query": "rust" });
    assert_eq!(client.says("search", absent).await, expected);
    let null = json!({
        "query": "rust", "limit": null, "sort": null, "tags": null, "weight": null, "exact": null,
        "window": null,
    });
    assert_eq!(client.says("search", null).await, expected);
}

#[tokio::test]
async fn a_tool_that_needs_no_arguments_is_called_without() {
    let client = client();
    for params in [
        json!({ "name": "nothing" }),
        json!({ "name": "nothing", "arguments": null }),
        json!({ "name": "nothing", "arguments": {} }),
    ] {
        let result = client.ask("tools/call", params).await;
        assert_eq!(result["content"][0]["text"], "done");
    }
}

#[tokio::test]
async fn what_comes_from_the_server_is_no_argument() {
    let client = client();
    let schema = client.tool("caller").await["inputSchema"].clone();
    let names: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["text"]);
    assert_eq!(
        client.says("caller", json!({ "text": "x" })).await,
        fine("1 None x 7")
    );
    let forged = client
        .says("caller", json!({ "text": "x", "who": "root", "all": 9 }))
        .await;
    assert_eq!(
        forged,
        wrong("`who`: unknown argument\n`all`: unknown argument")
    );
}

#[tokio::test]
async fn numbers_of_64_bits_are_exact() {
    let client = client();
    for (name, number) in [
        ("signed", "-9223372036854775808"),
        ("signed", "9223372036854775807"),
        ("unsigned", "18446744073709551615"),
    ] {
        let said = client
            .says_raw("numbers", &format!(r#"{{"{name}":{number}}}"#))
            .await;
        assert!(!said.is_error && said.text.contains(number), "{said:?}");
    }
    let said = client
        .says_raw("numbers", r#"{"unsigned":18446744073709551616}"#)
        .await;
    assert!(
        said.is_error && said.text.contains("`unsigned`"),
        "{said:?}"
    );
}

// ---- what does not

#[tokio::test]
async fn all_mistakes_of_a_call_are_told_at_once() {
    let arguments = json!({
        "limit": "x", "sort": "up", "tags": [], "weight": 3, "exact": "perhaps",
        "window": { "from": 1 }, "quary": "rust",
    });
    let said = client().says("search", arguments).await;
    assert!(said.is_error);
    let lines: Vec<&str> = said.text.lines().collect();
    for (argument, problem) in [
        ("query", "required argument is missing"),
        ("limit", "invalid type: string \"x\", expected u32"),
        (
            "sort",
            "unknown variant `up`, expected `relevance` or `date`",
        ),
        ("tags", "has 0 items, fewer than the minimum of 1"),
        ("weight", "3 is greater than the maximum of 2"),
        (
            "exact",
            "invalid type: string \"perhaps\", expected a boolean",
        ),
        ("window", "missing field `to`"),
        ("quary", "unknown argument (did you mean `query`?)"),
    ] {
        let expected = format!("`{argument}`: {problem}");
        assert!(lines.contains(&&*expected), "{expected:?} in {lines:#?}");
    }
    assert_eq!(lines.len(), 8, "{lines:#?}");
}

#[tokio::test]
async fn a_mistake_inside_of_an_argument_is_told_where_it_is() {
    let client = client();
    let window = json!({ "query": "rust", "window": { "from": 1, "to": "x" } });
    assert_eq!(
        client.says("search", window).await,
        wrong("`window.to`: invalid type: string \"x\", expected u32")
    );
    let tags = json!({ "query": "rust", "tags": ["a", 7] });
    assert_eq!(
        client.says("search", tags).await,
        wrong("`tags[1]`: invalid type: integer `7`, expected a string")
    );
}

#[tokio::test]
async fn a_required_argument_is_not_null() {
    let said = client().says("search", json!({ "query": null })).await;
    assert!(
        said.is_error && said.text.starts_with("`query`: "),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_name_that_was_perhaps_meant_is_told_if_it_is_close() {
    let client = client();
    for (name, meant) in [
        ("qery", Some("query")),
        ("querry", Some("query")),
        ("limits", Some("limit")),
        ("wieght", Some("weight")),
        ("zzz", None),
        ("q", None),
        ("completely_different", None),
    ] {
        let said = client
            .says("search", json!({ "query": "rust", name: 1 }))
            .await;
        let hint = meant.map_or_else(String::new, |meant| format!(" (did you mean `{meant}`?)"));
        assert_eq!(said, wrong(format!("`{name}`: unknown argument{hint}")));
    }
}

#[tokio::test]
async fn names_are_told_apart_by_case() {
    let said = client()
        .says("search", json!({ "query": "rust", "Limit": 1 }))
        .await;
    assert!(
        said.is_error && said.text.starts_with("`Limit`: unknown argument"),
        "{said:?}"
    );
}

#[tokio::test]
async fn an_argument_that_is_given_twice_is_refused() {
    let said = client()
        .says_raw("search", r#"{"query":"rust","limit":1,"limit":2}"#)
        .await;
    assert_eq!(said, wrong("`limit`: given twice"));
}

#[tokio::test]
async fn a_tool_without_arguments_takes_none() {
    let said = client().says("nothing", json!({ "x": 1 })).await;
    assert_eq!(said, wrong("`x`: unknown argument"));
}

#[tokio::test]
async fn at_most_20_mistakes_are_spelled_out() {
    let arguments = |count: usize| {
        let members = (0..count).map(|n| (format!("unknown_{n:02}"), Value::Null));
        Value::Object(members.collect())
    };
    let client = client();
    let twenty = client.says("nothing", arguments(20)).await;
    assert_eq!(twenty.text.lines().count(), 20, "{twenty:?}");
    let more = client.says("nothing", arguments(25)).await;
    let lines: Vec<&str> = more.text.lines().collect();
    assert_eq!((lines.len(), lines[20]), (21, "… and 5 more"), "{lines:#?}");
    assert!(more.is_error);
}

#[tokio::test]
async fn what_a_caller_wrote_is_shown_escaped_and_cut() {
    let client = client();
    let name = format!("a\u{1b}[31m\n{}", "x".repeat(10_000));
    let said = client.says("nothing", json!({ name: 1 })).await;
    assert!(said.is_error && said.text.len() < 300, "{said:?}");
    assert!(!said.text.contains(['\n', '\u{1b}']), "{said:?}");
    let long = json!({ "query": "rust", "sort": "x".repeat(10_000) });
    let said = client.says("search", long).await;
    assert!(
        said.is_error && said.text.len() < 1000,
        "{}",
        said.text.len()
    );
}

// ---- limits

#[tokio::test]
async fn bounds_are_inclusive() {
    let client = client();
    for (arguments, problem) in [
        (json!({ "query": "ab" }), None),
        (json!({ "query": "abcde" }), None),
        (
            json!({ "query": "a" }),
            Some("`query`: has 1 characters, fewer than the minimum of 2"),
        ),
        (
            json!({ "query": "abcdef" }),
            Some("`query`: has 6 characters, more than the maximum of 5"),
        ),
        (json!({ "query": "ab", "limit": 1 }), None),
        (json!({ "query": "ab", "limit": 50 }), None),
        (
            json!({ "query": "ab", "limit": 0 }),
            Some("`limit`: 0 is less than the minimum of 1"),
        ),
        (
            json!({ "query": "ab", "limit": 51 }),
            Some("`limit`: 51 is greater than the maximum of 50"),
        ),
        (json!({ "query": "ab", "weight": 0.5 }), None),
        (json!({ "query": "ab", "weight": 2.0 }), None),
        (
            json!({ "query": "ab", "weight": 0.49 }),
            Some("`weight`: 0.49 is less than the minimum of 0.5"),
        ),
        (
            json!({ "query": "ab", "weight": 2.01 }),
            Some("`weight`: 2.01 is greater than the maximum of 2"),
        ),
        (json!({ "query": "ab", "tags": ["a", "b", "c"] }), None),
        (
            json!({ "query": "ab", "tags": ["a", "b", "c", "d"] }),
            Some("`tags`: has 4 items, more than the maximum of 3"),
        ),
    ] {
        let said = client.says("search", arguments.clone()).await;
        match problem {
            Some(problem) => assert_eq!(said, wrong(problem), "{arguments}"),
            None => assert!(!said.is_error, "{arguments}: {said:?}"),
        }
    }
}

#[tokio::test]
async fn lengths_are_counted_in_characters() {
    let client = client();
    for query in ["ÄÖÜäö", "🦀🦀🦀🦀🦀", "\"\\\n\t\u{1}"] {
        let said = client.says("search", json!({ "query": query })).await;
        assert!(!said.is_error, "{query:?}: {said:?}");
    }
    let escaped = client
        .says_raw("search", r#"{"query":"\u0061\u0062\u0063\u0064\u0065"}"#)
        .await;
    assert!(!escaped.is_error, "{escaped:?}");
}

#[tokio::test]
async fn a_number_that_its_type_cannot_hold_is_refused() {
    let client = client();
    for small in [
        json!(256),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!([1]),
        json!(true),
    ] {
        let said = client.says("numbers", json!({ "small": small })).await;
        assert!(
            said.is_error && said.text.starts_with("`small`: "),
            "{small}: {said:?}"
        );
    }
}

/// A number that its type reads from a string as well.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Loose(f64);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::String(text) => Self(text.parse().unwrap_or(f64::MAX)),
            number => Self(number.as_f64().unwrap_or_default()),
        })
    }
}

/// Text that its type reads from anything.
#[derive(Debug, JsonSchema)]
#[schemars(with = "String")]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|any| Self(any.to_string()))
    }
}

/// Takes more kinds of values than its schema says
#[mcp_tool]
fn loosely(
    #[arg(min = 1, max = 100)] number: Option<Loose>,
    #[arg(max_len = 3)] name: Option<Name>,
    #[arg(pattern = "^[a-z]+$")] code: Option<Name>,
) -> String {
    format!("{number:?} {name:?} {code:?}")
}

/// Ask for so many
#[mcp_prompt]
fn so_many(#[arg(max = 100)] number: Loose) -> String {
    format!("{number:?}")
}

#[tokio::test]
async fn bounds_hold_for_whatever_kind_of_value_a_type_takes() {
    let server = Server::new("arguments", "1").tools(tools![loosely]);
    let client = connect(server.prompts(prompts![so_many]));
    for (arguments, problem) in [
        (json!({ "number": 50 }), None),
        (json!({ "number": "50" }), None),
        (json!({ "number": null, "name": null, "code": null }), None),
        (json!({ "name": "abc", "code": "abc" }), None),
        (
            json!({ "number": "5000" }),
            Some("`number`: 5000 is greater than the maximum of 100"),
        ),
        (json!({ "number": "x" }), Some("`number`: is not a number")),
        (
            json!({ "number": "nan" }),
            Some("`number`: is not a number"),
        ),
        (
            json!({ "number": "-inf" }),
            Some("`number`: is not a number"),
        ),
        (json!({ "number": true }), Some("`number`: is not a number")),
        (json!({ "number": [50] }), Some("`number`: is not a number")),
        (
            json!({ "name": 12345 }),
            Some("`name`: is neither a string nor an array"),
        ),
        (
            json!({ "name": { "a": 1 } }),
            Some("`name`: is neither a string nor an array"),
        ),
        (json!({ "code": 7 }), Some("`code`: is not a string")),
    ] {
        let said = client.says("loosely", arguments.clone()).await;
        match problem {
            Some(problem) => assert_eq!(said, wrong(problem), "{arguments}"),
            None => assert!(!said.is_error, "{arguments}: {said:?}"),
        }
    }
    let prompt = |number: &str| json!({ "name": "so_many", "arguments": { "number": number } });
    client.ask("prompts/get", prompt("50")).await;
    let (_, refused) = client.refused("prompts/get", prompt("5000")).await;
    assert!(refused.contains("5000 is greater than"), "{refused}");
}

#[test]
fn a_bound_is_told_whatever_number_it_is() {
    for (bound, told) in [
        (Bound::from(7_isize), json!(7)),
        (Bound::from(7_u128), json!(7)),
        (Bound::from(u64::MAX), json!(u64::MAX)),
        (Bound::from(i128::MAX), json!(i128::MAX as f64)),
        (Bound::from(u128::MAX), json!(u128::MAX as f64)),
    ] {
        let declaration = Declaration::default().param::<u128, _>(Argument::new("n").max(bound));
        let tool = Tool::builder("tool")
            .declared(declaration)
            .invoke(|_| Ok(Reply::ready(Ok(Answer::CallTool(ToolOutput::text(""))))));
        let schema = tool.definition().input_schema.to_value();
        assert_eq!(schema["properties"]["n"]["maximum"], told);
    }
}

#[test]
fn a_default_that_is_none_is_not_told() {
    /// Find
    #[mcp_tool]
    fn find(#[arg(default = None)] year: Option<u32>) -> String {
        format!("{year:?}")
    }
    let schema = tools![find].remove(0).definition().input_schema.to_value();
    let year = &schema["properties"]["year"];
    assert_eq!(*year, json!({ "type": "integer", "minimum": 0 }));
    assert_eq!(schema.get("required"), None);
}

// ---- strings that spell something else

#[tokio::test]
async fn a_string_stands_for_what_it_spells_where_that_is_asked_for() {
    let client = client();
    let spelled = json!({
        "query": "rust", "limit": "5", "sort": "date", "tags": "[\"a\"]", "weight": "1.5",
        "exact": "true", "window": "{\"from\":1,\"to\":2}",
    });
    assert_eq!(
        client.says("search", spelled).await,
        fine(
            r#"rust 5 Some(Date) Some(["a"]) Some(1.5) Some(true) Some(Window { from: 1, to: 2 })"#
        )
    );
}

#[tokio::test]
async fn a_string_stands_for_what_it_spells_inside_of_an_argument_too() {
    let client = client();
    for window in [
        json!({ "from": "1", "to": 2 }),
        json!({ "from": " 1", "to": "2 " }),
        json!("{\"from\":\"1\",\"to\":2}"),
    ] {
        let said = client
            .says("search", json!({ "query": "rust", "window": window }))
            .await;
        let expected = "rust 10 None None None None Some(Window { from: 1, to: 2 })";
        assert_eq!(said, fine(expected), "{window}");
    }
}

#[tokio::test]
async fn what_is_told_is_what_is_wrong_and_not_a_string_that_stands_for_what_it_spells() {
    let client = client();
    for (window, problem) in [
        (
            json!({ "from": "1", "to": "x" }),
            "`window.to`: invalid type: string \"x\", expected u32",
        ),
        (json!("{\"from\":\"1\"}"), "`window`: missing field `to`"),
        (
            json!({ "from": "[1]", "to": 2 }),
            "`window.from`: invalid type: string \"[1]\", expected u32",
        ),
        (
            json!({ "from": "1.5", "to": 2 }),
            "`window.from`: invalid type: string \"1.5\", expected u32",
        ),
    ] {
        let said = client
            .says("search", json!({ "query": "rust", "window": window }))
            .await;
        assert_eq!(said, wrong(problem), "{window}");
    }
}

#[tokio::test]
async fn what_a_string_spells_is_bounded_too() {
    let said = client()
        .says("search", json!({ "query": "rust", "limit": "51" }))
        .await;
    assert_eq!(said, wrong("`limit`: 51 is greater than the maximum of 50"));
}

#[tokio::test]
async fn what_a_string_spells_is_bounded_whatever_blanks_are_around_it() {
    let client = client();
    for limit in [" 51", "51 ", "\t51\n"] {
        let said = client
            .says("search", json!({ "query": "rust", "limit": limit }))
            .await;
        let expected = wrong("`limit`: 51 is greater than the maximum of 50");
        assert_eq!(said, expected, "{limit:?}");
    }
    let tags = json!({ "query": "rust", "tags": " [\"a\",\"b\",\"c\",\"d\"] " });
    let said = client.says("search", tags).await;
    assert_eq!(
        said,
        wrong("`tags`: has 4 items, more than the maximum of 3")
    );
}

#[tokio::test]
async fn a_string_that_was_meant_as_one_stays_one() {
    let client = client();
    let said = client
        .says("anything", json!({ "text": "5", "any": "{\"x\":1}" }))
        .await;
    assert_eq!(said, fine(r#"Some("5") Some(String("{\"x\":1}"))"#));
    // Nor does a number become one.
    let said = client.says("anything", json!({ "text": 5 })).await;
    assert_eq!(
        said,
        wrong("`text`: invalid type: integer `5`, expected a string")
    );
}

#[tokio::test]
async fn a_strict_tool_takes_strings_for_strings_only() {
    let client = client();
    let said = client
        .says(
            "strictly",
            json!({ "number": "5", "flag": "true", "text": "5" }),
        )
        .await;
    assert_eq!(
        said,
        wrong(
            "`number`: invalid type: string \"5\", expected u32\n\
             `flag`: invalid type: string \"true\", expected a boolean"
        )
    );
    let said = client
        .says(
            "strictly",
            json!({ "number": 5, "flag": true, "text": "5" }),
        )
        .await;
    assert_eq!(said, fine(r#"5 Some(true) Some("5")"#));
}

// ---- all of them as one

#[tokio::test]
async fn args_take_the_whole_object() {
    let client = client();
    let said = client
        .says("whole", json!({ "text": "x", "sort": "date" }))
        .await;
    assert_eq!(
        said,
        fine(r#"Query { text: "x", limit: 10, sort: Some(Date) }"#)
    );
    for (arguments, path, problem) in [
        (json!({}), "`arguments`: ", "missing field `text`"),
        (json!({ "text": 7 }), "`text`: ", "expected a string"),
        (
            json!({ "text": "x", "sort": "up" }),
            "`sort`: ",
            "unknown variant `up`",
        ),
    ] {
        let said = client.says("whole", arguments.clone()).await;
        assert!(
            said.is_error && said.text.starts_with(path) && said.text.contains(problem),
            "{arguments}: {said:?}"
        );
    }
}

#[tokio::test]
async fn a_string_in_args_stands_for_what_it_spells_unless_the_tool_is_strict() {
    /// Takes all arguments as they are
    #[mcp_tool(strict)]
    fn strictly_whole(Args(query): Args<Query>) -> String {
        format!("{query:?}")
    }
    let tools = tools![whole, strictly_whole];
    let client = connect(Server::new("arguments", "1").tools(tools));
    let arguments = json!({ "text": "5", "limit": "7", "sort": "date" });
    assert_eq!(
        client.says("whole", arguments.clone()).await,
        fine(r#"Query { text: "5", limit: 7, sort: Some(Date) }"#)
    );
    let refused = wrong("`limit`: invalid type: string \"7\", expected u32");
    assert_eq!(client.says("strictly_whole", arguments).await, refused);
    // What it spells is no number: what was sent is told.
    let arguments = json!({ "text": "x", "limit": "seven" });
    let refused = wrong("`limit`: invalid type: string \"seven\", expected u32");
    assert_eq!(client.says("whole", arguments).await, refused);
}

#[tokio::test]
async fn args_publish_the_schema_of_their_type() {
    let schema = client().tool("whole").await["inputSchema"].clone();
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["required"], json!(["text"]));
    assert_eq!(
        schema["properties"]["text"],
        json!({ "type": "string", "description": "Text to look for" })
    );
}

#[tokio::test]
async fn args_that_deny_unknown_fields_do() {
    let client = client();
    assert_eq!(client.says("exactly", json!({ "x": 1 })).await, fine("1"));
    let said = client.says("exactly", json!({ "x": 1, "y": 2 })).await;
    assert!(said.is_error && said.text.contains("`y`"), "{said:?}");
}

// ---- what is published is what is enforced

#[tokio::test]
async fn the_published_schema_tells_what_is_enforced() {
    let schema = client().tool("search").await["inputSchema"].clone();
    assert_eq!(
        schema,
        json!({
            "type": "object",
            "properties": {
                "query": { "type": "string", "minLength": 2, "maxLength": 5 },
                "limit": { "type": "integer", "minimum": 1, "maximum": 50, "default": 10 },
                "sort": { "type": "string", "enum": ["relevance", "date"] },
                "tags": {
                    "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 3,
                },
                "weight": { "type": "number", "minimum": 0.5, "maximum": 2 },
                "exact": { "type": "boolean" },
                "window": {
                    "type": "object",
                    "properties": {
                        "from": { "type": "integer", "minimum": 0 },
                        "to": { "type": "integer", "minimum": 0 },
                    },
                    "required": ["from", "to"],
                },
            },
            "required": ["query"],
            "additionalProperties": false,
        })
    );
}

#[tokio::test]
async fn arguments_are_published_in_the_order_of_the_parameters() {
    let response = client()
        .send(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        .await;
    let text = String::from_utf8(response).unwrap();
    let order = [
        "\"query\":",
        "\"limit\":",
        "\"sort\":",
        "\"tags\":",
        "\"weight\":",
        "\"exact\":",
    ];
    let places: Vec<_> = order.map(|name| text.find(name).unwrap()).into();
    assert!(places.is_sorted(), "{places:?}");
}

/// Mix a colour
#[mcp_tool]
fn mix(#[arg(default = 0.1, max = 0.1)] red: f32) -> f32 {
    red
}

#[test]
fn a_default_is_told_with_the_digits_it_was_written_with() {
    let schema = tools![mix].remove(0).definition().input_schema.to_value();
    assert_eq!(schema["properties"]["red"]["default"], json!(0.1));
}
