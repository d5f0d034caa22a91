//! Entries under a prefix, so that what one service calls its own does not clash with another's.

use super::{Entries, completion::Reference};

impl Entries {
    /// The same under a prefix: `add` becomes `prefix_add`, `note://{id}` becomes
    /// `note://prefix/{id}`.
    pub(crate) fn under(mut self, prefix: &str) -> Self {
        // Not a dot: the APIs that models are called through refuse it in the names of tools.
        let name = |name: &str| format!("{prefix}_{name}");
        for tool in &mut self.tools {
            tool.rename(name(&tool.definition().name));
        }
        for prompt in &mut self.prompts {
            prompt.rename(name(&prompt.definition().name));
        }
        for resource in &mut self.resources {
            let uri = self::uri(prefix, resource.uri());
            resource.rename(name(&resource.definition().name), uri);
        }
        for completion in &mut self.completions {
            completion.of = match &completion.of {
                Reference::Prompt(prompt) => Reference::Prompt(name(prompt)),
                Reference::Template(template) => Reference::Template(self::uri(prefix, template)),
            };
        }
        self
    }

    /// Adds all of another's after those that are there.
    pub(crate) fn extend(&mut self, other: Self) {
        self.tools.extend(other.tools);
        self.resources.extend(other.resources);
        self.prompts.extend(other.prompts);
        self.completions.extend(other.completions);
    }
}

/// The URI with the prefix as the first of what follows its scheme.
fn uri(prefix: &str, uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once(':') else {
        // No URI, which was complained of; by this name it is found in the program.
        return uri.to_owned();
    };
    match rest.strip_prefix("//") {
        // An empty authority stays empty: `file:///{+path}`.
        Some(rest) => match rest.strip_prefix('/') {
            Some(path) => format!("{scheme}:///{prefix}/{path}"),
            None => format!("{scheme}://{prefix}/{rest}"),
        },
        None => format!("{scheme}:{prefix}:{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_prefix_comes_right_after_the_scheme() {
        assert_eq!(uri("lib", "book://{id}"), "book://lib/{id}");
        assert_eq!(uri("lib", "file:///{+path}"), "file:///lib/{+path}");
        assert_eq!(uri("lib", "urn:isbn:{id}"), "urn:lib:isbn:{id}");
    }
}
