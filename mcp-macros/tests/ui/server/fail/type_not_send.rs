use std::rc::Rc;

use mcp_core::prelude::*;

struct Notes(Rc<str>);

#[mcp_server]
impl Notes {
    /// Count all notes
    #[mcp_tool]
    fn count(&self) -> usize {
        self.0.len()
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes("".into()));
}
