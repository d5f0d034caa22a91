use mcp_core::prelude::*;

struct Notes(Vec<String>);

#[mcp_server]
impl Notes {
    /// Count all notes
    #[mcp_prompt(name = "reviews")]
    fn review(&self) -> String {
        self.0.concat()
    }

    /// Count all notes
    #[mcp_prompt]
    fn reviews(&self) -> String {
        self.0.concat()
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Vec::new()));
}
