//! How often somebody may call.

use serde_json::json;
use tempfile::TempDir;

use super::{ATLAS, BEACON, data_in, with_keys};
use crate::process::Example;

/// The server with these options.
fn start(folder: &TempDir, options: &[&str]) -> Example {
    Example::start(with_keys(&data_in(folder)).args(options))
}

#[test]
fn a_caller_sends_60_requests_a_minute_and_others_are_not_held_up() {
    let folder = TempDir::new().unwrap();
    let example = start(&folder, &[]);
    let mut atlas = example.client().key(ATLAS).initialized();
    let statuses: Vec<_> = (2..61)
        .map(|_| atlas.request("tools/list", json!({})).status)
        .collect();
    assert!(statuses[..58].iter().all(|status| *status == 200));
    assert_eq!(statuses[58], 429);
    let refused = atlas.request("tools/list", json!({}));
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    assert_eq!(example.client().key(BEACON).initialize().status, 200);
}

#[test]
fn another_rate_is_an_option_and_so_is_none() {
    let folder = TempDir::new().unwrap();
    let example = start(&folder, &["--rate-limit", "3/min"]);
    let mut atlas = example.client().key(ATLAS).initialized();
    assert_eq!(atlas.request("tools/list", json!({})).status, 200);
    assert_eq!(atlas.request("tools/list", json!({})).status, 429);
    drop(example);
    let example = start(&folder, &["--rate-limit", "off"]);
    let mut atlas = example.client().key(ATLAS).initialized();
    for _ in 0..70 {
        assert_eq!(atlas.request("tools/list", json!({})).status, 200);
    }
}

#[test]
fn messages_are_sent_at_half_that_rate_and_the_model_is_told() {
    let folder = TempDir::new().unwrap();
    let example = start(&folder, &[]);
    let mut atlas = example.client().key(ATLAS).initialized();
    let message = || json!({ "to": "beacon", "content": "Are you there?" });
    for _ in 0..30 {
        atlas.call("dm_send", message()).structured();
    }
    let complaint = atlas.call("dm_send", message()).complaint();
    assert!(complaint.contains("30"), "{complaint}");
}

#[test]
fn strangers_are_counted_where_they_are_if_the_proxy_may_tell() {
    let folder = TempDir::new().unwrap();
    let trusting = start(
        &folder,
        &["--rate-limit", "1/min", "--trusted-proxy", "127.0.0.1"],
    );
    let status = |example: &Example, from: &str| {
        let mut client = example.client().forwarded_for(from);
        client.initialize().status
    };
    assert_eq!(status(&trusting, "192.0.2.1"), 200);
    assert_eq!(status(&trusting, "192.0.2.1"), 429);
    assert_eq!(status(&trusting, "192.0.2.2"), 200);
    // What the client wrote itself stands before what the proxy adds.
    assert_eq!(status(&trusting, "192.0.2.3, 192.0.2.1"), 429);
    drop(trusting);
    let other = start(&folder, &["--rate-limit", "1/min"]);
    assert_eq!(status(&other, "192.0.2.1"), 200);
    assert_eq!(status(&other, "192.0.2.2"), 429);
}

#[test]
fn whoever_tries_keys_is_stopped_whatever_they_try() {
    let folder = TempDir::new().unwrap();
    let example = start(&folder, &["--ip-rate-limit", "3/min"]);
    let status = |key: &str| example.client().key(key).initialize().status;
    let tried = ["a-first-guess", "a-second-guess", "a-third-guess"];
    assert_eq!(tried.map(status), [401, 401, 401]);
    assert_eq!(status("a-fourth-guess"), 429);
    assert_eq!(status(ATLAS), 429);
}

#[test]
fn a_rate_that_is_none_is_told_before_anything_is_served() {
    let folder = TempDir::new().unwrap();
    let mut command = with_keys(&data_in(&folder));
    let output = command.args(["--rate-limit", "often"]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("--rate-limit") && text.contains("`30/min`") && text.contains("`off`"),
        "{text}"
    );
}
