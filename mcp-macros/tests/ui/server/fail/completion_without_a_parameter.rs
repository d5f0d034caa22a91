use mcp_core::prelude::*;

struct Notes(Vec<String>);

#[mcp_server]
impl Notes {
    /// One note
    #[mcp_resource("note://{index}")]
    fn note(&self, index: usize) -> Option<String> {
        self.0.get(index).cloned()
    }

    #[mcp_complete(note, index)]
    fn indexes(&self) -> Vec<String> {
        vec![self.0.len().to_string()]
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Vec::new()));
}
