//! How little there is to build.

use std::process::Command;

/// What the examples are compiled from, with these features.
fn crates(features: &str) -> Vec<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "mcp-examples"])
        .args(["--features", features, "--edges", "normal,build"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    let complaint = String::from_utf8_lossy(&tree.stderr);
    assert!(tree.status.success(), "{complaint}");
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn everything_alone_pays_for_a_validator() {
    let validator = "jsonschema".to_owned();
    assert!(crates("everything").contains(&validator));
    assert!(!crates("").contains(&validator), "{:?}", crates(""));
}
