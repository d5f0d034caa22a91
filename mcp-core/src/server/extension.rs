//! Identifiers of extensions.
//!
//! # Specification
//! [2026-07-28, Extension negotiation](https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning#extension-negotiation),
//! [`_meta`](https://modelcontextprotocol.io/specification/2026-07-28/basic#_meta)

/// Whether this names an extension: as keys of `_meta` are named, with a prefix.
pub(super) fn is_identifier(id: &str) -> bool {
    id.split_once('/').is_some_and(|(prefix, name)| {
        prefix.split('.').all(is_label) && (name.is_empty() || is_name(name))
    })
}

fn is_label(label: &str) -> bool {
    label.starts_with(|c: char| c.is_ascii_alphabetic())
        && label.ends_with(|c: char| c.is_ascii_alphanumeric())
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::is_identifier;

    #[test]
    fn an_identifier_is_a_prefix_and_a_name() {
        for id in [
            "io.modelcontextprotocol/ui",
            "com.ex-ample/a.b_c-9",
            "example/x",
            "com.example/",
        ] {
            assert!(is_identifier(id), "{id}");
        }
        for id in [
            "",
            "ui",
            "/ui",
            "com..example/ui",
            "com.9example/ui",
            "com.example-/ui",
            "com.example/-ui",
            "com.example/ui.",
            "com.example/a/b",
            "com.example/\u{fc}",
        ] {
            assert!(!is_identifier(id), "{id}");
        }
    }
}
