//! Where emitted code finds what it needs.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

/// `::mcp_core::__private`, or that of the crate named by `crate = "…"`; never a guess.
pub(crate) fn private(named: Option<&Path>) -> TokenStream {
    match named {
        Some(path) => quote_spanned!(Span::mixed_site()=> #path::__private),
        None => quote_spanned!(Span::mixed_site()=> ::mcp_core::__private),
    }
}
