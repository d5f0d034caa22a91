use mcp_core::prelude::*;

struct Notes(Vec<String>);

#[mcp_server]
impl Notes {
    /// Ask for a summary
    #[mcp_prompt]
    fn summary(&self, length: u32) -> String {
        format!("{length}: {:?}", self.0)
    }

    #[mcp_complete(summary, words)]
    fn indexes(&self, typed: &str) -> Vec<String> {
        vec![format!("{typed}{}", self.0.len())]
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Vec::new()));
}
