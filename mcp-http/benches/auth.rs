//! What it costs to know a caller, and whether the time that it takes tells anything of a key.
//!
//! `cargo bench -p mcp-http --all-features --bench auth`. The test of timing is that of dudect: two
//! kinds of wrong keys in random turns, and Welch's t over how long each took. A comparison that
//! ends at the first difference is tested beside ours, to see that the test sees one.

#![expect(clippy::print_stdout, clippy::unwrap_used)]

use std::{
    env,
    future::Future,
    hash::{BuildHasher, RandomState},
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Instant,
};

use async_trait::async_trait;
use mcp_core::{
    Identity, Peer, Server, ServerBuilder,
    handler::{Handler, Request},
    jsonrpc::RequestId,
    prelude::*,
};
use mcp_http::auth::{ApiKeys, Authenticator, Credential, Introspection, Unavailable};
use serde_json::value::to_raw_value;

const KEYS: usize = 10_000;
const ISSUER: &str = "https://login.example.com";
const AUDIENCE: &str = "https://mcp.example.com/mcp";

fn main() {
    // `cargo test --benches` only wants to see that it runs.
    let short = env::args().any(|arg| arg == "--test");
    let (rounds, samples) = if short { (2, 1_000) } else { (101, 1_000_000) };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();

    println!("to know a caller, median of {rounds} rounds");
    let mut random = Random::default();
    let known: Vec<String> = (0..KEYS).map(|_| random.key()).collect();
    let keys = ApiKeys::new(known.iter().map(|key| (key, "alice")));
    let wrong: Vec<String> = (0..KEYS).map(|_| random.key()).collect();
    cost("one of 10,000 API keys", rounds, &keys, &known, true);
    cost("none of 10,000 API keys", rounds, &keys, &wrong, false);
    #[cfg(feature = "jwt")]
    jwt(rounds);
    let answer =
        format!(r#"{{"active":true,"sub":"alice","aud":"{AUDIENCE}","scope":"books:read"}}"#);
    let tokens = Introspection::new(ISSUER, AUDIENCE, move |_| {
        std::future::ready(Ok::<_, String>(answer.clone()))
    });
    let token = known.first().unwrap();
    runtime
        .block_on(tokens.authenticate(Credential::Bearer(token)))
        .unwrap();
    let one = std::slice::from_ref(token);
    cost("a token that was asked about", rounds, &tokens, one, true);

    println!("\nto let a caller call a tool, median of {rounds} rounds");
    let server = || Server::new("bench", "1").tools(tools![open, scoped]);
    let hierarchy = server()
        .scope_implies("admin", ["lend"])
        .scope_implies("lend", ["read"]);
    call("a tool without scopes", rounds, server(), "open", "read");
    call("a tool with a scope", rounds, server(), "scoped", "read");
    call(
        "the same by a broader scope",
        rounds,
        hierarchy,
        "scoped",
        "admin",
    );

    println!("\nwrong keys: three quarters of a real one against random ones, {samples} samples");
    timing("ApiKeys", samples, &keys, &known);
    let early = EndsEarly(known.first().unwrap().clone());
    timing("a comparison that ends early", samples, &early, one);
}

/// Nanoseconds for each of these credentials, which are known or not.
fn cost(what: &str, rounds: usize, who: &impl Authenticator, secrets: &[String], is_known: bool) {
    let times = 10_000_usize.div_ceil(secrets.len());
    let median = median(rounds, || {
        let start = Instant::now();
        for secret in secrets.iter().cycle().take(times * secrets.len()) {
            let found = ready(who.authenticate(Credential::Bearer(black_box(secret)))).unwrap();
            assert_eq!(found.is_some(), is_known, "{what}");
        }
        start.elapsed().as_secs_f64() * 1e9 / (times * secrets.len()) as f64
    });
    println!("  {what:32} {median:8.0} ns");
}

#[cfg(feature = "jwt")]
fn jwt(rounds: usize) {
    use issuer::Issuer;
    use mcp_http::auth::{Jwks, Jwt};

    #[expect(dead_code, reason = "a bench needs less than the tests do")]
    #[path = "../tests/it/jwt/issuer.rs"]
    mod issuer;

    for (name, issuer) in [("RS256", Issuer::rsa()), ("ES256", Issuer::ec())] {
        let keys = Jwks::new(issuer::set(&[&issuer])).unwrap();
        let jwt = Jwt::new(issuer::URL, issuer::AUDIENCE, keys);
        let tokens: Vec<String> = (0..rounds * 20)
            .map(|number| {
                let mut claims = issuer::claims();
                claims
                    .as_object_mut()
                    .unwrap()
                    .insert("jti".to_owned(), number.into());
                issuer.issue(&claims)
            })
            .collect();
        let mut fresh = tokens.chunks(20);
        let median = median(rounds, || {
            let start = Instant::now();
            for token in fresh.next().unwrap() {
                ready(jwt.authenticate(Credential::Bearer(token)))
                    .unwrap()
                    .unwrap();
            }
            start.elapsed().as_secs_f64() * 1e9 / 20.0
        });
        println!(
            "  {:32} {median:8.0} ns",
            format!("a JWT, {name}, for the first time")
        );
        cost(
            &format!("the same, {name}, again"),
            rounds,
            &jwt,
            &tokens,
            true,
        );
    }
}

/// Anybody
#[mcp_tool]
fn open() {}

/// Those who may read
#[mcp_tool(scopes("read"))]
fn scoped() {}

fn call(what: &str, rounds: usize, server: ServerBuilder, tool: &str, scope: &str) {
    const TIMES: usize = 10_000;

    let server = server.build().unwrap();
    let peer = std::sync::Arc::new(Peer::default());
    let (id, who) = (
        RequestId::from(1_i64),
        Identity::new("alice").with_scopes([scope]),
    );
    let params = to_raw_value(&serde_json::json!({ "name": tool })).unwrap();
    let median = median(rounds, || {
        let start = Instant::now();
        for _ in 0..TIMES {
            let request = Request::new(&id, "tools/call", &peer);
            let request = request.params(Some((&*params).into())).identity(Some(&who));
            black_box(ready(Handler::handle(&server, request)).unwrap());
        }
        start.elapsed().as_secs_f64() * 1e9 / TIMES as f64
    });
    println!("  {what:32} {median:8.0} ns");
}

/// Prints Welch's t of how long two kinds of wrong keys take: those that begin as a real one does, and
/// random ones.
fn timing(what: &str, samples: usize, who: &impl Authenticator, real: &[String]) {
    let mut random = Random::default();
    let mut took = Vec::with_capacity(samples);
    for _ in 0..samples / 1_000 {
        // Beforehand and in the same way: what making a key leaves in the caches is not its time.
        let keys: Vec<(bool, String)> = (0..1_000)
            .map(|_| {
                let at = usize::try_from(random.next() >> 32).unwrap() % real.len();
                let either = [random.key(), real.get(at).unwrap().clone()];
                let close = random.next() % 2 == 0;
                let key = either.get(usize::from(close)).unwrap();
                // Never the same twice: a table has its own slow places for each key.
                (
                    close,
                    format!("{}-{:07x}", key.split_at(24).0, random.next() >> 36),
                )
            })
            .collect();
        for (close, key) in &keys {
            let start = Instant::now();
            let found = ready(who.authenticate(Credential::Bearer(black_box(key))));
            let nanoseconds = start.elapsed().as_nanos() as f64;
            assert!(found.unwrap().is_none(), "{what}");
            took.push((*close, nanoseconds));
        }
    }
    // The slowest were interrupted, whichever kind they are.
    took.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    took.truncate(samples * 9 / 10);
    let of = |kind: bool| {
        Sample::of(
            took.iter()
                .filter(|(close, _)| *close == kind)
                .map(|(_, time)| *time),
        )
    };
    let (close, random) = (of(true), of(false));
    let t = (close.mean - random.mean)
        / (close.variance / close.count + random.variance / random.count).sqrt();
    let verdict = if t.abs() < 4.5 {
        "no difference is seen"
    } else {
        "they can be told apart"
    };
    println!(
        "  {what:32} {:.1} ns and {:.1} ns, |t| = {:.1}: {verdict}",
        close.mean,
        random.mean,
        t.abs()
    );
}

struct Sample {
    count: f64,
    mean: f64,
    variance: f64,
}

impl Sample {
    fn of(times: impl Iterator<Item = f64> + Clone) -> Self {
        let count = times.clone().count() as f64;
        let mean = times.clone().sum::<f64>() / count;
        let squares: f64 = times.map(|time| (time - mean).powi(2)).sum();
        Self {
            count,
            mean,
            variance: squares / (count - 1.0),
        }
    }
}

/// What nobody should write.
struct EndsEarly(String);

#[async_trait]
impl Authenticator for EndsEarly {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable> {
        let same = self.0.bytes().zip(credential.secret().bytes());
        let same = { same }.all(|(one, other)| black_box(one) == other);
        Ok(same.then(|| Identity::new("alice")))
    }
}

/// What needs not wait.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn median(rounds: usize, mut measure: impl FnMut() -> f64) -> f64 {
    let mut all: Vec<f64> = (0..rounds).map(|_| measure()).collect();
    all.sort_by(f64::total_cmp);
    all.get(rounds / 2).copied().unwrap_or_default()
}

/// Random enough for keys that nobody guards.
#[derive(Default)]
struct Random {
    state: RandomState,
    count: u64,
}

impl Random {
    fn next(&mut self) -> u64 {
        self.count += 1;
        self.state.hash_one(self.count)
    }

    /// 32 hexadecimal digits.
    fn key(&mut self) -> String {
        format!("{:016x}{:016x}", self.next(), self.next())
    }
}
