//! What is emitted when something is wrong: the function as it is, and an empty registration, so
//! that one mistake does not make `tools![name]` a second one.

use proc_macro2::TokenStream;
use quote::ToTokens as _;

use crate::{
    ast::Function,
    expand::{self, Item, mixed},
};

/// The function, and a registration that will not run because this does not compile.
pub(crate) fn expand<I: Item>(item: &I, function: &Function) -> TokenStream {
    // A method: no struct can stand beside it.
    if function.sig().receiver().is_some() || function.says_self().is_some() {
        return function.to_token_stream();
    }
    expand::beside(item, function, &mixed!(loop {}))
}
