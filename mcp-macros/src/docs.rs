//! Doc comments → description.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::{attr::unwrapped, expand::mixed};

/// The text of the doc comments among these attributes, if they say anything.
///
/// Lines and paragraphs are kept; the space that people put after `///` is not.
pub(crate) fn description(attrs: &[Attribute]) -> Option<TokenStream> {
    let mut pieces = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("doc")) {
        // `#[doc(hidden)]` and the like say nothing to a model.
        let Meta::NameValue(meta) = &attr.meta else {
            continue;
        };
        pieces.push(match unwrapped(&meta.value) {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Piece::Text(unindented(&text.value())),
            other => Piece::Macro(other.to_token_stream()),
        });
    }
    let texts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => Some(text.as_str()),
        Piece::Macro(_) => None,
    });
    let Some(lines) = texts.collect::<Option<Vec<_>>>() else {
        // What `include_str!` will say, the compiler only knows later.
        return Some(mixed!(::core::concat!(#(#pieces, "\n"),*).trim()));
    };
    let text = lines.join("\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_token_stream())
}

enum Piece {
    Text(String),
    Macro(TokenStream),
}

impl ToTokens for Piece {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Text(text) => text.to_tokens(tokens),
            Self::Macro(call) => call.to_tokens(tokens),
        }
    }
}

/// One doc comment without its margin: a space, and in `/** blocks */` perhaps a star before it.
fn unindented(comment: &str) -> String {
    let mut later = comment
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty());
    let starred = comment.contains('\n') && later.all(|line| line.trim_start().starts_with('*'));
    let lines = comment.lines().map(|line| {
        let line = match line.trim_start().strip_prefix('*') {
            Some(line) if starred => line,
            _ => line,
        };
        line.strip_prefix(' ').unwrap_or(line).trim_end()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use syn::{Attribute, parse_quote};

    use super::*;

    fn text(attrs: &[Attribute]) -> String {
        description(attrs).unwrap_or_default().to_string()
    }

    #[test]
    fn lines_and_paragraphs_are_kept_and_margins_are_not() {
        let attrs: Vec<Attribute> = parse_quote! {
            /// Searches.
            ///
            ///     code
            /// - item
            #[doc(hidden)]
            ///
        };
        assert_eq!(text(&attrs), r#""Searches.\n\n    code\n- item""#);
    }

    #[test]
    fn blocks_lose_their_stars() {
        let block = "*\n     * Searches.\n     *\n     * - item\n     ";
        assert_eq!(unindented(block).trim(), "Searches.\n\n- item");
        assert_eq!(unindented(" One line "), "One line");
        assert_eq!(unindented(" * a list\n of one"), "* a list\nof one");
    }

    #[test]
    fn what_says_nothing_is_no_description() {
        assert!(description(&[]).is_none());
        assert!(description(&[parse_quote!(#[doc = " "]), parse_quote!(#[doc(hidden)])]).is_none());
    }
}
