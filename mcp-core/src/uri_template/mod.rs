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

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::{self, Write as _};

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
    /// assert_eq!(error.to_string(), "URI template, byte 7: this `{` is never closed");
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

    /// Reads the variables out of a URI; `None` if it is not one of this template's.
    ///
    /// The URI may come from anyone, and nothing in it can make this take more time than its length
    /// times that of the template, or more memory than a byte for each of its bytes and variable.
    ///
    /// # Examples
    /// ```
    /// use mcp_core::uri_template::UriTemplate;
    ///
    /// let files = UriTemplate::parse("file:///{+path}")?;
    /// assert_eq!(files.matches("file:///src/lib.rs").unwrap().get("path"), Some("src/lib.rs"));
    /// assert!(files.matches("file:///src/%2e%2e/%2e%2e/etc/passwd").is_none());
    /// assert!(files.matches("file:////etc/passwd").is_none());
    /// # Ok::<(), mcp_core::uri_template::ParseError>(())
    /// ```
    ///
    /// # Specification
    /// [RFC 6570, section 1.4](https://www.rfc-editor.org/rfc/rfc6570#section-1.4) leaves matching
    /// to its users; the [module](self) says what we chose.
    pub fn matches<'a>(&'a self, uri: &'a str) -> Option<Variables<'a>> {
        let text = uri.strip_prefix(&self.prefix)?;
        let mut fits = self.fits(text.as_bytes())?;
        let mut values = Vec::new();
        let mut at = 0;
        for part in &self.parts {
            match part {
                Part::Text(literal) => at += literal.len(),
                Part::Value { kind, stops, .. } => {
                    let next = fits.pop()?;
                    let start = at + usize::from(*kind == Kind::Path);
                    let opened = start == at || text.as_bytes().get(at) == Some(&b'/');
                    let end = longest(text.as_bytes(), stops, &next, start).filter(|_| opened);
                    // Only a `{/v}` can be absent: `fits` has seen an end for the others.
                    let Some(end) = end else {
                        values.push(None);
                        continue;
                    };
                    let value = decode(text.get(start..end)?)?;
                    if escapes(&value, *kind, uri.get(..self.prefix.len() + start)?) {
                        return None;
                    }
                    values.push(Some(value));
                    at = end;
                }
            }
        }
        let mut given = vec![None; self.pairs.len()];
        // `fits` made sure that what is left, if anything, begins with the mark.
        if let Some(pairs) = text.get(at + 1..) {
            for pair in pairs.split('&') {
                let (name, value) = pair.split_once('=')?;
                let place = self.pairs.iter().position(|listed| listed == name)?;
                let value = decode(value).filter(|_| !value.contains('#'))?;
                let earlier = given.get_mut(place)?.replace(value);
                if earlier.is_some() {
                    return None;
                }
            }
        }
        values.append(&mut given);
        Some(Variables {
            template: self,
            values,
        })
    }

    /// For each variable, the last first: the positions where it could end and what comes after it
    /// match the rest of the URI. `None` if the URI does not match.
    ///
    /// With this at hand values are read without ever going back, which is what keeps it linear.
    fn fits(&self, text: &[u8]) -> Option<Vec<Vec<bool>>> {
        let mut fits = Vec::with_capacity(self.parts.len());
        let ends = text.iter().map(|byte| self.mark == Some(*byte));
        let mut next: Vec<bool> = ends.chain([true]).collect();
        for part in self.parts.iter().rev() {
            let here = match part {
                Part::Text(literal) => {
                    let mut starts = vec![false; next.len()];
                    let places = text
                        .windows(literal.len())
                        .zip(next.iter().skip(literal.len()));
                    for (start, (place, end)) in starts.iter_mut().zip(places) {
                        *start = *end && place == literal.as_bytes();
                    }
                    starts
                }
                Part::Value { kind, stops, .. } => {
                    let mut runs = runs(text, stops, &next);
                    if *kind == Kind::Path {
                        let slashes = text.iter().map(|byte| *byte == b'/').chain([false]);
                        // What follows the slash is what has to fit.
                        runs.rotate_left(1);
                        for ((run, slash), absent) in runs.iter_mut().zip(slashes).zip(&next) {
                            *run = (slash && *run) || *absent;
                        }
                    }
                    runs
                }
            };
            let after = std::mem::replace(&mut next, here);
            if matches!(part, Part::Value { .. }) {
                fits.push(after);
            }
        }
        (next.first() == Some(&true)).then_some(fits)
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

    /// Whether some URI could match both templates, so that it would be chance which one answers.
    ///
    /// It errs on the safe side in that it does not know which values are refused: `x:{a}` overlaps
    /// `x:..`. It is meant for start-up, and takes time in the product of the two lengths.
    ///
    /// # Examples
    /// ```
    /// use mcp_core::uri_template::UriTemplate;
    ///
    /// let lists = UriTemplate::parse("a://{any}/list")?;
    /// assert!(lists.overlaps(&UriTemplate::parse("a://x/{item}")?)); // a://x/list
    /// assert!(!lists.overlaps(&UriTemplate::parse("a://x/{item}/all")?));
    /// # Ok::<(), mcp_core::uri_template::ParseError>(())
    /// ```
    pub fn overlaps(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.steps(), other.steps());
        let mut seen = HashSet::new();
        let mut open = vec![(0, 0)];
        while let Some((i, j)) = open.pop() {
            if !seen.insert((i, j)) {
                continue;
            }
            match (ours.get(i), theirs.get(j)) {
                (None, None) => return true,
                (Some(Step::Fork(there)), _) => open.extend([(i + 1, j), (*there, j)]),
                (_, Some(Step::Fork(there))) => open.extend([(i, j + 1), (i, *there)]),
                (Some(Step::Go(there)), _) => open.push((*there, j)),
                (_, Some(Step::Go(there))) => open.push((i, *there)),
                (Some(Step::Byte(a)), Some(Step::Byte(b))) if a == b => open.push((i + 1, j + 1)),
                (Some(Step::Not(stops)), Some(Step::Byte(byte)))
                | (Some(Step::Byte(byte)), Some(Step::Not(stops)))
                    if !stops.contains(byte) =>
                {
                    open.push((i + 1, j + 1));
                }
                (Some(Step::Not(_)), Some(Step::Not(_))) => open.push((i + 1, j + 1)),
                _ => {}
            }
        }
        false
    }

    /// The template as a program that accepts its URIs byte by byte.
    fn steps(&self) -> Vec<Step> {
        let text = |text: &str| text.bytes().map(Step::Byte).collect::<Vec<_>>();
        let mut steps = text(&self.prefix);
        for part in &self.parts {
            match part {
                Part::Text(literal) => steps.extend(text(literal)),
                Part::Value { kind, stops, .. } => {
                    if *kind == Kind::Path {
                        steps.extend([Step::Fork(steps.len() + 4), Step::Byte(b'/')]);
                    }
                    steps.extend([Step::Not(stops), Step::Fork(steps.len())]);
                }
            }
        }
        if let Some(mark) = self.mark {
            steps.extend([Step::Fork(END), Step::Byte(mark)]);
            let pair = steps.len();
            for name in &self.pairs {
                let value = steps.len() + name.len() + 2;
                steps.push(Step::Fork(value + 6));
                steps.extend(text(name));
                steps.push(Step::Byte(b'='));
                steps.extend([Step::Fork(value + 3), Step::Not(b"&#"), Step::Go(value)]);
                steps.extend([Step::Fork(END), Step::Byte(b'&'), Step::Go(pair)]);
            }
            // No name fits: a circle in which no byte is taken accepts nothing.
            steps.push(Step::Go(pair));
        }
        steps
    }
}

/// Outside any program, which is where a URI is accepted.
const END: usize = usize::MAX;

enum Step {
    Byte(u8),
    /// Any byte but these.
    Not(&'static [u8]),
    /// Both the next step and that one.
    Fork(usize),
    Go(usize),
}

/// The values that [`UriTemplate::matches`] read out of one URI.
#[derive(Debug, Clone)]
pub struct Variables<'a> {
    template: &'a UriTemplate,
    values: Vec<Option<Cow<'a, str>>>,
}

impl<'a> Variables<'a> {
    /// The decoded value; `None` if the URI has none, or the template no such variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find_map(|(other, value)| (other == name).then_some(value))
    }

    /// The variables that have a value, in template order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &str)> {
        let pairs = self.template.variables().zip(&self.values);
        pairs.filter_map(|(name, value)| Some((name, value.as_deref()?)))
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
        write!(f, "URI template, byte {}: {}", self.position, self.problem)
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

/// The positions at which a value of one byte or more can begin, so that `next` fits where it ends.
fn runs(text: &[u8], stops: &[u8], next: &[bool]) -> Vec<bool> {
    let mut runs = vec![false; next.len()];
    let mut open = false;
    for ((run, byte), end) in runs.iter_mut().zip(text).zip(next.iter().skip(1)).rev() {
        open = (open || *end) && !stops.contains(byte);
        *run = open;
    }
    runs
}

/// Where the longest value that begins at `start` ends, so that `next` fits there.
fn longest(text: &[u8], stops: &[u8], next: &[bool], start: usize) -> Option<usize> {
    let run = text
        .iter()
        .zip(1..)
        .skip(start)
        .take_while(|(byte, _)| !stops.contains(byte));
    run.map(|(_, end)| end)
        .filter(|end| next.get(*end) == Some(&true))
        .last()
}

/// Whether a value that comes after `before` would leave its place in the path.
fn escapes(value: &str, kind: Kind, before: &str) -> bool {
    match kind {
        Kind::Simple | Kind::Path => value.contains(['/', '\\']) || value == "." || value == "..",
        Kind::Reserved => {
            let absolute = before.ends_with('/') && value.starts_with(['/', '\\']);
            // A handler may take it for a URI, in which `?` and `#` end a segment too.
            absolute
                || value
                    .split(['/', '\\', '?', '#'])
                    .any(|segment| segment == "..")
        }
    }
}

/// The byte that a `%XX` stands for, if there is one at the front.
fn triplet(bytes: &[u8]) -> Option<u8> {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16)?).ok();
    match bytes {
        [b'%', high, low, ..] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

fn decode(raw: &str) -> Option<Cow<'_, str>> {
    let mut value = Cow::Borrowed(raw);
    if raw.contains('%') {
        let mut bytes = Vec::with_capacity(raw.len());
        let mut rest = raw.as_bytes();
        while let [byte, tail @ ..] = rest {
            let escaped = *byte == b'%';
            bytes.push(if escaped { triplet(rest)? } else { *byte });
            rest = if escaped { tail.get(2..)? } else { tail };
        }
        value = Cow::Owned(String::from_utf8(bytes).ok()?);
    }
    (!value.contains(char::is_control)).then_some(value)
}

/// Escapes what is not unreserved; for a reserved expansion, what is not part of URIs or stops it.
fn encode(uri: &mut String, value: &str, stops: Option<&&[u8]>) {
    let mut rest = value.as_bytes();
    while let [byte, tail @ ..] = rest {
        let reserved = |stops: &&[u8]| {
            let is_reserved = b":/?#[]@!$&'()*+,;=".contains(byte);
            triplet(rest).is_some() || (is_reserved && !stops.contains(byte))
        };
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
        if unreserved || stops.is_some_and(reserved) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
        rest = tail;
    }
}

#[cfg(test)]
mod tests;
