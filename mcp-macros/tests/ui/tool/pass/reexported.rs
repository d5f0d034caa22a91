//! `crate = "…"` names the crate where it is not called `mcp_core`.

mod sdk {
    pub mod inner {
        pub use ::mcp_core;
    }
    pub use ::mcp_core::{mcp_complete, mcp_prompt, mcp_resource, mcp_server, mcp_tool};
}

/// Add two numbers
#[sdk::mcp_tool(crate = "sdk::inner::mcp_core")]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// A book
#[sdk::mcp_resource("book://{id}", crate = "crate::sdk::inner::mcp_core")]
fn book(id: u64) -> String {
    id.to_string()
}

mod deeper {
    /// Ask for a review
    #[crate::sdk::mcp_prompt(crate = "super::sdk::inner::mcp_core")]
    pub(super) fn review(title: String) -> String {
        title
    }
}

#[sdk::mcp_complete(book, id, crate = "sdk::inner::mcp_core")]
fn ids(typed: &str) -> Vec<String> {
    vec![typed.to_owned()]
}

struct Notes;

#[sdk::mcp_server(crate = "sdk::inner::mcp_core")]
impl Notes {
    /// One note
    #[sdk::mcp_resource("note://{id}")]
    fn note(&self, id: u64) -> String {
        id.to_string()
    }

    #[sdk::mcp_complete(note, id)]
    fn ids(&self, typed: &str) -> Vec<String> {
        ids(typed)
    }
}

fn main() {
    use sdk::inner::mcp_core::{Server, completions, prompts, resources, tools};

    let server = Server::new("reexported", "1")
        .tools(tools![add])
        .resources(resources![book])
        .prompts(prompts![deeper::review])
        .completions(completions![ids])
        .service(Notes)
        .build();
    assert!(server.is_ok(), "{server:?}");
}
