/// Add a note
#[mcp_tool]
pub fn add(&self, /** What */ text: String) {
    self.notes.push(text);
}
