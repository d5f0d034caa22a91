use mcp_core::prelude::*;

struct Notes(Vec<String>);

#[mcp_server]
impl Notes {
    /// Count all notes
    #[mcp_tool]
    fn count(&self, step: usize) -> usize {
        step * self.0.len()
    }

    #[mcp_complete(count, step)]
    fn indexes(&self, typed: &str) -> Vec<String> {
        vec![format!("{typed}{}", self.0.len())]
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Vec::new()));
}
