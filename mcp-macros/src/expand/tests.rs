//! What becomes of the functions in `tests/expand`, as people read it.
//!
//! `BLESS=1 cargo test -p mcp-macros expand` writes the expansions anew; read them.

use std::{env, fs, path::Path};

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, Meta,
    parse::{ParseStream, Parser as _},
};

use super::{Item, attribute, server};
use crate::ast::{CompleteFn, PromptFn, ResourceFn, ToolFn};

/// Expands the function in `tests/expand/<name>.rs`, and compares with `<name>.expanded.rs`.
fn expands<I: Item>(name: &str) {
    expands_by(I::ATTRIBUTE, attribute::<I>, name);
}

fn expands_by(attribute: &str, expand: fn(TokenStream, TokenStream) -> TokenStream, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let source = fs::read_to_string(folder.join(name).with_extension("rs")).unwrap();
    let split = |input: ParseStream<'_>| {
        Ok((
            input.call(Attribute::parse_outer)?,
            input.parse::<TokenStream>()?,
        ))
    };
    let (mut attrs, item) = split.parse_str(&source).unwrap();
    let ours = attrs
        .iter()
        .position(|attr| attr.path().is_ident(attribute));
    let tokens = match attrs.remove(ours.unwrap()).meta {
        Meta::List(list) => list.tokens,
        _ => TokenStream::new(),
    };
    let expanded = expand(tokens, quote!(#(#attrs)* #item));
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

#[test]
fn a_function_that_blocks() {
    expands::<ToolFn>("blocking");
}

#[test]
fn a_completion() {
    expands::<CompleteFn>("complete");
}

#[test]
fn an_impl_block() {
    expands_by("mcp_server", server::attribute, "server");
}
