//! What becomes of the functions in `tests/expand`, as people read it.
//!
//! `BLESS=1 cargo test -p mcp-macros expand` writes the expansions anew; read them.

use std::{env, fs, path::Path};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{ItemFn, Meta};

use super::{Item, attribute};
use crate::ast::{PromptFn, ResourceFn, ToolFn};

/// Expands the function in `tests/expand/<name>.rs`, and compares with `<name>.expanded.rs`.
fn expands<I: Item>(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let source = fs::read_to_string(folder.join(name).with_extension("rs")).unwrap();
    let mut item: ItemFn = syn::parse_str(&source).unwrap();
    let ours = item
        .attrs
        .iter()
        .position(|attr| attr.path().is_ident(I::ATTRIBUTE));
    let tokens = match item.attrs.remove(ours.unwrap()).meta {
        Meta::List(list) => list.tokens,
        _ => TokenStream::new(),
    };
    let expanded = attribute::<I>(tokens, item.into_token_stream());
    let expanded = prettyplease::unparse(&syn::parse2(expanded).unwrap());

    let path = folder.join(name).with_extension("expanded.rs");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &expanded).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expanded == expected,
        "{} is out of date:\n{expanded}",
        path.display()
    );
}

#[test]
fn a_tool() {
    expands::<ToolFn>("tool");
}

#[test]
fn a_tool_without_parameters() {
    expands::<ToolFn>("tool_without_parameters");
}

#[test]
fn a_resource() {
    expands::<ResourceFn>("resource");
}

#[test]
fn a_prompt() {
    expands::<PromptFn>("prompt");
}

#[test]
fn a_mistake_leaves_the_function_and_an_empty_registration() {
    expands::<ToolFn>("mistake");
}

#[test]
fn a_mistaken_method_is_left_alone() {
    expands::<ToolFn>("mistaken_method");
}
