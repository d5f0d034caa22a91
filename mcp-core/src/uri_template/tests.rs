use std::{
    borrow::Cow,
    collections::HashSet,
    time::{Duration, Instant},
};

use super::*;

fn template(source: &str) -> UriTemplate {
    UriTemplate::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"))
}

/// Asserts that the URI matches and has these values, written `name=value` and in order.
#[track_caller]
fn reads(source: &str, uri: &str, values: &str) {
    let template = template(source);
    let Some(read) = template.matches(uri) else {
        panic!("{source} refuses {uri}");
    };
    let read: Vec<_> = read.iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert_eq!(read.join(" "), values, "{source} and {uri}");
}

/// Asserts that none of the URIs, which spaces separate, matches.
#[track_caller]
fn refuses(source: &str, uris: &str) {
    let template = template(source);
    for uri in uris.split(' ') {
        assert!(template.matches(uri).is_none(), "{source} and {uri:?}");
    }
}

#[test]
fn simple_variables_take_one_segment() {
    reads(
        "agent://profiles/{username}",
        "agent://profiles/ann",
        "username=ann",
    );
    reads(
        "test://template/{id}/data",
        "test://template/1/data",
        "id=1",
    );
    reads("x:{v}", "x:a,b;c=d@e:f+g&h", "v=a,b;c=d@e:f+g&h");
    reads("x:{v}", "x:Jürgen", "v=Jürgen");
    reads("x:{v}", "x:...", "v=...");
    reads("x:{a}.{b}", "x:a.tar.gz", "a=a.tar b=gz");
    reads("x:{a}.{b}", "x:é.ü", "a=é b=ü");
    reads("x:a", "x:a", "");
    refuses("x:a", "x: x:ab X:a x y:a ");
    refuses("x:{v}", "x: X:a xx:a x:a/b x:a/ x:/a x:a?b=c x:a# y:a x ");
    refuses("x:{a}.{b}", "x:.a x:a. x:. x:ab x:a/.b");
    refuses("x:{v}/z", "x:a/ x:a/zz x:/z x:a/b/z");
}

#[test]
fn reserved_variables_take_many_segments() {
    reads("file:///{+path}", "file:///a/b.c", "path=a/b.c");
    reads("file:///{+path}", "file:///a?b#c", "path=a?b#c");
    reads("x:{+dir}/{name}", "x:a/b/c", "dir=a/b name=c");
    reads("x:{+a}/raw", "x:raw/raw/raw", "a=raw/raw");
    reads("x:{+a}{?q}", "x:b/c?q=d?e", "a=b/c q=d?e");
    reads("x:h?u={+u}{&q}", "x:h?u=y:/?z&q=1", "u=y:/?z q=1");
    refuses("file:///{+path}", "file:/// file://a");
    refuses("x:{+dir}/{name}", "x:a/ x:a x:/a");
    refuses("x:{+a}{?q}", "x:b#c x:b?c x:?q=1");
    refuses("x:h?u={+u}{&q}", "x:h?u=y&z x:h?u= x:h?u=a#b");
}

#[test]
fn path_variables_may_be_absent() {
    let issues = "repo://{owner}/{name}/issues{/number}{?state,page}";
    reads(issues, "repo://o/n/issues", "owner=o name=n");
    reads(
        issues,
        "repo://o/n/issues/7?page=2",
        "owner=o name=n number=7 page=2",
    );
    refuses(
        issues,
        "repo://o/n/issues/ repo://o/n/issues/7/8 repo://o/n/issues7",
    );
    reads("x:y{/a,b}", "x:y", "");
    reads("x:y{/a,b}", "x:y/1", "a=1");
    reads("x:y{/a}{/b}", "x:y/1/2", "a=1 b=2");
    reads("x:{y}{/a}/z", "x:1/z", "y=1");
    reads("x:{y}{/a}/z", "x:1/z/z", "y=1 a=z");
    refuses("x:{y}{/a}/z", "x:1/2 x:1//z x:/z/z");
}

#[test]
fn query_variables_come_in_any_order() {
    reads("x:y{?a,b}", "x:y", "");
    reads("x:y{?a,b}", "x:y?b=2&a=1", "a=1 b=2");
    reads("x:y{?a,b}", "x:y?a=&b==/?:@", "a= b==/?:@");
    reads("x:y{?a}", "x:y?a=1+1%2B1%20%2F..%26", "a=1+1+1 /..&");
    reads("x:y?k={k}{&a}", "x:y?k=1", "k=1");
    reads("x:y?k={k}{&a}", "x:y?k=1&a=2", "k=1 a=2");
    refuses(
        "x:y{?a,b}",
        "x:y?a=1&a=1 x:y?c=1 x:y?a=1&c=1 x:y?A=1 x:y?%61=1 x:y?a x:y?=1",
    );
    refuses(
        "x:y{?a,b}",
        "x:y? x:y?a=1& x:y?&a=1 x:y?a=1&&b=1 x:y?a=1#b x:y&a=1 x:ya=1",
    );
    refuses(
        "x:y?k={k}{&a}",
        "x:y x:y?k=1& x:y?k=1?a=2 x:y?a=2&k=1 x:y?k=&a=2",
    );
}

#[test]
fn values_are_decoded_once_and_only_if_they_are_text() {
    reads("x:{v}", "x:%41%62", "v=Ab");
    reads("x:{v}", "x:%2541", "v=%41");
    reads("x:{v}", "x:J%C3%BCrgen%F0%9f%a6%80", "v=Jürgen🦀");
    refuses(
        "x:{v}",
        "x:% x:%4 x:%4g x:%+1 x:%é x:%%41 x:%FF x:%C0%AF x:%ED%A0%80 x:%C3",
    );
    refuses("x:{v}", "x:a%00 x:a\0 x:%0A x:\n x:%C2%80 x:\u{80} x:%7F");
    refuses("x:{+v}", "x:% x:%FF x:a%00 x:a\0 x:a%0D%0Ab");
    refuses("x:y{?v}", "x:y?v=% x:y?v=%FF x:y?v=%00 x:y?v=\0");
    let (template, uri) = (template("x:{a}/{b}"), "x:plain/%70lain");
    let values = template.matches(uri).unwrap().values;
    assert!(matches!(
        &values[..],
        [Some(Cow::Borrowed(_)), Some(Cow::Owned(_))]
    ));
}

#[test]
fn values_that_leave_their_place_are_refused() {
    for bad in ". .. %2e %2E%2e .%2E a%2Fb %2f a%5Cb a\\b ..%2f".split(' ') {
        refuses("x:y/{v}", &format!("x:y/{bad}"));
        refuses("x:y{/v}", &format!("x:y/{bad}"));
        refuses("x:y/{v}/z", &format!("x:y/{bad}/z"));
    }
    for bad in ".. ../a a/.. a/%2e%2e/b a%2F.. a\\..\\b a%5c.. ..?a /a %2Fa \\a".split(' ') {
        refuses("x:y/{+v}", &format!("x:y/{bad}"));
    }
    reads("x:y{+v}", "x:y/a", "v=/a");
    reads("x:/{+v}", "x:/..a/b../.../.", "v=..a/b../.../.");
    reads("x:/{+v}", "x:/%252e%252e", "v=%2e%2e");
    refuses("x:y{+v}", "x:y/.. x:y..");
}

#[test]
fn variables_are_known_by_name_and_order() {
    let template = template("x:{a.b}{/c_1}/d?e={+e}{&F,9}");
    assert_eq!(template.as_str(), "x:{a.b}{/c_1}/d?e={+e}{&F,9}");
    let names: Vec<_> = template.variables().collect();
    assert_eq!(names, ["a.b", "c_1", "e", "F", "9"]);
    let optional = names.iter().map(|name| template.is_optional(name));
    assert_eq!(
        optional.collect::<Vec<_>>(),
        [false, true, false, true, true]
    );
    assert!(!template.is_optional("z"));
    let values = template.matches("x:1/d?e=2&9=3").unwrap();
    assert_eq!(
        ["9", "F", "z"].map(|name| values.get(name)),
        [Some("3"), None, None]
    );
}

#[test]
fn what_cannot_be_matched_is_refused() {
    for (source, position, problem) in [
        ("", 0, "scheme"),
        ("{a}", 0, "scheme"),
        ("{a}:b", 0, "scheme"),
        ("/a/{b}", 0, "scheme"),
        ("1a:{b}", 0, "scheme"),
        ("a/b:{c}", 0, "scheme"),
        ("x:{", 2, "never closed"),
        ("x:{a", 2, "never closed"),
        ("x:{a{b}", 2, "never closed"),
        ("x:a}b", 3, "closes nothing"),
        ("x:{a}}", 5, "closes nothing"),
        ("x:{}", 3, "needs a name"),
        ("x:{+}", 4, "needs a name"),
        ("x:{?a,}", 6, "needs a name"),
        ("x:{/a,,b}", 6, "needs a name"),
        ("x:{a-b}", 3, "letters"),
        ("x:{?a, b}", 6, "letters"),
        ("x:{a..b}", 3, "letters"),
        ("x:{é}", 3, "letters"),
        ("x:{%41}", 3, "letters"),
        ("x:{a*}", 4, "modifiers"),
        ("x:{?a,bc:3}", 8, "modifiers"),
        ("x:{a}/{a}", 7, "already"),
        ("x:{a}{?b,a}", 9, "already"),
        ("x:{#a}", 3, "operator"),
        ("x:{.a}", 3, "operator"),
        ("x:{;a}", 3, "operator"),
        ("x:{|a}", 3, "operator"),
        ("x:{a,b}", 2, "the list"),
        ("x:{+a,b}", 2, "list"),
        ("x:{a}{b}", 5, "separate"),
        ("x:{a}{+b}", 5, "separate"),
        ("x:{+a}{/b}", 6, "separate"),
        ("x:{/a}{b}", 6, "separate"),
        ("x:{?a}{&b}", 6, "follow a query"),
        ("x:{?a}b", 6, "follow a query"),
        ("x:b?c{?a}", 5, "has begun"),
        ("x:{&a}", 2, "no query"),
        ("x:b#c{?a}", 5, "after `#`"),
        ("x:a b", 3, "printable"),
        ("x:{a}\0", 5, "printable"),
        ("x:é{a}", 2, "printable"),
        ("x:a\\b", 3, "percent-encode"),
        ("x:{a}/%4", 6, "hex"),
    ] {
        let error = UriTemplate::parse(source).expect_err(source);
        assert_eq!(error.position(), position, "{source}: {error}");
        assert!(error.to_string().contains(problem), "{source}: {error}");
    }
}

#[test]
fn expansion_is_that_of_the_rfc() {
    // The values of RFC 6570, section 3.2.
    let value = |name: &str| match name {
        "var" => Some("value"),
        "hello" => Some("Hello World!"),
        "half" => Some("50%"),
        "base" => Some("http://example.com/home/"),
        "path" => Some("/foo/bar"),
        "x" => Some("1024"),
        "y" => Some("768"),
        "empty" => Some(""),
        _ => None,
    };
    for (source, uri) in [
        ("s:{var}", "s:value"),
        ("s:{hello}", "s:Hello%20World%21"),
        ("s:{half}", "s:50%25"),
        ("s:O{empty}X{undef}", "s:OX"),
        ("s:{+hello}", "s:Hello%20World!"),
        ("s:{+half}", "s:50%25"),
        ("s:{+base}index", "s:http://example.com/home/index"),
        ("s:{+path}/here", "s:/foo/bar/here"),
        ("s:{/var}", "s:/value"),
        ("s:{/var,x}/here", "s:/value/1024/here"),
        ("s:{/var,undef}{/empty}", "s:/value/"),
        ("s:{?x,y,empty}", "s:?x=1024&y=768&empty="),
        ("s:{?undef,y}", "s:?y=768"),
        ("s:?fixed=yes{&x,undef,y}", "s:?fixed=yes&x=1024&y=768"),
    ] {
        assert_eq!(template(source).expand(value), uri, "{source}");
    }
    assert_eq!(
        template("s:{+v}").expand(|_| Some("a%20?é%")),
        "s:a%20?%C3%A9%25"
    );
    assert_eq!(
        template("s:{+v}{?q}").expand(|_| Some("a?#")),
        "s:a%3F%23?q=a%3F%23"
    );
}

#[test]
fn overlaps_are_found() {
    for (a, b, overlap) in [
        ("a://{x}", "a://{y}", true),
        ("a://{x}", "b://{x}", false),
        ("a://{x}", "ab://{x}", false),
        ("a://x/{y}", "a://{z}/list", true),
        ("a://x/{y}", "a://z/{y}", false),
        ("a://x/{y}", "a://x/{y}/z", false),
        ("a://{x}", "a://{x}/{y}", false),
        ("a://{+x}", "a://{x}/{y}", true),
        ("a://{x}.txt", "a://{y}.md", false),
        ("a://{x}.txt", "a://b.{y}", true),
        ("a://{x}t", "a://t{y}", true),
        ("a://{x}{/y}", "a://{x}", true),
        ("a://{x}/{y}", "a://{x}{/y}", true),
        ("a://x{/y}/z", "a://x/{y}", true),
        ("a://x{/y}/z", "a://x/y", false),
        ("a://x{?y}", "a://x{?z}", true),
        ("a://x{?y}", "a://x", true),
        ("a://x{?y}", "a://x?y={z}", true),
        ("a://x{?y}", "a://x?", false),
        ("a://x{?y}", "a://x?y", false),
        ("a://x{?page}", "a://x?kind={kind}", false),
        ("a://x{?page,kind}", "a://x?kind={kind}{&sort}", true),
        ("a://x?k=1{&a}", "a://x?k=2{&a}", false),
        ("a://{+x}", "a://y?{z}", true),
        ("a://x", "a://x", true),
        ("a://x", "a://xy", false),
    ] {
        assert_eq!(template(a).overlaps(&template(b)), overlap, "{a} and {b}");
        assert_eq!(template(b).overlaps(&template(a)), overlap, "{b} and {a}");
    }
}

/// Every way to match, tried one after the other: what a regex would do at its worst.
fn matches_slowly(template: &UriTemplate, parts: &[Part], text: &str) -> bool {
    let Some((part, rest)) = parts.split_first() else {
        let Some(pairs) = text.strip_prefix(|c| template.mark.map(char::from) == Some(c)) else {
            return text.is_empty();
        };
        let mut left: HashSet<&str> = template.pairs.iter().map(String::as_str).collect();
        let mut pairs = pairs.split('&').map(|pair| pair.split_once('='));
        return pairs.all(|pair| pair.is_some_and(|(name, _)| left.remove(name)));
    };
    match part {
        Part::Text(literal) => text
            .strip_prefix(literal.as_str())
            .is_some_and(|text| matches_slowly(template, rest, text)),
        Part::Value { kind, stops, .. } => {
            let is_path = *kind == Kind::Path;
            let value = text
                .strip_prefix(if is_path { "/" } else { "" })
                .unwrap_or_default();
            let end = value
                .find(|c| stops.contains(&(c as u8)))
                .unwrap_or(value.len());
            (is_path && matches_slowly(template, rest, text))
                || (1..=end).any(|end| matches_slowly(template, rest, &value[end..]))
        }
    }
}

#[test]
fn every_short_uri_agrees_with_trying_everything() {
    let templates = "x:{a} x:a x:{+a} x:{+a}/{b} x:{a}b{c} x:{a}/b x:a{/b} x:{a}{/b,c} x:{/c}a \
        x:a{/b}/a x:{+c}b{/a} x:{c}{?a} x:a{?a,b} x:{+c}{?b} x:a?{c}{&a} x:{c}?{+d}{&a,b} \
        x:{+a}a{+b} x:{+c}?a={d}";
    let templates: Vec<_> = templates.split(' ').map(template).collect();
    let mut found = vec![vec![false; templates.len()]; templates.len()];
    let mut uris = vec!["x:".to_owned()];
    for length in 1..=7 {
        let longer = |uri: &String| {
            "ab/?=&"
                .chars()
                .map(|c| format!("{uri}{c}"))
                .collect::<Vec<_>>()
        };
        uris = match length {
            // Two of the templates have no shorter one in common.
            7 => vec!["x:a?b&a=/b".to_owned()],
            _ => uris.iter().flat_map(longer).collect(),
        };
        for uri in &uris {
            let hits = templates
                .iter()
                .map(|template| template.matches(uri).is_some());
            let hits: Vec<bool> = hits.collect();
            for (template, hit) in templates.iter().zip(&hits) {
                let rest = uri.strip_prefix(&template.prefix);
                let slowly =
                    rest.is_some_and(|rest| matches_slowly(template, &template.parts, rest));
                assert_eq!(*hit, slowly, "{} and {uri}", template.as_str());
            }
            for (row, _) in found.iter_mut().zip(&hits).filter(|(_, hit)| **hit) {
                row.iter_mut()
                    .zip(&hits)
                    .for_each(|(both, hit)| *both |= hit);
            }
        }
    }
    for (a, row) in templates.iter().zip(&found) {
        for (b, both) in templates.iter().zip(row) {
            assert_eq!(a.overlaps(b), *both, "{} and {}", a.as_str(), b.as_str());
        }
    }
}

#[test]
fn hostile_uris_take_linear_time() {
    let templates = "x:{a},{b},{c}{/d,e} x:{+a}/{+b}/{+c}! x:{+a}aaaaaaaab{+b}{?c} x:a?b={b}{&c}";
    for template in templates.split(' ').map(template) {
        for unit in [",", "/a", "%41", "%", "a", "{", "../", "&c="] {
            let uri = format!("x:a?b={}", unit.repeat((1 << 20) / unit.len()));
            let start = Instant::now();
            std::hint::black_box(template.matches(&uri));
            // Milliseconds when optimized. A quadratic one would need an hour, and the regex of
            // CVE-2026-0621 the age of the universe.
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{unit} {}",
                template.as_str()
            );
        }
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    /// A segment of up to six of these characters, which the `x` keeps from being `..`.
    fn segment(&mut self, alphabet: &str) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let chars = (0..self.below(6)).map(|_| alphabet[self.below(alphabet.len())]);
        chars.chain(['x']).collect()
    }
}

#[test]
fn expanded_values_are_read_back() {
    let any = "aZ09-._~:?#[]@!$&'()*+,;=% \"<>^`{|}éß漢🦀";
    // Escapes in a reserved value stay as they are, and `?` and `#` could leave a `..` behind.
    let tame = "aZ09-._~:[]@!$&'()*+,;= \"<>^`{|}éß漢🦀";
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..1000 {
        let mut source = "x://h".to_owned();
        let mut values = Vec::new();
        for name in ["s", "t", "u"].iter().take(random.below(4)) {
            source += &format!("/{{{name}}}");
            values.push((*name, random.segment(any)));
        }
        if random.below(2) == 0 {
            source += "/-{+r}";
            values.push(("r", random.segment(tame) + "/" + &random.segment(tame)));
        } else {
            source += "{/p,q}";
            let present = ["p", "q"].into_iter().take(random.below(3));
            values.extend(present.map(|name| (name, random.segment(any))));
        }
        let query = random.below(3);
        source += ["", "{?k,l}", "?fixed={f}{&k,l}"][query];
        if query == 2 {
            values.push(("f", random.segment(any)));
        }
        if query > 0 {
            values.push((["k", "l"][random.below(2)], random.segment(any) + "/.."));
        }
        let template = template(&source);
        let value = |name: &str| Some(&values.iter().find(|(other, _)| *other == name)?.1);
        let uri = template.expand(value);
        let Some(read) = template.matches(&uri) else {
            panic!("{source} refuses {uri}");
        };
        let read: Vec<_> = read.iter().map(|(n, v)| (n, v.to_owned())).collect();
        assert_eq!(read, values, "{source} and {uri}");
    }
}
