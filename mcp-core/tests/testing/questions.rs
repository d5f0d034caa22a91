//! One script of answers, in both eras.

use mcp_core::{
    prelude::*,
    schema::Schema,
    testing::{Answer, Client, RpcError, mcp_test},
    types::elicitation::ElicitRequest,
};
use serde_json::{Value, json};

use crate::server::server;

type Result = std::result::Result<(), RpcError>;

#[mcp_test(server())]
async fn forms_are_filled_in_by_a_function(client: Client) -> Result {
    let client = client.on_elicit(|question| {
        let ElicitRequest::Form {
            message,
            requested_schema,
            ..
        } = question
        else {
            panic!("a form")
        };
        assert!(requested_schema.to_value()["properties"]["ok"].is_object());
        Answer::accept(json!({ "ok": message == "Delete 3 files?" }))
    });
    let said = client.call_tool("delete", json!({ "files": 3 })).await?;
    assert_eq!(said.text(), "true false");
    Ok(())
}

#[mcp_test(server())]
async fn forms_are_filled_in_one_by_one(client: Client) -> Result {
    let client = client.answers([
        Answer::accept(json!({ "ok": false })),
        Answer::accept(json!({ "ok": true })),
    ]);
    let said = client.call_tool("delete", json!({ "files": 3 })).await?;
    assert_eq!(said.text(), "false true");
    let asked = client.questions();
    let messages: Vec<_> = asked.iter().map(|(_, params)| &params["message"]).collect();
    assert_eq!(messages, ["Delete 3 files?", "Sure?"]);
    Ok(())
}

#[mcp_test(server())]
async fn a_person_may_refuse_or_go_away(client: Client) -> Result {
    let client = client.answers([Answer::decline(), Answer::cancel()]);
    let declined = client.call_tool("delete", json!({ "files": 3 })).await?;
    assert!(
        declined.is_error && declined.text().contains("declined"),
        "{declined:?}"
    );
    let dismissed = client.call_tool("delete", json!({ "files": 3 })).await?;
    assert!(
        dismissed.is_error && dismissed.text().contains("dismissed"),
        "{dismissed:?}"
    );
    Ok(())
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Review {
    #[schemars(range(min = 1, max = 5))]
    stars: u8,
}

/// Review a book
#[mcp_tool]
async fn review(ctx: Ctx) -> std::result::Result<String, ToolError> {
    let Review { stars } = ctx.elicit("How was it?").await?;
    let text = r#"{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}"#;
    let said = ctx.elicit_with("Why?", Schema::parse(text)?).await?;
    let text = said.get("text").and_then(Value::as_str);
    Ok(format!("{stars} {}", text.unwrap_or_default()))
}

#[mcp_test(Server::new("reviews", "1").tools(tools![review]))]
async fn what_does_not_keep_the_bounds_of_a_form_is_asked_for_again(client: Client) -> Result {
    let client = client.answers([
        Answer::accept(json!({ "stars": 9 })),
        Answer::accept(json!({ "stars": 5 })),
        Answer::accept(json!({})),
        Answer::accept(json!({ "text": "Wit" })),
    ]);
    let said = client.call_tool("review", json!({})).await?;
    assert_eq!(said.text(), "5 Wit");
    let asked = client.questions();
    let complaint = asked[1].1["message"].as_str().unwrap_or_default();
    assert!(
        complaint.contains("`stars` has more than the maximum of 5"),
        "{complaint}"
    );
    let complaint = asked[3].1["message"].as_str().unwrap_or_default();
    assert!(complaint.contains("`text` is missing"), "{complaint}");
    Ok(())
}

#[mcp_test(server())]
async fn a_page_is_visited(client: Client) -> Result {
    let client = client.on_elicit(|question| match question {
        ElicitRequest::Url { url, .. } if url == "https://example.com/pay" => {
            Answer::accept(json!({}))
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(client.call_tool("pay", json!({})).await?.text(), "paid");
    Ok(())
}

#[mcp_test(server())]
async fn a_model_answers(client: Client) -> Result {
    let client = client.on_create_message(|request| {
        assert_eq!(request.max_tokens, 10);
        Answer::text("42")
    });
    assert_eq!(client.call_tool("think", json!({})).await?.text(), "42");
    Ok(())
}

#[mcp_test(server())]
async fn folders_are_told(client: Client) -> Result {
    let client = client.roots(["file:///a", "file:///b"]);
    let said = client.call_tool("folders", json!({})).await?;
    assert_eq!(said.text(), "file:///a file:///b");
    Ok(())
}

#[mcp_test(server())]
async fn a_client_without_answers_is_not_asked(client: Client) {
    match client.call_tool("delete", json!({ "files": 3 })).await {
        Ok(said) => assert!(
            said.is_error && said.text().contains("elicitation"),
            "{said:?}"
        ),
        Err(error) => assert!(error.message.contains("elicitation"), "{error}"),
    }
    assert!(client.questions().is_empty());
}
