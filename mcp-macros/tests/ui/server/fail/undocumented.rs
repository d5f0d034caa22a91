use mcp_core::prelude::*;

struct Notes(Vec<String>);

#[mcp_server]
impl Notes {
    #[mcp_tool]
    fn count(&self) -> usize {
        self.0.len()
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Vec::new()));
}
