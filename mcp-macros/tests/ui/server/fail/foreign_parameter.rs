use mcp_core::prelude::*;

struct Notes(Vec<String>);

struct Query;

#[mcp_server]
impl Notes {
    /// Count all notes
    #[mcp_tool]
    fn count(&self, query: Query) -> usize {
        let _ = query;
        self.0.len()
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Vec::new()));
}
