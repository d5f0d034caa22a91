//! `build()` reports everything that stands against a server, at once.

use std::sync::Arc;

use mcp_core::{
    BuildError, Completion, Ctx, Offer, Prompt, Resource, Server, ServerBuilder, Service, Tool,
    handler::{Answer, Argument, Declaration, Reply, ToolOutput},
    prelude::*,
    schema::Schema,
};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

struct Database;
struct Cache;

/// Uses the database
#[mcp_tool]
fn uses_database(_database: State<Database>) -> String {
    String::new()
}

/// Uses both
#[mcp_resource("demo://both")]
fn uses_both(_database: State<Database>, _cache: State<Cache>) -> String {
    String::new()
}

/// Constrains nothing
#[mcp_tool]
fn min_on_text(#[arg(min = 1)] text: String) -> String {
    text
}

/// Constrains nothing, either
#[mcp_tool]
fn length_of_number(#[arg(min_len = 1, max_len = 2)] number: u32) -> u32 {
    number
}

fn tool(name: &str) -> Tool {
    Tool::builder(name).handler(|Nothing {}, _: Ctx| async { Ok("") })
}

fn prompt(name: &str) -> Prompt {
    Prompt::builder(name).handler(|_, _| async { Ok("") })
}

fn resource(uri: &str) -> Resource {
    Resource::builder(uri, "r").handler(|_, _| async { Ok::<_, ResourceError>("") })
}

/// A tool whose parameters are declared by hand, as a macro does.
fn declared(name: &str, declaration: Declaration) -> Tool {
    Tool::builder(name)
        .declared(declaration)
        .invoke(|_| Ok(Reply::ready(Ok(Answer::CallTool(ToolOutput::text(""))))))
}

/// A resource whose parameters are declared by hand, as a macro does.
fn read_with(uri: &str, declaration: Declaration) -> Resource {
    Resource::builder(uri, "r")
        .declared(declaration)
        .invoke(|_, _| Ok(Reply::ready(Ok(Answer::ReadResource(Vec::new())))))
}

fn server() -> ServerBuilder {
    Server::new("broken", "1")
}

#[track_caller]
fn problems(server: ServerBuilder) -> Vec<String> {
    let error = server.build().expect_err("a server that cannot be built");
    assert!(!error.problems().is_empty());
    for problem in error.problems() {
        assert!(!problem.contains('\n'), "one sentence each: {problem:?}");
    }
    error.problems().to_vec()
}

/// The one problem of a server; it must say all of `words`.
#[track_caller]
fn assert_problem(server: ServerBuilder, words: &[&str]) {
    let problems = problems(server);
    let [problem] = problems.as_slice() else {
        panic!("not one problem: {problems:?}")
    };
    for word in words {
        assert!(problem.contains(word), "{word:?} is not in {problem:?}");
    }
}

#[test]
fn everything_is_reported_at_once() {
    let problems = problems(
        server()
            .state(Cache)
            .state(Cache)
            .tools([tool("twice"), tool("twice"), tool("bad name")])
            .tools([Tool::builder("both")
                .read_only(true)
                .destructive(true)
                .handler(|Nothing {}, _: Ctx| async { Ok("") })])
            .tools(tools![uses_database, min_on_text])
            .resources([resource("demo://one"), resource("demo://one")])
            .resources([resource("demo://{a}/x"), resource("demo://y/{b}")])
            .resources([resource("no-scheme/{x}")])
            .prompts([prompt("again"), prompt("again")]),
    );
    for expected in [
        "two values of type",
        "two tools are called `twice`",
        "tool `bad name`: ' ' in a name",
        "tool `both`: it is both read-only and destructive",
        "tool `uses_database` takes `State<",
        "tool `min_on_text`: `min` on `text`",
        "two resources are at `demo://one`",
        "resources `demo://{a}/x` and `demo://y/{b}` overlap",
        "resource `no-scheme/{x}`: URI, byte",
        "two prompts are called `again`",
    ] {
        let told = problems
            .iter()
            .filter(|problem| problem.starts_with(expected));
        assert_eq!(told.count(), 1, "{expected:?} in {problems:#?}");
    }
    assert_eq!(problems.len(), 10, "{problems:#?}");
}

#[test]
fn the_report_counts_and_lists_the_problems() {
    let report = |server: ServerBuilder| -> BuildError { server.build().unwrap_err() };
    let one = report(server().tools([tool("a b")])).to_string();
    assert_eq!(
        one,
        "the server cannot be built, for 1 reason:\n\
         - tool `a b`: ' ' in a name; allowed are A-Z a-z 0-9 _ - ."
    );
    let two = report(server().tools([tool("a b"), tool("c d")])).to_string();
    assert!(
        two.starts_with("the server cannot be built, for 2 reasons:\n- "),
        "{two}"
    );
    assert_eq!(two.lines().count(), 3, "{two}");
}

#[test]
fn names_are_told_apart_by_case_and_by_kind() {
    let same = server()
        .tools([tool("x"), tool("X")])
        .prompts([prompt("x")])
        .resources([resource("demo://x"), resource("demo://X")]);
    same.build().expect("nothing clashes");
}

#[test]
fn every_clash_of_names_is_reported() {
    let problems = problems(server().tools(["x", "y", "x", "y", "x"].map(tool)));
    assert_eq!(
        problems,
        [
            "two tools are called `x`",
            "two tools are called `y`",
            "two tools are called `x`"
        ]
    );
}

#[test]
fn two_completions_of_one_argument_are_reported() {
    let family = read_with(
        "demo://{name}",
        Declaration::default().param::<String, _>(Argument::new("name")),
    );
    let completion =
        || Completion::of_resource("demo://{name}", "name", |_, _| async { Ok(vec!["Ann"]) });
    let server = server().resources([family]);
    assert_problem(
        server.completions([completion(), completion()]),
        &["two completions", "`name`", "`demo://{name}`"],
    );
}

#[test]
fn names_have_1_to_128_plain_characters() {
    let longest = "x".repeat(128);
    for name in ["a", "A-Z_0.9", &longest] {
        server().tools([tool(name)]).build().expect(name);
    }
    let too_long = "x".repeat(129);
    for (name, reason) in [
        ("", "1 to 128 characters, this one has 0"),
        (&*too_long, "1 to 128 characters, this one has 129"),
        ("a b", "' ' in a name"),
        ("a/b", "'/' in a name"),
        ("a\nb", "'\\n' in a name"),
        ("käse", "'ä' in a name"),
    ] {
        assert_problem(server().tools([tool(name)]), &["tool `", reason]);
    }
}

#[test]
fn a_prompt_is_called_what_people_call_it() {
    let longest = "x".repeat(256);
    for name in ["a", "Code review", "käse/brot", &longest] {
        server().prompts([prompt(name)]).build().expect(name);
    }
    let too_long = "x".repeat(257);
    for (name, reason) in [
        ("", "1 to 256 characters, this one has 0"),
        (&*too_long, "1 to 256 characters, this one has 257"),
        ("a\nb", "'\\n' in a name"),
    ] {
        assert_problem(server().prompts([prompt(name)]), &["prompt `", reason]);
    }
}

#[test]
fn what_travels_along_is_an_object() {
    let tool = Tool::builder("x").meta(["ui"]);
    let tool = tool.handler(|Nothing {}, _: Ctx| async { Ok("") });
    let words = &["`meta` must be an object", r#"["ui"]"#];
    assert_problem(server().tools([tool]), words);
    let resource = Resource::builder("demo://x", "x").meta("ui");
    let resource = resource.handler(|_, _| async { Ok::<_, ResourceError>("") });
    assert_problem(
        server().resources([resource]),
        &["`meta` must be an object"],
    );
    let prompt = Prompt::builder("x").meta(());
    let prompt = prompt.handler(|_, _| async { Ok("") });
    assert_problem(
        server().prompts([prompt]),
        &["`meta` must be an object", "null"],
    );
}

#[test]
fn a_schema_for_results_that_are_plain_text_is_reported() {
    let schema = Schema::parse(r#"{"type":"object"}"#).unwrap();
    let tool = Tool::builder("x").output_schema(schema);
    let tool = tool.handler(|Nothing {}, _: Ctx| async { Ok("") });
    assert_problem(
        server().tools([tool]),
        &["tool `x`", "`output_schema`", "plain text", "`Json<T>`"],
    );
}

#[test]
fn state_that_nobody_gave_is_named_with_who_takes_it() {
    let server = server()
        .tools(tools![uses_database])
        .resources(resources![uses_both]);
    let problems = problems(server);
    assert_eq!(problems.len(), 3, "{problems:#?}");
    for (who, what) in [
        ("tool `uses_database`", "Database"),
        ("resource `demo://both`", "Database"),
        ("resource `demo://both`", "Cache"),
    ] {
        let told = problems.iter().any(|problem| {
            problem.starts_with(who) && problem.contains(what) && problem.contains("`.state(..)`")
        });
        assert!(told, "{who} and {what} in {problems:#?}");
    }
}

#[test]
fn state_that_was_given_is_no_problem() {
    server()
        .tools(tools![uses_database])
        .resources(resources![uses_both])
        .state(Cache)
        .state(Database)
        .build()
        .expect("everything is there, in any order");
}

#[test]
fn one_value_of_each_type_is_state() {
    let twice = server().state(1_u8).state(2_u16).state(3_u8);
    assert_problem(twice, &["two values of type `u8`"]);
}

#[test]
fn a_constraint_that_constrains_nothing_is_reported() {
    let text = server().tools(tools![min_on_text]);
    assert_problem(text, &["`min` on `text`", "`string`"]);
    let number = server().tools(tools![length_of_number]);
    let problems = problems(number);
    assert_eq!(problems.len(), 2, "{problems:?}");
    for (problem, key) in problems.iter().zip(["min_len", "max_len"]) {
        assert!(
            problem.contains(&format!("`{key}` on `number`")) && problem.contains("`integer`"),
            "{problem}"
        );
    }
}

#[test]
fn a_rate_that_is_none_is_reported() {
    let rated = |rate: &str| {
        let tool = Tool::builder("x").rate_limit(rate);
        tool.handler(|Nothing {}, _: Ctx| async { Ok("") })
    };
    assert_problem(
        server().tools([rated("often")]),
        &[
            "tool `x`",
            "`rate_limit`",
            "\"often\" is no rate",
            "`30/min`",
        ],
    );
    assert!(server().tools([rated("30/min")]).build().is_ok());
}

#[test]
fn a_constraint_on_what_no_caller_gives_is_reported() {
    let declaration = Declaration::default()
        .param::<Ctx, _>(Argument::new("ctx").min(1))
        .param::<Args<serde_json::Map<String, serde_json::Value>>, _>(
            Argument::new("all").max_len(1),
        );
    let problems = problems(server().tools([declared("x", declaration)]));
    assert_eq!(problems.len(), 2, "{problems:?}");
    for (problem, name) in problems.iter().zip(["`ctx`", "`all`"]) {
        assert!(problem.contains(name), "{problem}");
    }
}

#[test]
fn two_arguments_of_one_name_are_reported() {
    let declaration = Declaration::default()
        .param::<String, _>(Argument::new("x"))
        .param::<u32, _>(Argument::new("x"));
    let server = server().tools([declared("tool", declaration)]);
    assert_problem(server, &["tool `tool`", "two arguments are called `x`"]);
}

#[test]
fn args_stand_alone_and_are_an_object() {
    type All = Args<std::collections::BTreeMap<String, u32>>;
    let beside = Declaration::default()
        .param::<All, _>(Argument::default())
        .param::<u32, _>(Argument::new("one"));
    assert_problem(
        server().tools([declared("beside", beside)]),
        &["tool `beside`", "name no others"],
    );
    let twice = Declaration::default()
        .param::<All, _>(Argument::default())
        .param::<All, _>(Argument::default());
    assert_problem(
        server().tools([declared("twice", twice)]),
        &["tool `twice`", "once"],
    );
    let number = Declaration::default().param::<Args<u32>, _>(Argument::default());
    let problems = problems(server().tools([declared("number", number)]));
    assert!(
        problems.iter().any(|problem| problem.contains("object")),
        "{problems:?}"
    );
}

#[test]
fn an_input_schema_of_ones_own_is_an_object() {
    for (schema, fits) in [
        (r#"{"type":"object","properties":{"x":{}}}"#, true),
        (r#"{"type":"string"}"#, false),
        (r#"{}"#, false),
        ("true", false),
    ] {
        let tool = Tool::builder("own")
            .input_schema(Schema::parse(schema).unwrap())
            .handler(|_: serde_json::Map<_, _>, _: Ctx| async { Ok("") });
        let server = server().tools([tool]);
        if fits {
            server.build().expect(schema);
        } else {
            assert_problem(server, &["tool `own`", r#""type": "object""#]);
        }
    }
}

#[test]
fn templates_that_fit_the_same_uri_are_reported() {
    for (one, other) in [
        ("demo://{a}", "demo://{b}"),
        ("demo://{a}/x", "demo://y/{b}"),
        ("demo://{+all}", "demo://x/{one}"),
        ("demo://{a}{?q}", "demo://{a}{?r}"),
    ] {
        let both = server().resources([resource(one), resource(other)]);
        assert_problem(both, &[one, other, "overlap"]);
    }
    let apart = server().resources([
        resource("demo://{a}/x"),
        resource("demo://{a}/y"),
        resource("other://{a}/x"),
        // One of its own comes before a family, and is no clash.
        resource("demo://fixed/x"),
    ]);
    apart.build().expect("no URI fits two of them");
}

#[test]
fn a_template_that_is_none_is_reported_where_it_goes_wrong() {
    for uri in [
        "demo://{",
        "demo://}",
        "demo://{a}{b}",
        "demo://{a,b}",
        "demo://{#a}",
        "{a}",
        "demo://{}",
        "demo://{a}/{a}",
    ] {
        assert_problem(
            server().resources([resource(uri)]),
            &[&format!("resource `{uri}`"), "URI, byte"],
        );
    }
}

#[test]
fn a_uri_without_variables_is_held_to_the_same_rules() {
    for (uri, reason) in [
        ("readme", "begin with a scheme"),
        ("", "begin with a scheme"),
        ("docs:read me", "percent-encode"),
        ("docs://käse", "percent-encode"),
        ("docs://100%", "two hex digits"),
    ] {
        assert_problem(
            server().resources([resource(uri)]),
            &[&format!("resource `{uri}`: URI, byte"), reason],
        );
    }
    struct Shelf;
    impl Service for Shelf {
        fn offer(self: Arc<Self>) -> Offer {
            Offer::new().resources([resource("readme")])
        }
    }
    assert_problem(server().mount("lib", Shelf), &["resource `readme`: URI"]);
}

#[test]
fn a_template_has_no_size() {
    let sized = |uri| {
        let resource = Resource::builder(uri, "r").size(7);
        resource.handler(|_, _| async { Ok::<_, ResourceError>("") })
    };
    assert_problem(
        server().resources([sized("demo://{x}")]),
        &["resource `demo://{x}`", "no `size`"],
    );
    let fixed = server().resources([sized("demo://x")]);
    fixed.build().expect("one resource has one size");
}

#[test]
fn variables_of_a_template_and_arguments_of_its_function_are_the_same() {
    let text = |name: &'static str| Argument::new(name);
    let none = read_with("demo://{x}", Declaration::default());
    assert_problem(
        server().resources([none]),
        &["no argument takes the variable `x`"],
    );
    let other = Declaration::default()
        .param::<String, _>(text("x"))
        .param::<String, _>(text("y"));
    assert_problem(
        server().resources([read_with("demo://{x}", other)]),
        &["its argument `y` is no variable"],
    );
    let fixed = Declaration::default().param::<String, _>(text("x"));
    assert_problem(
        server().resources([read_with("demo://fixed", fixed)]),
        &["its argument `x` is no variable"],
    );
}

#[test]
fn a_variable_that_may_be_absent_needs_an_argument_that_may() {
    let required = Declaration::default().param::<u32, _>(Argument::new("page"));
    assert_problem(
        server().resources([read_with("demo://x{?page}", required)]),
        &["`page` may be absent", "`Option`"],
    );
    let optional = Declaration::default().param::<Option<u32>, _>(Argument::new("page"));
    server()
        .resources([read_with("demo://x{?page}", optional)])
        .build()
        .expect("an `Option` may be absent");
}

#[test]
fn a_resource_has_a_name() {
    let nameless =
        Resource::builder("demo://x", "").handler(|_, _| async { Ok::<_, ResourceError>("") });
    assert_problem(
        server().resources([nameless]),
        &["resource `demo://x`", "name"],
    );
}

#[test]
fn a_server_may_offer_nothing() {
    server().build().expect("nothing stands against nothing");
}
