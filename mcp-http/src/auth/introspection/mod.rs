//! Access tokens that mean something to their issuer only, who is asked about them.
//!
//! # Specification
//! [RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)

mod answers;

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use mcp_core::Identity;
use serde::Deserialize;
use tokio::{sync::Semaphore, time::timeout};

use self::answers::{Answer, Answers};
use super::{
    Authenticator, Credential, Unavailable,
    claims::{Claims, Expected, Refused, now, parts},
};

/// How long the issuer may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many tokens the issuer is asked about at once; whoever sends more of them waits.
const AT_ONCE: usize = 64;
/// More than any issuer has to say of a token.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Takes the access tokens that one authorization server knows, and asks it about each.
///
/// The answer has to say that the token is `active`, that it is for this audience, whom it is about
/// (`sub`), and, where it says so at all, that it is of this issuer, a bearer token, and good now
/// (`exp`, `nbf`). Its `sub` becomes the [`Identity`], vouched for by the issuer, with the scopes in
/// `scope` and `scp`. Why a token is not taken is in the log, at `debug`; its bearer is not told.
///
/// Every answer is remembered for a minute by the digest of the token, the bad ones, too; never beyond
/// `exp`. However many requests carry the same token, the issuer is asked once. When it does not
/// answer, who asks is answered [503](Unavailable).
///
/// Put it last: whatever credential the others do not know it sends to the issuer. It never
/// sends one from `X-API-Key`, and no JSON Web Token that says itself that it is of another issuer,
/// for another server, or over.
///
/// ```no_run
/// use mcp_core::Server;
/// use mcp_http::{HttpServer, auth::Introspection};
///
/// /// What the issuer says of a token, as it says it.
/// async fn introspect(token: String) -> std::io::Result<Vec<u8>> {
///     // With reqwest, to the issuer's `introspection_endpoint`:
///     // `client.post(url).basic_auth(id, Some(secret)).form(&[("token", token)]).send().await?
///     //     .error_for_status()?.bytes().await`
///     # let _ = token;
///     # Ok(Vec::new())
/// }
///
/// # #[tokio::main]
/// # async fn main() -> mcp_http::Result {
/// let issuer = "https://login.example.com";
/// HttpServer::new(Server::new("library", "1.0.0"))
///     .public_url("https://mcp.example.com")
///     .authorization_servers([issuer])
///     .auth(Introspection::new(issuer, "https://mcp.example.com/mcp", introspect))
///     .serve("127.0.0.1:8000")
///     .await
/// # }
/// ```
///
/// # Specification
/// Access token usage:
/// [2025-11-25](https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#access-token-usage),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#access-token-usage)
pub struct Introspection {
    expected: Arc<Expected>,
    remembered: Duration,
    ask: Box<Ask>,
    turns: Arc<Semaphore>,
    answers: Arc<Answers>,
}

type Ask = dyn Fn(String) -> Asked + Send + Sync;
type Asked = Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send>>;

impl Introspection {
    /// Tokens by this issuer; for this audience, which is the URL of MCP here, unless the issuer knows
    /// the server by another name; asked about by this function, with an HTTP client of your choice.
    ///
    /// The function is given a token, sends it to what the issuer calls its `introspection_endpoint`,
    /// with the credentials that the server has there, and gives back the body of a 200. Its errors
    /// are for the log, so the token has no place in them.
    pub fn new<F, T, B, E>(issuer: impl Into<String>, audience: impl AsRef<str>, ask: F) -> Self
    where
        F: Fn(String) -> T + Send + Sync + 'static,
        T: Future<Output = Result<B, E>> + Send + 'static,
        B: AsRef<[u8]>,
        E: fmt::Display,
    {
        let ask = move |token| {
            let asked = ask(token);
            let answer = async move {
                let answer = asked.await.map_err(|error| error.to_string())?;
                Ok(answer.as_ref().to_vec())
            };
            Box::pin(answer) as Asked
        };
        Self {
            expected: Arc::new(Expected::new(issuer.into(), audience.as_ref())),
            remembered: Duration::from_secs(60),
            ask: Box::new(ask),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            answers: Arc::default(),
        }
    }

    /// How far the clocks of issuer and server may be apart. Default: 60 s.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        Arc::make_mut(&mut self.expected).leeway = leeway;
        self
    }

    /// How long an answer is remembered at most, which is how long a token may be taken that is
    /// withdrawn. With 0, the issuer is asked with every request. Default: 60 s.
    #[must_use]
    pub fn remembered(mut self, time: Duration) -> Self {
        self.remembered = time;
        self
    }

    /// Whether there is any use in asking: whatever else it is, it must not be sent to the issuer.
    fn is_worth_asking(&self, token: &str) -> bool {
        // RFC 6750, section 2.1.
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
        if token.is_empty() || !token.bytes().all(allowed) {
            return false;
        }
        let checked = match own_claims(token) {
            Some(claims) => self.expected.check_what_is_said(&claims),
            None => Ok(()),
        };
        checked.map_err(|why| self.expected.note(why)).is_ok()
    }

    /// What the issuer says of a token. It goes on without whoever wanted to know: others may, too.
    fn ask(
        &self,
        token: &str,
    ) -> impl Future<Output = Result<Answer, Unavailable>> + Send + 'static {
        let asked = (self.ask)(token.to_owned());
        let (turns, expected) = (Arc::clone(&self.turns), Arc::clone(&self.expected));
        let remembered = self.remembered;
        async move {
            let answer = timeout(PATIENCE, async {
                let _turn = turns.acquire().await;
                asked.await
            });
            let answer = answer
                .await
                .unwrap_or_else(|_| Err(format!("no answer for {PATIENCE:?}")));
            let answer = answer.map_err(|reason| unavailable(&reason))?;
            judge(&expected, &answer, remembered)
        }
    }
}

/// What to make of the issuer's answer.
fn judge(expected: &Expected, answer: &[u8], remembered: Duration) -> Result<Answer, Unavailable> {
    #[derive(Deserialize)]
    struct Response {
        active: bool,
        token_type: Option<String>,
    }

    if answer.len() > LONGEST_ANSWER {
        return Err(unavailable("it said more than 64 KiB"));
    }
    // What is wrong with it is not repeated: what it says is not for the log.
    let response: Response = serde_json::from_slice(answer)
        .map_err(|_| unavailable("what it said is no `{\"active\": true or false, ..}`"))?;
    let bearer = |kind: &String| kind.eq_ignore_ascii_case("bearer");
    let claims = if !response.active {
        Err(Refused("it is not active"))
    } else if !response.token_type.as_ref().is_none_or(bearer) {
        Err(Refused("its `token_type` is not `Bearer`"))
    } else {
        Claims::parse(answer).and_then(|claims| expected.check(&claims).map(|()| claims))
    };
    match claims {
        Ok(claims) => {
            let left = claims.exp.map(|end| (end - now()).max(0.0));
            let left = left.and_then(|left| Duration::try_from_secs_f64(left).ok());
            Ok(Answer {
                good_for: left.map_or(remembered, |left| left.min(remembered)),
                identity: Some(claims.into_identity(&expected.issuer)),
            })
        }
        Err(why) => {
            expected.note(why);
            Ok(Answer {
                good_for: remembered,
                identity: None,
            })
        }
    }
}

fn unavailable(reason: &str) -> Unavailable {
    Unavailable::new(format_args!("an issuer told nothing of a token: {reason}"))
}

/// What a token says of itself, if it is a JSON Web Token. Nobody vouches for it.
fn own_claims(token: &str) -> Option<Claims> {
    let [_, claims, _] = parts(token)?;
    Claims::decode(claims).ok()
}

#[async_trait]
impl Authenticator for Introspection {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable> {
        let Credential::Bearer(token) = credential else {
            return Ok(None);
        };
        if let Some(known) = self.answers.known(token) {
            return Ok(known);
        }
        if !self.is_worth_asking(token) {
            return Ok(None);
        }
        self.answers.of(token, || self.ask(token)).await
    }

    fn takes_api_keys(&self) -> bool {
        false
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("issuer", &self.expected.issuer)
            .finish_non_exhaustive()
    }
}
