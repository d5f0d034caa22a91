//! A crate that calls `mcp-core` something else, and depends on nothing besides.
//!
//! Its lints are the strictest there are: what the macros emit is to break none of them.
#![deny(
    warnings,
    missing_docs,
    unused_qualifications,
    unused_results,
    clippy::pedantic,
    clippy::nursery
)]

use sdk::{prelude::*, BuildError, Service};

/// The order of the hits.
#[derive(
    Clone, Copy, Debug, sdk::serde::Serialize, sdk::serde::Deserialize, sdk::schemars::JsonSchema,
)]
#[serde(crate = "sdk::serde", rename_all = "lowercase")]
#[schemars(crate = "sdk::schemars")]
pub enum Sort {
    /// Best first
    Relevance,
    /// Newest first
    Date,
}

/// What was found.
#[derive(Debug, sdk::serde::Serialize, sdk::schemars::JsonSchema)]
#[serde(crate = "sdk::serde")]
#[schemars(crate = "sdk::schemars")]
pub struct Hits {
    titles: Vec<String>,
    sort: Sort,
}

/// Search the library
#[mcp_tool(
    crate = "sdk",
    read_only,
    timeout = "10s",
    rate_limit = "30/min",
    concurrency = 4
)]
#[must_use]
pub fn search(
    /// Text to look for
    #[arg(min_len = 1)]
    query: String,
    #[arg(default = Sort::Relevance)] sort: Sort,
) -> Hits {
    let titles = vec![query];
    Hits { titles, sort }
}

/// Count all books
#[sdk::mcp_tool(crate = "sdk", blocking)]
#[must_use]
pub fn count() -> u32 {
    7
}

/// One book
#[mcp_resource(
    "book://{id}",
    crate = "sdk",
    mime = "text/plain",
    ttl = "60s",
    cache = "public"
)]
#[must_use]
pub fn book(id: u64) -> Option<String> {
    (id < 9000).then(|| format!("Book {id}"))
}

/// Ask for a review
#[mcp_prompt(crate = "sdk")]
#[must_use]
pub fn review(title: String) -> String {
    format!("Review {title}.")
}

#[mcp_complete(book, id, crate = "sdk")]
fn ids(typed: &str) -> Vec<String> {
    vec![format!("{typed}0")]
}

/// Keeps notes.
#[derive(Debug)]
pub struct Notes<S> {
    shelf: S,
}

#[mcp_server(crate = "sdk", instructions = "Read the notes.")]
impl<S: AsRef<[String]> + Send + Sync> Notes<S> {
    /// Read a note
    #[mcp_tool]
    pub async fn read(&self, index: usize, ctx: Ctx) -> Option<String> {
        let ctx = std::future::ready(ctx).await;
        drop(ctx);
        self.shelf.as_ref().get(index).cloned()
    }

    /// One note
    #[mcp_resource("note://{index}")]
    fn note(&self, index: usize) -> Option<String> {
        self.shelf.as_ref().get(index).cloned()
    }

    #[mcp_complete(note, index)]
    fn indexes(&self, typed: String) -> Vec<String> {
        vec![typed, self.shelf.as_ref().len().to_string()]
    }
}

/// A server of all of them.
///
/// # Errors
/// None that anybody knows of.
pub fn server() -> Result<Server, BuildError> {
    Server::new("renamed", "1.0.0")
        .tools(tools![search, count])
        .resources(resources![book])
        .prompts(prompts![review])
        .completions(completions![ids])
        .service(notes())
        .build()
}

fn notes() -> impl Service {
    Notes {
        shelf: ["a note".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_the_macros_emit_is_found_under_another_name() {
        assert!(server().is_ok());
        let tools = tools![search, count];
        let schema = tools[0].definition().input_schema.to_value().to_string();
        for part in ["Text to look for", r#""default":"relevance""#] {
            assert!(schema.contains(part), "{part} in {schema}");
        }
    }
}
