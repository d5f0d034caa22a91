use mcp_core::prelude::*;

struct Notes(Vec<String>);

#[mcp_server]
impl Notes {
    /// Count all notes
    #[mcp_tool]
    fn count(&self) -> usize {
        self.0.len()
    }
}

#[mcp_server]
impl Notes {
    /// Read all notes
    #[mcp_tool]
    fn all(&self) -> String {
        self.0.concat()
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Vec::new()));
}
