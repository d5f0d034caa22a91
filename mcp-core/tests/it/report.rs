//! What a server tells of itself to those who run it.

use mcp_core::{Server, prelude::*};
use serde_json::Value;

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Hits {
    titles: Vec<String>,
    total: u32,
}

/// Search the catalogue
///
/// In no order.
#[mcp_tool(
    read_only,
    open_world = false,
    scopes("books:read", "books:list"),
    rate_limit = "30/min",
    timeout = "10s",
    concurrency = 4,
    tags("catalogue")
)]
fn search(
    #[arg(min_len = 1, max_len = 200, pattern = "^[a-z]+$")] query: String,
    #[arg(default = 10, min = 1)] limit: u32,
    tags: Option<Vec<String>>,
    _anything: Option<Value>,
) -> Hits {
    Hits {
        titles: vec![query],
        total: limit + u32::from(tags.is_some()),
    }
}

/// One book
#[mcp_resource("book://{id}", mime = "text/markdown", requires_auth)]
fn book(id: u64) -> String {
    id.to_string()
}

/// Ask for a review
#[mcp_prompt(tags("reviews"))]
fn review(title: String, tone: Option<String>) -> String {
    format!("{title} {tone:?}")
}

#[test]
fn a_report_tells_what_is_offered_to_whom_and_at_what_cost() {
    let server = Server::new("library", "1.2.3")
        .tools(tools![search])
        .resources(resources![book])
        .prompts(prompts![review])
        .build()
        .unwrap();
    let report = server.report();
    let tokens = report.tokens();
    let expected = format!(
        "library 1.2.3: about {tokens} tokens for its tools\n\
         \n\
         tool search: Search the catalogue\n\
         \x20 read-only; closed world; scopes: books:read books:list; tags: catalogue; \
         30/min for each caller; 10s at most; 4 at a time; about {tokens} tokens\n\
         \x20 query: string, 1 to 200 characters, like `^[a-z]+$`\n\
         \x20 limit: integer, 1 at least, default 10\n\
         \x20 tags: array of string, optional\n\
         \x20 _anything: any, optional\n\
         \x20 returns {{ titles, total }}\n\
         \n\
         resource book://{{id}}: One book\n\
         \x20 text/markdown; authenticated callers only\n\
         \n\
         prompt review: Ask for a review\n\
         \x20 tags: reviews\n\
         \x20 title: text\n\
         \x20 tone: text, optional\n"
    );
    let report = report.to_string();
    let (offered, warnings) = report.split_once("\nwarnings\n").unwrap();
    assert_eq!(offered, expected);
    assert!(warnings.contains("_anything"), "{warnings}");
}

// Without a validator nothing enforces a schema by hand.
#[cfg(feature = "validate")]
#[test]
fn what_clients_object_to_is_in_the_report() {
    use mcp_core::{Rate, Tool, schema::Schema};

    let schema = Schema::parse(r#"{"type":"object","properties":{"a":{"const":1}}}"#).unwrap();
    let odd = Tool::builder("odd.name")
        .input_schema(schema)
        .rate_limit(Rate::new(5, std::time::Duration::from_secs(90)))
        .handler(|_: serde_json::Map<String, Value>, _| async { Ok("odd") });
    let server = Server::new("odd", "1").tools([odd]).build().unwrap();
    let report = server.report();
    let rules: Vec<_> = report
        .warnings()
        .iter()
        .map(|it| it.path.as_str())
        .collect();
    assert!(rules.contains(&"/name"), "{rules:?}");
    assert!(rules.contains(&"/inputSchema/properties/a"), "{rules:?}");
    assert!(
        report.to_string().contains("5/90s for each caller"),
        "{report}"
    );
}
