use mcp_core::prelude::*;

struct Notes(Vec<String>);

impl Notes {
    /// Begin anew
    #[mcp_tool]
    fn fresh(first: String) -> Self {
        Self(vec![first])
    }
}

fn main() {
    let _ = Notes::fresh(String::new()).0;
}
