//! A template, read; what could not be matched is refused.

use std::fmt;

use super::{Kind, Part, UriTemplate, percent::triplet};

impl UriTemplate {
    /// Reads a template. It must begin with a scheme: one that did not could answer for any.
    ///
    /// # Errors
    /// [`ParseError`] says which byte is wrong, and what would be right.
    ///
    /// # Examples
    /// ```
    /// use mcp_core::uri_template::UriTemplate;
    ///
    /// let error = UriTemplate::parse("book://{id").unwrap_err();
    /// assert_eq!(error.to_string(), "URI, byte 7: this `{` is never closed");
    /// ```
    ///
    /// # Specification
    /// [RFC 6570, section 2](https://www.rfc-editor.org/rfc/rfc6570#section-2).
    pub fn parse(source: &str) -> Result<Self, ParseError> {
        let mut pieces = source.split('{');
        let prefix = pieces.next().unwrap_or_default();
        check_text(prefix, 0)?;
        check_scheme(prefix)?;
        let mut template = Self {
            source: source.to_owned(),
            prefix: prefix.to_owned(),
            parts: Vec::new(),
            mark: None,
            pairs: Vec::new(),
        };
        let mut at = prefix.len();
        for piece in pieces {
            let Some((body, text)) = piece.split_once('}') else {
                return fail(at, "this `{` is never closed");
            };
            let text_at = at + body.len() + 2;
            template.push_expression(body, at)?;
            check_text(text, text_at)?;
            if template.mark.is_some() && text_at < source.len() {
                return fail(text_at, "nothing can follow a query expression");
            }
            if !text.is_empty() {
                template.parts.push(Part::Text(text.to_owned()));
            }
            at = text_at + text.len();
        }
        Ok(template)
    }

    /// Adds the expression whose `{` is at byte `at`.
    fn push_expression(&mut self, body: &str, at: usize) -> Result<(), ParseError> {
        let (before, after) = self.source.split_at_checked(at).unwrap_or_default();
        let in_query = before.contains('?');
        let before_query = after.contains('?');
        let (kind, names) = match body.as_bytes().first() {
            Some(b'+') => (Some(Kind::Reserved), body.get(1..)),
            Some(b'/') => (Some(Kind::Path), body.get(1..)),
            Some(mark @ (b'?' | b'&')) => {
                if before.contains('#') {
                    return fail(at, "a query cannot come after `#`");
                }
                if in_query && *mark == b'?' {
                    return fail(at, "the query has begun: go on with `{&name}`");
                }
                if !in_query && *mark == b'&' {
                    return fail(at, "no query has begun: begin it with `{?name}`");
                }
                self.mark = Some(*mark);
                (None, body.get(1..))
            }
            Some(b'#' | b'.' | b';' | b'=' | b',' | b'!' | b'@' | b'|') => {
                return fail(
                    at + 1,
                    "unsupported operator: there are `{v}`, `{+v}`, `{/v}`, `{?v}`, `{&v}`",
                );
            }
            _ => (Some(Kind::Simple), Some(body)),
        };
        let stops: &[u8] = match kind {
            Some(Kind::Reserved) if in_query => b"#&",
            Some(Kind::Reserved) if before_query => b"?#",
            Some(Kind::Reserved) => b"",
            _ if in_query => b"/?#&",
            _ => b"/?#",
        };
        let names = names.unwrap_or_default();
        if names.contains(',') && matches!(kind, Some(Kind::Simple | Kind::Reserved)) {
            // Its commas depend on which values there are, so `{a},{b}` is not the same.
            return fail(at, "write the list `{a,b}` as `{a},{b}`");
        }
        let mut name_at = at + 1 + body.len() - names.len();
        for name in names.split(',') {
            self.check_name(name, name_at)?;
            name_at += name.len() + 1;
            let Some(kind) = kind else {
                self.pairs.push(name.to_owned());
                continue;
            };
            match self.parts.last() {
                Some(Part::Text(_)) | None => {}
                // The `/` that opens this one is where that one stops.
                Some(Part::Value { kind: last, .. })
                    if kind == Kind::Path && *last != Kind::Reserved => {}
                Some(Part::Value { .. }) => {
                    return fail(at, "text must separate it from the variable before");
                }
            }
            let name = name.to_owned();
            self.parts.push(Part::Value { name, kind, stops });
        }
        Ok(())
    }

    fn check_name(&self, name: &str, at: usize) -> Result<(), ParseError> {
        let is_word = |word: &str| {
            let mut bytes = word.bytes();
            !word.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if name.is_empty() {
            return fail(at, "a variable needs a name");
        }
        if let Some(modifier) = name.find(['*', ':']) {
            return fail(at + modifier, "the modifiers `*` and `:n` are unsupported");
        }
        if !name.split('.').all(is_word) {
            return fail(at, "a name is letters, digits, `_` and dots between");
        }
        if self.variables().any(|other| other == name) {
            return fail(at, "there is a variable of this name already");
        }
        Ok(())
    }
}

/// Why a text is not a URI template that can be matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    position: usize,
    problem: &'static str,
}

impl ParseError {
    /// The byte of the template at which the trouble begins.
    pub fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "URI, byte {}: {}", self.position, self.problem)
    }
}

impl std::error::Error for ParseError {}

fn fail<T>(position: usize, problem: &'static str) -> Result<T, ParseError> {
    Err(ParseError { position, problem })
}

fn check_scheme(prefix: &str) -> Result<(), ParseError> {
    let (scheme, _) = prefix.split_once(':').unwrap_or_default();
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.bytes().all(is_scheme) {
        return Ok(());
    }
    fail(
        0,
        "it must begin with a scheme, such as `book:`, before the first variable",
    )
}

/// Text that no URI contains would make a template that none matches.
fn check_text(text: &str, at: usize) -> Result<(), ParseError> {
    for (offset, c) in text.char_indices() {
        let here = text.as_bytes().get(offset..).unwrap_or_default();
        let problem = match c {
            '}' => "this `}` closes nothing",
            '%' if triplet(here).is_none() => "`%` must have two hex digits after it",
            '"' | '<' | '>' | '\\' | '^' | '`' | '|' => "no URI has this: percent-encode it",
            _ if !c.is_ascii_graphic() => "a URI is printable ASCII: percent-encode the rest",
            _ => continue,
        };
        return fail(at + offset, problem);
    }
    Ok(())
}
