//! Forms, and pages to visit.

use std::collections::HashSet;

use mcp_core::{Ctx, Server, schema::Schema};
use mcp_http::HttpServer;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Name, Scene, asks, everything, said};
use crate::events::{call, tool};

#[tokio::test]
async fn a_form_asks_for_the_fields_of_its_type() {
    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        /// Up to 40
        Small,
        /// From 41
        Large,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Color {
        Red,
        Blue,
    }

    fn two() -> u32 {
        2
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Order {
        /// What to write on it
        name: String,
        #[serde(default = "two")]
        count: u32,
        weight: Option<f64>,
        #[serde(default)]
        gift: bool,
        color: Color,
        size: Size,
        colors: Vec<Color>,
        sizes: Vec<Size>,
        /// Where to send the bill
        #[schemars(extend("format" = "email"))]
        email: String,
    }

    let orders = tool("orders", |ctx: Ctx| async move {
        let order = ctx.elicit::<Order>("Your order?").await?;
        Ok(format!("{} × {}", order.count, order.name))
    });
    let server = Server::new("it", "1").tools([orders]).elicits::<Order>();
    let scene = Scene::over(HttpServer::new(server), &everything()).await;
    let mut stream = scene.call(1, "orders").await;
    // The very first event: no notification came before.
    let question = stream.block().await.unwrap().message();
    let sizes = json!([
        { "const": "small", "title": "Up to 40" },
        { "const": "large", "title": "From 41" },
    ]);
    assert_eq!(question["method"], "elicitation/create");
    assert_eq!(
        question["params"],
        json!({
            "message": "Your order?",
            "requestedSchema": {
                "type": "object",
                "properties": {
                    "name": { "type": "string", "description": "What to write on it" },
                    "count": { "type": "integer", "minimum": 0, "default": 2 },
                    "weight": { "type": "number" },
                    "gift": { "type": "boolean", "default": false },
                    "color": { "type": "string", "enum": ["red", "blue"] },
                    "size": { "type": "string", "oneOf": sizes },
                    "colors": {
                        "type": "array", "items": { "type": "string", "enum": ["red", "blue"] },
                    },
                    "sizes": { "type": "array", "items": { "anyOf": sizes } },
                    "email": {
                        "type": "string", "format": "email", "description": "Where to send the bill",
                    },
                },
                "required": ["name", "color", "size", "colors", "sizes", "email"],
            },
        })
    );
    let content = json!({
        "name": "Ada", "color": "red", "size": "large", "colors": [], "sizes": ["small"],
        "email": "ada@example.com",
    });
    scene.accept(&question, content).await;
    assert_eq!(said(stream).await, "2 × Ada");
}

#[tokio::test]
async fn a_form_of_ones_own_is_sent_as_it_is_and_its_fields_come_as_they_are() {
    let form = "{ \"type\": \"object\",\n \"properties\": {\r\n \"b\": { \"type\": \"string\", \
                \"enum\": [\"x\"], \"enumNames\": [\"X\"] }, \"a\": { \"type\": \"integer\" } } }";
    let own = tool("own", move |ctx: Ctx| async move {
        let fields = ctx.elicit_with("?", Schema::parse(form)?).await?;
        Ok(Value::from(fields).to_string())
    });
    let scene = Scene::new([own]).await;
    let mut stream = scene.call(1, "own").await;
    let question = stream.message().await;
    let schema = &question["params"]["requestedSchema"];
    assert_eq!(*schema, serde_json::from_str::<Value>(form).unwrap());
    scene.accept(&question, json!({ "a": 1, "c": [] })).await;
    assert_eq!(said(stream).await, r#"{"a":1,"c":[]}"#);
}

#[tokio::test]
async fn a_form_that_no_client_can_show_is_an_error_when_the_server_is_built() {
    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Nested {
        inner: Name,
    }
    let nested = Server::new("it", "1").elicits::<Name>().elicits::<Nested>();
    let error = HttpServer::new(nested).into_service().unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("Nested") && text.contains("`inner`"),
        "{text}"
    );
    // And, if nobody has said so before, when it is asked for; nothing is sent.
    let asks = tool("asks", |ctx: Ctx| async move {
        let answer = ctx.elicit::<Nested>("?").await;
        Ok(format!("{:?}", answer.err()))
    });
    let scene = Scene::new([asks]).await;
    let ask = call(1, "asks").session(&scene.session);
    let said = scene.server.ask(&ask).await.said().0;
    assert!(said.contains("Form") && said.contains("`inner`"), "{said}");
}

#[tokio::test]
async fn what_the_person_did_is_a_value() {
    let scene = Scene::new([asks()]).await;
    for (result, expected) in [
        (
            json!({ "action": "accept", "content": { "name": "Ada" } }),
            "Hello, Ada!",
        ),
        (json!({ "action": "decline" }), "Declined"),
        (json!({ "action": "cancel" }), "Cancelled"),
        // What is filled in is not looked at then.
        (
            json!({ "action": "decline", "content": { "name": 7 } }),
            "Declined",
        ),
        (json!({ "action": "cancel", "content": null }), "Cancelled"),
    ] {
        let mut stream = scene.call(1, "asks").await;
        let question = stream.message().await;
        scene.answer(&question, &result).await;
        assert_eq!(said(stream).await, expected, "{result}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_fit_the_question_is_asked_for_again_and_then_an_error() {
    let scene = Scene::new([asks()]).await;
    for result in [
        json!({ "action": "accept", "content": { "name": 7 } }),
        json!({ "action": "accept", "content": {} }),
        json!({ "action": "accept", "content": [] }),
        json!({ "action": "accept", "content": null }),
        json!({ "action": "accept" }),
        json!({ "action": "shrug" }),
        json!({ "content": { "name": "Ada" } }),
        json!({}),
        json!(null),
        json!("yes"),
        json!([]),
    ] {
        let mut stream = scene.call(1, "asks").await;
        let mut ids = HashSet::new();
        for again in 0..4 {
            let question = stream.message().await;
            assert!(ids.insert(question["id"].to_string()), "{question}");
            let message = question["params"]["message"].as_str().unwrap();
            assert!(message.starts_with("Your name?"), "{message}");
            assert_eq!(message.contains("did not fit"), again > 0, "{message}");
            assert!(question["params"]["requestedSchema"].is_object());
            scene.answer(&question, &result).await;
        }
        let said = said(stream).await;
        assert!(said.starts_with("Invalid("), "{result}: {said}");
    }
    // One that fits is taken.
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    scene.accept(&question, json!({ "name": 7 })).await;
    let question = stream.message().await;
    scene.accept(&question, json!({ "name": "Ada" })).await;
    assert_eq!(said(stream).await, "Hello, Ada!");
}

#[tokio::test]
async fn a_page_to_visit_is_asked_by_its_url() {
    let visits = tool("visits", |ctx: Ctx| async move {
        let answer = ctx.elicit_url("Pay here", "https://pay.example.com/7", "visit-7");
        Ok(format!("{:?}", answer.await))
    });
    let scene = Scene::new([visits]).await;
    for (action, expected) in [
        ("accept", "Ok(())"),
        ("decline", "Err(Declined)"),
        ("cancel", "Err(Cancelled)"),
    ] {
        let mut stream = scene.call(1, "visits").await;
        let question = stream.message().await;
        assert_eq!(question["method"], "elicitation/create");
        assert_eq!(
            question["params"],
            json!({
                "mode": "url",
                "message": "Pay here",
                "url": "https://pay.example.com/7",
                "elicitationId": "visit-7",
            })
        );
        scene.answer(&question, &json!({ "action": action })).await;
        assert_eq!(said(stream).await, expected);
    }
}
