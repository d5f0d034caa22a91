use mcp_core::{
    Server,
    prelude::*,
    types::{Annotations, Role},
};
use serde::Serialize;
use serde_json::json;

use crate::read;

#[derive(Serialize)]
struct Book {
    id: u64,
    edition: Option<u32>,
}

/// One book
#[mcp_resource("book://{id}{?edition}", title = "Book", icon = "data:,x")]
async fn book(id: u64, edition: Option<u32>) -> Result<Json<Book>, ResourceError> {
    if id == 0 {
        return Err(ResourceError::NotFound);
    }
    Ok(Json(Book { id, edition }))
}

/// How to read
#[mcp_resource("docs://readme", name = "read-me", mime = "text/markdown")]
fn readme(State(text): State<String>) -> Option<String> {
    Some(text.to_string())
}

/// Bytes of a file
#[mcp_resource("file:///{+path}{?page}")]
fn file(path: String, #[arg(default = 1, max = 9)] page: u8) -> Vec<u8> {
    format!("{path} {page}").into_bytes()
}

fn server() -> Server {
    let server = Server::new("test", "1").state("# Read me".to_owned());
    server
        .resources(resources![book, readme, file])
        .build()
        .unwrap()
}

#[tokio::test]
async fn variables_are_taken_by_the_type_of_the_parameter() {
    let server = server();
    let contents = read(&server, "book://7?edition=2").await.unwrap();
    let expected = json!([{
        "uri": "book://7?edition=2", "mimeType": "application/json", "text": "{\"id\":7,\"edition\":2}"
    }]);
    assert_eq!(serde_json::to_value(contents).unwrap(), expected);

    let contents = read(&server, "book://7").await.unwrap();
    let text = serde_json::to_value(contents).unwrap()[0]["text"].clone();
    assert_eq!(text, "{\"id\":7,\"edition\":null}");

    let error = read(&server, "book://seven").await.unwrap_err();
    assert!(error.contains("`id`"), "{error}");
}

#[tokio::test]
async fn defaults_and_bounds_hold_for_variables_too() {
    let server = server();
    let blob = async |uri| {
        let contents = read(&server, uri).await?;
        let json = serde_json::to_value(contents).unwrap();
        Ok::<_, String>((json[0]["blob"].clone(), json[0]["mimeType"].clone()))
    };
    let bytes = "application/octet-stream";
    // "a/b 1" and "a/b 2", in base64
    assert_eq!(
        blob("file:///a/b").await.unwrap(),
        ("YS9iIDE=".into(), bytes.into())
    );
    assert_eq!(
        blob("file:///a/b?page=2").await.unwrap(),
        ("YS9iIDI=".into(), bytes.into())
    );
    assert!(
        blob("file:///a/b?page=10")
            .await
            .unwrap_err()
            .contains("`page`")
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = server();
    assert!(read(&server, "book://0").await.is_err());
    assert!(read(&server, "docs://nothing").await.is_err());
}

#[tokio::test]
async fn a_resource_without_variables_is_one_of_its_own() {
    let contents = read(&server(), "docs://readme").await.unwrap();
    let expected =
        json!([{ "uri": "docs://readme", "mimeType": "text/markdown", "text": "# Read me" }]);
    assert_eq!(serde_json::to_value(contents).unwrap(), expected);
    assert_eq!(readme(State("x".to_owned().into())), Some("x".to_owned()));
}

/// A shelf
#[mcp_resource("shelf://{id}{?page}")]
fn shelf(id: u64, page: u32) -> String {
    format!("{id} {page}")
}

#[test]
fn what_tokens_cannot_tell_is_told_when_the_server_is_built() {
    let error = Server::new("test", "1")
        .resources(resources![shelf])
        .build()
        .unwrap_err();
    let problems = error.problems().join("\n");
    assert!(problems.contains("`page`"), "{problems}");
}

const PAGE: &str = "<p>Five o'clock</p>";

/// The page of a clock
#[mcp_resource(
    "ui://clock",
    mime = "text/html;profile=mcp-app",
    size = PAGE.len() as u64,
    annotations = Annotations::default()
        .audience([Role::User])
        .priority(0.5)
        .last_modified("2026-07-28T09:00:00Z"),
    meta = json!({ "ui": { "prefersBorder": true } })
)]
fn clock() -> &'static str {
    PAGE
}

/// What any page of a clock is
#[mcp_resource("ui://clocks/{city}", meta = json!({ "ui": {} }))]
fn clocks(city: String) -> String {
    city
}

#[test]
fn all_that_a_resource_tells_of_itself_can_be_said() {
    let [clock, clocks] = &resources![clock, clocks][..] else {
        panic!("not two resources")
    };
    let expected = json!({
        "uri": "ui://clock",
        "name": "clock",
        "description": "The page of a clock",
        "mimeType": "text/html;profile=mcp-app",
        "size": 19,
        "annotations": {
            "audience": ["user"],
            "priority": 0.5,
            "lastModified": "2026-07-28T09:00:00Z",
        },
        "_meta": { "ui": { "prefersBorder": true } },
    });
    assert_eq!(serde_json::to_value(clock.definition()).unwrap(), expected);
    assert_eq!(clocks.definition().meta.as_ref().unwrap().len(), 1);
}
