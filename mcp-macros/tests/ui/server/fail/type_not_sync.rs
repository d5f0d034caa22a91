use std::cell::Cell;

use mcp_core::prelude::*;

struct Notes(Cell<usize>);

#[mcp_server]
impl Notes {
    /// Count all notes
    #[mcp_tool]
    fn count(&self) -> usize {
        self.0.get()
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Cell::new(0)));
}
