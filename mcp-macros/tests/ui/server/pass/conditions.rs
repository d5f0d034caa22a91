//! A method that is configured away is not registered, and its completions go with it.
use mcp_core::prelude::*;

struct Notes;

#[mcp_server]
impl Notes {
    /// On this one
    #[cfg(all())]
    #[mcp_tool]
    fn place(&self) -> &'static str {
        "here"
    }

    /// On that one
    #[mcp_tool]
    #[cfg(any())]
    fn place(&self, absent: Absent) -> Absent {
        absent
    }

    /// Under one name
    #[cfg(any())]
    #[mcp_tool(name = "system")]
    fn system_of_windows(&self) {}

    /// Under one name
    #[cfg(all())]
    #[cfg_attr(any(), doc = "nothing")]
    #[mcp_tool(name = "system")]
    fn system_of_unix(&self) {}

    /// Nowhere
    #[cfg(any())]
    #[mcp_prompt]
    fn nowhere(&self, absent: Absent) -> String {
        absent
    }

    #[cfg(any())]
    #[mcp_complete(nowhere, absent)]
    fn nowhere_completed(&self, typed: Absent) -> Absent {
        typed
    }

    /// One note
    #[cfg(any())]
    #[mcp_resource("note://{number}")]
    fn note(&self, number: u64) -> String {
        number.to_string()
    }

    /// One note
    #[cfg(all())]
    #[mcp_resource("memo://{number}")]
    fn note(&self, number: u64) -> String {
        number.to_string()
    }

    #[mcp_complete(note, number)]
    fn numbers(&self, typed: &str) -> Vec<String> {
        vec![typed.to_owned()]
    }

    #[cfg(any())]
    fn helper(&self) -> Absent {}
}

fn main() {
    let server = Server::new("notes", "1").service(Notes).build();
    assert!(server.is_ok(), "{server:?}");
}
