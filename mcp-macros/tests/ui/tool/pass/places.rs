//! Functions are where they like to be.
use mcp_core::prelude::*;

macro_rules! adder {
    ($(#[$docs:meta])* $name:ident, $by:expr, $number:ty, $title:literal) => {
        $(#[$docs])*
        #[mcp_tool(title = $title)]
        fn $name(number: $number, #[arg(default = $by, description = $title)] by: $number) -> $number {
            number + by
        }
    };
}

adder! {
    /// Add one
    add_one, 1, i64, "One"
}
adder! {
    /// Add a half
    add_half, 0.5, f64, "Half"
}

#[allow(non_camel_case_types, dead_code)]
enum search {
    Nothing,
}

/// Search
#[mcp_tool(ident = search_tool)]
fn search(query: String) -> String {
    query
}

/// Never there
#[cfg(any())]
#[mcp_tool]
fn absent(query: Absent) -> Absent {
    query
}

/// Never there either
#[mcp_tool]
#[cfg(any())]
fn absent(query: Absent) -> Absent {
    query
}

struct Notes;

impl Notes {
    const TITLE: &'static str = "Notes";
    const ABOUT: &'static str = "What notes are";
}

#[mcp_tool(title = Notes::TITLE, description = Notes::ABOUT)]
fn notes() {}

#[doc = include_str!("places.md")]
/// And a line.
#[mcp_tool]
fn from_a_file() {}

fn main() {
    /// Within a function
    #[mcp_tool]
    fn local(text: String) -> String {
        text
    }

    let tools = tools![add_one, add_half, search_tool, notes, from_a_file, local];
    let server = Server::new("places", "1").tools(tools.clone());
    assert!(server.build().is_ok());

    let about = |index: usize| {
        tools[index]
            .definition()
            .description
            .clone()
            .unwrap_or_default()
    };
    assert_eq!(about(0), "Add one");
    assert_eq!(about(3), "What notes are");
    assert_eq!(about(4), "What a *file* says.\n\nAnd a line.");
    assert_eq!((add_one(1, 2), add_half(1.0, 0.5)), (3, 1.5));
    assert_eq!(search("x".to_owned()), local("x".to_owned()));
}
