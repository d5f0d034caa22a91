//! What functions may return, through any alias, in both eras.

use std::{borrow::Cow, error::Error as StdError, sync::Arc};

use mcp_core::{AskError, Error, Server, handler::Structured, prelude::*};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::both::{Peer, both};

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Book {
    title: &'static str,
    pages: u32,
}

const EMMA: Book = Book {
    title: "Emma",
    pages: 474,
};

type Outcome<T, E = ToolError> = Result<T, E>;
type Title = Cow<'static, str>;
type Found = Option<Arc<Book>>;
type BoxError = Box<dyn StdError + Send + Sync>;
/// Hides everything at once.
type Hidden = Outcome<Found, BoxError>;

/// A macro that declares tools without arguments, sync and async alike.
macro_rules! returns {
    ($($name:ident: $output:ty = $value:expr;)+) => {
        $(
            #[doc = "Returns something"]
            #[mcp_tool]
            fn $name() -> $output {
                $value
            }
        )+

        mod later {
            use super::*;

            $(
                #[doc = "Returns something, after a while"]
                #[mcp_tool]
                pub(super) async fn $name() -> $output {
                    tokio::task::yield_now().await;
                    $value
                }
            )+
        }

        fn server() -> [mcp_core::ServerBuilder; 2] {
            [
                Server::new("returns", "1").tools(tools![$($name),+]),
                Server::new("returns", "1").tools(tools![$(later::$name),+]),
            ]
        }
    };
}

returns! {
    string: String = "text".to_owned();
    borrowed: &'static str = "text";
    cow: Cow<'static, str> = "text".into();
    boxed_str: Box<str> = "text".into();
    shared_str: Arc<str> = "text".into();
    title: Title = "text".into();
    some_text: Option<String> = Some("text".to_owned());
    ok_text: Result<String, ToolError> = Ok("text".to_owned());
    ok_alias: Outcome<Title> = Ok("text".into());
    ok_some_text: Outcome<Option<&'static str>, BoxError> = Ok(Some("text"));
    text: Text = Text::new("text");
    some_content: Option<Text> = Some(Text::new("text"));
    ok_content: Outcome<Content> = Ok("text".into());
    several: Vec<Text> = vec![Text::new("text")];
    ok_output: Outcome<ToolOutput> = Ok(ToolOutput::text("text"));

    integer: u8 = 7;
    boxed_integer: Box<i64> = Box::new(7);
    ok_integer: Outcome<usize> = Ok(7);
    some_integer: Option<u64> = Some(7);
    huge: u128 = u128::MAX;
    single: f32 = 0.1;
    some_single: Option<f32> = Some(0.1);

    nothing: () = ();
    ok_nothing: Outcome<()> = Ok(());
    no_text: Option<String> = None;
    no_content: Option<Image> = None;
    ok_no_content: Outcome<Option<Content>> = Ok(None);

    book: Book = EMMA;
    json_book: Json<Book> = Json(EMMA);
    boxed_book: Box<Book> = Box::new(EMMA);
    shared_book: Arc<Book> = Arc::new(EMMA);
    ok_book: Outcome<Book> = Ok(EMMA);
    ok_json: Outcome<Json<Arc<Book>>, BoxError> = Ok(Json(Arc::new(EMMA)));

    books: Vec<Book> = vec![EMMA];
    shared_books: Arc<[Book]> = Arc::new([EMMA]);
    ok_books: Outcome<Vec<Arc<Book>>> = Ok(vec![Arc::new(EMMA)]);
    some_book: Option<Book> = Some(EMMA);
    found: Found = Some(Arc::new(EMMA));
    hidden: Hidden = Ok(Some(Arc::new(EMMA)));
    no_book: Option<Book> = None;
    not_found: Hidden = Ok(None);

    pair: (Text, Image) = (Text::new("text"), Image::new(b"\x89PNG", "image/png"));
    ok_pair: Outcome<(Text, Content)> =
        Ok((Text::new("text"), Image::new(b"\x89PNG", "image/png").into()));
    both_at_once: (Text, Json<Book>) = (Text::new("Emma, at length"), Json(EMMA));
    ok_both: Outcome<(Vec<Content>, Json<Book>)> = Ok((vec!["Emma, at length".into()], Json(EMMA)));
    said_no: (ToolOutput, Json<Book>) = (ToolOutput::error("no such book"), Json(EMMA));
    any: Value = json!({ "a": 1 });
    any_list: Json<Value> = Json(json!([1]));
    images: Outcome<Vec<Image>> = Ok(vec![Image::new(b"\x89PNG", "image/png")]);

    failed: Outcome<Book> = Err(ToolError::user("no such book"));
    failed_json: Outcome<Json<Book>, &'static str> = Err("no such book");
    failed_box: Hidden = Err("no such book".into());
    failed_content: Outcome<(Text, Image), String> = Err("no such book".to_owned());
    failed_unit: Outcome<(), Title> = Err("no such book".into());
    contradictory: ToolOutput = {
        let mut output = ToolOutput::error("no such book");
        output.structured = Structured::new(&EMMA).ok();
        output
    };
    failed_parse: Outcome<u32, BoxError> = "x".parse().map_err(BoxError::from);
    declined: Outcome<String, BoxError> = Err(AskError::Declined.into());

    misused: Outcome<String, BoxError> = Err(Error::invalid_params("too long").into());
    broken: Outcome<String, BoxError> = Err(Error::internal("hunter2").into());
}

async fn each(names: &[&str], mut check: impl AsyncFnMut(&str, &Peer)) {
    for server in server() {
        for peer in both(server) {
            for name in names {
                check(name, &peer).await;
            }
        }
    }
}

fn words(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

#[tokio::test]
async fn text_is_text_however_it_is_wrapped() {
    let names = [
        "string",
        "borrowed",
        "cow",
        "boxed_str",
        "shared_str",
        "title",
        "some_text",
        "ok_text",
        "ok_alias",
        "ok_some_text",
        "text",
        "some_content",
        "ok_content",
        "several",
        "ok_output",
    ];
    each(&names, async |name, peer| {
        assert_eq!(peer.call(name, json!({})).await, words("text"), "{name}");
        assert_eq!(peer.tool(name).await.get("outputSchema"), None, "{name}");
    })
    .await;
}

#[tokio::test]
async fn numbers_are_text_however_they_are_wrapped() {
    let names = ["integer", "boxed_integer", "ok_integer", "some_integer"];
    each(&names, async |name, peer| {
        assert_eq!(peer.call(name, json!({})).await, words("7"), "{name}");
        assert_eq!(peer.tool(name).await.get("outputSchema"), None, "{name}");
    })
    .await;
}

#[tokio::test]
async fn a_number_has_the_digits_it_was_written_with() {
    each(&["single", "some_single"], async |name, peer| {
        assert_eq!(peer.call(name, json!({})).await, words("0.1"), "{name}");
    })
    .await;
    each(&["huge"], async |name, peer| {
        let all = u128::MAX.to_string();
        assert_eq!(peer.call(name, json!({})).await, words(&all), "{name}");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_no_content() {
    let names = [
        "nothing",
        "ok_nothing",
        "no_text",
        "no_content",
        "ok_no_content",
    ];
    each(&names, async |name, peer| {
        let empty = json!({ "content": [] });
        assert_eq!(peer.call(name, json!({})).await, empty, "{name}");
    })
    .await;
}

#[tokio::test]
async fn an_object_is_structured_however_it_is_wrapped() {
    let names = [
        "book",
        "json_book",
        "boxed_book",
        "shared_book",
        "ok_book",
        "ok_json",
    ];
    each(&names, async |name, peer| {
        let result = peer.call(name, json!({})).await;
        let emma = json!({ "title": "Emma", "pages": 474 });
        assert_eq!(result["structuredContent"], emma, "{name}");
        assert_eq!(
            result["content"],
            words(&emma.to_string())["content"],
            "{name}"
        );
        let schema = &peer.tool(name).await["outputSchema"];
        assert_eq!(schema["type"], "object", "{name}");
        assert_eq!(schema["required"], json!(["title", "pages"]), "{name}");
    })
    .await;
}

#[tokio::test]
async fn models_and_programs_can_be_told_each_their_own() {
    each(&["both_at_once", "ok_both"], async |name, peer| {
        let result = peer.call(name, json!({})).await;
        let words = words("Emma, at length");
        assert_eq!(result["content"], words["content"], "{name}");
        let emma = json!({ "title": "Emma", "pages": 474 });
        assert_eq!(result["structuredContent"], emma, "{name}");
        let schema = &peer.tool(name).await["outputSchema"];
        assert_eq!(schema["type"], "object", "{name}");
    })
    .await;
    each(&["said_no"], async |name, peer| {
        let result = peer.call(name, json!({})).await;
        assert_eq!(result["isError"], true, "{name}");
        assert_eq!(result.get("structuredContent"), None, "{name}");
    })
    .await;
}

#[tokio::test]
async fn a_value_of_no_known_type_is_wrapped_where_it_is_no_object() {
    each(&["any"], async |name, peer| {
        let result = peer.call(name, json!({})).await;
        assert_eq!(result["structuredContent"], json!({ "a": 1 }), "{name}");
        assert_eq!(peer.tool(name).await.get("outputSchema"), None, "{name}");
    })
    .await;
    each(&["any_list"], async |name, peer| {
        let result = peer.call(name, json!({})).await;
        let wrapped = json!({ "result": [1] });
        let expected = if peer.is_modern() {
            json!([1])
        } else {
            wrapped
        };
        assert_eq!(result["structuredContent"], expected, "{name}");
    })
    .await;
}

#[tokio::test]
async fn what_may_be_no_object_is_structured_in_the_form_that_its_clients_know() {
    let emma = json!({ "title": "Emma", "pages": 474 });
    for (names, value) in [
        (&["books", "shared_books", "ok_books"][..], json!([emma])),
        (&["some_book", "found", "hidden"], emma.clone()),
        (&["no_book", "not_found"], Value::Null),
    ] {
        each(names, async |name, peer| {
            let result = peer.call(name, json!({})).await;
            let told = result.get("structuredContent");
            let told = told.unwrap_or_else(|| panic!("{name}: {result}"));
            let wrapped = json!({ "result": value });
            let expected = if peer.is_modern() { &value } else { &wrapped };
            assert_eq!(told, expected, "{name}");
            assert_eq!(
                result["content"],
                words(&value.to_string())["content"],
                "{name}"
            );
            assert!(peer.tool(name).await["outputSchema"].is_object(), "{name}");
        })
        .await;
    }
}

#[tokio::test]
async fn pieces_of_content_are_sent_as_they_are() {
    let image = json!({ "type": "image", "data": "iVBORw==", "mimeType": "image/png" });
    let text = json!({ "type": "text", "text": "text" });
    for (names, content) in [
        (&["pair", "ok_pair"][..], json!([text, image])),
        (&["images"], json!([image])),
    ] {
        each(names, async |name, peer| {
            let expected = json!({ "content": content });
            assert_eq!(peer.call(name, json!({})).await, expected, "{name}");
            assert_eq!(peer.tool(name).await.get("outputSchema"), None, "{name}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_failure_is_its_text_and_never_structured() {
    for (names, text) in [
        (
            &[
                "failed",
                "failed_json",
                "failed_box",
                "failed_content",
                "contradictory",
                "failed_unit",
            ][..],
            "no such book",
        ),
        (&["failed_parse"], "invalid digit found in string"),
        (&["declined"], "the user declined to answer"),
    ] {
        each(names, async |name, peer| {
            let mut expected = words(text);
            expected["isError"] = true.into();
            assert_eq!(peer.call(name, json!({})).await, expected, "{name}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_refusal_stays_one_in_a_box() {
    each(&["misused", "broken"], async |name, peer| {
        let (code, message) = peer.refused("tools/call", json!({ "name": name })).await;
        match name {
            "misused" => assert_eq!((code, &*message), (-32602, "Invalid params: too long")),
            _ => assert!(code == -32603 && message.starts_with("Internal error (ref ")),
        }
    })
    .await;
}

/// A conversation as an array
#[mcp_prompt]
fn array(topic: String) -> [PromptMessage; 2] {
    let question = format!("What of {topic}?");
    [
        PromptMessage::user(question),
        PromptMessage::assistant("Let me see."),
    ]
}

/// A conversation that may fail
#[mcp_prompt]
fn fallible(
    topic: Option<String>,
    #[arg(default = 2, min = 1, max = 3)] times: u8,
) -> Outcome<Vec<PromptMessage>, BoxError> {
    let topic = topic.ok_or("no topic")?;
    let message = |number| PromptMessage::user(format!("{topic} {number}"));
    Ok((1..=times).map(message).collect())
}

/// A text that is borrowed
#[mcp_prompt]
fn fixed() -> Title {
    "Say hello.".into()
}

/// A picture
#[mcp_prompt]
fn picture() -> Outcome<Image> {
    Ok(Image::new(b"\x89PNG", "image/png"))
}

fn prompts() -> mcp_core::ServerBuilder {
    Server::new("returns", "1").prompts(prompts![array, fallible, fixed, picture])
}

fn message(role: &str, text: &str) -> Value {
    json!({ "role": role, "content": { "type": "text", "text": text } })
}

#[tokio::test]
async fn prompts_are_one_message_or_several_of_either_side() {
    for peer in both(prompts()) {
        let get = async |name: &str, arguments: Value| {
            let params = json!({ "name": name, "arguments": arguments });
            peer.ask("prompts/get", params).await["messages"].clone()
        };
        let [asked, said] = [
            message("user", "What of bees?"),
            message("assistant", "Let me see."),
        ];
        let topic = json!({ "topic": "bees" });
        assert_eq!(get("array", topic.clone()).await, json!([asked, said]));
        let [one, two, three] = ["bees 1", "bees 2", "bees 3"].map(|text| message("user", text));
        assert_eq!(get("fallible", topic).await, json!([one, two]));
        let all = get("fallible", json!({ "topic": "bees", "times": "3" }));
        assert_eq!(all.await, json!([one, two, three]));
        let fixed = get("fixed", json!({})).await;
        assert_eq!(fixed, json!([message("user", "Say hello.")]));
        let picture = get("picture", json!({})).await;
        assert_eq!(picture[0]["content"]["type"], "image");
    }
}

#[tokio::test]
async fn a_prompt_that_fails_says_why_and_which_arguments_do_not_fit() {
    for peer in both(prompts()) {
        let params = json!({ "name": "fallible", "arguments": {} });
        let refused = peer.refused("prompts/get", params).await;
        assert_eq!(refused, (-32603, "no topic".to_owned()));
        let params = json!({ "name": "fallible", "arguments": { "times": "4" } });
        let (code, message) = peer.refused("prompts/get", params).await;
        assert_eq!(code, -32602);
        assert!(message.contains("maximum of 3"), "{message}");
    }
}
