use mcp_core::prelude::*;

struct Notes<T>(Vec<T>);

#[mcp_server]
impl<T> Notes<T> {
    /// Count all notes
    #[mcp_tool]
    fn first(&self) -> Option<String>
    where
        T: ToString,
    {
        self.0.first().map(ToString::to_string)
    }
}

fn main() {
    let _ = Server::new("notes", "1").service(Notes(vec![1]));
}
