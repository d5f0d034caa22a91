//! What a function that is called for a client may take and return, by its types.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    FnArg, GenericParam, Lifetime, ParenthesizedGenericArguments, Safety, Signature, Type,
    TypeFnPtr, TypeImplTrait, TypeReference,
    visit::{self, Visit},
};

use crate::{
    ast::{Function, Param},
    diag::Diag,
};

pub(super) fn signature(sig: &Signature, diag: &mut Diag) {
    let mut refuse = |tokens: Option<&dyn ToTokens>, message| {
        if let Some(tokens) = tokens {
            diag.on(tokens, message);
        }
    };
    refuse(
        sig.constness.as_ref().map(|constness| constness as _),
        "`const` means nothing to a client: drop it",
    );
    refuse(
        match &sig.safety {
            Safety::Unsafe(safety) => Some(safety),
            Safety::Safe(_) | Safety::Default => None,
        },
        "a client cannot promise what an `unsafe fn` asks for: wrap it in a safe one",
    );
    refuse(
        sig.abi.as_ref().map(|abi| abi as _),
        "`extern` means nothing to a client: drop it",
    );
    for parameter in &sig.generics.params {
        let message = match parameter {
            GenericParam::Lifetime(_) => {
                "a client lends nothing: take it by value, such as `String`, and drop the lifetime"
            }
            GenericParam::Type(_) | GenericParam::Const(_) => {
                "a client cannot choose a type: write the function for one"
            }
        };
        refuse(Some(parameter), message);
    }
    let attrs = sig.inputs.iter().flat_map(|input| match input {
        FnArg::Receiver(_) => &[],
        FnArg::Typed(param) => param.attrs.as_slice(),
    });
    for attr in attrs {
        if attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr") {
            let message =
                "a parameter cannot be configured away: write two functions with `#[cfg]`";
            refuse(Some(attr), message);
        }
    }
}

pub(super) fn output(function: &Function, diag: &mut Diag) {
    let output = &function.output();
    let found = Found::within(output);
    // Where there is nothing to borrow from, the compiler complains.
    if let (Some(borrowed), true) = (found.elided, function.is_lending()) {
        let message = "an answer outlives the call: return it by value, such as `String`";
        diag.on(borrowed, message);
    }
    if let Some(opaque) = found.opaque {
        diag.on(
            opaque,
            "name the type that is returned: nothing is known of an `impl Trait`",
        );
    }
    if let Type::Never(never) = output {
        diag.on(
            never,
            "nothing is returned here, so there is nothing to answer",
        );
    }
}

/// What is taken from a call is owned by the function: this `rule`.
pub(super) fn borrowed(param: &Param, rule: &str, diag: &mut Diag) {
    let found = Found::within(&param.ty);
    let reference = match &param.ty {
        Type::Reference(reference) => Some(reference),
        _ => found.reference,
    };
    if let Some(reference) = reference {
        let owned = match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => "`String`",
            Type::Slice(_) => "a `Vec`",
            _ => "it by value, or `State<T>` for what the server holds",
        };
        diag.on(reference, format_args!("{rule}: take {owned}"));
    }
}

pub(super) fn named(param: &Param, diag: &mut Diag) {
    if let Some(opaque) = Found::within(&param.ty).opaque {
        let message = "name the type of this parameter: a client cannot choose one";
        diag.on(opaque, message);
    }
}

/// What of this type is borrowed for as long as nobody said.
pub(super) fn elided(ty: &Type) -> Option<TokenStream> {
    Found::within(ty).elided
}

/// What cannot be in the type of a value that travels.
#[derive(Default)]
struct Found<'t> {
    reference: Option<&'t TypeReference>,
    /// `&T`, or what has `'_` in it: borrowed from a parameter.
    elided: Option<TokenStream>,
    opaque: Option<&'t TypeImplTrait>,
}

impl<'t> Found<'t> {
    fn within(ty: &'t Type) -> Self {
        let mut found = Self::default();
        found.visit_type(ty);
        found
    }
}

impl<'t> Visit<'t> for Found<'t> {
    fn visit_type_reference(&mut self, reference: &'t TypeReference) {
        match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => {
                visit::visit_type_reference(self, reference);
            }
            lifetime => {
                self.reference = self.reference.or(Some(reference));
                if lifetime
                    .as_ref()
                    .is_none_or(|lifetime| lifetime.ident == "_")
                {
                    self.elided
                        .get_or_insert_with(|| reference.to_token_stream());
                }
            }
        }
    }

    fn visit_lifetime(&mut self, lifetime: &'t Lifetime) {
        if lifetime.ident == "_" {
            self.elided
                .get_or_insert_with(|| lifetime.to_token_stream());
        }
    }

    fn visit_type_impl_trait(&mut self, opaque: &'t TypeImplTrait) {
        self.opaque = self.opaque.or(Some(opaque));
    }

    // What a function borrows is its own business.
    fn visit_type_fn_ptr(&mut self, _: &'t TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &'t ParenthesizedGenericArguments) {}
}
