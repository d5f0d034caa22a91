//! A template used backwards: values read out of a URI.

use std::borrow::Cow;

use super::{Kind, Part, UriTemplate, percent::decode};

impl UriTemplate {
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
    /// to its users; the [module](super) says what we chose.
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
}

/// The values that [`UriTemplate::matches`] read out of one URI.
#[derive(Debug, Clone)]
pub struct Variables<'a> {
    template: &'a UriTemplate,
    pub(super) values: Vec<Option<Cow<'a, str>>>,
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
