//! Who asks.

use std::{fmt, sync::Arc};

use sha2::{Digest as _, Sha256};

use crate::{
    context::{Context, FromContext, OptionalFromContext, Requirement},
    digest::{Digest, digest},
    error::Error,
    hierarchy::Hierarchy,
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
#[derive(Clone)]
pub struct Identity {
    inner: Arc<Inner>,
    /// How the server that serves them reads their scopes, once it does.
    hierarchy: Option<Arc<Hierarchy>>,
}

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    issuer: Option<String>,
    subject: String,
    scopes: Vec<String>,
}

impl Identity {
    /// Somebody by the name that their credential carries.
    pub fn new(subject: impl Into<String>) -> Self {
        let inner = Inner {
            issuer: None,
            subject: subject.into(),
            scopes: Vec::new(),
        };
        Self {
            inner: Arc::new(inner),
            hierarchy: None,
        }
    }

    /// The same, as vouched for by `issuer`: equal subjects of two issuers are two principals.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.inner).issuer = Some(issuer.into());
        self
    }

    /// The same, allowed to do what these scopes stand for.
    #[must_use]
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        Arc::make_mut(&mut self.inner).scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The name that the credential carries.
    pub fn subject(&self) -> &str {
        &self.inner.subject
    }

    /// Who vouches for the name, if not this server itself.
    pub fn issuer(&self) -> Option<&str> {
        self.inner.issuer.as_deref()
    }

    /// The scopes that the credential carries, and none that they imply.
    pub fn scopes(&self) -> &[String] {
        &self.inner.scopes
    }

    /// Whether the credential carries this scope, or one that the server says
    /// [implies](crate::ServerBuilder::scope_implies) it.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.has_by(scope).is_some()
    }

    /// Who it is, whatever they may do. Nobody's word is not that of an issuer without a name.
    pub(crate) fn principal(&self) -> Digest {
        let mut hash = Sha256::new();
        for part in [self.issuer(), Some(self.subject())] {
            let length = part.map_or(u64::MAX, |part| part.len() as u64);
            hash.update(length.to_le_bytes());
            hash.update(part.unwrap_or_default());
        }
        digest(hash)
    }

    /// Which scope of the credential they have this one by.
    pub(crate) fn has_by(&self, scope: &str) -> Option<&String> {
        let own = &self.inner.scopes;
        let by_a_broader_one = || {
            let hierarchy = self.hierarchy.as_ref()?;
            own.iter().find(|own| hierarchy.implies(own, scope))
        };
        own.iter()
            .find(|own| *own == scope)
            .or_else(by_a_broader_one)
    }

    /// The same, as a server reads their scopes by whose rules these imply others.
    pub(crate) fn under(&self, hierarchy: &Arc<Hierarchy>) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            hierarchy: Some(Arc::clone(hierarchy)),
        }
    }
}

/// Who somebody is does not depend on the server that asks.
impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Eq for Identity {}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity")
            .field(&self.inner.subject)
            .finish()
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
