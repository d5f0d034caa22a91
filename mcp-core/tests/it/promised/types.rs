//! What types enforce by being what they are.

use super::*;

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Everything {
    small: u8,
    signed: Option<i16>,
    letter: char,
    pair: [u32; 2],
    tuple: (String, u8),
    set: BTreeSet<u8>,
    numbered: BTreeMap<u32, String>,
    named: HashMap<String, NonZeroU8>,
    not_zero: NonZeroI32,
    wait: Option<Duration>,
    nested: Vec<Option<Nested>>,
    any: Option<Value>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
#[expect(dead_code, reason = "shown by `Debug`")]
pub(super) enum Nested {
    One { small: u8 },
    Other { children: Vec<Nested> },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "shown by `Debug`")]
enum Sizes {
    Small(u8),
    Large(u32),
    Text(String),
}

#[test]
fn what_a_type_enforces_by_itself_is_no_gap() {
    for tool in [
        shows::<u8>(),
        shows::<Option<i8>>(),
        shows::<char>(),
        shows::<NonZeroU8>(),
        shows::<NonZeroI32>(),
        shows::<[u8; 3]>(),
        shows::<(u8, String)>(),
        shows::<Option<Option<u16>>>(),
        shows::<BTreeMap<u32, u8>>(),
        shows::<BTreeMap<i8, u8>>(),
        shows::<BTreeSet<String>>(),
        shows::<IpAddr>(),
        shows::<Duration>(),
        shows::<Vec<Nested>>(),
        shows::<Sizes>(),
        shows::<Everything>(),
        shows_all::<Everything>(),
        shows_all::<Nested>(),
        shows_all::<HashMap<String, u8>>(),
    ] {
        let schema = tool.definition().input_schema.clone();
        assert_eq!(told(tool), (vec![], vec![]), "{schema:?}");
    }
}

#[test]
fn what_arg_enforces_is_no_gap() {
    let argument = Argument::new("x").min(1).max(9).example(5);
    assert_eq!(told(declared::<Option<u32>, _>(argument)), (vec![], vec![]));
    let argument = Argument::new("x").min_len(1).max_len(9).pattern("^a");
    assert_eq!(told(declared::<String, _>(argument)), (vec![], vec![]));
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Flat {
    name: String,
    #[serde(flatten)]
    nested: Nested,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Open {
    name: String,
    #[serde(flatten)]
    rest: HashMap<String, u8>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
struct Defaulted {
    page_size: NonZeroU8,
    #[serde(alias = "from")]
    offset: u16,
    unit: (),
    one: (u8,),
}

impl Default for Defaulted {
    fn default() -> Self {
        Self {
            page_size: NonZeroU8::MIN,
            offset: 0,
            unit: (),
            one: (1,),
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
enum External {
    Unit,
    Newtype(u8),
    Tuple(u8, char),
    Struct { letters: [char; 2] },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "t", content = "c")]
#[expect(dead_code, reason = "shown by `Debug`")]
enum Adjacent {
    Small(u8),
    Many(BTreeMap<u8, External>),
    Nothing,
}

/// Its first alternative is the one that has no end.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
enum Term {
    Sum { left: Box<Term>, right: Box<Term> },
    Number(u8),
}

#[test]
fn types_of_many_shapes_have_no_gaps() {
    for tool in [
        shows::<Term>(),
        shows_all::<Term>(),
        shows::<std::ops::Range<u8>>(),
        shows::<Result<u8, char>>(),
        shows::<std::borrow::Cow<'static, str>>(),
        shows::<Box<[u8]>>(),
        shows::<i128>(),
        shows::<u128>(),
        shows::<f32>(),
        shows::<()>(),
        shows::<(u8,)>(),
        shows::<[u8; 0]>(),
        shows::<[char; 20]>(),
        shows::<HashMap<bool, u8>>(),
        shows::<HashMap<char, u8>>(),
        shows::<BTreeMap<NonZeroU8, u8>>(),
        shows::<BTreeMap<u64, [NonZeroU8; 2]>>(),
        shows::<std::time::SystemTime>(),
        shows::<std::ops::Bound<u8>>(),
        shows::<std::num::Wrapping<u8>>(),
        shows::<std::collections::VecDeque<u8>>(),
        shows::<BTreeSet<Option<char>>>(),
        shows::<Option<NonZeroI32>>(),
        shows::<Map<String, Value>>(),
        shows::<std::net::SocketAddr>(),
        shows::<std::sync::atomic::AtomicU8>(),
        shows::<External>(),
        shows::<Vec<Adjacent>>(),
        shows::<Flat>(),
        shows::<Option<Defaulted>>(),
        shows::<Option<Open>>(),
        shows_all::<Flat>(),
        shows_all::<Open>(),
        shows_all::<Defaulted>(),
        shows_all::<Adjacent>(),
    ] {
        let schema = tool.definition().input_schema.clone();
        assert_eq!(told(tool), (vec![], vec![]), "{schema:?}");
    }
}

/// It has no value at all, and eight places to look for one.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by `Debug`")]
struct Endless {
    a: Box<Endless>,
    b: Box<Endless>,
    c: Box<Endless>,
    d: Box<Endless>,
    e: Box<Endless>,
    f: Box<Endless>,
    g: Box<Endless>,
    h: Box<Endless>,
    small: u8,
}

#[test]
fn what_would_take_forever_to_try_is_given_up() {
    told(shows::<Endless>());
    told(by_hand(&serde_json::json!({
        "type": "object",
        "properties": {
            "x": {
                "type": "array",
                "minItems": 100_000,
                "items": { "type": "array", "minItems": 100_000, "items": { "minLength": 1 } },
            },
            "y": {
                "type": "array",
                "minItems": 100_000,
                "uniqueItems": true,
                "items": { "type": "string" },
            },
            "z": { "type": "object", "minProperties": 100_000 },
        },
    })));
}
