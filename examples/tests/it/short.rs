//! How little there is to write.

/// Lines of a program that are not blank, comments included and its tests not.
fn lines(source: &str) -> usize {
    let program = source.split("#[cfg(test)]").next().unwrap();
    program
        .lines()
        .filter(|line| !line.trim().is_empty())
        .count()
}

#[test]
fn hello_takes_13_lines_at_most() {
    let source = include_str!("../../src/bin/hello.rs");
    assert!(lines(source) <= 13, "{}", lines(source));
}

#[test]
fn state_callers_scopes_checks_structure_a_resource_and_a_prompt_take_42_lines_at_most() {
    let source = include_str!("../../src/bin/library.rs");
    assert!(lines(source) <= 42, "{}", lines(source));
}
