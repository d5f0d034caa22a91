use mcp_core::prelude::*;

struct Notes(Vec<String>);

#[mcp_server]
impl Notes {
    /// Count all notes
    #[mcp_tool]
    async fn count(&self) -> usize {
        let shared = std::rc::Rc::new(self.0.len());
        std::future::ready(()).await;
        *shared
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(Vec::new()));
}
