//! What clients are told of each kind of type: the tables of the guide, made from types.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    env, fs,
    net::IpAddr,
    num::NonZeroU8,
    path::{Path, PathBuf},
    time::Duration,
};

use mcp_core::{
    Tool,
    handler::{Answer, Argument, Declaration, Param, Reply, ToolOutput},
    prelude::*,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

macro_rules! types {
    ($($item:item)+) => {$(
        #[derive(Deserialize, JsonSchema, Serialize)]
        #[allow(dead_code, reason = "only their schemas are looked at")]
        $item
    )+};
}

types! {
    #[serde(rename_all = "lowercase")]
    enum Plain { One, Two }

    /// How to sort.
    #[serde(rename_all = "lowercase")]
    enum Sort {
        /// Best first
        Relevance,
        /// Newest first
        Date,
    }

    /// A point.
    struct Point { x: i32, y: Option<i32> }

    struct Metres(f64);

    struct Tree { name: String, children: Vec<Tree> }

    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Shape {
        /// Round
        Circle { radius: f64 },
        /// Four corners
        Rect { width: f64, height: Option<f64> },
    }

    #[serde(rename_all = "lowercase")]
    enum External { Text(String), Point(Point) }

    #[serde(tag = "t", content = "c", rename_all = "lowercase")]
    enum Adjacent { Count(u32), Nothing }

    #[serde(untagged)]
    enum Untagged { Number(u32), Text(String) }

    #[serde(untagged)]
    enum ById { Id { id: u64, exact: bool }, Name { name: String, exact: bool } }

    struct Draw { #[serde(flatten)] shape: Shape, colour: String }

    struct Open { name: String, #[serde(flatten)] rest: HashMap<String, Value> }

    #[serde(deny_unknown_fields)]
    struct Closed { name: String }

    struct Defaults { #[serde(default)] limit: u32, #[serde(default)] year: Option<u32>, when: When }

    #[schemars(extend("format" = "date-time"))]
    struct When(String);

    struct Empty {}
}

/// One argument of a tool, as clients are told.
fn argument<P: Param<M>, M>() -> Value {
    let declaration = Declaration::default().param::<P, _>(Argument::new("x"));
    let schema = published(declaration);
    match schema.get("$defs") {
        Some(definitions) => json!({ "x": schema["properties"]["x"], "$defs": definitions }),
        None => schema["properties"]["x"].clone(),
    }
}

/// All arguments of a tool, as clients are told.
fn arguments<P: Param<M>, M>() -> Value {
    published(Declaration::default().param::<P, _>(Argument::default()))
}

fn published(declaration: Declaration) -> Value {
    let tool = Tool::builder("tool")
        .declared(declaration)
        .invoke(|_| Ok(Reply::ready(Ok(Answer::CallTool(ToolOutput::text(""))))));
    tool.definition().input_schema.to_value()
}

/// The rows of a table: a type, and what clients are told of it.
macro_rules! rows {
    ($make:ident: $($($shown:literal =>)? $kind:ty;)+) => {
        vec![$((rows!(@ $($shown)? stringify!($kind)), $make::<$kind, _>())),+]
    };
    (@ $shown:literal $kind:expr) => { $shown };
    (@ $kind:expr) => { $kind };
}

fn one_argument() -> Vec<(&'static str, Value)> {
    rows! { argument:
        bool;
        u8;
        u32;
        i64;
        f64;
        NonZeroU8;
        char;
        String;
        PathBuf;
        IpAddr;
        Duration;
        "a string of `format: date-time`, as `chrono` has it" => When;
        Option<u32>;
        Option<Option<String>>;
        Vec<String>;
        [u32; 2];
        BTreeSet<String>;
        (String, u32);
        (u32, u32);
        BTreeMap<String, u32>;
        BTreeMap<u32, String>;
        Value;
        Vec<Value>;
        "newtype `struct Metres(f64)`" => Metres;
        "documented `struct Point { x: i32, y: Option<i32> }`" => Point;
        Option<Point>;
        "`enum Plain { One, Two }`" => Plain;
        Option<Plain>;
        "documented `enum Sort { Relevance, Date }`" => Sort;
        Option<Sort>;
        "`#[serde(tag = \"kind\")] enum Shape { Circle { radius: f64 }, Rect { width: f64, height: Option<f64> } }`" => Shape;
        "`#[serde(tag = \"t\", content = \"c\")] enum Adjacent { Count(u32), Nothing }`" => Adjacent;
        "`enum External { Text(String), Point(Point) }`" => External;
        "`#[serde(untagged)] enum Untagged { Number(u32), Text(String) }`" => Untagged;
        "recursive `struct Tree { name: String, children: Vec<Tree> }`" => Tree;
    }
}

fn all_arguments() -> Vec<(&'static str, Value)> {
    let none = ("no arguments", published(Declaration::default()));
    let mut rows = rows! { arguments:
        "`struct Empty {}`" => Args<Empty>;
        "`struct Defaults { #[serde(default)] limit: u32, #[serde(default)] year: Option<u32>, .. }`" => Args<Defaults>;
        "`#[serde(deny_unknown_fields)] struct Closed { name: String }`" => Args<Closed>;
        "`struct Open { name: String, #[serde(flatten)] rest: HashMap<String, Value> }`" => Args<Open>;
        "`Shape`, as above" => Args<Shape>;
        "`struct Draw { #[serde(flatten)] shape: Shape, colour: String }`" => Args<Draw>;
        "`External`, as above" => Args<External>;
        "`Adjacent`, as above" => Args<Adjacent>;
        "`#[serde(untagged)] enum ById { Id { id: u64, exact: bool }, Name { name: String, exact: bool } }`" => Args<ById>;
        "`Tree`, as above" => Args<Tree>;
        "`HashMap<String, u32>`" => Args<HashMap<String, u32>>;
    };
    rows.insert(0, none);
    rows
}

fn table(rows: &[(&str, Value)]) -> String {
    let mut text = String::from("| Rust | schema |\n|---|---|\n");
    for (kind, schema) in rows {
        let kind = match kind.contains('`') || kind.contains(' ') && !kind.contains(['<', '(', '['])
        {
            true => (*kind).to_owned(),
            false => format!("`{kind}`"),
        };
        let schema = schema.to_string().replace('|', "\\|");
        // Code that has a backtick in it stands between two.
        let fence = if schema.contains('`') { "``" } else { "`" };
        text.push_str(&format!("| {kind} | {fence}{schema}{fence} |\n"));
    }
    text
}

/// Both tables stand in the guide as they are; `BLESS=1` writes them there.
#[test]
fn the_guide_shows_what_clients_are_told() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("guide/schema_reference.md");
    let guide = fs::read_to_string(&path).unwrap();
    let mut wanted = guide.clone();
    for (name, rows) in [("argument", one_argument()), ("arguments", all_arguments())] {
        let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let from = wanted.find(&start).expect(&start) + start.len();
        let to = wanted.find(&end).expect(&end);
        wanted.replace_range(from..to, &table(&rows));
    }
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &wanted).unwrap();
        return;
    }
    assert_eq!(guide, wanted, "run it again with BLESS=1");
}
