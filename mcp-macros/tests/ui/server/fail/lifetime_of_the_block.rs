use mcp_core::prelude::*;

struct Notes<'a>(&'a [String]);

#[mcp_server]
impl<'a> Notes<'a> {
    /// Count all notes
    #[mcp_tool]
    fn count(&self) -> usize {
        self.0.len()
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(&[]));
}
