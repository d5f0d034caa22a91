//! Content as JSON, the same in every revision once what a revision does not know is gone.

use crate::{
    jsonrpc::response::{write_json, write_str},
    types::content::{Content, Text},
};

/// Appends a piece of content; plain text, which nearly all content is, without a detour.
pub(super) fn write_content(out: &mut Vec<u8>, content: &Content) {
    match content {
        Content::Text(Text {
            text,
            annotations: None,
            meta: None,
        }) => write_text(out, text),
        other => write_json(out, other),
    }
}

/// Appends plain text as a piece of content.
pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(br#"{"type":"text","text":"#);
    write_str(out, text);
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_written_as_serde_writes_it() {
        for text in ["", "hello", "\"\\\n\u{0} ü"] {
            let content = Content::text(text);
            let mut out = Vec::new();
            write_content(&mut out, &content);
            assert_eq!(out, serde_json::to_vec(&content).unwrap());
        }
    }
}
