//! Tools that are called like the crate, the module or the type that they are made of.
use mcp_core::prelude::*;

mod search {
    use mcp_core::prelude::*;

    /// Search
    #[mcp_tool]
    pub fn search(query: String) -> String {
        query
    }
}

mod quoting {
    use mcp_core::prelude::*;

    /// Quote a text: the crate by its full path
    #[mcp_tool]
    pub fn serde_json(text: String) -> Result<String, ToolError> {
        Ok(::serde_json::to_string(&text)?)
    }
}

mod telling {
    use serde_json::Value;

    use mcp_core::prelude::*;

    /// Tell what a value is: the crate as it is called, and another name for the tool's type
    #[mcp_tool(name = "tell", ident = serde_json_tool)]
    pub fn serde_json(value: serde_json::Value) -> serde_json::Result<String> {
        serde_json::to_string::<Value>(&value)
    }
}

mod within {
    use mcp_core::prelude::*;

    mod words {
        pub mod count {
            pub fn of(text: &str) -> usize {
                text.split(' ').count()
            }
        }
    }

    /// Count words, by a module that is known under this name within
    #[mcp_tool]
    pub fn count(text: String) -> usize {
        use words::count;
        count::of(&text)
    }

    /// Count letters: of a value, and of another path
    #[mcp_tool]
    pub fn len(text: String) -> usize {
        struct Of {
            len: ::core::primitive::usize,
        }
        Of { len: text.len() }.len + text.chars().skip(usize::MAX).count()
    }
}

fn main() {
    let tools = tools![
        search::search,
        quoting::serde_json,
        telling::serde_json_tool,
        within::count,
        within::len,
    ];
    let names: Vec<_> = tools.iter().map(|tool| tool.definition().name.clone()).collect();
    assert_eq!(names, ["search", "serde_json", "tell", "count", "len"]);
    assert_eq!(search::search("x".to_owned()), "x");
    assert_eq!(quoting::serde_json("x".to_owned()).unwrap(), "\"x\"");
    assert_eq!(telling::serde_json(serde_json::Value::Null).unwrap(), "null");
    assert_eq!(within::count("a b".to_owned()), 2);
    assert_eq!(within::len("ab".to_owned()), 2);
}
