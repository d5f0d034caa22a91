/// Add a note
pub fn add(&self, text: String) {
    self.notes.push(text);
}
::core::compile_error! {
    "`self` is only supported inside `#[mcp_server] impl`"
}
