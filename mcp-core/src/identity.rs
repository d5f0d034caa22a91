//! Who asks.

use std::{fmt, sync::Arc};

use crate::{
    context::{Context, FromContext, OptionalFromContext, Requirement},
    error::Error,
};

/// Who asks, as an authenticator established it; cheap to clone.
///
/// As a parameter of a handler it makes authentication mandatory; `Option<Identity>` does not.
///
/// ```
/// use mcp_core::Identity;
///
/// let identity = Identity::new("alice").with_scopes(["books:read"]);
/// assert_eq!(identity.subject(), "alice");
/// assert!(identity.has_scope("books:read"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Identity(Arc<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    issuer: Option<String>,
    subject: String,
    scopes: Vec<String>,
}

impl Identity {
    /// Somebody by the name that their credential carries.
    pub fn new(subject: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            issuer: None,
            subject: subject.into(),
            scopes: Vec::new(),
        }))
    }

    /// The same, as vouched for by `issuer`: equal subjects of two issuers are two principals.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).issuer = Some(issuer.into());
        self
    }

    /// The same, allowed to do what these scopes stand for.
    #[must_use]
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        Arc::make_mut(&mut self.0).scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The name that the credential carries.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Who vouches for the name, if not this server itself.
    pub fn issuer(&self) -> Option<&str> {
        self.0.issuer.as_deref()
    }

    /// What the credential allows.
    pub fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    /// Whether the credential carries this scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.0.scopes.iter().any(|own| own == scope)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.0.subject).finish()
    }
}

impl FromContext for Identity {
    fn requirements(found: &mut Vec<Requirement>) {
        found.push(Requirement::Identity);
    }

    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        context
            .identity()
            .cloned()
            .ok_or_else(|| context.authentication_required())
    }
}

impl OptionalFromContext for Identity {
    fn optional_from_context(context: &Context<'_>) -> Result<Option<Self>, Error> {
        Ok(context.identity().cloned())
    }
}
