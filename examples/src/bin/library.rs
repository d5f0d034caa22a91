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
    let library = Library(vec!["Emma", "Persuasion", "Ulysses"]);
    let server = Server::new("library", "1.0.0").service(library);
    let http = HttpServer::new(server).auth(ApiKeys::from_env("LIBRARY_KEYS")?);
    http.serve("127.0.0.1:8000").await
}
