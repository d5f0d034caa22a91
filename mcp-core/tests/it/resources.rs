//! Resources: by URI, by template, and not at all.

use std::{borrow::Cow, sync::Arc};

use mcp_core::{Identity, Resource, Server, jsonrpc::ErrorCode, prelude::*};
use serde_json::{Value, json};

use crate::client::{Client, connect, connect_as};

/// The index
#[mcp_resource("docs://index", title = "Index", mime = "text/markdown")]
fn index() -> &'static str {
    "# Index"
}

/// The newest page, which is none of the family
#[mcp_resource("docs://pages/newest")]
fn newest() -> String {
    "the newest".to_owned()
}

/// One page
#[mcp_resource("docs://pages/{page}")]
fn page(page: String) -> Option<String> {
    (page != "nowhere").then(|| format!("page {page}"))
}

/// A part of a book
#[mcp_resource("book://{id}/{+path}{?edition,bold}")]
fn part(id: u32, path: String, edition: Option<u32>, bold: Option<bool>) -> Json<Value> {
    Json(json!({ "id": id, "path": path, "edition": edition, "bold": bold }))
}

/// Bytes
#[mcp_resource("docs://bytes")]
fn bytes() -> Vec<u8> {
    b"\x89PNG".to_vec()
}

/// A picture
#[mcp_resource("docs://picture", mime = "image/png")]
fn picture() -> Vec<u8> {
    b"\x89PNG".to_vec()
}

/// A value
#[mcp_resource("docs://value")]
fn value() -> Json<Vec<u32>> {
    Json(vec![1, 2])
}

/// Several at once
#[mcp_resource("docs://folder", mime = "text/plain")]
fn folder() -> Vec<ResourceContents> {
    vec![
        ResourceContents::text("docs://folder/a", "a"),
        ResourceContents::blob("docs://folder/b", [0, 1]).mime_type("image/gif"),
    ]
}

/// Gone
#[mcp_resource("docs://gone")]
fn gone() -> Result<String, ResourceError> {
    Err(ResourceError::NotFound)
}

/// Never there
#[mcp_resource("docs://never")]
fn never() -> Result<Option<String>, ResourceError> {
    Ok(None)
}

/// Not now
#[mcp_resource("docs://unavailable")]
async fn unavailable() -> Result<String, ResourceError> {
    tokio::task::yield_now().await;
    Err(ToolError::unavailable("the printer").into())
}

/// Refused by a code of its own
#[mcp_resource("docs://refused")]
fn refused() -> Result<String, ResourceError> {
    Err(ToolError::protocol(ErrorCode(-31_000), "not on Sundays"))?
}

/// Declares a resource for each type that holds the same four bytes, or the same text.
macro_rules! same {
    ($($name:ident $uri:literal: $output:ty = $value:expr;)+) => {
        $(
            #[doc = "The same"]
            #[mcp_resource($uri)]
            fn $name() -> $output {
                $value
            }
        )+

        fn same() -> (Vec<Resource>, Vec<&'static str>) {
            (resources![$($name),+], vec![$($uri),+])
        }
    };
}

const PNG: &[u8; 4] = b"\x89PNG";

same! {
    array "bytes://array": &'static [u8; 4] = PNG;
    slice "bytes://slice": &'static [u8] = PNG;
    cow "bytes://cow": Cow<'static, [u8]> = PNG.as_slice().into();
    shared "bytes://shared": Arc<[u8]> = PNG.as_slice().into();
    boxed "bytes://boxed": Box<[u8]> = PNG.as_slice().into();
    counted "bytes://counted": ::bytes::Bytes = ::bytes::Bytes::from_static(PNG);
    shared_vec "bytes://shared-vec": Arc<Vec<u8>> = Arc::new(PNG.to_vec());
    some "bytes://some": Option<&'static [u8]> = Some(PNG);
    shared_str "text://shared": Arc<str> = "text".into();
    boxed_str "text://boxed": Box<str> = "text".into();
    shared_string "text://shared-string": Arc<String> = Arc::new("text".to_owned());
    boxed_cow "text://boxed-cow": Box<Cow<'static, str>> = Box::new("text".into());
    some_shared "text://some-shared": Option<Arc<str>> = Some("text".into());
    ok_shared "text://ok-shared": Result<Arc<str>, ResourceError> = Ok("text".into());
}

#[tokio::test]
async fn bytes_and_text_are_what_they_are_whatever_holds_them() {
    let (resources, uris) = same();
    let client = connect(Server::new("same", "1").resources(resources));
    for uri in uris {
        let expected = match uri.starts_with("bytes") {
            true => json!([{
                "uri": uri, "mimeType": "application/octet-stream", "blob": "iVBORw==",
            }]),
            false => text(uri, "text/plain", "text"),
        };
        assert_eq!(read(&client, uri).await, expected, "{uri}");
    }
}

/// For known callers
#[mcp_resource("docs://secret", requires_auth)]
fn secret() -> &'static str {
    "gold"
}

/// For known callers, too
#[mcp_resource("docs://mine")]
fn mine(who: Identity) -> String {
    who.subject().to_owned()
}

fn server() -> mcp_core::ServerBuilder {
    let by_hand = Resource::builder("hand://{a}/{b}", "hand")
        .mime_type("text/csv")
        .handler(|request, _| async move {
            let variable = |name| request.variable(name).unwrap_or("?").to_owned();
            let text = format!("{} {} {}", request.uri(), variable("a"), variable("b"));
            Ok::<_, ResourceError>(text)
        });
    // The family first: it is not the order that decides.
    Server::new("resources", "1")
        .resources(resources![
            page, part, index, newest, bytes, picture, value, folder
        ])
        .resources(resources![gone, never, unavailable, refused, secret, mine])
        .resources([by_hand])
}

fn client() -> Client {
    connect(server())
}

async fn read(client: &Client, uri: &str) -> Value {
    let result = client.ask("resources/read", json!({ "uri": uri })).await;
    result["contents"].clone()
}

fn text(uri: &str, mime_type: &str, text: &str) -> Value {
    json!([{ "uri": uri, "mimeType": mime_type, "text": text }])
}

#[tokio::test]
async fn a_resource_of_its_own_comes_before_a_family() {
    let client = client();
    let newest = read(&client, "docs://pages/newest").await;
    assert_eq!(
        newest,
        text("docs://pages/newest", "text/plain", "the newest")
    );
    let other = read(&client, "docs://pages/7").await;
    assert_eq!(other, text("docs://pages/7", "text/plain", "page 7"));
}

#[tokio::test]
async fn what_the_bytes_are_follows_from_what_is_returned_unless_it_is_said() {
    let client = client();
    for (uri, contents) in [
        (
            "docs://index",
            text("docs://index", "text/markdown", "# Index"),
        ),
        (
            "docs://value",
            text("docs://value", "application/json", "[1,2]"),
        ),
        (
            "docs://bytes",
            json!([{ "uri": "docs://bytes", "mimeType": "application/octet-stream", "blob": "iVBORw==" }]),
        ),
        (
            "docs://picture",
            json!([{ "uri": "docs://picture", "mimeType": "image/png", "blob": "iVBORw==" }]),
        ),
        (
            "docs://folder",
            json!([
                { "uri": "docs://folder/a", "mimeType": "text/plain", "text": "a" },
                { "uri": "docs://folder/b", "mimeType": "image/gif", "blob": "AAE=" },
            ]),
        ),
    ] {
        assert_eq!(read(&client, uri).await, contents, "{uri}");
    }
    // And clients are told the same when they list.
    let listed = client.list("resources/list", "resources").await;
    for (uri, mime_type) in [
        ("docs://index", "text/markdown"),
        ("docs://value", "application/json"),
        ("docs://bytes", "application/octet-stream"),
        ("docs://pages/newest", "text/plain"),
    ] {
        let resource = listed
            .iter()
            .find(|resource| resource["uri"] == uri)
            .unwrap();
        assert_eq!(resource["mimeType"], mime_type, "{uri}");
    }
}

#[tokio::test]
async fn variables_are_decoded_and_typed() {
    let client = client();
    for (uri, expected) in [
        (
            "book://7/a",
            json!({ "id": 7, "path": "a", "edition": null, "bold": null }),
        ),
        (
            "book://7/a/b%20c",
            json!({ "id": 7, "path": "a/b c", "edition": null, "bold": null }),
        ),
        (
            "book://7/a?edition=2&bold=true",
            json!({ "id": 7, "path": "a", "edition": 2, "bold": true }),
        ),
        (
            "book://7/a?bold=false",
            json!({ "id": 7, "path": "a", "edition": null, "bold": false }),
        ),
    ] {
        let contents = read(&client, uri).await;
        let text = contents[0]["text"].as_str().unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(text).unwrap(),
            expected,
            "{uri}"
        );
        assert_eq!(contents[0]["uri"], uri);
    }
    let page = read(&client, "docs://pages/a%20b").await;
    assert_eq!(page[0]["text"], "page a b");
}

#[tokio::test]
async fn a_variable_that_is_not_what_it_should_be_is_named() {
    let client = client();
    for (uri, named) in [
        ("book://seven/a", "`id`"),
        ("book://-1/a", "`id`"),
        ("book://7/a?edition=x", "`edition`"),
        ("book://7/a?bold=perhaps", "`bold`"),
    ] {
        let (code, message) = client
            .refused("resources/read", json!({ "uri": uri }))
            .await;
        assert_eq!(code, -32602, "{uri}");
        assert!(message.contains(named), "{uri}: {message}");
    }
    let (_, message) = client
        .refused(
            "resources/read",
            json!({ "uri": "book://x/a?edition=y&bold=z" }),
        )
        .await;
    for name in ["`id`", "`edition`", "`bold`"] {
        assert!(message.contains(name), "all at once: {message}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found_for_one_reason_or_another() {
    let client = client();
    for uri in [
        "docs://nothing",
        "docs://pages/nowhere",
        "docs://pages/",
        "docs://pages/a/b",
        "docs://pages/../secret",
        "docs://pages/%2e%2e",
        "docs://pages/a%2Fb",
        "book://7/../../etc/passwd",
        "book://7/%2e%2e/%2e%2e/etc/passwd",
        "book://7/a?unknown=1",
        "DOCS://index",
        "docs://index/",
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "",
        "docs://gone",
        "docs://never",
    ] {
        let error = client.error("resources/read", json!({ "uri": uri })).await;
        let expected = json!({
            "code": -32002,
            "message": format!("Resource not found: {uri}"),
            "data": { "uri": uri },
        });
        assert_eq!(error, expected, "{uri}");
    }
}

#[tokio::test]
async fn a_uri_that_is_too_long_is_not_looked_at() {
    let client = client();
    let uri = |length: usize| format!("docs://pages/{}", "x".repeat(length - 13));
    read(&client, &uri(8 * 1024)).await;
    let (code, message) = client
        .refused("resources/read", json!({ "uri": uri(8 * 1024 + 1) }))
        .await;
    assert_eq!(code, -32602);
    assert!(
        message.contains("`uri`") && message.contains("8192"),
        "{message}"
    );
}

#[tokio::test]
async fn a_read_without_a_uri_is_refused() {
    let client = client();
    for params in [json!({}), json!({ "uri": null }), json!({ "uri": 7 })] {
        let (code, _) = client.refused("resources/read", params.clone()).await;
        assert_eq!(code, -32602, "{params}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_now_says_why() {
    let refused = client()
        .refused("resources/read", json!({ "uri": "docs://unavailable" }))
        .await;
    let said = "the printer is not available at the moment; try again later";
    assert_eq!(refused, (-32603, said.to_owned()));
    let refused = client()
        .refused("resources/read", json!({ "uri": "docs://refused" }))
        .await;
    assert_eq!(refused, (-31_000, "not on Sundays".to_owned()));
}

#[tokio::test]
async fn a_resource_for_known_callers_is_read_by_nobody_else() {
    let nobody = client();
    for uri in ["docs://secret", "docs://mine"] {
        let (code, message) = nobody
            .refused("resources/read", json!({ "uri": uri }))
            .await;
        assert_eq!(code, -32000);
        assert_eq!(
            message,
            format!("Authentication required for resource: {uri}")
        );
    }
    let alice = connect_as(Some(Identity::new("alice")), "2025-11-25", server());
    assert_eq!(read(&alice, "docs://secret").await[0]["text"], "gold");
    assert_eq!(read(&alice, "docs://mine").await[0]["text"], "alice");
}

#[tokio::test]
async fn a_resource_by_hand_is_given_its_variables() {
    let contents = read(&client(), "hand://x/y%20z").await;
    assert_eq!(
        contents,
        text("hand://x/y%20z", "text/csv", "hand://x/y%20z x y z")
    );
}

#[tokio::test]
async fn resources_and_templates_are_listed_apart_in_the_order_of_registration() {
    let client = client();
    let names = |list: &[Value]| -> Vec<String> {
        list.iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let resources = client.list("resources/list", "resources").await;
    assert_eq!(
        names(&resources),
        [
            "index",
            "newest",
            "bytes",
            "picture",
            "value",
            "folder",
            "gone",
            "never",
            "unavailable",
            "refused",
            "secret",
            "mine",
        ]
    );
    let templates = client
        .list("resources/templates/list", "resourceTemplates")
        .await;
    assert_eq!(names(&templates), ["page", "part", "hand"]);
    assert_eq!(
        resources[0],
        json!({
            "uri": "docs://index", "name": "index", "title": "Index",
            "description": "The index", "mimeType": "text/markdown",
        })
    );
    assert_eq!(
        templates[1],
        json!({
            "uriTemplate": "book://{id}/{+path}{?edition,bold}", "name": "part",
            "description": "A part of a book", "mimeType": "application/json",
        })
    );
}
