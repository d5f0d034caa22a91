//! What compiles, and what the compiler says of what does not.
//!
//! `TRYBUILD=overwrite cargo test -p mcp-macros --test ui` writes the messages anew; read them.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    for kind in ["tool", "resource", "prompt", "complete", "server"] {
        cases.pass(format!("tests/ui/{kind}/pass/*.rs"));
        cases.compile_fail(format!("tests/ui/{kind}/fail/*.rs"));
    }
    // What passes is run: `mcp-core/tests/testing`.
    cases.compile_fail("tests/ui/test/fail/*.rs");
}
