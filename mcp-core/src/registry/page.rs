//! Pages of a list, and the cursors between them.
//!
//! # Specification
//! [2025-11-25, Pagination](https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/pagination),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/pagination)

use std::{num::NonZeroUsize, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::List;
use crate::error::Error;

/// A list in pages. A cursor names the entry that its page starts with, so that it stays good
/// while other entries come and go.
#[derive(Debug)]
pub(crate) struct Pages<D> {
    /// Never empty: a list without entries is one page without entries.
    pages: Vec<(String, Arc<List<D>>)>,
}

impl<D> Pages<D> {
    /// Entries in order, each with the key that it is known by.
    pub(crate) fn new(entries: Vec<(impl AsRef<str>, D)>, size: Option<NonZeroUsize>) -> Self {
        let size = size.map_or(usize::MAX, NonZeroUsize::get);
        let mut pages: Vec<(String, Vec<D>)> = Vec::new();
        for (key, entry) in entries {
            match pages.last_mut() {
                Some((_, page)) if page.len() < size => page.push(entry),
                _ => pages.push((cursor(key.as_ref()), vec![entry])),
            }
        }
        if pages.is_empty() {
            pages.push((String::new(), Vec::new()));
        }
        let next: Vec<_> = pages
            .iter()
            .skip(1)
            .map(|(cursor, _)| cursor.clone())
            .collect();
        let mut next = next.into_iter();
        let pages = pages.into_iter().map(|(cursor, items)| {
            (
                cursor,
                Arc::new(List {
                    next_cursor: next.next(),
                    ..List::new(items)
                }),
            )
        });
        Self {
            pages: pages.collect(),
        }
    }

    /// The page that a cursor names; the first without one.
    pub(crate) fn at(&self, cursor: Option<&str>) -> Result<Arc<List<D>>, Error> {
        let mut pages = self.pages.iter();
        let found = match cursor {
            None => pages.next(),
            Some(cursor) => pages.skip(1).find(|(known, _)| known == cursor),
        };
        let (_, page) =
            found.ok_or_else(|| Error::invalid_params("no such `cursor`; list from the start"))?;
        Ok(Arc::clone(page))
    }
}

fn cursor(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(names: &[&str], size: usize) -> Pages<String> {
        let entries = names
            .iter()
            .map(|name| ((*name).to_owned(), (*name).to_owned()));
        Pages::new(entries.collect(), NonZeroUsize::new(size))
    }

    fn walk(pages: &Pages<String>) -> Vec<Vec<String>> {
        let mut cursor = None;
        let mut seen = Vec::new();
        loop {
            let page = pages.at(cursor.as_deref()).unwrap();
            seen.push(page.items().to_vec());
            cursor = page.next_cursor.clone();
            if cursor.is_none() {
                return seen;
            }
        }
    }

    #[test]
    fn cursors_lead_through_every_entry_once() {
        assert_eq!(
            walk(&pages(&["a", "b", "c"], 2)),
            [vec!["a", "b"], vec!["c"]]
        );
        assert_eq!(walk(&pages(&["a", "b"], 2)), [vec!["a", "b"]]);
        assert_eq!(walk(&pages(&[], 2)), [Vec::<String>::new()]);
        assert_eq!(walk(&pages(&["a", "b", "c"], 0)), [vec!["a", "b", "c"]]);
    }

    #[test]
    fn a_cursor_is_good_while_its_page_starts_where_it_did() {
        let next = pages(&["a", "b", "c"], 2)
            .at(None)
            .unwrap()
            .next_cursor
            .clone();
        let changed = pages(&["a", "x", "c", "d"], 2);
        assert_eq!(changed.at(next.as_deref()).unwrap().items(), ["c", "d"]);
        assert!(pages(&["a", "b"], 2).at(next.as_deref()).is_err());
        assert!(changed.at(Some("garbage!!")).is_err());
    }
}
