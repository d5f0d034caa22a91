use mcp_core::prelude::*;



#[mcp_server]
impl Notes {
    /// Count all notes
    #[mcp_tool]
    fn count(&self) -> usize {
        self.0.len()
    }
}

fn main() {
    
}
