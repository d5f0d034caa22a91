//! Collects complaints, so that all of them are told at once.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

/// What is wrong so far.
#[derive(Debug, Default)]
#[must_use = "complaints have to be told"]
pub(crate) struct Diag(Option<Error>);

impl Diag {
    /// Complains about these tokens.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add(Error::new_spanned(tokens, message));
    }

    /// Complains at this place.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.add(Error::new(span, message));
    }

    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    /// The value, or complains and goes on without.
    pub(crate) fn ok<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// All complaints, as the compiler is told.
    pub(crate) fn into_errors(self) -> Option<TokenStream> {
        self.0.map(Error::into_compile_error)
    }
}
