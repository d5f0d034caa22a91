//! Lists in pages, and values suggested while they are typed.

use mcp_core::{
    AskError, Completion, Prompt, Resource, Server, ServerHandle, Tool, ToolError,
    types::{completion::Completion as Values, prompt::PromptArgument},
};
use mcp_http::HttpServer;
use serde_json::{Value, json};

use crate::{
    client::{Ask, Local, local},
    events::{code, initialize, new_session, request, tool},
};

fn quick(name: &str) -> Tool {
    tool(name, |_| async { Ok("quick") })
}

fn page(uri: &str) -> Resource {
    Resource::builder(uri, "page").handler(|_, _| async { Ok::<_, AskError>("text") })
}

fn prompt(name: &str) -> Prompt {
    Prompt::builder(name)
        .argument(PromptArgument::new("language"))
        .argument(PromptArgument::new("framework"))
        .argument(PromptArgument::new("mood"))
        .handler(|_, _| async { Ok("text") })
}

/// The four lists: method, member, and the key of an entry.
const LISTS: [(&str, &str, &str); 4] = [
    ("tools/list", "tools", "name"),
    ("resources/list", "resources", "uri"),
    (
        "resources/templates/list",
        "resourceTemplates",
        "uriTemplate",
    ),
    ("prompts/list", "prompts", "name"),
];

/// A server with so many of each, so many a page.
fn serving(count: usize, size: Option<usize>) -> (Local, ServerHandle) {
    let mut server = Server::new("it", "1")
        .offers_tools()
        .offers_resources()
        .offers_prompts()
        .tools((0..count).map(|n| quick(&format!("tool-{n}"))))
        .resources((0..count).map(|n| page(&format!("docs://{n}"))))
        .resources((0..count).map(|n| page(&format!("docs://{n}/{{part}}"))))
        .prompts((0..count).map(|n| prompt(&format!("prompt-{n}"))));
    if let Some(size) = size {
        server = server.page_size(size);
    }
    let server = server.build().unwrap();
    let handle = server.handle();
    (local(HttpServer::new(server)), handle)
}

/// One page: the keys of its entries, and where the next one starts.
async fn list(
    server: &Local,
    session: &str,
    (method, member, key): (&str, &str, &str),
    cursor: Option<&str>,
) -> (Vec<String>, Option<String>) {
    let params = cursor.map_or(json!({}), |cursor| json!({ "cursor": cursor }));
    let answer = server
        .ask(&request(1, method, &params).session(session))
        .await;
    let result = answer.result();
    let keys = result[member].as_array().unwrap().iter();
    let keys = keys.map(|entry| entry[key].as_str().unwrap().to_owned());
    let next = result.get("nextCursor");
    (
        keys.collect(),
        next.map(|next| next.as_str().unwrap().to_owned()),
    )
}

// ---- pages

#[tokio::test]
async fn the_pages_of_a_list_hold_every_entry_exactly_once_in_order() {
    for (count, size, expected) in [
        (0, Some(3), vec![0]),
        (1, Some(3), vec![1]),
        (3, Some(3), vec![3]),
        (7, Some(3), vec![3, 3, 1]),
        (7, Some(1), vec![1; 7]),
        (7, Some(100), vec![7]),
        (7, Some(0), vec![7]),
        (300, None, vec![300]),
    ] {
        let (server, _) = serving(count, size);
        let session = new_session(&server, &json!({})).await;
        for what in LISTS {
            let whole = {
                let (server, _) = serving(count, None);
                let session = new_session(&server, &json!({})).await;
                list(&server, &session, what, None).await.0
            };
            let (mut all, mut sizes, mut cursor) = (Vec::new(), Vec::new(), None);
            loop {
                let (mut keys, next) = list(&server, &session, what, cursor.as_deref()).await;
                sizes.push(keys.len());
                all.append(&mut keys);
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(sizes, expected, "{what:?}");
            assert_eq!((all.len(), &all), (count, &whole), "{what:?}");
        }
    }
}

#[tokio::test]
async fn a_cursor_is_good_again_and_again_and_in_every_session() {
    let (server, _) = serving(7, Some(3));
    let one = new_session(&server, &json!({})).await;
    let two = new_session(&server, &json!({})).await;
    for what in LISTS {
        let (_, cursor) = list(&server, &one, what, None).await;
        let second = list(&server, &one, what, cursor.as_deref()).await;
        assert_eq!(list(&server, &one, what, cursor.as_deref()).await, second);
        assert_eq!(list(&server, &two, what, cursor.as_deref()).await, second);
    }
}

#[tokio::test]
async fn a_cursor_survives_what_is_added_at_the_end() {
    let (server, handle) = serving(7, Some(3));
    let session = new_session(&server, &json!({})).await;
    let (_, cursor) = list(&server, &session, LISTS[0], None).await;
    handle.add_tools([quick("new"), quick("newer")]).unwrap();
    let (keys, cursor) = list(&server, &session, LISTS[0], cursor.as_deref()).await;
    assert_eq!(keys, ["tool-3", "tool-4", "tool-5"]);
    let (keys, cursor) = list(&server, &session, LISTS[0], cursor.as_deref()).await;
    assert_eq!(keys, ["tool-6", "new", "newer"]);
    assert_eq!(cursor, None);
}

#[tokio::test]
async fn a_cursor_that_leads_nowhere_is_refused() {
    let (server, handle) = serving(7, Some(3));
    let session = new_session(&server, &json!({})).await;
    let mut cursors = vec![
        json!(""),
        json!("garbage"),
        json!("!!!"),
        json!("dG9vbC0z dG9vbC0z"),
        json!("x".repeat(10_000)),
        json!(3),
        json!([]),
    ];
    // Of another list.
    for what in LISTS {
        let (_, cursor) = list(&server, &session, what, None).await;
        cursors.push(json!(cursor.unwrap()));
    }
    for (at, (method, _, _)) in LISTS.iter().enumerate() {
        for (number, cursor) in cursors.iter().enumerate() {
            let own = number == cursors.len() - LISTS.len() + at;
            let ask = request(1, method, &json!({ "cursor": cursor })).session(&session);
            let answer = server.ask(&ask).await.json();
            assert_eq!(answer.get("result").is_some(), own, "{method} {cursor}");
            if !own {
                assert_eq!(code(&answer), -32602, "{method} {cursor}");
            }
        }
    }
    // Of what is there no longer.
    let (_, cursor) = list(&server, &session, LISTS[0], None).await;
    assert!(handle.remove_tool("tool-3"));
    let ask = request(1, "tools/list", &json!({ "cursor": cursor })).session(&session);
    assert_eq!(code(&server.ask(&ask).await.json()), -32602);
}

#[tokio::test]
async fn a_list_in_one_page_has_no_cursor() {
    let (server, _) = serving(3, Some(3));
    let session = new_session(&server, &json!({})).await;
    for (method, member, _) in LISTS {
        let ask = request(1, method, &json!({})).session(&session);
        let result = server.ask(&ask).await.result();
        let members: Vec<_> = result.as_object().unwrap().keys().collect();
        assert_eq!(members, [member]);
    }
}

// ---- completion

fn completing() -> Local {
    let languages = Completion::of_prompt("review", "language", |request, _| async move {
        let known = ["python", "pytorch", "rust", "ruby"];
        let fits = |name: &&str| name.starts_with(request.value());
        Ok(known.into_iter().filter(fits).collect::<Vec<_>>())
    });
    let frameworks = Completion::of_prompt("review", "framework", |request, _| async move {
        Ok(match request.other("language") {
            Some("python") => vec!["flask", "django"],
            Some("rust") => vec!["axum"],
            _ => vec![],
        })
    });
    let numbers = Completion::of_resource("docs://{number}", "number", |request, _| async move {
        let most: usize = request.value().parse().unwrap_or(0);
        Ok((0..most).map(|n| n.to_string()).collect::<Vec<_>>())
    });
    let fails = Completion::of_prompt("review", "mood", |_, _| async move {
        Err::<Vec<String>, _>(ToolError::user("not now"))
    });
    let many = Completion::of_prompt("other", "language", |_, _| async move {
        let mut values = Values::new((0..100).map(|n| n.to_string()));
        values.values.extend((0..50).map(|n| n.to_string()));
        values.total = None;
        Ok(values)
    });
    let server = Server::new("it", "1")
        .prompts([prompt("review"), prompt("other")])
        .resources([page("docs://{number}"), page("docs://fixed")])
        .completions([languages, frameworks, numbers, fails, many]);
    local(HttpServer::new(server))
}

fn complete(of: &Value, argument: &str, value: &str, others: Option<Value>) -> Ask {
    let mut params = json!({ "ref": of, "argument": { "name": argument, "value": value } });
    if let Some(others) = others {
        params["context"] = json!({ "arguments": others });
    }
    request(1, "completion/complete", &params)
}

fn review() -> Value {
    json!({ "type": "ref/prompt", "name": "review" })
}

fn docs() -> Value {
    json!({ "type": "ref/resource", "uri": "docs://{number}" })
}

#[tokio::test]
async fn values_are_suggested_for_arguments_of_prompts() {
    let server = completing();
    let session = new_session(&server, &json!({})).await;
    for (typed, expected) in [
        ("py", vec!["python", "pytorch"]),
        ("", vec!["python", "pytorch", "rust", "ruby"]),
        ("z", vec![]),
    ] {
        let ask = complete(&review(), "language", typed, None).session(&session);
        let completion = &server.ask(&ask).await.result()["completion"];
        assert_eq!(completion["values"], json!(expected));
        assert_eq!(completion["total"], expected.len());
        assert_ne!(completion["hasMore"], true);
    }
}

#[tokio::test]
async fn what_is_filled_in_already_is_known() {
    let server = completing();
    let session = new_session(&server, &json!({})).await;
    for (others, expected) in [
        (
            Some(json!({ "language": "python" })),
            json!(["flask", "django"]),
        ),
        (
            Some(json!({ "language": "rust", "mood": "good" })),
            json!(["axum"]),
        ),
        (Some(json!({})), json!([])),
        (None, json!([])),
    ] {
        let ask = complete(&review(), "framework", "", others).session(&session);
        let result = server.ask(&ask).await.result();
        assert_eq!(result["completion"]["values"], expected);
    }
    // A context without arguments is one, too.
    let params = json!({
        "ref": review(), "argument": { "name": "language", "value": "ru" }, "context": {},
    });
    let ask = request(1, "completion/complete", &params).session(&session);
    server.ask(&ask).await.result();
}

#[tokio::test]
async fn at_most_100_values_are_suggested_and_how_many_there_are_is_told() {
    let server = completing();
    let session = new_session(&server, &json!({})).await;
    for (count, told, more) in [
        (5, 5, false),
        (100, 100, false),
        (101, 100, true),
        (250, 100, true),
    ] {
        let ask = complete(&docs(), "number", &count.to_string(), None).session(&session);
        let completion = &server.ask(&ask).await.result()["completion"];
        assert_eq!(completion["values"].as_array().unwrap().len(), told);
        assert_eq!(completion["total"], count);
        assert_eq!(completion["hasMore"] == true, more, "{count}");
    }
    // However they were put together.
    let other = json!({ "type": "ref/prompt", "name": "other" });
    let ask = complete(&other, "language", "", None).session(&session);
    let completion = &server.ask(&ask).await.result()["completion"];
    assert_eq!(completion["values"].as_array().unwrap().len(), 100);
    assert_eq!(completion["hasMore"], true);
}

#[tokio::test]
async fn an_argument_that_nothing_is_known_of_has_no_suggestions() {
    let server = completing();
    let session = new_session(&server, &json!({})).await;
    for (of, argument) in [
        (
            json!({ "type": "ref/prompt", "name": "other" }),
            "framework",
        ),
        (json!({ "type": "ref/prompt", "name": "other" }), "no such"),
        (docs(), "no such"),
    ] {
        let ask = complete(&of, argument, "x", None).session(&session);
        let result = server.ask(&ask).await.result();
        assert_eq!(result["completion"]["values"], json!([]), "{of} {argument}");
    }
}

#[tokio::test]
async fn what_there_is_not_has_no_arguments() {
    let server = completing();
    let session = new_session(&server, &json!({})).await;
    for of in [
        json!({ "type": "ref/prompt", "name": "no such" }),
        json!({ "type": "ref/prompt", "name": "" }),
        json!({ "type": "ref/prompt" }),
        json!({ "type": "ref/resource", "uri": "docs://7" }),
        json!({ "type": "ref/resource", "uri": "docs://{other}" }),
        json!({ "type": "ref/resource" }),
        json!({ "type": "ref/tool", "name": "review" }),
        json!({ "name": "review" }),
        json!("review"),
        json!(null),
    ] {
        let ask = complete(&of, "language", "x", None).session(&session);
        assert_eq!(code(&server.ask(&ask).await.json()), -32602, "{of}");
    }
    for params in [
        json!({}),
        json!({ "ref": review() }),
        json!({ "ref": review(), "argument": {} }),
        json!({ "ref": review(), "argument": { "name": "language" } }),
        json!({ "ref": review(), "argument": { "name": "language", "value": 7 } }),
        json!({ "ref": review(), "argument": { "name": "language", "value": "" }, "context": 7 }),
    ] {
        let ask = request(1, "completion/complete", &params).session(&session);
        assert_eq!(code(&server.ask(&ask).await.json()), -32602, "{params}");
    }
}

#[tokio::test]
async fn a_completion_that_fails_is_an_error_that_says_so() {
    let server = completing();
    let session = new_session(&server, &json!({})).await;
    let ask = complete(&review(), "mood", "", None).session(&session);
    let answer = server.ask(&ask).await.json();
    assert_eq!(code(&answer), -32603);
    assert!(answer.to_string().contains("not now"), "{answer}");
}

#[tokio::test]
async fn completion_is_offered_where_there_is_any() {
    let offered = completing()
        .ask(&initialize("2025-11-25", &json!({})))
        .await;
    assert_eq!(
        offered.result()["capabilities"],
        json!({
            "completions": {},
            "logging": {},
            "prompts": { "listChanged": true },
            "resources": { "subscribe": true, "listChanged": true },
        })
    );
}

#[tokio::test]
async fn a_completion_of_nothing_is_an_error_when_the_server_is_built() {
    let stray = |prompt: &str, argument: &str| {
        Completion::of_prompt(prompt, argument, |_, _| async { Ok(vec!["x"]) })
    };
    let server = Server::new("it", "1")
        .prompts([prompt("review")])
        .completions([stray("review", "colour"), stray("none", "language")]);
    let error = HttpServer::new(server).into_service().unwrap_err();
    let text = error.to_string();
    for named in ["`colour`", "`none`"] {
        assert!(text.contains(named), "{text}");
    }
}
