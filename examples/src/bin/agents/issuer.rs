//! An issuer of access tokens: where its keys are, its metadata tells.
//!
//! # Specification
//! [RFC 8414](https://www.rfc-editor.org/rfc/rfc8414), as MCP has clients look for it:
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery)

use std::{sync::Arc, time::Duration};

use mcp_http::auth::Jwks;
use rustls::crypto::aws_lc_rs;
use serde::Deserialize;
use tokio::task::spawn_blocking;
use ureq::{
    Agent,
    http::Uri,
    tls::{Certificate, RootCerts, TlsConfig},
};

/// How long one answer may take: [`Jwks`] waits for 10 s, and there are up to four.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longer than metadata and keys ever are, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// An issuer, by its URL.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    url: String,
    agent: Agent,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Issuer {
    /// The issuer at this URL, letter by letter as it stands in tokens.
    ///
    /// # Errors
    /// In words for who started the server, when somebody on the way could be taken for the issuer.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        if !is_safe(url) || url.contains(['?', '#']) {
            return Err(
                "an issuer is a URL with `https`, or with `http` on this machine".to_owned(),
            );
        }
        let tls = TlsConfig::builder()
            .root_certs(roots())
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(PATIENCE))
            // A redirect could lead from `https` to anywhere.
            .max_redirects(0);
        Ok(Self {
            url: url.to_owned(),
            agent: config.build().new_agent(),
        })
    }

    /// What it is called in tokens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Its keys, fetched whenever they are needed.
    pub(crate) fn keys(&self) -> Jwks {
        let this = self.clone();
        Jwks::fetched(move || this.clone().fetch())
    }

    /// Its keys, as they are now.
    ///
    /// # Errors
    /// In words for who started the server.
    pub(crate) async fn fetch(self) -> Result<String, String> {
        let fetched = spawn_blocking(move || self.find()).await;
        fetched.unwrap_or_else(|error| Err(error.to_string()))
    }

    fn find(&self) -> Result<String, String> {
        let mut refused = Vec::new();
        for place in self.places() {
            match self.metadata(&place) {
                Ok(metadata) => return self.get(&metadata.jwks_uri),
                Err(reason) => refused.push(format!("{place}: {reason}")),
            }
        }
        Err(refused.join("; "))
    }

    /// Where its metadata may be: behind its origin in two forms, and, if it has a path, behind that.
    fn places(&self) -> Vec<String> {
        let url = self.url.trim_end_matches('/');
        let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let path = url.get(origin.len()..).unwrap_or_default();
        let mut places = vec![
            format!("{origin}/.well-known/oauth-authorization-server{path}"),
            format!("{origin}/.well-known/openid-configuration{path}"),
        ];
        if !path.is_empty() {
            places.push(format!("{url}/.well-known/openid-configuration"));
        }
        places
    }

    fn metadata(&self, place: &str) -> Result<Metadata, String> {
        let text = self.get(place)?;
        let found: Metadata = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if found.issuer != self.url {
            return Err(format!("it is about {:?}", found.issuer));
        }
        if !is_safe(&found.jwks_uri) {
            return Err(format!("its `jwks_uri` is not safe: {:?}", found.jwks_uri));
        }
        Ok(found)
    }

    fn get(&self, url: &str) -> Result<String, String> {
        let answer = self.agent.get(url).call();
        let text = answer.and_then(|mut answer| {
            let body = answer.body_mut().with_config().limit(LONGEST);
            body.read_to_string()
        });
        text.map_err(|error| error.to_string())
    }
}

/// The roots of trust of this machine, which may have some of its organisation. What of them cannot
/// be read is not trusted.
fn roots() -> RootCerts {
    let found = rustls_native_certs::load_native_certs().certs.into_iter();
    found
        .map(|root| Certificate::from_der(&root).to_owned())
        .into()
}

/// Whether nobody on the way can answer in its place.
fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => matches!(host, "localhost" | "127.0.0.1" | "[::1]"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(url: &str) -> Vec<String> {
        Issuer::parse(url).unwrap().places()
    }

    #[test]
    fn metadata_is_looked_for_where_clients_look_for_it() {
        let root = [
            "https://login.example.com/.well-known/oauth-authorization-server",
            "https://login.example.com/.well-known/openid-configuration",
        ];
        assert_eq!(places("https://login.example.com"), root);
        assert_eq!(places("https://login.example.com/"), root);
        assert_eq!(
            places("https://login.example.com/a/b"),
            [
                "https://login.example.com/.well-known/oauth-authorization-server/a/b",
                "https://login.example.com/.well-known/openid-configuration/a/b",
                "https://login.example.com/a/b/.well-known/openid-configuration",
            ]
        );
    }

    #[test]
    fn an_issuer_has_https_unless_it_is_on_this_machine() {
        for url in [
            "https://login.example.com",
            "http://localhost:9000",
            "http://[::1]:9000/a",
        ] {
            assert!(Issuer::parse(url).is_ok(), "{url}");
        }
        for url in [
            "http://login.example.com",
            "login.example.com",
            "https://",
            "ftp://localhost",
        ] {
            assert!(Issuer::parse(url).is_err(), "{url}");
        }
    }
}
