//! `crate = "…"` names the crate where it is not called `mcp_core`.

mod sdk {
    pub mod inner {
        pub use ::mcp_core;
    }
    pub use ::mcp_core::{mcp_prompt, mcp_resource, mcp_tool};
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

fn main() {
    use sdk::inner::mcp_core::{prompts, resources, tools};

    assert_eq!(
        tools![add].len() + resources![book].len() + prompts![deeper::review].len(),
        3
    );
}
