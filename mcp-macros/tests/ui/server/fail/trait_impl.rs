use mcp_core::prelude::*;

trait Counts {
    fn count(&self) -> usize;
}

struct Notes(Vec<String>);

#[mcp_server]
impl Counts for Notes {
    /// Count all notes
    #[mcp_tool]
    fn count(&self) -> usize {
        self.0.len()
    }
}

fn main() {
    Notes(Vec::new()).count();
}
