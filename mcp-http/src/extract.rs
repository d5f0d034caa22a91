//! What a handler can learn of the HTTP request that its call came in.

use std::{any::type_name, ops::Deref};

use http::{HeaderMap, request::Parts};
use mcp_core::{Context, Error, FromContext, OptionalFromContext, jsonrpc::ErrorCode};

/// The headers of the HTTP request that a call came in.
///
/// `Authorization` and `X-API-Key` are not among them: a credential that was meant for this server
/// must not be passed on to another. Who it belongs to is [`Identity`](mcp_core::Identity).
///
/// A call that came in another way, as over stdio, is refused; `Option<Headers>` is none then.
///
/// ```
/// use mcp_core::prelude::*;
/// use mcp_http::Headers;
///
/// /// Say hello
/// #[mcp_tool]
/// fn hello(headers: Headers) -> &'static str {
///     match headers.get("accept-language") {
///         Some(languages) if languages.as_bytes().starts_with(b"de") => "Hallo!",
///         _ => "Hello!",
///     }
/// }
/// # let _ = tools![hello];
/// ```
///
/// # Specification
/// Token passthrough:
/// [2025-11-25](https://modelcontextprotocol.io/docs/2025-11-25/tutorials/security/security_best_practices#token-passthrough),
/// [2026-07-28](https://modelcontextprotocol.io/docs/2026-07-28/tutorials/security/security_best_practices#token-passthrough)
#[derive(Clone, Debug)]
pub struct Headers(pub HeaderMap);

impl Deref for Headers {
    type Target = HeaderMap;

    fn deref(&self) -> &HeaderMap {
        &self.0
    }
}

impl FromContext for Headers {
    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        head(context).map(|head| Self(head.headers.clone()))
    }
}

impl OptionalFromContext for Headers {
    fn optional_from_context(context: &Context<'_>) -> Result<Option<Self>, Error> {
        let head = context.transport::<Parts>();
        Ok(head.map(|head| Self(head.headers.clone())))
    }
}

/// What a layer in front of the server has put into the [`Extensions`](http::Extensions) of the
/// request: the address of the client, a tenant, a certificate.
///
/// A call without it is refused; `Option<Extension<T>>` is none then.
///
/// ```
/// use mcp_core::prelude::*;
/// use mcp_http::Extension;
///
/// #[derive(Clone)]
/// struct Tenant(String);
///
/// /// Say hello
/// #[mcp_tool]
/// fn hello(Extension(Tenant(name)): Extension<Tenant>) -> String {
///     format!("Hello, {name}!")
/// }
/// # let _ = tools![hello];
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Extension<T>(pub T);

impl<T> Deref for Extension<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone + Send + Sync + 'static> FromContext for Extension<T> {
    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        let found = head(context)?.extensions.get::<T>().cloned();
        found.map(Self).ok_or_else(|| {
            Error::internal(format_args!(
                "no `{}` is in the extensions of the request: no layer in front of the server has \
                 put it there",
                type_name::<T>()
            ))
        })
    }
}

impl<T: Clone + Send + Sync + 'static> OptionalFromContext for Extension<T> {
    fn optional_from_context(context: &Context<'_>) -> Result<Option<Self>, Error> {
        let head = context.transport::<Parts>();
        Ok(head.and_then(|head| head.extensions.get().cloned().map(Self)))
    }
}

fn head<'a>(context: &Context<'a>) -> Result<&'a Parts, Error> {
    context.transport().ok_or_else(|| Error::Custom {
        code: ErrorCode::INTERNAL_ERROR,
        message: "This is served over HTTP only".to_owned(),
        data: None,
    })
}
