//! `impl` blocks that are registered as one.

use std::sync::{Arc, Mutex};

use mcp_core::{CompleteRequest, Identity, Service, prelude::*};
use serde_json::json;

use crate::client::{connect, connect_as, fine};

/// Keeps notes.
trait Shelf: Send + Sync + 'static {
    fn put(&self, text: String) -> usize;
    fn get(&self, index: usize) -> Option<String>;
}

impl Shelf for Mutex<Vec<String>> {
    fn put(&self, text: String) -> usize {
        let mut notes = self.lock().unwrap();
        notes.push(text);
        notes.len() - 1
    }

    fn get(&self, index: usize) -> Option<String> {
        self.lock().unwrap().get(index).cloned()
    }
}

struct Notes<S> {
    shelf: S,
}

impl Default for Notes<Mutex<Vec<String>>> {
    fn default() -> Self {
        Self {
            shelf: Mutex::default(),
        }
    }
}

#[mcp_server(instructions = "Add notes and read them.")]
impl<S: Shelf> Notes<S> {
    const MOST: usize = 20;

    /// Add a note
    #[mcp_tool(destructive = false)]
    async fn add(
        &self,
        /// What to keep
        #[arg(max_len = Self::MOST)]
        text: String,
    ) -> usize {
        self.keep(text)
    }

    /// Add a note, the slow way
    #[mcp_tool(blocking)]
    fn add_slowly(&self, text: String) -> usize {
        self.keep(text)
    }

    /// Add a note for later
    #[mcp_tool]
    async fn add_later(self: Arc<Self>, text: String) -> usize {
        self.keep(text)
    }

    /// The most that a note may have
    #[mcp_tool]
    fn most() -> usize {
        Self::MOST
    }

    /// One note
    #[mcp_resource("note://{index}")]
    fn note(&self, index: usize) -> Option<String> {
        self.shelf.get(index)
    }

    /// Ask to go on with a note
    #[mcp_prompt]
    fn go_on(&self, index: usize) -> String {
        format!("Go on: {}", self.shelf.get(index).unwrap_or_default())
    }

    #[mcp_complete(note, index)]
    fn indexes(&self, typed: &str) -> Vec<String> {
        let all = (0..100).map_while(|n| self.shelf.get(n).map(|_| n.to_string()));
        all.filter(|index| index.starts_with(typed)).collect()
    }

    fn keep(&self, text: String) -> usize {
        self.shelf.put(text)
    }
}

#[tokio::test]
async fn methods_are_registered_and_share_their_value() {
    let client = connect(Server::new("notes", "1").service(Notes::default()));
    assert_eq!(client.greeting["instructions"], "Add notes and read them.");
    let names: Vec<_> = client.list("tools/list", "tools").await;
    let names: Vec<_> = names.iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["add", "add_slowly", "add_later", "most"]);
    for (index, tool) in ["add", "add_slowly", "add_later"].into_iter().enumerate() {
        let text = format!("note {index}");
        assert_eq!(
            client.says(tool, json!({ "text": text })).await,
            fine(index)
        );
        let read = client
            .ask(
                "resources/read",
                json!({ "uri": format!("note://{index}") }),
            )
            .await;
        assert_eq!(read["contents"][0]["text"], text);
    }
    assert_eq!(client.says("most", json!({})).await, fine(20));
    let prompt = json!({ "name": "go_on", "arguments": { "index": "1" } });
    let prompt = client.ask("prompts/get", prompt).await;
    assert_eq!(prompt["messages"][0]["content"]["text"], "Go on: note 1");
    let typed = json!({
        "ref": { "type": "ref/resource", "uri": "note://{index}" },
        "argument": { "name": "index", "value": "" },
    });
    let completed = client.ask("completion/complete", typed).await;
    assert_eq!(completed["completion"]["values"], json!(["0", "1", "2"]));
}

#[tokio::test]
async fn a_prefix_keeps_two_services_apart() {
    let server = Server::new("notes", "1")
        .instructions("Two shelves.")
        .mount("home", Notes::default())
        .mount("work", Arc::new(Notes::default()));
    let client = connect(server);
    assert_eq!(
        client.greeting["instructions"],
        "Two shelves.\n\nAdd notes and read them.\n\nAdd notes and read them."
    );
    client.says("work_add", json!({ "text": "a report" })).await;
    let uri = |at| json!({ "uri": format!("note://{at}/0") });
    let read = client.ask("resources/read", uri("work")).await;
    assert_eq!(read["contents"][0]["text"], "a report");
    assert_eq!(read["contents"][0]["uri"], "note://work/0");
    let (code, _) = client.refused("resources/read", uri("home")).await;
    assert_eq!(code, -32002);
    let typed = json!({
        "ref": { "type": "ref/resource", "uri": "note://work/{index}" },
        "argument": { "name": "index", "value": "" },
    });
    let completed = client.ask("completion/complete", typed).await;
    assert_eq!(completed["completion"]["values"], json!(["0"]));
}

#[test]
fn services_that_clash_and_prefixes_that_are_none_are_told_at_build() {
    let built = Server::new("notes", "1")
        .service(Notes::default())
        .service(Notes::default())
        .mount("no dice", Notes::default())
        .build();
    let problems = built.unwrap_err();
    let problems = problems.problems().join("\n");
    assert!(problems.contains("`no dice` is no prefix"), "{problems}");
    assert!(
        problems.contains("two tools are called `add`"),
        "{problems}"
    );
}

/// A city
#[mcp_resource("city://{country}/{name}")]
fn city(country: String, name: String) -> String {
    format!("{name}, {country}")
}

#[mcp_complete(city, name)]
async fn names(
    typed: &str,
    country: Option<String>,
    cities: State<Vec<&'static str>>,
) -> Vec<String> {
    let known = cities.iter().filter(|name| name.starts_with(typed));
    let country = country.unwrap_or_default();
    known.map(|name| format!("{name}{country}")).collect()
}

#[mcp_complete(city, "country")]
fn countries(typed: CompleteRequest) -> Result<[String; 1], ToolError> {
    match typed.value() {
        "" => Err(ToolError::user("type something")),
        typed => Ok([format!("{typed}land")]),
    }
}

#[tokio::test]
async fn a_completion_takes_what_is_typed_state_and_what_else_is_known() {
    let server = Server::new("cities", "1")
        .state(vec!["Bern", "Basel", "Chur"])
        .resources(resources![city])
        .completions(completions![names, countries]);
    let client = connect(server);
    let ask = async |name: &str, value: &str, known| {
        let params = json!({
            "ref": { "type": "ref/resource", "uri": "city://{country}/{name}" },
            "argument": { "name": name, "value": value },
            "context": { "arguments": known },
        });
        client
            .ask_raw("completion/complete", &params.to_string())
            .await
    };
    let answer = ask("name", "B", json!({ "country": "-CH", "else": "x" })).await;
    let values = &answer["result"]["completion"]["values"];
    assert_eq!(*values, json!(["Bern-CH", "Basel-CH"]));
    let answer = ask("country", "Fin", json!({})).await;
    assert_eq!(answer["result"]["completion"]["values"], json!(["Finland"]));
    assert_eq!(
        ask("country", "", json!({})).await["error"]["message"],
        "type something"
    );
}

#[test]
fn a_completion_that_takes_state_nobody_gave_is_told_at_build() {
    let server = Server::new("cities", "1")
        .resources(resources![city])
        .completions(completions![names]);
    let problems = server.build().unwrap_err();
    let problems = problems.problems().join("\n");
    assert!(
        problems.contains(
            "completion of `name` of resource template `city://{country}/{name}` takes `State<"
        ),
        "{problems}"
    );
}

#[mcp_complete(city, name)]
fn names_of_a_province(typed: &str, province: Option<String>) -> Vec<String> {
    vec![format!("{typed} {province:?}")]
}

#[test]
fn a_completion_that_takes_an_argument_which_is_not_there_is_told_at_build() {
    let server = Server::new("cities", "1")
        .resources(resources![city])
        .completions(completions![names_of_a_province]);
    let problems = server.build().unwrap_err();
    assert_eq!(
        problems.problems(),
        [
            "completion of `name` of resource template `city://{country}/{name}` takes \
             `province`, which is no other argument of it"
        ]
    );
}

/// Tidy up
#[mcp_tool(scopes("notes:write", "notes:admin"))]
fn tidy() -> &'static str {
    "tidy"
}

#[tokio::test]
async fn a_scope_is_asked_for_before_the_function_runs() {
    let connect = |identity: Option<Identity>| {
        connect_as(
            identity,
            "2025-11-25",
            Server::new("tidy", "1").tools(tools![tidy]),
        )
    };
    let call = json!({ "name": "tidy" });
    let (_, message) = connect(None).refused("tools/call", call.clone()).await;
    assert_eq!(message, "Authentication required for tool: tidy");
    let some = Identity::new("ada").with_scopes(["notes:write"]);
    let (_, message) = connect(Some(some)).refused("tools/call", call).await;
    assert_eq!(
        message,
        "Insufficient scope for tool: tidy: it needs `notes:write notes:admin`"
    );
    let all = Identity::new("ada").with_scopes(["notes:write", "notes:admin"]);
    let says = connect(Some(all)).says("tidy", json!({})).await;
    assert_eq!(says, fine("tidy"));
}

#[test]
fn an_arc_of_a_service_is_one() {
    let notes = Arc::new(Notes::default());
    assert!(
        Server::new("notes", "1")
            .service(Arc::clone(&notes))
            .build()
            .is_ok()
    );
    let _ = Arc::new(notes).offer();
}
