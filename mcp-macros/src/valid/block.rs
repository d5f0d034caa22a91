//! What holds for the methods of an `impl` block.

use std::collections::HashMap;

use quote::ToTokens;
use syn::{ReceiverKind, Signature, Type};

use super::{complete, prompt, resource, signature::elided, tool};
use crate::{
    ast::CompleteFn,
    block::{Block, Method, Registered},
    diag::Diag,
    expand::server::Completable,
};

/// Complains of the block, its methods, and what is registered of them.
pub(crate) fn block(block: &Block, diag: &mut Diag) {
    if let Some(of) = &block.of {
        let message =
            "`#[mcp_server]` stands on the type's own `impl` block, not on that of a trait";
        diag.on(of, message);
    }
    let lifetimes = block.generics.lifetimes().map(ToTokens::to_token_stream);
    for lifetime in lifetimes.chain(elided(&block.ty)) {
        let message = "a service is kept as long as its server: write `'static` instead";
        diag.on(lifetime, message);
    }
    let mut names = HashMap::new();
    for method in block.methods() {
        let Method {
            function,
            registered,
        } = method;
        me(function.sig(), diag);
        let named = match registered {
            Registered::Tool(of) => {
                tool(of, function, diag);
                Some(("tools", &of.common))
            }
            Registered::Resource(of) => {
                resource(of, function, diag);
                None
            }
            Registered::Prompt(of) => {
                prompt(of, function, diag);
                Some(("prompts", &of.common))
            }
            Registered::Completion(of) => {
                complete(of, function, diag);
                sibling(of, block, diag);
                None
            }
        };
        // Of those that are there under a condition, another one may be there instead.
        if let Some((kind, common)) = named
            && function.conditions().next().is_none()
        {
            let ident = &function.sig().ident;
            let name = common.name_of(function);
            match names.insert((kind, name.clone()), ident) {
                // Of two functions of one name the compiler complains.
                Some(first) if first != ident => {
                    let again = format_args!("two {kind} here are called `{name}`");
                    match &common.name {
                        Some(given) => diag.on(given, again),
                        None => diag.on(ident, again),
                    }
                }
                _ => {}
            }
        }
        let place = registered.place();
        refuse_in_block(
            place.ident.as_ref(),
            "`ident` names a struct, and a method has none",
            diag,
        );
        refuse_in_block(
            place.krate.as_ref(),
            "`crate` is for the whole block: `#[mcp_server(crate = \"…\")]`",
            diag,
        );
    }
    if diag.is_empty() && block.methods().next().is_none() {
        diag.on(
            &block.ty,
            "nothing here is registered: put `#[mcp_tool]`, `#[mcp_resource]` or `#[mcp_prompt]` \
             on a method",
        );
    }
}

fn refuse_in_block(given: Option<&impl ToTokens>, message: &str, diag: &mut Diag) {
    if let Some(given) = given {
        diag.on(given, message);
    }
}

/// How a method may take what it belongs to: calls run at the same time, and share it.
fn me(sig: &Signature, diag: &mut Diag) {
    const EXCLUSIVE: &str =
        "take `&self`: calls run at the same time; what changes goes into a `Mutex` or an atomic";
    let Some(receiver) = sig.receiver() else {
        return;
    };
    let problem = match &receiver.kind {
        ReceiverKind::Reference(_, _, Some(_)) => EXCLUSIVE,
        ReceiverKind::Typed(_, ty) if matches!(&**ty, Type::Reference(ty) if ty.mutability.is_some()) => {
            EXCLUSIVE
        }
        ReceiverKind::Value => "take `&self`: the next call needs it, too",
        _ => return,
    };
    diag.on(receiver, problem);
}

/// What a completion says of a method beside it.
fn sibling(completion: &CompleteFn, block: &Block, diag: &mut Diag) {
    let Some((of, argument)) = &completion.of else {
        return;
    };
    let name = &argument.text;
    let mut is_nothing = block.has_helper(of);
    for method in block.siblings(of) {
        match method.completable() {
            Completable::Nothing => is_nothing = true,
            Completable::These(known) if !known.contains(name) => {
                let of = &method.function.sig().ident;
                let message = format_args!("`{of}` has no argument `{name}` to complete");
                diag.at(argument.span, message);
            }
            Completable::These(_) | Completable::Unknown => {}
        }
    }
    if is_nothing {
        let message = "neither a resource nor a prompt: it has no arguments to complete";
        diag.on(of, message);
    }
}
