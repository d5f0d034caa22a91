//! What a hundred tools cost a programmer who waits: the time of an incremental build after one
//! function was changed, with the macro and without, as a ratio.
//!
//! `cargo bench -p mcp-macros --bench compile` builds two servers in a folder of its own, and
//! changes one function of each in turns. They have the same functions; in one these are tools, in
//! the other they are only called.

#![expect(clippy::print_stdout, clippy::indexing_slicing, clippy::unwrap_used)]

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

const MODULES: usize = 10;
const IN_A_MODULE: usize = 10;
const TOOLS: usize = MODULES * IN_A_MODULE;
const ROUNDS: usize = 9;

fn main() {
    // `cargo test --benches` asks only whether it runs.
    if !env::args().any(|arg| arg == "--bench") {
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("compile");
    let with = Program::new(&folder.join("with"), true);
    let without = Program::new(&folder.join("without"), false);
    let (mut slow, mut fast) = (Vec::new(), Vec::new());
    for program in [&with, &without] {
        program.build(0);
        println!("first build of its own code: {:?}", program.build_anew());
    }
    for round in 1..=ROUNDS {
        slow.push(with.build(round));
        fast.push(without.build(round));
    }
    let (slow, fast) = (median(slow), median(fast));
    println!("{TOOLS} tools, one function changed, medians of {ROUNDS} rounds in turns:");
    println!("with the macro    {slow:>10.2?}");
    println!("without           {fast:>10.2?}");
    println!(
        "ratio             {:>10.2}",
        slow.as_secs_f64() / fast.as_secs_f64()
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// A package of its own: the same functions, and the same types that derive the same.
struct Program {
    folder: PathBuf,
    is_registered: bool,
}

impl Program {
    fn new(folder: &Path, is_registered: bool) -> Self {
        fs::create_dir_all(folder.join("src")).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let (core, http) = (root.join("mcp-core"), root.join("mcp-http"));
        let manifest = format!(
            "[package]\nname = \"compile\"\nedition = \"2024\"\n[dependencies]\n\
             mcp-core = {{ path = {core:?} }}\nmcp-http = {{ path = {http:?} }}\n\
             schemars = \"1\"\ntokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n[workspace]\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        let _ = fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"));
        Self {
            folder: folder.to_owned(),
            is_registered,
        }
    }

    /// Builds it with one function that was not there in this form before.
    fn build(&self, round: usize) -> Duration {
        self.write("main", &self.main());
        for module in 0..MODULES {
            // What is changed stands in the middle.
            let changed = if module == MODULES / 2 { round } else { 0 };
            self.write(&format!("tools_{module}"), &self.module(module, changed));
        }
        self.cargo()
    }

    /// Writes a file, if that changes it.
    fn write(&self, name: &str, source: &str) {
        let path = self.folder.join("src").join(name).with_extension("rs");
        if fs::read_to_string(&path).is_ok_and(|known| known == source) {
            return;
        }
        fs::write(path, source).unwrap();
    }

    /// Builds all of its own code.
    fn build_anew(&self) -> Duration {
        let clean = ["clean", "--package", "compile", "--offline", "--quiet"];
        let status = Command::new(env!("CARGO"))
            .args(clean)
            .current_dir(&self.folder)
            .status();
        assert!(status.unwrap().success());
        self.cargo()
    }

    fn cargo(&self) -> Duration {
        let start = Instant::now();
        let status = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--quiet"])
            .current_dir(&self.folder)
            .env_remove("CARGO_TARGET_DIR")
            .env("CARGO_INCREMENTAL", "1")
            .status();
        assert!(status.unwrap().success());
        start.elapsed()
    }

    fn main(&self) -> String {
        let mut main = String::from(
            "use mcp_core::prelude::*;\n\
             #[derive(Default)]\npub struct Db { pub books: Vec<(String, u32)> }\n\
             #[derive(serde::Deserialize, schemars::JsonSchema)]\n\
             pub enum Sort { Relevance, Date }\n\
             #[derive(serde::Serialize, schemars::JsonSchema)]\n\
             pub struct Hits { pub titles: Vec<String>, pub total: u32 }\n",
        );
        let modules = (0..MODULES).map(|module| format!("tools_{module}"));
        let modules: Vec<_> = modules.collect();
        for module in &modules {
            writeln!(main, "mod {module};").unwrap();
        }
        let tools = modules.iter().enumerate().flat_map(|(index, module)| {
            (0..IN_A_MODULE).map(move |tool| format!("{module}::tool_{index}_{tool}"))
        });
        let serve = "let server = Server::new(\"compile\", \"1\").state(Db::default())";
        let (tools, calls) = if self.is_registered {
            let tools = tools.collect::<Vec<_>>().join(", ");
            (format!(".tools(tools![{tools}])"), String::new())
        } else {
            // Awaited, so that they are compiled to the end.
            let calls = tools.map(|tool| {
                format!("let _ = {tool}(String::new(), 1, None, State(db.clone())).await;\n")
            });
            (String::new(), calls.collect())
        };
        write!(
            main,
            "async fn all() {{ let db = std::sync::Arc::new(Db::default()); drop(db.clone());\n{calls} }}\n\
             #[tokio::main(flavor = \"current_thread\")]\n\
             async fn main() -> mcp_http::Result {{\nall().await;\n{serve}{tools};\n\
             mcp_http::serve(server, \"127.0.0.1:8000\").await\n}}\n",
        )
        .unwrap();
        main
    }

    fn module(&self, module: usize, changed: usize) -> String {
        let (tool, arg) = if self.is_registered {
            (
                "#[mcp_tool(read_only)]",
                "#[arg(default = 10, min = 1, max = 100)] ",
            )
        } else {
            ("", "")
        };
        let mut source = String::from("use mcp_core::prelude::*;\nuse crate::{Db, Hits, Sort};\n");
        for number in 0..IN_A_MODULE {
            let changed = if number == IN_A_MODULE / 2 {
                changed
            } else {
                0
            };
            write!(
                source,
                "/// Search\n{tool}\npub async fn tool_{module}_{number}(query: String, {arg}limit: u32, \
                 sort: Option<Sort>, db: State<Db>) -> Result<Hits, ToolError> {{\n\
                 if query.is_empty() {{ return Err(ToolError::user(\"an empty query\")); }}\n\
                 let query = query.to_lowercase();\n\
                 let mut found: Vec<_> = db.books.iter().filter(|(title, _)| title.contains(&query)).collect();\n\
                 match sort {{\n\
                 Some(Sort::Date) => found.sort_by_key(|(_, year)| *year),\n\
                 Some(Sort::Relevance) | None => found.sort_by_key(|(title, _)| title.len()),\n}}\n\
                 let total = found.len() as u32 + {changed};\n\
                 let titles = found.into_iter().take(limit as usize).map(|(title, _)| title.clone());\n\
                 Ok(Hits {{ titles: titles.collect(), total }})\n}}\n"
            )
            .unwrap();
        }
        source
    }
}
