//! Keys that are fetched: when, and how often at most.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use mcp_http::auth::{Jwks, Jwt};
use tokio::{
    sync::Semaphore,
    time::{Instant, advance},
};

use super::{
    assert_refused, assert_taken,
    issuer::{self, AUDIENCE, Issuer, URL, claims},
    serving, whoami_by,
};
use crate::client::{Answer, Local};

/// Where an issuer has its keys.
#[derive(Clone)]
struct Site(Arc<Inner>);

struct Inner {
    body: Mutex<Result<String, String>>,
    fetches: AtomicUsize,
    answered: AtomicUsize,
    /// One permit a fetch.
    open: Semaphore,
}

impl Site {
    fn new(body: String) -> Self {
        Self(Arc::new(Inner {
            body: Mutex::new(Ok(body)),
            fetches: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            open: Semaphore::new(Semaphore::MAX_PERMITS),
        }))
    }

    fn becomes(&self, body: Result<String, &str>) {
        *self.0.body.lock().unwrap() = body.map_err(str::to_owned);
    }

    fn fetches(&self) -> usize {
        self.0.fetches.load(SeqCst)
    }

    fn jwks(&self) -> Jwks {
        let this = self.clone();
        Jwks::fetched(move || {
            let site = Arc::clone(&this.0);
            async move {
                site.fetches.fetch_add(1, SeqCst);
                site.open.acquire().await.unwrap().forget();
                let body = site.body.lock().unwrap().clone();
                assert!(body != Ok("panic".to_owned()), "the function panics");
                site.answered.fetch_add(1, SeqCst);
                body
            }
        })
    }

    fn serving(&self) -> Local {
        serving(Jwt::new(URL, AUDIENCE, self.jwks()))
    }
}

/// The key may be the issuer's for all that anybody knows.
#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.header("retry-after"), Some("30"), "{answer:?}");
    assert_eq!(answer.header("www-authenticate"), None, "{answer:?}");
    answer.refuses(503, &["Credentials cannot be checked at the moment"]);
}

/// The same key under another name.
fn named(issuer: &Issuer, kid: impl ToString) -> Issuer {
    issuer.header(|header| header.kid = Some(kid.to_string()))
}

#[tokio::test(start_paused = true)]
async fn keys_are_fetched_once_they_are_needed_and_kept() {
    let issuer = Issuer::ec();
    let site = Site::new(issuer::set(&[&issuer]));
    let server = site.serving();
    assert_eq!(site.fetches(), 0);
    for _ in 0..3 {
        assert_taken(&whoami_by(&server, &issuer.issue(&claims())).await);
    }
    assert_eq!(site.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_unknown_keys_cause_one_fetch_a_cool_down() {
    let issuer = Issuer::ed25519();
    let site = Site::new(issuer::set(&[&issuer]));
    let server = site.serving();
    let mut client = server.connect();
    let good = issuer.issue(&claims());
    assert_taken(&whoami_by(&server, &good).await);
    for round in 1..=2 {
        advance(Duration::from_secs(30)).await;
        for kid in 0..5_000 {
            let token = named(&issuer, kid).issue(&claims());
            let ask = crate::client::Ask::ping().key(&token);
            assert_eq!(client.ask(&ask).await.status, 401);
        }
        assert_taken(&whoami_by(&server, &good).await);
        assert_eq!(site.fetches(), 1 + round);
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_found_and_an_old_one_goes() {
    let (old, new) = (Issuer::ec(), named(&Issuer::another_ec(), "new"));
    let site = Site::new(issuer::set(&[&old]));
    let server = site.serving();
    assert_taken(&whoami_by(&server, &old.issue(&claims())).await);
    site.becomes(Ok(issuer::set(&[&new])));
    let answer = whoami_by(&server, &new.issue(&claims())).await;
    assert_refused(&answer, "just looked");
    advance(Duration::from_secs(30)).await;
    assert_taken(&whoami_by(&server, &new.issue(&claims())).await);
    assert_refused(
        &whoami_by(&server, &old.issue(&claims())).await,
        "withdrawn",
    );
    assert_eq!(site.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_withdrawn_goes_with_the_first_token_after_ten_minutes() {
    let issuer = Issuer::ec();
    let site = Site::new(issuer::set(&[&issuer]));
    let server = site.serving();
    let token = issuer.issue(&claims());
    assert_taken(&whoami_by(&server, &token).await);
    site.becomes(Ok(issuer::set(&[&Issuer::another_ec()])));
    advance(Duration::from_secs(599)).await;
    assert_taken(&whoami_by(&server, &token).await);
    assert_eq!(site.fetches(), 1);
    advance(Duration::from_secs(1)).await;
    // It does not wait for what it asks for.
    site.0.open.forget_permits(Semaphore::MAX_PERMITS);
    let asked = Instant::now();
    assert_taken(&whoami_by(&server, &token).await);
    assert_eq!(asked.elapsed(), Duration::ZERO);
    while site.fetches() < 2 {
        tokio::task::yield_now().await;
    }
    site.0.open.add_permits(1);
    while site.0.answered.load(SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    assert_refused(&whoami_by(&server, &token).await, "withdrawn");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_withdrawn_is_good_for_twenty_minutes_at_most() {
    for quiet in [20 * 60, 3 * 24 * 3600] {
        let issuer = Issuer::ec();
        let site = Site::new(issuer::set(&[&issuer]));
        let server = site.serving();
        let token = issuer.issue(&claims());
        assert_taken(&whoami_by(&server, &token).await);
        site.becomes(Ok(issuer::set(&[&Issuer::another_ec()])));
        // Nobody came meanwhile.
        advance(Duration::from_secs(quiet)).await;
        assert_refused(&whoami_by(&server, &token).await, "withdrawn");
        assert_eq!(site.fetches(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_cannot_be_fetched_anew_are_good_for_an_hour() {
    let issuer = Issuer::ec();
    let site = Site::new(issuer::set(&[&issuer]));
    let server = site.serving();
    let token = issuer.issue(&claims());
    assert_taken(&whoami_by(&server, &token).await);
    site.becomes(Err("no such host"));
    for _ in 1..60 {
        advance(Duration::from_secs(60)).await;
        assert_taken(&whoami_by(&server, &token).await);
    }
    advance(Duration::from_secs(60)).await;
    for _ in 0..10 {
        assert_unavailable(&whoami_by(&server, &token).await);
    }
    // From the tenth minute on, once for each token that comes after a cool-down.
    assert_eq!(site.fetches(), 1 + 51);
    site.becomes(Ok(issuer::set(&[&issuer])));
    advance(Duration::from_secs(30)).await;
    assert_taken(&whoami_by(&server, &token).await);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_panics_makes_no_token_bad() {
    let issuer = Issuer::ec();
    let site = Site::new("panic".to_owned());
    let server = site.serving();
    let token = issuer.issue(&claims());
    for _ in 0..3 {
        assert_unavailable(&whoami_by(&server, &token).await);
    }
    assert_eq!(site.fetches(), 1);
    advance(Duration::from_secs(30)).await;
    site.becomes(Ok(issuer::set(&[&issuer])));
    assert_taken(&whoami_by(&server, &token).await);
    // Nor does one that panics before it returns a future.
    let keys = Jwks::fetched(|| -> std::future::Ready<Result<&str, &str>> { panic!("at once") });
    let server = serving(Jwt::new(URL, AUDIENCE, keys));
    assert_unavailable(&whoami_by(&server, &token).await);
}

#[tokio::test(start_paused = true)]
async fn keys_stay_when_fetching_fails_and_the_cool_down_is_kept() {
    let issuer = Issuer::ec();
    let site = Site::new(issuer::set(&[&issuer]));
    let server = site.serving();
    let good = issuer.issue(&claims());
    let unknown = named(&issuer, "unknown").issue(&claims());
    assert_taken(&whoami_by(&server, &good).await);
    let mut fetches = 1;
    for body in [
        Err("no such host"),
        Ok("<html>".to_owned()),
        Ok(r#"{"keys": []}"#.to_owned()),
    ] {
        site.becomes(body);
        advance(Duration::from_secs(30)).await;
        fetches += 1;
        for _ in 0..10 {
            assert_unavailable(&whoami_by(&server, &unknown).await);
            assert_taken(&whoami_by(&server, &good).await);
        }
        assert_eq!(site.fetches(), fetches);
    }
    // Once it can be told again, it is.
    site.becomes(Ok(issuer::set(&[&issuer])));
    advance(Duration::from_secs(30)).await;
    assert_refused(&whoami_by(&server, &unknown).await, "unknown");
}

#[tokio::test(start_paused = true)]
async fn many_who_need_a_key_at_once_wait_for_one_fetch() {
    let issuer = Issuer::ec();
    let site = Site::new(issuer::set(&[&issuer]));
    site.0.open.forget_permits(Semaphore::MAX_PERMITS);
    let server = Arc::new(site.serving());
    let token = issuer.issue(&claims());
    let many: Vec<_> = (0..50)
        .map(|_| {
            let (server, token) = (Arc::clone(&server), token.clone());
            tokio::spawn(async move { whoami_by(&server, &token).await })
        })
        .collect();
    while site.fetches() == 0 {
        tokio::task::yield_now().await;
    }
    site.0.open.add_permits(1);
    for one in many {
        assert_taken(&one.await.unwrap());
    }
    assert_eq!(site.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_known_key_does_not_wait_for_an_unknown_one() {
    let issuer = Issuer::ec();
    let site = Site::new(issuer::set(&[&issuer]));
    let server = Arc::new(site.serving());
    assert_taken(&whoami_by(&server, &issuer.issue(&claims())).await);
    advance(Duration::from_secs(30)).await;
    site.0.open.forget_permits(Semaphore::MAX_PERMITS);
    let unknown = named(&issuer, "unknown").issue(&claims());
    let waiting = {
        let server = Arc::clone(&server);
        tokio::spawn(async move { whoami_by(&server, &unknown).await })
    };
    while site.fetches() < 2 {
        tokio::task::yield_now().await;
    }
    assert_taken(&whoami_by(&server, &issuer.issue(&claims())).await);
    assert!(!waiting.is_finished());
    // An issuer that does not answer is given up.
    assert_unavailable(&waiting.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn hanging_up_does_not_use_up_the_cool_down() {
    let issuer = Issuer::ec();
    let site = Site::new(issuer::set(&[&issuer]));
    site.0.open.forget_permits(Semaphore::MAX_PERMITS);
    let server = Arc::new(site.serving());
    let token = issuer.issue(&claims());
    let mut gone = server.connect();
    gone.write(crate::client::Ask::ping().key(&token).text())
        .await;
    while site.fetches() == 0 {
        tokio::task::yield_now().await;
    }
    drop(gone);
    let waiting = {
        let server = Arc::clone(&server);
        tokio::spawn(async move { whoami_by(&server, &token).await })
    };
    tokio::task::yield_now().await;
    site.0.open.add_permits(1);
    assert_taken(&waiting.await.unwrap());
    assert_eq!(site.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_for_this_server_fetches_nothing() {
    let issuer = Issuer::ec();
    let site = Site::new(issuer::set(&[&issuer]));
    let server = site.serving();
    for (name, wrong) in [
        ("iss", "https://elsewhere.example".into()),
        ("aud", "https://elsewhere.example".into()),
        ("exp", serde_json::json!(issuer::hours(-1))),
    ] {
        let mut claims = claims();
        claims[name] = wrong;
        assert_refused(&whoami_by(&server, &issuer.issue(&claims)).await, name);
    }
    assert_refused(&whoami_by(&server, "not.a.token").await, "no token");
    assert_eq!(site.fetches(), 0);
}
