const SOURCE: &str = include_str!("../../src/bin/hello.rs");

#[test]
fn hello_takes_13_lines_of_code_at_most() {
    let lines = SOURCE.lines().map(str::trim);
    let code = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    assert!(code.count() <= 13, "{SOURCE}");
}
