//! What the layout promises, looked up in the sources.
//!
//! Comments and tests may name what they like; what is compiled may not.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Where a file may name a revision or compare one.
const REVISION_ROOMS: [&str; 4] = ["era/", "legacy/", "modern/", "version.rs"];

/// How many lines a file of sources may have before it is two ideas.
const LONGEST: usize = 700;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// A source file: where it is below `src`, and its code without comments and tests.
struct Source {
    krate: &'static str,
    path: String,
    code: Vec<(usize, String)>,
    lines: usize,
}

impl Source {
    /// The lines of code that hold any of these words.
    fn lines_with(&self, words: &[&str]) -> Vec<String> {
        let found = self
            .code
            .iter()
            .filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found
            .map(|(number, line)| {
                format!("{}/src/{}:{number}: {}", self.krate, self.path, line.trim())
            })
            .collect()
    }
}

fn sources(krates: &[&'static str]) -> Vec<Source> {
    let mut sources = Vec::new();
    for krate in krates {
        let root = workspace().join(krate).join("src");
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs")
                    && path.file_name().is_some_and(|name| name != "tests.rs")
                {
                    let text = fs::read_to_string(&path).unwrap();
                    let path = path.strip_prefix(&root).unwrap();
                    sources.push(Source {
                        krate,
                        path: path.to_str().unwrap().replace('\\', "/"),
                        code: code(&text),
                        lines: text.lines().count(),
                    });
                }
            }
        }
    }
    assert!(!sources.is_empty());
    sources
}

/// Lines without comments, up to the tests at the foot of the file.
fn code(text: &str) -> Vec<(usize, String)> {
    let numbered = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    let before_tests = numbered.take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    let code = before_tests.map(|(number, line)| (number, without_comment(line)));
    code.filter(|(_, line)| !line.trim().is_empty()).collect()
}

fn without_comment(line: &str) -> String {
    let mut in_string = false;
    let mut previous = ' ';
    for (at, c) in line.char_indices() {
        match c {
            '"' if previous != '\\' && previous != '\'' => in_string = !in_string,
            '/' if !in_string && previous == '/' => return line[..at - 1].to_owned(),
            _ => {}
        }
        previous = c;
    }
    line.to_owned()
}

#[track_caller]
fn assert_none(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn comments_and_tests_are_no_code() {
    let text = "//! docs\nlet a = \"http://x\"; // why\n/// more\nlet b = 1;\n\n#[cfg(test)]\nmod tests {}\n";
    let code = code(text);
    assert_eq!(
        code,
        [
            (2, "let a = \"http://x\"; ".to_owned()),
            (4, "let b = 1;".to_owned())
        ]
    );
}

/// What `mcp-core` is compiled with, all of its features on.
#[test]
fn mcp_core_depends_on_no_transport() {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--package",
            "mcp-core",
            // `stdio` alone does any I/O.
            "--features",
            "forward,validate",
        ])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(workspace())
        .output()
        .expect("cargo");
    let complaint = String::from_utf8_lossy(&tree.stderr);
    assert!(tree.status.success(), "{complaint}");
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: BTreeSet<&str> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(crates.contains("serde_json"), "{crates:?}");
    for transport in [
        "mcp-http",
        "hyper",
        "hyper-util",
        "http",
        "http-body",
        "h2",
        "tower",
        // tokio's threads run what blocks, without its sockets.
        "mio",
        "axum",
        "reqwest",
        "async-std",
        "smol",
    ] {
        assert!(
            !crates.contains(transport),
            "mcp-core needs `{transport}`: {crates:?}"
        );
    }
}

#[test]
fn revisions_are_named_and_compared_in_their_own_rooms_only() {
    let words = [
        "V2025",
        "V2026",
        "LATEST_LEGACY",
        "2024-11-05",
        "2025-03-26",
        "2025-06-18",
        "2025-11-25",
        "2026-07-28",
    ];
    let found = sources(&["mcp-core", "mcp-macros", "mcp-http"])
        .iter()
        .filter(|source| {
            !REVISION_ROOMS
                .iter()
                .any(|room| source.path.starts_with(room))
        })
        .flat_map(|source| source.lines_with(&words))
        .collect();
    assert_none(found, "a revision is named elsewhere");
    let compared = sources(&["mcp-core", "mcp-macros", "mcp-http"])
        .iter()
        .filter(|source| {
            !REVISION_ROOMS
                .iter()
                .any(|room| source.path.starts_with(room))
        })
        .flat_map(|source| {
            source.lines_with(&[
                "ProtocolVersion::",
                "version >",
                "version <",
                "version ==",
                "version()",
            ])
        })
        .collect();
    assert_none(compared, "a revision is compared elsewhere");
}

#[test]
fn handlers_registries_dispatch_and_macros_name_no_era() {
    let rooms = [
        "handler/",
        "limit/",
        "registry/",
        "schema/",
        "dispatch.rs",
        "context.rs",
        "uri_template/",
        "types/",
    ];
    let words = [
        "legacy",
        "Legacy",
        "modern",
        "Modern",
        "era::",
        "ProtocolVersion",
    ];
    let found = sources(&["mcp-core", "mcp-macros"])
        .iter()
        .filter(|source| {
            // The test macro makes one test an era.
            source.krate == "mcp-macros" && source.path != "test.rs"
                || rooms.iter().any(|room| source.path.starts_with(room))
        })
        .flat_map(|source| source.lines_with(&words))
        .collect();
    assert_none(found, "an era is named where none is known");
}

#[test]
fn http_asks_for_an_era_in_its_own_room_only() {
    let found = sources(&["mcp-http"])
        .iter()
        .filter(|source| {
            let path = source.path.as_str();
            // Where it is built and where it is driven.
            let driven = ["legacy/", "modern/"]
                .iter()
                .any(|room| path.starts_with(room));
            !driven && !["config.rs", "service.rs", "testing.rs"].contains(&path)
        })
        .flat_map(|source| source.lines_with(&["era::", "Legacy", "Modern"]))
        .collect();
    assert_none(found, "an era is asked for elsewhere");
}

/// A message that is turned back into a `Value` was parsed twice.
#[test]
fn nobody_turns_a_message_back_into_a_value() {
    // Schemas, results, defaults, examples, what text spells, what travels with a definition and a
    // server's name are no messages.
    let rooms = [
        "handler/argument.rs",
        "handler/output.rs",
        "handler/param.rs",
        "handler/text.rs",
        "registry/meta.rs",
        "schema/mod.rs",
        "era/modern/seal.rs",
    ];
    let found = sources(&["mcp-core", "mcp-http"])
        .iter()
        .filter(|source| !rooms.iter().any(|room| source.path.starts_with(room)))
        .flat_map(|source| {
            source.lines_with(&[
                "json::to_value(",
                "from_slice::<Value>",
                "from_str::<Value>",
            ])
        })
        .collect();
    assert_none(found, "`to_value` on what may be a message");
}

#[test]
fn one_room_knows_the_words_of_json_rpc() {
    let found = sources(&["mcp-core", "mcp-http", "mcp-macros"])
        .iter()
        .filter(|source| !source.path.starts_with("jsonrpc/"))
        .flat_map(|source| source.lines_with(&[r#""jsonrpc""#, r#"\"jsonrpc\""#]))
        .collect();
    assert_none(found, "`jsonrpc` outside its room");
}

#[test]
fn mcp_core_names_no_transport() {
    // But for the one that needs nothing but two streams, what tests are run by, the threads that run
    // what blocks, the clock of limits, and its errors.
    let rooms = [
        "stdio/",
        "testing/",
        "handler/blocking.rs",
        "handler/known.rs",
        "limit/",
    ];
    let found = sources(&["mcp-core"])
        .iter()
        .filter(|source| !rooms.iter().any(|room| source.path.starts_with(room)))
        .flat_map(|source| {
            source.lines_with(&["hyper", "http::", "tokio", "StatusCode", "HeaderMap"])
        })
        .collect();
    assert_none(found, "a transport is named");
}

#[test]
fn a_file_is_one_idea() {
    let found = sources(&["mcp-core", "mcp-macros", "mcp-http"])
        .iter()
        .filter(|source| {
            let code = source.code.last().map_or(0, |(number, _)| *number);
            code > LONGEST
        })
        .map(|source| {
            format!(
                "{}/src/{}: {} lines",
                source.krate, source.path, source.lines
            )
        })
        .collect();
    assert_none(found, "too long");
}

#[test]
fn lib_rs_is_a_table_of_contents() {
    for source in sources(&["mcp-core", "mcp-http", "mcp-macros"]) {
        if source.path != "lib.rs" {
            continue;
        }
        // Attribute macros must stand there: an entry point of one line each.
        let words: &[&str] = match source.krate {
            "mcp-macros" => &["if ", "match ", "for ", "struct ", "impl ", "let "],
            _ => &[
                "fn ",
                "struct ",
                "enum ",
                "impl ",
                "trait ",
                "macro_rules",
                "let ",
                "static ",
            ],
        };
        let mut found = source.lines_with(words);
        // Where the examples of the README and the guide are compiled.
        found.retain(|line| {
            !["struct Readme;", "struct Guide;"]
                .iter()
                .any(|it| line.ends_with(it))
        });
        assert_none(found, "logic in lib.rs");
    }
}

#[test]
fn folders_start_at_mod_rs_and_nothing_is_called_utils() {
    let found = sources(&["mcp-core", "mcp-macros", "mcp-http"])
        .iter()
        .filter(|source| {
            let file = source.path.rsplit('/').next().unwrap_or_default();
            ["utils.rs", "util.rs", "helpers.rs", "common.rs", "misc.rs"].contains(&file)
        })
        .map(|source| source.path.clone())
        .collect();
    assert_none(found, "a name that says nothing");
}

#[test]
fn nothing_is_exported_by_a_glob() {
    let found = sources(&["mcp-core", "mcp-macros", "mcp-http"])
        .iter()
        .flat_map(|source| source.lines_with(&["::*"]))
        .filter(|line| line.contains("pub use"))
        .collect();
    assert_none(found, "one public path per type");
}

/// Peers are told the reference of an internal error, made in one place.
#[test]
fn nothing_is_printed_and_no_error_is_told_by_its_debug_form() {
    let found = sources(&["mcp-core", "mcp-http"])
        .iter()
        .flat_map(|source| {
            source.lines_with(&["println!", "eprintln!", "dbg!(", "{error:?}", "{err:?}"])
        })
        .collect();
    assert_none(found, "printed, or told by `Debug`");
}

#[test]
fn every_chapter_of_the_guide_is_in_its_summary_and_its_programs_are_run() {
    let read = |path: &str| fs::read_to_string(workspace().join(path)).unwrap();
    let summary = read("mcp-core/guide/SUMMARY.md");
    let (core, http) = (read("mcp-core/src/guide.rs"), read("mcp-http/src/lib.rs"));
    for entry in fs::read_dir(workspace().join("mcp-core/guide")).unwrap() {
        let path = entry.unwrap().path();
        let chapter = path.file_stem().unwrap().to_str().unwrap();
        if chapter == "SUMMARY" {
            continue;
        }
        let line = format!("({chapter}.md)");
        assert!(summary.contains(&line), "`{chapter}` is not in SUMMARY.md");
        let is_page = core.split_whitespace().any(|word| word == chapter);
        assert!(is_page, "`{chapter}` is not in guide.rs");
        let text = fs::read_to_string(&path).unwrap();
        let programs = text
            .split("```rust")
            .skip(1)
            .filter_map(|it| it.split("```").next());
        let needs_http = programs.clone().any(|program| program.contains("mcp_http"));
        assert_eq!(
            needs_http,
            http.contains(&format!("/{chapter}.md")),
            "`{chapter}` in mcp-http"
        );
    }
}
