use mcp_core::prelude::*;

struct Notes(Vec<String>);

#[mcp_server]
impl Notes {
    /// One note
    #[mcp_resource("note://{index}")]
    fn note(&self, index: usize) -> Option<String> {
        self.0.get(index).cloned()
    }

    #[mcp_complete(notes, index)]
    fn indexes(&self, typed: &str) -> Vec<String> {
        vec![format!("{typed}{}", self.0.len())]
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Vec::new()));
}
