//! How little there is to write.

/// Lines of a program as the README shows it: without the blank ones, the heading of its file, and its
/// tests.
fn lines(source: &str) -> usize {
    let program = source.split("#[cfg(test)]").next().unwrap();
    let shown = program.lines().filter(|line| !line.starts_with("//!"));
    shown.filter(|line| !line.trim().is_empty()).count()
}

#[test]
fn hello_takes_14_lines_at_most() {
    let source = include_str!("../../src/bin/hello.rs");
    assert!(lines(source) <= 14, "{}", lines(source));
}

#[test]
fn state_callers_scopes_checks_structure_a_resource_and_a_prompt_take_42_lines_at_most() {
    let source = include_str!("../../src/bin/library.rs");
    assert!(lines(source) <= 42, "{}", lines(source));
}
