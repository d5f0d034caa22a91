//! What of a URI template can be judged here; `mcp_core::uri_template` judges the rest.

/// The names of the variables of a URI template.
pub(crate) fn variables(template: &str) -> Result<Vec<String>, String> {
    let mut pieces = template.split('{');
    let scheme = pieces.next().unwrap_or_default();
    if !scheme.contains(':') {
        return Err("a URI begins with a scheme, as in `book://…`".to_owned());
    }
    if let Some(wrong) = template.chars().find(|c| !c.is_ascii_graphic()) {
        return Err(format!(
            "{wrong:?} in a URI, which is printable ASCII: percent-encode it"
        ));
    }
    let mut names = Vec::new();
    if scheme.contains('}') {
        return Err("this `}` closes nothing".to_owned());
    }
    for piece in pieces {
        let Some((body, text)) = piece.split_once('}') else {
            return Err(format!("`{{{piece}` is never closed"));
        };
        if text.contains('}') {
            return Err(format!("a `}}` after `{{{body}}}` closes nothing"));
        }
        let list = body.strip_prefix(['+', '/', '?', '&']).unwrap_or(body);
        for name in list.split(',') {
            if name.is_empty() {
                return Err(format!("`{{{body}}}` lacks a name"));
            }
            if !name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
            {
                return Err(format!(
                    "`{{{body}}}` is no expression that is supported; there are `{{v}}`, `{{+v}}`, \
                     `{{/v}}`, `{{?v}}`, `{{&v}}`"
                ));
            }
            if names.iter().any(|known| known == name) {
                return Err(format!("there are two variables `{name}`"));
            }
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn variables_are_named_in_order() {
        let names = |template| variables(template).unwrap().join(" ");
        assert_eq!(names("book://{id}{?edition,page}"), "id edition page");
        assert_eq!(names("file:///{+path}"), "path");
        assert_eq!(names("a://b{/v.w}?x=1{&y}"), "v.w y");
        assert_eq!(names("docs://readme"), "");
    }
}
