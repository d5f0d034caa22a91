#[allow(
    clippy::missing_const_for_fn,
    clippy::needless_pass_by_value,
    clippy::too_many_arguments
)]
/// Add a note
pub fn add(&self, text: String) {
    self.notes.push(text);
}
::core::compile_error! {
    "a method needs `#[mcp_server]` on its `impl` block"
}
