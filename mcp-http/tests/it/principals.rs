//! Whatever somebody has begun is theirs: what they were given to go on with is worth nothing to anybody
//! else, whoever they are and however they are known.

use mcp_core::{Ctx, Identity, Server, Tool, ToolError, era::legacy::Resumption};
use mcp_http::{
    HttpServer,
    auth::{Authenticator, Credential, Unavailable},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Ask, Local, local, session},
    events::{get, resume, tool},
    log, modern as new,
};

/// Ada by her issuer.
const ADA: &str = "issuer-one/ada/all";
/// Everybody that she is not, the last of whom has her name, and nobody at all.
const OTHERS: [Option<&str>; 4] = [
    None,
    Some("issuer-one/bob/all"),
    Some("issuer-two/ada/all"),
    Some("/ada/all"),
];

/// A token is `issuer/subject/scope`.
struct ByName;

#[async_trait::async_trait]
impl Authenticator for ByName {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable> {
        let [issuer, subject, scope] = credential.secret().split('/').collect::<Vec<_>>()[..]
        else {
            return Ok(None);
        };
        let who = Identity::new(subject).with_scopes([scope]);
        Ok(Some(match issuer {
            "" => who,
            issuer => who.with_issuer(issuer),
        }))
    }
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

fn asks() -> Tool {
    tool("asks", |ctx: Ctx| async move {
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok(format!("Hello, {name}!"))
    })
}

/// One of some tools, of which every second is for those with all scopes.
fn numbered(number: usize) -> Tool {
    let tool = Tool::builder(format!("tool-{number}")).description("One of some");
    let tool = if number % 2 == 1 {
        tool.scopes(["all"])
    } else {
        tool
    };
    tool.handler(|_: serde_json::Map<_, _>, _| async { Ok::<_, ToolError>("done") })
}

fn serving() -> Local {
    let server = Server::new("it", "1").tools([asks()]);
    local(
        HttpServer::new(server)
            .auth(ByName)
            .resumable(Resumption::default()),
    )
}

fn by(ask: &Ask, token: Option<&str>) -> Ask {
    match token {
        Some(token) => ask.clone().key(token),
        None => ask.clone(),
    }
}

/// What a refusal says, whoever it is told.
#[track_caller]
fn refusal(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    answer.json()["error"].clone()
}

async fn begin(server: &Local, token: &str) -> String {
    session(&server.ask(&Ask::initialize("2025-11-25").key(token)).await)
}

/// What somebody goes on with who was asked for their name, and the state that they were given.
async fn asked(server: &Local, token: Option<&str>) -> (Ask, String) {
    let can = json!({ "elicitation": { "form": {} } });
    let mut params = json!({ "name": "asks", "arguments": {} });
    let ask = new::request_by(&can, 1, "tools/call", &params);
    let asked = server.ask(&by(&ask, token)).await.result();
    let (question, _) = asked["inputRequests"]
        .as_object()
        .unwrap()
        .iter()
        .next()
        .unwrap();
    let state = asked["requestState"].as_str().unwrap();
    params["requestState"] = state.into();
    params["inputResponses"] =
        json!({ question: { "action": "accept", "content": { "name": "Ada" } } });
    let next = new::request_by(&can, 2, "tools/call", &params);
    (next, state.to_owned())
}

#[tokio::test]
async fn a_session_is_its_principals_on_every_method() {
    let server = serving();
    let id = begin(&server, ADA).await;
    let unknown = server
        .ask(&Ask::ping().session("no session").key(ADA))
        .await;
    let unknown = refusal(&unknown, 404);
    for token in OTHERS {
        for ask in [Ask::ping().session(&id), get(&id), Ask::delete(&id)] {
            // As if there were none, to the letter.
            let answer = server.ask(&by(&ask, token)).await;
            assert_eq!(refusal(&answer, 404), unknown, "{token:?}");
        }
    }
    // It is hers as long as she is who she is, whatever she is allowed meanwhile.
    for token in [ADA, "issuer-one/ada/less"] {
        server
            .ask(&Ask::ping().session(&id).key(token))
            .await
            .result();
    }
}

#[tokio::test]
async fn a_lost_stream_is_resumed_by_nobody_else_in_her_session_or_their_own() {
    let server = serving();
    let id = begin(&server, ADA).await;
    let mut stream = server.stream(&get(&id).key(ADA)).await;
    let last = stream.block().await.unwrap().id.unwrap();
    for token in OTHERS {
        let answer = server.ask(&by(&resume(&id, &last), token)).await;
        refusal(&answer, 404);
        let own = by(&Ask::initialize("2025-11-25"), token);
        let own = session(&server.ask(&own).await);
        let answer = server.ask(&by(&resume(&own, &last), token)).await;
        answer.refuses(400, &["`Last-Event-ID`"]);
    }
    // Nor by herself in another session; in this one it is where it was.
    let another = begin(&server, ADA).await;
    let answer = server.ask(&resume(&another, &last).key(ADA)).await;
    answer.refuses(400, &["`Last-Event-ID`"]);
    server.stream(&resume(&id, &last).key(ADA)).await;
    stream.ended().await;
}

#[tokio::test]
async fn a_request_state_is_good_for_whoever_it_was_given_to() {
    let log = log::listen();
    let server = serving();
    let (next, state) = asked(&server, Some(ADA)).await;
    for token in OTHERS {
        let answer = server.ask(&by(&next, token)).await;
        let error = refusal(&answer, 400);
        assert_eq!(error["code"], -32602, "{token:?}: {answer:?}");
        answer.refuses(400, &["requestState"]);
    }
    for token in [ADA, "issuer-one/ada/less"] {
        let answer = server.ask(&next.clone().key(token)).await;
        assert_eq!(answer.said().0, "Hello, Ada!");
    }
    assert!(!log.text().contains(&state), "{}", log.text());
}

#[tokio::test]
async fn somebody_without_a_name_is_not_nobody() {
    let server = serving();
    for (whose, token) in [(None, Some("//all")), (Some("//all"), None)] {
        let (next, _) = asked(&server, whose).await;
        let answer = server.ask(&by(&next, token)).await;
        answer.refuses(400, &["requestState"]);
        let answer = server.ask(&by(&next, whose)).await;
        assert_eq!(answer.said().0, "Hello, Ada!");
    }
}

#[tokio::test]
async fn a_cursor_leads_nobody_to_what_they_may_not_see() {
    let server = Server::new("it", "1")
        .tools((0..8).map(numbered))
        .page_size(3)
        .filter(|caller, item| item.scopes().iter().all(|scope| caller.has_scope(scope)));
    let server = local(HttpServer::new(server).auth(ByName));
    let list = async |token: &str, cursor: Option<&str>| {
        let params = cursor.map_or(json!({}), |cursor| json!({ "cursor": cursor }));
        server
            .ask(&new::request(1, "tools/list", &params).key(token))
            .await
    };
    let names = |answer: &Answer| {
        let tools = answer.result()["tools"].clone();
        let tools = tools.as_array().unwrap().iter();
        let names = tools.map(|tool| tool["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let few = "issuer-one/bob/none";
    let first = list(ADA, None).await;
    assert_eq!(names(&first), ["tool-0", "tool-1", "tool-2"]);
    let cursor = first.result()["nextCursor"].clone();
    let second = list(ADA, cursor.as_str()).await;
    assert_eq!(names(&second), ["tool-3", "tool-4", "tool-5"]);
    // It names what Bob does not see: for him it is no better than one that was made up.
    let garbage = refusal(&list(few, Some("garbage")).await, 400);
    assert_eq!(garbage["code"], -32602);
    assert_eq!(refusal(&list(few, cursor.as_str()).await, 400), garbage);
    // His own lead through all that he sees.
    let own = list(few, None).await;
    assert_eq!(names(&own), ["tool-0", "tool-2", "tool-4"]);
    let cursor = own.result()["nextCursor"].clone();
    assert_eq!(names(&list(few, cursor.as_str()).await), ["tool-6"]);
}
