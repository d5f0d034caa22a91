//! A function that names a module or a crate of its own name, which our struct stands before.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};

use crate::{
    ast::{Function, Written},
    diag::Diag,
};

/// What lets a function give a name a meaning of its own.
const DECLARES: [&str; 9] = [
    "use",
    "extern",
    "mod",
    "struct",
    "enum",
    "union",
    "type",
    "trait",
    "macro_rules",
];

/// Complains of `uuid::…` in a function beside which a struct `uuid` will stand: the compiler would
/// look for `…` in that struct, and say so in words of its own.
///
/// What it returns is the function with `::uuid::…` instead, so that one complaint is enough.
pub(crate) fn namesake(ident: &Ident, function: &Function, diag: &mut Diag) -> Option<Written> {
    let mut found = Found::default();
    let written = found.visit(ident, function.written.to_token_stream());
    let at = found.path.filter(|_| !found.declares)?;
    let message = format_args!(
        "`{ident}` is a type here, by which a list finds this function: for the crate write \
         `::{ident}`, or give the type another name: `ident = {ident}_fn`, which the list takes then"
    );
    diag.at(at, message);
    syn::parse2(written).ok()
}

#[derive(Default)]
struct Found {
    /// The first of a path that begins with the name.
    path: Option<Span>,
    /// Whether the name may be another's, declared within.
    declares: bool,
}

impl Found {
    /// The same tokens, such paths from the root.
    fn visit(&mut self, ident: &Ident, tokens: TokenStream) -> TokenStream {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut visited = TokenStream::new();
        let mut rest = tokens.as_slice();
        while let [token, after @ ..] = rest {
            let mut taken = 1;
            match token {
                TokenTree::Group(group) => {
                    let inner = self.visit(ident, group.stream());
                    let mut inner = Group::new(group.delimiter(), inner);
                    inner.set_span(group.span());
                    visited.extend([TokenTree::Group(inner)]);
                    rest = after;
                    continue;
                }
                TokenTree::Ident(word) if DECLARES.iter().any(|known| word == known) => {
                    self.declares = true;
                }
                TokenTree::Ident(name) if name == ident && begins_a_path(after) => {
                    self.path = self.path.or(Some(name.span()));
                    visited.extend(quote_spanned!(name.span()=> ::));
                }
                // What comes after `::` or a dot begins nothing.
                TokenTree::Punct(_) => match after {
                    [next, TokenTree::Ident(_), ..] if is(token, ':') && is(next, ':') => taken = 3,
                    [TokenTree::Ident(_), ..] if is(token, '.') => taken = 2,
                    _ => {}
                },
                _ => {}
            }
            let (these, others) = rest.split_at(taken);
            visited.extend(these.iter().cloned());
            rest = others;
        }
        visited
    }
}

/// Whether `::name` comes next; before `::<` stands the function.
fn begins_a_path(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [one, two, TokenTree::Ident(_), ..] if is(one, ':') && is(two, ':'))
}

fn is(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}
