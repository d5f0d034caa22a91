use mcp_core::prelude::*;

struct Notes(Vec<String>);

struct Note;

#[mcp_server]
impl Notes {
    /// Count all notes
    #[mcp_tool]
    fn first(&self) -> Note {
        Note
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Vec::new()));
}
