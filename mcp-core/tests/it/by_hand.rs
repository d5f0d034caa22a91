//! Whatever a macro emits, a person can write with the public API.

use mcp_core::{
    Ctx, Error, Identity, Prompt, Resource, Server, Tool,
    handler::{
        Answer, Argument, Arguments, Declaration, IntoToolOutput, Reply, Shape, ToolOutput, Unfit,
    },
    prelude::*,
    types::{Icon, prompt::PromptArgument},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::client::{connect, connect_as, fine};

#[derive(Debug, Serialize, JsonSchema)]
struct Hits {
    query: String,
    limit: u32,
    sort: Option<String>,
}

struct Suffix(&'static str);

mod by_macro {
    use super::*;

    /// Search the catalogue
    #[mcp_tool(
        title = "Search",
        icon = "https://example.com/s.png",
        read_only,
        open_world = false,
        requires_auth
    )]
    pub(super) fn search(
        /// Text to look for
        #[arg(min_len = 1, max_len = 9)]
        query: String,
        #[arg(default = 10, min = 1, max = 50)] limit: u32,
        sort: Option<String>,
        suffix: State<Suffix>,
        who: Identity,
    ) -> Result<Hits, ToolError> {
        super::search(query, limit, sort, &suffix, &who)
    }

    /// Repeat a text
    #[mcp_tool]
    pub(super) async fn echo(Args(Echo { text }): Args<Echo>) -> String {
        text
    }

    /// One page
    #[mcp_resource("docs://{page}", title = "Page", mime = "text/markdown")]
    pub(super) fn page(page: String) -> String {
        format!("# {page}")
    }

    /// Ask for a review
    #[mcp_prompt(title = "Review")]
    pub(super) fn review(
        /// What to review
        topic: String,
        style: Option<String>,
    ) -> String {
        format!("{topic} {style:?}")
    }
}

fn search(
    query: String,
    limit: u32,
    sort: Option<String>,
    suffix: &Suffix,
    who: &Identity,
) -> Result<Hits, ToolError> {
    if query == "nothing" {
        return Err(ToolError::user("there is nothing"));
    }
    let query = format!("{query}{}{}", suffix.0, who.subject());
    Ok(Hits { query, limit, sort })
}

#[derive(Deserialize, JsonSchema)]
struct Echo {
    text: String,
}

/// The same as the macro's, parameter by parameter.
fn search_by_hand() -> Tool {
    let declaration = Declaration::default()
        .param::<String, _>(
            Argument::new("query")
                .description("Text to look for")
                .min_len(1)
                .max_len(9),
        )
        .param::<u32, _>({
            let mut limit = Argument::new("limit").min(1).max(50);
            limit.default = Some(json!(10));
            limit
        })
        .param::<Option<String>, _>(Argument::new("sort"))
        .param::<State<Suffix>, _>(Argument::new("suffix"))
        .param::<Identity, _>(Argument::new("who"));
    let (shape, schema) = <Hits as IntoToolOutput<_>>::describe();
    assert_eq!(shape, Shape::Object);
    Tool::builder("search")
        .title("Search")
        .description("Search the catalogue")
        .icon(Icon::new("https://example.com/s.png"))
        .read_only(true)
        .open_world(false)
        .requires_auth()
        .declared(declaration)
        .output(shape, schema)
        .invoke(move |mut arguments: Arguments<'_>| {
            let query = arguments.take::<String, _>(0);
            let limit = arguments.take_or::<u32, _>(1, || 10);
            let sort = arguments.take::<Option<String>, _>(2);
            let suffix = arguments.take::<State<Suffix>, _>(3);
            let who = arguments.take::<Identity, _>(4);
            arguments.finish()?;
            let (Some(query), Some(limit), Some(sort), Some(suffix), Some(who)) =
                (query, limit, sort, suffix, who)
            else {
                return Err(Unfit::incomplete());
            };
            let outcome = match search(query, limit, sort, &suffix, &who) {
                Ok(hits) => hits.into_tool_output(shape),
                Err(error) => Ok(ToolOutput::error(error.to_string())),
            };
            Ok(Reply::ready(outcome.map(Answer::CallTool)))
        })
}

fn by_macro() -> mcp_core::ServerBuilder {
    Server::new("twins", "1")
        .state(Suffix("!"))
        .tools(tools![by_macro::search, by_macro::echo])
        .resources(resources![by_macro::page])
        .prompts(prompts![by_macro::review])
}

fn by_hand() -> mcp_core::ServerBuilder {
    let echo = Tool::builder("echo")
        .description("Repeat a text")
        .handler(|Echo { text }, _: Ctx| async move { Ok(text) });
    let page = Resource::builder("docs://{page}", "page")
        .title("Page")
        .description("One page")
        .mime_type("text/markdown")
        .handler(|request, _| async move {
            let page = request.variable("page").unwrap_or_default();
            Ok::<_, ResourceError>(format!("# {page}"))
        });
    let review = Prompt::builder("review")
        .title("Review")
        .description("Ask for a review")
        .argument(
            PromptArgument::new("topic")
                .required()
                .description("What to review"),
        )
        .argument(PromptArgument::new("style"))
        .handler(|mut arguments, _| async move {
            let topic = arguments.remove("topic").unwrap_or_default();
            Ok(format!("{topic} {:?}", arguments.remove("style")))
        });
    Server::new("twins", "1")
        .state(Suffix("!"))
        .tools([search_by_hand(), echo])
        .resources([page])
        .prompts([review])
}

#[tokio::test]
async fn what_a_macro_emits_a_person_can_write() {
    for identity in [None, Some(Identity::new("alice"))] {
        let [one, other] = [by_macro(), by_hand()]
            .map(|server| connect_as(identity.clone(), "2025-11-25", server));
        let call = |tool: &str, arguments: Value| {
            (
                "tools/call",
                json!({ "name": tool, "arguments": arguments }),
            )
        };
        for (method, params) in [
            ("tools/list", json!({})),
            ("resources/list", json!({})),
            ("resources/templates/list", json!({})),
            ("prompts/list", json!({})),
            call("search", json!({ "query": "rust" })),
            call(
                "search",
                json!({ "query": "rust", "limit": "5", "sort": "up" }),
            ),
            call("search", json!({ "query": "nothing" })),
            call(
                "search",
                json!({ "query": "", "limit": 51, "sort": 7, "quary": 1 }),
            ),
            call("search", json!({ "limit": null })),
            call("echo", json!({ "text": "x" })),
            call("echo", json!({})),
            ("resources/read", json!({ "uri": "docs://x%20y" })),
            ("resources/read", json!({ "uri": "docs://x/y" })),
            (
                "prompts/get",
                json!({ "name": "review", "arguments": { "topic": "a" } }),
            ),
            (
                "prompts/get",
                json!({ "name": "review", "arguments": { "topic": "a", "style": "b" } }),
            ),
            (
                "prompts/get",
                json!({ "name": "review", "arguments": { "stile": "b" } }),
            ),
        ] {
            let params = params.to_string();
            let answers = [
                one.ask_raw(method, &params).await,
                other.ask_raw(method, &params).await,
            ];
            assert_eq!(answers[0], answers[1], "{method} {params}");
        }
    }
}

#[tokio::test]
async fn a_function_that_a_macro_stands_on_can_still_be_called() {
    let hits = by_macro::search(
        "x".to_owned(),
        1,
        None,
        State(std::sync::Arc::new(Suffix("?"))),
        Identity::new("bob"),
    );
    assert_eq!(hits.unwrap().query, "x?bob");
    let text = "called".to_owned();
    assert_eq!(by_macro::echo(Args(Echo { text })).await, "called");
}

#[tokio::test]
async fn a_tool_by_hand_takes_its_arguments_as_they_come() {
    let any = Tool::builder("any")
        .strict()
        .idempotent(true)
        .destructive(false)
        .handler(
            |arguments: serde_json::Map<String, Value>, ctx: Ctx| async move {
                Ok(format!(
                    "{} {}",
                    Value::Object(arguments),
                    ctx.client_info().name
                ))
            },
        );
    let client = connect(Server::new("any", "1").tools([any]));
    assert_eq!(
        client.says("any", json!({ "a": [1, "2"] })).await,
        fine(r#"{"a":[1,"2"]} it"#)
    );
    let tool = client.tool("any").await;
    assert_eq!(
        tool["annotations"],
        json!({ "destructiveHint": false, "idempotentHint": true })
    );
    assert_eq!(tool["inputSchema"]["type"], "object");
}

#[tokio::test]
async fn an_extractor_of_ones_own_is_a_parameter_like_ours() {
    struct Shout(String);

    impl mcp_core::FromContext for Shout {
        fn from_context(context: &mcp_core::Context<'_>) -> Result<Self, Error> {
            let name = &context.peer().info.name;
            match context.arguments() {
                Some(_) => Ok(Self(name.to_uppercase())),
                None => Err(Error::invalid_params("nothing to shout")),
            }
        }
    }

    type Renamed = Shout;

    /// Shouts
    #[mcp_tool]
    fn shout(who: Renamed, text: Option<String>) -> String {
        format!("{} {text:?}", who.0)
    }

    let client = connect(Server::new("own", "1").tools(tools![shout]));
    assert_eq!(client.says("shout", json!({})).await, fine("IT None"));
    let refused = client
        .refused("tools/call", json!({ "name": "shout" }))
        .await;
    assert_eq!(
        refused,
        (-32602, "Invalid params: nothing to shout".to_owned())
    );
}
