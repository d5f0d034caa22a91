//! What the documents say of the sources, held against them.

use std::{
    fs,
    path::{Path, PathBuf},
};

const KRATES: [&str; 4] = ["mcp-core", "mcp-macros", "mcp-http", "examples"];

fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap()
}

/// All files below a folder of the workspace whose names end like this, by where they are in it.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![workspace().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let text = path.strip_prefix(workspace()).unwrap().to_str().unwrap();
            if path.is_dir() && !path.ends_with("node_modules") {
                folders.push(path);
            } else if text.ends_with(ending) {
                found.push(text.replace('\\', "/"));
            }
        }
    }
    found
}

/// What stands between these two, each time.
fn between<'a>(text: &'a str, begin: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    let parts = text.split(begin).skip(1);
    parts.filter_map(move |part| Some(part.split_once(end)?.0))
}

#[track_caller]
fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn every_test_that_the_table_of_the_specification_names_is_there() {
    let table = read("docs/SPEC.md");
    // The text above it explains how tests are named.
    let (_, table) = table.split_once("\n## ").unwrap();
    let sources: Vec<(String, String)> = KRATES
        .iter()
        .flat_map(|krate| files(krate, ".rs"))
        .map(|path| (path.trim_end_matches(".rs").to_owned(), read(&path)))
        .collect();
    let is_there = |name: &str| {
        let (krate, path) = name.split_once("::")?;
        let krate = match krate {
            "examples" => "examples/".to_owned(),
            _ => format!("mcp-{krate}/"),
        };
        let (module, test) = path.rsplit_once("::").unwrap_or((path, ""));
        let module = module.trim_end_matches("::tests").replace("::", "/");
        let places = [
            format!("/{module}"),
            format!("/{module}/mod"),
            format!("/{module}/tests"),
        ];
        let function = format!("fn {test}(");
        sources.iter().find(|(path, text)| {
            path.starts_with(&krate)
                && places.iter().any(|place| path.ends_with(place))
                && (test.is_empty() || text.contains(&function))
        })
    };
    let named: Vec<&str> = between(table, "`mcp_", '`').collect();
    assert!(named.len() > 100, "{}", named.len());
    let missing = named.iter().filter(|name| is_there(name).is_none());
    let missing: Vec<String> = missing.map(|name| format!("mcp_{name}")).collect();
    assert_none(&missing, "docs/SPEC.md names tests that are not there");
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut dead = Vec::new();
    let mut documents = files("docs", ".md");
    documents.extend(files("mcp-core/guide", ".md"));
    documents.extend(files("examples", "README.md"));
    documents.extend(
        [
            "README.md",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "SECURITY.md",
        ]
        .map(str::to_owned),
    );
    for document in documents {
        let text = read(&document);
        let folder = workspace().join(&document).parent().unwrap().to_owned();
        let references = text
            .lines()
            .filter_map(|line| Some(line.strip_prefix('[')?.split_once("]: ")?.1));
        for link in between(&text, "](", ')').chain(references) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            if path.contains("://") {
                continue;
            }
            let target = match path {
                "" => workspace().join(&document),
                _ => folder.join(path),
            };
            let is_there = target.exists()
                && (anchor.is_empty()
                    || headings(&fs::read_to_string(&target).unwrap()).any(|name| name == anchor));
            if !is_there {
                dead.push(format!("{document}: {link}"));
            }
        }
    }
    assert_none(&dead, "links that lead nowhere");
}

/// A link between chapters is a reference: as a file it leads to the file, in the documentation of the
/// crate to the page.
#[test]
fn every_link_between_chapters_of_the_guide_leads_to_a_page_as_well() {
    let pages = read("mcp-core/src/docs/guide_links.md");
    let pages: Vec<&str> = pages.lines().collect();
    let mut wrong = Vec::new();
    let mut used = Vec::new();
    for chapter in files("mcp-core/guide", ".md") {
        if chapter.ends_with("SUMMARY.md") {
            continue;
        }
        let text = read(&chapter);
        let inline = between(&text, "](", ')').filter(|link| !link.contains("://"));
        wrong.extend(inline.map(|link| format!("{chapter}: {link} is no reference")));
        for label in between(&text, "][", ']') {
            let (file, anchor) = label.split_once('#').unwrap_or((label, ""));
            let anchor = if anchor.is_empty() {
                String::new()
            } else {
                format!("#{anchor}")
            };
            let as_file = format!("\n[{label}]: {file}.md{anchor}\n");
            let as_page = format!("[{label}]: crate::guide::{label}");
            if !text.contains(&as_file) || !pages.contains(&as_page.as_str()) {
                wrong.push(format!(
                    "{chapter}: [{label}] is not defined there and in guide_links.md"
                ));
            }
            used.push(as_page);
        }
    }
    let idle = pages
        .iter()
        .filter(|page| !used.iter().any(|used| used == *page));
    wrong.extend(idle.map(|page| format!("{page} is used nowhere")));
    assert_none(&wrong, "links between chapters");
}

/// Headings as links know them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| {
        let name = line.trim_start_matches('#').trim().to_lowercase();
        let kept = name
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().replace(' ', "-")
    })
}

#[test]
fn the_map_names_every_room_and_no_file_that_is_gone() {
    let text = read("docs/ARCHITECTURE.md");
    let (_, map) = text.split_once("## The map\n```text\n").unwrap();
    let (map, _) = map.split_once("\n```").unwrap();
    let words: Vec<&str> = map
        .split(|c: char| c.is_whitespace() || ",;:()`".contains(c))
        .map(|word| word.trim_end_matches('.'))
        .collect();
    let mut wrong = Vec::new();
    let mut known = Vec::new();
    for krate in ["mcp-core", "mcp-macros", "mcp-http"] {
        let root = format!("{krate}/src/");
        for path in files(&root, ".rs") {
            let inside = path.strip_prefix(&root).unwrap();
            let file = inside.rsplit('/').next().unwrap();
            let room = match inside.rsplit_once('/') {
                None => file.to_owned(),
                Some((folder, _)) => format!("{}/", folder.rsplit('/').next().unwrap()),
            };
            let is_named = |word: &&str| *word == room || word.ends_with(&format!("/{room}"));
            if room != "lib.rs" && !words.iter().any(is_named) {
                wrong.push(format!("{path} is in no room of the map"));
            }
            known.push(file.to_owned());
        }
    }
    for word in words.iter().filter(|word| word.ends_with(".rs")) {
        let file = word.rsplit('/').next().unwrap();
        if !known.iter().any(|known| known == file) {
            wrong.push(format!("{word} is not there"));
        }
    }
    assert_none(&wrong, "the map of docs/ARCHITECTURE.md");
}
