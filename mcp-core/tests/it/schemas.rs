//! What `check` tells of a server, and what schemas by hand must keep.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mcp_core::{
    Server, Tool,
    handler::{Answer, Argument, Declaration, Reply, ToolOutput},
    prelude::*,
    schema::{Rule, Schema, assert_portable, estimated_tokens},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::client::{connect, fine, wrong};

#[cfg(feature = "validate")]
/// A tool that takes anything, and says that it takes what fits this schema.
fn by_hand(schema: &str) -> Tool {
    Tool::builder("own")
        .description("Takes what its schema says")
        .input_schema(Schema::parse(schema).unwrap())
        .handler(|_: Map<String, Value>, _: Ctx| async { Ok("") })
}

/// What stands against a server.
fn problems(server: mcp_core::ServerBuilder) -> Vec<String> {
    match server.build() {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().to_vec(),
    }
}

fn declared(declaration: Declaration) -> Tool {
    Tool::builder("tool")
        .description("Does something")
        .declared(declaration)
        .invoke(|_| Ok(Reply::ready(Ok(Answer::CallTool(ToolOutput::text(""))))))
}

// ---- what clients cannot read

/// Where and what, of everything that `check` tells of a tool.
fn warnings(tool: Tool) -> Vec<(String, Rule)> {
    let server = Server::new("it", "1").tools([tool]).build().unwrap();
    let warnings = server.check().into_iter();
    warnings
        .map(|warning| (warning.path, warning.rule))
        .collect()
}

/// Add two numbers
#[mcp_tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code)]
struct Tree {
    name: String,
    children: Vec<Tree>,
}

#[test]
fn a_server_of_plain_types_is_portable() {
    let server = Server::new("it", "1").tools(tools![add]).build().unwrap();
    assert_eq!(server.check(), []);
    assert_portable(&server);
}

#[test]
fn anything_and_recursion_are_told() {
    let declaration = Declaration::default()
        .param::<Value, _>(Argument::new("any"))
        .param::<Tree, _>(Argument::new("tree"));
    let warnings = warnings(declared(declaration));
    let at = |path: &str| format!("/inputSchema/{path}");
    assert_eq!(
        warnings,
        [
            (at("properties/any"), Rule::Untyped),
            (
                at("properties/tree/properties/children/items"),
                Rule::Reference
            ),
            (at("$defs/Tree/properties/children/items"), Rule::Reference),
        ]
    );
}

#[test]
fn names_that_claude_desktop_refuses_are_told() {
    for (name, told) in [("a_b-c", false), ("a.b", true), (&*"x".repeat(65), true)] {
        let tool = Tool::builder(name).description("Does something");
        let tool = tool.handler(|_: Map<String, Value>, _: Ctx| async { Ok("") });
        let rules: Vec<_> = warnings(tool).into_iter().map(|(_, rule)| rule).collect();
        assert_eq!(rules.contains(&Rule::ToolName), told, "{name}");
    }
}

#[test]
fn a_tool_without_a_description_is_told() {
    let tool = Tool::builder("tool").handler(|_: Map<String, Value>, _: Ctx| async { Ok("") });
    assert_eq!(
        warnings(tool),
        [("/description".to_owned(), Rule::Description)]
    );
}

#[cfg(feature = "validate")]
#[test]
fn what_a_schema_by_hand_has_that_clients_cannot_read_is_told() {
    for (schema, rule) in [
        (json!({ "type": "object" }), Rule::NoProperties),
        (
            json!({ "type": "object", "properties": {}, "anyOf": [{}] }),
            Rule::RootAlternatives,
        ),
        (json!({ "a b": { "type": "string" } }), Rule::ArgumentName),
        (json!({ "a": true }), Rule::Boolean),
        (
            json!({ "a": { "type": ["string", "null"] } }),
            Rule::TypeList,
        ),
        (
            json!({ "a": { "oneOf": [{ "type": "string" }] } }),
            Rule::OneOf,
        ),
        (json!({ "a": { "const": "x" } }), Rule::Constant),
        (json!({ "a": { "type": "array" } }), Rule::NoItems),
        (
            json!({ "a": { "type": "array", "prefixItems": [{ "type": "string" }] } }),
            Rule::Tuple,
        ),
        (
            json!({ "a": { "type": "integer", "format": "uint32" } }),
            Rule::Format,
        ),
        (
            json!({ "a": { "type": "string", "pattern": "(?i)x" } }),
            Rule::Pattern,
        ),
        (json!({ "a": { "minimum": 1 } }), Rule::Untyped),
        // Called as conditions are, and none.
        (json!({ "note": {} }), Rule::Untyped),
        (
            json!({ "anyOf": { "items": {}, "type": "array" } }),
            Rule::Untyped,
        ),
    ] {
        let schema = match schema.get("type") {
            Some(_) => schema,
            None => json!({ "type": "object", "properties": schema }),
        };
        let rules: Vec<_> = warnings(by_hand(&schema.to_string()))
            .into_iter()
            .map(|(_, rule)| rule)
            .collect();
        assert_eq!(rules, [rule], "{schema}");
    }
}

#[test]
fn a_schema_of_more_than_ten_levels_is_told_once() {
    type Four<T> = Vec<Vec<Vec<Vec<T>>>>;
    let deep = |declaration: Declaration| {
        let rules = warnings(declared(declaration)).into_iter();
        rules.filter(|(_, rule)| *rule == Rule::Depth).count()
    };
    let nine = Declaration::default().param::<Four<Four<u8>>, _>(Argument::new("x"));
    assert_eq!(deep(nine), 0);
    let twelve = Declaration::default().param::<Four<Four<Four<u8>>>, _>(Argument::new("x"));
    assert_eq!(deep(twelve), 1);
}

#[test]
fn a_test_that_asserts_portability_fails_with_all_there_is() {
    let declaration = Declaration::default()
        .param::<Value, _>(Argument::new("one"))
        .param::<Value, _>(Argument::new("two"));
    let server = Server::new("it", "1")
        .tools([declared(declaration)])
        .build()
        .unwrap();
    let asserted = AssertUnwindSafe(|| assert_portable(&server));
    let panic = catch_unwind(asserted).unwrap_err();
    let text = panic.downcast::<String>().unwrap();
    for part in [
        "tool `tool`",
        "/properties/one",
        "/properties/two",
        "Gemini CLI",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_definition_costs_a_token_for_four_bytes() {
    let tool = tools![add].remove(0);
    let json = serde_json::to_string(tool.definition()).unwrap();
    assert_eq!(estimated_tokens(tool.definition()), json.len().div_ceil(4));
}

// ---- definitions

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code)]
struct Address {
    /// The street, with the number of the house
    street: String,
    /// The city, in the language of its country
    city: String,
    /// The code that the post goes by, if the country has any
    code: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code)]
struct Person {
    home: Address,
    work: Address,
    summer: Option<Address>,
    winter: Option<Address>,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code)]
struct Family {
    mother: Person,
    father: Person,
    children: Vec<Person>,
    friends: Vec<Person>,
}

#[test]
fn definitions_are_written_out_unless_that_doubles_a_large_schema() {
    let person = Schema::input::<Person>();
    assert!(!person.as_str().contains("$ref"), "{person:?}");
    let family = Schema::input::<Family>();
    assert!(family.as_str().contains("#/$defs/Address"), "{family:?}");
    assert!(family.as_str().len() < 2_000, "{family:?}");
    let value = family.to_value();
    assert_eq!(value["type"], "object");
    let names: Vec<_> = value["$defs"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["Address", "Person"]);
    // Optional as it is, it is what it is.
    let summer = &value["$defs"]["Person"]["properties"]["summer"];
    assert_eq!(*summer, json!({ "$ref": "#/$defs/Address" }));
}

#[test]
fn arguments_whose_definitions_stay_still_show_their_type() {
    let declaration = Declaration::default()
        .param::<Option<Person>, _>(Argument::new("one").description("The one"))
        .param::<Person, _>(Argument::new("two"))
        .param::<Vec<Family>, _>(Argument::new("more").max_len(3));
    let schema = declared(declaration).definition().input_schema.to_value();
    assert_eq!(schema["properties"]["one"]["type"], "object", "{schema}");
    assert_eq!(schema["properties"]["one"]["description"], "The one");
    assert_eq!(schema["properties"]["more"]["maxItems"], 3);
    assert!(schema["$defs"]["Address"].is_object(), "{schema}");
}

// ---- constraints

fn coded(argument: Argument) -> Tool {
    let declaration = Declaration::default().param::<String, _>(argument);
    Tool::builder("coded")
        .description("Takes a code")
        .declared(declaration)
        .invoke(|mut arguments| {
            let code = arguments.take::<String, _>(0);
            arguments.finish()?;
            Ok(Reply::ready(Ok(Answer::CallTool(ToolOutput::text(
                code.unwrap_or_default(),
            )))))
        })
}

#[tokio::test]
async fn a_pattern_is_published_and_enforced() {
    let argument = Argument::new("code")
        .pattern("^[A-Z]{2}[0-9]+$")
        .example("LH400");
    let client = connect(Server::new("it", "1").tools([coded(argument)]));
    let schema = client.tool("coded").await["inputSchema"].clone();
    assert_eq!(
        schema["properties"]["code"],
        json!({ "type": "string", "examples": ["LH400"], "pattern": "^[A-Z]{2}[0-9]+$" })
    );
    let said = |code: &'static str| client.says("coded", json!({ "code": code }));
    assert_eq!(said("BA7").await, fine("BA7"));
    assert_eq!(
        said("ba7").await,
        wrong("`code`: does not match the pattern `^[A-Z]{2}[0-9]+$`")
    );
}

#[tokio::test]
async fn a_pattern_without_anchors_is_found_anywhere() {
    let argument = Argument::new("code").pattern("[0-9]");
    let client = connect(Server::new("it", "1").tools([coded(argument)]));
    assert_eq!(
        client.says("coded", json!({ "code": "a1b" })).await,
        fine("a1b")
    );
}

#[test]
fn a_pattern_that_cannot_be_read_is_a_problem() {
    for pattern in ["(", r"(?=x)", r"(x)\1", r"\p{L}"] {
        let server = Server::new("it", "1").tools([coded(Argument::new("code").pattern(pattern))]);
        let [problem] = &problems(server)[..] else {
            panic!("{pattern}")
        };
        assert!(problem.contains("`pattern` on `code`"), "{problem}");
    }
}

#[test]
fn a_pattern_on_what_is_no_string_is_a_problem() {
    let declaration = Declaration::default().param::<u32, _>(Argument::new("n").pattern("1"));
    let problems = problems(Server::new("it", "1").tools([declared(declaration)]));
    assert!(
        problems[0].contains("`pattern` on `n` constrains nothing"),
        "{problems:?}"
    );
}

#[test]
fn an_example_has_the_digits_it_was_written_with() {
    let tool =
        declared(Declaration::default().param::<f32, _>(Argument::new("x").example(0.1_f32)));
    let schema = tool.definition().input_schema.to_value();
    assert_eq!(schema["properties"]["x"]["examples"], json!([0.1]));
}

#[test]
fn an_example_or_a_default_that_does_not_fit_is_a_problem() {
    let argument = || Argument::new("n").min(1).max(9);
    for (argument, part) in [
        (
            argument().example(10),
            "the example 10 of `n` does not fit: 10 is greater",
        ),
        (
            argument().example("x"),
            "the example \"x\" of `n` does not fit: its type",
        ),
        (argument().example(3), ""),
    ] {
        let declaration = Declaration::default().param::<u32, _>(argument);
        let problems = problems(Server::new("it", "1").tools([declared(declaration)]));
        assert_eq!(problems.is_empty(), part.is_empty(), "{problems:?}");
        assert!(problems.iter().all(|it| it.contains(part)), "{problems:?}");
    }
}

// ---- alternatives at the root

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
#[expect(dead_code, reason = "shown by `Debug`")]
enum Shape {
    /// Round
    Circle { radius: u32 },
    /// Four corners
    Rect { width: u32, height: Option<u32> },
}

/// Draw a shape
#[mcp_tool]
fn draw(Args(shape): Args<Shape>) -> String {
    format!("{shape:?}")
}

#[tokio::test]
async fn an_enum_may_be_all_arguments() {
    let client = connect(Server::new("it", "1").tools(tools![draw]));
    let schema = client.tool("draw").await["inputSchema"].clone();
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["required"], json!(["kind"]));
    assert_eq!(
        schema["properties"]["kind"]["enum"],
        json!(["circle", "rect"])
    );
    assert_eq!(schema["additionalProperties"], false);
    let circle = json!({ "kind": "circle", "radius": 3 });
    assert_eq!(
        client.says("draw", circle).await,
        fine("Circle { radius: 3 }")
    );
    for wrong in [
        json!({ "kind": "circle" }),
        json!({ "kind": "circle", "radius": 3, "width": 4 }),
        json!({ "kind": "oval" }),
        json!({}),
    ] {
        let said = client.says("draw", wrong.clone()).await;
        assert!(said.is_error, "{wrong}: {said:?}");
    }
}
