use mcp_core::prelude::*;

struct Notes(Vec<String>);

#[mcp_server]
impl Notes {
    /// Count all notes
    #[mcp_tool]
    fn first(&self) -> &str {
        self.0.first().map_or("", |note| note)
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Vec::new()));
}
