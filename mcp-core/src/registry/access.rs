//! Who may use an entry, decided before its function runs.

use crate::{
    context::{Context, Requirement},
    error::Error,
};

/// Turns away who may not use what these are asked for.
pub(crate) fn admit(
    context: &Context<'_>,
    requires_auth: bool,
    scopes: &[String],
) -> Result<(), Error> {
    match context.identity() {
        None if requires_auth || !scopes.is_empty() => Err(context.authentication_required()),
        // All of them, so that the client has to ask its user once.
        Some(known) if !scopes.iter().all(|scope| known.has_scope(scope)) => {
            Err(context.insufficient_scope(scopes))
        }
        _ => Ok(()),
    }
}

/// Who may use a tool, a resource or a prompt.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    requires_auth: bool,
    scopes: Vec<String>,
}

impl Access {
    /// Serves authenticated callers only.
    pub(crate) fn require_auth(&mut self) {
        self.requires_auth = true;
    }

    /// Serves only callers who may do all that these scopes stand for.
    pub(crate) fn require_scopes<S: Into<String>>(&mut self, scopes: impl IntoIterator<Item = S>) {
        self.scopes.extend(scopes.into_iter().map(Into::into));
    }

    /// Whether nobody is served who has not said who they are.
    pub(crate) fn requires_auth(&self, requirements: &[Requirement]) -> bool {
        let identity = |need: &Requirement| matches!(need, Requirement::Identity);
        self.requires_auth || !self.scopes.is_empty() || requirements.iter().any(identity)
    }

    /// What a caller must be allowed, all of it.
    pub(crate) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Turns away who may not use it. An identity that its function takes, it asks for itself.
    pub(crate) fn check(&self, context: &Context<'_>) -> Result<(), Error> {
        admit(context, self.requires_auth, &self.scopes)
    }

    /// Notes what no scope can be called.
    pub(crate) fn problems(&self, problems: &mut Vec<String>) {
        check_scopes(&self.scopes, problems);
    }
}

/// Notes what no scope can be called.
///
/// # Specification
/// [RFC 6749, section 3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)
pub(crate) fn check_scopes<'a>(
    scopes: impl IntoIterator<Item = &'a String>,
    problems: &mut Vec<String>,
) {
    let is_token = |scope: &str| {
        let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        !scope.is_empty() && scope.bytes().all(allowed)
    };
    for scope in scopes.into_iter().filter(|scope| !is_token(scope)) {
        problems.push(format!(
            "`{}` is no scope: visible ASCII without spaces, quotes and backslashes",
            scope.escape_debug()
        ));
    }
}
