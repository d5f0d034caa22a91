use mcp_core::prelude::*;

struct Notes;

impl Notes {
    /// Add a note
    #[mcp_tool]
    fn add(&self, text: String) -> String {
        text
    }
}

fn main() {
    Notes.add(String::new());
}
