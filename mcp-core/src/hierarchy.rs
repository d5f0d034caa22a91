//! Which scopes imply which others.
//!
//! # Specification
//! [2026-07-28, Step-up authorization flow](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#step-up-authorization-flow)

use std::collections::HashMap;

use crate::registry::access;

/// Broader scopes, and all that each of them implies: directly, and by what it implies.
#[derive(Debug)]
pub(crate) struct Hierarchy(HashMap<String, Vec<String>>);

impl Hierarchy {
    /// Whether whoever has the one has the other by it.
    pub(crate) fn implies(&self, broad: &str, narrow: &str) -> bool {
        let implied = self.0.get(broad);
        implied.is_some_and(|implied| implied.iter().any(|scope| scope == narrow))
    }
}

/// Which scopes imply which others, as it was said.
#[derive(Debug, Default)]
pub(crate) struct Implications(Vec<(String, Vec<String>)>);

impl Implications {
    pub(crate) fn add(&mut self, broad: String, narrow: Vec<String>) {
        self.0.push((broad, narrow));
    }

    /// All that follows, if anything was said; what cannot be is noted.
    pub(crate) fn resolve(self, problems: &mut Vec<String>) -> Option<Hierarchy> {
        for (broad, narrow) in &self.0 {
            access::check_scopes([broad].into_iter().chain(narrow), problems);
        }
        let (mut all, mut circular) = (HashMap::new(), Vec::new());
        for (broad, _) in &self.0 {
            let reached = self.reach(broad);
            if let Some(circle) = circle(&reached, broad)
                && !circular.contains(&broad.as_str())
            {
                problems.push(format!(
                    "the scope `{broad}` implies itself: {} (setting: `scope_implies`)",
                    circle.join(" → ")
                ));
                circular.extend(circle);
            }
            let implied = reached.iter().map(|(scope, _)| (*scope).to_owned());
            all.insert(broad.clone(), implied.collect());
        }
        (!all.is_empty()).then_some(Hierarchy(all))
    }

    /// What a scope implies, each once, with the scope that it is implied by.
    fn reach<'a>(&'a self, broad: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut reached: Vec<(&str, &str)> = Vec::new();
        let mut open = vec![broad];
        while let Some(by) = open.pop() {
            let said = self.0.iter().filter(|(broad, _)| broad == by);
            for scope in said.flat_map(|(_, narrow)| narrow) {
                if reached.iter().all(|(known, _)| known != scope) {
                    reached.push((scope, by));
                    open.push(scope);
                }
            }
        }
        reached
    }
}

/// The way from a scope back to itself, if there is one.
fn circle<'a>(reached: &[(&'a str, &'a str)], scope: &'a str) -> Option<Vec<&'a str>> {
    let by = |scope: &str| reached.iter().find(|(known, _)| *known == scope);
    let mut way = vec![scope];
    let mut last = scope;
    loop {
        let (_, before) = by(last)?;
        way.push(before);
        last = before;
        if last == scope {
            way.reverse();
            return Some(way);
        }
    }
}
