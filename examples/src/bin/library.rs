//! A library: state, callers and scopes, checked arguments, structured output, a book, a prompt.

use mcp_core::prelude::*;
use mcp_http::{HttpServer, auth::ApiKeys};

struct Library(Vec<&'static str>);

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Hits {
    reader: String,
    titles: Vec<&'static str>,
}

#[mcp_server(instructions = "Search the catalogue, then read a book.")]
impl Library {
    /// Search the catalogue
    #[mcp_tool(read_only, scopes("books:read"))]
    async fn search(
        &self,
        #[arg(min_len = 1, max_len = 200)] query: String,
        #[arg(default = 10, min = 1, max = 100)] limit: usize,
        who: Identity,
    ) -> Hits {
        let found = self.0.iter().filter(|title| title.contains(&query));
        let titles = found.take(limit).copied().collect();
        let reader = who.subject().to_owned();
        Hits { reader, titles }
    }

    /// One book
    #[mcp_resource("book://{id}")]
    fn book(&self, id: usize) -> Option<String> {
        self.0.get(id).map(|title| format!("# {title}"))
    }

    /// Ask for a review
    #[mcp_prompt]
    fn review(title: String, #[arg(default = "friendly")] tone: String) -> String {
        format!("Write a {tone} review of {title}.")
    }
}

#[tokio::main]
async fn main() -> mcp_http::Result {
    let server = Server::new("library", "1.0.0").service(Library(vec!["Emma", "Ulysses"]));
    let http = HttpServer::new(server).auth(ApiKeys::from_env("LIBRARY_KEYS")?);
    let bound = http.bind("127.0.0.1:8000").await?;
    eprintln!("listening on {}", bound.url());
    bound.serve().await
}

#[cfg(test)]
mod tests {
    use mcp_core::{
        schema::assert_portable,
        testing::{Client, RpcError, mcp_test},
    };
    use serde_json::json;

    use super::*;

    fn server() -> mcp_core::ServerBuilder {
        Server::new("library", "1.0.0").service(Library(vec!["Emma", "Ulysses"]))
    }

    #[mcp_test(server(), over(memory, http))]
    async fn readers_search(client: Client) -> Result<(), RpcError> {
        let ada = Identity::new("ada").with_scopes(["books:read"]);
        let client = client.identity(ada);
        let hits = client.call_tool("search", json!({ "query": "mm" })).await?;
        let hits: serde_json::Value = hits.structured();
        assert_eq!(hits, json!({ "reader": "ada", "titles": ["Emma"] }));
        let refused = client.call_tool("search", json!({ "query": "" })).await?;
        assert!(refused.is_error && refused.text().starts_with("`query`: "));
        Ok(())
    }

    #[mcp_test(server(), over(memory, http))]
    async fn who_may_not_read_is_told_what_is_needed(client: Client) {
        let client = client.identity(Identity::new("bob"));
        let refused = client.call_tool("search", json!({ "query": "mm" })).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("books:read"), "{refused}");
    }

    #[mcp_test(server(), over(memory, stdio, http))]
    async fn books_are_read_and_reviewed(client: Client) -> Result<(), RpcError> {
        let book = client.read_resource("book://1").await?;
        assert_eq!(book[0].as_text(), Some("# Ulysses"));
        assert!(client.read_resource("book://2").await.is_err());
        let prompt = client
            .get_prompt("review", json!({ "title": "Emma" }))
            .await?;
        assert_eq!(
            prompt.messages[0].content,
            Content::text("Write a friendly review of Emma.")
        );
        Ok(())
    }

    #[test]
    fn every_known_client_reads_it() {
        assert_portable(&server().build().unwrap());
    }
}
