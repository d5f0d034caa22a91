//! URI templates, used backwards: a client sends a URI and we ask which template it came from.
//!
//! RFC 6570 defines only how a template becomes a URI. Some of it cannot be undone without
//! guessing, so this is the part that can, and [`UriTemplate::parse`] refuses the rest.
//!
//! | expression | matches                                            | value              |
//! | ---------- | -------------------------------------------------- | ------------------ |
//! | `{v}`      | up to `/`, `?` or `#`; within a query to `&` too   | a segment          |
//! | `{+v}`     | all; before a query to `?`, `#`; in it to `&`, `#` | a path             |
//! | `{/v,w}`   | a `/` and what `{v}` would, or nothing             | a segment or none  |
//! | `{?v,w}`   | `?v=value&w=value`, any of them in any order       | any text or none   |
//! | `{&v,w}`   | `&v=value&w=value`, in a query that has begun      | any text or none   |
//!
//! A variable that can be absent is [optional](UriTemplate::is_optional): these are the last three.
//!
//! * **Values** are percent-decoded once, and then must be UTF-8 without control characters. A `+`
//!   is a plus. What is not ASCII may also come bare, as many clients send it.
//! * **A segment** has no `/` or `\` in it and is not `.` or `..`. **A path** has no segment `..`,
//!   and does not begin with `/` where the text before it ends in one: joined to a directory, such
//!   a value would leave it. Both are judged after decoding, since `%2F` and `%2e` are how they are
//!   smuggled. This is not all a handler that opens files must do: links, drive letters, values of
//!   a query and values it decodes again are beyond what can be judged here.
//! * **Text** matches byte for byte: `A:` is not `a:`, nor `%2f` `%2F`, although RFC 3986 has them
//!   equal. Subscriptions, caches and access rules know a resource by its URI, so it should have
//!   few.
//! * **Queries** must not hold a name the template does not list, for the same reason and because a
//!   misspelt option is better missed than ignored. A name given twice does not match either.
//! * **Greed**: each variable, from the left, takes as much as lets the rest still match, so that
//!   `x:{name}.{ext}` reads `x:a.tar.gz` as `a.tar` and `gz`. That reading stands or falls: if one
//!   of its values is refused, no other is tried.
//!
//! # Specification
//! [RFC 6570](https://www.rfc-editor.org/rfc/rfc6570), levels 1 to 3 in part. Resource templates:
//! [2025-11-25](https://modelcontextprotocol.io/specification/2025-11-25/server/resources#resource-templates),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/resources#resource-templates).

mod matches;
mod overlaps;
mod parse;
mod percent;
#[cfg(test)]
mod tests;

use self::percent::encode;
pub use self::{matches::Variables, parse::ParseError};

/// A parsed URI template; the [module](self) says what it understands.
///
/// # Examples
/// ```
/// use mcp_core::uri_template::UriTemplate;
///
/// let books = UriTemplate::parse("book://{id}{?edition}")?;
/// let found = books.matches("book://rust%20book?edition=2").unwrap();
/// assert_eq!(found.get("id"), Some("rust book"));
/// assert_eq!(found.get("edition"), Some("2"));
/// assert!(books.matches("book://rust/page").is_none());
/// # Ok::<(), mcp_core::uri_template::ParseError>(())
/// ```
///
/// # Specification
/// [RFC 6570, section 2](https://www.rfc-editor.org/rfc/rfc6570#section-2).
#[derive(Debug, Clone)]
pub struct UriTemplate {
    source: String,
    /// The text before the first variable. It holds the scheme, so it alone refuses most URIs.
    prefix: String,
    parts: Vec<Part>,
    /// `?` or `&`, if there is a query expression.
    mark: Option<u8>,
    /// The names in the query expression.
    pairs: Vec<String>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    /// One byte or more, up to any of `stops`.
    Value {
        name: String,
        kind: Kind,
        stops: &'static [u8],
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Simple,
    Reserved,
    /// A `/` and a simple value, or nothing.
    Path,
}

impl UriTemplate {
    /// The template as it was written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The names of the variables, in template order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let values = self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Value { name, .. } => Some(name),
        });
        values.chain(&self.pairs).map(String::as_str)
    }

    /// Whether a URI can do without this variable, which is so for those of `{/v}`, `{?v}` and
    /// `{&v}`. False if there is no such variable.
    pub fn is_optional(&self, variable: &str) -> bool {
        let mut parts = self.parts.iter();
        let is_path = |part: &Part| match part {
            Part::Text(_) => false,
            Part::Value { name, kind, .. } => *kind == Kind::Path && name == variable,
        };
        parts.any(is_path) || self.pairs.iter().any(|name| name == variable)
    }

    /// Writes the URI in which the variables have these values.
    ///
    /// An absent value leaves nothing behind, so the result matches only if those that are not
    /// optional are there. [`matches`](Self::matches) gives the values back where RFC 6570 lets it:
    /// not escapes within a `{+v}`, which stay as they are; not a text such as `-` that separates
    /// two variables and is part of their values too; not the `w` of a `{/v,w}` without `v`.
    ///
    /// It departs from RFC 6570 in that a `{+v}` has the characters escaped at which it would stop.
    ///
    /// # Examples
    /// ```
    /// use mcp_core::uri_template::UriTemplate;
    ///
    /// let books = UriTemplate::parse("book://{id}{?edition}")?;
    /// let uri = books.expand(|name| (name == "id").then_some("C&C/1"));
    /// assert_eq!(uri, "book://C%26C%2F1");
    /// # Ok::<(), mcp_core::uri_template::ParseError>(())
    /// ```
    ///
    /// # Specification
    /// [RFC 6570, section 3](https://www.rfc-editor.org/rfc/rfc6570#section-3).
    pub fn expand<V: AsRef<str>>(&self, value: impl Fn(&str) -> Option<V>) -> String {
        let mut uri = self.prefix.clone();
        for part in &self.parts {
            match part {
                Part::Text(literal) => uri.push_str(literal),
                Part::Value { name, kind, stops } => {
                    let Some(value) = value(name) else { continue };
                    if *kind == Kind::Path {
                        uri.push('/');
                    }
                    encode(
                        &mut uri,
                        value.as_ref(),
                        (*kind == Kind::Reserved).then_some(stops),
                    );
                }
            }
        }
        let mut mark = self.mark.map_or('?', char::from);
        for name in &self.pairs {
            let Some(value) = value(name) else { continue };
            uri.push(mark);
            uri.push_str(name);
            uri.push('=');
            encode(&mut uri, value.as_ref(), None);
            mark = '&';
        }
        uri
    }
}
