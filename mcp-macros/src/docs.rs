//! Doc comments → description.

use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::diag::Diag;

/// The text of the doc comments among these attributes, if they say anything.
///
/// Lines and paragraphs are kept; the space that people put after `///` is not.
pub(crate) fn description(attrs: &[Attribute], diag: &mut Diag) -> Option<String> {
    let mut lines = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("doc")) {
        // `#[doc(hidden)]` and the like say nothing to a model.
        let Meta::NameValue(meta) = &attr.meta else { continue };
        match &unwrapped(&meta.value) {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => lines.extend(unindented(&text.value())),
            other => diag.on(
                other.to_token_stream(),
                "only text can be read from here; give it as `description = …` instead",
            ),
        }
    }
    let text = lines.join("\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What is inside the invisible brackets that `macro_rules!` leaves around what it was given.
pub(crate) fn unwrapped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => unwrapped(&group.expr),
        expr => expr,
    }
}

/// The lines of one doc comment, without the margin of a `/** block */`.
fn unindented(comment: &str) -> Vec<String> {
    let starred = |line: &str| line.trim_start().starts_with('*');
    let block = comment.contains('\n') && comment.lines().skip(1).all(|l| starred(l) || l.trim().is_empty());
    comment
        .lines()
        .map(|line| {
            let line = match line.trim_start().strip_prefix('*') {
                Some(line) if block => line,
                _ => line,
            };
            line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()
        })
        .collect()
}
